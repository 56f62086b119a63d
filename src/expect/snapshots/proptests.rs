//! Any file can stand where a snapshot should, and any output can be one.

use std::collections::BTreeSet;
use std::fs::{self, File};

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use crate::expect::snapshots::format::{Snapshot, SnapshotStage, falsehood, file_text};
use crate::expect::test_data::{completed, raised, snippet};
use crate::expect::transcript::transcript;
use crate::model::fingerprint::fingerprint;
use crate::model::outcome::{Outcome, Stream};

/// What a head is made of, what its reader stumbles over, and what a transcript gives a meaning.
const FRAGMENTS: &[&str] = &[
    "---\n",
    "---\n",
    "---\n",
    "\n",
    "\n",
    "\r\n",
    "\r",
    " ",
    "  ",
    "\t",
    "source: a.md\n",
    "expression: ",
    "info:\n",
    "  id: x\n",
    "  sha256: ab\n",
    "assertion_line: 3\n",
    "assertion_line: x\n",
    "description: ",
    "input_file: ",
    "snapshot_kind: text\n",
    "extension: x\n",
    ":",
    ": ",
    "\"",
    "\\\"",
    "'",
    "\\",
    "\\u{a}",
    "\\x{ff}",
    "-",
    "- ",
    "? ",
    "# ",
    "| \n",
    "> ",
    "&a ",
    "*a ",
    "!t ",
    "%",
    "@",
    "`",
    "[",
    "{",
    "}",
    ".inf",
    "-.nan",
    "~",
    "null",
    "1e999",
    "0x",
    "<<",
    "[stderr]\n",
    "[value]\n",
    "\\[value]\n",
    "[exception]\n",
    "[ending]\n",
    "[no output]",
    "[no newline at the end]\n",
    "[12 bytes not kept]\n",
    "\0",
    "\x1b[31m",
    "\u{85}",
    "\u{9b}",
    "\u{2028}",
    "\u{2029}",
    "\u{202e}",
    "\u{feff}",
    "\u{a0}",
    "\u{3000}",
    "é",
    "🦀",
    "\u{b}",
    "\u{c}",
];

fn text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        6 => select(FRAGMENTS).prop_map(str::to_owned),
        1 => any::<char>().prop_map(String::from),
        1 => "[a-z ]{0,6}",
    ];
    vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

fn bytes() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        5 => text().prop_map(String::into_bytes),
        1 => vec(any::<u8>(), 0..6),
    ];
    vec(piece, 0..3).prop_map(|pieces| pieces.concat())
}

fn stream() -> impl Strategy<Value = Stream> {
    (bytes(), bytes(), 0..2000_u64).prop_map(|(head, tail, dropped)| {
        let dropped = if tail.is_empty() { 0 } else { dropped };
        let written = (head.len() + tail.len()) as u64 + dropped;
        Stream { head, tail, written, ..Stream::default() }
    })
}

fn outcome() -> impl Strategy<Value = Outcome> {
    let exception = proptest::option::of((text(), text()));
    (stream(), stream(), proptest::option::of(text()), exception).prop_map(
        |(stdout, stderr, value, exception)| {
            let base = exception.map_or_else(completed, |(kind, message)| raised(&kind, &message));
            Outcome { value, stdout, stderr, ..base }
        },
    )
}

fn read(bytes: &[u8]) -> Result<Snapshot, String> {
    let folder = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap();
    let path = folder.path().join("a.snap");
    fs::write(&path, bytes).unwrap();
    Snapshot::read(&File::open(&path).unwrap()).map_err(|error| error.to_string())
}

proptest! {
    #[test]
    fn what_is_written_is_read(outcome in outcome(), path in text(), code in text(), pending in any::<bool>()) {
        let snippet = snippet(&path, "a-1", &code);
        let stage = if pending { SnapshotStage::Pending } else { SnapshotStage::Accepted };
        let body = transcript(&outcome);
        let known = falsehood(&code, &body);
        let text = file_text(&snippet, stage, std::slice::from_ref(&known), &body);
        let expected = Ok(Snapshot { sha256: Some(fingerprint(&code)), falsehoods: BTreeSet::from([known.0]), body });
        prop_assert_eq!(&read(text.as_bytes()), &expected, "{:?}", text);
        // Editors and version control change line ends, and blanks where lines and files end.
        prop_assert_eq!(&read(text.replace('\n', "\r\n").as_bytes()), &expected, "{:?}", text);
        prop_assert_eq!(&read(text.trim_end().as_bytes()), &expected, "{:?}", text);
        let trimmed: Vec<&str> = text.split('\n').map(str::trim_end).collect();
        prop_assert_eq!(&read(trimmed.join("\n").as_bytes()), &expected, "{:?}", text);
    }

    #[test]
    fn a_transcript_shows_all_there_is(outcome in outcome()) {
        let text = transcript(&outcome);
        let hidden = |letter: char| letter != '\n' && letter != '\t' && letter.is_control()
            || matches!(letter, '\u{2028}' | '\u{2029}' | '\u{202e}' | '\u{feff}');
        prop_assert_eq!(text.find(hidden), None, "{:?}", text);
    }

    #[test]
    fn other_facts_have_another_transcript(one in outcome(), other in outcome(), same in 0..5_u8) {
        // Alike but for one thing.
        let mut other = other;
        let exception = |outcome: &Outcome| {
            outcome.exception.as_ref().map(|exception| {
                let mark = if exception.message.is_empty() { "" } else { ": " };
                format!("{}{mark}{}", exception.kind, exception.message)
            })
        };
        let facts = |outcome: &Outcome| {
            let whole = |stream: &Stream| {
                let dropped = stream.written - (stream.head.len() + stream.tail.len()) as u64;
                let (mut head, tail) = (stream.head.clone(), stream.tail.clone());
                if dropped == 0 {
                    head.extend(tail);
                    return (head, Vec::new(), 0);
                }
                // Whether a line ends where the cut is cannot be told, and is no difference.
                if head.ends_with(b"\n") {
                    head.pop();
                }
                (head, tail, dropped)
            };
            (whole(&outcome.stdout), whole(&outcome.stderr), outcome.value.clone(), exception(outcome))
        };
        if same != 0 { other.stdout = one.stdout.clone(); }
        if same != 1 { other.stderr = one.stderr.clone(); }
        if same != 2 { other.value = one.value.clone(); }
        if same != 3 {
            other.exception = one.exception.clone();
            other.ending = one.ending;
        }
        prop_assert_eq!(facts(&one) == facts(&other), transcript(&one) == transcript(&other));
    }

    #[test]
    fn any_file_is_read_or_refused(bytes in bytes(), head in vec(select(FRAGMENTS), 0..12)) {
        for text in [bytes.clone(), [b"---\n", head.concat().as_bytes(), b"\n---\n", &bytes].concat()] {
            if let Err(error) = read(&text) {
                prop_assert!(!error.is_empty());
            }
        }
    }
}
