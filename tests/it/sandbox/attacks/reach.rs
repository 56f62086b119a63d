//! Ways out of a sandbox: what lies in the project, what the kernel offers.

use std::fs;
use std::io::ErrorKind;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::os::unix::net::UnixListener;
use std::path::Path;

use nix::sys::stat::Mode;
use nix::unistd::mkfifo;

use crate::project::{EXECUTABLE, Project, document};
use crate::sandbox::attacks::{project, run, tells};

#[test]
fn repositories_are_hidden_wherever_they_are() {
    let project = project(&[]);
    for repository in [".git", "sub/.git", "sub/sub/.git", "docs/.git"] {
        project.write(&format!("{repository}/config"), "token");
    }
    let look = format!(
        "
            import os
            for folder in ['.', '/doc', '/.session/files', '..', {:?}]:
                for place in ['', 'sub/', 'sub/sub/', 'docs/']:
                    try:
                        print(open(f'{{folder}}/{{place}}.git/config').read())
                    except OSError:
                        pass
            print('nothing')
        ",
        project.root()
    );
    project.write("a.md", document(&[&look]));
    project.write("docs/b.md", document(&[&look]));
    let run = run(&project, &[]);
    tells(&run, &["passed completed | stdout nothing⏎", "passed completed | stdout nothing⏎"]);
}

#[test]
fn sockets_and_pipes_of_the_project_lead_nowhere() {
    let project = project(&[]);
    let socket = UnixListener::bind(project.path("service")).unwrap();
    socket.set_nonblocking(true).unwrap();
    let pipe = project.path("pipe");
    mkfifo(&pipe, Mode::from_bits_truncate(0o666)).unwrap();
    for path in [&pipe, &project.path("service")] {
        fs::set_permissions(path, fs::Permissions::from_mode(0o666)).unwrap();
    }
    let mut reader = fs::OpenOptions::new().read(true).custom_flags(libc::O_NONBLOCK).open(&pipe).unwrap();
    let attack = format!(
        "
            import os, socket
            for folder in ['.', {:?}]:
                try:
                    socket.socket(socket.AF_UNIX).connect(folder + '/service')
                    print('connected')
                except OSError:
                    pass
                try:
                    os.write(os.open(folder + '/pipe', os.O_WRONLY | os.O_NONBLOCK), b'injected')
                except OSError:
                    pass
        ",
        project.root()
    );
    project.write("a.md", document(&[&attack]));
    tells(&run(&project, &[]), &["passed completed"]);
    assert_eq!(socket.accept().map(drop).map_err(|error| error.kind()), Err(ErrorKind::WouldBlock));
    let read = std::io::Read::read(&mut reader, &mut [0; 9]);
    assert!(matches!(&read, Ok(0)) || read.is_err(), "{read:?}");
}

#[test]
fn the_machine_cannot_be_set() {
    let attack = "
        import os
        for path in ['/proc/sysrq-trigger', '/proc/sys/kernel/core_pattern', '/proc/sys/vm/drop_caches',
                     '/proc/sys/kernel/hostname', '/proc/sys/net/ipv4/ip_forward', '/proc/sys/user/max_user_namespaces',
                     '/proc/sys/fs/binfmt_misc/register', '/proc/1/mem', '/proc/1/oom_score_adj', '/proc/1/comm',
                     '/proc/self/exe', '/proc/sys/kernel/panic', '/sys/power/state', '/dev/mem', '/dev/kmsg', '/dev/vda',
                     '/dev/sda', '/dev/fuse', '/dev/kvm', '/dev/tty', '/dev/console']:
            try:
                os.close(os.open(path, os.O_WRONLY))
                print('opened', path)
            except OSError:
                pass
        for path in ['/proc/1/environ', '/proc/1/mem', '/proc/1/root/etc', '/proc/1/cwd', '/proc/1/fd', '/proc/kcore',
                     '/proc/kmsg', '/etc/shadow', '/root', '/run', '/var/run/docker.sock', '/boot']:
            try:
                with open(path, 'rb') as file:
                    text = file.read(64)
                print('read', path, text)
            except OSError:
                pass
    ";
    let project = project(&[attack]);
    tells(&run(&project, &[]), &["passed completed"]);
    tells(
        &project.call(&["run", "--format", "json", "-j", "1", "."]).ordinary().run(),
        &["passed completed"],
    );
}

/// By their numbers on all architectures newer than x86, and on that one.
#[test]
fn dangerous_calls_are_refused() {
    let attack = "
        import ctypes, errno, os
        libc = ctypes.CDLL(None, use_errno=True)
        calls = {
            'ptrace': (101, 117), 'process_vm_readv': (310, 270), 'process_vm_writev': (311, 271), 'kcmp': (312, 272),
            'unshare': (272, 97), 'setns': (308, 268), 'mount': (165, 40), 'umount2': (166, 39), 'chroot': (161, 51),
            'pivot_root': (155, 41), 'bpf': (321, 280), 'userfaultfd': (323, 282), 'perf_event_open': (298, 241),
            'io_uring_setup': (425, 425), 'keyctl': (250, 219), 'add_key': (248, 217), 'open_by_handle_at': (304, 265),
            'name_to_handle_at': (303, 264), 'memfd_create': (319, 279), 'memfd_secret': (447, 447), 'shmget': (29, 194),
            'msgget': (68, 186), 'semget': (64, 190), 'mq_open': (240, 180), 'pidfd_getfd': (438, 438),
            'fsopen': (430, 430), 'open_tree': (428, 428), 'move_mount': (429, 429), 'mount_setattr': (442, 442),
            'reboot': (169, 142), 'init_module': (175, 105), 'kexec_load': (246, 104), 'sethostname': (170, 161),
            'settimeofday': (164, 170), 'clock_settime': (227, 112), 'swapon': (167, 224), 'syslog': (103, 116),
            'acct': (163, 89), 'quotactl': (179, 60), 'process_madvise': (440, 440), 'vmsplice': (278, 75),
            'clone3': (435, 435), 'fanotify_init': (300, 262), 'ioprio_set': (251, 30),
        }
        refused = (errno.EPERM, errno.ENOSYS)
        for name, numbers in calls.items():
            number = numbers[os.uname().machine != 'x86_64']
            ctypes.set_errno(0)
            if libc.syscall(number, 0, 0, 0, 0, 0) >= 0 or ctypes.get_errno() not in refused:
                print(name, ctypes.get_errno())
        for flag in [0x00020000, 0x02000000, 0x04000000, 0x08000000, 0x10000000, 0x20000000, 0x40000000]:
            child = libc.syscall(56 if os.uname().machine == 'x86_64' else 220, flag | 17, 0, 0, 0, 0)
            if child == 0:
                os._exit(0)
            if child > 0:
                print('cloned', hex(flag))
    ";
    tells(&run(&project(&[attack]), &[]), &["passed completed"]);
}

#[test]
fn sockets_of_other_worlds_are_refused() {
    let attack = "
        import errno, socket
        for family in [*range(3, 10), *range(11, 16), *range(17, 50)]:
            for kind in (1, 2, 3, 5):
                try:
                    socket.socket(family, kind)
                    print('opened', family, kind)
                except OSError as error:
                    if error.errno != errno.EAFNOSUPPORT:
                        print(family, kind, error)
        for family in (socket.AF_INET, socket.AF_INET6):
            try:
                socket.socket(family, socket.SOCK_RAW, 17)
                print('raw', family)
            except PermissionError:
                pass
        sctp, dccp, l2tp, mptcp, netfilter, audit, generic = 132, 33, 115, 262, 12, 9, 16
        for family, protocol in [*[(2, p) for p in (sctp, dccp, l2tp, mptcp)], *[(10, p) for p in (sctp, dccp, mptcp)],
                                 *[(16, p) for p in (netfilter, audit, generic)]]:
            for kind in (1, 2, 3, 5, 6):
                try:
                    socket.socket(family, kind, protocol)
                    print('spoke', family, kind, protocol)
                except OSError as error:
                    if error.errno != errno.EAFNOSUPPORT:
                        print(family, kind, protocol, error)
    ";
    tells(&run(&project(&[attack]), &[]), &["passed completed"]);
}

#[test]
fn the_executable_stays_what_it_is() {
    let attack = "
        import os
        for attempt in (lambda: os.open('/proc/self/exe', os.O_RDWR), lambda: os.truncate('/proc/self/exe', 0),
                        lambda: os.link('/proc/self/exe', 'copy', follow_symlinks=True)):
            try:
                attempt()
                print('done')
            except OSError:
                pass
    ";
    let executable = Path::new(&*EXECUTABLE);
    let before = fs::metadata(executable).unwrap();
    tells(&run(&project(&[attack]), &[]), &["passed completed"]);
    let after = fs::metadata(executable).unwrap();
    assert_eq!((before.len(), before.modified().unwrap()), (after.len(), after.modified().unwrap()));
}

#[test]
fn names_in_the_project_lead_nowhere() {
    let project = Project::new(&[("z.md", &document(&["print('undisturbed')"]))]);
    let secret = project.home().join("secret");
    fs::create_dir(&secret).unwrap();
    fs::write(secret.join("key"), "hunter2").unwrap();
    std::os::unix::fs::symlink(&secret, project.path("link")).unwrap();
    let look = format!(
        "
            for path in ['link/key', {:?}, {:?}, '/proc/self/root{}/key', '/proc/1/root{}/key']:
                try:
                    print(open(path).read())
                except OSError:
                    pass
        ",
        project.path("link/key"),
        secret.join("key"),
        secret.display(),
        secret.display(),
    );
    project.write("a.md", document(&[&look]));
    tells(&run(&project, &[]), &["passed completed"]);
}

/// Reached past all mounts, and changed by its owner: where that is who runs it, lanes run a copy.
#[test]
fn the_executable_behind_the_interpreter() {
    let executable = std::path::Path::new(&*EXECUTABLE);
    let state = || {
        let metadata = executable.metadata().unwrap();
        (metadata.permissions(), metadata.modified().unwrap())
    };
    let before = state();
    let attack = "
        import os
        for change in (lambda path: os.chmod(path, 0o755), lambda path: os.utime(path, (0, 0))):
            try:
                change('/proc/self/exe')
            except OSError:
                pass
        print('tried')
    ";
    let run = run(&project(&[attack]), &[]);
    assert_eq!(run.snippets()[0]["stdout"], "tried\n", "{}", run.stdout);
    assert_eq!(state(), before);
}
