//! Where namespaces are refused: the escapes of `sandbox` and their like fail without them too.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use crate::container::python_is_everybodys;
use crate::project::{PYTHON, Project, Run, document, eventually, marker, processes};

#[track_caller]
fn contained(project: &Project, words: &[&str]) -> Run {
    let run = project.call(&[&["run", "--format", "json"], words].concat()).contained().run();
    assert_eq!(run.summary()["sandbox"], "b", "{run:?}");
    run
}

#[track_caller]
fn check(snippets: &[&str], expected: &[&str]) {
    contained(&Project::document(snippets), &["a.md"]).tells(expected);
}

/// Expressions, one to a line, that have to fail. What succeeds is printed.
fn attempts(lines: &str) -> String {
    let lines: Vec<&str> = lines.lines().collect();
    format!(
        "
            import ctypes, os, pathlib, resource, signal, socket, sys
            for attempt in {lines:?}:
                try:
                    print(attempt, '->', eval(attempt))
                except OSError:
                    pass
        "
    )
}

/// Root's snippets run as somebody else, who has to read the interpreter. Where everybody may, there is nothing to tell.
#[test]
fn an_interpreter_of_root_alone_is_named() {
    if !nix::unistd::geteuid().is_root() || python_is_everybodys() {
        return;
    }
    let project = Project::document(&["print('never')"]);
    for words in [&["run", "a.md"][..], &["doctor"]] {
        let run = project.call(words).contained_as_caller().run();
        assert_eq!((run.code, &*run.stdout), (2, ""), "{}", run.stderr);
        // The name by which it is found on `PATH`.
        let found = Path::new(&*PYTHON).with_file_name("python3");
        let error = format!("error: the interpreter `{}` does not start\n", found.display());
        assert!(run.stderr.starts_with(&error), "{}", run.stderr);
        let hint = run.stderr.lines().last().unwrap();
        let because = "hint: without namespaces root's snippets run as another user, who may not enter `/";
        assert!(
            hint.starts_with(because)
                && hint.contains("`: use a Python that all users can read, or `chmod o+x /"),
            "{hint}"
        );
    }
}

/// A process of the caller's, which sessions have no business with.
struct Victim(Child);

impl Victim {
    fn new(marker: &str) -> Self {
        let mut command = Command::new("sh");
        command.args(["-c", "read line", marker]).env("SECRET", "hunter2").stdin(Stdio::piped());
        // An attack on its group, if it got through, would hit the test.
        command.process_group(0);
        Self(command.spawn().unwrap())
    }

    /// `/proc` has what attacks could change: state, priority, limits, processors.
    fn facts(&self) -> String {
        let read = |name: &str| fs::read_to_string(format!("/proc/{}/{name}", self.0.id())).unwrap();
        let status = read("status");
        let allowed = status.lines().find(|line| line.starts_with("Cpus_allowed:")).unwrap();
        let stat = read("stat");
        let priority = stat.rsplit_once(')').unwrap().1.split(' ').nth(17).unwrap().to_owned();
        format!("{allowed} {priority} {}", read("limits"))
    }
}

impl Drop for Victim {
    fn drop(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

#[test]
fn every_report_names_the_tier() {
    let project = Project::document(&["print('runs')"]);
    let run = contained(&project, &["a.md"]);
    run.tells(&["passed completed | stdout runs⏎"]);
    assert_eq!(run.snippets()[0]["sandbox"], "b");
    let run = project.call(&["run", "a.md"]).contained().run();
    let warning = "warning: the sandbox was tier B, without namespaces: `snipcheck doctor` says why\n";
    assert_eq!((run.code, &*run.stderr), (0, ""));
    assert!(run.stdout.starts_with(warning), "{}", run.stdout);
}

#[test]
fn files_of_the_caller_are_unreadable() {
    let project = Project::new(&[(".git/config", "hunter2")]);
    let (home, root) = (project.home().display(), project.root());
    fs::write(project.home().join("secret"), "hunter2").unwrap();
    fs::create_dir(project.home().join("folder")).unwrap();
    let lines = format!(
        "open('{home}/secret').read()
open('{}/.git/config').read()
os.listdir('{home}')
os.listdir('{home}/folder')
os.listdir('/')
os.listdir('/root')
os.listdir('/home')
os.listdir('/tmp')
os.listdir('/proc')
open('/etc/shadow').read()
open('/etc/hostname').read()
open('/proc/self/../1/environ').read()
os.link('{home}/secret', 'linked')
os.rename('{home}/secret', 'moved')",
        root.display()
    );
    project.write("a.md", document(&[&attempts(&lines)]));
    contained(&project, &["a.md"]).tells(&["passed completed"]);
    assert_eq!(fs::read_to_string(project.home().join("secret")).unwrap(), "hunter2");
}

#[test]
fn nothing_outside_can_be_changed() {
    let project = Project::new(&[("data.txt", "data")]);
    let (home, root) = (project.home().display(), project.root().display().to_string());
    let data = format!("{root}/data.txt");
    fs::create_dir(project.path("empty")).unwrap();
    let lines = format!(
        "open('{data}', 'a')
open('data.txt', 'a')
open('{root}/new', 'w')
open('{home}/new', 'w')
open('/tmp/snipcheck-test-new', 'w')
open('/var/tmp/snipcheck-test-new', 'w')
open('/usr/snipcheck-test-new', 'w')
os.mkdir('{root}/folder')
os.mkfifo('{root}/pipe')
os.symlink('data.txt', '{root}/symbolic')
os.link('{data}', '{root}/hard')
os.chmod('{data}', 0o777)
os.chown('{data}', os.getuid(), os.getgid())
os.utime('{data}', (0, 0))
os.chmod('data.txt', 0o777)
os.utime('data.txt', (0, 0))
os.setxattr('{data}', 'user.x', b'x')
os.truncate('{data}', 0)
os.rmdir('{root}/empty')
os.rename('{data}', '{root}/moved')
os.unlink('{root}/moved') if os.path.exists('{root}/moved') else os.unlink('{data}')"
    );
    project.write("a.md", document(&[&attempts(&lines)]));
    let files = project.files();
    let facts = || {
        let data = fs::metadata(&data).unwrap();
        (data.mode(), data.uid(), data.mtime_nsec(), data.ctime_nsec())
    };
    let before = facts();
    contained(&project, &["a.md"]).tells(&["passed completed"]);
    assert_eq!((project.files(), project.read("data.txt"), facts()), (files, "data".to_owned(), before));
}

#[test]
fn variables_and_words_of_others_are_secret() {
    let project = Project::new(&[]);
    let marker = marker(&project);
    let _victim = Victim::new(&marker);
    let look = "
        import os, subprocess
        text = repr(dict(os.environ)) + subprocess.check_output(['env'], text=True)
        for pid in range(1, int(open('/proc/loadavg').read().split()[-1]) + 1):
            for name in ['environ', 'cmdline', 'status', 'maps', 'task/%d/environ' % pid]:
                try:
                    text += open(f'/proc/{pid}/{name}').read()
                except OSError:
                    pass
        print(len(text) > 100, 'hunter2' in text, 'TOKEN' in text, 'marker' in text)
    ";
    project.write("a.md", document(&[look]));
    let call = project.call(&["run", "--format", "json", "a.md"]).contained();
    call.env("API_TOKEN", "hunter2").run().tells(&["passed completed | stdout True False False False⏎"]);
}

#[test]
fn processes_of_others_are_left_alone() {
    let project = Project::new(&[]);
    let victim = Victim::new(&marker(&project));
    let before = victim.facts();
    let pid = victim.0.id();
    let lines = format!(
        "os.kill({pid}, 0)
os.kill({pid}, 9)
os.kill({pid}, signal.SIGSTOP)
os.killpg(os.getpgid({pid}), 9)
signal.pidfd_send_signal(os.pidfd_open({pid}), 9)
resource.prlimit({pid}, resource.RLIMIT_NOFILE)
resource.prlimit({pid}, resource.RLIMIT_NOFILE, (10, 10))
os.setpriority(os.PRIO_PROCESS, {pid}, 19)
os.sched_setaffinity({pid}, [0])
open('/proc/{pid}/mem', 'rb')
open('/proc/{pid}/oom_score_adj', 'w').write('1000')
os.listdir('/proc/{pid}/fd')"
    );
    let trace = format!(
        "
            import ctypes
            libc = ctypes.CDLL(None)
            PTRACE_ATTACH = 16
            buffer = ctypes.create_string_buffer(16)
            vector = (ctypes.c_size_t * 2)(ctypes.addressof(buffer), 16)
            print(libc.ptrace(PTRACE_ATTACH, {pid}, None, None), libc.process_vm_readv({pid}, vector, 1, vector, 1, 0))
        "
    );
    project.write("a.md", document(&[&attempts(&lines), &trace]));
    contained(&project, &["a.md"]).tells(&["passed completed", "passed completed | stdout -1 -1⏎"]);
    assert_eq!(victim.facts(), before);
}

#[test]
fn there_are_no_sockets_but_pairs() {
    let lines = "socket.socket(socket.AF_INET)
socket.socket(socket.AF_INET6)
socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
socket.socket(socket.AF_UNIX)
socket.socket(socket.AF_NETLINK, socket.SOCK_RAW)
socket.socket(socket.AF_VSOCK)
socket.socket(socket.AF_PACKET)";
    let pair = "
        import socket
        one, other = socket.socketpair()
        one.send(b'hello')
        print(other.recv(9))
    ";
    check(&[&attempts(lines), pair], &["passed completed", "passed completed | stdout b'hello'⏎"]);
}

#[test]
fn who_needs_a_network_is_told_why_there_is_none() {
    check(
        &["import socket\nsocket.create_server(('127.0.0.1', 0))", "print('after')"],
        &[
            "failed raised | cause network (sockets and loopback) | \
             OSError: [Errno 97] Address family not supported by protocol @3 | \
             - needs sockets and loopback, which its sandbox does not give",
            "passed completed | stdout after⏎",
        ],
    );
}

#[test]
fn privileges_and_uncounted_memory_cannot_be_had() {
    let lines = "os.memfd_create('hidden')
ctypes.CDLL(None).shmget(0, 1 << 20, 0o1600) >= 0 or os.close(-1)
ctypes.CDLL(None).unshare(0x10000000) == 0 or os.close(-1)
ctypes.CDLL(None).mount(b'tmpfs', b'.', b'tmpfs', 0, None) == 0 or os.close(-1)
os.setuid(0) if os.getuid() else os.close(-1)
os.mknod('device', 0o20666, os.makedev(1, 3))";
    let status = "
        status = dict(line.split(':', 1) for line in open('/proc/self/status'))
        print(status['CapEff'].strip(), status['CapPrm'].strip(), status['NoNewPrivs'].strip())
    ";
    check(
        &[&attempts(lines), status],
        &["passed completed", "passed completed | stdout 0000000000000000 0000000000000000 1⏎"],
    );
}

#[test]
fn directories_are_private_and_gone_afterwards() {
    let fill = "
        import os, pathlib, tempfile, time
        for folder in ['.', os.environ['HOME'], os.environ['TMPDIR'], tempfile.mkdtemp()]:
            pathlib.Path(folder, 'deep/er').mkdir(parents=True)
            pathlib.Path(folder, 'deep/er/file').write_text('secret')
        time.sleep(1)
    ";
    let look = "
        import os, pathlib
        here = pathlib.Path.cwd()
        for folder in [here.parent.parent, here.parent.parent.parent]:
            try:
                print(os.listdir(folder))
            except PermissionError:
                print('refused')
    ";
    let project = Project::new(&[("a.md", &document(&[fill])), ("b.md", &document(&[look]))]);
    let temporary = project.home().join("tmp");
    fs::create_dir(&temporary).unwrap();
    let call = project.call(&["run", "--format", "json", "-j", "2", "a.md", "b.md"]).contained();
    let run = call.env("TMPDIR", &temporary).run();
    let mut told: Vec<String> = run.snippets().iter().map(|snippet| snippet["stdout"].to_string()).collect();
    told.sort();
    assert_eq!(told, [r#""""#, r#""refused\nrefused\n""#], "{run:?}");
    assert_eq!(fs::read_dir(&temporary).unwrap().count(), 0);
}

#[test]
fn nothing_that_a_snippet_starts_outlives_it() {
    let project = Project::new(&[]);
    let marker = marker(&project);
    let daemon = format!(
        "
            import os, subprocess, sys
            read, write = os.pipe()
            for ignored in ['', 'trap \"\" TERM HUP INT;']:
                if os.fork() == 0:
                    os.setsid()
                    if os.fork() == 0:
                        command = ['sh', '-c', ignored + 'echo; sleep 1000; true', '{marker}']
                        subprocess.Popen(command, stdout=write, start_new_session=True)
                    os._exit(0)
            print(len(os.read(read, 1) + os.read(read, 1)))
        "
    );
    project.write("a.md", document(&[&daemon, "print('next')"]));
    contained(&project, &["a.md"])
        .tells(&["passed completed | stdout 2⏎", "passed completed | stdout next⏎"]);
    eventually("the daemons are gone", || processes(&marker).is_empty());
}

#[test]
fn a_fork_bomb_is_bounded() {
    let project = Project::new(&[]);
    let marker = marker(&project);
    let bomb = format!(
        "
            import os, time
            for _ in range(9):
                os.fork()
            os.execv('/bin/sh', ['sh', '-c', 'sleep 1000; true', '{marker}'])
        "
    );
    project.write("a.md", document(&[&bomb, "print('after')"]));
    let run = contained(&project, &["a.md", "--limit", "tasks=40"]);
    let [bomb, after] = &run.snippets()[..] else { panic!("{run:?}") };
    assert_eq!((&bomb["verdict"], &after["stdout"]), (&"failed".into(), &"after\n".into()), "{bomb}");
    eventually("all of it is gone", || processes(&marker).is_empty());
}

#[test]
fn ordinary_programs_run() {
    let main = "
        import multiprocessing, sys

        def double(number):
            return 2 * number
    ";
    let pools = "
        for method in ['fork', 'spawn'] if __name__ == '__main__' else []:
            with multiprocessing.get_context(method).Pool(2) as pool:
                print(pool.map(double, [1, 2, 3]))
    ";
    let rest = "
        import asyncio, pathlib, sqlite3, subprocess, sys, tempfile, threading
        thread = threading.Thread(target=print, args=('thread',))
        thread.start()
        thread.join()
        print(subprocess.check_output([sys.executable, '-c', 'print(1)']))
        with sqlite3.connect('file.db') as database:
            database.execute('create table t (x)')
            database.execute('insert into t values (7)')
            print(database.execute('select * from t').fetchall())
        with tempfile.TemporaryDirectory() as folder, tempfile.NamedTemporaryFile(dir=folder) as file:
            file.write(b'x')
            pathlib.Path(folder, 'other').write_text('y')
            print(len(list(pathlib.Path(folder).iterdir())))
        await asyncio.sleep(0.01, 'slept')
    ";
    check(
        &[main, pools, rest],
        &[
            "passed completed",
            "passed completed | stdout [2, 4, 6]⏎[2, 4, 6]⏎",
            "passed completed | value 'slept' | stdout thread⏎b'1\\n'⏎[(7,)]⏎2⏎",
        ],
    );
}

#[test]
fn who_wants_namespaces_gets_nothing_less() {
    let project = Project::document(&["print('never')"]);
    for words in [&["run", "--sandbox=require-a", "a.md"][..], &["run", "--untrusted", "a.md"]] {
        let run = project.call(words).contained().run();
        assert_eq!((run.code, &*run.stdout), (5, ""), "{}", run.stderr);
        let [error, hint] = &run.stderr.lines().collect::<Vec<_>>()[..] else { panic!("{}", run.stderr) };
        assert_eq!(*error, "error: cannot make namespaces: Operation not permitted (os error 1)");
        assert!(hint.starts_with("hint: "), "{hint}");
    }
}
