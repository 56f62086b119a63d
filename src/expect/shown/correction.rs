//! The form in which output is shown, and new lines in that form.

use crate::expect::shown::comparison::indentation;
use crate::syntax::Tree;

/// Bytes of an output; a longer one is not written into a document.
const LONGEST: usize = 64 << 10;

#[derive(Debug)]
pub(super) enum ShownForm {
    /// A block of its own.
    Block,
    /// The last lines of the block that holds the code.
    Rest,
    /// Comments, with the text before the output on the first line and on the others.
    Comments { first: String, others: String, is_dedented: bool },
    /// A string of Python, without its first line.
    Literal {
        base: String,
        quotes: &'static str,
        is_raw: bool,
        /// The line with the quotes that end it.
        closing: String,
        /// The closing line has no output on it.
        is_apart: bool,
    },
}

impl ShownForm {
    /// Lines below the output that are written anew.
    pub(super) fn lines_below(&self) -> usize {
        match self {
            Self::Literal { is_apart: true, .. } => 1,
            Self::Literal { is_apart: false, .. } | Self::Block | Self::Rest | Self::Comments { .. } => 0,
        }
    }

    /// The output in this form; `None` for an output that cannot be shown in it. Control characters are never written.
    pub(super) fn written(&self, actual: &str) -> Option<Vec<String>> {
        let is_unseen = |letter: char| letter.is_control() && !matches!(letter, '\n' | '\t');
        if actual.len() > LONGEST || actual.contains(is_unseen) {
            return None;
        }

        let lines = actual.lines().map(str::trim_end).skip_while(|line| line.is_empty());
        let mut lines: Vec<&str> = lines.collect();
        while lines.last().is_some_and(|line| line.is_empty()) {
            lines.pop();
        }

        match self {
            Self::Block => Some(lines.into_iter().map(str::to_owned).collect()),
            Self::Rest => Tree::parse(&lines.join("\n"))
                .is_inert()
                .then(|| lines.into_iter().map(str::to_owned).collect()),
            Self::Comments { first, others, is_dedented } => {
                let depth = if *is_dedented { indentation(lines.iter().copied()) } else { 0 };
                let prefixes = std::iter::once(first).chain(std::iter::repeat(others));
                let texts = lines.iter().map(|line| line.get(depth..).unwrap_or_default());
                let mut written: Vec<String> =
                    prefixes.zip(texts).map(|(prefix, text)| joined(prefix, text)).collect();
                let code = first.trim_end().trim_end_matches("#>").trim_end();
                if written.is_empty() && !code.ends_with('#') && !code.is_empty() {
                    // The line has code as well.
                    written.push(code.to_owned());
                }
                Some(written)
            }
            Self::Literal { quotes, .. } if actual.contains(quotes) => None,
            Self::Literal { base, is_raw, closing, .. } => {
                let escaped =
                    |line: &&str| if *is_raw { (*line).to_owned() } else { line.replace('\\', "\\\\") };
                let text = lines.iter().map(|line| joined(base, &escaped(line)));
                Some(text.chain([closing.clone()]).collect())
            }
        }
    }
}

fn joined(prefix: &str, text: &str) -> String {
    let line = format!("{prefix}{text}");
    line.trim_end().to_owned()
}
