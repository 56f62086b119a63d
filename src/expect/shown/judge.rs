//! Judges one shown text by what its statement or its snippet really put out.

use std::collections::{HashMap, HashSet};

use crate::expect::redact::Redactions;
use crate::expect::shown::comparison::{Exactness, is_same, is_same_but_for};
use crate::expect::shown::correction::ShownForm;
use crate::expect::shown::json::data;
use crate::expect::shown::observed::{FREE, Observed, Output, OutputReach};
use crate::expect::shown::raised;
use crate::expect::shown::shown_text::{OutputOwner, ShownStatementKind, ShownText};
use crate::expect::shown::varying;
use crate::expect::shown::warnings::with_places;
use crate::model::claim::{Claim, ClaimKind, ClaimVerdict, Correction};
use crate::model::snippet::Line;

/// Letters of a text that a claim quotes.
const LONGEST: usize = 10_000;

impl ShownText {
    pub(super) fn judge(&self, observed: &Observed<'_>) -> Claim {
        let Output { reach, texts, is_certain } = observed.output(&self.owner);
        let found = texts.iter().find(|text| self.is(text, observed.redactions));

        if let (None, OutputOwner::Statement(statement)) = (found, &self.owner)
            && let Some(claim) = raised::judge_survived(self, *statement, observed)
        {
            return claim;
        }

        let may_vary = found.is_none() && reach != OutputReach::Not && self.varies(&texts, observed);
        if let (None, false, OutputOwner::Snippet | OutputOwner::Perhaps) = (found, may_vary, &self.owner)
            && let Some(claim) = raised::judge(self, observed)
        {
            return claim;
        }

        let verdict = match (found, reach) {
            (Some(_), _) => ClaimVerdict::Holds,
            (None, _) if may_vary => ClaimVerdict::Unstable,
            (None, _) if !is_certain && self.is_foreign(observed) => ClaimVerdict::Holds,
            (None, OutputReach::Not | OutputReach::Partly) => ClaimVerdict::NotReached,
            (None, OutputReach::Whole) if self.is_prose(&texts, observed) => ClaimVerdict::Remark,
            (None, OutputReach::Whole) => ClaimVerdict::Broken,
        };

        let actual = found.or_else(|| self.closest(&texts));
        let is_writable = verdict == ClaimVerdict::Broken && is_certain && !self.has_varying_lines(observed);
        let correction = is_writable.then(|| self.corrected(actual.map_or("", String::as_str))).flatten();

        Claim {
            line: self.first(),
            text: excerpt(&self.text),
            kind: ClaimKind::Shown,
            verdict,
            actual: actual.map(|text| excerpt(text)).filter(|text| !text.is_empty()),
            accepted: false,
            correction,
            doubt: None,
        }
    }

    /// Whether a child process or C code printed the text, so that its statement is unknown.
    fn is_foreign(&self, observed: &Observed<'_>) -> bool {
        match self.owner {
            OutputOwner::Snippet | OutputOwner::Perhaps => false,
            OutputOwner::Statement(_) | OutputOwner::Section { .. } => observed.is_unattributed(&self.text),
        }
    }

    fn is(&self, actual: &str, redactions: &Redactions) -> bool {
        let texts = [Some(&self.text), self.unescaped.as_ref()];
        texts.into_iter().flatten().any(|text| is_same(text, actual, self.exactness, redactions))
    }

    /// Whether a marker such as `# may vary` excuses each line that is not as it is shown.
    fn varies(&self, texts: &[String], observed: &Observed<'_>) -> bool {
        let Observed { redactions, .. } = observed;
        let elided = varying::elided(&self.text);
        let is_elided = |text: &String| {
            elided.as_ref().is_some_and(|shown| is_same(shown, text, self.exactness, redactions))
        };
        if texts.iter().any(is_elided) {
            return true;
        }

        match &self.owner {
            OutputOwner::Statement(statement) => observed.varies(statement.first..=statement.last),
            OutputOwner::Snippet | OutputOwner::Perhaps | OutputOwner::Section { .. } => {
                let free = observed.with_free_lines();
                free.iter().any(|actual| is_same_but_for(FREE, &self.text, actual, redactions))
            }
        }
    }

    /// Whether the text or the code has lines whose output cannot be written down.
    fn has_varying_lines(&self, observed: &Observed<'_>) -> bool {
        varying::elided(&self.text).is_some()
            || observed.with_free_lines().iter().any(|text| text.contains(FREE))
    }

    /// The actual text that a shown one is meant to be: the one with most of its words, the first one of equals.
    fn closest<'t>(&self, texts: &'t [String]) -> Option<&'t String> {
        let likeness = |text: &str| {
            let (mut counts, mut all) = (HashMap::<&str, usize>::new(), 0_usize);
            for word in words(text) {
                *counts.entry(word).or_default() += 1;
                all += 1;
            }
            let mut common = 0_usize;
            for word in words(&self.text) {
                all += 1;
                if let Some(count) = counts.get_mut(word).filter(|count| **count > 0) {
                    *count -= 1;
                    common += 1;
                }
            }
            // In parts of a million, because fractions have no order.
            common * 2_000_000 / all.max(1)
        };
        texts.iter().rev().max_by_key(|text| likeness(text))
    }

    /// Whether the text speaks of the code instead of showing its output. A block of its own is always output.
    fn is_prose(&self, texts: &[String], observed: &Observed<'_>) -> bool {
        let is_silent = texts.iter().all(|text| text.trim().is_empty());
        match (&self.form, &self.owner) {
            (ShownForm::Comments { .. }, OutputOwner::Statement(statement)) if self.is_introduced => {
                is_silent && statement.kind == ShownStatementKind::Other
            }
            // Data that the defined code takes or gives.
            (ShownForm::Block, OutputOwner::Snippet) if self.exactness == Exactness::Json => is_silent,
            // A file that the code reads or writes is as likely as its output.
            (_, OutputOwner::Perhaps) => {
                let is_value = data(&self.text).is_some() || self.resembles(texts);
                observed.is_mute() && (is_silent || !is_value)
            }
            (ShownForm::Literal { .. }, OutputOwner::Statement(statement))
                if statement.rescues.is_some() && statement.kind == ShownStatementKind::Print =>
            {
                false
            }
            (ShownForm::Literal { .. }, _) | (_, OutputOwner::Section { .. }) => {
                is_silent || self.text.lines().all(is_sentence) && !self.resembles(texts)
            }
            (
                ShownForm::Block | ShownForm::Rest | ShownForm::Comments { .. },
                OutputOwner::Snippet | OutputOwner::Statement(_),
            ) => false,
        }
    }

    /// Whether at least half of the words were printed.
    fn resembles(&self, texts: &[String]) -> bool {
        let printed: HashSet<&str> = texts.iter().flat_map(|text| text.split_whitespace()).collect();
        let words = self.text.split_whitespace();
        let (known, all) =
            words.fold((0, 0), |(known, all), word| (known + usize::from(printed.contains(word)), all + 1));
        known * 2 >= all
    }

    /// The lines that would be true. Blank lines around the text stay.
    fn corrected(&self, actual: &str) -> Option<Correction> {
        let actual = with_places(actual, &self.text)?;
        let lines = self.form.written(&actual)?;
        let is_blank = |line: &&str| line.trim().is_empty();
        let mut below = self.text.lines().rev().take_while(is_blank).count();
        if self.form.lines_below() > 0 || self.text.trim().is_empty() {
            below = 0;
        }

        let count = self.text.lines().count() - self.above() - below + self.form.lines_below();
        Some(Correction { first: self.first(), count: u32::try_from(count).ok()?, lines })
    }

    /// Blank lines before the text.
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

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty())
}

/// Whether a line has at least four words, and nothing but words.
fn is_sentence(line: &str) -> bool {
    let is_word =
        |word: &str| word.chars().all(|letter| letter.is_alphabetic() || "'’\",;:.!?()/-–—".contains(letter));
    line.split_whitespace().count() >= 4 && line.split_whitespace().all(is_word)
}

/// As much of a text as a report needs.
fn excerpt(text: &str) -> String {
    let blank: usize =
        text.split_inclusive('\n').take_while(|line| line.trim().is_empty()).map(str::len).sum();
    let text = text[blank..].trim_end();
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
