//! Code in containers that CommonMark does not know, or that hide it: of `MyST`, of `MkDocs`, of HTML.

use crate::documents::outlined::{check_list, check_run};
use crate::project::Project;

#[test]
fn directives_of_myst_hold_code() {
    let text = "````{note}\n```python\nprint(1)  # 2\n```\n````\n\n\
                `````{tab-set}\n````{tab-item} Python\n:sync: py\n\n```pycon\n>>> 1\n1\n```\n````\n`````\n\n\
                ~~~~{dropdown} More\n---\nopen: true\n---\n~~~{code-cell} python\nprint(3)  # 3\n~~~\n~~~~\n\n\
                - item\n\n  ````{admonition} Title\n  ```python\n  print(4)  # 5\n  ```\n  ````\n";
    check_run(
        &[("a.md", text)],
        &[
            "3 failed",
            "  3 broken",
            "12 passed",
            "  13 holds",
            "23 passed",
            "  23 holds",
            "31 failed",
            "  31 broken",
        ],
    );
}

#[test]
fn directives_that_show_source_hold_none() {
    let text = "````{code-block} md\n```python\nprint(1)\n```\n````\n\n````{note}\nwords\n````\n\n````markdown\n```{note}\n```\n````\n";
    check_list(
        &[("a.md", text)],
        &["1 other: language `md`", "7 other: language `{note}`", "11 other: language `markdown`"],
    );
}

#[test]
fn restructured_text_in_markdown_is_read_as_such() {
    let text = "# A\n\n```{eval-rst}\n.. doctest::\n\n   >>> 1 + 1\n   3\n```\n\n````{eval-rst}\n.. code-block:: python\n\n   print(2)  # 2\n\n\
                .. skip: next\n\n.. code-block:: python\n\n   print(3)\n````\n\n```{eval-rst}\n.. note:: words\n```\n\n:::{eval-rst}\n>>> 2\n2\n:::\n";
    check_run(
        &[("a.md", text)],
        &["6 failed", "  7 broken", "13 passed", "  13 holds", "19 skipped", "27 passed", "  28 holds"],
    );
    check_list(
        &[("a.md", text)],
        &["4 run", "11 run", "17 skip: `skip: next` in line 15", "22 other: language `{eval-rst}`", "27 run"],
    );
}

const HIDDEN: &str =
    "it stands right below an HTML tag, so that readers see its source: leave a blank line above it";

#[test]
fn fences_below_tags_are_listed() {
    let text = "<details>\n<summary>More</summary>\n```python\nx = 1\n\nprint(x)\n```\n</details>\n\n\
                <div markdown=\"1\">\n```python\nprint(2)  # 2\n```\n</div>\n\n<p>\n```bash\nls\n```\n</p>\n\n<div>\n\n```python\n1\n```\n\n</div>\n";
    let hidden = |line: u32| format!("{line} suspicious: {HIDDEN}");
    let bash = "17 other: no code to readers: it stands right below an HTML tag, so that readers see its source: \
                leave a blank line above it";
    check_list(&[("a.md", text)], &[&hidden(3), &hidden(11), bash, "24 run"]);
    check_list(&[("a.md", text), ("mkdocs.yml", "")], &[&hidden(3), "11 run", bash, "24 run"]);
    check_list(&[("a.mdx", text)], &["3 run", "11 run", "17 other: language `bash`", "24 run"]);

    let project = Project::new(&[("a.md", text)]);
    assert_eq!(project.run(&["run", "--check", "a.md"]).code, 1);
}

#[test]
fn containers_of_mkdocs_hold_code() {
    let text = "Term\n\n:   Definition\n\n    ```python\n    print(1)  # 2\n    ```\n\n[^note]:\n    A footnote\n\n    ```python\n    print(2)  # 2\n    ```\n\n\
                !!!warning\n\n    ```python\n    print(3)  # 4\n    ```\n\n??? \"Only a title\"\n\n    ```python\n    print(4)  # 4\n    ```\n\n\
                * item\n  {#anchor}\n\n    Words.\n\n      ```python\n      print(5)  # 6\n      ```\n";
    let all = [
        "6 failed",
        "  6 broken",
        "13 passed",
        "  13 holds",
        "19 failed",
        "  19 broken",
        "25 passed",
        "  25 holds",
        "34 failed",
        "  34 broken",
    ];
    check_run(&[("docs/a.md", text), ("mkdocs.yml", "site_name: x\n")], &all);
    check_run(&[("docs/a.md", text), ("zensical.toml", "[project]\n")], &all);
}

#[test]
fn elsewhere_their_fences_are_text_and_say_so() {
    let text = "!!! note\n\n    ```python\n    1\n    ```\n\n[^1]:\n    words\n\n    ```py\n    2\n    ```\n\n- item\n\n        ```python\n        3\n        ```\n\n\
                Words.\n\n    ```python\n    4\n    ```\n\nWords.\n\n    ```bash\n    ls\n    ```\n";
    let fence = "a fence that is indented by four columns is text";
    let foreign = "what it belongs to is known to MkDocs, for which the setting is `markdown = \"mkdocs\"`";
    check_list(
        &[("a.md", text)],
        &[
            &format!("3 suspicious: {fence}: {foreign}"),
            &format!("10 suspicious: {fence}: {foreign}"),
            &format!(
                "16 suspicious: {fence}: it stands four columns or more to the right of the text of its list item"
            ),
            &format!("22 other: indented block, no language label: {fence}"),
            "28 other: indented block, no language label",
        ],
    );
}

#[test]
fn indented_python_says_that_it_has_no_label() {
    let text = "Words.\n\n    from math import pi\n\n    def area(r):\n        return pi * r ** 2\n\n    print(area(1))\n\nWords.\n\n    $ ls\n    a.py\n";
    check_list(
        &[("a.md", text)],
        &[
            "3 suspicious: reads like Python and has no label: put it into a fence with `python`, or `text`",
            "12 other: indented block, no language label",
        ],
    );
}

#[test]
fn the_language_is_the_first_class_or_the_first_word() {
    let text = "```{other .python .x}\nprint(1)  # 2\n```\n\n```{data-x=\"1\" .python}\nprint(2)  # 2\n```\n\n```{.numberLines .python}\nprint(3)  # 3\n```\n";
    check_run(
        &[("a.md", text)],
        &["2 failed", "  2 broken", "6 passed", "  6 holds", "10 passed", "  10 holds"],
    );
    check_list(
        &[("a.md", "```title=\"app.py\" python\n1\n```\n")],
        &["1 suspicious: `python` is not the first word after the fence: begin with it"],
    );
}

#[test]
fn output_that_the_page_gets_is_not_missing() {
    for word in ["on", "true", "1", "yes"] {
        let text =
            format!("```pycon exec=\"{word}\" source=\"console\"\n>>> x = 1\n>>> print(x)\n>>> x\n2\n```\n");
        check_run(&[("a.md", &text)], &["2 failed", "  5 broken"]);
    }
    check_run(&[("a.md", "```pycon exec=\"on\"\n>>> 1 / 0\n```\n")], &["2 failed", "  2 broken"]);
    check_run(&[("a.md", "```pycon\n>>> print(2)\n```\n")], &["2 failed", "  2 broken"]);
}

#[test]
fn a_document_that_is_not_read_is_named_as_what_it_is() {
    let run = Project::new(&[("a.ipynb", "{\"cells\": []}")]).run(&["run", "a.ipynb"]);
    assert_eq!(run.code, 1);
    assert!(run.stdout.contains("a notebook, which is not read"), "{run:?}");
    assert!(run.stdout.contains("jupytext --to md"), "{run:?}");
    let run = Project::new(&[("a.adoc", "[source,python]\n----\n1\n----\n")]).run(&["run", "a.adoc"]);
    assert!(run.code == 1 && run.stdout.contains("AsciiDoc, which is not read"), "{run:?}");
    let folder = Project::new(&[("a.ipynb", "{}"), ("a.md", "```python\n1\n```\n")]);
    assert_eq!(folder.json(&["."]).snippets().len(), 1);
}
