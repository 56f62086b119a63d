//! Whole documents: what becomes of each block.

use crate::directive::{Directives, Skip};
use crate::document::{CodeBlock, Disposition, Document, DocumentFile, Options, load, parse};
use crate::model::snippet::DocumentPath;

fn document(source: &str) -> Document {
    parse(&DocumentPath("a.md".to_owned()), source, &Options::default())
}

fn word(disposition: &Disposition) -> &str {
    match disposition {
        Disposition::Run => "run",
        Disposition::Skip(reason)
        | Disposition::Other(reason)
        | Disposition::NotRunnable(reason)
        | Disposition::Suspicious(reason) => reason,
    }
}

/// Lines, language and content of each block.
#[track_caller]
fn check(source: &str, expected: &[(u32, u32, u32, &str, &str)]) {
    let document = document(source);
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

/// Id, snapshot and reason of each block, then the problems.
#[track_caller]
fn check_names(source: &str, expected: &[&str]) {
    let document = document(source);
    let mut found: Vec<_> = document
        .blocks
        .iter()
        .map(|fence| format!("{} {} {}", fence.id, fence.snapshot, word(&fence.disposition)))
        .collect();
    found.extend(document.problems.iter().map(|problem| {
        format!(
            "{} {} {}",
            problem.line.map_or(0, |line| line.0),
            problem.message,
            problem.hint.as_deref().unwrap_or("")
        )
    }));
    assert_eq!(found, expected, "{source:?}");
}

#[test]
fn fences() {
    check("```python\na\n```\n", &[(1, 2, 3, "python", "a\n")]);
    check("~~~ Py\na\n```\n~~~~~", &[(1, 2, 4, "python", "a\n```\n")]);
    check("````\n```python\na\n```\n````\n", &[(1, 2, 5, "", "```python\na\n```\n")]);
    check("```python\n```\n", &[(1, 2, 2, "python", "")]);
    check("  ```python\n  a\n    b\n c\n  ```\t\n", &[(1, 2, 5, "python", "a\n  b\nc\n")]);
    check("```python\na\n    ```\n``` x\n```\n", &[(1, 2, 5, "python", "a\n    ```\n``` x\n")]);
    check("a\n```py\n\n\tb\n```\nc", &[(2, 3, 5, "python", "\n\tb\n")]);
    check("``` a`b\n```\n", &[(2, 2, 2, "", "")]);
    check("```~~~py\na\n```\n", &[(1, 2, 3, "~~~py", "a\n")]);
}

#[test]
fn containers() {
    check("> ```python\n> a\n>\tb\n> ```\n", &[(1, 2, 4, "python", "a\n  b\n")]);
    check("1. x\n\n   ```python\n   a\n\n     b\n   ```\n", &[(3, 4, 7, "python", "a\n\n  b\n")]);
    check("- > - ```py\n  >   a\n  >   ```\n", &[(1, 2, 3, "python", "a\n")]);
    check("-\t```py\n\ta\n\t```\n", &[(1, 2, 3, "python", "a\n")]);
    check("<!--\n```python\na\n```\n-->\n", &[]);
}

#[test]
fn unclosed_fences_end_with_their_container() {
    check("```python\na", &[(1, 2, 2, "python", "a\n")]);
    check("```python\na\n\n\n", &[(1, 2, 4, "python", "a\n\n\n")]);
    check("```python", &[(1, 1, 1, "python", "")]);
    check("> ```python\n> a\nb\n```\n```\n", &[(1, 2, 2, "python", "a\n"), (4, 5, 5, "", "")]);
    check("> ```python\n> ", &[(1, 2, 2, "python", "\n")]);
    check("- ```python\n  a\n\nb\n", &[(1, 2, 3, "python", "a\n\n")]);
}

#[test]
fn indented_blocks() {
    check("a\n\n    b\n\n      c\n\n\nd\n", &[(3, 3, 5, "", "b\n\n  c\n")]);
    check("a\n    b\n", &[]);
    check("\tb", &[(1, 1, 1, "", "b\n")]);
    check("- a\n\n      b\n", &[(3, 3, 3, "", "b\n")]);
    check("!!! note\n\n    ```python\n    a\n    ```\n", &[(3, 3, 5, "", "```python\na\n```\n")]);
}

#[test]
fn line_ends() {
    check("\u{feff}```python\r\na\r\n\r\nb\r\n```\r\n", &[(1, 2, 5, "python", "a\n\nb\n")]);
    check("x\r```python\ra\r```\r", &[(2, 3, 4, "python", "a\n")]);
    check("\u{feff}---\r\na: b\r\n---\r\n```py\r\nc\r\n```", &[(4, 5, 6, "python", "c\n")]);
}

#[test]
fn front_matter_is_no_text() {
    check("---\ntitle: a\n---\n```py\nb\n```\n", &[(4, 5, 6, "python", "b\n")]);
    check("---\n\n```py\nb\n```\n\n---\n", &[(3, 4, 5, "python", "b\n")]);
    check("a\n\n---\nb: c\n```py\nd\n```\n---\n", &[(5, 6, 7, "python", "d\n")]);
    check_names("---\ntitle: a\n---\n    x\n", &["a.md::top::block-1  indented block, no language label"]);
}

#[test]
fn names() {
    check_names(
        "```py\n```\n# One\n```sh\n```\n```py id=two\n```\n```py\n```\n## One\n```py\n```\n",
        &[
            "a.md::top::1 top-1 run",
            "a.md::one::sh-1  language `sh`",
            "a.md::two two run",
            "a.md::one::2 one-2 run",
            "a.md::one-2::1 one-2-1 run",
        ],
    );
    check_names(
        "Setext\nheading\n===\n```py id=x\n```\n> # In `quote`\n```py id=x\n```\n",
        &[
            "a.md::x x run",
            "a.md::in-quote::1 in-quote-1 run",
            "7 `id=x` is taken by another snippet of this document ",
        ],
    );
}

#[test]
fn sections_count_two_levels() {
    let sections: Vec<_> = document("    a\n# b\n    c\n### d\n    e\n## f\n    g\n")
        .blocks
        .iter()
        .map(|fence| fence.section)
        .collect();
    assert_eq!(sections, [0, 1, 1, 2]);
}

#[test]
fn dispositions() {
    let reason = |source: &str, expected: &str| check_names(source, &[expected]);
    reason("```py skip=\"no GPU\"\n```", "a.md::top::1 top-1 skip in the info string: no GPU");
    reason(
        "---\nsnipcheck: {skip: later}\n---\n```py\n```",
        "a.md::top::1 top-1 skip in the front matter: later",
    );
    reason("---\nsnipcheck: {skip: later}\n---\n```py skip=false\n```", "a.md::top::1 top-1 run");
    for label in ["py", "", "console", "Bash", "text"] {
        reason(&format!("```{label}\n\n>>> 1\n```"), "a.md::top::1 top-1 run");
    }
    reason("    >>> 1\n", "a.md::top::1 top-1 run");
    reason("```ruby\n>>> 1\n```", "a.md::top::ruby-1  language `ruby`");
    reason("```sh\n$ python\n>>> 1\n```", "a.md::top::1 top-1 run");
    reason("```sh\n$ ./python\n>>> 1\n```", "a.md::top::1 top-1 run");
    reason("```sh\n$ ls\n>>> 1\n```", "a.md::top::sh-1  language `sh`");
    reason("```pycon\nPython 3\n>>> 1\n```", "a.md::top::1 top-1 run");
    reason("```pycon\n```", "a.md::top::1 top-1 a console session without `>>>` prompts");
    reason(
        "```py\nx\n",
        "a.md::top::1 top-1 no closing fence: the block runs to line 2, where its container ends",
    );
    reason("```\n```", "a.md::top::block-1  no language label");
    reason("```pyhton\n```", "a.md::top::pyhton-1  label `pyhton`: did you mean `python`?");
    reason("```sh skip timeout\n```", "a.md::top::sh-1  language `sh`");
    check_names(
        "\n```py timout=3\n```",
        &["a.md::top::1 top-1 run", "2 unknown directive `timout` did you mean `timeout`?"],
    );
}

#[test]
fn nearer_directives_win() {
    let options = Options {
        directives: Directives {
            skip: Some(Skip { why: None }),
            raises: Some("OSError".to_owned()),
            setup: vec!["far".to_owned()],
            ..Directives::default()
        },
        ..Options::default()
    };
    let source = "---\nsnipcheck:\n  setup: near\n  isolated: true\n---\n```py raises=ValueError\n```\n";
    let document = parse(&DocumentPath("a.md".to_owned()), source, &options);
    let [fence] = document.blocks.as_slice() else { panic!("one fence, not {:?}", document.blocks) };
    assert_eq!(fence.disposition, Disposition::Skip("skip in the settings".to_owned()));
    assert_eq!(
        fence.directives,
        Directives {
            raises: Some("ValueError".to_owned()),
            setup: vec!["near".to_owned()],
            isolated: true,
            ..options.directives
        }
    );
}

#[test]
fn fingerprint_of_the_content() {
    let [fence] = document("```\nabc").blocks.try_into().expect("one block");
    assert_eq!(fence.sha256(), "edeaaff3f1774ad2888673770c6d64097e391bc362d7d6fb34982ddf0efd18cb");
}

#[test]
fn loading_keeps_order_and_what_can_be_read() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, bytes: &[u8]| {
        let file = folder.path().join(name);
        std::fs::write(&file, bytes).unwrap();
        DocumentFile { file, path: DocumentPath(name.to_owned()) }
    };
    let files = [
        file("b.md", b"caf\xe9\n```py timout\n1\n```\n"),
        file("a.md", b"text\n"),
        file("c.md", b"\0"),
        DocumentFile { file: folder.path().join("gone"), path: DocumentPath("gone".to_owned()) },
    ];
    let found: Vec<_> = load(&files, &Options::default())
        .into_iter()
        .map(|document| {
            let problems = document.problems.into_iter().map(|problem| problem.message).collect::<Vec<_>>();
            (document.path.0, document.source.len(), document.blocks.len(), problems.join(", "))
        })
        .collect();
    let found: Vec<_> = found
        .iter()
        .map(|(path, source, fences, problems)| (&**path, *source, *fences, &**problems))
        .collect();
    assert_eq!(
        found,
        [
            ("b.md", 26, 1, "byte 0xe9 in column 4 is not UTF-8, unknown directive `timout`"),
            ("a.md", 0, 0, ""),
            ("c.md", 0, 0, "binary file: NUL byte in column 1"),
            ("gone", 0, 0, "cannot read the document: No such file or directory (os error 2)"),
        ]
    );
}

#[test]
fn hostile_nesting_is_refused_or_read() {
    for unit in [">", "[", "![", "*a ", "1. ", "- > ", "<", "`a``", "[a](", "\\", "&", "\t"] {
        assert_eq!(document(&unit.repeat(50_000)).problems, [], "{unit}");
    }
    check_names(
        &format!("{}```\n{}", "1. ".repeat(100_000), "\n".repeat(100_000)),
        &[
            "0 lists and quotes nest 100000 deep in a document of this length split the document; it has not been read",
        ],
    );
}
