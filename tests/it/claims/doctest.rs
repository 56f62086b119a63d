//! Blocks of `>>>` prompts, run and compared as doctest does it.

use crate::project::{Project, Run};

/// Line, verdict, words and what happened of every claim.
fn claims(run: &Run) -> Vec<String> {
    let snippets = run.snippets();
    let claims = snippets.iter().flat_map(|snippet| snippet["claims"].as_array().unwrap());
    let word = |value: &serde_json::Value| {
        value.as_str().map_or_else(|| "-".to_owned(), |text| text.replace('\n', "⏎"))
    };
    claims
        .filter(|claim| claim["verdict"] != "remark")
        .map(|claim| {
            let (verdict, text, actual) =
                (word(&claim["verdict"]), word(&claim["text"]), word(&claim["actual"]));
            format!("{} {verdict} | {text} | {actual}", claim["line"])
        })
        .collect()
}

#[track_caller]
fn check(text: &str, expected: &[&str]) -> Run {
    let run = Project::new(&[("a.md", text)]).json(&["a.md"]);
    assert_eq!(claims(&run), expected, "{run:?}");
    run
}

#[test]
fn prompts_are_run_and_compared_whatever_the_label() {
    for label in ["python", "pycon", "", "console", "{doctest}"] {
        let run = check(
            &format!("```{label}\n>>> x = 20\n>>> x + 1\n21\n>>> print(x, end='')\n20\n>>> x\n22\n```\n"),
            &["4 holds | 21 | 21", "6 holds | 20 | 20", "8 broken | 22 | 20"],
        );
        let snippet = &run.snippets()[0];
        assert_eq!(
            (&snippet["verdict"], &snippet["ending"]),
            (&"failed".into(), &"completed".into()),
            "{label}"
        );
        assert_eq!(snippet["reasons"][0], "line 8 says `22`, but it is `20`");
        assert_eq!(run.code, 1);
    }
}

#[test]
fn sessions_share_the_names_of_their_document() {
    let text = "```python\nx = 1\n```\n\n```\n>>> x\n1\n>>> y = x + 1\n```\n\n```py\nassert y == 2\n```\n";
    let run = check(text, &["7 holds | 1 | 1"]);
    assert_eq!((run.code, run.snippets().len()), (0, 3));
}

#[test]
fn an_exception_ends_its_example_only() {
    check(
        "```pycon\n>>> 1 / 0\nTraceback (most recent call last):\n  ...\nZeroDivisionError: division by zero\n\
         >>> 1 / 0\n>>> raise SystemExit(3)\n>>> 1 +\n>>> import json\n>>> json.loads('')  # doctest: +IGNORE_EXCEPTION_DETAIL\n\
         Traceback (most recent call last):\nValueError\n>>> 2\n2\n```\n",
        &[
            "3 holds | Traceback (most recent call last):⏎  ...⏎ZeroDivisionError: division by zero \
             | Traceback (most recent call last):⏎    ...⏎ZeroDivisionError: division by zero",
            "6 broken |  | Traceback (most recent call last):⏎    ...⏎ZeroDivisionError: division by zero",
            "7 broken |  | Traceback (most recent call last):⏎    ...⏎SystemExit: 3",
            "8 broken |  | Traceback (most recent call last):⏎    ...⏎SyntaxError: invalid syntax",
            "11 broken | Traceback (most recent call last):⏎ValueError | Traceback (most recent call last):⏎    ...⏎\
             json.decoder.JSONDecodeError: Expecting value: line 1 column 1 (char 0)",
            "14 holds | 2 | 2",
        ],
    );
}

#[test]
fn what_never_ran_is_not_reached() {
    let run = check(
        "```pycon\n>>> 1\n1\n>>> import os; os._exit(3)\n>>> 2\n2\n```\n",
        &["3 holds | 1 | 1", "6 not-reached | 2 | -"],
    );
    assert_eq!(run.snippets()[0]["ending"], "exited");
}

#[test]
fn flags_come_from_comments_settings_and_pytest() {
    let text = "```pycon\n>>> list(range(9))\n[0, ..., 8]\n>>> list(range(9))  # doctest: -ELLIPSIS\n[0, ..., 8]\n```\n";
    let broken = "5 broken | [0, ..., 8] | [0, 1, 2, 3, 4, 5, 6, 7, 8]";
    for settings in [
        "[tool.snipcheck]\ndoctest_optionflags = ['ELLIPSIS']\n",
        "[tool.pytest.ini_options]\ndoctest_optionflags = 'ELLIPSIS'\n",
    ] {
        let run = Project::new(&[("a.md", text), ("pyproject.toml", settings)]).json(&["a.md"]);
        assert_eq!(claims(&run), ["3 holds | [0, ..., 8] | [0, 1, 2, 3, 4, 5, 6, 7, 8]", broken]);
    }
    let run = Project::new(&[("a.md", text)]).json(&["a.md"]);
    assert_eq!(claims(&run)[1], broken);
    assert_eq!(claims(&run)[0].replacen('3', "5", 1), broken);
}

#[test]
fn skipped_examples_make_no_claim() {
    let run =
        check("```pycon\n>>> 1 / 0  # doctest: +SKIP\n>>> open('x')  # doctest: +REMOTE_DATA\n```\n", &[]);
    assert_eq!((run.code, &run.snippets()[0]["verdict"]), (0, &"passed".into()));
}

#[test]
fn conditions_are_asked_in_the_session() {
    check(
        "```pycon\n>>> # xdoctest: +REQUIRES(module:no_such_module)\n>>> 1 / 0\n1\n\
         >>> # xdoctest: -REQUIRES(module:no_such_module)\n>>> 2  # xdoctest: +REQUIRES(module:json)\n3\n```\n",
        &["7 broken | 3 | 2"],
    );
}

#[test]
fn warnings_are_output_where_that_is_asked_for() {
    check(
        "```pycon\n>>> import warnings\n>>> warnings.warn('old')  # doctest: +SHOW_WARNINGS\nUserWarning: old\n\
         >>> sorted(name for name in dir() if 'snipcheck' in name)\n[]\n```\n",
        &["4 holds | UserWarning: old | UserWarning: old", "6 holds | [] | []"],
    );
}

#[test]
fn unreadable_prompts_are_problems() {
    let run = check("```pycon\n>>>1\n>>> 2  # doctest: +ELIPSIS\n2\n```\n", &["4 holds | 2 | 2"]);
    let problems: Vec<_> = run
        .events()
        .iter()
        .filter(|event| event["event"] == "problem")
        .map(|problem| format!("{} {}", problem["line"], problem["message"].as_str().unwrap()))
        .collect();
    assert_eq!(problems, ["2 no blank after the prompt", "3 unknown option `+ELIPSIS`"]);
    assert_eq!(run.code, 1);
}

#[test]
fn a_session_has_a_snapshot_if_somebody_accepts_one() {
    let project = Project::new(&[("a.md", "```pycon\n>>> 1\n1\n>>> print('a')\na\n```\n")]);
    assert_eq!(project.run(&["accept", "a.md"]).code, 0);
    let files = project.files();
    let snapshot = files.iter().find(|file| file.contains(".snap")).expect("a snapshot");
    assert!(project.read(snapshot).ends_with("\n1\na\n"), "{}", project.read(snapshot));
    assert_eq!(project.run(&["run", "a.md"]).code, 0);
}
