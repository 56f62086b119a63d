//! What the kernel counts for all programs of a user together: a session takes a share that leaves others theirs.

use serde_json::Value;

use crate::project::{Project, document};
use crate::sandbox::attacks::project;

/// The usual soft limit of other programs, above which the kernel lets them pass no descriptor on.
const USUAL: u64 = 1024;

/// Fills sockets with descriptors until the kernel refuses, and holds them.
const FLIGHT: &str = "
    import array, os, resource, socket, time
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    null, pairs, sent = os.open('/dev/null', os.O_RDONLY), [], 0
    rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array('i', [null] * 253))]
    try:
        while sent < 9000:
            pairs.append(socket.socketpair())
            for _ in range(20):
                pairs[-1][0].sendmsg([b'x'], rights)
                sent += 253
    except OSError as error:
        print(error.strerror)
    print(sent, flush=True)
    end = time.process_time() + 0.7
    while time.process_time() < end:
        pass
";

#[test]
fn descriptors_under_way_leave_room_for_others() {
    let mut files = vec![("a.md", document(&[FLIGHT]))];
    files.extend(["b.md", "c.md", "d.md", "e.md"].map(|name| (name, document(&["print('other')"]))));
    let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (*name, &**text)).collect();
    let project = Project::new(&files);
    let run = project.call(&["run", "--format", "json", "-j", "2", "."]).ordinary().run();
    let snippets = run.snippets();
    assert_eq!((run.code, snippets.len(), &*run.stderr), (0, 5, ""), "{run:?}");
    let attack = snippets.iter().find(|snippet| snippet["path"] == "a.md").unwrap();
    let said: Vec<&str> = attack["stdout"].as_str().unwrap().lines().collect();
    let [refused, sent] = said[..] else { panic!("{attack:#}") };
    assert_eq!(refused, "Too many references: cannot splice");
    let sent: u64 = sent.parse().unwrap();
    assert!((253..=USUAL).contains(&sent), "{sent}");
    for other in snippets.iter().filter(|snippet| snippet["path"] != "a.md") {
        assert_eq!([&other["verdict"], &other["stdout"]], ["passed", "other\n"], "{other:#}");
    }
}

/// Whoever waits for room in a full socket has been counted before: threads would take as much as they like.
#[test]
fn local_datagrams_are_refused_and_streams_are_not() {
    let code = "
        import socket
        kinds = [socket.SOCK_DGRAM, socket.SOCK_RAW, socket.SOCK_STREAM, socket.SOCK_SEQPACKET]
        for make in (socket.socket, socket.socketpair):
            for kind in kinds:
                try:
                    make(socket.AF_UNIX, kind | socket.SOCK_CLOEXEC)
                    print('made')
                except OSError as error:
                    print(error.strerror)
        print(socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('127.0.0.1', 9)))
    ";
    let refused = "Protocol not supported⏎Protocol not supported⏎made⏎made⏎";
    let run = Project::document(&[code]).json(&["a.md"]);
    run.tells(&[&format!("passed completed | stdout {refused}{refused}1⏎")]);
}

/// Of files that are watched a lane has a few; of queued signals and timers a share.
#[test]
fn watchers_signals_and_timers_are_bounded() {
    let code = "
        import ctypes, os, signal

        libc = ctypes.CDLL(None, use_errno=True)
        watchers = [libc.inotify_init() for _ in range(200)]
        made = [watcher for watcher in watchers if watcher >= 0]
        print(2 <= len(made) <= 8, os.strerror(ctypes.get_errno()))
        print(libc.inotify_add_watch(made[0], b'.', 2) >= 0)
        for watcher in made:
            os.close(watcher)
        print(libc.inotify_init() >= 0)

        signal.pthread_sigmask(signal.SIG_BLOCK, {40})
        queued = [libc.sigqueue(os.getpid(), 40, ctypes.c_void_p(0)) for _ in range(5000)]
        print(0 < queued.count(0) <= 256, os.strerror(ctypes.get_errno()))
    ";
    let run = project(&[code]).json(&["."]);
    let mut snippets = run.snippets();
    // Documents are reported in the order in which they end.
    snippets.sort_by_key(|snippet| snippet["path"].to_string());
    let said = "True Too many open files\nTrue\nTrue\nTrue Resource temporarily unavailable\n";
    assert_eq!(
        [&snippets[0]["stdout"], &snippets[0]["verdict"]],
        [&Value::from(said), &"passed".into()],
        "{run:?}"
    );
    assert_eq!(snippets[1]["stdout"], "undisturbed\n");
}
