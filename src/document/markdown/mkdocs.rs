//! Containers that CommonMark does not know: admonitions and tabs of `MkDocs`, directives after colons of `MyST`.
//!
//! All offsets stay: containers become list items, whose content is indented alike, and colons become backticks.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use memchr::memmem;

use crate::model::markdown::Markdown;

/// What makes the documents below its folder those of `MkDocs`.
const SETTINGS: &[&str] = &["mkdocs.yml", "mkdocs.yaml"];
/// Directives whose content is code.
const CODE: &[&str] = &[
    "code",
    "code-block",
    "code-cell",
    "doctest",
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
        let inside = !self.root.as_os_str().is_empty() && folder.starts_with(self.root);
        let above = folder
            .ancestors()
            .take_while(|above| if inside { above.starts_with(self.root) } else { *above == folder });
        let found =
            above.flat_map(|folder| SETTINGS.iter().map(|name| folder.join(name))).any(|file| file.is_file());
        self.known.insert(folder.to_owned(), found);
        found
    }
}

/// List items in place of admonitions and tabs.
pub(crate) fn with_items(text: &str) -> Option<String> {
    let marks: [&[u8]; 3] = [b"!!!", b"???", b"==="];
    if !marks.iter().any(|mark| memmem::find(text.as_bytes(), mark).is_some()) {
        return None;
    }

    let mut items = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        match opening(line) {
            Some(indent) => {
                // The item takes four columns, and the column after them must not be blank.
                let (before, rest) = line.split_at(indent);
                let blank = rest.as_bytes().get(4).is_some_and(|byte| *byte == b' ');
                items.extend([
                    before,
                    if blank { "-   x" } else { "-   " },
                    &rest[if blank { 5 } else { 4 }..],
                ]);
            }
            None => items.push_str(line),
        }
    }

    Some(items)
}

/// The indentation of a line that opens an admonition or a tab.
fn opening(line: &str) -> Option<usize> {
    let text = line.trim_start_matches(' ');
    let (mark, signs): (&str, &[char]) = match text.as_bytes() {
        [b'!', ..] => ("!!!", &[]),
        [b'?', ..] => ("???", &['+']),
        [b'=', ..] => ("===", &['!', '+']),
        _ => return None,
    };

    let rest = text.strip_prefix(mark)?;
    let name = rest.strip_prefix(signs).unwrap_or(rest).strip_prefix(' ')?.trim_start_matches(' ');

    let named = match mark {
        "===" => name.starts_with('"'),
        _ => name.starts_with(|letter: char| letter.is_ascii_alphabetic()),
    };
    named.then_some(line.len() - text.len())
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

fn opens_code(words: &str) -> bool {
    let role = words.strip_prefix('{').and_then(|words| words.split_once('}')).map(|(role, _)| role);
    role.is_some_and(|role| CODE.contains(&role))
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
        check(
            "===\n=== a\n!!!\n!!! 1\n???\n!!!note\n????? a\n",
            "===\n=== a\n!!!\n!!! 1\n???\n!!!note\n????? a\n",
        );
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
