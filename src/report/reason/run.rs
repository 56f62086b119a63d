//! Runs that differ, in words.

use crate::variation::{Aspect, Variation};

/// Places that differ between two runs and are reported in words, and how much of each text.
const SENTENCES: usize = 4;
const QUOTED: usize = 60;

/// Of runs that should not differ.
pub(super) fn sentences(variations: &[Variation]) -> Vec<String> {
    let one = |variation: &Variation| {
        let Variation { aspect, line, range, before, after, run, cause, .. } = variation;
        let place = match (aspect, line) {
            (Aspect::Stdout | Aspect::Stderr, Some(line)) => {
                format!("line {line} wrote to {} at byte {}", aspect.word(), range.start)
            }
            (Aspect::Stdout | Aspect::Stderr, None) => format!("{}, byte {}", aspect.word(), range.start),
            (Aspect::Ending | Aspect::Value | Aspect::Exception, _) => aspect.word().to_owned(),
        };
        format!("run {run} differs, {}: {place}: `{}` was `{}`", cause.word(), cut(after), cut(before))
    };
    let mut sentences: Vec<String> = variations.iter().take(SENTENCES).map(one).collect();
    if let Some(more) = variations.len().checked_sub(SENTENCES).filter(|more| *more > 0) {
        sentences.push(format!("and {more} more places differ"));
    }
    sentences
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(QUOTED) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
