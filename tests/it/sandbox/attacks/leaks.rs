//! What a session leaves behind, looked for by the next one on the same lane.

use crate::project::{Project, document};
use crate::sandbox::attacks::run;

/// Both documents print the same if nothing of the first reaches the second.
#[track_caller]
fn nothing_is_left(leave: &str, look: &str) {
    let dedented = |code: &str| document(&[code]);
    let project = Project::new(&[]);
    project.write("a.md", format!("{}\n{}", dedented(look), dedented(leave)));
    project.write("b.md", dedented(look));
    let run = run(&project, &[]);
    let snippets = run.snippets();
    assert_eq!(snippets.len(), 3, "{}", run.stdout);
    assert_eq!(snippets[0]["stdout"], snippets[2]["stdout"], "{}", run.stdout);
    assert!(!snippets[0]["stdout"].as_str().unwrap().is_empty(), "{}", run.stdout);
}

#[test]
fn files() {
    nothing_is_left(
        "
            import os
            for folder in ['/tmp', '/dev/shm', '/var/tmp', '/', '.', '/doc', os.path.expanduser('~'), '/.session']:
                try:
                    open(folder + '/left', 'w').write('left')
                    os.mkdir(folder + '/folder')
                except OSError:
                    pass
        ",
        "
            import os
            for folder in ['/tmp', '/dev/shm', '/var/tmp', '/', '.', '/doc', os.path.expanduser('~'), '/.session']:
                print(folder, 'left' in os.listdir(folder), 'folder' in os.listdir(folder)) if os.path.exists(folder) else 0
        ",
    );
}

#[test]
fn what_a_process_inherits() {
    nothing_is_left(
        "
            import ctypes, os, resource, signal
            os.umask(0o777), os.nice(7), os.chdir('/'), os.environ.update(LEFT='1')
            ctypes.CDLL(None).personality(0x0040000)
            resource.setrlimit(resource.RLIMIT_NOFILE, (40, 40))
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1])
            os.sched_setaffinity(0, [min(os.sched_getaffinity(0))])
            open('/proc/self/oom_score_adj', 'w').write('1000')
            try:
                resource.prlimit(1, resource.RLIMIT_NOFILE, (0, 0)), os.setpriority(os.PRIO_USER, 0, 9)
            except OSError:
                pass
        ",
        "
            import ctypes, os, resource, signal
            mask = os.umask(0)
            os.umask(mask)
            print(mask, os.nice(0), os.getcwd(), sorted(os.environ.items()))
            print(ctypes.CDLL(None).personality(0xffffffff), resource.getrlimit(resource.RLIMIT_NOFILE))
            print(signal.getsignal(signal.SIGTERM), signal.pthread_sigmask(signal.SIG_BLOCK, []))
            print(len(os.sched_getaffinity(0)), open('/proc/self/oom_score_adj').read())
        ",
    );
}

#[test]
fn the_network() {
    nothing_is_left(
        "
            import socket
            for family, host in [(socket.AF_INET, '127.0.0.1'), (socket.AF_INET6, '::1')]:
                server = socket.socket(family)
                server.bind((host, 4321))
                server.listen()
                client = socket.create_connection((host, 4321))
                peer, _ = server.accept()
                peer.close()
                client.close()
            name = socket.socket(socket.AF_UNIX)
            name.bind('\\0left')
        ",
        "
            import socket
            for family, address in [(socket.AF_INET, ('127.0.0.1', 4321)), (socket.AF_INET6, ('::1', 4321)),
                                    (socket.AF_UNIX, '\\0left')]:
                one = socket.socket(family)
                one.bind(address)
                print('free')
                one.close()
        ",
    );
}

#[test]
fn the_interpreter() {
    nothing_is_left(
        "
            import atexit, builtins, gc, json, random, sys
            builtins.left, json.dumps, sys.path[:] = 1, None, []
            random.seed(1)
            sys.setrecursionlimit(50_000), sys.setswitchinterval(1), gc.disable()
            sys.addaudithook(lambda *_: None)
            atexit.register(print, 'left')
        ",
        "
            import builtins, gc, json, sys
            print(hasattr(builtins, 'left'), json.dumps(1), len(sys.path), sys.getrecursionlimit())
            print(sys.getswitchinterval(), gc.isenabled(), sorted(sys.modules) == sorted(sys.modules))
        ",
    );
}
