//! `--repeat` and `--vary`: what is the same in every run, what moves, and why.

use serde_json::Value;

use crate::project::{Project, Run, document};

/// Of each snippet: what moved, as `line cause`.
fn moved(run: &Run) -> Vec<Vec<String>> {
    let place = |moved: &Value| format!("{} {}", moved["line"], moved["cause"].as_str().unwrap());
    let of = |snippet: &Value| snippet["moved"].as_array().unwrap().iter().map(place).collect();
    run.snippets().iter().map(of).collect()
}

#[track_caller]
fn check(flags: &[&str], code: &str, expected: &[&str]) {
    let run = Project::document(&[code]).json(&[flags, &["a.md"]].concat());
    assert_eq!(moved(&run), [expected], "{run:?}");
}

const DRAWS: &str = "
    import os, random, secrets, tempfile, uuid
    print(os.urandom(40), random.random(), random.SystemRandom().random())
    print(secrets.token_hex(), uuid.uuid4(), tempfile.mkdtemp())
";

const PLACES: &str = "
    class A: pass
    print(A(), id(A), id(object()), [object() for _ in range(1000)][-1])
    import json, asyncio
    print(json.JSONDecoder())
";

#[test]
fn what_a_session_draws_is_the_same_in_every_run() {
    check(&["--repeat", "3"], DRAWS, &[]);
    let project = Project::document(&[DRAWS]);
    let [first, second] = [(); 2].map(|()| project.json(&["a.md"]).snippets()[0]["stdout"].clone());
    assert_eq!(first, second);
}

#[test]
fn objects_are_where_they_were() {
    check(&["--repeat", "3"], PLACES, &[]);
}

/// Their lengths decide how much a lane has read before.
#[test]
fn objects_are_where_they_were_whatever_ran_before() {
    let code = |lines: usize| format!("{}print(object(), type('A', (), {{}})())", "x = 1\n".repeat(lines));
    let texts: Vec<String> = [1, 50, 2000, 400].iter().map(|lines| document(&[&code(*lines)])).collect();
    let files = [("a.md", &*texts[0]), ("b.md", &*texts[1]), ("c.md", &*texts[2]), ("d/e.md", &*texts[3])];
    let run = Project::new(&files).json(&["--repeat", "4", "--jobs", "2", "."]);
    assert_eq!(run.code, 0, "{run:?}");
    assert_eq!(moved(&run), vec![Vec::<String>::new(); 4]);
}

#[test]
fn processes_of_a_session_draw_different_numbers() {
    let code = "
        import os, sys
        numbers = []
        for _ in range(4):
            read, write = os.pipe()
            if os.fork() == 0:
                os.write(write, os.urandom(16))
                os._exit(0)
            os.wait()
            numbers.append(os.read(read, 16))
        numbers.append(os.urandom(16))
        print(len(set(numbers)), [number.hex() for number in numbers])
    ";
    let run = Project::document(&[code]).json(&["--repeat", "2", "a.md"]);
    assert_eq!(moved(&run), [[""; 0]], "{run:?}");
    assert!(run.snippets()[0]["stdout"].as_str().unwrap().starts_with("5 "), "{run:?}");
}

/// Numbers that can be foretold are no keys: they must not leave a sandbox, and nothing outside of one draws them.
#[test]
fn what_can_leave_draws_from_the_kernel() {
    let code = "import os; print(os.urandom(8).hex())";
    let project = Project::document(&[code]);
    let foretold = project.json(&["a.md"]).snippets()[0]["stdout"].clone();
    for flags in [["--sandbox", "off"], ["--network", "host"]] {
        let drawn = |run: Run| run.snippets()[0]["stdout"].clone();
        let [first, second] = [(); 2].map(|()| drawn(project.json(&[&flags[..], &["a.md"]].concat())));
        assert!(first != second && first != foretold && second != foretold, "{first} {second} {foretold}");
        let run = project.json(&[&flags[..], &["--repeat", "2", "--vary", "a.md"]].concat());
        assert_eq!(moved(&run), [["1 random"]].map(|[_]| vec!["2 random".to_owned()]), "{run:?}");
    }
}

/// Where they are Python's, and each by itself.
#[test]
fn programs_of_a_session_draw_different_numbers() {
    let code = "
        import os, subprocess, sys
        draw = [sys.executable, '-c', 'import os; print(os.urandom(8).hex())']
        drawn = [subprocess.run(draw, capture_output=True).stdout for _ in range(2)]
        print(len({*drawn, os.urandom(8).hex().encode() + b'\\n'}), drawn)
    ";
    let run = Project::document(&[code]).json(&["--repeat", "2", "a.md"]);
    assert_eq!(moved(&run), [[""; 0]], "{run:?}");
    assert!(run.snippets()[0]["stdout"].as_str().unwrap().starts_with("3 "), "{run:?}");
}

#[test]
fn what_moves_fails_at_its_line() {
    let code = "
        print('before')
        print('number', open('/dev/urandom', 'rb').read(8).hex())
    ";
    let project = Project::document(&["x = 1", code]);
    let run = project.json(&["--repeat", "2", "a.md"]);
    assert_eq!(run.code, 1, "{run:?}");
    let snippets = run.snippets();
    assert_eq!([&snippets[0]["verdict"], &snippets[1]["verdict"]], ["passed", "failed"], "{run:?}");
    let (stdout, moved) = (snippets[1]["stdout"].as_str().unwrap(), &snippets[1]["moved"][0]);
    let (start, end) = (moved["start"].as_u64().unwrap(), moved["end"].as_u64().unwrap());
    assert_eq!(moved["before"], stdout[usize::try_from(start).unwrap()..usize::try_from(end).unwrap()]);
    assert_eq!((start, &moved["line"], &moved["run"]), (14, &7.into(), &2.into()), "{run:?}");
    assert_eq!(moved["cause"], "random", "{run:?}");
    let reason = snippets[1]["reasons"][0].as_str().unwrap();
    assert!(reason.starts_with("run 2 differs, random: line 7 wrote to stdout at byte 14: `"), "{reason}");
    assert_eq!(run.summary()["moved"], 1, "{run:?}");
}

#[test]
fn endings_and_exceptions_are_compared_too() {
    let draw = "int.from_bytes(open('/dev/urandom', 'rb').read(8))";
    check(&["--repeat", "2"], &format!("raise ValueError({draw})"), &["null random"]);
    check(&["--repeat", "2"], draw, &["null random"]);
    let run =
        Project::document(&[&format!("raise SystemExit({draw} % 250 + 1)")]).json(&["--repeat", "9", "a.md"]);
    assert_eq!(run.snippets()[0]["moved"][0]["aspect"], "ending", "{run:?}");
}

/// How far it gets until then is a matter of speed.
#[test]
fn of_what_a_limit_ends_only_the_ending_is_compared() {
    let code = "n = 0\nwhile True:\n    n += 1\n    print(n)";
    let run = Project::document(&[code]).json(&["--repeat", "2", "--timeout", "300ms", "a.md"]);
    assert_eq!(moved(&run), [[""; 0]], "{run:?}");
    let ending = &run.snippets()[0]["ending"];
    assert!(ending == "timed-out" || ending == "killed", "{run:?}");
}

/// The first run of a session goes to a document's snapshot, claims and report; the others only show what moves.
#[test]
fn repeated_runs_leave_everything_else_as_it_is() {
    let snippets = ["print(set('abc'))  # {'a', 'b', 'c'}", "print(1)  # 2", "raise ValueError('x')"];
    let project = Project::document(&snippets);
    let told = |flags: &[&str]| {
        let run = project.json(&[flags, &["a.md"]].concat());
        let keys = ["line", "verdict", "ending", "stdout", "claims", "reasons"];
        let snippets = run.snippets();
        let of = |snippet: &Value| keys.map(|key| snippet[key].to_string());
        (run.code, snippets.iter().map(of).collect::<Vec<_>>())
    };
    let once = told(&[]);
    assert_eq!(once.1.len(), 3);
    assert_eq!(told(&["--repeat", "3"]), once);
    assert_eq!(told(&["--repeat", "3", "--vary"]), once);
}

#[test]
fn each_condition_that_is_varied_moves_what_depends_on_it() {
    let code = "
        import random
        print('same')
        print(set('abcdefgh'))
        print('score:', random.random())
        print(object())
        print(len('same'))
    ";
    check(&["--repeat", "5", "--vary"], code, &["4 order", "5 random", "6 address"]);
    check(&["--repeat", "3", "--vary"], code, &["4 order", "5 random", "6 address"]);
    check(&["--repeat", "2", "--vary"], code, &["4 order", "5 random", "6 address"]);
    let run = Project::document(&[code]).json(&["--repeat", "5", "--vary", "a.md"]);
    assert_eq!((run.code, &run.snippets()[0]["verdict"]), (0, &"passed".into()), "{run:?}");
    let snippets = run.snippets();
    let redactions: Vec<&Value> =
        (0..3).map(|at| &snippets[0]["moved"][at]["redaction"]["replacement"]).collect();
    assert_eq!(redactions, [&Value::Null, &"score: …".into(), &Value::Null], "{run:?}");
    let redacted: Vec<&Value> = (0..3).map(|at| &snippets[0]["moved"][at]["redacted"]).collect();
    let [no, yes] = [false, true].map(Value::from);
    assert_eq!(redacted, [&no, &no, &yes], "{run:?}");
}

/// Of a session with a clock of its own.
#[test]
fn dates_move_with_the_start_of_the_clock() {
    let code = "import datetime, time; print(datetime.date.today(), time.monotonic() - time.monotonic() < 1)";
    check(&["--repeat", "2"], code, &[]);
    check(&["--repeat", "5", "--vary"], code, &["2 time"]);
}

#[test]
fn people_are_told_what_moves_and_what_to_do() {
    let code = "import random\nprint('score:', random.random(), object())";
    let run = Project::document(&[code]).run(&["run", "--repeat", "5", "--vary", "a.md"]);
    assert_eq!(run.code, 0, "{run:?}");
    for line in [
        "unstable              a.md:3  random: stdout `0.",
        r"hint: `# may vary` after it, or for snapshots redactions = [{ pattern = 'score: [0-9]+\.[0-9]+(?:e[+-]?[0-9]+)?', replacement = 'score: …' }]",
        "unstable              a.md:3  address: stdout `0x7ffff",
        "hint: `# may vary` after it; snapshots leave it out already",
        "1 passed, 1 unstable",
    ] {
        assert!(run.stdout.contains(line), "{line} {run:?}");
    }
}

#[test]
fn what_the_document_marks_may_move() {
    check(&["--repeat", "2"], "print(open('/dev/urandom', 'rb').read(8))  # may vary", &[]);
    let ignored =
        "<!-- nbval -->\n```python\n# NBVAL_IGNORE_OUTPUT\nprint(open('/dev/urandom', 'rb').read(8))\n```";
    let run = Project::new(&[("a.md", ignored)]).json(&["--repeat", "2", "a.md"]);
    assert_eq!(moved(&run), [[""; 0]], "{run:?}");
}

#[test]
fn snippets_stay_in_order() {
    let snippets =
        ["print(1)", "print(open('/dev/urandom', 'rb').read(8))", "```python isolated\nprint(3)", "print(4)"];
    let run = Project::document(&snippets).json(&["--repeat", "3", "--vary", "a.md"]);
    let lines: Vec<u64> = run.snippets().iter().map(|snippet| snippet["line"].as_u64().unwrap()).collect();
    assert_eq!(lines, [2, 6, 10, 14], "{run:?}");
}

#[test]
fn folders_are_listed_in_order() {
    let code = "
        import glob, os, pathlib
        for name in ['b', 'é', 'a', '.c', 'B', 'a10', 'a9']:
            open(name, 'w').close()
        print(os.listdir(), [entry.name for entry in os.scandir()], glob.glob('a*'))
        print([path.name for path in pathlib.Path().iterdir()])
        descriptor = os.open('.', os.O_RDONLY)
        print(os.listdir(descriptor), os.listdir(descriptor))
    ";
    let run = Project::document(&[code]).json(&["a.md"]);
    let names = "['.c', 'B', 'a', 'a.md', 'a10', 'a9', 'b', 'é']";
    let expected = format!("{names} {names} ['a', 'a.md', 'a10', 'a9']\n{names}\n{names} {names}\n");
    assert_eq!(run.snippets()[0]["stdout"], expected, "{run:?}");
}

#[test]
fn numbers_of_runs_are_checked() {
    let project = Project::document(&["1"]);
    for (words, complaint) in [
        (&["--repeat", "1"][..], "expected a whole number from 2 to 100"),
        (&["--repeat", "101"], "expected a whole number from 2 to 100"),
        (&["--vary"], "--repeat <N>"),
    ] {
        let run = project.run(&[&["run"], words, &["a.md"]].concat());
        assert_eq!(run.code, 2, "{run:?}");
        assert!(run.stderr.contains(complaint), "{run:?}");
    }
}
