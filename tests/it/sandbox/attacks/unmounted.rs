//! Attacks where there are no namespaces, and Landlock is the wall. Without Landlock nothing runs there.

use std::fs;
use std::os::unix::fs::symlink;
use std::process::{Command, Stdio};

use crate::project::{Project, Run, document};

/// `None` on machines that grant this sandbox to nobody.
fn run(project: &Project) -> Option<Run> {
    let run = project.call(&["run", "--format", "json", "-j", "1", "."]).contained().run();
    let is_there = run.code != 5;
    assert!(is_there || run.stdout.is_empty(), "{}", run.stdout);
    is_there.then_some(run)
}

#[test]
fn links_open_nothing() {
    let project =
        Project::new(&[(".git/config", "token"), ("data.csv", "1,2"), ("sub/.git/config", "token")]);
    let secret = project.home().join("secret");
    fs::create_dir(&secret).unwrap();
    fs::write(secret.join("key"), "hunter2").unwrap();
    symlink(&secret, project.path("docs")).unwrap();
    let root = project.root();
    let look = format!(
        "
            for path in ['{0}/docs/key', '{1}/key', '{0}/.git/config', '{0}/sub/.git/config', 'docs/key', 'data.csv']:
                try:
                    print(open(path).read())
                except OSError:
                    pass
        ",
        root.display(),
        secret.display()
    );
    project.write("a.md", document(&[&look]));
    let Some(run) = run(&project) else { return };
    run.tells(&["passed completed | stdout 1,2⏎"]);
}

#[test]
fn other_processes_keep_their_priority() {
    let mut neighbour = Command::new("sleep").arg("100").stdin(Stdio::null()).spawn().unwrap();
    let nice = |pid: u32| {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
        stat.rsplit(')').next().unwrap().split_whitespace().nth(16).unwrap().to_owned()
    };
    let before = nice(neighbour.id());
    let project = Project::document(&["
        import os
        for which, who in [(os.PRIO_USER, 0), (os.PRIO_USER, os.getuid()), (os.PRIO_PROCESS, os.getppid())]:
            try:
                os.setpriority(which, who, 19)
                print('set', which, who)
            except PermissionError:
                pass
        os.setpriority(os.PRIO_PROCESS, 0, 19)
    "]);
    let run = run(&project);
    let after = nice(neighbour.id());
    neighbour.kill().unwrap();
    neighbour.wait().unwrap();
    assert_eq!(before, after);
    if let Some(run) = run {
        run.tells(&["passed completed"]);
    }
}

#[test]
fn files_that_cannot_be_found_are_counted() {
    let write = "for number in range(4):\n    with open(str(number), 'wb') as file:\n        for _ in range(50):\n            file.write(bytes(1 << 20))\nimport time\ntime.sleep(2)";
    for hide in [
        "import os\nos.mkdir('x', 0o300)\nos.chdir('x')",
        "import os\nfor _ in range(30):\n    os.mkdir('d' * 200)\n    os.chdir('d' * 200)",
        "import builtins, os\nkept = []\ndef open(name, mode):\n    kept.append(builtins.open(name, mode))\n    os.unlink(name)\n    return os.fdopen(os.dup(kept[-1].fileno()), mode)",
    ] {
        let project = Project::document(&[&format!("{hide}\n{write}")]);
        let Some(run) = run(&project) else { return };
        assert_eq!(run.snippets()[0]["cause"]["kind"], "disk", "{hide}\n{}", run.stdout);
    }
}

/// Writes 200 MiB to four files of which only one at a time has a name, and holds them as `hold` says.
fn holding(prepare: &str, hold: &str) -> String {
    let code = "
import array, ctypes, os, socket, time
libc = ctypes.CDLL(None, use_errno=True)

def must(answer):
    if answer == -1:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return answer

PREPARE
for number in range(4):
    file = os.open(str(number), os.O_CREAT | os.O_RDWR)
    for _ in range(50):
        os.write(file, bytes(1 << 20))
    HOLD
    os.unlink(str(number))
    os.close(file)
time.sleep(2)";
    code.replace("PREPARE", prepare).replace("HOLD", hold)
}

/// What nobody shows is missing on the file system, unless others give as much back meanwhile: then once more.
const ATTEMPTS: usize = 5;

#[test]
fn files_that_are_held_without_a_name_are_counted() {
    let map = "must(libc.mmap(None, ctypes.c_size_t(4096), 1, 1, file, ctypes.c_long(0)))";
    // Nobody but root sees what a program holds whose file cannot be read.
    let unreadable = "
import subprocess
with open('/bin/sleep', 'rb') as sleep, os.fdopen(os.open('sleep', os.O_CREAT | os.O_WRONLY, 0o111), 'wb') as copy:
    copy.write(sleep.read())";
    let pass_on = "subprocess.Popen([os.path.abspath('sleep'), '9'], pass_fds=[file])";
    // Its first thread ends.
    let headless = "
import threading
read, write = os.pipe()

def hold():
    held = []
    while number := os.read(read, 1):
        held.append(os.open(number, 0))
        os.write(back, b'x')

answers, back = os.pipe()
if os.fork() == 0:
    threading.Thread(target=hold).start()
    libc.syscall(EXIT, 0)";
    let headless = headless.replace("EXIT", &nix::libc::SYS_exit.to_string());
    let hand_over = "os.write(write, b'%d' % number)\n    os.read(answers, 1)";

    for (prepare, hold) in [("", "os.dup(file)"), ("", map), (unreadable, pass_on), (&*headless, hand_over)] {
        let project = Project::document(&[&holding(prepare, hold)]);
        let is_counted = |_| {
            let Some(run) = run(&project) else { return true };
            run.snippets()[0]["cause"]["kind"] == "disk"
        };
        assert!((0..ATTEMPTS).any(is_counted), "{prepare} {hold}");
    }
}

#[test]
fn files_are_not_held_where_nobody_could_see_them() {
    let send = "a.sendmsg([b'x'], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array('i', [file]))])";
    for (prepare, hold) in [
        ("a, b = socket.socketpair()", send),
        ("rules = must(libc.syscall(444, (ctypes.c_uint64 * 1)(4), ctypes.c_size_t(8), 0))", "pass"),
        ("must(libc.prctl(4, 0, 0, 0, 0))", "pass"),
        ("must(libc.close_range(1 << 16, 1 << 16, 2))", "pass"),
        ("must(libc.syscall(CLONE, 0x10000 | 0x800 | 0x100, 0, 0, 0, 0))", "pass"),
        ("must(libc.memfd_create(b'file', 0))", "pass"),
        ("must(libc.syscall(425, 1, ctypes.create_string_buffer(200)))", "pass"),
        ("", "must(libc.fallocate(file, 1, ctypes.c_long(0), ctypes.c_long(1 << 30)))"),
    ] {
        let prepare = prepare.replace("CLONE", &nix::libc::SYS_clone.to_string());
        let project = Project::document(&[&holding(&prepare, hold)]);
        let Some(run) = run(&project) else { return };
        let snippet = &run.snippets()[0];
        assert_eq!(snippet["ending"], "raised", "{prepare} {hold}\n{}", run.stdout);
        let raised = snippet["exception"]["type"].as_str().unwrap();
        assert!(["PermissionError", "OSError"].contains(&raised), "{prepare} {hold}\n{}", run.stdout);
    }
}

/// All that is shared by name, by each way to start that needs no listening socket.
#[test]
fn processes_share_what_has_a_name() {
    let definitions = "
        import multiprocessing, os, sys
        from concurrent.futures import ProcessPoolExecutor
        from multiprocessing import shared_memory

        def double(number):
            return 2 * number

        def work(queue, lock, value, array, name):
            memory = shared_memory.SharedMemory(name=name)
            with lock, value.get_lock():
                memory.buf[:5] = b'hello'
                value.value += 1
                array[0] += 0.5
            memory.close()
            queue.put('done')
    ";
    let body = "
        for method in ['fork', 'spawn'] if __name__ == '__main__' else []:
            context = multiprocessing.get_context(method)
            memory = shared_memory.SharedMemory(create=True, size=1 << 20)
            queue, lock, value, array = context.Queue(), context.Lock(), context.Value('i', 41), context.Array('d', [1.0])
            process = context.Process(target=work, args=(queue, lock, value, array, memory.name))
            process.start()
            print(queue.get(timeout=9), end=' ')
            process.join()
            print(process.exitcode, bytes(memory.buf[:5]), value.value, array[:], end=' ')
            memory.close()
            memory.unlink()
            with ProcessPoolExecutor(2, mp_context=context) as executor:
                print(list(executor.map(double, [1, 2])))
    ";
    let program = "
        import subprocess, sys
        code = 'import multiprocessing as m; l = m.Lock(); print(l.acquire(), m.Value(chr(105), 7).value)'
        print(subprocess.run([sys.executable, '-c', code], capture_output=True, text=True, check=True).stdout)
    ";
    let names = "
        from multiprocessing import shared_memory
        import _multiprocessing, _posixshmem, os
        for call in [
            lambda: shared_memory.SharedMemory(name='missing'),
            lambda: _posixshmem.shm_open('/../escape', os.O_CREAT | os.O_RDWR, 0o600),
            lambda: _posixshmem.shm_open('/..', os.O_RDWR, 0o600),
            lambda: _posixshmem.shm_open('/' + 256 * 'x', os.O_CREAT | os.O_RDWR, 0o600),
            lambda: _posixshmem.shm_unlink('/missing'),
            lambda: _multiprocessing.sem_unlink('/missing'),
        ]:
            try:
                print(call())
            except OSError as error:
                print(error.errno, end=' ')
        first = shared_memory.SharedMemory('twice', create=True, size=10)
        try:
            shared_memory.SharedMemory('twice', create=True, size=10)
        except FileExistsError:
            print('there already')
        first.close()
        first.unlink()
    ";
    let project = Project::document(&[definitions, body, program, names]);
    let Some(run) = run(&project) else { return };
    let each = "done 0 b'hello' 42 [1.5] [2, 4]⏎";
    run.tells(&[
        "passed completed",
        &format!("passed completed | stdout {each}{each}"),
        "passed completed | stdout True 7⏎⏎",
        "passed completed | stdout 2 22 22 36 2 2 there already⏎",
    ]);
}

/// Files of the machine's shared memory: nobody's business, and nothing is left there.
#[test]
fn the_shared_memory_of_the_machine_is_closed() {
    let name = format!("snipcheck-test-{}", std::process::id());
    let of_machine = format!("/dev/shm/{name}");
    if fs::write(&of_machine, "hunter2").is_err() {
        return;
    }
    let left = || {
        let entries = fs::read_dir("/dev/shm").unwrap().flatten();
        entries.filter(|entry| entry.file_name().to_string_lossy().contains("escape")).count()
    };
    let attack = format!(
        "
            import _posixshmem, os, subprocess
            for attempt in [
                lambda: open('{of_machine}').read(),
                lambda: open('{of_machine}', 'w'),
                lambda: open('/dev/shm/escape', 'w'),
                lambda: os.listdir('/dev/shm'),
                lambda: os.unlink('{of_machine}'),
                lambda: _posixshmem.shm_open('/{name}', os.O_RDWR, 0o600),
            ]:
                try:
                    print(attempt())
                except OSError:
                    pass
            print(subprocess.run(['sh', '-c', 'echo > /dev/shm/escape'], stderr=subprocess.DEVNULL).returncode > 0)
        "
    );
    let fill = "
        import _posixshmem, os
        for number in range(4):
            file = _posixshmem.shm_open(f'/part{number}', os.O_CREAT | os.O_RDWR, 0o600)
            for _ in range(50):
                os.write(file, bytes(1 << 20))
        import time
        time.sleep(2)
    ";
    let project = Project::document(&[&attack, fill]);
    let run = run(&project);
    let kept = fs::read_to_string(&of_machine);
    fs::remove_file(of_machine).unwrap();
    assert_eq!((kept.unwrap(), left()), ("hunter2".to_owned(), 0));
    let Some(run) = run else { return };
    let [attack, fill] = &run.snippets()[..] else { panic!("{run:?}") };
    assert_eq!((&attack["stdout"], &fill["cause"]["kind"]), (&"True\n".into(), &"disk".into()), "{run:?}");
}

#[test]
fn the_network_of_the_machine_is_not_seen() {
    let look = "
        import os
        own = f'/proc/self/task/{os.getpid()}'
        for path in ['/proc/net/tcp', '/proc/self/net/unix', f'{own}/net/tcp', f'{own}/environ', '/proc/self/task']:
            try:
                print(path, len(os.listdir(path) if path.endswith('task') else open(path).read()))
            except OSError:
                pass
        print(all(open(f'/proc/self/{name}').read() for name in ['cmdline', 'maps', 'stat', 'status', 'limits']))
        print(len(os.listdir('/proc/self/fd')) > 2)
    ";
    let project = Project::document(&[look]);
    let Some(run) = run(&project) else { return };
    run.tells(&["passed completed | stdout /proc/self/task 1⏎True⏎True⏎"]);
}
