//! The canonical text of an outcome: the body of a snapshot. Same facts, same text; other facts, other text.
//!
//! What was written to stdout comes first and bare, so the transcript of a snippet that only prints is what it
//! printed. Everything else follows a section line:
//!
//! ```text
//! loading
//! [stderr]
//! careful
//! [value]
//! {'a': 1}
//! [exception]
//! KeyError: 'b'
//! ```
//!
//! | line | meaning |
//! | --- | --- |
//! | `[no output]` | all there is: nothing was written, no value, no exception |
//! | `[stderr]`, `[value]`, `[exception]` | what follows, each at most once and in this order |
//! | `[ending]` | the snippet neither completed nor raised; the line below says what it did |
//! | `[no newline at the end]` | the stream above did not end its last line |
//! | `[123 bytes not kept]` | the stream was cut here |
//!
//! A line of the program's own that reads like one of these, with any number of backslashes before it, gets one
//! backslash more. Invisible characters and blanks at the ends of lines are escaped as `escape` says; therefore
//! nothing is lost where a tool trims the text, changes its line ends or ends its last line.

use crate::expect::exception::headline;
use crate::model::outcome::{CauseKind, Ending, Outcome, Stream};
use crate::unseen::visible;

pub(crate) const NO_NEWLINE: &str = "[no newline at the end]";
const NO_OUTPUT: &str = "[no output]";
const STDERR: &str = "[stderr]";
const VALUE: &str = "[value]";
const EXCEPTION: &str = "[exception]";
const ENDING: &str = "[ending]";
const NOT_KEPT: &str = " bytes not kept]";

/// Does not end in blanks or newlines.
pub(crate) fn transcript(outcome: &Outcome) -> String {
    let mut lines = Vec::new();
    push_stream(&outcome.stdout, &mut lines);

    if outcome.stderr.written > 0 {
        lines.push(STDERR.to_owned());
        push_stream(&outcome.stderr, &mut lines);
    }

    if let Some(value) = &outcome.value {
        lines.push(VALUE.to_owned());
        lines.push(own_lines(value.as_bytes()));
    }

    if let Some(exception) = &outcome.exception {
        lines.push(EXCEPTION.to_owned());
        lines.push(own_lines(headline(exception).as_bytes()));
    }

    if let Some(ending) = early_end(outcome) {
        lines.push(ENDING.to_owned());
        lines.push(own_lines(ending.as_bytes()));
    }

    if lines.is_empty() {
        return NO_OUTPUT.to_owned();
    }
    // A last line that is empty has a section line above it, or is all of stdout.
    let mut text = lines.join("\n");
    text.truncate(text.trim_end().len());
    text
}

fn early_end(outcome: &Outcome) -> Option<String> {
    match outcome.ending {
        Ending::Completed | Ending::Raised => None,
        Ending::Exited => {
            let code = outcome.cause.as_ref().filter(|cause| cause.kind == CauseKind::Exit);
            Some(match code.and_then(|cause| cause.used) {
                Some(code) => format!("exited with code {code}"),
                None => "exited".to_owned(),
            })
        }
        Ending::TimedOut => Some("timed out".to_owned()),
        Ending::Killed => Some("killed".to_owned()),
        Ending::Deadlocked => Some("deadlocked".to_owned()),
        Ending::NotRun => Some("not run".to_owned()),
    }
}

fn push_stream(stream: &Stream, lines: &mut Vec<String>) {
    let dropped = stream.written.saturating_sub((stream.head.len() + stream.tail.len()) as u64);
    if dropped == 0 {
        // Nothing dropped: a tail, if there is one, continues the head.
        push_written(&[stream.head.as_slice(), &stream.tail].concat(), lines);
        return;
    }
    let head = stream.head.strip_suffix(b"\n").unwrap_or(&stream.head);
    lines.push(own_lines(head));
    lines.push(format!("[{dropped}{NOT_KEPT}"));
    push_written(&stream.tail, lines);
}

fn push_written(bytes: &[u8], lines: &mut Vec<String>) {
    match bytes.strip_suffix(b"\n") {
        Some(ended) => lines.push(own_lines(ended)),
        None if bytes.is_empty() => {}
        None => {
            lines.push(own_lines(bytes));
            lines.push(NO_NEWLINE.to_owned());
        }
    }
}

/// Text of the program, without a line that could be taken for one of ours.
fn own_lines(bytes: &[u8]) -> String {
    let text = visible(bytes);
    if !text.split('\n').any(|line| is_section(line.trim_start_matches('\\'))) {
        return text;
    }

    let mut lines = Vec::new();
    for line in text.split('\n') {
        let mark = if is_section(line.trim_start_matches('\\')) { "\\" } else { "" };
        lines.push(format!("{mark}{line}"));
    }
    lines.join("\n")
}

fn is_section(line: &str) -> bool {
    [NO_OUTPUT, STDERR, VALUE, EXCEPTION, ENDING, NO_NEWLINE].contains(&line)
        || line
            .strip_prefix('[')
            .and_then(|rest| rest.strip_suffix(NOT_KEPT))
            .is_some_and(|count| count.bytes().all(|byte| byte.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::transcript;
    use crate::expect::test_data::{completed, raised, stream};
    use crate::model::outcome::{Cause, CauseKind, Ending, Outcome, Stream};

    fn printed(text: &[u8]) -> Outcome {
        Outcome { stdout: stream(text), ..completed() }
    }

    #[track_caller]
    fn check(outcome: &Outcome, expected: &str) {
        let text = transcript(outcome);
        assert_eq!(text, expected);
        assert_eq!(text.trim_end(), text);
    }

    #[test]
    fn stdout_alone_is_plain() {
        check(&printed(b"hello\nworld\n"), "hello\nworld");
        check(&printed(b"\n  indented\n"), "\n  indented");
        check(&printed(b""), "[no output]");
    }

    #[test]
    fn ends_stay_visible() {
        check(&printed(b"hello"), "hello\n[no newline at the end]");
        check(&printed(b"\n"), "");
        check(&printed(b"\n\n"), "\\u{a}");
        check(&printed(b" "), "\\u{20}\n[no newline at the end]");
        check(&printed(b"a\n\n"), "a\\u{a}");
        check(&printed(b"a\n\n\n"), "a\n\\u{a}");
        check(&printed(b"a \n"), "a\\u{20}");
    }

    #[test]
    fn parts_follow_their_section_lines() {
        let mut outcome = raised("KeyError", "'b'");
        outcome.stdout = stream(b"loading\n");
        outcome.stderr = stream(b"\n");
        check(&outcome, "loading\n[stderr]\n\n[exception]\nKeyError: 'b'");
        check(&raised("json.decoder.JSONDecodeError", ""), "[exception]\njson.decoder.JSONDecodeError");
        check(&Outcome { value: Some("42".to_owned()), ..completed() }, "[value]\n42");
        check(&Outcome { stderr: stream(b"\n"), ..completed() }, "[stderr]");
    }

    #[test]
    fn output_cannot_pose_as_a_section() {
        check(&printed(b"[value]\n1\n"), "\\[value]\n1");
        check(
            &printed(b"\\[value]\n[value] \n[12 bytes not kept]\n"),
            "\\\\[value]\n[value]\\u{20}\n\\[12 bytes not kept]",
        );
        check(&printed(b"[no output]\n"), "\\[no output]");
        check(
            &Outcome { value: Some("[ending]\nx\n".to_owned()), ..completed() },
            "[value]\n\\[ending]\nx\\u{a}",
        );
    }

    #[test]
    fn cut_streams_count_what_is_missing() {
        let stdout =
            Stream { head: b"a\nb".to_vec(), tail: b"y\nz\n".to_vec(), written: 1007, ..Stream::default() };
        check(&Outcome { stdout, ..completed() }, "a\nb\n[1000 bytes not kept]\ny\nz");
    }

    #[test]
    fn early_ends_are_named() {
        let cause = Cause { kind: CauseKind::Exit, used: Some(3.0), limit: None, unit: None, detail: None };
        check(
            &Outcome { ending: Ending::Exited, cause: Some(cause), ..completed() },
            "[ending]\nexited with code 3",
        );
        check(&Outcome { ending: Ending::Exited, ..completed() }, "[ending]\nexited");
        check(&Outcome { ending: Ending::Deadlocked, ..completed() }, "[ending]\ndeadlocked");
    }

    #[test]
    fn different_facts_have_different_transcripts() {
        let texts = [
            "",
            "a",
            "\n",
            "a\n",
            " \n",
            "[value]\n",
            "\\[value]\n",
            "[stderr]\na\n",
            "[no newline at the end]\n",
        ];
        let mut seen = BTreeMap::new();
        for stdout in texts {
            for stderr in texts {
                for value in [None, Some(""), Some("a"), Some("a\n"), Some("[exception]\na")] {
                    for exception in [None, raised("a", "").exception, raised("a", "\n[ending]").exception] {
                        let facts = format!("{stdout:?} {stderr:?} {value:?} {exception:?}");
                        let outcome = Outcome {
                            stdout: stream(stdout.as_bytes()),
                            stderr: stream(stderr.as_bytes()),
                            value: value.map(str::to_owned),
                            exception,
                            ..completed()
                        };
                        assert_eq!(seen.insert(transcript(&outcome), facts), None);
                    }
                }
            }
        }
    }
}
