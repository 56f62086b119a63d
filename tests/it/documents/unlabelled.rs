//! The setting that runs Python without a label.

use crate::documents::outlined::check_list;
use crate::project::Project;

const SETTINGS: (&str, &str) = ("pyproject.toml", "[tool.snipcheck]\nunlabelled = \"python\"\n");

const MARKDOWN: &str = "\
# Prices

```
from math import floor
price = floor(3.7)
```

    print(price + 1)

```
4
```

```
$ pip install prices
```

```
[prices]
tea = 3
```

```text
print('text')
```

~~~
print(price)  # 3
~~~

<!-- skip: next -->

    print(missing)
";

#[test]
fn plain_python_runs() {
    check_list(
        &[("a.md", MARKDOWN), SETTINGS],
        &[
            "3 run",
            "8 run",
            "10 other: output of the snippet in line 8",
            "14 other: no language label",
            "18 other: no language label",
            "23 other: language `text`",
            "27 run",
            "33 skip: `skip: next` in line 31",
        ],
    );
    let run = Project::new(&[("a.md", MARKDOWN), SETTINGS]).json(&["a.md"]);
    run.tells(&[
        "passed completed",
        "passed completed | stdout 4⏎",
        "passed completed | stdout 3⏎",
        "skipped not-run | - `skip: next` in line 31",
    ]);
}

#[test]
fn without_the_setting_it_is_reported() {
    let advice = "reads like Python and has no label";
    let expected = [
        format!("3 suspicious: {advice}: write `python` after the fence, or `text`"),
        "8 other: indented block, no language label".to_owned(),
    ];
    let text = "# Prices\n\n```\nfrom math import floor\nprint(floor(3.7))\n```\n\n    print(price + 1)\n";
    let expected: Vec<&str> = expected.iter().map(String::as_str).collect();
    check_list(&[("a.md", text)], &expected);
    check_list(
        &[("a.md", text), ("pyproject.toml", "[tool.snipcheck]\nunlabelled = \"suspicious\"\n")],
        &expected,
    );
}

#[test]
fn literal_blocks_are_blocks_without_a_label() {
    let text = "Prices::\n\n    price = round(3.7)\n    print(price)\n\n.. code-block::\n\n    print(price)\n\nOutput::\n\n    4\n\n\
                .. highlight:: none\n\nNone::\n\n    print('none')\n";
    check_list(
        &[("a.rst", text), SETTINGS],
        &[
            "3 run",
            "6 run",
            "12 other: output of the snippet in line 6",
            "18 other: indented block, no language label",
        ],
    );
}

#[test]
fn a_slip_in_the_setting_is_named() {
    let project =
        Project::new(&[("a.md", ""), ("pyproject.toml", "[tool.snipcheck]\nunlabelled = \"pyton\"\n")]);
    let run = project.run(&["list", "a.md"]);
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("`unlabelled`") && run.stderr.contains("`python`"), "{}", run.stderr);
}
