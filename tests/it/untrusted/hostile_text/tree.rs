//! What a project calls its files, and what it writes into documents, settings, environments and snapshots.

use crate::project::{Project, document};
use crate::untrusted::hostile_text::{HOSTILE, assert_harmless, check, hostile, hostile_line, snippet};

#[test]
fn sources_headings_and_labels() {
    let line = hostile_line();
    let plain = line.replace(['`', '"'], "");
    let project = Project::new(&[(
        "a.md",
        &format!(
            "# {line}\n\n```python\n# {line}\ntext = '''{line}'''\n1 / 0\n```\n\n```python skip=\"{plain}\"\n```\n\n\
             ```pyhton {plain}\n```\n\n```python-{plain}\n```\n\n```{plain}\n```\n\n    {line}\n\n\
             ```python raises={plain}\n1\n```\n\n```python\ndef f(:  # {line}\n```\n\n```python\n# {line}\n"
        ),
    )]);
    check(&project);
}

#[test]
fn wishes_that_cannot_be_granted() {
    let line = hostile_line().replace(['`', '"', '\\'], "");
    let wishes = ["files", "setup", "raises", "timeout", "id", "isolated"];
    let fences = wishes.map(|word| format!("```python {word}=\"{line}\"\n1\n```\n\n"));
    let short: Vec<String> = wishes
        .iter()
        .map(|word| format!("```python {word}=\"\x1b[31m ::error::x\u{202e}\"\n1\n```\n\n"))
        .collect();
    let setup =
        "```python setup=\"bad\" files=\"\u{9b}31m::error::.csv\"\n1\n```\n\n```python setup=bad\n1\n```\n";
    let project = Project::new(&[
        ("a.md", &fences.concat()),
        ("b.md", &short.concat()),
        ("c.md", setup),
        ("fixtures/bad.py", &format!("raise ValueError({HOSTILE})\n")),
        ("d.md", &format!("---\nsnipcheck: {{\"{line}\": 1, skip: [{{}}]}}\n---\n```python\n1\n```\n")),
        (
            "e.md",
            "---\nsnipcheck:\n  \"\\e[31m::error::x\\n::error::y\": \"\\u202e\"\n---\n```python\n1\n```\n",
        ),
        (
            "f.md",
            "+++\n[snipcheck]\n\"\\u001b[31m\\n::error::x\" = 1\ntimeout = \"\\u202e\\n::error::\"\n+++\n```python\n1\n```\n",
        ),
        ("g.md", &format!("+++\n[snipcheck]\n{line}\n+++\n```python\n1\n```\n")),
    ]);
    check(&project);
}

#[test]
fn names_of_files() {
    let text = document(&["1 / 0", "print(open('/missing'))", "```python skip\n1", "import not_there"]);
    let names = [
        "\x1b[31mred\x1b]0;t\x07.md",
        "line\nbreak\r::error::x.md",
        "::error::x.md",
        "  ::add-mask::x.md",
        "##[error]x.md",
        "##vso[task.complete]x.md",
        "\u{202e}dm.a\u{2028}::notice::x\u{9b}31m.md",
        "%0A::error::x.md",
        "-q.md",
        "a'b\"c$(id)`id`.md",
        "folder\n::error::/x.md",
    ];
    let files: Vec<(&str, &str)> = names.iter().map(|name| (*name, &*text)).collect();
    let project = Project::new(&files);
    project.write("pyproject.toml", "[tool.snipcheck]\nsnapshots = 'required'\n");
    check(&project);
    for verb in ["accept", "pending", "accept", "reject"] {
        for run in [project.run(&[verb, "."]), project.call(&[verb]).env("GITHUB_ACTIONS", "true").run()] {
            assert_harmless(&run.stdout);
            assert_harmless(&run.stderr);
        }
    }
    for name in names {
        let run = project.run(&["run", &format!("./{name}"), "nowhere.md"]);
        assert_harmless(&run.stdout);
        assert_harmless(&run.stderr);
    }
}

#[test]
fn names_that_are_no_text() {
    use std::os::unix::ffi::OsStrExt;

    let project = Project::new(&[("a.md", "```python\n1\n```\n")]);
    let name = std::ffi::OsStr::from_bytes(b"\xff\x9b31m\xc2\x9b.md");
    std::fs::write(project.root().join(name), document(&["1 / 0"])).unwrap();
    check(&project);
}

#[test]
fn snapshots_and_their_differences() {
    let body = hostile();
    let project = snippet("print(T)");
    for snapshot in [
        format!("---\nsource: a.md\nexpression: x\n---\n{body}\n"),
        format!("---\nsource: \"{}\"\n---\nx\n", hostile_line()),
        format!("---\n{body}\n---\nx\n"),
        format!("{body}\n::error::x"),
        "---\r\nsource: a.md\r\n---\r\n::error::x\r\n\r  ::error::x\r".to_owned(),
    ] {
        project.write("expected/a.md/top-1.snap", snapshot);
        check(&project);
    }
    project.write("expected/a.md/top-1.snap", b"---\nsource: a\n---\n\xff\x9b\n::error::\n");
    check(&project);
    project.write("expected/a.md/\x1b[31m::error::x\n::error::y.snap", "---\nsource: a\n---\nx\n");
    project.write("expected/gone\n::error::x\x1b[0m.md/top-1.snap", "---\nsource: a\n---\nx\n");
    project.write("expected/gone\n::error::x\x1b[0m.md/top-1.snap.new", "---\nsource: a\n---\nx\n");
    check(&project);
    for words in [&["pending"][..], &["accept", "--prune"], &["reject"], &["accept", "--errors", "--prune"]] {
        let run = project.run(words);
        assert_harmless(&run.stdout);
        assert_harmless(&run.stderr);
    }
}

#[test]
fn settings_of_the_project() {
    let project = Project::document(&["1"]);
    for settings in [
        "\"\\u001b[31m\\n::error::x\" = 1",
        "share = \"\\u001b[31m\\n::error::x\\u202e\"",
        "python = \"\\u001b[31m\\n::error::x\"",
        "pythonpath = [\"\\u001b[31m\\n::error::x\"]",
        "paths = [\"\\u001b[31m\\n::error::x\"]",
        "paths = [\"[\\u001b\\n::error::x\"]",
        "exclude = [\"{\\u001b\\n::error::x\"]",
        "redactions = [{ pattern = \"(\\u001b\\n::error::x\", replacement = \"\" }]",
        "redactions = [{ \"\\u001b\\n::error::x\" = \"\" }]",
        "files = [\"\\u001b[31m\\n::error::x\"]",
        "setup = [\"\\u001b[31m\\n::error::x\"]",
        "timeout = \"\\n::error::x\\u001b\"",
        "::error::x \x1b[31m \u{202e}",
        "a = '\u{9b}31m' ::error::x ##[error]x",
        "jobs = '''\n::error::x\n##[error]x\n'''",
    ] {
        project.write("pyproject.toml", format!("[tool.snipcheck]\n{settings}\n"));
        for verb in ["run", "list", "pending", "doctor"] {
            for server in ["", "true"] {
                let run = project.call(&[verb]).env("GITHUB_ACTIONS", server).run();
                assert_harmless(&run.stdout);
                assert_harmless(&run.stderr);
            }
        }
    }
}

#[test]
fn environments_of_the_project() {
    let project = Project::document(&["1"]);
    let text = "\x1b[31m\u{202e} ::error::x ##[error]x";
    for settings in [
        format!("home = {text}\nversion = 3.{text}\n"),
        format!("home = /{text}\nversion = {}.1\n", crate::project::VERSION),
        format!("{text}\n::error::x\n"),
        format!("version = 2.7\nhome = /usr\n{text} = {text}"),
        format!("home = /usr/bin\nexecutable = {text}\nversion_info = {text}\n"),
    ] {
        project.write(".venv/pyvenv.cfg", settings);
        for words in [&["run", "a.md"][..], &["doctor"]] {
            let run = project.run(words);
            assert_harmless(&run.stdout);
            assert_harmless(&run.stderr);
        }
    }
}

/// A shell may have put names of files there.
#[test]
fn words_of_the_caller() {
    let project = Project::document(&["1"]);
    let text = "\x1b[31m\u{202e}\n::error::x\n##[error]x\r\u{9b}31m";
    for words in [
        &["run", &*format!("--{text}")][..],
        &[&*format!("-{text}")],
        &["run", "--jobs", text],
        &["run", "--timeout", text],
        &["run", "--sandbox", text],
        &["run", "--python", text],
        &["run", text],
        &["run", "-k", text, "a.md"],
        &["list", "--format", text],
        &["accept", &*format!("a.md:{text}")],
        &["pending", text],
    ] {
        let run = project.run(words);
        assert_harmless(&run.stdout);
        assert_harmless(&run.stderr);
    }
}
