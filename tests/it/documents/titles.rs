//! Fences with the name of a file: files for the snippets below, whatever these share.

use crate::documents::outlined::check_list;
use crate::project::{Project, Run};

const SHOP: &str = "\
# Shop

```python title=\"models.py\" hl_lines=\"1 2\" linenums=\"1\"
RATE = 2

def price(count):
    return RATE * count
```

```toml title=\"shop.toml\"
[shop]
open = true
```

## Use

```python
import tomllib
from models import price

print(price(3), tomllib.load(open('shop.toml', 'rb')))
```

```python title=\"models.py\"
RATE = 5

def price(count):
    return RATE * count
```

```python
import models
from models import price

print(models.RATE, price(3))
```
";

const SOLD: [&str; 4] = [
    "passed completed",
    "passed completed | stdout 6 {'shop': {'open': True}}⏎",
    "passed completed",
    "passed completed | stdout 5 15⏎",
];

/// Whatever runs, the project has the files that it had.
#[track_caller]
fn check(files: &[(&str, &str)], words: &[&str], expected: &[&str]) {
    let project = Project::new(files);
    let before = project.files();
    project.json(&[&[files[0].0], words].concat()).tells(expected);
    assert_eq!(project.files(), before);
    for (path, text) in files {
        assert_eq!(project.read(path), *text, "{path}");
    }
}

#[test]
fn later_snippets_import_and_open_them() {
    for words in [&[][..], &["--share", "section"], &["--share", "none"]] {
        check(&[("docs/a.md", SHOP)], words, &SOLD);
    }
}

#[test]
fn they_are_there_without_a_sandbox_and_without_namespaces() {
    let project = Project::new(&[("a.md", SHOP), ("shop.toml", "[shop]\nopen = false\n")]);
    let before = project.files();
    let sold = |run: Run| {
        let found: Vec<_> = run.snippets().iter().map(|snippet| snippet["stdout"].clone()).collect();
        assert_eq!(found, ["", "6 {'shop': {'open': True}}\n", "", "5 15\n"], "{run:?}");
    };
    sold(project.json(&["--sandbox=off", "a.md"]));
    let run = project.call(&["run", "--format", "json", "a.md"]).contained().run();
    assert_eq!(run.summary()["sandbox"], "b");
    sold(run);
    assert_eq!((project.files(), &*project.read("shop.toml")), (before, "[shop]\nopen = false\n"));
}

#[test]
fn one_snippet_alone_finds_them() {
    let project = Project::new(&[("a.md", SHOP)]);
    let run = project.json(&["a.md:32", "--share", "none"]);
    run.tells(&["passed completed | stdout 5 15⏎"]);
}

#[test]
fn the_files_of_a_package_import_one_another() {
    let text = "\
```python title=\"shop/db.py\"
RATE = 2
```

```python title=\"shop/prices.py\"
from .db import RATE
from shop import db

print(__name__, __package__, db.RATE)
price = RATE * 2
```

```python title=\"shop/views.py\" skip
from .prices import price

def view():
    return f'for {price}'
```

```python
from shop.views import view

print(view(), __package__)
```

```python title=\"shop/db.py\"
RATE = 5
```

```python
from shop.views import view

print(view())
```
";
    for words in [&[][..], &["--share", "none"]] {
        check(
            &[("a.md", text)],
            words,
            &[
                "passed completed",
                "passed completed | stdout __main__ shop 2⏎",
                "skipped not-run | - skip in the info string",
                "passed completed | stdout shop.prices shop 2⏎for 4 None⏎",
                "passed completed",
                "passed completed | stdout shop.prices shop 5⏎for 10⏎",
            ],
        );
    }
}

#[test]
fn the_sessions_copy_wins_over_a_neighbour() {
    let text = "\
```python
import models
print(models.name, models.other)
```

```python title=\"models.py\"
name = 'document'
```

```python title=\"shop/extra.py\"
name = 'extra'
```

```python
import models, shop, shop.extra
print(models.name, hasattr(models, 'other'), shop.name, shop.extra.name)
```
";
    let files = [
        ("docs/a.md", text),
        ("docs/models.py", "name = 'neighbour'\nother = 1\n"),
        ("docs/shop/__init__.py", "name = 'package'\n"),
        ("docs/shop/extra.py", "name = 'old'\n"),
    ];
    let expected = [
        "passed completed | stdout neighbour 1⏎",
        "passed completed",
        "passed completed",
        "passed completed | stdout document False package extra⏎",
    ];
    check(&files, &[], &expected);
    let project = Project::new(&files);
    let before = project.files();
    let run = project.json(&["--sandbox=off", "docs/a.md"]);
    assert_eq!(run.snippets()[3]["stdout"], "document False package extra\n", "{run:?}");
    assert_eq!(project.read("docs/shop/extra.py"), "name = 'old'\n");
    assert_eq!(project.files(), before);
}

const EXITED: &str = "failed exited | cause exit 0.0 (it left without unwinding, as `os._exit` does) | \
                      - exited with code 0: it left without unwinding, as `os._exit` does";

/// The session that starts again has the file of the snippet that ended it.
#[test]
fn they_outlive_the_snippet_that_dies() {
    check(
        &[(
            "a.md",
            "```python title=\"a.py\"\nimport os\nif __name__ == '__main__':\n    os._exit(0)\n```\n\n```python\nimport a\nprint(a.os.sep)\n```\n",
        )],
        &[],
        &[EXITED, "passed completed | stdout /⏎"],
    );
}

#[test]
fn a_script_of_the_usual_name_is_one_of_them() {
    check(
        &[(
            "a.md",
            "```python title=\"main.py\"\nfrom multiprocessing import get_context\n\ndef double(x):\n    return 2 * x\n\nif __name__ == '__main__':\n    \
             with get_context('spawn').Pool(1) as pool:\n        print(pool.map(double, [1, 2]))\n```\n\n\
             ```python title=\"shop/main.py\"\nfrom .db import RATE\n```\n\n```python\nimport main\nprint(main.double(4))\n```\n",
        )],
        &[],
        &[
            "passed completed | stdout [2, 4]⏎",
            "failed raised | ModuleNotFoundError: No module named 'shop.db' @13",
            "passed completed | stdout 8⏎",
        ],
    );
}

#[test]
fn children_import_a_script_that_is_in_a_package() {
    check(
        &[(
            "a.md",
            "```python title=\"shop/db.py\"\nRATE = 2\n```\n```python title=\"shop/prices.py\"\nfrom .db import RATE\n\ndef price(x):\n    return RATE * x\n```\n\
             ```python\nfrom multiprocessing import get_context\nif __name__ == '__main__':\n    with get_context('spawn').Pool(1) as pool:\n        \
             print(pool.map(price, [1, 2]))\n```\n",
        )],
        &[],
        &["passed completed", "passed completed", "passed completed | stdout [2, 4]⏎"],
    );
}

#[test]
fn directives_and_lines_name_files_too() {
    let markdown = "\
```{code-block} toml
:caption: a.toml

x = 1
```

`b.json`:

```json
{\"y\": 2}
```

```{code-block} python
:caption: c.py
:linenos:

z = 3
```

```python
import json, tomllib
import c
print(tomllib.load(open('a.toml', 'rb')), json.load(open('b.json')), c.z)
```
";
    let shown = "passed completed | stdout {'x': 1} {'y': 2} 3⏎";
    check(&[("a.md", markdown)], &["--share", "none"], &["passed completed", shown]);

    let restructured = "\
.. code-block:: yaml
   :caption: a.yaml

   x: 1

.. code-block:: python
   :caption: c.py
   :emphasize-lines: 1

   z = 3

.. code-block:: python

   import c
   print(open('a.yaml').read(), c.z)
";
    check(
        &[("a.rst", restructured)],
        &["--share", "none"],
        &["passed completed", "passed completed | stdout x: 1⏎ 3⏎"],
    );
}

#[test]
fn titles_that_are_no_files_stay_titles() {
    let text = "\
```python title=\"Example 1\"
import os
print(sorted(os.listdir('.')))
```

```python title=\"../up.py\"
x = 1
```

```python title=\"/tmp/absolute.py\"
x = 1
```

```python title=\"logging.py\"
import logging
print(logging.INFO)
```

```pycon title=\"session.py\"
>>> 1 + 1
2
```

```python title=\"sketch.py\"
<type> = f(...)
```

```python
import logging
print(logging.INFO, sorted(os.listdir('.')), os.path.exists('../up.py'), os.path.exists('/tmp/absolute.py'))
```
";
    let run = Project::new(&[("a.md", text)]).json(&["a.md"]);
    let found: Vec<_> = run.snippets().iter().map(|snippet| snippet["stdout"].clone()).collect();
    let folder = "['a.md']";
    let last = format!("20 {folder} False False\n");
    assert_eq!(found, [&format!("{folder}\n"), "", "", "20\n", "2\n", "", &last], "{run:?}");
}

#[test]
fn the_list_says_which_blocks_are_files() {
    let text = "```python title=\"a.py\"\nx = 1\n```\n\n```toml title=\"a.toml\"\nx = 1\n```\n\n```python title=\"../b.py\"\nx = 1\n```\n\n\
                ```python title=\"shop.py\"\nimport shop\n```\n\n```python title=\"A model\"\nx = 1\n```\n";
    let project = Project::new(&[("a.md", text)]);
    let run = project.run(&["list", "a.md"]);
    let remarks: Vec<&str> =
        run.stdout.lines().take(5).map(|line| line.get(17..).unwrap_or_default().trim()).collect();
    assert_eq!(
        remarks,
        [
            "run           file `a.py` for the snippets below",
            "other         language `toml`; file `a.toml` for the snippets below",
            "run           the title `../b.py` leads out of the document's folder or is no plain path: it stays a title",
            "run           `shop.py` imports `shop` itself, which it would hide: its name stays a title",
            "run",
        ],
        "{}",
        run.stdout
    );
    let run = project.run(&["list", "--format", "json", "a.md"]);
    let blocks: Vec<serde_json::Value> = serde_json::from_str(&run.stdout).unwrap();
    let files: Vec<_> = blocks.iter().map(|block| block["file"].as_str()).collect();
    assert_eq!(files, [Some("a.py"), Some("a.toml"), None, None, None]);
}

#[test]
fn a_file_below_code_is_not_its_output() {
    let text = "```python\nprint(1)\n```\n\n```text title=\"notes.txt\"\n2\n```\n\n```python\nprint(open('notes.txt').read())\n```\n\n\
                ```text title=\"Output\"\n3\n```\n";
    check_list(
        &[("a.md", text)],
        &["1 run", "5 other: language `text`", "9 run", "13 other: output of the snippet in line 9"],
    );
}
