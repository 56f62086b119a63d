//! From what differed in each run to places that move, each with its cause.

use std::ops::Range;

use crate::snippet::{Line, Snippet};
use crate::variation::aspect::Aspect;
use crate::variation::cause::{self, VariationCause};
use crate::variation::difference::OutcomeDifference;
use crate::variation::remedy::{self, SuggestedRedaction};

/// Places that are told of one snippet.
const MOST: usize = 64;

/// A place that is not the same in every run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Variation {
    pub(crate) aspect: Aspect,
    /// Of the document, where it is known which one wrote it.
    pub(crate) line: Option<Line>,
    /// Bytes of what the first run wrote.
    pub(crate) range: Range<usize>,
    /// What the first run has there, and what the other one has.
    pub(crate) before: String,
    pub(crate) after: String,
    /// The first run that differs there, counted from 1.
    pub(crate) run: usize,
    pub(crate) cause: VariationCause,
    /// Both with what stands around them in the first run.
    pub(crate) around: [String; 2],
    /// For the settings; absent where none would fit, and where none is needed.
    pub(crate) redaction: Option<SuggestedRedaction>,
    /// Whether snapshots have it at all.
    pub(crate) in_snapshots: SnapshotView,
    /// For the document, after what it says.
    pub(crate) marker: &'static str,
}

/// What the redactions that there are make of a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SnapshotView {
    /// Snapshots show it as it is.
    Show,
    /// It is the same in all snapshots.
    Redact,
}

/// What one further run of a snippet showed.
#[derive(Clone, Debug)]
pub(crate) struct RunDifferences<'a> {
    /// Counted from 1, the first run being the one that it is compared with.
    pub(crate) run: usize,
    /// What was changed for it on purpose.
    pub(crate) varied: &'a [VariationCause],
    pub(crate) differences: Vec<OutcomeDifference>,
}

/// Places that differ in any of the runs, in the order in which they are read. What its line marks is left out.
pub(crate) fn variations(snippet: &Snippet, runs: &[RunDifferences<'_>]) -> Vec<Variation> {
    let mut all: Vec<(usize, &OutcomeDifference)> = Vec::new();
    for (index, seen) in runs.iter().enumerate() {
        all.extend(seen.differences.iter().map(|difference| (index, difference)));
    }
    all.sort_by_key(|(index, difference)| (difference.aspect, difference.range.start, *index));
    let mut places: Vec<Vec<(usize, &OutcomeDifference)>> = Vec::new();
    let mut end = 0;
    for (index, difference) in all {
        let range = &difference.range;
        match places.last_mut() {
            Some(place)
                if place[0].1.aspect == difference.aspect
                    && (range.start < end || range.start == place[0].1.range.start) =>
            {
                end = end.max(range.end);
                place.push((index, difference));
            }
            Some(_) | None => {
                end = range.end;
                places.push(vec![(index, difference)]);
            }
        }
    }
    let unmarked = places.iter().filter(|place| !is_marked(snippet, place[0].1.line));
    unmarked.take(MOST).map(|place| one(snippet, place, runs)).collect()
}

fn is_marked(snippet: &Snippet, line: Option<Line>) -> bool {
    let below = line.and_then(|line| line.0.checked_sub(snippet.location.code.0));
    let code = below.and_then(|below| snippet.code.lines().nth(below as usize));
    code.is_some_and(remedy::is_marked)
}

fn one(snippet: &Snippet, place: &[(usize, &OutcomeDifference)], runs: &[RunDifferences<'_>]) -> Variation {
    // The longest holds all others; of equals the first run's.
    let longest = place.iter().rev().max_by_key(|(_, difference)| difference.range.len());
    let (index, difference) = longest.expect("a place is made of differences");
    let shape = cause::shape(difference);
    let cause = ascertained(place, runs, shape);
    Variation {
        aspect: difference.aspect,
        line: difference.line,
        range: difference.range.clone(),
        before: difference.before.clone(),
        after: difference.after.clone(),
        run: runs[*index].run,
        cause,
        around: [&difference.before, &difference.after]
            .map(|text| format!("{}{text}{}", difference.leading, difference.trailing)),
        redaction: remedy::redaction(difference),
        in_snapshots: SnapshotView::Show,
        marker: remedy::marker(snippet.form, cause),
    }
}

/// What was varied in every run that moved it and in none that did not; by its looks where that is not one thing.
fn ascertained(
    place: &[(usize, &OutcomeDifference)],
    runs: &[RunDifferences<'_>],
    shape: VariationCause,
) -> VariationCause {
    let moved = |index: usize| place.iter().any(|(known, _)| *known == index);
    let is_to_blame = |cause: &VariationCause| {
        runs.iter().enumerate().all(|(index, seen)| seen.varied.contains(cause) == moved(index))
    };
    let candidates: Vec<VariationCause> =
        VariationCause::CONDITIONS.into_iter().filter(is_to_blame).collect();
    match candidates[..] {
        [cause] => cause,
        _ => shape,
    }
}
