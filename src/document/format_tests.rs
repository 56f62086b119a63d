//! Documents that are no Markdown: which blocks, where, and under which names.

use crate::document::parse::{Context, parse_text};
use crate::document::{CodeBlock, Document, Options, parse};
use crate::model::markdown::Markdown;
use crate::model::snippet::{DocumentPath, Line, Namespace};

fn document(path: &str, source: &str) -> Document {
    parse(&DocumentPath(path.to_owned()), source, &Options::default())
}

/// Lines, language and content of each block.
#[track_caller]
fn check(path: &str, source: &str, expected: &[(u32, u32, u32, &str, &str)]) {
    let document = document(path, source);
    let found: Vec<_> = document
        .blocks
        .iter()
        .map(|CodeBlock { location, language, content, .. }| {
            (location.start.0, location.code.0, location.end.0, language.as_str(), content.as_str())
        })
        .collect();
    assert_eq!(found, expected, "{source:?}");
    assert_eq!(document.problems, [], "{source:?}");
}

fn ids(path: &str, source: &str) -> Vec<String> {
    document(path, source).blocks.into_iter().map(|fence| fence.id.0).collect()
}

#[test]
fn directives_of_restructured_text() {
    let check = |source: &str, expected: &[_]| check("a.rst", source, expected);
    check(".. code-block:: python\n\n   a\n\n     b\n\nwords\n", &[(1, 3, 5, "python", "a\n\n  b\n")]);
    check(".. code:: py\n   :name: x\n   :emphasize-lines: 1,\n\n   a\n", &[(1, 5, 5, "python", "a\n")]);
    check(".. code-block:: python\n   :caption: x\n   a\n", &[(1, 3, 3, "python", "a\n")]);
    check(".. sourcecode:: Bash\n\n  a\n", &[(1, 3, 3, "bash", "a\n")]);
    check(".. code-block::\n\n  a\n", &[(1, 3, 3, "", "a\n")]);
    check(
        ".. testcode:: group\n\n   a\n\n.. testoutput::\n\n   b\n",
        &[(1, 3, 3, "python", "a\n"), (5, 7, 7, "testoutput", "b\n")],
    );
    check(".. doctest::\n   :hide:\n\n   >>> a\n   1\n", &[(1, 4, 5, "pycon", ">>> a\n1\n")]);
    check(".. invisible-code-block: python\n\n  a\n", &[(1, 2, 3, "python", "\na\n")]);
    check(".. code-block:: python\n\nwords\n", &[(1, 1, 1, "python", "")]);
    check(".. code-block:: python", &[(1, 1, 1, "python", "")]);
}

#[test]
fn nested_directives() {
    let check = |source: &str, expected: &[_]| check("a.rst", source, expected);
    check(
        ".. note::\n\n   words\n\n   .. code:: python\n\n      a\n\n   .. code:: python\n\n      b\n",
        &[(5, 7, 7, "python", "a\n"), (9, 11, 11, "python", "b\n")],
    );
    check("- .. code:: python\n\n     a\n    b\n", &[(1, 3, 4, "python", " a\nb\n")]);
    check(
        ".. list-table::\n\n   * - .. code:: python\n\n          a\n     - b\n",
        &[(3, 5, 5, "python", "a\n")],
    );
    check("\t.. code:: python\n\n\t    a\n\t\tb\n", &[(1, 3, 4, "python", "a\n\tb\n")]);
    check(
        ".. code:: rst\n\n   .. code:: python\n\n      a\n",
        &[(1, 3, 5, "rst", ".. code:: python\n\n   a\n")],
    );
}

#[test]
fn comments_are_no_code() {
    let check = |source: &str, expected: &[_]| check("a.rst", source, expected);
    check(".. words\n   .. code:: python\n\n   >>> 1\n\nwords\n", &[]);
    check("..\n   >>> 1\n", &[]);
    check(".. raw:: html\n\n   >>> 1\n", &[]);
    check(".. _target:\n\n   >>> 1\n", &[(3, 3, 3, "pycon", ">>> 1\n")]);
}

#[test]
fn literal_blocks_and_prompts() {
    let check = |path: &str, source: &str, expected: &[_]| check(path, source, expected);
    check("a.rst", "words::\n\n    a\n\n    b\n\nc\n", &[(3, 3, 5, "", "a\n\nb\n")]);
    check(
        "a.rst",
        "words::\n\n    >>> a\n    1\n\n    words\n",
        &[(3, 3, 6, "pycon", ">>> a\n1\n\nwords\n")],
    );
    check("a.rst", "words::\n\n    words\n\n    >>> a\n    1\n", &[(5, 5, 6, "pycon", ">>> a\n1\n")]);
    check("a.rst", "words::\n\nwords\n", &[]);
    check(
        "a.rst",
        ">>> a\n1\n\n>>> b\n\nwords\n\n  >>> c\n",
        &[(1, 1, 4, "pycon", ">>> a\n1\n\n>>> b\n"), (8, 8, 8, "pycon", ">>> c\n")],
    );
    check(
        "a.txt",
        "words::\n\n    a\n\n    >>> b\n    1\n.. comment\n\nwords\n  >>> c\r\n",
        &[(5, 5, 7, "pycon", "    >>> b\n    1\n.. comment\n"), (10, 10, 10, "pycon", ">>> c\n")],
    );
}

#[test]
fn headings_name_blocks() {
    let source = ">>> 0\n\n=====\nTitle\n=====\n\nPart\n----\n\n>>> 1\n\nwords\n\n.. code:: python\n\n   2\n\nPart\n----\n\n::\n\n  3\n";
    let expected = ["a.rst::top::1", "a.rst::part::1", "a.rst::part::2", "a.rst::part-2::block-1"];
    assert_eq!(ids("a.rst", source), expected);
    let sections: Vec<_> = document("a.rst", source).blocks.iter().map(|fence| fence.section).collect();
    assert_eq!(sections, [0, 2, 2, 3]);
}

const MODULE: &str = r#"'''>>> 0
'''
import sys

class A:
    """Words.

    >>> A()
    A

    More words.

      >>> 1

    And more.
    """
    @property
    def size(self):
        ">>> 2"
        def inner():
            ">>> 3"
    @size.setter
    def size(self, value):
        ">>> 4"
    class B:
        async def c(self):
            r'''
            >>> "\n"
            '\n'
            '''

if True:
    def f():
        """>>> 5"""
else:
    def f(): ">>> 6"
def g(): ">>> 7"
def g(): ">>> 8"
def no(): "words"
__test__ = {"key": ">>> 9", "a key": ">>> " "10", "no": 1, 2: ">>> 11"}
if sys.TYPE_CHECKING:
    def h(): ">>> 12"
"#;

#[test]
fn docstrings() {
    check(
        "a.py",
        MODULE,
        &[
            (1, 1, 2, "pycon", ">>> 0\n"),
            (6, 8, 16, "pycon", ">>> A()\nA\n\nMore words.\n\n  >>> 1\n"),
            (19, 19, 19, "pycon", ">>> 2\n"),
            (27, 28, 30, "pycon", ">>> \"\\n\"\n'\\n'\n"),
            (34, 34, 34, "pycon", ">>> 5\n"),
            (36, 36, 36, "pycon", ">>> 6\n"),
            (38, 38, 38, "pycon", ">>> 8\n"),
            (40, 40, 40, "pycon", ">>> 9\n"),
            (40, 40, 40, "pycon", ">>> 10\n"),
        ],
    );
    let names =
        ["__doc__", "A", "A.size", "A.B.c", "f", "f-2", "g", "__test__.key", "__test__.akey-8fa3aab2"];
    assert_eq!(ids("a.py", MODULE), names.map(|name| format!("a.py::{name}")));
}

#[test]
fn docstrings_are_values() {
    check(
        "a.py",
        "def f():\n  '''\n  >>> print('a\\\\nb')\n  a\n  b\n  '''\n",
        &[(2, 3, 6, "pycon", ">>> print('a\\nb')\na\nb\n")],
    );
    check("a.py", "'''a\\\n\n>>> 1\\n1'''\n", &[(1, 2, 3, "pycon", ">>> 1\n1\n")]);
    check("a.py", "'''a\r\n\r\n>>> 1\r\n1\r\n'''\r\n", &[(1, 3, 5, "pycon", ">>> 1\n1\n")]);
    check("a.py", "f'''\n>>> 1\n'''\nb'''\n>>> 2\n'''\nx = '>>> 3'\n", &[]);
}

#[test]
fn a_module_that_cannot_be_read_says_so() {
    let source = format!("'>>> 1'\nx = {}1\n", "-".repeat(100_000));
    let document = document("a.py", &source);
    let problems = document.problems.iter().map(|problem| (problem.line, problem.message.as_str()));
    assert_eq!(problems.collect::<Vec<_>>(), [(Some(Line(2)), "this statement nests too deep")]);
    assert_eq!(document.blocks, []);
}

#[test]
fn modules() {
    let namespace = |path: &str, packages: usize| {
        let (path, options) = (DocumentPath(path.to_owned()), Options::default());
        let context =
            Context { path: &path, options: &options, markdown: Markdown::Auto, packages, sphinx: None };
        let document = parse_text("'>>> 1'\n", &context);
        match &document.blocks[0].namespace {
            Namespace::Module { name, folder, above } => format!("{folder}:{name} {above}"),
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(namespace("a.py", 0), ":a 0");
    assert_eq!(namespace("src/a/b/c.py", 0), "src/a/b:c 3");
    assert_eq!(namespace("src/a/b/c.py", 2), "src:a.b.c 1");
    assert_eq!(namespace("src/a/__init__.py", 1), "src:a 1");
    assert_eq!(namespace("a/__init__.py", 9), ":a 0");
    assert_eq!(namespace("a/__init__.py", 0), "a:__init__ 1");
    assert_eq!(namespace("/x/a/b.py", 1), "/x:a.b 1");
}

/// Id and reason of each block, then the problems.
#[track_caller]
fn check_reasons(source: &str, expected: &[&str]) {
    let document = document("a.rst", source);
    let fences = document.blocks.iter();
    let mut found: Vec<_> =
        fences.map(|fence| format!("{} {}", fence.id, fence.disposition.reason().unwrap_or("-"))).collect();
    found.extend(document.problems.iter().map(|problem| problem.message.clone()));
    assert_eq!(found, expected, "{source:?}");
}

#[test]
fn comments_and_options_are_markers() {
    let code = ".. code:: python\n\n   1\n\n";
    let skipped = |place: &str| format!("a.rst::top::1 {place}");
    check_reasons(
        &format!(".. skip: next\n\n{code}{code}"),
        &[&skipped("`skip: next` in line 1"), "a.rst::top::2 -"],
    );
    check_reasons(
        &format!(".. skip: start\n\n{code}.. skip: end\n\n{code}"),
        &[&skipped("`skip: start` in line 1"), "a.rst::top::2 -"],
    );
    check_reasons(&format!(".. codeblock-name: x\n\n{code}"), &["a.rst::x -"]);
    check_reasons(".. code:: python\n   :name: x\n\n   1\n", &["a.rst::x -"]);
}

#[test]
fn directives_around_examples() {
    let skipped = |number: u32, place: &str| format!("a.rst::top::{number} {place}");
    let around = "`doctest-skip:` in the directive";
    check_reasons(
        ".. doctest-skip::\n\n   >>> 1\n\n   words\n\n   >>> 2\n\n>>> 3\n",
        &[&skipped(1, around), &skipped(2, around), &skipped(3, "-")],
    );
    check_reasons(
        ".. doctest-skip-all\n\n>>> 1\n\nwords\n\n>>> 2\n",
        &[&skipped(1, "`doctest-skip-all` in line 1"), &skipped(2, "`doctest-skip-all` in line 1")],
    );
}
