//! In which language a document is written.

use std::path::Path;

use crate::document::text::examples::is_prompt;
use crate::model::snippet::DocumentPath;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    Markdown,
    Restructured,
    /// A module, whose docstrings are documents.
    Python,
    /// Prose with prompts.
    Text,
    /// Cells in JSON, which are not read.
    Notebook,
}

impl Format {
    /// By the ending. What has none that is known is Markdown, unless prompts are all that it has.
    pub(crate) fn of(path: &DocumentPath, text: &str) -> Self {
        match Self::by_ending(Path::new(path.as_str())) {
            Some(format) => format,
            None if text.lines().any(is_fence) || !text.lines().any(is_prompt) => Self::Markdown,
            None => Self::Text,
        }
    }

    fn by_ending(path: &Path) -> Option<Self> {
        let ending = path.extension()?.to_str()?.to_ascii_lowercase();
        match ending.as_str() {
            "md" | "markdown" => Some(Self::Markdown),
            "rst" => Some(Self::Restructured),
            "py" => Some(Self::Python),
            "ipynb" => Some(Self::Notebook),
            _ => None,
        }
    }

    /// What a document is whose language is not read, by its ending. A fence in it may be one all the same.
    pub(crate) fn unread(path: &DocumentPath) -> Option<&'static str> {
        let ending = Path::new(path.as_str()).extension()?.to_str()?.to_ascii_lowercase();
        match ending.as_str() {
            "adoc" | "asciidoc" => Some("AsciiDoc"),
            "html" | "htm" => Some("HTML"),
            "org" => Some("Org"),
            "tex" => Some("LaTeX"),
            _ => None,
        }
    }

    /// Whether a folder contributes this file. Code, and text that may be anything, have to be named.
    pub(crate) fn is_prose(path: &Path) -> bool {
        match Self::by_ending(path) {
            Some(Self::Markdown | Self::Restructured) => true,
            Some(Self::Python | Self::Text | Self::Notebook) | None => false,
        }
    }
}

/// Whether a line can only be meant as the beginning of a fence. Tildes alone adorn headings elsewhere.
fn is_fence(line: &str) -> bool {
    let line = line.trim_start_matches([' ', '\t', '>']);
    line.starts_with("```")
        || line.starts_with("~~~") && line.trim_start_matches('~').starts_with(char::is_alphanumeric)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::Format;
    use crate::model::snippet::DocumentPath;

    #[track_caller]
    fn check(path: &str, text: &str, expected: Format) {
        assert_eq!(Format::of(&DocumentPath(path.to_owned()), text), expected, "{path}: {text:?}");
    }

    #[test]
    fn formats() {
        check("a.md", ">>> 1\n", Format::Markdown);
        check("A.Markdown", "", Format::Markdown);
        check("a.rst", "```\n", Format::Restructured);
        check("a.py", "```\n", Format::Python);
        check("a.txt", "words\n  >>> 1\n", Format::Text);
        check("a.txt", "Title\n~~~~~\n>>> 1\n", Format::Text);
        check("a.txt", "words\n", Format::Markdown);
        check("a.txt", ">>> 1\n```python\n```\n", Format::Markdown);
        check("README", "> ~~~py\n>>> 1\n", Format::Markdown);
        check("docs.md/README", ">>> 1\n", Format::Text);
        check("a.ipynb", "{}", Format::Notebook);
    }

    #[test]
    fn folders_contribute_prose() {
        for (path, expected) in
            [("a.md", true), ("a.RST", true), ("a.py", false), ("a.txt", false), ("md", false)]
        {
            assert_eq!(Format::is_prose(Path::new(path)), expected, "{path}");
        }
    }
}
