//! What snippets print, return, raise and call their threads.

use crate::project::Project;
use crate::untrusted::hostile_text::{HOSTILE, check, snippet};

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

/// Editors and version control change line ends, and blanks where lines end.
#[test]
fn what_was_accepted_stays_accepted() {
    let project = snippet(
        "import sys\nprint(T, T.encode('utf-16', 'surrogatepass'))\nprint(T, file=sys.stderr, end=' ')\nT",
    );
    let accepted = project.run(&["accept", "a.md"]);
    assert_eq!((accepted.code, &*accepted.stderr), (0, ""), "{}", accepted.stdout);
    let file = "expected/a.md/top-1.snap";
    let snapshot = project.read(file);
    let lines: Vec<&str> = snapshot.lines().map(str::trim_end).collect();
    let spoilt = ["", "\n\n", "\r\n"].map(|end| snapshot.trim_end().to_owned() + end);
    for text in spoilt.into_iter().chain([snapshot.replace('\n', "\r\n"), lines.join("\n")]) {
        project.write(file, text);
        let run = project.json(&["--check", "a.md"]);
        assert_eq!((run.code, &run.snippets()[0]["verdict"]), (0, &"passed".into()), "{}", run.stdout);
    }
    assert_eq!(project.files().len(), 2, "{:?}", project.files());
}
