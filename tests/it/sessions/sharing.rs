//! What snippets share, and what they never see of each other.

use crate::project::{Project, document};
use crate::story::check;

const SECTIONS: &str = "\
# One

```python
x = 1
```

### Deeper

```python
print(x)
```

## Two

```python
print('x' in globals())
```
";

#[track_caller]
fn shared(arguments: &[&str], expected: [&str; 3]) {
    let project = Project::new(&[("a.md", SECTIONS)]);
    project.json(&[&["a.md"], arguments].concat()).tells(&expected);
}

#[test]
fn a_document_shares_one_namespace() {
    let expected = ["passed completed", "passed completed | stdout 1⏎", "passed completed | stdout True⏎"];
    shared(&[], expected);
    shared(&["--share", "document"], expected);
}

#[test]
fn a_section_ends_at_a_heading_of_level_one_or_two() {
    let expected = ["passed completed", "passed completed | stdout 1⏎", "passed completed | stdout False⏎"];
    shared(&["--share", "section"], expected);
}

#[test]
fn without_sharing_each_snippet_is_alone() {
    let missing = "failed raised | NameError: name 'x' is not defined @10";
    shared(&["--share", "none"], ["passed completed", missing, "passed completed | stdout False⏎"]);
}

#[test]
fn an_isolated_snippet_neither_takes_nor_gives() {
    check(
        &[
            "import os\nx = 1\nopen('file', 'w').close()",
            "```python isolated\nimport os\nprint('x' in globals(), os.path.exists('file'))\nx = 2",
            "print(x, os.path.exists('file'))",
        ],
        &["passed completed", "passed completed | stdout False False⏎", "passed completed | stdout 1 True⏎"],
    );
}

#[test]
fn documents_never_leak_into_each_other() {
    let leak = document(&["
            import builtins, os, sys, json
            sys.modules['leak'] = os
            os.environ['LEAK'] = '1'
            os.chdir('/')
            builtins.leak = 1
            json.leak = 1
            sys.path.append('/leak')
            open('/tmp/leak', 'w').close()
            os.umask(0o777)
            leak = 1
        "]);
    let look = document(&["
            import builtins, os, sys, json
            print('leak' in sys.modules, 'LEAK' in os.environ, '/leak' in sys.path, 'leak' in globals())
            print(hasattr(builtins, 'leak'), hasattr(json, 'leak'), os.path.exists('/tmp/leak'))
            print(oct(os.umask(0o22)), os.getcwd() == '/')
        "]);
    let project = Project::new(&[("a.md", &leak), ("b.md", &look), ("c.md", &leak), ("d.md", &look)]);
    let run = project.json(&["-j", "1", "."]);
    assert_eq!(run.code, 0, "{run:?}");
    for snippet in
        run.snippets().iter().filter(|snippet| snippet["path"] == "b.md" || snippet["path"] == "d.md")
    {
        assert_eq!(snippet["stdout"], "False False False False\nFalse False False\n0o22 False\n");
    }
}

#[test]
fn a_snippet_is_the_main_module() {
    check(
        &[
            "print(__name__)",
            "import sys\nprint(sys.modules['__main__'].__dict__ is globals(), sys.argv == [__file__], __doc__)",
            "import os\nprint(os.path.isfile(__file__), __file__.endswith('.py'), __builtins__.__name__)",
        ],
        &[
            "passed completed | stdout __main__⏎",
            "passed completed | stdout True True None⏎",
            "passed completed | stdout True True builtins⏎",
        ],
    );
}

#[test]
fn source_can_be_inspected() {
    check(
        &[
            "import inspect\n\ndef double(x):\n    \"\"\"Twice.\"\"\"\n    return 2 * x",
            "class Pair:\n    left = 1",
            "print(inspect.getsource(double))\nprint(inspect.getsource(Pair), inspect.getsourcelines(double)[1], inspect.getsourcefile(double))",
        ],
        &[
            "passed completed",
            "passed completed",
            "passed completed | stdout def double(x):⏎    \"\"\"Twice.\"\"\"⏎    return 2 * x⏎⏎class Pair:⏎    left = 1⏎ 4 a.md⏎",
        ],
    );
}

#[test]
fn future_statements_hold_for_what_follows() {
    check(
        &[
            "from __future__ import annotations\ndef f(x: Nowhere): pass",
            "def g(x: Nowhere): pass\nprint(g.__annotations__)",
        ],
        &["passed completed", "passed completed | stdout {'x': 'Nowhere'}⏎"],
    );
}

#[test]
fn await_works_at_the_top_level_with_one_loop() {
    check(
        &[
            "import asyncio\nqueue = asyncio.Queue()\nawait queue.put(7)",
            "await asyncio.gather(queue.get(), queue.put(8))",
            "async def main():\n    return 'run'\n\nasyncio.run(main())",
            "await asyncio.sleep(0, 'again')",
            "async with asyncio.timeout(5):\n    print(queue.qsize())",
        ],
        &[
            "passed completed",
            "passed completed | value [7, None]",
            "passed completed | value 'run'",
            "passed completed | value 'again'",
            "passed completed | stdout 1⏎",
        ],
    );
}

#[test]
fn neighbours_can_be_read_and_never_change() {
    let snippets = [
        "from pathlib import Path\nprint(Path('data.txt').read_text(), Path('deep/more.txt').read_text())",
        "
            import os
            Path('new.txt').write_text('new')
            os.mkdir('made')
            write = lambda: Path('data.txt').write_text('changed')
            remove = lambda: Path('deep/more.txt').unlink()
            for harm in [write, remove, lambda: os.chmod('data.txt', 0)]:
                try:
                    harm()
                except OSError:
                    pass
        ",
        "print(Path('new.txt').read_text())",
    ];
    let project = Project::new(&[
        ("docs/a.md", &document(&snippets)),
        ("docs/data.txt", "data"),
        ("docs/deep/more.txt", "more"),
    ]);
    let files = project.files();
    project.json(&["docs"]).tells(&[
        "passed completed | stdout data more⏎",
        "passed completed",
        "passed completed | stdout new⏎",
    ]);
    assert_eq!(project.files(), files);
    assert_eq!((&*project.read("docs/data.txt"), &*project.read("docs/deep/more.txt")), ("data", "more"));
}

#[test]
fn files_written_by_one_document_are_not_those_of_another() {
    let text = document(&["import os\nprint(os.path.exists('trace'))\nopen('trace', 'w').close()"]);
    let project = Project::new(&[("a.md", &text), ("b.md", &text)]);
    let line = "passed completed | stdout False⏎";
    project.json(&["-j", "1", "."]).tells(&[line, line]);
}

#[test]
fn home_and_temporary_folders_are_private() {
    let project = Project::document(&[
        "
            import os, tempfile
            from pathlib import Path
            print('secret' in os.listdir(Path.home()), Path.home(), tempfile.gettempdir())
            before = len(os.listdir('/tmp'))
        ",
        "Path('~/x').expanduser().write_text('x')\nprint(tempfile.mkdtemp() != tempfile.mkdtemp(), len(os.listdir('/tmp')) - before)",
    ]);
    std::fs::write(project.home().join("secret"), "secret").unwrap();
    project
        .json(&["a.md"])
        .tells(&["passed completed | stdout False /home/snippet /tmp⏎", "passed completed | stdout True 2⏎"]);
    assert!(!project.home().join("x").exists());
}
