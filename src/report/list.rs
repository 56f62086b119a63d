//! Every code block of the documents and what becomes of it.

use std::collections::BTreeSet;
use std::io::{self, Write};

use serde::Serialize;

use crate::model::snippet::{DocumentPath, Line, SnippetId};
use crate::report::palette::{Color, Palette, paint};
use crate::report::words::{counted, place};
use crate::report::{ascii, escape};

/// The columns of a table follow its longest cell up to this.
const WIDEST: usize = 48;

/// A code block of any language. The order of the fields is that of the keys.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Listed {
    pub(crate) id: SnippetId,
    pub(crate) path: DocumentPath,
    pub(crate) start_line: Line,
    pub(crate) end_line: Line,
    pub(crate) kind: BlockKind,
    pub(crate) info: String,
    pub(crate) language: String,
    /// Of the content, in lower-case hexadecimal.
    pub(crate) sha256: String,
    pub(crate) disposition: Disposition,
    /// Absent for what runs.
    pub(crate) reason: Option<String>,
    /// The file that the block is for those that follow.
    pub(crate) file: Option<String>,
    /// Why its title names no file, although it looks like one.
    #[serde(skip)]
    pub(crate) label: Option<String>,
    /// The Pythons of the run in which it runs.
    pub(crate) python: Vec<String>,
    /// Why it does not run in the others.
    #[serde(skip)]
    pub(crate) left_out: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum BlockKind {
    Fenced,
    Indented,
    Hidden,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Disposition {
    Run,
    Skip,
    Other,
    NotRunnable,
    Suspicious,
}

impl Disposition {
    const ALL: [Self; 5] = [Self::Run, Self::Skip, Self::Other, Self::NotRunnable, Self::Suspicious];

    fn name(self) -> &'static str {
        match self {
            Self::Run => "run",
            Self::Skip => "skip",
            Self::Other => "other",
            Self::NotRunnable => "not-runnable",
            Self::Suspicious => "suspicious",
        }
    }
}

pub(crate) fn json(blocks: &[Listed], out: &mut dyn Write) -> io::Result<()> {
    let mut separator = "[";
    for block in blocks {
        write!(out, "{separator}\n  ")?;
        ascii::write(out, block)?;
        separator = ",";
    }
    out.write_all(if blocks.is_empty() { b"[]\n" } else { b"\n]\n" })
}

pub(crate) fn human(blocks: &[Listed], color: Color, out: &mut dyn Write) -> io::Result<()> {
    let palette = Palette::new(color);
    let places: Vec<String> =
        blocks.iter().map(|block| place(block.path.as_str(), block.start_line)).collect();
    let languages: Vec<String> = blocks.iter().map(language).collect();
    let (place_width, language_width) = (width(&places), width(&languages));
    for ((block, place), language) in blocks.iter().zip(places).zip(languages) {
        let style = match block.disposition {
            Disposition::Run => palette.good,
            Disposition::Suspicious => palette.attention,
            Disposition::Skip | Disposition::Other | Disposition::NotRunnable => palette.faint,
        };
        let disposition = block.disposition.name();
        let cell = match remarks(block) {
            Some(remarks) => format!("{}  {remarks}", paint(style, format_args!("{disposition:12}"))),
            None => paint(style, disposition),
        };
        writeln!(out, "{place:place_width$}  {language:language_width$}  {cell}")?;
    }
    writeln!(out, "{}{}", if blocks.is_empty() { "" } else { "\n" }, counts(blocks))
}

/// Why a block does not run, and what its title says of a file.
fn remarks(block: &Listed) -> Option<String> {
    let file = block.file.as_ref().map(|file| format!("file `{file}` for the snippets below"));
    let parts = [&block.reason, &file, &block.label].into_iter().flatten().chain(&block.left_out);
    let parts: Vec<String> = parts.map(|part| escape::phrase(part)).collect();
    (!parts.is_empty()).then(|| parts.join("; "))
}

fn language(block: &Listed) -> String {
    if block.language.is_empty() { "-".to_owned() } else { escape::phrase(&block.language) }
}

fn width(cells: &[String]) -> usize {
    cells.iter().map(|cell| cell.chars().count()).max().unwrap_or_default().min(WIDEST)
}

fn counts(blocks: &[Listed]) -> String {
    let documents = blocks.iter().map(|block| &block.path).collect::<BTreeSet<_>>().len();
    let parts: Vec<String> = Disposition::ALL
        .iter()
        .map(|wanted| (blocks.iter().filter(|block| block.disposition == *wanted).count(), wanted.name()))
        .filter(|(count, _)| *count > 0)
        .map(|(count, name)| format!("{count} {name}"))
        .collect();
    match blocks.len() {
        0 => "no code blocks".to_owned(),
        total => format!(
            "{} in {}: {}",
            counted(total, "code block"),
            counted(documents, "document"),
            parts.join(", ")
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::{BlockKind, Disposition, Listed, human, json};
    use crate::model::snippet::{DocumentPath, Line, SnippetId};
    use crate::report::palette::Color;

    fn block(line: u32, language: &str, disposition: Disposition, reason: Option<&str>) -> Listed {
        Listed {
            id: SnippetId(format!("docs/é.md::top::{line}")),
            path: DocumentPath("docs/é.md".to_owned()),
            start_line: Line(line),
            end_line: Line(line + 3),
            kind: BlockKind::Fenced,
            info: language.to_owned(),
            language: language.to_owned(),
            sha256: "00ff".to_owned(),
            disposition,
            reason: reason.map(str::to_owned),
            file: None,
            label: None,
            python: match disposition {
                Disposition::Run => vec!["3.11".to_owned(), "3.13".to_owned()],
                Disposition::Skip
                | Disposition::Other
                | Disposition::NotRunnable
                | Disposition::Suspicious => Vec::new(),
            },
            left_out: Vec::new(),
        }
    }

    fn blocks() -> [Listed; 6] {
        let file = |name: &str| Some(name.to_owned());
        let label = Some("the title `../a.py` leads out".to_owned());
        [
            Listed { file: file("models.py"), ..block(4, "python", Disposition::Run, None) },
            Listed { file: file("run.sh"), ..block(80, "bash", Disposition::Other, Some("not Python")) },
            Listed { label, ..block(100, "python", Disposition::Run, None) },
            Listed {
                python: vec!["3.13".to_owned()],
                left_out: vec!["not on 3.11: it is for Python >=3.12".to_owned()],
                ..block(110, "python", Disposition::Run, None)
            },
            block(120, "", Disposition::Suspicious, Some("\u{2028}::error::reads like Python")),
            block(140, "pycon", Disposition::NotRunnable, Some("only prompts")),
        ]
    }

    #[test]
    fn people_get_a_table() {
        let mut text = Vec::new();
        human(&blocks(), Color::Never, &mut text).unwrap();
        human(&[], Color::Never, &mut text).unwrap();
        insta::assert_snapshot!(String::from_utf8(text).unwrap());
    }

    #[test]
    fn machines_get_an_array() {
        let mut text = Vec::new();
        json(&blocks(), &mut text).unwrap();
        json(&[], &mut text).unwrap();
        insta::assert_snapshot!(String::from_utf8(text).unwrap());
    }
}
