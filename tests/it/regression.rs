//! What once went wrong.

use crate::project::{DEADLINE, Project, document};
use crate::story::check;

#[test]
fn output_of_a_snippet_was_told_as_that_of_the_one_before() {
    let snippets: Vec<String> = (0..300).map(|number| format!("print({number})")).collect();
    let snippets: Vec<&str> = snippets.iter().map(String::as_str).collect();
    let run = Project::document(&snippets).json(&["a.md"]);
    let wrong: Vec<usize> = run
        .snippets()
        .iter()
        .enumerate()
        .filter(|(number, snippet)| snippet["stdout"] != format!("{number}\n"))
        .map(|(number, _)| number)
        .collect();
    assert_eq!(wrong, Vec::<usize>::new());
}

#[test]
fn the_spelling_that_a_hint_advised_was_not_found() {
    check(
        &["```python raises=json.JSONDecodeError\nimport json\njson.loads('')"],
        &["passed raised | json.decoder.JSONDecodeError: Expecting value: line 1 column 1 (char 0) @3"],
    );
}

#[test]
fn an_announced_exit_was_never_found() {
    check(&["```python raises=SystemExit\nimport sys\nsys.exit(3)"], &["passed exited | cause exit 3.0"]);
}

#[test]
fn a_task_could_not_be_made_at_the_top_level() {
    check(
        &[
            "
                import asyncio

                async def work():
                    return 7

                task = asyncio.create_task(work())
                await task
            ",
            "task = asyncio.create_task(work())",
            "await task",
        ],
        &["passed completed | value 7", "passed completed", "passed completed | value 7"],
    );
}

#[test]
fn a_label_with_a_slip_was_passed_over_in_silence() {
    let project = Project::new(&[("a.md", "```pyton\n1 / 0\n```\n\n```python\nx = 1\n```\n")]);
    let run = project.json(&["a.md", "--check"]);
    assert_eq!((&run.summary()["suspicious"], run.code), (&1.into(), 1));
}

#[test]
fn reasons_of_what_did_not_run_were_said_twice() {
    let project = Project::new(&[(
        "a.md",
        &document(&[
            "import os",
            "os._exit(1)",
            "os._exit(1)",
            "os._exit(1)",
            "os._exit(1)",
            "print('five')",
        ]),
    )]);
    let run = project.run(&["run", "a.md"]);
    let reason = "the session had to be started again too often";
    assert_eq!(run.stdout.matches(reason).count(), 1, "{}", run.stdout);
}

/// Folders were handed over as `pathlib.Path`, which `sys.path` and `os.environ` do not take.
#[test]
fn folders_of_the_settings_were_not_importable() {
    let project = Project::new(&[
        (
            "README.md",
            &document(&[
                "import mine, sys\nprint(mine.WORD, all(isinstance(path, str) for path in sys.path))",
            ]),
        ),
        ("src/mine.py", "WORD = 'hello'\n"),
        ("pyproject.toml", "[tool.snipcheck]\npythonpath = ['src']\n"),
    ]);
    project.json(&[]).tells(&["passed completed | stdout hello True⏎"]);
}

/// The grandchild holds a pipe open and would write to it in the end.
#[test]
fn without_a_sandbox_a_grandchild_survived_the_timeout() {
    let sleeper = "```python timeout=500ms\nimport os\nos.system('(sleep 5; echo survived) > pipe & wait')";
    let project = Project::document(&[sleeper]);
    let pipe = project.path("pipe");
    nix::unistd::mkfifo(&pipe, nix::sys::stat::Mode::S_IRWXU).unwrap();
    let (sender, written) = std::sync::mpsc::channel();
    std::thread::spawn(move || sender.send(std::fs::read_to_string(pipe).unwrap()));
    project
        .json(&["--sandbox=off", "a.md"])
        .tells(&["failed timed-out | cause wall over 0.5 s | - took more than 0.5 s of wall time"]);
    assert_eq!(written.recv_timeout(DEADLINE).as_deref(), Ok(""));
}

#[test]
fn a_user_namespace_gave_privileges_back() {
    check(
        &["import ctypes\nprint(ctypes.CDLL(None).unshare(0x10000000))"],
        &["passed completed | stdout -1⏎"],
    );
}

#[test]
fn a_forked_child_spoke_for_its_parent() {
    check(
        &[
            "
                import os
                pid = os.fork()
                if pid == 0:
                    print('child')
                else:
                    os.waitpid(pid, 0)
                    print('parent')
            ",
            "print('next', pid == 0)",
        ],
        &["passed completed | stdout child⏎parent⏎", "passed completed | stdout next False⏎"],
    );
}

#[test]
fn an_error_of_a_stream_had_no_number() {
    check(
        &["
                import os
                os.close(1)
                try:
                    print('x', flush=True)
                except OSError as error:
                    os.write(2, repr(error.errno).encode())
                None
            "],
        &["passed completed | stderr 9"],
    );
}

#[test]
fn a_message_with_an_empty_first_line_was_cut_to_an_escape() {
    let run = Project::document(&["raise ValueError('\\n\\nlate')"]).json(&["a.md"]);
    let reason = run.snippets()[0]["reasons"][0].as_str().unwrap().to_owned();
    assert!(!reason.contains("\\u{20}"), "{reason}");
}

#[test]
fn an_exception_without_a_module_ended_the_session() {
    let odd = "
        class Meta(type):
            __module__ = property(lambda self: 1 / 0)

        class Odd(Exception, metaclass=Meta):
            pass

        raise Odd('odd')
    ";
    check(&[odd, "print('next')"], &["failed raised | Odd: odd @8", "passed completed | stdout next⏎"]);
}

/// The marks in the output were its own to copy: each forged end began a new count of what is kept.
#[test]
fn forged_step_ends_do_not_lift_the_output_limit() {
    let forge = "
        import os

        reader, seen = os.open('/proc/self/fd/1', os.O_RDONLY | os.O_NONBLOCK), b''
        while len(seen) < 40:
            print('#' * 7)
            try:
                seen += os.read(reader, 100)
            except BlockingIOError:
                pass
        at = seen.find(b'#######\\n')
        end = seen[at - 24:at - 8] + b'\\xff' * 4 + bytes(4)
        for _ in range(300):
            os.write(1, b'x' * 999_000 + end)
    ";
    let project = Project::document(&[forge, "print('next')"]);
    let run = project.json(&["a.md"]);
    let [forged, next] = &run.snippets()[..] else { panic!("{run:?}") };
    assert_eq!((&forged["ending"], &forged["cause"]["kind"]), (&"killed".into(), &"output".into()));
    assert!(run.stdout.len() < 8 << 20, "{} bytes reported", run.stdout.len());
    assert_eq!(next["stdout"], "next\n");
}

#[test]
fn a_segmentation_fault_that_is_sent_is_one() {
    check(
        &["import os, signal\nos.kill(os.getpid(), signal.SIGSEGV)\nprint('alive')"],
        &["failed killed | cause signal (SIGSEGV) | - killed by SIGSEGV"],
    );
}

#[test]
fn a_project_in_var_tmp_has_namespaces() {
    let project = Project::new(&[]);
    let folder = tempfile::tempdir_in("/var/tmp").unwrap();
    let document = folder.path().join("a.md");
    std::fs::write(&document, "```python\nprint(1)\n```\n").unwrap();
    project
        .json(&["--sandbox=require-a", document.to_str().unwrap()])
        .tells(&["passed completed | stdout 1⏎"]);
}

/// Verdicts of all claims, and how much is said to be wrong.
#[track_caller]
fn claims(document: &str, expected: &[&str]) {
    let run = Project::new(&[("a.md", document)]).json(&["a.md"]);
    let snippets = run.snippets();
    let found = snippets.iter().filter_map(|snippet| snippet["claims"].as_array()).flatten();
    let found: Vec<String> = found.map(|claim| format!("{} {}", claim["line"], claim["verdict"])).collect();
    let expected: Vec<String> = expected.iter().map(|words| words.replace(' ', " \"") + "\"").collect();
    assert_eq!(found, expected, "{document}\n{run:?}");
}

#[test]
fn a_file_below_the_code_that_writes_it_was_taken_for_output() {
    let written = "```python\nfrom pathlib import Path\nPath('a').write_text('k=1\\n')\n```\n\n";
    claims(&format!("{written}```\nk=1\n```\n"), &[]);
    claims(&format!("{written}Output:\n\n```\nk=1\n```\n"), &["9 broken"]);
    claims("```python\nprint(1)\n```\n\n```\n2\n```\n", &["6 broken"]);
    claims("```python\nsorted([2, 1])\n```\n\n```\n[2, 1]\n```\n", &["6 broken"]);
    claims("```python\nprint(1)\n```\n\n```\n```\n", &[]);
}

#[test]
fn json_below_a_value_was_compared_with_its_repr() {
    let code = "```python\n{'a': [True, None]}\n```\n\n";
    claims(&format!("{code}```json\n{{\"a\": [true, null]}}\n```\n"), &["6 holds"]);
    claims(&format!("{code}```json\n{{\"a\": [true, 1]}}\n```\n"), &["6 broken"]);
}

#[test]
fn what_no_run_repeats_was_called_false() {
    let code = |line: &str| format!("```python\nimport datetime, math, os, random, uuid\n{line}\n```\n");
    claims(&code("datetime.datetime.now().year  # 1999"), &["3 unstable"]);
    claims(&code("os.getpid()  # 123456789"), &["3 unstable"]);
    claims(&code("uuid.uuid4()  # UUID('3f2504e0-4f89-41d3-9a0c-0305e82c3301')"), &["3 unstable"]);
    claims(&code("random.random()  # 0.5 (random)"), &["3 unstable"]);
    claims(&code("math.sqrt(2)  # 1.4142"), &["3 holds"]);
    claims(&code("math.sqrt(2)  # 1.4143"), &["3 broken"]);
    claims(&code("0.1 + 0.2  # 0.3"), &["3 broken"]);
}

#[test]
fn a_fence_between_output_comments_was_compared_with_its_fences() {
    let document = "```python\nprint(1)\n```\n<!-- OUTPUT:START -->\n\n```\n1\n```\n\n<!-- OUTPUT:END -->\n";
    claims(document, &["7 holds"]);
}

#[test]
fn an_exception_instead_of_output_was_shown_as_its_header() {
    let project = Project::new(&[("a.md", "```pycon\n>>> {}['a']\n1\n```\n")]);
    let run = project.run(&["run", "a.md"]);
    assert!(run.stdout.contains("line 3 says `1`, but it raises `KeyError: 'a'`"), "{run:?}");
    assert!(!run.stdout.contains("Traceback"), "{run:?}");
}

#[test]
fn lines_that_a_comment_names_side_by_side_were_told_as_the_first() {
    let run = Project::document(&["for i in range(3):\n    print(i)  # 0, 1, 3"]).json(&["a.md"]);
    assert_eq!(run.snippets()[0]["reasons"][0], "line 3 says `0, 1, 3`, but it is `0, 1, 2`");
}

#[test]
fn code_that_nests_too_deep_ended_the_program() {
    for code in ["1+".repeat(200_000), "lambda: ".repeat(200_000), "[".repeat(200_000), "-".repeat(200_000)] {
        let project = Project::document(&[&format!("x = {code}1  # {code}1"), "print('alive')"]);
        assert_eq!(project.run(&["list", "a.md"]).code, 0);
        let run = project.json(&["a.md"]);
        assert_eq!((run.code, &run.snippets()[1]["stdout"]), (1, &"alive\n".into()));
    }
}

#[test]
fn prompts_that_need_a_module_failed_without_it() {
    let document =
        "A\n=\n\n.. doctest-requires:: no_such_module\n\n   >>> import no_such_module\n   >>> 1\n   1\n";
    let run = Project::new(&[("a.rst", document)]).json(&["a.rst"]);
    assert_eq!((run.code, &run.snippets()[0]["verdict"]), (0, &"skipped".into()), "{run:?}");
}
