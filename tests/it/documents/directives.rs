//! What fences, front matter and settings ask for.

use crate::project::{Project, document};
use crate::story::check;

#[test]
fn a_skipped_snippet_does_not_run() {
    check(
        &[
            "x = 1",
            "```python skip\nx = 2\nimport nowhere",
            "```python skip=\"needs a GPU\"\nx = 3",
            "```python skip=false\nprint(x)",
        ],
        &[
            "passed completed",
            "skipped not-run | - skip in the info string",
            "skipped not-run | - skip in the info string: needs a GPU",
            "passed completed | stdout 1⏎",
        ],
    );
}

#[test]
fn an_announced_exception_must_come() {
    check(
        &[
            "```python raises=ValueError\nprint('before')\nint('x')",
            "```python raises=KeyError\nint('x')",
            "```python raises=LookupError\n{}['x']",
            "```python raises=ValueError\nint('1')",
            "```python raises=json.decoder.JSONDecodeError\nimport json\njson.loads('')",
            "```python raises=JSONDecodeError\njson.loads('')",
        ],
        &[
            "passed raised | ValueError: invalid literal for int() with base 10: 'x' @3 | stdout before⏎",
            "failed raised | ValueError: invalid literal for int() with base 10: 'x' @7 | \
             - expected `KeyError`, but it raised `ValueError: invalid literal for int() with base 10: 'x'`",
            "passed raised | KeyError: 'x' @11",
            "failed completed | value 1 | - expected `ValueError`, but it completed",
            "passed raised | json.decoder.JSONDecodeError: Expecting value: line 1 column 1 (char 0) @20",
            "passed raised | json.decoder.JSONDecodeError: Expecting value: line 1 column 1 (char 0) @24",
        ],
    );
}

#[test]
fn a_comment_can_announce_the_exception_of_its_statement() {
    check(
        &["int('x')  # ValueError\nprint('goes on')", "int('x')  # KeyError\nprint('never')"],
        &[
            "passed completed | stdout goes on⏎",
            "failed raised | ValueError: invalid literal for int() with base 10: 'x' @7 | \
             - line 7 says `KeyError`, but it raises `ValueError: invalid literal for int() with base 10: 'x'`",
        ],
    );
}

#[test]
fn attributes_are_read_in_every_spelling() {
    check(
        &[
            "```python {skip=\"why\" .class #id}\n1 / 0",
            "```{.python raises=\"ValueError\"}\nint('x')",
            "```Python title=\"a.py\" skip\n1 / 0",
            "```py   hl_lines=\"1 2\"\nprint('run')",
            "``` python\nprint('run')",
        ],
        &[
            "skipped not-run | - skip in the info string: why",
            "passed raised | ValueError: invalid literal for int() with base 10: 'x' @6",
            "skipped not-run | - skip in the info string",
            "passed completed | stdout run⏎",
            "passed completed | stdout run⏎",
        ],
    );
}

#[test]
fn a_misspelt_directive_is_a_problem_that_names_ours() {
    check(
        &[
            "```python skp\nprint('runs')",
            "```python tiemout=3\nprint('runs')",
            "```python title=x\nprint('runs')",
        ],
        &[
            "problem a.md:1 unknown directive `skp` | hint did you mean `skip`?",
            "problem a.md:5 unknown directive `tiemout` | hint did you mean `timeout`?",
            "passed completed | stdout runs⏎",
            "passed completed | stdout runs⏎",
            "passed completed | stdout runs⏎",
        ],
    );
}

#[test]
fn a_wrong_value_is_a_problem() {
    check(
        &[
            "```python timeout=soon\nprint('runs')",
            "```python raises=\"no class\"\nprint('runs')",
            "```python files=../up\nprint('runs')",
        ],
        &[
            "problem a.md:1 `timeout` takes a time such as `3s`, not `soon` | hint units are `ms`, `s`, `m` and `h`; without one, seconds",
            "problem a.md:5 `raises` takes the name of an exception, not `no class` | \
             hint write `raises=ValueError` or `raises=json.JSONDecodeError`",
            "problem a.md:9 `files` takes names below `fixtures/`, not `../up` | hint neither absolute nor with `..`",
            "passed completed | stdout runs⏎",
            "passed completed | stdout runs⏎",
            "passed completed | stdout runs⏎",
        ],
    );
}

#[test]
fn a_document_cannot_lengthen_its_time() {
    let project = Project::document(&["```python timeout=1h\nwhile True: pass"]);
    project
        .json(&["a.md", "--timeout", "300ms"])
        .tells(&["failed timed-out | cause wall over 0.3 s | - took more than 0.3 s of wall time"]);
}

#[test]
fn files_are_put_beside_the_snippet() {
    let snippets = [
        "
            ```python files=data.csv,deep/more.csv
            import os
            print(open('data.csv').read(), open('more.csv').read())
            open('data.csv', 'w').write('changed')
        ",
        "
            ```python isolated files=data.csv
            import os
            print(open('data.csv').read(), os.path.exists('more.csv'))
        ",
    ];
    let project = Project::new(&[
        ("docs/a.md", &document(&snippets)),
        ("fixtures/data.csv", "data"),
        ("fixtures/deep/more.csv", "more"),
    ]);
    project
        .json(&["docs"])
        .tells(&["passed completed | value 7 | stdout data more⏎", "passed completed | stdout data False⏎"]);
    assert_eq!(project.read("fixtures/data.csv"), "data");
}

#[test]
fn setup_runs_first_and_is_not_judged() {
    let snippets =
        ["```python setup=names\nprint(name)", "```python isolated setup=names,more\nprint(name, more)"];
    let project = Project::new(&[
        ("a.md", &document(&snippets)),
        ("fixtures/names.py", "print('setup')\nname = 'ours'\n"),
        ("fixtures/more.py", "more = name * 2\n"),
    ]);
    project
        .json(&["a.md"])
        .tells(&["passed completed | stdout ours⏎", "passed completed | stdout ours oursours⏎"]);
}

#[test]
fn a_failing_setup_fails_its_snippet() {
    let project = Project::new(&[
        ("a.md", &document(&["```python setup=broken\nprint('snippet')", "print('next')"])),
        ("fixtures/broken.py", "print('setup')\n\n1 / 0\n"),
    ]);
    let run = project.json(&["a.md"]);
    let [snippet, next] = &run.snippets()[..] else { panic!("{run:?}") };
    assert_eq!((&snippet["verdict"], &snippet["ending"]), (&"failed".into(), &"raised".into()));
    assert_eq!(snippet["exception"]["type"], "ZeroDivisionError");
    assert!(snippet["reasons"].to_string().contains("its setup failed"), "{snippet}");
    assert!(
        snippet["exception"]["traceback"].as_str().unwrap().contains("fixtures/broken.py\", line 3"),
        "{snippet}"
    );
    assert_eq!((&next["verdict"], &next["stdout"]), (&"passed".into(), &"next\n".into()));
    assert_eq!((run.code, &*run.stderr), (1, ""));
}

#[test]
fn a_missing_fixture_is_located() {
    let project =
        Project::document(&["```python setup=nowhere\nprint('a')", "```python files=none.csv\nprint('b')"]);
    project.json(&["a.md"]).tells(&[
        "problem a.md:1 cannot read the fixture `fixtures/nowhere.py` | hint `setup=` names Python files there, without `.py`",
        "problem a.md:5 cannot read the fixture `fixtures/none.csv` | hint `files=` names files there",
        "passed completed | stdout a⏎",
        "passed completed | stdout b⏎",
    ]);
}

#[test]
fn front_matter_speaks_for_the_document() {
    let text = "\
---
title: A
snipcheck:
  raises: ValueError
---

```python
int('x')
```

```python raises=KeyError
{}['x']
```
";
    let project = Project::new(&[("a.md", text)]);
    project.json(&["a.md"]).tells(&[
        "passed raised | ValueError: invalid literal for int() with base 10: 'x' @8",
        "passed raised | KeyError: 'x' @12",
    ]);
}

#[test]
fn front_matter_in_toml_can_skip() {
    let text = "+++\n[snipcheck]\nskip = \"later\"\n+++\n\n```python\n1 / 0\n```\n\n```python skip=false\nprint('run')\n```\n";
    let project = Project::new(&[("a.md", text)]);
    project
        .json(&["a.md"])
        .tells(&["skipped not-run | - skip in the front matter: later", "passed completed | stdout run⏎"]);
}

#[test]
fn a_slip_in_front_matter_is_located() {
    let text = "---\nsnipcheck:\n  timout: 3\n---\n\n```python\nprint('run')\n```\n";
    let project = Project::new(&[("a.md", text)]);
    project.json(&["a.md"]).tells(&[
        "problem a.md:3 unknown directive `timout` | hint did you mean `timeout`?",
        "passed completed | stdout run⏎",
    ]);
}

#[test]
fn what_is_no_script_is_told_apart() {
    let text = "```pycon\n1\n```\n\n```bash\nexit 1\n```\n\n````\n```python\n1 / 0\n```\n````\n\n```python\nprint('open')\n";
    let project = Project::new(&[("a.md", text)]);
    let run = project.json(&["a.md"]);
    let reasons: Vec<String> = run
        .snippets()
        .iter()
        .map(|snippet| format!("{} {}", snippet["line"], snippet["reasons"][0]))
        .collect();
    assert_eq!(
        reasons,
        [
            "2 \"a console session without `>>>` prompts\"",
            "16 \"no closing fence: the block runs to line 16, where its container ends\"",
        ]
    );
    let summary = run.summary();
    assert_eq!(
        (&summary["skipped"], &summary["suspicious"], &summary["not_runnable"]),
        (&2.into(), &1.into(), &1.into())
    );
    assert_eq!((run.code, project.json(&["a.md", "--check"]).code), (0, 1));
}
