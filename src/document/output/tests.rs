//! Documents with output below a snippet in line 1, and with blocks that are none.

use crate::directive::Python;
use crate::document::{Options, parse};
use crate::model::snippet::{Comparison, DocumentPath};

/// Texts of the first snippet, then what becomes of the other blocks.
#[track_caller]
fn check(below: &str, shown: &[(u32, &str)], others: &[&str]) {
    check_whole(&format!("```python\nprint(1)\n```\n{below}"), shown, others);
}

#[track_caller]
fn check_whole(source: &str, shown: &[(u32, &str)], others: &[&str]) {
    let python = Some(Python { major: 3, minor: 11 });
    let options = Options { python, ..Options::default() };
    let document = parse(&DocumentPath("a.md".to_owned()), source, &options);
    let [snippet, rest @ ..] = &document.blocks[..] else { panic!("{source}") };
    let found: Vec<_> =
        snippet.shown.iter().map(|shown| (shown.location.code.0, shown.text.as_str())).collect();
    assert_eq!(found, shown, "{source}");
    let found: Vec<_> = rest.iter().map(|fence| fence.disposition.reason().unwrap_or("run")).collect();
    assert_eq!(found, others, "{source}");
}

const OURS: &str = "output of the snippet in line 1";

#[test]
fn blocks_right_below() {
    for label in ["", "text", "txt", "output", "stdout", "plain", "none", "console", "text title=\"Output\""]
    {
        check(&format!("\n```{label}\n1\n```\n"), &[(6, "1\n")], &[OURS]);
    }
    check("```\n1\n```\n\n```\n2\n```\n", &[(5, "1\n")], &[OURS, "no language label"]);
    check("<!-- a remark -->\n```\n1\n```\n", &[(6, "1\n")], &[OURS]);
    check("~~~text\n~~~\n", &[], &["language `text`"]);
    check("\nOutput:\n\n```\n```\n", &[(8, "")], &[OURS]);
}

#[test]
fn blocks_that_words_announce() {
    for words in
        ["Output:", "**Output**", "Expected output:", "### Output", "This prints:", "Running it gives"]
    {
        check(&format!("\n{words}:\n\n```\n1\n```\n"), &[(8, "1\n")], &[OURS]);
    }
    check("\nOutput:\n\n    1\n", &[(7, "1\n")], &[OURS]);
    check("\nOutput:\n\n```py\n[1]\n```\n", &[(8, "[1]\n")], &[OURS]);
    check("\nOutput:\n\n```bash title=\"output\"\n1\n```\n", &[(8, "1\n")], &[OURS]);
    for label in ["yaml", "html", "bash", "xml", "ini", "toml", "sql"] {
        check(&format!("\nOutput:\n\n```{label}\na: 1\n```\n"), &[(8, "a: 1\n")], &[OURS]);
        let other = format!("language `{label}`");
        check(&format!("\nThe file:\n\n```{label}\na: 1\n```\n"), &[], &[&other]);
        check(&format!("\n```{label}\na: 1\n```\n"), &[], &[&other]);
    }
    check("\nOutput:\n\n```bash\n$ ls\n```\n", &[], &["language `bash`"]);
    for words in ["Salida:", "Ausgabe:", "Sortie :", "出力:", "**Saída**"] {
        check(&format!("\n{words}\n\n```text\n1\n```\n"), &[(8, "1\n")], &[OURS]);
    }
    check("\nSome words.\n\n```output\n1\n```\n", &[(8, "1\n")], &[OURS]);
}

#[test]
fn blocks_that_show_something_else() {
    let none = "no language label";
    check("\n```bash\nls\n```\n", &[], &["language `bash`"]);
    check("\nThe tree:\n```\na\n```\n", &[], &[none]);
    check("\nIt looks like this output:\n```\na\n```\n", &[], &[none]);
    check("\n# Next\n```\na\n```\n", &[], &[none]);
    check("\n```py\n[1]\n```\n", &[], &["run"]);
    check("\nThe result:\n```py\n[1]\n```\n", &[(7, "[1]\n")], &[OURS]);
    check("\nOutput:\n```py\nimport a\n```\n", &[], &["run"]);
    check("\nOutput:\n```py\nprint(1)\n```\n", &[], &["run"]);
    check("\nThis displays:\n```py\n[1]\n```\n", &[], &["run"]);
    for text in ["$ python a.py\n1", "pip install a", "├── a", "import a", "def f():", "> a"] {
        check(&format!("```\n{text}\n```\n"), &[], &[none]);
    }
    check("Output:\n```\n$ python a.py\n1\n```\n", &[], &[none]);
    check("\n    a\n", &[], &["indented block, no language label"]);
    check_whole("```py\ndef f(): return 1\nx = 1\n```\n```\na\n```\n", &[], &[none]);
    check_whole("```bash\nls\n```\n```\na\n```\n", &[], &[none]);
    check_whole("```pycon\n>>> 1\n```\n```\na\n```\n", &[], &[none]);
}

#[test]
fn tracebacks() {
    let text = "Traceback (most recent call last):\n  x\nE: a\n";
    check_whole(&format!("```py\nx = 1/0\n```\n```\n{text}```\n"), &[(5, text)], &[OURS]);
    check(&format!("It prints:\n```pytb\n{text}```\n"), &[(6, text)], &[OURS]);
    check("```pytb\nE: a\n```\n", &[(5, "E: a\n")], &[OURS]);
    let syntax = "  File \"x.py\", line 1\n    x = = 1\n        ^\nSyntaxError: invalid syntax\n";
    check_whole(&format!("```py\nx = 1\n```\n```\n{syntax}```\n"), &[(5, syntax)], &[OURS]);
    let notebook = "-----------------\nKeyError   Traceback (most recent call last)\nCell In[1], line 1\n\nKeyError: 1\n";
    check_whole(&format!("```py\nx = 1\n```\n```\n{notebook}```\n"), &[(5, notebook)], &[OURS]);
    check("So it fails.\n```pytb\nE: a\n```\n", &[], &["language `pytb`"]);
}

#[test]
fn comments() {
    check("<!--pytest-codeblocks:expected-output-->\n\n```py\n1\n```\n", &[(7, "1\n")], &[OURS]);
    let start = "<!-- OUTPUT:START -->\n<!-- written by a tool -->\n";
    check(
        &format!("{start}a\n\n```py\nb\n```\n<!-- OUTPUT:END -->\n\n```py\nc\n```\n"),
        &[(6, "a\n\n```py\nb\n```\n")],
        &[OURS, "run"],
    );
    check(&format!("{start}\n```\na\n```\n\n<!-- OUTPUT:END -->\n"), &[(8, "a\n")], &[OURS]);
    check("> <!-- OUTPUT:START -->\n> ~~~text\n> a\n> ~~~\n> <!-- OUTPUT:END -->\n", &[(6, "a\n")], &[OURS]);
    check("> <!-- OUTPUT:START -->\n> a\n> b\n> <!-- OUTPUT:END -->\n", &[(5, "a\nb\n")], &[]);
    check("<!-- OUTPUT:START -->\n<!-- OUTPUT:END -->\n", &[(5, "")], &[]);
    check("<!-- OUTPUT:START -->\na\n", &[], &[]);
}

#[test]
fn output_of_another_python() {
    let none = "no language label";
    check("\nOutput (Python 2.7):\n\n```\n1\n```\n", &[], &[none]);
    check("\nOutput (Python 3.4):\n\n```\n1\n```\n", &[], &[none]);
    check("\n```text title=\"Python 2\"\n1\n```\n", &[], &["language `text`"]);
    check("\nOutput (Python 3.11):\n\n```\n1\n```\n", &[(8, "1\n")], &[OURS]);
    check("\nOutput (Python 3.8+):\n\n```\n1\n```\n", &[(8, "1\n")], &[OURS]);
}

#[test]
fn directives() {
    let text = "```{testoutput} group\n:hide:\n:options: +ELLIPSIS, +NORMALIZE_WHITESPACE\n1\n```\n";
    check(text, &[(7, "1\n")], &[OURS]);
    let document =
        parse(&DocumentPath("a.md".to_owned()), &format!("```py\nf()\n```\n{text}"), &Options::default());
    assert_eq!(document.blocks[0].shown[0].comparison, Comparison::IgnoringBlanks);
}

#[test]
fn ends_of_a_block() {
    let code = |source: &str| {
        let path = DocumentPath("a.md".to_owned());
        let document = parse(&path, source, &Options::default());
        document.blocks[0].snippet(&path).code
    };
    check_whole("```py\nf(1)\n\n# output\n\na b\n```\n", &[(5, "\na b\n")], &[]);
    assert_eq!(code("```py\nf(1)\n\n# output\n\na b\n```\n"), "f(1)\n\n");
    assert_eq!(code("```py\nf(1)\n# output\n[1, 2]\n```\n"), "f(1)\n");
    for whole in [
        "f(1)\n# output\ng(2)\n",
        "f(1)\n# Output\na b\n",
        "f(1)\n  # output\na b\n",
        "f(1)\n# output:\na b\n",
    ] {
        assert_eq!(code(&format!("```py\n{whole}```\n")), whole);
    }
}

#[test]
fn hostile_documents_take_linear_time() {
    let started = std::time::Instant::now();
    let source = "```py\nf()\n```\n<!-- OUTPUT:START -->\n".repeat(19_000);
    check_whole(&source, &[], &vec!["run"; 18_999]);
    let source = format!("```py\nf()\n```\n{}```\n```\n", "Output:\n\n".repeat(400_000));
    check_whole(&source, &[], &["no language label"]);
    assert!(started.elapsed() < std::time::Duration::from_secs(20));
}
