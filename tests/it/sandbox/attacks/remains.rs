//! What a session could leave behind in what it shares with later ones and with the machine.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use crate::project::{Project, document};

/// Everything that sessions of a lane share: what is mounted, and what is on the way to it.
const SHARED: &str = "
import fcntl, os, stat

def shared():
    own = ('/proc', '/tmp', '/doc', '/home/snippet', '/dev/shm', '/.session')
    mounts = [line.split()[4] for line in open('/proc/self/mountinfo')]
    places = {place for place in mounts if not place.startswith((*own, '/etc/', '/usr/'))}
    folders = [folder for folder in ['/', '/dev', '/dev/pts', '/etc', '/home', '/var', *places] if os.path.isdir(folder)]
    for folder in folders:
        places |= {os.path.join(folder, name) for name in os.listdir(folder)}
    places = {place for place in places if not place.startswith(own) and os.path.exists(place)}
    return [*sorted(places), '/proc/self/exe', '/proc/sys/kernel/hostname', '/proc/sys/kernel/msgmax', '/proc/cpuinfo']
";

const LEAVE: &str = "
FS_IOC_SETFLAGS, FS_NODUMP_FL = 0x40086602, b'\\x40\\0\\0\\0\\0\\0\\0\\0'
ways = [
    lambda path: os.chmod(path, 0o777), lambda path: os.chmod(path, 0), lambda path: os.utime(path),
    lambda path: os.utime(path, (0, 0)), lambda path: os.chown(path, os.getuid(), os.getgid()),
    lambda path: os.setxattr(path, 'user.left', b'1'), lambda path: os.rename(path, path + '.left'),
    lambda path: os.unlink(path), lambda path: os.rmdir(path), lambda path: os.link(path, path + '.left'),
    lambda path: os.mkdir(path + '/left'), lambda path: os.mkfifo(path + '/pipe'), lambda path: os.symlink('x', path + '/link'),
    lambda path: stat.S_ISCHR(os.stat(path).st_mode) or os.truncate(path, 0),
    lambda path: stat.S_ISCHR(os.stat(path).st_mode) or os.close(os.open(path, os.O_WRONLY)),
    lambda path: fcntl.ioctl(os.open(path, os.O_RDONLY | os.O_NONBLOCK), FS_IOC_SETFLAGS, FS_NODUMP_FL),
]
for path in shared():
    for way in ways:
        try:
            way(path)
        except OSError:
            pass
for name in ['projid_map', 'uid_map', 'gid_map', 'setgroups', 'timens_offsets', 'loginuid']:
    try:
        os.write(os.open('/proc/self/' + name, os.O_WRONLY), b'0 0 1')
    except OSError:
        pass
";

const LOOK: &str = "
def facts(path):
    found = os.stat(path)
    if os.path.realpath(path).startswith(('/proc/', '/tmp')) and path != '/proc/self/exe':
        return path, oct(found.st_mode), found.st_uid
    # Terminals show when one was used, of which nothing else stays.
    times = () if 'pts' in path else (found.st_mtime_ns, found.st_ctime_ns)
    return path, oct(found.st_mode), found.st_nlink, found.st_size, *times, os.listxattr(path)

for path in shared():
    print(*facts(path))
for name in ['hostname', 'msgmax', 'sem', 'shmmax']:
    print(open('/proc/sys/kernel/' + name).read())
print(open('/proc/self/projid_map').read(), open('/proc/self/setgroups').read(), os.openpty())
left = open('/dev/null', 'w')
print(left.write('x'), len(os.urandom(3)), open('/dev/zero', 'rb').read(1))
";

/// Later sessions find everything as the first one found it, and so does the machine.
#[test]
fn nothing_that_sessions_share_can_be_changed() {
    let devices = || {
        let facts = |name| {
            fs::metadata(Path::new("/dev").join(name))
                .map(|facts| (facts.mode(), facts.ctime(), facts.ctime_nsec()))
        };
        ["null", "zero", "full", "random", "urandom"].map(|name| facts(name).unwrap())
    };
    let project = Project::new(&[("data.txt", "data"), (".git/config", "token")]);
    let look = format!("{SHARED}{LOOK}");
    project.write("a.md", document(&[&look, &format!("{SHARED}{LEAVE}")]));
    project.write("b.md", document(&[&look]));
    let before = devices();
    for ordinary in [false, true] {
        let call = project.call(&["run", "--format", "json", "-j", "1", "--sandbox=require-a", "."]);
        let run = if ordinary { call.ordinary() } else { call }.run();
        let snippets = run.snippets();
        let [first, attack, later] = &snippets[..] else { panic!("{run:?}") };
        assert_eq!((&first["verdict"], &attack["verdict"]), (&"passed".into(), &"passed".into()), "{run:?}");
        let [first, later] = [first, later].map(|snippet| snippet["stdout"].as_str().unwrap());
        assert_eq!(first, later);
        assert!(first.lines().count() > 40, "{first}");
    }
    assert_eq!(devices(), before);
}

/// Datagrams leave no port behind, but counters.
#[test]
fn counters_of_the_network_start_anew() {
    let send = "
        import socket
        one = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        one.bind(('127.0.0.1', 0))
        one.sendto(b'left', one.getsockname())
        print(one.recv(9))
    ";
    let look = "print([line.split()[1:3] for line in open('/proc/net/dev') if 'lo:' in line])";
    let project = Project::new(&[("a.md", &document(&[send])), ("b.md", &document(&[look]))]);
    let run = project.json(&["-j", "1", "."]);
    run.tells(&["passed completed | stdout b'left'⏎", "passed completed | stdout [['0', '0']]⏎"]);
}

/// A lease on a file of the project would hold up whoever opens it to write, an editor for example.
#[test]
fn files_of_the_project_cannot_be_held() {
    let project = Project::new(&[("data.txt", "data")]);
    let attack = format!(
        "
            import fcntl, os
            commands = {{'F_SETLEASE': 1024, 'F_NOTIFY': 1026, 'F_SETDELEG': 1040, 'F_SET_RW_HINT': 1036, 'F_SET_FILE_RW_HINT': 1038}}
            for path in [{0:?}, 'data.txt', os.path.dirname({0:?})]:
                file = os.open(path, os.O_RDONLY)
                for name, command in commands.items():
                    for argument in [fcntl.F_RDLCK, fcntl.F_WRLCK, b'\\0' * 8]:
                        try:
                            fcntl.fcntl(file, command, argument)
                            print('did', name, path)
                        except PermissionError:
                            pass
                fcntl.flock(file, fcntl.LOCK_SH)
        ",
        project.path("data.txt")
    );
    project.write("a.md", document(&[&attack]));
    project.json(&["a.md"]).tells(&["passed completed"]);
    project.call(&["run", "--format", "json", "a.md"]).ordinary().run().tells(&["passed completed"]);
    project.call(&["run", "--format", "json", "a.md"]).contained().run().tells(&["passed completed"]);
}
