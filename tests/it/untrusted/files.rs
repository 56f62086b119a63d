//! Checkouts that try to make the runner read outside of them, wait for ever, or eat the memory.

use std::fs::{self, File};
use std::os::unix::fs::symlink;
use std::os::unix::net::UnixListener;
use std::path::Path;

use nix::sys::stat::Mode;
use nix::unistd::mkfifo;

use crate::project::{Project, document};

const MODES: [&str; 2] = ["--sandbox=auto", "--sandbox=off"];
const SECRET: &str = "key = 'hunter2'\n";
const PLAIN: &str = "hint fixtures are plain files in plain folders, of 64 MiB at most";

/// A project beside a file that is none of its business.
fn project(files: &[(&str, &str)]) -> Project {
    let project = Project::new(files);
    fs::write(project.home().join("secret"), SECRET).unwrap();
    fs::create_dir(project.home().join("elsewhere")).unwrap();
    fs::write(project.home().join("elsewhere/x.py"), SECRET).unwrap();
    fs::write(project.home().join("elsewhere/secret.md"), document(&["print('elsewhere')"])).unwrap();
    project
}

fn pipe(path: &Path) {
    mkfifo(path, Mode::S_IRUSR | Mode::S_IWUSR).unwrap();
}

fn giant(path: &Path) {
    File::create(path).unwrap().set_len(20 << 30).unwrap();
}

#[test]
fn names_of_fixtures_do_not_come_through_links() {
    for (link, target, problem) in [
        ("fixtures/x.py", "../../secret", "expected a file, but `fixtures/x.py` is a symbolic link"),
        ("fixtures", "../elsewhere", "expected a folder, but `fixtures` is a symbolic link"),
    ] {
        for mode in MODES {
            let project = project(&[("a.md", "```python setup=x\nprint(globals().get('key'))\n```\n")]);
            fs::create_dir_all(project.path(link).parent().unwrap()).unwrap();
            symlink(target, project.path(link)).unwrap();
            let run = project.json(&[mode, "a.md"]);
            assert!(!run.stdout.contains("hunter2"), "{run:?}");
            run.tells(&[
                &format!("problem a.md:1 cannot read the fixture `fixtures/x.py`: {problem} | {PLAIN}"),
                "passed completed | stdout None⏎",
            ]);
        }
    }
}

#[test]
fn files_of_fixtures_do_not_come_through_links() {
    for mode in MODES {
        let project = project(&[("a.md", "```python files=x.txt\nprint(open('x.txt').read())\n```\n")]);
        fs::create_dir(project.path("fixtures")).unwrap();
        symlink("../../secret", project.path("fixtures/x.txt")).unwrap();
        let run = project.json(&[mode, "a.md"]);
        assert!(!run.stdout.contains("hunter2"), "{run:?}");
        let problem = "expected a file, but `fixtures/x.txt` is a symbolic link";
        run.tells(&[
            &format!("problem a.md:1 cannot read the fixture `fixtures/x.txt`: {problem} | {PLAIN}"),
            "failed raised | FileNotFoundError: [Errno 2] No such file or directory: 'x.txt' @2",
        ]);
    }
}

#[test]
fn fixtures_that_never_end_are_not_waited_for() {
    let text = "```python setup=pipe\n```\n\n```python files=pipe.py\n```\n\n```python setup=giant\n```\n\n\
                ```python files=giant.py\n```\n\n```python files=folder\n```\n";
    let project = project(&[("a.md", text), ("fixtures/folder/x", "")]);
    pipe(&project.path("fixtures/pipe.py"));
    giant(&project.path("fixtures/giant.py"));
    let problem = |line: u32, file: &str, why: &str| {
        format!("problem a.md:{line} cannot read the fixture `fixtures/{file}`: {why} | {PLAIN}")
    };
    let special = "expected a file, but `fixtures/pipe.py` is a special file";
    let story = [
        problem(1, "pipe.py", special),
        problem(4, "pipe.py", special),
        problem(7, "giant.py", "longer than 64 MiB"),
        problem(10, "giant.py", "longer than 64 MiB"),
        problem(13, "folder", "expected a file, but `fixtures/folder` is a folder"),
    ];
    let run = project.json(&["a.md"]);
    let story: Vec<&str> = story.iter().map(String::as_str).chain(["passed completed"; 5]).collect();
    run.tells(&story);
}

#[test]
fn a_fixture_replaces_what_stands_under_its_name() {
    let text = document(&[
        "```python files=x.txt\nprint(open('x.txt').read())\nopen('x.txt', 'w').write('mine') and None",
        "```python files=x.txt\nprint(open('x.txt').read())",
        "import os\nos.remove('x.txt')\nos.symlink('y.txt', 'x.txt')",
        "```python files=x.txt\nprint(open('x.txt').read(), os.path.exists('y.txt'))",
        "os.remove('x.txt')\nos.mkdir('x.txt')",
        "```python files=x.txt\nprint(os.listdir('x.txt'))",
        "```python files=tool\nprint(os.access('tool', os.X_OK))",
    ]);
    for mode in MODES {
        let project = project(&[
            ("a.md", &text),
            ("x.txt", "neighbour"),
            ("fixtures/x.txt", "fixture"),
            ("fixtures/tool", "#!/bin/sh\n"),
        ]);
        let executable = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        fs::set_permissions(project.path("fixtures/tool"), executable).unwrap();
        let run = project.json(&[mode, "a.md"]);
        let copied = format!("cannot copy `{}`", project.path("fixtures/x.txt").display());
        let copied = copied.replace(project.root().to_str().unwrap(), "[project]");
        run.tells(&[
            "passed completed | stdout fixture⏎",
            "passed completed | stdout fixture⏎",
            "passed completed",
            "passed completed | stdout fixture False⏎",
            "passed completed",
            &format!("passed completed | stdout []⏎ | - {copied}: expected a file, but `x.txt` is a folder"),
            "passed completed | stdout True⏎",
        ]);
        assert_eq!(project.read("x.txt"), "neighbour", "{mode}");
        assert_eq!(project.read("fixtures/x.txt"), "fixture", "{mode}");
    }
}

const OUTSIDE: &str = "leads outside of the project | hint documents outside of the project have to be named \
                       on the command line, one by one";

#[test]
fn documents_behind_links_are_of_the_project_or_named() {
    let project = project(&[("docs/a.md", &document(&["print('a')"]))]);
    symlink("a.md", project.path("docs/0.md")).unwrap();
    symlink("../../elsewhere/secret.md", project.path("docs/b.md")).unwrap();
    symlink("../elsewhere", project.path("more")).unwrap();
    symlink("/dev/zero", project.path("docs/zero.md")).unwrap();
    let outside = |path: &str| format!("problem {path} {OUTSIDE}");
    let story = [outside("docs/b.md"), outside("docs/zero.md"), "passed completed | stdout a⏎".to_owned()];
    let story: Vec<&str> = story.iter().map(String::as_str).collect();
    project.json(&[]).tells(&story);
    project.json(&["docs"]).tells(&story);
    project.json(&["docs/*.md"]).tells(&story);
    project.json(&["more"]).tells(&[&outside("more")]);
    project.json(&["docs/b.md"]).tells(&["passed completed | stdout elsewhere⏎"]);
    project.json(&["more/secret.md"]).tells(&["passed completed | stdout elsewhere⏎"]);
    project.json(&["../elsewhere"]).tells(&["passed completed | stdout elsewhere⏎"]);
}

#[test]
fn settings_cannot_name_documents_outside() {
    let project = project(&[("a.md", &document(&["print('a')"]))]);
    symlink("../elsewhere", project.path("more")).unwrap();
    symlink("../elsewhere/secret.md", project.path("b.md")).unwrap();
    let home = project.home().display().to_string();
    let by_letters = ["..", "../elsewhere", "../elsewhere/secret.md", "../**/*.md", "../../..", "/", &home];
    let by_links = ["more", "more/secret.md", "more/*.md", "more/../elsewhere/secret.md", "b.md"];
    for path in [&by_letters[..], &by_links].concat() {
        project.write("pyproject.toml", format!("[tool.snipcheck]\npaths = ['a.md', '{path}']\n"));
        for mode in MODES {
            let run = project.json(&[mode]);
            let [problem, snippet, _] = &run.events()[..] else { panic!("{path}: {run:?}") };
            assert_eq!((&problem["event"], &snippet["stdout"]), (&"problem".into(), &"a\n".into()), "{path}");
            assert_eq!(run.code, 1, "{path}");
        }
    }
}

#[test]
fn documents_that_never_end_are_problems() {
    let project = project(&[("docs/a.md", &document(&["print('a')"]))]);
    pipe(&project.path("docs/pipe.md"));
    giant(&project.path("docs/giant.md"));
    let _listener = UnixListener::bind(project.path("docs/socket.md")).unwrap();
    let no_file = "not a regular file | hint documents are text files; leave this one out with `exclude`";
    let long = "longer than 8 MiB | hint split the document, or leave it out with `exclude`";
    project.json(&[]).tells(&[
        &format!("problem docs/giant.md {long}"),
        &format!("problem docs/pipe.md {no_file}"),
        &format!("problem docs/socket.md {no_file}"),
        "passed completed | stdout a⏎",
    ]);
}

#[test]
fn a_document_has_only_so_many_blocks() {
    let project =
        project(&[("a.md", &format!("```python\nprint('a')\n```\n{}", "```\n```\n".repeat(200_000)))]);
    let hint = "hint split the document; the rest of it has not been read";
    project.json(&["a.md"]).tells(&[
        &format!("problem a.md:40001 more than 20000 code blocks | {hint}"),
        "passed completed | stdout a⏎",
    ]);
}

#[test]
fn rules_that_never_end_are_not_waited_for() {
    let project = project(&[("docs/a.md", &document(&["print('a')"]))]);
    for (number, folder) in ["endless", "pipe", "giant", "foreign", "linked"].into_iter().enumerate() {
        project.write(&format!("docs/{folder}/{number}.md"), document(&["print('never')"]));
    }
    symlink("/dev/zero", project.path("docs/endless/.gitignore")).unwrap();
    pipe(&project.path("docs/pipe/.gitignore"));
    giant(&project.path("docs/giant/.gitignore"));
    symlink("/proc/kmsg", project.path("docs/foreign/.gitignore")).unwrap();
    project.write("rules", "4.md\n");
    symlink("../../rules", project.path("docs/linked/.gitignore")).unwrap();
    let refused = |path: &str| {
        format!("problem {path}.gitignore expected a plain file of the project, of 1 MiB at most")
    };
    let folders = ["docs/endless/", "docs/foreign/", "docs/giant/", "docs/pipe/"].map(refused);
    let story = folders.iter().map(String::as_str);
    project.json(&[]).tells(&story.chain(["passed completed | stdout a⏎"]).collect::<Vec<_>>());

    pipe(&project.home().join(".gitignore"));
    let run = project.json(&[]);
    let above = format!("problem {}/", project.home().display());
    run.tells(&[&refused(&above["problem ".len()..])]);
}

#[test]
fn settings_that_never_end_are_errors() {
    let project = project(&[("a.md", &document(&["print('never')"]))]);
    let file = project.path("pyproject.toml");
    pipe(&file);
    let because = "expected a file, but `[project]/pyproject.toml` is a special file";
    let error = |because| format!("error: cannot read `[project]/pyproject.toml`\n  because: {because}\n");
    project.run(&["run"]).assert(2, "", &error(because));
    fs::remove_file(&file).unwrap();
    giant(&file);
    project.run(&["run"]).assert(2, "", &error("longer than 8 MiB"));
    fs::remove_file(&file).unwrap();
    fs::create_dir(project.path(".venv")).unwrap();
    giant(&project.path(".venv/pyvenv.cfg"));
    let error = "error: cannot read `[project]/.venv/pyvenv.cfg`\n  because: longer than 8 MiB\n";
    project.run(&["run", "a.md"]).assert(2, "", error);
}
