//! Escapes that fail. Each snippet tries what its sandbox promises to prevent.

use crate::project::{Project, document};
use crate::story::check;

#[test]
fn variables_of_the_caller_are_secret() {
    let look = "
        import os, subprocess
        text = repr(dict(os.environ)) + open('/proc/self/environ').read() + subprocess.check_output(['env'], text=True)
        for pid in filter(str.isdigit, os.listdir('/proc')):
            try:
                text += open(f'/proc/{pid}/environ').read()
            except OSError:
                pass
        print('hunter2' in text, 'TOKEN' in text)
    ";
    let project = Project::document(&[look]);
    let run = project.call(&["run", "--format", "json", "a.md"]).env("API_TOKEN", "hunter2").run();
    run.tells(&["passed completed | stdout False False⏎"]);
}

#[test]
fn the_home_of_the_caller_is_out_of_sight() {
    let project = Project::new(&[]);
    let secret = project.home().join("secret");
    std::fs::write(&secret, "hunter2").unwrap();
    let look = format!(
        "
            import os
            for path in [{secret:?}, os.path.expanduser('~root/.bashrc'), '/root/.ssh', '/etc/shadow']:
                print(os.path.exists(path))
        "
    );
    project.write("a.md", document(&[&look]));
    project.json(&["a.md"]).tells(&["passed completed | stdout False⏎False⏎False⏎False⏎"]);
}

#[test]
fn the_project_cannot_be_written_by_its_own_path() {
    let project = Project::new(&[("data.txt", "data")]);
    let root = project.root();
    let attack = format!(
        "
            import os
            for path in ['{0}/new.txt', '{0}/data.txt', '/usr/new', '/new']:
                try:
                    open(path, 'a').write('x')
                    print('wrote', path)
                except OSError as error:
                    print(type(error).__name__ in ('OSError', 'PermissionError', 'FileNotFoundError'))
        ",
        root.display()
    );
    project.write("a.md", document(&[&attack]));
    let files = project.files();
    let run = project.json(&["a.md"]);
    assert_eq!((run.code, project.files()), (0, files), "{}", run.stdout);
    assert_eq!(project.read("data.txt"), "data", "{}", run.stdout);
}

#[test]
fn the_network_is_out_of_reach() {
    let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
    listener.set_nonblocking(true).unwrap();
    let port = listener.local_addr().unwrap().port();
    let attack = format!(
        "
            import socket
            for address in [('127.0.0.1', {port}), ('192.0.2.1', 80), ('198.51.100.1', 53)]:
                try:
                    socket.create_connection(address, timeout=3)
                    print('connected')
                except OSError as error:
                    print(type(error).__name__)
        "
    );
    let run = Project::document(&[&attack]).json(&["a.md"]);
    run.tells(&["passed completed | stdout ConnectionRefusedError⏎OSError⏎OSError⏎"]);
    assert!(listener.accept().is_err(), "nobody came");
}

#[test]
fn other_processes_are_out_of_sight() {
    let attack = format!(
        "
            import os
            pids = [int(pid) for pid in os.listdir('/proc') if pid.isdigit()]
            print(len(pids) <= 2, {0} in pids)
            try:
                os.kill({0}, 0)
                print({0} < 100)
            except OSError as error:
                print(True)
        ",
        std::process::id()
    );
    check(&[&attack], &["passed completed | stdout True False⏎True⏎"]);
}

#[test]
fn privileges_cannot_be_had() {
    check(
        &["
                import os, ctypes
                libc = ctypes.CDLL(None, use_errno=True)
                print(libc.mount(b'tmpfs', b'/tmp', b'tmpfs', 0, None), os.geteuid() == 0)
                status = dict(line.split(':', 1) for line in open('/proc/self/status'))
                print(status['CapEff'].strip(), status['NoNewPrivs'].strip())
            "],
        &["passed completed | stdout -1 False⏎0000000000000000 1⏎"],
    );
}

#[test]
fn the_sandbox_has_its_share_of_processes() {
    let project = Project::document(&["
            import os, time
            children = []
            try:
                while len(children) < 2000:
                    pid = os.fork()
                    if pid == 0:
                        time.sleep(100)
                        os._exit(0)
                    children.append(pid)
            except OSError as error:
                print(type(error).__name__)
            for pid in children:
                os.kill(pid, 9)
            print(0 < len(children) < 300)
        "]);
    project.json(&["a.md"]).tells(&["passed completed | stdout BlockingIOError⏎True⏎"]);
}

#[test]
fn the_sandbox_has_its_share_of_disk() {
    let project = Project::document(&[
        "
            try:
                with open('big', 'wb') as file:
                    for _ in range(200):
                        file.write(bytes(1 << 20))
            except OSError as error:
                print(error.strerror)
        ",
        "import os\nos.remove('big')\nprint('goes on')",
    ]);
    let run = project.json(&["a.md"]);
    let [full, after] = &run.snippets()[..] else { panic!("{run:?}") };
    let said = full["stdout"].as_str().unwrap();
    assert!(["No space left on device\n", "File too large\n"].contains(&said), "{full}");
    assert_eq!(after["stdout"], "goes on\n");
}

#[test]
fn a_result_cannot_be_forged() {
    let forge = "
        import os
        for number in range(3, 64):
            try:
                os.write(number, b'\\x00' * 4096)
            except OSError:
                pass
        os._exit(0)
    ";
    let project = Project::new(&[("a.md", &document(&[forge])), ("b.md", &document(&["print('other')"]))]);
    let run = project.json(&["-j", "1", "."]);
    let verdicts: Vec<_> =
        run.snippets().iter().map(|snippet| format!("{} {}", snippet["path"], snippet["verdict"])).collect();
    assert_eq!(
        (run.code, verdicts),
        (1, vec!["\"a.md\" \"failed\"".to_owned(), "\"b.md\" \"passed\"".to_owned()]),
        "{}",
        run.stdout
    );
}

/// As `unshare --map-root-user` starts it: root by name, with one user to be.
#[test]
fn root_of_a_user_namespace_has_namespaces() {
    let look = "
        import os
        print(os.getuid(), os.path.exists('/root/.ssh'), len(os.listdir('/proc')) < 100)
        try:
            open('/usr/new', 'w')
        except OSError as error:
            print(error.strerror)
    ";
    let project = Project::document(&[look]);
    let run =
        project.call(&["run", "--format", "json", "--sandbox=require-a", "a.md"]).root_of_namespace().run();
    run.tells(&["passed completed | stdout 1000 False True⏎Read-only file system⏎"]);
    assert_eq!(run.summary()["sandbox"], "a");
}
