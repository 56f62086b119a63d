//! Which documents and snippets run, and what is said where there are none.

use std::fs;

use crate::project::{Project, document};

const README: &str = "\
# Install

```python
x = 'readme'
print(x)
```

# Use

```python
print(x, 'again')
```

```python
print('end')
```
";

fn three() -> Project {
    Project::new(&[
        ("README.md", README),
        ("docs/guide.md", "```python\nprint('guide')\n```\n"),
        ("docs/deep/more.markdown", "```python\nprint('more')\n```\n"),
        ("notes.txt", "```python\nprint('notes')\n```\n"),
    ])
}

/// What the chosen snippets printed, by their ids.
#[track_caller]
fn chosen(project: &Project, arguments: &[&str], expected: &[(&str, &str)]) {
    let run = project.json(arguments);
    let printed: Vec<(String, String)> = run
        .snippets()
        .iter()
        .map(|snippet| {
            (
                snippet["id"].as_str().unwrap().to_owned(),
                snippet["stdout"].as_str().unwrap().trim().to_owned(),
            )
        })
        .collect();
    let mut printed: Vec<(&str, &str)> = printed.iter().map(|(id, text)| (&**id, &**text)).collect();
    printed.sort_unstable();
    assert_eq!(printed, expected, "{arguments:?}");
    assert_eq!((run.code, &*run.stderr), (0, ""), "{}", run.stdout);
}

const INSTALL: (&str, &str) = ("README.md::install::1", "readme");
const USE: (&str, &str) = ("README.md::use::1", "readme again");
const END: (&str, &str) = ("README.md::use::2", "end");
const GUIDE: (&str, &str) = ("docs/guide.md::top::1", "guide");
const MORE: (&str, &str) = ("docs/deep/more.markdown::top::1", "more");

#[test]
fn without_a_word_the_usual_documents_run() {
    chosen(&three(), &[], &[INSTALL, USE, END, MORE, GUIDE]);
}

#[test]
fn files_folders_and_globs() {
    let project = three();
    chosen(&project, &["docs"], &[MORE, GUIDE]);
    chosen(&project, &["docs/guide.md", "./docs/../docs/guide.md"], &[GUIDE]);
    chosen(&project, &["**/*.markdown"], &[MORE]);
    chosen(&project, &["notes.txt"], &[("notes.txt::top::1", "notes")]);
}

#[test]
fn paths_are_those_of_the_current_folder() {
    let project = three();
    let run = project.call(&["run", "--format", "json", "guide.md"]).within("docs").run();
    assert_eq!((run.code, &run.snippets()[0]["id"]), (0, &"guide.md::top::1".into()));
}

#[test]
fn a_line_judges_one_snippet_and_runs_what_it_builds_on() {
    let project = three();
    chosen(&project, &["README.md:11"], &[USE]);
    chosen(&project, &["README.md:10"], &[USE]);
    chosen(&project, &["README.md:4", "README.md:15"], &[INSTALL, END]);
}

#[test]
fn a_line_outside_of_every_snippet_is_a_problem() {
    let run = three().json(&["README.md:1"]);
    run.tells(&[
        "problem README.md:1 no Python block at this line | hint the nearest one is `README.md::install::1` at lines 3 to 6",
    ]);
}

#[test]
fn a_range_of_lines_judges_all_that_it_touches() {
    let project = three();
    chosen(&project, &["README.md:6-10"], &[INSTALL, USE]);
    chosen(&project, &["README.md:12-99"], &[USE, END]);
    project.json(&["README.md:1-2"]).tells(&[
        "problem README.md:1 no Python block at lines 1 to 2 | hint the nearest one is `README.md::install::1` at lines 3 to 6",
    ]);
}

#[test]
fn an_id_judges_one_snippet() {
    let project = three();
    chosen(&project, &["README.md::use::1"], &[USE]);
    chosen(&project, &["./README.md::use::2", "README.md:4", "docs"], &[INSTALL, END, MORE, GUIDE]);
    project.write("pyproject.toml", "[tool.snipcheck]\n");
    let run = project.call(&["run", "--format", "json", "../README.md::use::1"]).within("docs").run();
    assert_eq!((run.code, &run.snippets()[0]["id"]), (0, &"README.md::use::1".into()));

    project.json(&["README.md::used::1"]).tells(&[
        "problem README.md no Python block is called `README.md::used::1` | hint the nearest one is \
         `README.md::use::1`; `snipcheck list` has all of them",
    ]);
}

#[test]
fn a_slip_in_a_path_names_the_neighbour() {
    let project = three();
    for (word, hint) in [
        ("READM.md", "did you mean `README.md`? "),
        ("docs/giude.md", "did you mean `docs/guide.md`? "),
        ("doc", "did you mean `docs`? "),
        ("elsewhere.md", ""),
        ("a", ""),
    ] {
        let run = project.json(&[word]);
        let looked =
            format!("problem {word} no such file or folder | hint {hint}looked for `[project]/{word}`");
        run.tells(&[&looked]);
    }
}

#[test]
fn verbs_may_stand_behind_their_flags() {
    let project = three();
    let run = project.run(&["--timeout", "5s", "--format", "json", "run", "docs"]);
    run.tells(&["passed completed | stdout more⏎", "passed completed | stdout guide⏎"]);
    let run = project.run(&["--format", "json", "list", "docs/guide.md"]);
    assert_eq!((run.code, run.stdout.starts_with('[')), (0, true), "{}", run.stdout);
    project.write("run", "# A document of that name\n");
    let run = project.run(&["--timeout", "5s", "run"]);
    assert!(run.stdout.contains("no Python snippets in 1 document"), "{}", run.stdout);
}

#[test]
fn a_choice_counts_its_own_documents() {
    let run = three().run(&["run", "-k", "guide"]);
    assert!(run.stdout.contains("1 snippet in 1 document: 1 passed"), "{}", run.stdout);
    let run = three().run(&["run"]);
    assert!(run.stdout.contains("5 snippets in 3 documents: 5 passed"), "{}", run.stdout);
}

#[test]
fn context_that_fails_is_not_judged() {
    let project = Project::document(&["1 / 0", "import os\nos._exit(1)", "print('mine')"]);
    project.json(&["a.md:11"]).tells(&["passed completed | stdout mine⏎"]);
}

#[test]
fn patterns_choose_by_id() {
    let project = three();
    chosen(&project, &["-k", "INSTALL"], &[INSTALL]);
    chosen(&project, &["-k", "install", "-k", "guide"], &[INSTALL, GUIDE]);
    chosen(&project, &["docs", "-k", "top"], &[MORE, GUIDE]);
}

#[test]
fn the_last_failures_run_again() {
    let project = Project::document(&["x = 1", "assert x == 2", "print('fine')", "import no_such_package"]);
    assert_eq!(project.json(&["a.md"]).code, 1);
    let again = project.json(&["a.md", "--last-failed"]);
    let ids: Vec<_> = again.snippets().iter().map(|snippet| snippet["id"].to_string()).collect();
    assert_eq!(ids, ["\"a.md::top::2\"", "\"a.md::top::4\""]);
    project.write("a.md", document(&["x = 2", "assert x == 2", "print('fine')", "import json"]));
    let fixed = project.json(&["a.md", "--last-failed"]);
    fixed.tells(&["passed completed", "passed completed"]);
    let run = project.run(&["run", "a.md", "--last-failed"]);
    assert_eq!((run.code, &*run.stderr), (0, ""));
    assert!(
        run.stdout.starts_with("note: nothing here failed the last time: `--last-failed` runs everything\n"),
        "{}",
        run.stdout
    );
    assert!(run.stdout.contains("4 snippets in 1 document: 4 passed"), "{}", run.stdout);
}

#[test]
fn no_selection_ends_with_four() {
    let project = three();
    for arguments in [&["-k", "nowhere"][..], &["notes.txt", "-k", "guide"]] {
        let run = project.json(arguments);
        run.tells(&[]);
        assert_eq!(run.code, 4, "{arguments:?}");
    }
    let run = project.run(&["run", "-k", "nowhere"]);
    run.assert(4, &run.stdout.clone(), "");
    let note = "note: `-k nowhere` is in none of the 5 ids here, such as `README.md";
    assert!(run.stdout.starts_with(note), "{}", run.stdout);
    assert!(
        run.stdout
            .contains("no Python snippets in 3 documents\n  hint: `snipcheck list` shows every code block"),
        "{}",
        run.stdout
    );
}

#[test]
fn an_empty_project_ends_with_four() {
    let project = Project::new(&[]);
    fs::create_dir(project.path("empty")).unwrap();
    for arguments in [&["run"][..], &["run", "empty"], &["accept"]] {
        let run = project.run(arguments);
        assert_eq!((run.code, &*run.stderr), (4, ""), "{arguments:?}: {}", run.stdout);
        let hint = "no Python snippets in 0 documents\n  hint: name documents or folders, or set `paths` in";
        assert!(run.stdout.contains(hint), "{arguments:?}: {}", run.stdout);
    }
}

#[test]
fn a_document_without_python_ends_with_four() {
    let project = Project::new(&[("a.md", "# Text\n\n```sh\nls\n```\n")]);
    let run = project.json(&["a.md"]);
    run.tells(&[]);
    assert_eq!(run.code, 4);
}

#[test]
fn what_cannot_be_read_is_a_problem_and_the_rest_runs() {
    let project = Project::document(&["print('runs')"]);
    project.write("binary.md", b"```python\n\0\n```\n");
    project.write("latin.md", b"caf\xe9\n\n```python\nprint('latin')\n```\n");
    project.write("wide.md", b"\xff\xfe#\0\n\0");
    fs::create_dir(project.path("folder.md")).unwrap();
    project.write("folder.md/b.md", document(&["print('inside')"]));
    nix::unistd::mkfifo(&project.path("pipe.md"), nix::sys::stat::Mode::S_IRWXU).unwrap();
    let words = ["a.md", "binary.md", "folder.md", "latin.md", "missing.md", "pipe.md", "wide.md"];
    let run = project.json(&words);
    let problems: Vec<String> = run
        .events()
        .iter()
        .filter(|event| event["event"] == "problem")
        .map(|problem| format!("{} {} {}", problem["path"], problem["line"], problem["message"]))
        .collect();
    assert_eq!(
        problems,
        [
            "\"missing.md\" null \"no such file or folder\"",
            "\"binary.md\" 2 \"binary file: NUL byte in column 1\"",
            "\"latin.md\" 1 \"byte 0xe9 in column 4 is not UTF-8\"",
            "\"pipe.md\" null \"not a regular file\"",
            "\"wide.md\" null \"UTF-16 text, expected UTF-8\"",
        ]
    );
    let printed: Vec<_> = run.snippets().iter().map(|snippet| snippet["stdout"].to_string()).collect();
    assert_eq!(printed.len(), 3, "{printed:?}");
    assert_eq!((run.code, &*run.stderr), (1, ""));
}

#[test]
fn a_list_accounts_for_every_block() {
    let text =
        "# T\n\n```python\nx\n```\n\n```sh\nls\n```\n\n    indented\n\n```python skip=\"why\"\ny\n```\n";
    let project = Project::new(&[("a.md", text)]);
    let run = project.run(&["list", "a.md", "--format", "json"]);
    let blocks: Vec<serde_json::Value> = serde_json::from_str(&run.stdout).unwrap();
    let told: Vec<String> = blocks
        .iter()
        .map(|block| {
            format!(
                "{} {}-{} {} {}",
                block["id"], block["start_line"], block["end_line"], block["disposition"], block["reason"]
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            "\"a.md::t::1\" 3-5 \"run\" null",
            "\"a.md::t::sh-1\" 7-9 \"other\" \"language `sh`\"",
            "\"a.md::t::block-1\" 11-11 \"other\" \"indented block, no language label\"",
            "\"a.md::t::2\" 13-15 \"skip\" \"skip in the info string: why\"",
        ]
    );
    assert_eq!((run.code, &*run.stderr), (0, ""));
    Project::new(&[]).run(&["list", "--format", "json"]).assert(0, "[]\n", "");
}

#[test]
fn a_document_that_is_called_like_a_line_is_named_whole() {
    let project = Project::new(&[("notes:1", ">>> 1 + 1\n3\n")]);
    let run = project.run(&["run", "notes:1"]);
    assert_eq!(run.code, 1);
    assert!(run.stdout.contains("--> notes:1:2:1\n"), "{}", run.stdout);
}
