//! What is looked at for the sake of comments: references, states, operations, code in comments, and what comes after an
//! exception. Nobody else is to notice.

use serde_json::Value;

use crate::project::{Project, Run, document};

/// Claims of all snippets, remarks too, as `line verdict: actual`.
fn claims(run: &Run) -> Vec<String> {
    let snippets = run.snippets();
    let claims = snippets.iter().flat_map(|snippet| snippet["claims"].as_array().unwrap());
    let told = |claim: &Value| {
        let actual = claim["actual"].as_str().map_or(String::new(), |text| format!(": {text}"));
        format!("{} {}{actual}", claim["line"], claim["verdict"].as_str().unwrap())
    };
    claims.map(told).collect()
}

fn run(snippets: &[&str]) -> Run {
    Project::document(snippets).json(&["--claims=report", "--show-remarks", "a.md"])
}

#[track_caller]
fn check(code: &str, expected: &[&str]) {
    let run = run(&[code]);
    assert_eq!(claims(&run), expected, "{run:?}");
}

#[test]
fn references_are_counted() {
    check(
        "
        leaf = {}  # refcount = 1
        tree = [leaf, leaf]  # refcount = 3
        other = leaf  # refcount = 5
        del other  # refcount = 3 (the two of the tree, and the name)
        tree.clear()  # refcount is now 1
        root = []  # refcount = 1
        twig = root  # root's refcount = 2
        del twig, leaf  # both refcounts = 1
        root += [1]  # refcount goes up
        ",
        &[
            "2 holds: 1",
            "3 holds: 3",
            "4 broken: 4",
            "5 holds: 3",
            "6 holds: 1",
            "7 holds: 1",
            "8 holds: 2",
            "9 broken: 0",
            "10 remark",
        ],
    );
}

#[test]
fn what_is_counted_must_have_a_name() {
    check("int()  # refcount = 1\nx = 1  # what refcount = 0 means\n", &["2 remark", "3 remark"]);
    check("raise SystemExit\nx = []  # refcount = 1\n", &["3 not-reached"]);
}

#[test]
fn states_behind_a_call() {
    check(
        "
        class Pile:
            def __init__(self):
                self.items = []
            def push(self, item):
                self.items.append(item)
        pile = Pile()
        pile.push(1)  # Items: [1]
        pile.push(2)  # items = [1]
        pile.push(3)  # Note: 3
        row = [3, 1]
        row.sort()  # [1, 3]
        row.sort()  # [1, 2]
        row.append(5)  # row is now [1, 3, 5]
        row.clear()  # row == [1]
        total = sum(row)  # total = 0
        ",
        &[
            "8 holds: [1]",
            "9 broken: [1, 2]",
            "10 remark",
            "12 holds: [1, 3]",
            "13 remark",
            "14 holds: [1, 3, 5]",
            "15 broken: []",
            "16 holds: 0",
        ],
    );
}

/// Other versions of Python have others beside these.
#[test]
fn operations_are_named() {
    let run = run(&["
        def f(row, key):
            y = [row, key]  # BUILD_LIST
            y = [row]  # BUILD_LIST, PUSH_LIST
            return y  # MAX_SIZE
        "]);
    let claims = claims(&run);
    let verdicts: Vec<&str> = claims.iter().map(|claim| claim.split(':').next().unwrap()).collect();
    assert_eq!(verdicts, ["3 holds", "4 broken", "5 remark"], "{run:?}");
}

#[test]
fn amounts_of_memory() {
    check(
        "
        import sys
        sys.getsizeof(b'')  # 33 bytes
        row = [0] * 1000  # ~8 KB
        row = [b''] * 1000  # Row: ~41 KB
        row = [0] * 1000  # ~1 MB
        ",
        &["3 holds: 33", "4 holds: 8056", "5 holds: 41056", "6 remark"],
    );
}

#[test]
fn written_values_have_a_type_that_needs_no_run() {
    check(
        "def never():\n    x = 3  # the checker infers: int\n    y = [1]  # type is List[int]\n    z = 'a'  # Type: int\n",
        &["3 holds: 3", "4 holds: [1]", "5 remark"],
    );
}

#[test]
fn code_in_comments_is_tried() {
    check(
        "
        row = (1, 2)
        # row[0] = 3  # TypeError
        # row.add(3)  # AttributeError: no such thing!
        # row[0]  # IndexError
        # row[5]  # KeyError
        # missing(row)  # TypeError
        # import json
        # json.loads('')  # ValueError
        # row[0] if you like  # TypeError
        ",
        &[
            "3 holds: TypeError: 'tuple' object does not support item assignment",
            "4 holds: AttributeError: 'tuple' object has no attribute 'add'",
            "5 broken",
            "6 broken: IndexError: tuple index out of range",
            "7 remark",
            "9 holds: json.decoder.JSONDecodeError: Expecting value: line 1 column 1 (char 0)",
        ],
    );
}

#[test]
fn nothing_of_a_try_is_left() {
    let tried = "
        import os
        row = iter([1, 2])
        # print(next(row), row.x)  # AttributeError
        # open('made', 'w')  # PermissionError
        # os.mkdir('made')  # PermissionError
        # while True: pass
        # for x in iter(int, 1): os.x = 1  # KeyError
        print(next(row), os.listdir('.'))
        ";
    let run = run(&[tried]);
    let [snippet] = &run.snippets()[..] else { panic!("{run:?}") };
    assert_eq!((&snippet["stdout"], &snippet["stderr"]), (&"1 ['a.md']\n".into(), &"".into()), "{run:?}");
    assert_eq!(snippet["ending"], "completed");
    assert_eq!(claims(&run)[1..], ["5 remark", "6 remark", "8 remark"], "{run:?}");
}

#[test]
fn beside_threads_nothing_is_tried() {
    check(
        "
        import threading
        stop = threading.Event()
        threading.Thread(target=stop.wait, daemon=True).start()
        # [][0]  # IndexError
        stop.set()
        ",
        &["5 remark"],
    );
}

#[test]
fn behind_an_exception_much_is_still_true() {
    let lost = "
        row = [1, 2]
        missing()
        print(len(row))  # 2
        print(len(row))  # 3
        total = sum(row)  # 3
        lost  # 1
        # row.x  # AttributeError
        {}['a']  # KeyError
        open('made', 'w')
        ";
    let run = run(&[lost, "import os\nprint(os.listdir('.'), 'total' in globals())"]);
    assert_eq!(
        claims(&run),
        ["4 holds: 2", "5 not-reached", "6 holds: 3", "7 not-reached", "8 remark", "9 holds: KeyError: 'a'",],
        "{run:?}"
    );
    let snippets = run.snippets();
    assert_eq!((&snippets[0]["ending"], &snippets[0]["stdout"]), (&"raised".into(), &"".into()), "{run:?}");
    assert_eq!(snippets[1]["stdout"], "['a.md'] False\n", "{run:?}");
}

#[test]
fn a_collector_is_tuned_for_one_snippet() {
    let tune = "import gc\ngc.disable()\ngc.set_threshold(1, 2, 3)\ngc.callbacks.append(print)\ngc.isenabled()  # False";
    let run =
        run(&[tune, "gc.collect()\nprint(gc.isenabled(), gc.get_threshold() == (1, 2, 3), gc.callbacks)"]);
    assert_eq!(claims(&run), ["6 holds: False"], "{run:?}");
    assert_eq!(run.snippets()[1]["stdout"], "True False []\n", "{run:?}");
}

/// Nothing would hold it back.
#[test]
fn nothing_is_tried_without_a_sandbox() {
    let code = "
        text = 'a'
        # int(text)  # ValueError
        int(text)
        len(text)  # 1
        ";
    let project = Project::document(&[code]);
    let verdicts = |sandbox: &str| claims(&project.json(&["--claims=report", sandbox, "a.md"]));
    assert_eq!(
        verdicts("--sandbox=require-a"),
        ["3 holds: ValueError: invalid literal for int() with base 10: 'a'", "5 holds: 1"]
    );
    assert_eq!(verdicts("--sandbox=off"), ["5 not-reached"]);
}

/// Of a copy nobody but the report may notice anything: each of these reached somebody past the refusals of Python.
#[test]
fn copies_reach_nobody() {
    let setup = "
        import ctypes, mmap, os, signal, socket, threading
        import _posixsubprocess
        libc = ctypes.CDLL(None)
        open('data.txt', 'w').write('precious')
        read, write = os.pipe()
        shared, event = mmap.mmap(-1, 4096), os.eventfd(0, os.EFD_NONBLOCK)
        near, far = socket.socketpair()
        file = open('log.txt', 'w+')
        file.write('precious')
        file.flush()
        lines = open('data.txt')
        parent, cwd = os.getpid(), os.open('.', os.O_RDONLY)
        1 / 0
        ";
    let attacks = [
        "libc.unlink(b'data.txt')",
        "libc.mkdir(b'made', 0o700)",
        "libc.syscall(258, cwd, b'made', 0o700)",
        "libc.rename(b'data.txt', b'made')",
        "os.write(write, b'from the copy')",
        "libc.write(write, b'from the copy', 4)",
        "libc.dup2(write, 1), libc.write(1, b'from the copy', 4)",
        "shared[0:4] = b'COPY'",
        "libc.mprotect(ctypes.c_void_p(ctypes.addressof(ctypes.c_char.from_buffer(shared))), 4096, 3), shared.write(b'COPY')",
        "os.eventfd_write(event, 7)",
        "near.send(b'from the copy')",
        "file.truncate(0)",
        "libc.ftruncate(file.fileno(), 0)",
        "libc.pwrite(file.fileno(), b'x', 1, 0)",
        "libc.lseek(file.fileno(), 0, 0)",
        "lines.read(), libc.lseek(lines.fileno(), 5, 0)",
        "libc.kill(parent, 9)",
        "libc.kill(0, 9)",
        "libc.syscall(234, parent, parent, 9)",
        "libc.prlimit(parent, 7, (ctypes.c_long * 2)(5, 5), None)",
        "libc.open(b'made', 0o101, 0o600)",
        "libc.syscall(257, -100, b'made', 0o102, 0o600)",
        "libc.creat(b'made', 0o600)",
        "libc.system(b'echo > made')",
        "libc.fork() or libc.mkdir(b'made', 0o700)",
        "libc.fcntl(file.fileno(), 8, parent)",
        "_posixsubprocess.fork_exec([b'/bin/sleep', b'30'], [b'/bin/sleep'], False, (), b'/doc', None, -1, -1, -1, \
         -1, -1, -1, read, write, False, False, 0, None, None, None, -1, None, False)",
        "libc.alarm(0), signal.signal(14, signal.SIG_IGN), libc.pause()",
        "signal.pthread_sigmask(0, range(1, 65)), libc.pause()",
        "threading.Thread(target=libc.pause).start()",
    ];
    let after = "
        print(os.path.exists('data.txt'), os.path.exists('made'), shared[0:4] == bytes(4), lines.read())
        os.set_blocking(read, False), far.setblocking(False)
        for take in (lambda: os.read(read, 99), lambda: os.eventfd_read(event), lambda: far.recv(99)):
            try:
                print(take())
            except BlockingIOError:
                print('nothing')
        file.write('!')
        file.flush()
        print(open('log.txt').read(), libc.getpriority(0, 0))
        ";
    let names: Vec<String> = (0..attacks.len()).map(|number| format!("{number:02}.md")).collect();
    let documents: Vec<String> = attacks
        .iter()
        .map(|attack| {
            let setup = format!("{}\n        {attack}\n        print('x')  # x", setup.trim_end());
            document(&[&setup, after])
        })
        .collect();
    let files: Vec<(&str, &str)> =
        names.iter().zip(&documents).map(|(name, text)| (&**name, &**text)).collect();
    let run = Project::new(&files).json(&["--claims=report", "."]);
    let snippets = run.snippets();
    assert_eq!(snippets.len(), 2 * attacks.len(), "{run:?}");
    for (number, (name, attack)) in names.iter().zip(attacks).enumerate() {
        let of = |ending: &str| {
            let found =
                snippets.iter().find(|snippet| snippet["path"] == **name && snippet["ending"] == ending);
            found.unwrap_or_else(|| panic!("none {ending} after {attack}: {run:?}"))
        };
        let first = of("raised");
        assert_eq!(first["exception"]["type"], "ZeroDivisionError", "{number} {attack}");
        assert!(first["wall_ms"].as_f64().unwrap() < 9000.0, "{attack}: {first}");
        let expected = "True False True precious\nnothing\nnothing\nnothing\nprecious! 0\n";
        assert_eq!(of("completed")["stdout"], expected, "{attack}");
    }
}

/// What copies read is what the session would.
#[test]
fn copies_read_what_the_session_has() {
    let code = "
        import mmap, os, threading, time
        import multiprocessing
        shared, value = mmap.mmap(-1, 4096), multiprocessing.Value('i', 7)
        shared[0:3] = b'abc'
        open('rows', 'w').write('one\\ntwo\\n')
        rows = open('rows')
        first = rows.readline()
        read, write = os.pipe()
        1 / 0
        print(shared[0:3])  # b'abc'
        print(value.value)  # 7
        print(rows.readline())  # two
        print(open('rows').read(3))  # one
        print(os.listdir('/doc') == os.listdir('.'))  # True
        thread = threading.Thread(target=time.sleep, args=(0.001,))
        thread.start()
        print(thread.join())  # None
        os.read(read, 1)  # OSError
        {}['a']  # KeyError
        ";
    check(
        code,
        &[
            "11 holds: b'abc'",
            "12 holds: 7",
            "13 holds: two",
            "14 holds: one",
            "15 holds: True",
            "18 holds: None",
            "19 not-reached",
            "20 holds: KeyError: 'a'",
        ],
    );
}
