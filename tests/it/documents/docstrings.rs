//! Markdown fences in the docstrings of modules.

use serde_json::Value;

use crate::project::{Project, document};

const MODULE: &str = r#""""Shelves.

```python
shelf = ["jam"]
print(shelf)
#> ['jam']
```
"""


class Shelf:
    '''A shelf.

    >>> Shelf().count("jam")
    1

    ```py
    >>> Shelf().count("rice")
    0

    ```
    '''

    def count(self, thing):
        r"""Counts.

        Example:
            ```py
            for word in "jam\nhoney".split():
                print(word)
            ```

            Output:

            ```text
            jam
            rice
            ```

        ~~~py id=alone
        print(shelf)
        ~~~

        ```bash
        ls
        ```

        A fence that nothing closes:

        ```py
        nothing
        """
        return int(thing == "jam")
"#;

#[track_caller]
fn cells(objects: &[Value], keys: &[&str]) -> Vec<String> {
    let cell = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let row = |object: &Value| keys.iter().map(|key| cell(&object[*key])).collect::<Vec<_>>().join(" ");
    objects.iter().map(row).collect()
}

#[test]
fn fences_are_listed_below_the_name_of_their_docstring() {
    let run = Project::new(&[("shelf.py", MODULE)]).run(&["list", "--format", "json", "shelf.py"]);
    let blocks: Vec<Value> = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(
        cells(&blocks, &["id", "start_line", "end_line", "kind", "info", "disposition"]),
        [
            "shelf.py::__doc__::1 3 7 fenced python run",
            "shelf.py::Shelf 12 22 indented  run",
            "shelf.py::Shelf.count::1 28 31 fenced py run",
            "shelf.py::Shelf.count::text-1 35 38 fenced text other",
            "shelf.py::alone 40 42 fenced py id=alone run",
            "shelf.py::Shelf.count::bash-1 44 46 fenced bash other",
        ]
    );
}

#[test]
fn fences_run_alone() {
    let project = Project::new(&[("shelf.py", MODULE)]);
    let snippets = project.json(&["shelf.py"]).snippets();
    assert_eq!(
        cells(&snippets, &["id", "line", "verdict", "stdout"]),
        [
            "shelf.py::__doc__::1 4 passed ['jam']\n",
            "shelf.py::Shelf 14 passed 1\n0\n",
            "shelf.py::Shelf.count::1 29 failed jam\nhoney\n",
            "shelf.py::alone 41 failed ",
        ]
    );
    assert_eq!(snippets[3]["exception"]["type"], "NameError");
}

#[test]
fn a_fence_that_shows_something_else_is_corrected_in_place() {
    let project = Project::new(&[("shelf.py", MODULE)]);
    project.run(&["update", "--yes", "shelf.py:28"]);
    assert_eq!(project.read("shelf.py"), MODULE.replace("            rice\n", "            honey\n"));
}

#[test]
fn docstrings_of_one_name_have_fences_of_their_own() {
    let twice = "if x:\n    def f():\n        '''\n        ```py\n        1\n        ```\n        '''\n";
    let run = Project::new(&[("a.py", &twice.repeat(2))]).run(&["list", "--format", "json", "a.py"]);
    let blocks: Vec<Value> = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(cells(&blocks, &["id"]), ["a.py::f::1", "a.py::f-2::1"]);
}

const SKIPPED: &str = "\
__doctest_skip__ = ['broken', 'Thing.*']
__doctest_requires__ = {('needs',): ['nowhere_at_all>=2']}

def broken():
    '''>>> 1 / 0'''

def needs():
    '''>>> import nowhere_at_all'''

def fine():
    '''
    >>> 1 + 1
    3
    '''

class Thing:
    '''
    >>> 2
    2
    '''
    def method(self):
        '''>>> 1 / 0'''
";

#[test]
fn a_module_says_which_docstrings_are_not_tested() {
    let mut snippets = Project::new(&[("shop.py", SKIPPED)]).json(&["shop.py"]).snippets();
    snippets.sort_by_key(|snippet| snippet["line"].as_u64());
    assert_eq!(
        cells(&snippets, &["id", "verdict"]),
        [
            "shop.py::broken skipped",
            "shop.py::needs skipped",
            "shop.py::fine failed",
            "shop.py::Thing passed",
            "shop.py::Thing.method skipped",
        ]
    );
    let reasons = snippets[0]["reasons"].to_string();
    assert!(reasons.contains("`__doctest_skip__:` in the module"), "{reasons}");
}

const ASSIGNED: &str = "\
from json import dumps
from textwrap import dedent
from collections import namedtuple

def twice(x):
    '''
    >>> 'replaced'
    '''
    return 2 * x

twice.__doc__ = '''Doubles.

>>> twice(2)
5
'''

class Shelf:
    def count(self):
        return 1

Shelf.count.__doc__ = '>>> Shelf().count()\\n1'
Point = namedtuple('Point', 'x')
class Box:
    __doc__ = dedent('>>> 2\\n2')
Point.__doc__ = '>>> Point(1).x\\n1'
dumps.__doc__ = '>>> 1 / 0'
";

#[test]
fn docstrings_that_are_assigned_are_tested() {
    let snippets = Project::new(&[("tools.py", ASSIGNED)]).json(&["tools.py"]).snippets();
    assert_eq!(
        cells(&snippets, &["id", "verdict"]),
        [
            "tools.py::twice failed",
            "tools.py::Shelf.count passed",
            "tools.py::Box passed",
            "tools.py::Point passed",
        ]
    );
}

#[track_caller]
fn passes(files: &[(&str, &str)], documents: &[&str]) {
    let run = Project::new(files).json(documents);
    let verdicts: Vec<String> = run.snippets().iter().map(|each| each["verdict"].to_string()).collect();
    assert_eq!((run.code, verdicts), (0, vec!["\"passed\"".to_owned(); documents.len()]), "{run:?}");
}

/// A module with a function of which an example shows that it returns `answer`.
fn module(imports: &str, answer: &str) -> String {
    format!("{imports}\n\ndef own():\n    '''\n    >>> own()\n    'tea'\n    '''\n    return {answer}\n")
}

#[test]
fn a_folder_without_init_is_a_package_where_a_module_says_so() {
    let relative = module("from .. import cups", "cups.first");
    let absolute = module("from shop.cups import first", "first");
    let files = [
        ("lib/shop/cups.py", "first = 'tea'\n"),
        ("lib/shop/inner/shape.py", relative.as_str()),
        ("lib/shop/other.py", absolute.as_str()),
    ];
    passes(&files, &["lib/shop/inner/shape.py", "lib/shop/other.py"]);
}

#[test]
fn a_script_finds_its_neighbours() {
    let script = module("import words", "words.tea");
    passes(&[("tools/script.py", &script), ("tools/words.py", "tea = 'tea'\n")], &["tools/script.py"]);
}

#[test]
fn modules_may_be_named_like_those_of_the_library() {
    for name in ["queue", "warnings", "collections", "inspect", "traceback", "types"] {
        let text = module(&format!("import {name}"), "'tea'");
        for folder in ["shop", "src/shop"] {
            let path = format!("{folder}/{name}.py");
            passes(&[(&path, &text)], &[&path]);
            passes(&[(&path, &text), (&format!("{folder}/__init__.py"), "")], &[&path]);
        }
    }
}

#[test]
fn neighbours_named_like_modules_of_the_library_are_the_snippets_alone() {
    let text = document(&[
        "int('x')  # ValueError",
        "```pycon\n>>> import asyncio\n>>> asyncio.mine\n1\n>>> int('x')\nTraceback (most recent call last):\n\
         ValueError: invalid literal for int() with base 10: 'x'",
        "import traceback, linecache\nprint(traceback.mine, linecache.mine)  # 1 1\nraise KeyError('told')",
    ]);
    let names = ["traceback", "linecache", "asyncio", "threading", "importlib", "textwrap"];
    let paths = names.map(|name| format!("{name}.py"));
    let files = paths.iter().map(|path| (path.as_str(), "mine = 1\n"));

    let run =
        Project::new(&[("a.md", text.as_str())].into_iter().chain(files).collect::<Vec<_>>()).json(&["a.md"]);
    run.tells(&[
        "passed completed",
        "passed completed | stdout 1⏎",
        "failed raised | KeyError: 'told' @17 | stdout 1 1⏎",
    ]);
}

#[test]
fn skips_under_conditions_are_decided_where_they_can_be() {
    let module = "\
import sys

try:
    import nowhere_to_be_found
    FOUND = True
except ImportError:
    FOUND = False

__doctest_skip__ = ['a']
if sys.version_info < (3, 0):
    __doctest_skip__ += ['b']
if sys.version_info >= (3, 0):
    __doctest_skip__ += ['c']
if not FOUND:
    __doctest_skip__ += ['d']
if sys.flags.optimize:
    __doctest_skip__ += ['e']

def a():
    '''
    >>> 1 / 0
    '''

def b():
    '''
    >>> 1
    1
    '''

def c():
    '''
    >>> 1 / 0
    '''

def d():
    '''
    >>> 1 / 0
    '''

def e():
    '''
    >>> 1
    1
    '''
";
    let run = Project::new(&[("m.py", module)]).json(&["m.py"]);
    let found: Vec<_> = run
        .snippets()
        .iter()
        .map(|snippet| {
            format!("{} {} {}", snippet["id"], snippet["verdict"], snippet["reasons"]).replace('"', "")
        })
        .collect();
    assert_eq!(
        found,
        [
            "m.py::a skipped [`__doctest_skip__:` in the module]",
            "m.py::b passed []",
            "m.py::c skipped [`skipif: …` in the module: `sys.version_info >= (3, 0)` holds]",
            "m.py::d skipped [`nowhere_to_be_found` is not installed, and the document says that it needs it]",
            "m.py::e skipped [`skipif: …` in the module: `sys.flags.optimize` cannot be decided without running it]",
        ],
        "{run:?}"
    );
}

#[test]
fn docstrings_that_are_added_to_are_one() {
    let module = "\
def f():
    '''
    >>> x = 1
    '''

def g():
    '''
    >>> 1 / 0
    '''

def h():
    '''
    >>> 1 / 0
    '''

def i():
    '''
    >>> 2
    3
    '''

f.__doc__ += '''
    >>> x + 1
    2
    >>> x
    2
'''
g.__doc__ = f.__doc__
if h.__doc__ is not None:
    h.__doc__ = None
i.__doc__ = i.__doc__.replace('a', 'b')
";
    let project = Project::new(&[("m.py", module)]);
    let run = project.json(&["m.py"]);
    let found = crate::documents::outlined::verdicts(&run);
    assert_eq!(found, ["3 failed", "  24 holds", "  26 broken", "18 failed", "  19 broken"], "{run:?}");
    let run = project.run(&["list", "m.py"]);
    let note =
        "note: m.py:31: the docstring of `i` is computed: only what is written as a text is read of it\n";
    assert_eq!(run.stderr, note);
}
