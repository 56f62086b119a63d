//! Marks in and pieces out, whatever the portions.

use super::*;

const TOKEN: Token = *b"0123456789abcdef";

fn capture(kept: u64) -> Capture {
    let (read, _write) = nix::unistd::pipe().unwrap();
    Capture::new(read, &TOKEN, kept, Ends { steps: 3, examples: 3 })
}

fn mark(line: u32, text: &str) -> Vec<u8> {
    stack(&[line], text)
}

fn stack(lines: &[u32], text: &str) -> Vec<u8> {
    let mut by = Stack::default();
    for line in lines {
        by.push(*line);
    }
    let length = u32::try_from(text.len()).unwrap();
    [Mark::Written { by, length }.encode(&TOKEN), text.as_bytes().to_vec()].concat()
}

#[test]
fn marks_leave_and_name_their_lines() {
    let bytes = [b"c\n".to_vec(), mark(7, "one\n"), b"0123 c again\n".to_vec(), mark(8, "two\n")].concat();
    for portion in [1, 2, 3, 5, 100] {
        let mut capture = capture(100);
        bytes.chunks(portion).for_each(|chunk| capture.feed(chunk));
        let stream = capture.rest();
        assert_eq!(stream.text(), "c\none\n0123 c again\ntwo\n");
        assert_eq!(stream.written, 23);
        let mut by_line = std::collections::BTreeMap::<u32, Vec<u8>>::new();
        for piece in &stream.pieces {
            by_line.entry(piece.line.0).or_default().extend(&stream.head[piece.start..piece.end]);
        }
        let expected = [(7, b"one\n".to_vec()), (8, b"two\n".to_vec())];
        assert_eq!(by_line, expected.into(), "in portions of {portion}");
    }
}

#[test]
fn a_flood_keeps_its_head_and_its_tail() {
    let mut capture = capture(10);
    for _ in 0..100 {
        capture.feed(b"abcdefg");
    }
    let stream = capture.rest();
    assert_eq!((stream.head.as_slice(), stream.tail.as_slice()), (&b"abcde"[..], &b"cdefg"[..]));
    assert_eq!(stream.written, 700);
}

#[test]
fn steps_that_end_before_they_are_read_stay_apart() {
    let cut = Mark::Cut.encode(&TOKEN);
    let mut capture = capture(100);
    capture.feed(&[b"one\n", &cut[..], b"two\n", &cut, b"three"].concat());
    let mut buffer = Vec::new();
    let steps: Vec<String> = (0..3).map(|_| capture.step(&mut buffer).text()).collect();
    assert_eq!(steps, ["one\n", "two\n", "three"]);
}

#[test]
fn ends_that_a_session_cannot_have_are_none() {
    let mut capture = capture(100);
    capture.feed(&[b"x".to_vec(), Mark::Cut.encode(&TOKEN)].concat().repeat(50));
    assert_eq!(capture.written(), 50);
    let mut buffer = Vec::new();
    let steps: Vec<String> = (0..4).map(|_| capture.step(&mut buffer).text()).collect();
    assert_eq!(steps, ["x", "x", "x", &"x".repeat(47)]);
}

#[test]
fn callers_are_told_with_what_they_led_to() {
    let bytes = [
        stack(&[2, 9], "a\n"),
        stack(&[2, 9], "b\n"),
        stack(&[2], "c\n"),
        stack(&[2, 8, 9], "d\n"),
        stack(&[2, 9], "e\n"),
    ]
    .concat();
    for portion in [1, 7, 1000] {
        let mut capture = capture(100);
        bytes.chunks(portion).for_each(|chunk| capture.feed(chunk));
        let stream = capture.rest();
        let pieces: Vec<_> = stream.pieces.iter().map(|piece| (piece.end, piece.callers)).collect();
        assert_eq!(pieces, [(4, Some(0)), (6, None), (8, Some(1)), (10, Some(0))]);
        assert_eq!(stream.callers, [vec![Line(9)], vec![Line(8), Line(9)]]);
    }
}

#[test]
fn no_more_stacks_are_kept_than_are_of_use() {
    let mut capture = capture(1 << 20);
    for line in 0..20_000 {
        capture.feed(&stack(&[1, 2 + line], "x\n"));
    }
    let stream = capture.rest();
    assert_eq!(stream.callers.len(), STACKS);
    assert_eq!(stream.pieces.last().unwrap().callers, None);
}

#[test]
fn examples_end_where_they_say() {
    let end = Mark::Example.encode(&TOKEN);
    let mut capture = capture(10);
    capture.feed(&[b"one", &end[..], &end, b"0123456789", &end].concat());
    let stream = capture.rest();
    assert_eq!((stream.examples, stream.head), (vec![3, 3], b"one01".to_vec()));
}

#[test]
fn examples_that_a_session_cannot_have_are_none() {
    let mut capture = capture(10);
    capture.feed(&Mark::Example.encode(&TOKEN).repeat(50));
    assert_eq!(capture.rest().examples, [0; 3]);
}

#[test]
fn the_start_of_a_mark_that_never_comes_is_output() {
    let mut capture = capture(100);
    capture.feed(b"x0123");
    assert_eq!(capture.rest().text(), "x0123");
}
