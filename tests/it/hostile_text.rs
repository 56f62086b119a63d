//! What documents, snippets and the tree around them say is foreign text: in no report does it steer a terminal, hide
//! from a reader, command a build server or leave the line it was put on.

use crate::project::{Project, Run, document};

/// As Python writes it: sequences for terminals, what hides or reorders text, what ends a line for somebody, commands
/// of build servers at the start of a line, behind blanks and in the middle.
const HOSTILE: &str = concat!(
    r"'\x1b[2J\x1b[31m\x1b]0;title\x07\x1b]8;;http://evil\x1b\\link\x1b]8;;\x1b\\\x1bP1$r\x1b\\\x9b31m\x9d0;x\x9c\x90q",
    r"\n::error file=a.md,line=1::boo\n  ::set-output name=x::y\n\t::add-mask::secret\r::warning::after a return",
    r"\x0b::notice::a\x0c::notice::b\x85::notice::c\u2028::notice::d\u2029::notice::e\x1e::notice::f",
    r"\nin a line ::save-state name=a::b and ::debug::x and ##[error]boo ##vso[task.complete]x ##[command]ls",
    r"\n##teamcity[testFailed]\n::stop-commands::token\n%0A::error::percent\n::group::\x1b[1A\x1b[K",
    r"\n\u202egnirts\u202c \u2066isolated\u2069 \u200bzero\u200d \ufeff\xad\u061c\U000e0041 \x00\x08\x08\x7f over\rwritten\n'",
);

/// What a build server would obey: `::name::` and `::name of=something::` for GitHub, brackets for the others.
fn is_command(line: &str) -> bool {
    let lower = line.to_ascii_lowercase();
    let brackets = ["##[", "##vso[", "##teamcity["].iter().any(|command| lower.contains(command));
    let named = line.match_indices("::").any(|(at, _)| {
        let rest = &line[at + 2..];
        let end =
            rest.find(|letter: char| !letter.is_ascii_alphanumeric() && letter != '-').unwrap_or(rest.len());
        let after = &rest[end..];
        // Our ids end in a number.
        let is_name = rest.starts_with(|letter: char| letter.is_ascii_alphabetic());
        is_name && (after.starts_with("::") || after.starts_with(' ') && after.contains("::"))
    });
    brackets || named || line.trim_start().starts_with("::")
}

/// What a terminal, an editor or a log viewer takes for more than text.
fn is_dangerous(letter: char) -> bool {
    letter.is_control() && letter != '\n' && letter != '\t'
        || matches!(letter, '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}')
}

#[track_caller]
fn assert_harmless(text: &str) {
    if let Some(at) = text.find(is_dangerous) {
        let line = text[..at].matches('\n').count();
        panic!("{:?} in line {:?}", text[at..].chars().next(), text.lines().nth(line));
    }
    for line in text.split('\n') {
        assert!(!is_command(line), "{line:?}");
        assert!(line.chars().count() < 2000, "{} characters in a line", line.chars().count());
    }
}

/// Every report of the project: for people on a terminal and on build servers, for programs, and as a list.
#[track_caller]
fn check(project: &Project) -> Vec<Run> {
    let call = |words: &[&str]| project.call(words);
    let mut reports = vec![
        call(&["run", "."]).run(),
        call(&["run", "-v", "."]).env("CI", "true").run(),
        call(&["run", "-q", "."]).env("CI", "true").env("GITHUB_ACTIONS", "true").run(),
        call(&["run", "-v", "."]).env("CI", "true").env("GITHUB_ACTIONS", "true").run(),
        call(&["list", "."]).run(),
    ];
    for run in &reports {
        assert_harmless(&run.stdout);
        assert_harmless(&run.stderr);
    }
    let colored = call(&["run", "-v", "--color", "always", "."]).run();
    for sequence in colored.stdout.split('\x1b').skip(1) {
        let inside =
            sequence.strip_prefix('[').and_then(|rest| rest.split_once('m')).map(|(inside, _)| inside);
        let ours =
            inside.is_some_and(|inside| inside.bytes().all(|byte| byte.is_ascii_digit() || byte == b';'));
        assert!(ours, "{sequence:?}");
    }
    let plain = colored.stdout.split('\x1b').enumerate();
    let plain = plain
        .map(|(at, part)| if at == 0 { part } else { part.split_once('m').map_or(part, |(_, text)| text) });
    assert_harmless(&plain.collect::<String>());
    for words in [&["run", "--format", "json", "."][..], &["list", "--format", "json", "."]] {
        let run = call(words).env("CI", "true").env("GITHUB_ACTIONS", "true").run();
        assert!(
            run.stdout.bytes().all(|byte| byte == b'\n' || (b' '..=b'~').contains(&byte)),
            "{}",
            run.stdout
        );
        assert!(!run.stdout.contains("##"), "{}", run.stdout);
        for line in run.stdout.lines() {
            assert!(matches!(line.trim_start().bytes().next(), Some(b'{' | b'[' | b']')), "{line}");
        }
        assert_harmless(&run.stderr);
        reports.push(run);
    }
    reports
}

/// A document of one snippet that finds the text as `T`.
fn snippet(code: &str) -> Project {
    let lines = code.trim_start_matches('\n');
    let depth = lines.len() - lines.trim_start_matches(' ').len();
    let lines: Vec<&str> =
        lines.trim_end().lines().map(|line| line.get(depth..).unwrap_or_default()).collect();
    Project::document(&[&format!("T = {HOSTILE}\n{}", lines.join("\n"))])
}

#[test]
fn streams() {
    let reports = check(&snippet(
        "
        import os, sys, warnings
        print(T)
        print(T, file=sys.stderr)
        os.write(1, b'\\xff\\xfe\\x9b31m \\xc2\\x9b \\xed\\xa0\\x80 \\xf0\\x9f ' + T.encode())
        os.write(2, T.encode('utf-16', 'surrogatepass'))
        os.system('printf \"\\\\033[31m\\\\n::error::shell\\\\n\"')
        warnings.warn(T)
        raise ValueError
    ",
    ));
    let json = reports[5].snippets();
    assert!(json[0]["stdout"].as_str().unwrap().contains("\u{1b}[2J"), "programs get all of it");
    assert!(reports[0].stdout.contains("\\x1b[2J") && reports[0].stdout.contains(":\\:error file=a.md"));
}

#[test]
fn values() {
    let project = snippet(
        "
        class Loud:
            def __repr__(self):
                return T
        Loud()
    ",
    );
    project.write("pyproject.toml", "[tool.snipcheck]\nsnapshots = 'required'\n");
    check(&project);
    project.write("expected/a.md/top-1.snap", "---\nsource: a.md\n---\nsomething else\n");
    check(&project);
}

#[test]
fn exceptions() {
    let raising = [
        "raise ValueError(T)",
        "raise type(T.replace('\\0', ''), (Exception,), {})(T)",
        "raise type('E', (Exception,), {'__module__': T})(T)",
        "class E(Exception): pass\nE.__qualname__ = T\nraise E(T)",
        "error = KeyError(T)\nerror.add_note(T)\nraise error",
        "raise ExceptionGroup(T, [ValueError(T), TypeError(T)])",
        "try:\n    raise OSError(3, T, T)\nexcept OSError as error:\n    raise RuntimeError(T) from error",
        "raise SyntaxError(T, (T, 1, 1, T))",
        "compile('x = (', T.replace('\\0', ''), 'exec')",
        "raise ModuleNotFoundError(T, name=T)",
        "raise ModuleNotFoundError('no', name='::error::a\\x1b[31m')",
        "raise SystemExit(T)",
        "raise UnicodeDecodeError('utf-8', b'\\xff', 0, 1, T)",
        "raise BaseException(T)",
        "assert False, T",
    ];
    let mut snippets = vec![format!("T = {HOSTILE}")];
    snippets.extend(raising.map(str::to_owned));
    let snippets: Vec<&str> = snippets.iter().map(String::as_str).collect();
    let reports = check(&Project::document(&snippets));
    assert_eq!(reports[0].code, 1);
    assert_eq!(
        reports[5].snippets().iter().filter(|snippet| snippet["verdict"] == "failed").count(),
        raising.len()
    );
}

#[test]
fn tracebacks() {
    check(&snippet(
        "
        name = T.replace('\\0', '')
        code = compile('def f(g): return g()\\n', f'/x/site-packages/{name}/{name}.py', 'exec')
        scope = {}
        exec(code, scope)
        def inner(): raise ValueError(T)
        inner.__code__ = inner.__code__.replace(co_name=name, co_qualname=name)
        scope['f'](inner)
    ",
    ));
}

#[test]
fn names_of_threads() {
    check(&snippet(
        "
        import threading
        threading.Thread(target=threading.Event().wait, name=T).start()
        thread = threading.Thread(target=lambda: 1 / 0, name=T)
        thread.start()
        thread.join()
    ",
    ));
}

#[test]
fn ways_to_end() {
    check(&snippet("import os\nos.write(1, T.encode())\nos._exit(3)"));
    check(&snippet("import sys, os\nprint(T, flush=True)\nos.kill(os.getpid(), 9)"));
    check(&snippet("print(T)\ninput(T)"));
    check(&snippet("print(T)\nbreakpoint()"));
}

#[test]
fn one_line_of_five_megabytes() {
    let project = Project::document(&[
        "print('::error::' + 'x' * 5_000_000)\nraise ValueError('y' * 5_000_000)",
        "'z' * 5_000_000",
        "import sys\nsys.exit('w' * 5_000_000)",
    ]);
    for run in check(&project) {
        assert!(run.stdout.len() < 12 << 20, "{} bytes", run.stdout.len());
    }
    let run = project.run(&["run", "."]);
    assert!(run.stdout.len() < 20_000, "{} bytes", run.stdout.len());
}

/// The text itself, as a document or a file can hold it.
fn hostile() -> String {
    let output = std::process::Command::new(crate::project::PYTHON)
        .args(["-c", &format!("import sys; sys.stdout.buffer.write(({HOSTILE}).encode())")])
        .output()
        .unwrap();
    String::from_utf8(output.stdout).unwrap()
}

/// All of it on one line.
fn hostile_line() -> String {
    hostile().replace(['\n', '\r'], " ").replace('\0', "")
}

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
