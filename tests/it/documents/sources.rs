//! Documents that are no Markdown: reStructuredText, text with prompts, and modules with docstrings.

use serde_json::Value;

use crate::project::Project;

const GUIDE: &str = "\
Guide
=====

.. note::

   .. code-block:: python
      :caption: count

      total = 1 + 1
      print(total)

.. code-block:: bash

   ls

First part
----------

.. skip: next

.. code-block:: python

   print(missing)

Then::

   total = missing

>>> total
2
";

const MODULE: &str = r#"
import math
LIMIT = 3

class Box:
    """A box.

    >>> Box(2).size
    2
    """

    def __init__(self, size):
        self.size = size

    @property
    def area(self):
        r'''
        >>> LIMIT, math.floor(Box(2).area)
        (3, 4)
        >>> LIMIT = "\n"
        '''
        return self.size ** 2

def limit():
    """
    >>> LIMIT
    3
    """
"#;

/// What `list` says of each block, by these keys.
#[track_caller]
fn listed(project: &Project, targets: &[&str], keys: &[&str]) -> Vec<String> {
    let run = project.run(&[&["list", "--format", "json"], targets].concat());
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
    let blocks: Vec<Value> = serde_json::from_str(&run.stdout).unwrap();
    blocks
        .iter()
        .map(|block| keys.iter().map(|key| cell(&block[*key])).collect::<Vec<_>>().join(" "))
        .collect()
}

/// What `run` says of each snippet, by these keys.
#[track_caller]
fn ran(project: &Project, targets: &[&str], keys: &[&str]) -> Vec<String> {
    let events = project.json(targets).events();
    let snippets = events.iter().filter(|event| event["event"] == "snippet");
    snippets
        .map(|snippet| keys.iter().map(|key| cell(&snippet[*key])).collect::<Vec<_>>().join(" "))
        .collect()
}

fn cell(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

#[test]
fn directives_of_restructured_text_are_listed() {
    let project = Project::new(&[("docs/guide.rst", GUIDE)]);
    assert_eq!(
        listed(&project, &[], &["id", "start_line", "end_line", "kind", "language", "info", "disposition"]),
        [
            "docs/guide.rst::guide::1 6 10 fenced python code-block:: python run",
            "docs/guide.rst::guide::bash-1 12 14 fenced bash code-block:: bash other",
            "docs/guide.rst::first-part::1 21 23 fenced python code-block:: python skip",
            "docs/guide.rst::first-part::block-1 27 27 indented   other",
            "docs/guide.rst::first-part::2 29 30 indented pycon  run",
        ]
    );
}

#[test]
fn code_of_restructured_text_runs() {
    let project = Project::new(&[("docs/guide.rst", GUIDE.split(">>>").next().unwrap())]);
    assert_eq!(
        ran(&project, &[], &["id", "line", "ending", "stdout"]),
        ["docs/guide.rst::guide::1 9 completed 2\n", "docs/guide.rst::first-part::1 23 not-run "]
    );
}

#[test]
fn modules_and_text_have_to_be_named() {
    let files = [
        ("src/box.py", MODULE),
        ("notes.txt", ">>> 1\n1\n"),
        ("docs/a.rst", ">>> 2\n2\n"),
        ("docs/b.txt", ">>> 3\n"),
    ];
    let project = Project::new(&files);
    let ids = |targets: &[&str]| listed(&project, targets, &["id"]);
    assert_eq!(ids(&[]), ["docs/a.rst::top::1"]);
    assert_eq!(ids(&["src"]), [""; 0]);
    assert_eq!(ids(&["**/*.txt"]), ["docs/b.txt::top::1", "notes.txt::top::1"]);
    let docstrings = ["src/box.py::Box", "src/box.py::Box.area", "src/box.py::limit"];
    assert_eq!(ids(&["src/*.py"]), docstrings);
    assert_eq!(ids(&["src/box.py"]), docstrings);
    project.write("pyproject.toml", "[tool.snipcheck]\npaths = ['src/**/*.py']\n");
    assert_eq!(ids(&[]), docstrings);
}

#[test]
fn docstrings_are_listed_by_what_they_describe() {
    let project = Project::new(&[("box.py", MODULE)]);
    assert_eq!(
        listed(&project, &["box.py"], &["id", "start_line", "end_line", "kind", "language", "disposition"]),
        [
            "box.py::Box 6 10 indented pycon run",
            "box.py::Box.area 17 21 indented pycon run",
            "box.py::limit 25 28 indented pycon run",
        ]
    );
}

/// Line, verdict and what happened of each claim of a run.
#[track_caller]
fn claims(project: &Project, targets: &[&str]) -> Vec<String> {
    let events = project.json(targets).events();
    let claims =
        events.iter().filter_map(|event| event["claims"].as_array().filter(|_| event["event"] == "snippet"));
    claims
        .flatten()
        .map(|claim| ["line", "verdict", "actual"].map(|key| cell(&claim[key])).join(" "))
        .collect()
}

#[test]
fn docstrings_run_in_copies_of_their_module() {
    let project = Project::new(&[
        ("src/a/__init__.py", ""),
        ("src/a/b/__init__.py", "def first():\n    '''\n    >>> first.__module__\n    'a.b'\n    '''\n"),
        ("src/a/b/box.py", MODULE),
        (
            "src/a/b/near.py",
            "from . import box\nfrom .box import limit\n'''\n>>> 1\n'''\ndef f():\n  '>>> box.LIMIT'\n",
        ),
    ]);
    assert_eq!(claims(&project, &["src/a/b/box.py"]), ["9 holds 2", "19 holds (3, 4)", "27 holds 3"]);
    assert_eq!(claims(&project, &["src/a/b/__init__.py"]), ["4 holds 'a.b'"]);
    assert_eq!(ran(&project, &["src/a/b/near.py"], &["id", "verdict"]), ["src/a/b/near.py::f failed"]);
}

#[test]
fn a_package_does_not_hide_the_library() {
    let module = "'''\n>>> import fractions\n>>> fractions.Fraction(1, 2)\nFraction(1, 2)\n'''\n";
    let project =
        Project::new(&[("a/__init__.py", ""), ("a/fractions.py", "raise OSError\n"), ("a/b.py", module)]);
    assert_eq!(claims(&project, &["a/b.py"]), ["4 holds Fraction(1, 2)"]);
}

#[test]
fn a_module_that_cannot_be_imported_says_so() {
    let project = Project::new(&[("box.py", "'''>>> 1\n1\n'''\nimport gone\n")]);
    let events = project.json(&["box.py"]).events();
    assert_eq!(cell(&events[0]["exception"]["type"]), "ModuleNotFoundError");
    assert_eq!(cell(&events[0]["verdict"]), "failed");
}

#[test]
fn the_examples_of_a_text_share_their_names() {
    let text = "Words\n\n  >>> x = 1\n  >>> x\n  1\n\nwords\n\n    >>> x + 1\n    3\n";
    let project = Project::new(&[("notes.txt", text), ("docs/notes.rst", text)]);
    let expected = ["5 holds 1", "10 broken 2"];
    assert_eq!(claims(&project, &["notes.txt"]), expected);
    assert_eq!(claims(&project, &["docs"]), expected);
}
