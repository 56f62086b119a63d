//! Containers that CommonMark does not know: admonitions, tabs, definitions and footnotes of `MkDocs`, directives after
//! colons of `MyST`.
//!
//! All offsets stay: containers become list items, whose content is indented alike, and colons become backticks.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use memchr::memmem;

use crate::document::above::above;
use crate::model::markdown::Markdown;

/// What makes the documents below its folder those of `MkDocs`, or of Zensical, which reads the same Markdown.
const SETTINGS: &[&str] = &["mkdocs.yml", "mkdocs.yaml", "zensical.toml"];
/// Directives whose content is code.
const CODE: &[&str] = &[
    "code",
    "code-block",
    "code-cell",
    "code-tab",
    "doctest",
    "eval-rst",
    "sourcecode",
    "testcleanup",
    "testcode",
    "testoutput",
    "testsetup",
];

/// Remembers which folders belong to a `MkDocs` site.
pub(crate) struct Sites<'a> {
    root: &'a Path,
    known: BTreeMap<PathBuf, bool>,
}

impl<'a> Sites<'a> {
    pub(crate) fn new(root: &'a Path) -> Self {
        Self { root, known: BTreeMap::new() }
    }

    /// The containers that a file can have, where the settings ask for `asked`.
    pub(crate) fn dialect(&mut self, asked: Markdown, file: &Path) -> Markdown {
        match asked {
            Markdown::Auto if self.hold(file) => Markdown::MkDocs,
            Markdown::Auto | Markdown::CommonMark | Markdown::MkDocs => asked,
        }
    }

    /// Whether settings stand in the file's folder or above, up to the root; for a file outside of it, beside the file.
    fn hold(&mut self, file: &Path) -> bool {
        let Some(folder) = file.parent() else { return false };
        if let Some(known) = self.known.get(folder) {
            return *known;
        }
        let mut files =
            above(folder, self.root).flat_map(|folder| SETTINGS.iter().map(|name| folder.join(name)));
        let found = files.any(|file| file.is_file());
        self.known.insert(folder.to_owned(), found);
        found
    }
}

/// What opens a container, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Container {
    /// `!!!`, `???` or `===`, with its name.
    Block,
    /// `:` before the text of a definition.
    Definition,
    /// `[^label]:`, of so many letters.
    Footnote(usize),
}

/// List items in place of admonitions, tabs, definitions and footnotes.
pub(crate) fn with_items(text: &str) -> Option<String> {
    let marks: [&[u8]; 5] = [b"!!!", b"???", b"===", b"\n:", b"[^"];
    if !marks.iter().any(|mark| memmem::find(text.as_bytes(), mark).is_some()) {
        return None;
    }

    let mut items = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        let Some((indent, container)) = opening(line) else {
            items.push_str(line);
            continue;
        };

        // The item takes four columns, and the column after them must not be blank.
        let (before, rest) = line.split_at(indent);
        let mark = match container {
            Container::Block if rest.trim_end().len() <= 4 => "-  x".to_owned(),
            Container::Block if rest.as_bytes().get(4).is_some_and(|byte| *byte == b' ') => {
                "-   x".to_owned()
            }
            Container::Block => "-   ".to_owned(),
            Container::Definition => "-".to_owned(),
            Container::Footnote(length) => format!("-   {}", "x".repeat(length - 4)),
        };
        items.extend([before, &mark, &rest[mark.len()..]]);
    }

    Some(items)
}

/// Whether a line opens a container of `MkDocs`.
pub(super) fn opens_container(line: &str) -> bool {
    opening(line).is_some()
}

/// The indentation of a line that opens a container.
fn opening(line: &str) -> Option<(usize, Container)> {
    let text = line.trim_start_matches(' ');
    let container = match text.as_bytes() {
        [b'!' | b'?' | b'=', ..] => is_block(text).then_some(Container::Block),
        [b':', ..] => is_definition(text).then_some(Container::Definition),
        [b'[', b'^', ..] => footnote(text).map(Container::Footnote),
        _ => None,
    };

    let indent = line.len() - text.len();
    container.filter(|container| *container == Container::Block || indent < 4).map(|found| (indent, found))
}

/// An admonition, details or a tab, as Python-Markdown (`admonition`) and pymdownx (`details`, `tabbed`) have them.
fn is_block(text: &str) -> bool {
    let (mark, signs): (&str, &[char]) = match text.as_bytes() {
        [b'!', ..] => ("!!!", &[]),
        [b'?', ..] => ("???", &['+']),
        _ => ("===", &['!', '+']),
    };

    let Some(rest) = text.strip_prefix(mark) else { return false };
    let rest = rest.strip_prefix(signs).unwrap_or(rest);
    let name = rest.trim_start_matches(' ');
    match mark {
        "===" => name.len() < rest.len() && name.starts_with('"'),
        "???" if name.starts_with('"') => name.trim_end().len() > 1 && name.trim_end().ends_with('"'),
        _ => name.starts_with(|letter: char| letter.is_ascii_alphabetic()) && is_kind(name.trim_end()),
    }
}

/// Words that name a kind, and perhaps a title in quotes.
fn is_kind(name: &str) -> bool {
    let (kinds, title) = name.split_once('"').map_or((name, None), |(kinds, title)| (kinds, Some(title)));
    let is_word = |letter: char| letter.is_alphanumeric() || matches!(letter, ' ' | '_' | '-');
    kinds.chars().all(is_word) && title.is_none_or(|title| kinds.ends_with(' ') && title.ends_with('"'))
}

/// One to three blanks separate a definition from its colon (Python-Markdown, `def_list`).
fn is_definition(text: &str) -> bool {
    let rest = &text[1..];
    let blanks = rest.len() - rest.trim_start_matches(' ').len();
    (1..=3).contains(&blanks) && !rest.trim().is_empty()
}

/// How long the label of a footnote is, with its colon (Python-Markdown, `footnotes`).
fn footnote(text: &str) -> Option<usize> {
    let end = text.find("]:").filter(|end| *end > 2)?;
    let is_label = !text[2..end].contains([']', '\n']);
    is_label.then_some(end + 2)
}

/// Backticks in place of the colons around code.
pub(crate) fn with_code_fences(text: &str) -> Option<String> {
    memmem::find(text.as_bytes(), b":::{")?;

    let mut fences = text.to_owned();
    let mut open: Option<(usize, usize)> = None;
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let at = start + line.len() - line.trim_start().len();
        let words = line.trim();
        let length = words.bytes().take_while(|byte| *byte == b':').count();
        match open {
            None if length >= 3 && opens_code(&words[length..]) => open = Some((at, length)),
            Some((first, least)) if length >= least && length == words.len() => {
                for (at, length) in [(first, least), (at, length)] {
                    fences.replace_range(at..at + length, &"`".repeat(length));
                }
                open = None;
            }
            None | Some(_) => {}
        }
        start += line.len();
    }

    Some(fences)
}

/// Whether the content of a directive is code.
pub(super) fn holds_code(name: &str) -> bool {
    CODE.contains(&name)
}

fn opens_code(words: &str) -> bool {
    let role = words.strip_prefix('{').and_then(|words| words.split_once('}')).map(|(role, _)| role);
    role.is_some_and(holds_code)
}

#[cfg(test)]
mod tests {
    use super::{with_code_fences, with_items};

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(with_items(text).as_deref().unwrap_or(text), expected);
        assert_eq!(expected.len(), text.len());
    }

    #[test]
    fn admonitions_and_tabs() {
        check("!!! note\n    a\n", "-   note\n    a\n");
        check("???+ note \"b\"\n", "-   xnote \"b\"\n");
        check("???  tip inline end\r\n", "-   xtip inline end\r\n");
        check("    !!! warning\n", "    -   warning\n");
        check("=== \"a\"\n===! \"b\"\n", "-   \"a\"\n-   x\"b\"\n");
        check("!!!note\n\n    a\n!!!a\n", "-   ote\n\n    a\n-  x\n");
        check("??? \"only a title\"\n???+\"a\"\n", "-   \"only a title\"\n-   \"a\"\n");
        let others = "===\n=== a\n!!!\n!!! 1\n???\n????? a\n!!! note: a\n!!!wow, so\n??? \"\n??? \"a\" b\n";
        check(others, others);
    }

    #[test]
    fn definitions_and_footnotes() {
        check("a\n:   b\n\n    c\n", "a\n-   b\n\n    c\n");
        check("a\n: b\n", "a\n- b\n");
        check("[^1]:\n    a\n", "-   x\n    a\n");
        check("x\n  [^note]: a\n", "x\n  -   xxxxa\n".replace("xxxxa", "xxxx a").as_str());
        let others = "\n:a\n:    b\n:::\n: \n    : c\n[^]: a\n[^a]\n[a]: b\n";
        check(others, others);
    }

    #[test]
    fn colons() {
        let code = |text: &str| with_code_fences(text).unwrap_or_default();
        assert_eq!(code(":::{code-block} py\na\n:::\n"), "```{code-block} py\na\n```\n");
        assert_eq!(
            code("::::{note}\n:::{code-cell}\nb\n:::\n::::\n"),
            "::::{note}\n```{code-cell}\nb\n```\n::::\n"
        );
        assert_eq!(code(":::{code}\n::\n"), ":::{code}\n::\n");
        assert_eq!(with_code_fences(":::note\n:::\n"), None);
    }
}
