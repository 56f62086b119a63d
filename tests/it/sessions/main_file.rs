//! `__main__` as a script has it: where its file is, and what child processes import of it.

use crate::project::Project;
use crate::story::check;

/// Ends with a fence whose child process doubles by a function of the first.
#[track_caller]
fn check_child(between: &[(&str, &str)]) {
    let definition = "def double(x):\n    return 2 * x";
    let body = "
        from multiprocessing import get_context
        if __name__ == '__main__':
            with get_context('spawn').Pool(1) as pool:
                print(pool.map(double, [1, 2, 3]))
    ";
    let snippets: Vec<&str> = between.iter().map(|(snippet, _)| *snippet).collect();
    let told: Vec<&str> = between.iter().map(|(_, told)| *told).collect();
    check(
        &[&[definition], &snippets[..], &[body]].concat(),
        &[&["passed completed"], &told[..], &["passed completed | stdout [2, 4, 6]⏎"]].concat(),
    );
}

#[test]
fn children_do_not_repeat_errors_that_are_expected() {
    check_child(&[
        ("int('x')  # ValueError", "passed completed"),
        ("[][0]; y = 1", "failed raised | IndexError: list index out of range @11"),
    ]);
}

const EXITED: &str = "failed exited | cause exit 3.0 (1 statement was not reached) | \
                      - exited with code 3: 1 statement was not reached";

#[test]
fn children_leave_out_what_did_not_run() {
    check_child(&[(
        "z = 1\nraise KeyError('k')\nimport nowhere_to_be_found",
        "failed raised | KeyError: 'k' @8",
    )]);
    check_child(&[("import sys\nsys.exit(3)\nimport nowhere_to_be_found", EXITED)]);
    check_child(&[("x = = 1", "failed raised | SyntaxError: invalid syntax (a.md, line 7) @7")]);
}

#[test]
fn children_await_nothing_at_the_top_level() {
    check_child(&[(
        "
                import asyncio

                async def answer():
                    await asyncio.sleep(1)
                    return 42

                print(await answer()); kept = 1
            ",
        "passed completed | stdout 42⏎",
    )]);
}

#[test]
fn what_cannot_stand_at_the_top_level_ends_its_snippet_alone() {
    check_child(&[(
        "import asyncio\nreturn 5",
        "failed raised | SyntaxError: 'return' outside function (a.md, line 8) @8",
    )]);
}

#[test]
fn a_file_that_the_snippet_writes_is_its_own() {
    check(
        &[
            "open('main.py', 'w').write('mine = 1')\nimport multiprocessing",
            "import main\nprint(main.mine, open('main.py').read())",
        ],
        &["passed completed", "passed completed | stdout 1 mine = 1⏎"],
    );
}

#[test]
fn children_find_future_statements_at_the_beginning() {
    check_child(&[(
        "
                from __future__ import annotations

                def triple(x: Nowhere) -> Nowhere:
                    return 3 * x
            ",
        "passed completed",
    )]);
}

#[test]
fn the_file_stands_beside_the_document() {
    let project = Project::new(&[
        (
            "docs/a.md",
            "```python\nfrom pathlib import Path\nhere = Path(__file__).parent\nprint((here / 'data.csv').read_text())\n```\n",
        ),
        ("docs/data.csv", "a,b"),
    ]);
    project.json(&["docs/a.md"]).tells(&["passed completed | stdout a,b⏎"]);
    assert!(!project.path("docs/main.py").exists());
}

#[test]
fn the_file_can_be_read_and_run() {
    check(
        &[
            "limit = 3",
            "
                import subprocess, sys
                if len(sys.argv) > 1:
                    print('child', limit, sys.argv[1:])
                else:
                    done = subprocess.run([sys.executable, __file__, 'go'], capture_output=True, text=True)
                    print(done.stdout, end='')
            ",
        ],
        &["passed completed", "passed completed | stdout child 3 ['go']⏎"],
    );
}

#[test]
fn a_file_of_the_project_keeps_its_name() {
    let code = "import main\nfrom pathlib import Path\nprint(main.answer, Path(__file__).name)";
    let project = Project::document(&[code]);
    project.write("main.py", "answer = 42\n");
    project.json(&["a.md"]).tells(&["passed completed | stdout 42 snippet.py⏎"]);
}
