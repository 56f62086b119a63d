use std::path::Path;

use crate::document::{Options, parse};
use crate::model::claim::Correction;
use crate::model::snippet::{DocumentPath, Line};
use crate::update::draft::{Edited, Order, edit};
use crate::update::error::UpdateError;

fn correction((first, count, lines): (u32, u32, &[&str])) -> Correction {
    Correction { first: Line(first), count, lines: lines.iter().map(|&line| line.to_owned()).collect() }
}

fn result(text: &str, corrections: &[(u32, u32, &[&str])]) -> Result<Edited, UpdateError> {
    let corrections: Vec<Correction> = corrections.iter().copied().map(correction).collect();
    let path = &DocumentPath("a.md".to_owned());
    let options = &Options::default();
    let source = &*parse(path, text, options).source;
    edit(Order { root: Path::new("/"), path, source, options, corrections: &corrections }, text)
}

#[track_caller]
fn check(text: &str, corrections: &[(u32, u32, &[&str])], expected: &str) {
    assert_eq!(result(text, corrections).unwrap().text, expected);
}

#[track_caller]
fn refused(text: &str, corrections: &[(u32, u32, &[&str])], expected: &str) {
    let problem = result(text, corrections).unwrap_err().problem(&DocumentPath("a.md".to_owned()));
    let line = problem.line.map_or(String::new(), |line| format!("{line}: "));
    assert_eq!(line + &problem.message, expected);
}

#[test]
fn lines_come_go_and_change() {
    let text = "# a\n\n```python\none\ntwo\n```\n\nend\n";
    check(text, &[(4, 1, &["1"])], "# a\n\n```python\n1\ntwo\n```\n\nend\n");
    check(text, &[(5, 1, &["2", "", "3"])], "# a\n\n```python\none\n2\n\n3\n```\n\nend\n");
    check(text, &[(4, 1, &[])], "# a\n\n```python\ntwo\n```\n\nend\n");
    check(text, &[(4, 2, &[])], "# a\n\n```python\n```\n\nend\n");
    check(text, &[(4, 0, &["0"])], "# a\n\n```python\n0\none\ntwo\n```\n\nend\n");
    check(text, &[(6, 0, &["3"])], "# a\n\n```python\none\ntwo\n3\n```\n\nend\n");
    check(text, &[(5, 1, &["2"]), (4, 1, &["1"])], "# a\n\n```python\n1\n2\n```\n\nend\n");
    check(text, &[(4, 1, &["1"]), (4, 1, &["1"])], "# a\n\n```python\n1\ntwo\n```\n\nend\n");
}

#[test]
fn containers_stay() {
    check(
        "> ```python\n> one\n>two\n> ```\n",
        &[(2, 2, &["1", "", "  2", "3"])],
        "> ```python\n> 1\n>\n>   2\n> 3\n> ```\n",
    );
    check("- ```python\n  one\n  ```\n", &[(2, 1, &["1", "", "2"])], "- ```python\n  1\n\n  2\n  ```\n");
    check(
        "1. > - ```python\n   >   one\n   >   ```\n",
        &[(2, 1, &["1", "2"])],
        "1. > - ```python\n   >   1\n   >   2\n   >   ```\n",
    );
    check("> - ```python\n>   ```\n", &[(2, 0, &["1"])], "> - ```python\n>   1\n>   ```\n");
    check(
        "  ```python\n  one\n two\n  ```\n",
        &[(3, 1, &["  2", "3"])],
        "  ```python\n  one\n    2\n  3\n  ```\n",
    );
    check("-\t```python\n\tone\n\t```\n", &[(2, 1, &["1", "\t2"])], "-\t```python\n\t1\n\t\t2\n\t```\n");
    check(
        "```py\n1\n```\n\n-     one\n      two\n",
        &[(5, 2, &["1", "2", "3"])],
        "```py\n1\n```\n\n-     1\n      2\n      3\n",
    );
}

#[test]
fn line_ends_stay() {
    check(
        "```python\r\none\r\ntwo\r\n```\r\n",
        &[(2, 1, &["1", "2"])],
        "```python\r\n1\r\n2\r\ntwo\r\n```\r\n",
    );
    check("```python\rone\r```\r", &[(2, 1, &["1", "2"])], "```python\r1\r2\r```\r");
    check("```python\none\r\ntwo\r```", &[(2, 2, &["1", "2", "3"])], "```python\n1\r\n2\r3\r```");
    check("\u{feff}```python\none\n```", &[(2, 1, &["1"])], "\u{feff}```python\n1\n```");
    check("```python\r\none", &[(2, 1, &["1", "2"])], "```python\r\n1\r\n2");
    check("```python\r\none", &[(3, 0, &["2"])], "```python\r\none\r\n2");
    check("```python\none\ntwo", &[(3, 1, &[])], "```python\none\n");
    check("```python\none  \r\n```\n \t\n", &[(2, 1, &["1"])], "```python\n1\r\n```\n \t\n");
}

#[test]
fn what_would_break_the_document_is_refused() {
    let text = "```python\none\ntwo\n```\n\n```text\nout\n```\n";
    let structure = "2: what came out would end or change the block that shows it";
    refused(text, &[(2, 1, &["```"])], structure);
    refused(text, &[(2, 1, &["````"])], structure);
    check(text, &[(2, 1, &["~~~"])], "```python\n~~~\ntwo\n```\n\n```text\nout\n```\n");
    check(text, &[(2, 1, &["`` `"])], "```python\n`` `\ntwo\n```\n\n```text\nout\n```\n");
    refused(text, &[(2, 1, &["a\nb"])], "2: the correction of this line has a line break within a line");
    refused(text, &[(2, 1, &["a\rb"])], "2: the correction of this line has a line break within a line");
    refused(text, &[(2, 1, &["\0"])], "2: what came out has a character that no reader sees: U+0000");
    let huge = "x".repeat(8 << 20);
    refused(text, &[(2, 1, &[&huge])], "what came out cannot stand in a document: longer than 8 MiB");
    refused(
        "-  ```python\n\tone\n   ```\n",
        &[(2, 1, &["1"])],
        "2: a line that is not written as it reads cannot be corrected",
    );
}

#[test]
fn what_nobody_sees_is_refused() {
    let text = "```python\n\u{202e}one\ntwo\n```\n";
    for (new, code) in
        [("\x1b[31mred", "001B"), ("a\u{202e}b", "202E"), ("\u{2028}", "2028"), ("\x0c", "000C")]
    {
        let message = format!("3: what came out has a character that no reader sees: U+{code}");
        refused(text, &[(3, 1, &["fine", new])], &message);
    }
    // What the author wrote stays, and so does what is seen.
    check(
        text,
        &[(2, 2, &["\u{202e}one", "2\t👩\u{200d}🚀"])],
        "```python\n\u{202e}one\n2\t👩\u{200d}🚀\n```\n",
    );
}

#[test]
fn contradictions_are_refused() {
    let text = "```python\none\ntwo\n```\n\n```text\nout\n```\n";
    refused(text, &[(2, 2, &["1"]), (3, 1, &["2"])], "3: two corrections of this line contradict each other");
    refused(text, &[(2, 1, &["1"]), (2, 1, &["2"])], "2: two corrections of this line contradict each other");
    refused(text, &[(2, 0, &["1"]), (2, 0, &["2"])], "2: two corrections of this line contradict each other");
    let outside = |line| format!("{line}: the correction of this line does not stay within one code block");
    for (first, count) in
        [(0, 1), (1, 1), (3, 2), (3, u32::MAX), (4, 1), (5, 0), (6, 1), (9, 1), (u32::MAX, 1)]
    {
        refused(text, &[(first, count, &["1"])], &outside(first));
    }
}

#[test]
fn a_document_that_is_no_longer_the_same_is_refused() {
    let path = &DocumentPath("a.md".to_owned());
    let (options, root) = (&Options::default(), Path::new("/"));
    let order = Order { root, path, source: "```python\nold\n```\n", options, corrections: &[] };
    let error = edit(order, "```python\nnew\n```\n").unwrap_err();
    assert_eq!(error.to_string(), "changed since its snippets ran");
}

#[test]
fn hunks_are_changes_with_their_surroundings() {
    let before: Vec<String> = (2..40).map(|line| line.to_string()).collect();
    let text = format!("```python\n{}\n```\n", before.join("\n"));
    let corrections: [(u32, u32, &[&str]); 4] =
        [(3, 1, &["x"]), (10, 1, &[]), (20, 0, &["y", "z"]), (30, 1, &["30"])];
    let Edited { hunks, lines, .. } = result(&text, &corrections).unwrap();
    let shown: Vec<String> = hunks
        .iter()
        .map(|hunk| format!("{}: {} -> {}", hunk.line, hunk.old.join(" "), hunk.new.join(" ")))
        .collect();
    assert_eq!(
        shown,
        [
            "3: ```python 2 3 4 5 6 7 8 9 10 11 12 13 -> ```python 2 x 4 5 6 7 8 9 11 12 13",
            "20: 17 18 19 20 21 22 -> 17 18 19 y z 20 21 22",
        ]
    );
    assert_eq!(lines, 4);
}
