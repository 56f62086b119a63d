//! Words put into the runner's mouth: they may flatter who speaks them, and hold up or change nobody else.

use crate::project::{Project, Run, document};
use crate::sandbox::attacks::{inside, project, run};

#[test]
fn replies_without_end_hold_nobody_up() {
    let flood = inside(
        "
            mark, out = token(), status()
            import fcntl
            fcntl.fcntl(out, fcntl.F_SETPIPE_SZ, 1 << 20)
            replies = (mark + frame(finished())) * 2000
            while True:
                os.write(out, replies)
        ",
    );
    ends(&run(&project(&[&flood]), &[]), "completed");
}

/// However much of its marks the attacker has taken from the runner.
#[track_caller]
fn ends(run: &Run, ending: &str) {
    let snippets = run.snippets();
    assert_eq!((&snippets[0]["ending"], &snippets[1]["stdout"]), (&ending.into(), &"undisturbed\n".into()));
}

#[test]
fn a_reply_that_never_ends_does_not_stop_the_clock() {
    let drip = inside(
        "
            out = status()
            os.write(out, token() + struct.pack('I', 4 << 20))
            while True:
                os.write(out, b'[')
        ",
    );
    ends(&run(&project(&[&drip]), &["--timeout", "500ms"]), "timed-out");
}

#[test]
fn a_session_that_closes_for_ever_is_closed() {
    let closing = inside(
        "
            mark, out = token(), status()
            os.write(out, mark + frame(finished()))
            while True:
                os.write(out, mark + frame({'Closing': {'threads': ['forged']}}))
        ",
    );
    ends(&run(&project(&[&closing]), &[]), "completed");
}

/// Replies that are none, or hold what no session would say.
const REPLIES: &str = r"
huge, text = 2**64 - 1, '\x1b[31m\r\n::error::x\n##[error]x\u202e\u2028\x9b\0'

def raised(line=1, kind='E', frames=(), traceback='t', blame=None):
    exception = {'type': kind, 'bases': [kind], 'message': text, 'line': line, 'traceback': traceback,
                 'frames': [{'file': f, 'line': n, 'function': text, 'document': d} for f, n, d in frames]}
    return finished({'Raised': {'exception': exception, 'blame': blame}})

def stuck(kind, stacks='', passed=NONE):
    return {'Stuck': {'kind': kind, 'clock': 'virtual', 'passed': passed, 'jumps': 2**64 - 1, 'stacks': stacks}}

def thread(line, name='f'):
    return f'Process 1\nThread 0x1 (most recent call first):\n  File \x22x.py\x22, line 1 in {name}\n  File \x22a.md\x22, line {line} in g\n'

replies = [
    finished(passed=huge), stuck('Spent', passed=huge), stuck('Ended'), stuck('Deadlocked', 'x' * 200000),
    stuck('Deadlocked', thread(0)), stuck('Deadlocked', thread(2**32 - 1)), stuck('Spent', thread(1, text) * 999),
    finished(wall=huge, cpu=huge),
    finished(wall={'secs': 2**64 - 1, 'nanos': 2**32 - 1}), finished(wall=2**64), finished(passed=-1),
    raised(line=0), raised(line=2**32 - 1), raised(line=None, kind=''), raised(kind=text, traceback=text),
    raised(frames=[('a.md', n, True) for n in (0, 1, 2**32 - 1)] + [('/etc/shadow', 1, False)]),
    raised(blame={'Limit': {'kind': 'memory', 'used': 2**64 - 1}}),
    raised(blame={'Limit': {'kind': 'wall', 'used': 0}}),
    raised(blame={'MissingPackage': {'name': text}}), raised(blame={'Network': {'why': text}}),
    finished({'Exited': {'code': -2**31, 'left': 2**64 - 1}}),
    finished(value=text, notes=[text, text]),
    {'Gone': {'status': {'Exit': 0}}}, {'Gone': {'status': {'Signal': -1}}}, {'Gone': {'status': {'Signal': 127}}},
    {'Refused': {'step': text, 'error': text}}, {'Closing': {'threads': [text] * 999}},
    {'Finished': 5}, {'Bang': 1}, b'[' * 100000, b'{\x22Finished\x22:NaN}', b'\xff' * 9, b'',
    finished(value='y' * (8 << 20)),
]
";

#[test]
fn forged_replies_end_nothing_but_their_session() {
    const COUNT: usize = 34;
    let attack = |number: usize| {
        let forge = format!(
            "reply = replies[{number}]
            out, bytes = status(), token() + frame(reply)
            os.write(1, bytes[:16] + struct.pack('II', 4 * 10**9, 4 * 10**9) + b'marked')
            os.write(1, bytes[:16] + struct.pack('II', 0, 0) + b'zero')
            while bytes:
                bytes = bytes[os.write(out, bytes):]"
        );
        document(&[&format!("{}\n{REPLIES}\n{}", inside(""), forge.replace("\n            ", "\n"))])
    };
    let documents: Vec<(String, String)> =
        (0..COUNT).map(|number| (format!("{number:02}.md"), attack(number))).collect();
    let files: Vec<(&str, &str)> = documents.iter().map(|(name, text)| (&**name, &**text)).collect();
    let project = Project::new(&files);
    project.write("z.md", document(&["print('undisturbed')"]));
    let run = project.json(&["."]);
    let snippets = run.snippets();
    assert_eq!((run.code, snippets.len(), &*run.stderr), (1, COUNT + 1, ""), "{}", run.stdout);
    let neighbour = snippets.iter().find(|snippet| snippet["path"] == "z.md").unwrap();
    assert_eq!(neighbour["stdout"], "undisturbed\n");
    let plain = project.run(&["run", "."]);
    assert_eq!((plain.code, &*plain.stderr), (1, ""), "{}", plain.stdout);
    for sign in ["\x1b", "\r", "##[", "\n::", "\u{202e}", "\u{2028}", "\u{9b}", "\0"] {
        assert!(!plain.stdout.contains(sign), "{sign:?} in {}", plain.stdout);
    }
}

/// More time than there is, again and again: sums of it must not overflow.
#[test]
fn forged_times_end_nobodys_run() {
    let forge = inside(
        "
            mark, out = token(), status()
            for number in range(4):
                for stream in (1, 2):
                    os.write(stream, mark + struct.pack('II', 2**32 - 1, 0))
                os.write(out, mark + frame(finished(wall=2**64 - 1, cpu=2**64 - 1, passed=2**64 - 1)))
            time.sleep(100)
        ",
    );
    let project = project(&[&forge, "time.time()  # 3", "print('{b}')  # {a}", "time.time()  # 4"]);
    for words in [&["--clock=real"][..], &["--repeat=2", "--vary"], &[]] {
        let run = project.json(&[&["."], words].concat());
        let snippets = run.snippets();
        assert_eq!((snippets.len(), &*run.stderr), (5, ""), "{words:?} {}", run.stdout);
        let forged = snippets.iter().find(|snippet| snippet["path"] == "a.md").unwrap();
        assert_eq!(forged["wall_ms"], 18_446_744_073_709.55, "{forged}");
        let neighbour = snippets.iter().find(|snippet| snippet["path"] == "z.md").unwrap();
        assert_eq!([&neighbour["verdict"], &neighbour["stdout"]], ["passed", "undisturbed\n"]);
    }
}

#[test]
fn a_flood_without_an_end_is_cut() {
    let flood = inside(
        "
            import itertools
            (copy,) = copies(1)
            os.dup2(os.open('/dev/null', os.O_WRONLY), copy)
            reading, writing = os.pipe()
            for _ in range(4):
                if os.fork() == 0:
                    for number in itertools.count():
                        os.write(1, b'x' * 65536)
                        if number == 20:
                            os.write(writing, b'.')
            for _ in range(4):
                os.read(reading, 1)
        ",
    );
    // The copy has a number that no descriptor can have within the usual limit.
    let run = run(&project(&[&flood]), &["--limit", "descriptors=2000"]);
    let snippets = run.snippets();
    assert_eq!(snippets[1]["stdout"], "undisturbed\n", "{}", run.stdout);
    assert!(run.stdout.len() < 4 << 20, "{}", run.stdout.len());
}

#[test]
fn a_ruined_interpreter_is_thrown_away() {
    for ruin in [
        "import gc\nfor thing in gc.get_objects():\n    try:\n        thing.clear()\n    except BaseException:\n        pass",
        "import sys\nsys.modules.clear()",
        "import builtins\nvars(builtins).clear()",
        "import os\nos.closerange(3, 5000)",
        "import os, sys\nsys.stdout = sys.stderr = None\nos.close(1), os.close(2)",
        "import sys\nsys.settrace(lambda *a: sys.exit(0))\nsys.setprofile(lambda *a: sys.exit(0))",
        "import sys\nsys.addaudithook(lambda *a: 1 / 0)",
    ] {
        let run = run(&project(&[ruin]), &[]);
        assert_eq!(run.snippets()[1]["stdout"], "undisturbed\n", "{ruin}\n{}", run.stdout);
    }
}

#[test]
fn who_outlives_a_session_writes_to_nobody() {
    let orphans = "
        import os, signal
        for _ in range(3):
            if os.fork() == 0:
                os.setsid()
                for number in range(1, 65):
                    try:
                        signal.signal(number, signal.SIG_IGN)
                    except (OSError, ValueError):
                        pass
                if os.fork() == 0:
                    while True:
                        os.write(2, b'orphan\\n')
                os._exit(0)
    ";
    let run = run(&project(&[orphans]), &[]);
    let snippets = run.snippets();
    assert_eq!((&snippets[1]["stdout"], &snippets[1]["stderr"]), (&"undisturbed\n".into(), &"".into()));
    assert_eq!(snippets[1]["verdict"], "passed");
}

/// Longer than any reply may be.
#[test]
fn names_without_measure_are_cut() {
    let attack = "
        names = {}
        long = 'f' * 60_000
        exec(f'def {long}(n):\\n    return 1 / n + {long}(n - 1)', names)
        names[long](99)
    ";
    let class = "raise type('T' * 5_000_000, (Exception,), {})";
    let run = run(&project(&[attack, class]), &[]);
    let kinds: Vec<_> = run.snippets().iter().map(|snippet| snippet["exception"]["type"].clone()).collect();
    assert_eq!(kinds, ["ZeroDivisionError".into(), "T".repeat(1000).into(), serde_json::Value::Null]);
}
