//! Markdown fences in the docstrings of modules.

use serde_json::Value;

use crate::project::Project;

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
