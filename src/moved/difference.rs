//! The bytes in which two outcomes differ, word by word.

use std::borrow::Cow;
use std::ops::Range;

use similar::{Algorithm, DiffOp, DiffTag, capture_diff_slices};

use crate::model::outcome::{Ending, Outcome, Stream};
use crate::model::snippet::Line;
use crate::moved::Aspect;

/// Differences of one pair of outcomes that are kept.
const MOST: usize = 64;
/// Words between the first and the last difference. Where there are more, all of it is one difference.
const WORDS: usize = 4096;
/// Bytes of a difference that are kept, and of what stands around it.
const LONGEST: usize = 400;
const NEAR: usize = 40;

/// One of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Difference {
    pub(crate) aspect: Aspect,
    pub(crate) line: Option<Line>,
    /// Bytes of the first text.
    pub(crate) range: Range<usize>,
    pub(super) before: String,
    pub(super) after: String,
    /// Of the first text, on the same line.
    pub(super) in_front: String,
    pub(super) behind: String,
}

/// In the order in which they are read. Of two that ended differently nothing else is compared, nor of two that a limit
/// ended: how far they got is a matter of speed.
pub(crate) fn differences(first: &Outcome, other: &Outcome) -> Vec<Difference> {
    let mut found = compared(Aspect::Ending, ending(first).as_bytes(), ending(other).as_bytes());
    let is_whole = match first.ending {
        Ending::Completed | Ending::Raised | Ending::Exited | Ending::Deadlocked => true,
        Ending::TimedOut | Ending::Killed | Ending::NotRun => false,
    };
    if found.is_empty() && is_whole {
        for (aspect, one, two) in
            [(Aspect::Stdout, &first.stdout, &other.stdout), (Aspect::Stderr, &first.stderr, &other.stderr)]
        {
            found.extend(
                compared(aspect, &bytes(one), &bytes(two))
                    .into_iter()
                    .map(|difference| Difference { line: line(one, difference.range.start), ..difference }),
            );
        }
        let [one, two] = [first, other].map(|outcome| outcome.value.as_deref().unwrap_or_default());
        found.extend(compared(Aspect::Value, one.as_bytes(), two.as_bytes()));
        let [one, two] = [first, other].map(exception);
        found.extend(compared(Aspect::Exception, one.as_bytes(), two.as_bytes()));
    }
    found.truncate(MOST);
    found
}

fn ending(outcome: &Outcome) -> String {
    let word = match outcome.ending {
        Ending::Completed => "completed",
        Ending::Raised => "raised",
        Ending::Exited => "exited",
        Ending::TimedOut => "timed out",
        Ending::Killed => "killed",
        Ending::Deadlocked => "deadlocked",
        Ending::NotRun => "did not run",
    };
    match (outcome.ending, outcome.cause.as_ref().and_then(|cause| cause.used)) {
        (Ending::Exited, Some(code)) => format!("{word} {code}"),
        _ => word.to_owned(),
    }
}

fn exception(outcome: &Outcome) -> String {
    let text =
        |exception: &crate::model::outcome::Exception| format!("{}: {}", exception.kind, exception.message);
    outcome.exception.as_ref().map(text).unwrap_or_default()
}

fn bytes(stream: &Stream) -> Cow<'_, [u8]> {
    if stream.tail.is_empty() {
        Cow::Borrowed(&stream.head)
    } else {
        [&stream.head[..], &stream.tail].concat().into()
    }
}

/// Who wrote the byte.
fn line(stream: &Stream, at: usize) -> Option<Line> {
    let next = stream.pieces.partition_point(|piece| piece.end <= at);
    stream.pieces.get(next).filter(|piece| piece.start <= at).map(|piece| piece.line)
}

pub(super) fn compared(aspect: Aspect, one: &[u8], two: &[u8]) -> Vec<Difference> {
    let difference = |(range, other): (Range<usize>, Range<usize>)| {
        let above = one[..range.start].iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        let below = one[range.end..].iter().position(|byte| *byte == b'\n').unwrap_or(one.len() - range.end);
        Difference {
            aspect,
            line: None,
            before: text(&one[range.clone()][..range.len().min(LONGEST)]),
            after: text(&two[other.clone()][..other.len().min(LONGEST)]),
            in_front: text(&one[above.max(range.start.saturating_sub(NEAR))..range.start]),
            behind: text(&one[range.end..range.end + below.min(NEAR)]),
            range,
        }
    };
    ranges(one, two).into_iter().take(MOST).map(difference).collect()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// What differs, in the one and in the other. Never within a word.
fn ranges(one: &[u8], two: &[u8]) -> Vec<(Range<usize>, Range<usize>)> {
    if one == two {
        return Vec::new();
    }
    let start = common_start(one, two);
    let end = common_end(&one[start..], &two[start..]);
    let (one_end, two_end) = (one.len() - end, two.len() - end);
    let words =
        [&one[start..one_end], &two[start..two_end]].map(|text| words(text).take(WORDS + 1).collect());
    let [old, new]: [Vec<&[u8]>; 2] = words;
    if old.len() > WORDS || new.len() > WORDS {
        return vec![(start..one_end, start..two_end)];
    }
    let operations = capture_diff_slices(Algorithm::Myers, &old, &new);
    let [old, new] = [starts(&old, start), starts(&new, start)];
    let changed = operations.iter().filter(|operation| operation.tag() != DiffTag::Equal);
    let place = |operation: &DiffOp| {
        let (one, two) = (operation.old_range(), operation.new_range());
        (old[one.start]..old[one.end], new[two.start]..new[two.end])
    };
    rejoined(&changed.map(place).collect::<Vec<_>>(), one, two)
}

/// Words that only changed places are one difference: of a line, or of all lines.
fn rejoined(
    ranges: &[(Range<usize>, Range<usize>)],
    one: &[u8],
    two: &[u8],
) -> Vec<(Range<usize>, Range<usize>)> {
    if let Some(whole) = reordered(ranges, one, two) {
        return vec![whole];
    }
    let on_one_line = |(before, _): &(Range<usize>, Range<usize>),
                       (after, _): &(Range<usize>, Range<usize>)| {
        !one[before.start..after.start].contains(&b'\n')
    };
    let lines = ranges.chunk_by(on_one_line);
    lines
        .flat_map(|line| reordered(line, one, two).map_or_else(|| line.to_vec(), |whole| vec![whole]))
        .collect()
}

fn reordered(
    ranges: &[(Range<usize>, Range<usize>)],
    one: &[u8],
    two: &[u8],
) -> Option<(Range<usize>, Range<usize>)> {
    let [(first, other_first), .., (last, other_last)] = ranges else { return None };
    let whole = (first.start..last.end, other_first.start..other_last.end);
    is_reordered(&one[whole.0.clone()], &two[whole.1.clone()]).then_some(whole)
}

/// Whether both consist of the same words, of which there are several.
pub(super) fn is_reordered(one: &[u8], two: &[u8]) -> bool {
    let sorted = |text| {
        let mut words: Vec<&[u8]> = words(text).filter(|word| is_of_word(word[0])).collect();
        words.sort_unstable();
        words
    };
    let (one, two) = (sorted(one), sorted(two));
    one.len() > 1 && one == two
}

/// Where each one starts, and where the last one ends.
fn starts(words: &[&[u8]], start: usize) -> Vec<usize> {
    let mut at = start;
    let mut starts = vec![at];
    for word in words {
        at += word.len();
        starts.push(at);
    }
    starts
}

/// Words, and each sign between them by itself.
fn words(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    text.chunk_by(|one, two| is_of_word(*one) && is_of_word(*two))
}

fn is_of_word(byte: u8) -> bool {
    !byte.is_ascii_whitespace() && !b"()[]{}<>,'\"=;|".contains(&byte)
}

fn common_start(one: &[u8], two: &[u8]) -> usize {
    let mut start = one.iter().zip(two).take_while(|(one, two)| one == two).count();
    let splits = |at: usize, text: &[u8]| text.get(at).is_some_and(|byte| is_of_word(*byte));
    while start > 0 && is_of_word(one[start - 1]) && (splits(start, one) || splits(start, two)) {
        start -= 1;
    }
    start
}

fn common_end(one: &[u8], two: &[u8]) -> usize {
    let pairs = one.iter().rev().zip(two.iter().rev());
    let mut end = pairs.take_while(|(one, two)| one == two).count();
    let before = |text: &[u8], end: usize| text.len().checked_sub(end + 1).map(|at| is_of_word(text[at]));
    while end > 0
        && is_of_word(one[one.len() - end])
        && (before(one, end) == Some(true) || before(two, end) == Some(true))
    {
        end -= 1;
    }
    end
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each range of the first text with what the second one has instead.
    #[track_caller]
    fn check(one: &str, two: &str, expected: &[(&str, &str)]) {
        let found = compared(Aspect::Stdout, one.as_bytes(), two.as_bytes());
        let pairs: Vec<_> = found.iter().map(|found| (&*found.before, &*found.after)).collect();
        assert_eq!(pairs, expected, "{one:?} {two:?}");
        for found in found {
            assert_eq!(one.get(found.range.clone()), Some(&*found.before));
        }
    }

    #[test]
    fn whole_words() {
        check("same\n", "same\n", &[]);
        check("at 0x7f12>", "at 0x7f92>", &[("0x7f12", "0x7f92")]);
        check("took 0.51s, total 12", "took 0.53s, total 17", &[("0.51s", "0.53s"), ("12", "17")]);
        check("a", "ab", &[("a", "ab")]);
        check("a\n", "a\nb\n", &[("", "b\n")]);
        check("", "x", &[("", "x")]);
        check("ä1", "ä2", &[("ä1", "ä2")]);
    }

    #[test]
    fn words_that_change_places_stay_together() {
        check("{'a', 'b', 'c'}", "{'c', 'a', 'b'}", &[("a', 'b', 'c", "c', 'a', 'b")]);
        check("a\nb\nc\n", "b\na\nc\n", &[("a\nb", "b\na")]);
        check("1 {a, b}\nx 5", "1 {b, a}\nx 6", &[("a, b", "b, a"), ("5", "6")]);
    }

    #[test]
    fn long_texts_take_little_time() {
        let started = std::time::Instant::now();
        for unit in ["a ", "ab", " ", "\n"] {
            let (one, two) = (unit.repeat(1 << 19), format!("x{}y", unit.repeat((1 << 19) + 1)));
            assert!(!ranges(one.as_bytes(), two.as_bytes()).is_empty());
        }
        let numbers = |step: usize| (0..4000).map(|n| (n * step).to_string()).collect::<Vec<_>>().join(" ");
        assert!(!ranges(numbers(3).as_bytes(), numbers(7).as_bytes()).is_empty());
        assert!(started.elapsed() < std::time::Duration::from_secs(20));
    }
}
