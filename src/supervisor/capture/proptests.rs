//! Whatever a session writes and wherever a read cuts it: nothing is lost count of, and no more is kept than allowed.

use std::collections::BTreeMap;

use proptest::collection::vec;
use proptest::prelude::*;

use super::{Capture, Ends};
use crate::model::outcome::Stream;
use crate::wire::{Mark, Stack, Token};

/// A mark that names one line.
const MARK: usize = size_of::<Token>() + 8;

/// It overlaps with itself, which is what a search may get wrong.
const TOKEN: Token = *b"ababababcabababa";

fn capture(kept: u64) -> Capture {
    let (read, _) = nix::unistd::pipe().unwrap();
    Capture::new(read, &TOKEN, kept, Ends { steps: usize::MAX, examples: usize::MAX })
}

/// Output with marks in it, whole ones, spoilt ones and beginnings.
fn output() -> impl Strategy<Value = Vec<u8>> {
    let mark = |line: u32, length: u32| [&TOKEN[..], &line.to_ne_bytes(), &length.to_ne_bytes()].concat();
    let stack = |lines: &[u32], length| {
        let mut by = Stack::default();
        for line in lines {
            by.push(*line);
        }
        Mark::Written { by, length }.encode(&TOKEN)
    };
    let piece = prop_oneof![
        3 => vec(any::<u8>(), 0..30),
        2 => "[abc\n]{0,12}".prop_map(String::into_bytes),
        3 => (0..5_u32, 0..12_u32).prop_map(move |(line, length)| mark(line, length)),
        1 => (any::<u32>(), any::<u32>()).prop_map(move |(line, length)| mark(line, length)),
        2 => (vec(0..5_u32, 0..9), 0..12_u32).prop_map(move |(lines, length)| stack(&lines, length)),
        1 => Just(Mark::Cut.encode(&TOKEN)),
        1 => Just(Mark::Example.encode(&TOKEN)),
        1 => any::<u32>().prop_map(|number| Mark::Turn(number).encode(&TOKEN)),
        1 => (0..MARK).prop_map(move |length| mark(1, 1)[..length].to_vec()),
    ];
    vec(piece, 0..16).prop_map(|pieces| pieces.concat())
}

/// What one step wrote, and which line wrote which of it.
#[derive(Debug, Default, PartialEq, Eq)]
struct Written {
    bytes: Vec<u8>,
    by_line: BTreeMap<u32, Vec<u8>>,
    examples: Vec<usize>,
}

/// The steps in `output`, read with all of it in sight.
fn steps(output: &[u8]) -> Vec<Written> {
    let mut steps = vec![Written::default()];
    let mut writer = None;
    let mut at = 0;
    while at < output.len() {
        let step = steps.last_mut().expect("there is a first one");
        if output[at..].starts_with(&TOKEN)
            && let Some((mark, size)) = Mark::decode(&output[at + TOKEN.len()..])
        {
            writer = match mark {
                Mark::Cut | Mark::Example | Mark::Turn(_) => None,
                Mark::Written { by, length } => by.lines().first().map(|line| (*line, length)),
            };
            match mark {
                Mark::Cut => steps.push(Written::default()),
                Mark::Example => step.examples.push(step.bytes.len()),
                Mark::Written { .. } | Mark::Turn(_) => {}
            }
            at += TOKEN.len() + size;
            continue;
        }
        step.bytes.push(output[at]);
        if let Some((line, left)) = writer {
            if left > 0 {
                step.by_line.entry(line).or_default().push(output[at]);
            }
            writer = (left > 1).then(|| (line, left - 1));
        }
        at += 1;
    }
    steps
}

fn feed(capture: &mut Capture, output: &[u8], sizes: &[usize]) {
    let mut rest = output;
    for size in sizes.iter().cycle() {
        if rest.is_empty() {
            break;
        }
        let (portion, after) = rest.split_at((*size).min(rest.len()));
        capture.feed(portion);
        rest = after;
    }
}

fn written(stream: &Stream) -> Written {
    let mut by_line: BTreeMap<u32, Vec<u8>> = BTreeMap::new();
    for piece in stream.pieces.iter().filter(|piece| piece.start < piece.end) {
        by_line.entry(piece.line.0).or_default().extend(&stream.head[piece.start..piece.end]);
    }
    Written { bytes: stream.head.clone(), by_line, examples: stream.examples.clone() }
}

proptest! {
    #[test]
    fn steps_are_told_apart_however_they_are_cut_up(output in output(), sizes in vec(1..50_usize, 1..6)) {
        let mut capture = capture(1 << 20);
        feed(&mut capture, &output, &sizes);
        let mut buffer = Vec::new();
        for expected in steps(&output) {
            let stream = capture.step(&mut buffer);
            prop_assert_eq!(stream.written, expected.bytes.len() as u64);
            prop_assert_eq!(written(&stream), expected);
            prop_assert!(stream.tail.is_empty());
        }
        prop_assert_eq!(capture.rest(), Stream::default());
    }

    #[test]
    fn a_flood_keeps_its_ends(output in output(), sizes in vec(1..50_usize, 1..6), kept in 2..40_usize) {
        let mut capture = capture(kept as u64);
        feed(&mut capture, &output, &sizes);
        let mut buffer = Vec::new();
        for expected in steps(&output) {
            let stream = capture.step(&mut buffer);
            prop_assert_eq!(stream.written, expected.bytes.len() as u64);
            prop_assert!(stream.head.len() + stream.tail.len() <= kept, "{:?}", stream);
            prop_assert!(expected.bytes.starts_with(&stream.head), "{:?}", stream);
            prop_assert!(expected.bytes.ends_with(&stream.tail), "{:?}", stream);
            prop_assert_eq!(stream.tail.is_empty(), expected.bytes.len() <= kept, "{:?}", stream);
            for (line, bytes) in written(&stream).by_line {
                prop_assert!(expected.by_line[&line].starts_with(&bytes), "{} {:?}", line, stream);
            }
        }
    }

    #[test]
    fn the_rest_is_all_that_was_not_asked_for(output in output(), asked in 0..4_usize) {
        let mut capture = capture(1 << 20);
        capture.feed(&output);
        let steps = steps(&output);
        let asked = asked.min(steps.len() - 1);
        let mut buffer = Vec::new();
        for expected in &steps[..asked] {
            prop_assert_eq!(&capture.step(&mut buffer).head, &expected.bytes);
        }
        let left: Vec<u8> = steps[asked..].iter().flat_map(|step| step.bytes.clone()).collect();
        let rest = capture.rest();
        prop_assert_eq!(rest.written, left.len() as u64);
        prop_assert_eq!(rest.head, left);
    }
}
