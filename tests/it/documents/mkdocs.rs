//! Containers that CommonMark does not know.

use crate::project::Project;

const ADMONITIONS: &str = "# Use\n\n!!! note \"First\"\n\n    Words.\n\n    ```python\n    def f():\n        return 1\n    \
    print(f())\n    ```\n\n    ??? tip\n        ```py\n        print(2)\n        ```\n\n=== \"Tab\"\n\n    1. One\n\n        ```python\n        \
    1 / 0\n        ```\n\n=== \"Other\"\n    ```bash\n    ls\n    ```\n\nText.\n\n```python\nprint('!!! note', '''\n=== \"x\"\n''')\n```\n";

#[test]
fn admonitions_and_tabs_hold_code_below_settings() {
    let project = Project::new(&[("docs/a.md", ADMONITIONS), ("mkdocs.yml", "site_name: x\n")]);
    project.json(&["docs"]).tells(&[
        "passed completed | stdout 1⏎",
        "passed completed | stdout 2⏎",
        "failed raised | ZeroDivisionError: division by zero @23",
        "passed completed | stdout !!! note ⏎=== \"x\"⏎⏎",
    ]);
}

#[test]
fn elsewhere_documents_are_read_by_the_letter() {
    let project = Project::new(&[("a.md", ADMONITIONS), ("docs/mkdocs.yml", "")]);
    let only_the_last = ["passed completed | stdout !!! note ⏎=== \"x\"⏎⏎"];
    project.json(&["a.md"]).tells(&only_the_last);
    project.write("mkdocs.yaml", "");
    assert_eq!(project.json(&["a.md"]).snippets().len(), 4);
    project.write("pyproject.toml", "[tool.snipcheck]\nmarkdown = 'commonmark'\n");
    project.json(&["a.md"]).tells(&only_the_last);
    std::fs::remove_file(project.path("mkdocs.yaml")).unwrap();
    project.write("pyproject.toml", "[tool.snipcheck]\nmarkdown = 'mkdocs'\n");
    assert_eq!(project.json(&["a.md"]).snippets().len(), 4);
}

#[test]
fn colons_hold_code_where_they_say_so() {
    let text = ":::note\n```python\nprint(1)\n```\n:::\n\n:::{code-block} python\n:caption: x\n\nprint(2)\n1 / 0\n:::\n";
    Project::new(&[("a.md", text)]).json(&["a.md"]).tells(&[
        "passed completed | stdout 1⏎",
        "failed raised | ZeroDivisionError: division by zero @11 | stdout 2⏎",
    ]);
}
