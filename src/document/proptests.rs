//! Whatever a document holds, every code block of it is accounted for: in order, in place, under a name of its own.

use std::collections::HashSet;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use pulldown_cmark::{Event, Parser, Tag, TagEnd};

use crate::document::markdown::{BelowTags, FrontMatter, opened};
use crate::document::test_data::{self, text};
use crate::document::text::{settled, with_plain_fences};
use crate::document::{CodeBlockKind, Document};
use crate::model::snippet::{DocumentPath, Form};

/// What Markdown is made of, and what it stumbles over.
const FRAGMENTS: &[&str] = &[
    "\n",
    "\n",
    "\n",
    "\n",
    "\n\n",
    "\r\n",
    "\r",
    "```",
    "```",
    "````",
    "~~~",
    "~~~~~",
    "```python\n",
    "~~~py\n",
    "\n```\n",
    "\n~~~\n",
    "python",
    " pycon",
    "{.python}",
    "{code-cell}",
    "pyhton",
    " skip",
    " skip=\"x",
    " id=a",
    " id=b",
    " timout=1",
    " timeout=1s",
    " ",
    "  ",
    "    ",
    "\t",
    "> ",
    ">",
    "- ",
    "-\t",
    "* ",
    "+ ",
    "1. ",
    "10) ",
    "# ",
    "## b",
    "### c\n",
    "\n===\n",
    "\n---\n",
    "***",
    "<!--",
    "-->",
    "<div>",
    "</div>\n\n",
    "<pre>",
    "<![CDATA[",
    "---\n",
    "---\n",
    "...\n",
    "+++\n",
    "snipcheck:",
    "  skip: true\n",
    "snipcheck: {skip: a}\n",
    "[snipcheck]\n",
    "id = 1\n",
    "a: &x [*x]\n",
    "`",
    "``",
    "~",
    "[",
    "](",
    "]: /x\n",
    "!",
    "\\",
    "&amp;",
    "&#0;",
    ">>> 1\n",
    "x\n",
    "| a | b |\n|---|---|\n",
    "[^1]: ",
];

/// What YAML and TOML are made of.
const METADATA: &[&str] = &[
    "snipcheck:",
    "snipcheck: ",
    "[snipcheck]\n",
    "snipcheck = ",
    "\n",
    "\n",
    "\n",
    "\n  ",
    "\n    ",
    "\r\n",
    " ",
    "\t",
    ": ",
    ":",
    "- ",
    "-",
    "? ",
    "|\n",
    ">-\n",
    "|2+\n",
    "&a ",
    "*a",
    "<<: *a",
    "!!binary ",
    "!<x> ",
    "%YAML 1.2\n",
    "%TAG ! !\n",
    "'",
    "\"",
    "\\",
    "\"\\x4",
    "\"\\u12\"",
    "\"\\U00110000\"",
    "{",
    "}",
    "[",
    "]",
    ",",
    "#",
    " # ",
    "@",
    "`",
    "---\n",
    "...\n",
    "=",
    "= ",
    "\"\"\"",
    "'#'",
    "skip",
    "timeout",
    "files",
    "id",
    "isolated",
    "raises",
    "true",
    "null",
    "~",
    "1e9",
    "0x1f",
    ".inf",
    "1979-05-27T07:32",
    "a",
    "a.b",
    "a.csv",
    "é",
    "🦀",
    "\u{feff}",
    "\u{85}",
    "\u{2028}",
    "\0",
    "\u{7f}",
];

fn document(source: &str) -> Document {
    test_data::document("a.md", source)
}

/// Kind, info and content of every code block, as the parser itself gives them once nothing hides fences from it.
fn blocks(source: &str) -> Vec<(CodeBlockKind, String, String)> {
    let text = settled(source);
    let start = FrontMatter::read(&text, &DocumentPath("a.md".to_owned())).end;
    let plain = with_plain_fences(&text);
    let plain = opened(&plain, start, BelowTags::Text).map_or(plain, |opened| opened.text.into());
    let mut blocks = Vec::new();
    let mut open = None;
    for event in Parser::new(&plain[start..]) {
        match event {
            Event::Start(Tag::CodeBlock(pulldown_cmark::CodeBlockKind::Indented)) => {
                open = Some((CodeBlockKind::Indented, String::new(), String::new()));
            }
            Event::Start(Tag::CodeBlock(pulldown_cmark::CodeBlockKind::Fenced(info))) => {
                open = Some((CodeBlockKind::Fenced, info.into_string(), String::new()));
            }
            Event::Text(words) => {
                if let Some((_, _, content)) = &mut open {
                    content.push_str(&words);
                }
            }
            Event::End(TagEnd::CodeBlock) => blocks.extend(open.take()),
            _ => {}
        }
    }
    blocks
}

/// Tabs after a bare fence are blanks to the parser.
fn without_tabs(text: &str) -> String {
    text.replace('\t', " ")
}

/// A part of a document that is written by the rules, so that it is known what has to be found.
#[derive(Clone, Debug)]
enum Node {
    CodeBlock { mark: &'static str, info: String, content: Vec<String> },
    Paragraph(String),
    Quote(Vec<Node>),
    Item { mark: &'static str, nodes: Vec<Node> },
}

fn nodes() -> impl Strategy<Value = Vec<Node>> {
    let fence = (
        select(&["```", "~~~", "````", "~~~~~"][..]),
        "(python|py|bash|text)?",
        vec("[ -_a-}é漢]{0,10}[!-_a-}é漢]|", 0..4),
    );
    let leaf = prop_oneof![
        3 => fence.prop_map(|(mark, info, content)| Node::CodeBlock { mark, info, content }),
        1 => "[a-z]{1,8}( [a-z]{1,8}){0,3}".prop_map(Node::Paragraph),
    ];
    let node = leaf.prop_recursive(4, 20, 4, |inner| {
        prop_oneof![
            vec(inner.clone(), 1..4).prop_map(Node::Quote),
            (select(&["- ", "* ", "1. ", "10) "][..]), vec(inner, 1..4))
                .prop_map(|(mark, nodes)| Node::Item { mark, nodes }),
        ]
    });
    vec(node, 0..6)
}

/// The lines of a block, what follows its fence, and its content.
type Found = (u32, u32, u32, String, String);

/// Writes nodes with a blank line between them, `first` before the first line and `rest` before the others.
fn write(nodes: &[Node], first: &str, rest: &str, lines: &mut Vec<String>, found: &mut Vec<Found>) {
    for (number, node) in nodes.iter().enumerate() {
        let first = if number == 0 { first } else { rest };
        if number > 0 {
            lines.push(rest.trim_end().to_owned());
        }
        match node {
            Node::Paragraph(text) => lines.push(format!("{first}{text}")),
            Node::Quote(nodes) => {
                write(nodes, &format!("{first}> "), &format!("{rest}> "), lines, found);
            }
            Node::Item { mark, nodes } => {
                let blanks = " ".repeat(mark.len());
                write(nodes, &format!("{first}{mark}"), &format!("{rest}{blanks}"), lines, found);
            }
            Node::CodeBlock { mark, info, content } => {
                let start = u32::try_from(lines.len()).expect("a short document") + 1;
                lines.push(format!("{first}{mark}{info}"));
                lines.extend(content.iter().map(|line| format!("{rest}{line}")));
                lines.push(format!("{rest}{mark}"));
                let end = u32::try_from(lines.len()).expect("a short document");
                let text = content.iter().flat_map(|line| [line, "\n"]).collect();
                found.push((start, start + 1, end, info.clone(), text));
            }
        }
    }
}

proptest! {
    #[test]
    fn what_is_written_by_the_rules_is_found(nodes in nodes(), line_end in select(&["\n", "\r\n", "\r"][..])) {
        let (mut lines, mut expected) = (Vec::new(), Vec::new());
        write(&nodes, "", "", &mut lines, &mut expected);
        let source = lines.join(line_end);
        let fences = document(&source).blocks;
        let found: Vec<Found> = fences
            .into_iter()
            .filter(|fence| fence.kind == CodeBlockKind::Fenced)
            .map(|fence| {
                let location = fence.location;
                (location.start.0, location.code.0, location.end.0, fence.info, fence.content)
            })
            .collect();
        prop_assert_eq!(found, expected, "{}", lines.join("\n"));
    }

    #[test]
    fn blocks_are_those_of_the_parser(source in text(FRAGMENTS)) {
        let document = document(&source);
        let blocks = blocks(&source);
        // To the parser a comment is a piece of HTML.
        let seen: Vec<_> = document.blocks.iter().filter(|block| block.kind != CodeBlockKind::Hidden).collect();
        prop_assert_eq!(seen.len(), blocks.len());
        for (fence, (kind, info, content)) in seen.into_iter().zip(blocks) {
            prop_assert_eq!(fence.kind, kind);
            let (found, content) = (without_tabs(&fence.content), without_tabs(&content));
            // What stands above the first prompt is no code, nor are the options of a cell. A fence that nothing closes
            // goes on behind the directive that holds it.
            let is_end = content.strip_suffix(&*found).is_some_and(|head| head.is_empty() || head.ends_with('\n'));
            let has_head = fence.form == Form::Console || info.trim().starts_with('{');
            let is_blanked = |(found, content): (&str, &str)| found == content || content.trim().is_empty();
            let has_blanks = source.contains('{')
                && found.lines().count() == content.lines().count()
                && found.lines().zip(content.lines()).all(is_blanked);
            prop_assert!(
                found == content || has_head && is_end || has_blanks, "{:?} in {:?}", found, content
            );
            // Escapes are the parser's matter, and so is what a NUL becomes.
            if !fence.info.contains(['\\', '&', '\0']) {
                prop_assert_eq!(without_tabs(&fence.info), without_tabs(info.trim()));
            }
        }
    }

    #[test]
    fn blocks_stand_in_the_document_one_behind_the_other(source in text(FRAGMENTS)) {
        let document = document(&source);
        let lines = settled(&source).lines().count();
        let mut free = 1;
        for fence in &document.blocks {
            let location = fence.location;
            prop_assert!(free <= location.start.0, "{:?} before line {}", fence, free);
            prop_assert!(location.start <= location.code && location.code <= location.end, "{:?}", fence);
            prop_assert!(location.end.0 as usize <= lines, "{:?} in {} lines", fence, lines);
            free = location.end.0 + 1;
        }
        for problem in &document.problems {
            prop_assert_eq!(&problem.path, "a.md");
            let line = problem.line.map_or(0, |line| line.0 as usize);
            prop_assert!((1..=lines).contains(&line), "{:?} in {} lines", problem, lines);
            prop_assert!(!problem.message.is_empty());
        }
    }

    #[test]
    fn names_are_unique(source in text(FRAGMENTS)) {
        let document = document(&source);
        let ids: HashSet<&str> = document.blocks.iter().map(|fence| fence.id.0.as_str()).collect();
        prop_assert_eq!(ids.len(), document.blocks.len());
        let python = || document.blocks.iter().filter(|fence| fence.is_python());
        let snapshots: HashSet<&str> = python().map(|fence| fence.snapshot.as_str()).collect();
        prop_assert_eq!(snapshots.len(), python().count());
        for name in snapshots {
            prop_assert!((1..=240).contains(&name.len()) && name.chars().count() <= 80, "{}", name);
            let is_safe = |letter: char| {
                letter == '-' || if letter.is_ascii() { letter.is_ascii_lowercase() || letter.is_ascii_digit() } else { !letter.is_control() }
            };
            prop_assert!(name.chars().all(is_safe), "{}", name);
        }
    }

    #[test]
    fn any_metadata_is_read(
        mark in select(&["---", "+++"][..]),
        start in select(&["a", "a: 1\n", "snipcheck:", "snipcheck:\n  skip: a\n  ", "[snipcheck]\n", "snipcheck = {"][..]),
        metadata in vec(select(METADATA), 0..30).prop_map(|pieces| pieces.concat()),
    ) {
        let source = format!("{mark}\n{start}{metadata}\n{mark}\n```python\n1\n```\n");
        let document = document(&source);
        let lines = settled(&source).lines().count();
        for problem in &document.problems {
            let line = problem.line.map_or(0, |line| line.0 as usize);
            prop_assert!((1..=lines).contains(&line), "{:?} in {} lines", problem, lines);
        }
        // Whatever the metadata says, and if they are none, the block after them is there.
        let last = document.blocks.last().map(|fence| fence.content.as_str());
        prop_assert!(last == Some("1\n") || metadata.contains(['`', '~']), "{:?}", document.blocks);
    }

    #[test]
    fn any_text_is_read(source in any::<String>()) {
        document(&source);
        document(&format!("---\n{source}\n---\n"));
        document(&format!("+++\n[snipcheck]\n{source}\n+++\n"));
        document(&format!("```python {source}\n```\n"));
        document(&format!("# {source}\n```python\n```\n"));
    }
}
