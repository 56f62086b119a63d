//! Merges the differences of several runs into places that are unstable, each with its cause.

use std::ops::Range;

use crate::model::reason::Minor;
use crate::model::snippet::{Line, Snippet};
use crate::variation::aspect::Aspect;
use crate::variation::cause::{self, VariationCause};
use crate::variation::difference::OutcomeDifference;
use crate::variation::remedy::{self, SuggestedRedaction};

/// Places of one snippet that are reported.
const MOST: usize = 64;

/// A place that is not the same in every run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Variation {
    pub(crate) aspect: Aspect,
    /// The line of the document that wrote it, where that is known.
    pub(crate) line: Option<Line>,
    /// The range of bytes in the output of the first run.
    pub(crate) range: Range<usize>,
    /// The text of the first run at this place; `after` is that of the other run.
    pub(crate) before: String,
    pub(crate) after: String,
    /// The first run that differs there, counted from 1.
    pub(crate) run: usize,
    /// The other run was in this Python, and under the same conditions.
    pub(crate) python: Option<Minor>,
    pub(crate) cause: VariationCause,
    /// `before` and `after`, each with the text around the place in the first run.
    pub(crate) around: [String; 2],
    /// A redaction for the settings; absent where none would fit, and where none is needed.
    pub(crate) redaction: Option<SuggestedRedaction>,
    /// What the redactions of the project leave of the place.
    pub(crate) in_snapshots: SnapshotView,
    /// A marker that the document can add after the code or the output.
    pub(crate) marker: &'static str,
}

/// Whether snapshots show a place that is unstable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SnapshotView {
    /// Snapshots show the place as it is.
    Show,
    /// Redactions make the place the same in all snapshots.
    Redact,
}

/// The differences between the first run of a snippet and a further one.
#[derive(Clone, Debug)]
pub(crate) struct RunDifferences<'a> {
    /// The number of the further run; the first run is number 1.
    pub(crate) run: usize,
    /// The conditions that were changed for this run on purpose.
    pub(crate) varied: &'a [VariationCause],
    pub(crate) differences: Vec<OutcomeDifference>,
}

/// Places that differ in any of the runs, in reading order, without those on lines that are marked as unstable.
pub(crate) fn variations(snippet: &Snippet, runs: &[RunDifferences<'_>]) -> Vec<Variation> {
    let mut all: Vec<(usize, &OutcomeDifference)> = Vec::new();
    for (index, run) in runs.iter().enumerate() {
        all.extend(run.differences.iter().map(|difference| (index, difference)));
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

/// Places that differ in another Python. What differs from run to run of the same Python is left out.
pub(crate) fn between_pythons(
    snippet: &Snippet,
    differences: Vec<OutcomeDifference>,
    python: Minor,
) -> Vec<Variation> {
    let mut found = variations(snippet, &[RunDifferences { run: 1, varied: &[], differences }]);
    found.retain(|variation| match variation.cause {
        VariationCause::Address | VariationCause::Pid | VariationCause::Path => false,
        VariationCause::Order
        | VariationCause::Random
        | VariationCause::Time
        | VariationCause::PythonVersion
        | VariationCause::Unknown => true,
    });
    for variation in &mut found {
        variation.cause = VariationCause::PythonVersion;
        variation.python = Some(python);
        variation.redaction = None;
    }
    found
}

fn is_marked(snippet: &Snippet, line: Option<Line>) -> bool {
    let below = line.and_then(|line| line.0.checked_sub(snippet.location.code.0));
    let code = below.and_then(|below| snippet.code.lines().nth(below as usize));
    code.is_some_and(remedy::is_marked)
}

fn one(snippet: &Snippet, place: &[(usize, &OutcomeDifference)], runs: &[RunDifferences<'_>]) -> Variation {
    // The longest difference includes all others; of equally long ones that of the first run is taken.
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
        python: None,
        cause,
        around: [&difference.before, &difference.after]
            .map(|text| format!("{}{text}{}", difference.leading, difference.trailing)),
        redaction: remedy::redaction(difference),
        in_snapshots: SnapshotView::Show,
        marker: remedy::marker(snippet.form, cause),
    }
}

/// The one condition that was varied in every run with a difference here and in no other; `shape` where there is no such
/// condition, or several.
fn ascertained(
    place: &[(usize, &OutcomeDifference)],
    runs: &[RunDifferences<'_>],
    shape: VariationCause,
) -> VariationCause {
    let differs = |index: usize| place.iter().any(|(known, _)| *known == index);
    let is_to_blame = |cause: &VariationCause| {
        runs.iter().enumerate().all(|(index, run)| run.varied.contains(cause) == differs(index))
    };

    let candidates: Vec<VariationCause> =
        VariationCause::CONDITIONS.into_iter().filter(is_to_blame).collect();
    match candidates[..] {
        [cause] => cause,
        _ => shape,
    }
}
