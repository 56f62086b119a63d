//! From what differed in each run to places that move, each with its cause.

use crate::model::snippet::{Line, Snippet};
use crate::moved::difference::Difference;
use crate::moved::{Cause, Moved, Snapshots, cause, remedy};

/// Places that are told of one snippet.
const MOST: usize = 64;

/// What one further run of a snippet showed.
#[derive(Clone, Debug)]
pub(crate) struct Seen<'a> {
    /// Counted from 1, the first run being the one that it is compared with.
    pub(crate) run: usize,
    /// What was changed for it on purpose.
    pub(crate) varied: &'a [Cause],
    pub(crate) differences: Vec<Difference>,
}

/// Places that differ in any of the runs, in the order in which they are read. What its line marks is left out.
pub(crate) fn moved(snippet: &Snippet, runs: &[Seen<'_>]) -> Vec<Moved> {
    let mut all: Vec<(usize, &Difference)> = Vec::new();
    for (index, seen) in runs.iter().enumerate() {
        all.extend(seen.differences.iter().map(|difference| (index, difference)));
    }
    all.sort_by_key(|(index, difference)| (difference.aspect, difference.range.start, *index));
    let mut places: Vec<Vec<(usize, &Difference)>> = Vec::new();
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

fn one(snippet: &Snippet, place: &[(usize, &Difference)], runs: &[Seen<'_>]) -> Moved {
    // The longest holds all others; of equals the first run's.
    let longest = place.iter().rev().max_by_key(|(_, difference)| difference.range.len());
    let (index, difference) = longest.expect("a place is made of differences");
    let shape = cause::shape(difference);
    let cause = ascertained(place, runs, shape);
    Moved {
        aspect: difference.aspect,
        line: difference.line,
        range: difference.range.clone(),
        before: difference.before.clone(),
        after: difference.after.clone(),
        run: runs[*index].run,
        cause,
        around: [&difference.before, &difference.after]
            .map(|text| format!("{}{text}{}", difference.in_front, difference.behind)),
        redaction: remedy::redaction(difference),
        seen: Snapshots::Show,
        marker: remedy::marker(snippet.form, cause),
    }
}

/// What was varied in every run that moved it and in none that did not; by its looks where that is not one thing.
fn ascertained(place: &[(usize, &Difference)], runs: &[Seen<'_>], shape: Cause) -> Cause {
    let moved = |index: usize| place.iter().any(|(known, _)| *known == index);
    let is_to_blame = |cause: &Cause| {
        runs.iter().enumerate().all(|(index, seen)| seen.varied.contains(cause) == moved(index))
    };
    let candidates: Vec<Cause> = Cause::CONDITIONS.into_iter().filter(is_to_blame).collect();
    match candidates[..] {
        [cause] => cause,
        _ => shape,
    }
}
