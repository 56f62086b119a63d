//! Output that is shown below its code: `#>` lines, strings, comment blocks, blocks of their own.

mod code;
mod comparison;
mod correction;
mod json;
mod layout;
mod listing;
mod raised;
#[cfg(test)]
mod round_trips;
mod scene;
mod sets;
#[cfg(test)]
mod tests;

use std::collections::HashSet;
use std::ops::RangeInclusive;

pub(in crate::expect) use self::code::is_heading;
use crate::expect::redact::Redactions;
use crate::expect::shown::comparison::{Exactness, is_same};
use crate::expect::shown::correction::Form;
use crate::expect::shown::json::data;
use crate::expect::shown::scene::{Output, Reach, Scene};
use crate::model::claim::{Claim, ClaimKind, ClaimVerdict, Correction};
use crate::model::outcome::Outcome;
use crate::model::snippet::{Announced, Comparison, Line, Place, ShownOutput, Snippet};
use crate::syntax::Tree;

/// Letters of a text that a claim repeats.
const LONGEST: usize = 10_000;

/// What is shown for one snippet.
#[derive(Debug, Default)]
pub(crate) struct Shown {
    exhibits: Vec<Exhibit>,
    /// The first line of code.
    code: Option<Line>,
    /// An exception is how the snippet should end.
    raises: bool,
}

/// One text that is shown as output.
#[derive(Debug)]
struct Exhibit {
    line: Line,
    text: String,
    /// The text as Python reads it, where that is something else.
    unescaped: Option<String>,
    exactness: Exactness,
    origin: Origin,
    form: Form,
}

/// Whose output it is.
#[derive(Debug)]
enum Origin {
    Snippet,
    /// Of the snippet, if it is output at all.
    Perhaps,
    Statement(Statement),
    /// Of the statement above, of all lines behind the last section, or of the whole snippet.
    Section {
        statement: Statement,
        lines: RangeInclusive<Line>,
        is_last: bool,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Statement {
    first: Line,
    last: Line,
    place: Place,
    kind: StatementKind,
    /// Whether it runs may depend on what is around it.
    is_nested: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum StatementKind {
    /// A call of `print`, which gives nothing.
    Print,
    Expression,
    Other,
}

impl Shown {
    pub(crate) fn read(snippet: &Snippet, tree: &Tree<'_>) -> Self {
        let mut exhibits = code::exhibits(tree, snippet.location.code);
        exhibits.extend(snippet.shown.iter().map(|shown| Exhibit::beside(shown, snippet)));
        Self { exhibits, code: Some(snippet.location.code), raises: snippet.directives.raises.is_some() }
    }

    /// Statements whose values are shown below them.
    pub(crate) fn watched(&self) -> Vec<Place> {
        let statements = self.exhibits.iter().filter_map(|exhibit| match exhibit.origin {
            Origin::Snippet | Origin::Perhaps => None,
            Origin::Statement(statement) | Origin::Section { statement, .. } => Some(statement),
        });
        let expressions = statements.filter(|statement| statement.kind == StatementKind::Expression);
        expressions.map(|statement| statement.place).collect()
    }

    pub(crate) fn judge(&self, outcome: &Outcome, redactions: &Redactions) -> Vec<Claim> {
        if self.exhibits.is_empty() {
            return Vec::new();
        }
        let scene = Scene::new(outcome, redactions, self);
        self.exhibits.iter().map(|exhibit| exhibit.judge(&scene)).collect()
    }
}

impl Exhibit {
    /// What a block or a comment outside of the code holds, or the end of its own block.
    fn beside(shown: &ShownOutput, snippet: &Snippet) -> Self {
        let is_rest = shown.location.end == snippet.location.end;
        Self {
            line: shown.location.code,
            text: shown.text.clone(),
            unescaped: None,
            exactness: match shown.comparison {
                Comparison::Exact => Exactness::Exact,
                Comparison::IgnoringBlanks => Exactness::IgnoringBlanks,
                Comparison::Json => Exactness::Json,
            },
            origin: match shown.announced {
                Announced::InWords => Origin::Snippet,
                Announced::ByPlace => Origin::Perhaps,
            },
            form: if is_rest { Form::Rest } else { Form::Block },
        }
    }

    fn judge(&self, scene: &Scene<'_>) -> Claim {
        let Output { reach, texts, is_certain } = scene.output(&self.origin);
        let found = texts.iter().find(|text| self.is(text, scene.redactions));
        if let (None, Origin::Snippet | Origin::Perhaps) = (found, &self.origin)
            && let Some(claim) = raised::judge(self, scene)
        {
            return claim;
        }
        let verdict = match (found, reach) {
            (Some(_), _) => ClaimVerdict::Holds,
            (None, _) if !is_certain && self.is_foreign(scene) => ClaimVerdict::Holds,
            (None, Reach::Not | Reach::Partly) => ClaimVerdict::NotReached,
            (None, Reach::Whole) if self.is_prose(&texts, scene) => ClaimVerdict::Remark,
            (None, Reach::Whole) => ClaimVerdict::Broken,
        };
        let actual = found.or(texts.first());
        let correction = (verdict == ClaimVerdict::Broken && is_certain)
            .then(|| self.corrected(actual.map_or("", String::as_str)))
            .flatten();
        Claim {
            line: self.first(),
            text: excerpt(&self.text),
            kind: ClaimKind::Shown,
            verdict,
            actual: actual.map(|text| excerpt(text)).filter(|text| !text.is_empty()),
            accepted: false,
            correction,
        }
    }

    /// A child process printed it, or C code: nobody knows for which statement.
    fn is_foreign(&self, scene: &Scene<'_>) -> bool {
        match self.origin {
            Origin::Snippet | Origin::Perhaps => false,
            Origin::Statement(_) | Origin::Section { .. } => scene.is_unattributed(&self.text),
        }
    }

    fn is(&self, actual: &str, redactions: &Redactions) -> bool {
        let texts = [Some(&self.text), self.unescaped.as_ref()];
        texts.into_iter().flatten().any(|text| is_same(text, actual, self.exactness, redactions))
    }

    /// Whether words below the code rather speak of it than quote it. What a block of its own shows is meant.
    fn is_prose(&self, texts: &[String], scene: &Scene<'_>) -> bool {
        let is_silent = texts.iter().all(|text| text.trim().is_empty());
        match (&self.form, &self.origin) {
            // Data, for or from what the code defines.
            (Form::Block, Origin::Snippet) if self.exactness == Exactness::Json => is_silent,
            // A file that it reads or writes, as likely as what it gives.
            (_, Origin::Perhaps) => {
                let is_value = data(&self.text).is_some() || self.resembles(texts);
                scene.is_mute() && (is_silent || !is_value)
            }
            (Form::Literal { .. }, _) | (_, Origin::Section { .. }) => {
                is_silent || self.text.lines().all(is_sentence) && !self.resembles(texts)
            }
            (Form::Block | Form::Rest | Form::Comments { .. }, Origin::Snippet | Origin::Statement(_)) => {
                false
            }
        }
    }

    /// Whether half of the words were printed.
    fn resembles(&self, texts: &[String]) -> bool {
        let printed: HashSet<&str> = texts.iter().flat_map(|text| text.split_whitespace()).collect();
        let words = self.text.split_whitespace();
        let (known, all) =
            words.fold((0, 0), |(known, all), word| (known + usize::from(printed.contains(word)), all + 1));
        known * 2 >= all
    }

    /// Blank lines around what is shown stay.
    fn corrected(&self, actual: &str) -> Option<Correction> {
        let lines = self.form.written(actual)?;
        let is_blank = |line: &&str| line.trim().is_empty();
        let mut below = self.text.lines().rev().take_while(is_blank).count();
        if self.form.lines_below() > 0 || self.text.trim().is_empty() {
            below = 0;
        }
        let count = self.text.lines().count() - self.above() - below + self.form.lines_below();
        Some(Correction { first: self.first(), count: u32::try_from(count).ok()?, lines })
    }

    /// Blank lines in front of the text.
    fn above(&self) -> usize {
        if self.text.trim().is_empty() {
            return 0;
        }
        self.text.lines().take_while(|line| line.trim().is_empty()).count()
    }

    /// The first line that is not blank.
    fn first(&self) -> Line {
        Line(self.line.0.saturating_add(u32::try_from(self.above()).unwrap_or(u32::MAX)))
    }
}

/// Four words or more, and nothing but words.
fn is_sentence(line: &str) -> bool {
    let is_word =
        |word: &str| word.chars().all(|letter| letter.is_alphabetic() || "'’\",;:.!?()/-–—".contains(letter));
    line.split_whitespace().count() >= 4 && line.split_whitespace().all(is_word)
}

/// As much of it as a report needs.
fn excerpt(text: &str) -> String {
    let blank: usize =
        text.split_inclusive('\n').take_while(|line| line.trim().is_empty()).map(str::len).sum();
    let text = text[blank..].trim_end();
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
