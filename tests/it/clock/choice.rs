//! Which clock a snippet has, and who may say so.

use crate::project::{Project, Run};

const SETTINGS: &str = "problem pyproject.toml:2 `clock` asks for `real`, settings can give `virtual` | hint \
                        `--clock real` gives it; `--trust` lets the project's own settings widen";

fn documents(line: u32) -> String {
    format!(
        "problem a.md:{line} `clock` asks for `real`, documents can get `virtual` | hint `--clock real` gives it; \
         `--trust` lets the project's own documents widen"
    )
}

/// Says nothing but that it ran.
const RAN: &str = "passed completed";

/// What each snippet had.
fn clocks(run: &Run) -> Vec<String> {
    run.snippets().iter().map(|snippet| snippet["clock"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_real_clock_is_the_caller_s_to_give() {
    let plain = "```python\nx = 1\n```\n";
    let fence = "```python clock=real\nx = 1\n```\n";
    let comment = "<!-- snipcheck: clock=real -->\n```python\nx = 1\n```\n";
    let page = "---\nsnipcheck:\n  clock: real\n---\n```python\nx = 1\n```\n";
    for (text, settings, problem) in [
        (plain, "clock = 'real'", SETTINGS.to_owned()),
        (fence, "", documents(1)),
        (comment, "", documents(2)),
        (page, "", documents(5)),
    ] {
        let project = Project::new(&[("a.md", text)]);
        project.write("pyproject.toml", format!("[tool.snipcheck]\n{settings}\n"));
        project.json(&["a.md"]).tells(&[&problem, RAN]);
        for words in [&["a.md", "--trust"][..], &["a.md", "--clock", "real"]] {
            let run = project.json(words);
            run.tells(&[RAN]);
            assert_eq!(clocks(&run), ["real"], "{run:?}");
        }
        // The caller's word is the last one.
        project.json(&["a.md", "--clock=virtual"]).tells(&[RAN]);
        project.json(&["a.md", "--clock=virtual", "--trust"]).tells(&[RAN]);
    }
}

#[test]
fn a_virtual_clock_is_anybody_s_to_ask_for() {
    let text = "```python clock=virtual\nx = 1\n```\n";
    let project = Project::new(&[("a.md", text)]);
    project.write("pyproject.toml", "[tool.snipcheck]\nclock = 'virtual'\n");
    project.json(&["a.md"]).tells(&[RAN]);
    project.json(&["a.md", "--untrusted"]).tells(&[RAN]);
}

#[test]
fn words_that_are_no_clock() {
    let project =
        Project::new(&[("a.md", "```python clock=fast\nx = 1\n```\n\n```python clok=real\ny = 2\n```\n")]);
    project.json(&["a.md"]).tells(&[
        "problem a.md:1 `clock` takes `virtual` or `real`, not `fast`",
        "problem a.md:5 unknown directive `clok` | hint did you mean `clock`?",
        RAN,
        RAN,
    ]);
    let run = project.run(&["run", "a.md", "--clock", "fast"]);
    assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{run:?}");
    assert!(run.stderr.contains("[possible values: virtual, real]"), "{run:?}");
    project.write("pyproject.toml", "[tool.snipcheck]\nclock = 'fast'\n");
    let run = project.run(&["run", "a.md"]);
    assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{run:?}");
    assert!(run.stderr.contains("`virtual`, `real`"), "{run:?}");
}

#[test]
fn waiting_takes_no_time() {
    let project =
        Project::document(&["import time\ntime.sleep(90)\nprint(round(time.monotonic()) % 7)", "x = 1"]);
    let run = project.json(&["a.md"]);
    let [slept, other] = &run.snippets()[..] else { panic!("{run:?}") };
    assert_eq!((&slept["verdict"], &slept["clock"]), (&"passed".into(), &"virtual".into()), "{run:?}");
    let virtual_seconds = slept["virtual_ms"].as_f64().unwrap() / 1000.0;
    assert!(
        (90.0..90.5).contains(&virtual_seconds) && slept["wall_ms"].as_f64().unwrap() < 5000.0,
        "{slept}"
    );
    assert!(other["virtual_ms"].as_f64().unwrap() < 500.0, "{other}");
    let told = project.run(&["run", "a.md"]);
    assert!(told.stdout.contains("2 passed\n  clock: 90.0 s of waiting took none\n"), "{told:?}");
    let quiet = project.run(&["run", "-q", "a.md"]);
    assert!(!quiet.stdout.contains("clock:"), "{quiet:?}");
}

#[test]
fn what_the_real_clock_shows_is_said() {
    let project = Project::new(&[(
        "a.md",
        "```python clock=real\nimport time\nx = time.time()\n```\n\n```python\ny = time.time()\n```\n",
    )]);
    let run = project.json(&["a.md", "--trust"]);
    assert_eq!(clocks(&run), ["real", "virtual"], "{run:?}");
    assert!(run.snippets()[0]["virtual_ms"].is_null(), "{run:?}");
    let told = project.run(&["run", "-v", "--trust", "a.md"]);
    let marked: Vec<_> = told.stdout.lines().filter(|line| line.ends_with("  on the real clock")).collect();
    assert!(marked.len() == 1 && marked[0].contains("a.md:2 "), "{told:?}");
}
