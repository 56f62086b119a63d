//! Comments judged and corrected beside outcomes that no Python had a part in.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use crate::expect::claims::CommentClaims;
use crate::expect::test_data::{completed, snippet, stream};
use crate::model::claim::{Claim, ClaimVerdict};
use crate::model::outcome::{Outcome, Piece, Stream, Value};
use crate::model::snippet::{Line, Look, Place};
use crate::syntax::Tree;

/// The first line of code is line 4 of its document.
fn judge(code: &str, outcome: &Outcome) -> Vec<Claim> {
    CommentClaims::read(&snippet("a.md", "a-1", code), &Tree::parse(code), None).judge(outcome)
}

fn printed_by(line: u32, text: &str) -> Outcome {
    let piece = Piece { start: 0, end: text.len(), line: Line(line), callers: None };
    Outcome { stdout: Stream { pieces: vec![piece], ..stream(text.as_bytes()) }, ..completed() }
}

fn gives(repr: &str) -> Outcome {
    let at = Place { line: Line(4), column: 0 };
    let mut outcome = completed();
    outcome.facts.values.push(Value { at, look: Look::Value, repr: Some(repr.to_owned()), text: None });
    outcome
}

/// The lines that a false claim is replaced by; none where there is no telling.
#[track_caller]
fn corrected(code: &str, outcome: &Outcome, expected: Option<&[&str]>) {
    let claims = judge(code, outcome);
    let [claim] = &claims[..] else { panic!("{claims:?}") };
    assert_eq!(claim.verdict, ClaimVerdict::Broken, "{code}");
    let lines = claim.correction.as_ref().map(|correction| correction.lines.clone());
    let expected = expected.map(|lines| lines.iter().map(ToString::to_string).collect());
    assert_eq!(lines, expected, "{code}");
}

#[test]
fn corrections_change_the_value_alone() {
    corrected("print(x)  # 3", &printed_by(4, "4\n"), Some(&["print(x)  # 4"]));
    corrected("print(x)   #3 (three) ", &printed_by(4, "4\n"), Some(&["print(x)   #4 (three)"]));
    corrected("print(x)  # => 'a' - ok", &printed_by(4, "it's\n"), Some(&["print(x)  # => 'it\\'s' - ok"]));
    corrected("print(x)  # [1]!", &printed_by(4, "[2]\n"), Some(&["print(x)  # [2]!"]));
    corrected("print(x)  # Output: 3", &printed_by(4, "4\n"), Some(&["print(x)  # Output: 4"]));
    corrected("f(x)  # (1, 2)", &gives("(1, 3)"), Some(&["f(x)  # (1, 3)"]));
    corrected("x = f()  # 'a'", &gives("'b'"), Some(&["x = f()  # 'b'"]));
    corrected("f()  # 1 + 1 = 2", &gives("3"), Some(&["f()  # 1 + 1 = 3"]));
    corrected(
        "for x in y: print(x)  # 1, 2",
        &printed_by(4, "1\n3\n"),
        Some(&["for x in y: print(x)  # 1, 3"]),
    );
    corrected("print(x)\n# [1,\n#  2]", &printed_by(4, "[1, 3]\n"), Some(&["# [1, 3]"]));
}

#[test]
fn what_cannot_be_written_is_not_corrected() {
    corrected("print(x)  # {'a': 1, ...}", &printed_by(4, "{'b': 1}\n"), None);
    corrected("print(x)  # <class 'int'>", &printed_by(4, "<class 'str'>\n"), None);
    corrected("print(x)  # 28 bytes", &printed_by(4, "29\n"), None);
    corrected("print(x)  # 3", &printed_by(4, "total: 4\n"), None);
    corrected("print(x)  # 'a'", &printed_by(4, "\u{0}b\n"), None);
    corrected("int('3')  # ValueError", &completed(), None);
}

#[test]
fn corrections_know_their_lines() {
    let claims = judge("x = 1\nprint(x)\n# [1,\n#  2]\n", &printed_by(5, "[1]\n"));
    let correction = claims[0].correction.as_ref().unwrap();
    assert_eq!((claims[0].line, correction.first, correction.count), (Line(6), Line(6), 2));
    assert_eq!(correction.lines, ["# [1]"]);
}

#[test]
fn only_what_a_comment_asks_for_is_watched() {
    let code = "f()\nf()  # the last\nf()  # 1\nx = 1  # 1\nx = f()  # 1\nprint(f())  # 1\nf()  # 3 rows\nf()\n# [1]\n";
    let claims = CommentClaims::read(&snippet("a.md", "a-1", code), &Tree::parse(code), None);
    let lines: Vec<u32> = claims.watched().iter().map(|watch| watch.at.line.0).collect();
    assert_eq!(lines, [6, 8, 11]);
}

const FRAGMENTS: [&str; 42] = [
    "print(1)",
    "print(x)",
    "f()",
    "x = f()",
    "  # ",
    "# ",
    "\n# ",
    "\n",
    "\n    ",
    "for x in y:",
    "try:",
    "1",
    "2",
    "[1, 2]",
    "[",
    "]",
    "(",
    ")",
    "{'a': 1}",
    "{",
    "}",
    "'",
    "\"",
    ", ",
    "...",
    "…",
    "~",
    "28 bytes",
    "0x",
    "at 0x1f",
    "<class 'int'>",
    "<",
    ">",
    " - ",
    " (so)",
    "ValueError",
    " = ",
    "=> ",
    "é",
    "🦀",
    "\t",
    "-",
];

fn text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![9 => select(&FRAGMENTS[..]).prop_map(str::to_owned), 1 => any::<char>().prop_map(String::from)];
    vec(piece, 0..30).prop_map(|pieces| pieces.concat())
}

proptest! {
    /// Whatever a document says and whatever happened: an answer for each comment, and a correction is true.
    #[test]
    fn every_comment_has_an_answer(code in text(), output in text(), line in 1_u32..12, repr in text()) {
        let mut outcome = printed_by(line, &output);
        outcome.facts.values = gives(&repr).facts.values;
        for claim in judge(&code, &outcome) {
            prop_assert!(claim.line >= Line(4));
            if let Some(correction) = claim.correction {
                prop_assert!(claim.verdict == ClaimVerdict::Broken && claim.actual.is_some());
                let first = (correction.first.0 - 4) as usize;
                let mut lines: Vec<&str> = code.split('\n').collect();
                lines.splice(first..first + correction.count as usize, correction.lines.iter().map(String::as_str));
                let again = judge(&lines.join("\n"), &outcome);
                let there = again.iter().find(|again| again.line == claim.line);
                prop_assert_eq!(there.map(|claim| claim.verdict), Some(ClaimVerdict::Holds), "{:?}", lines);
            }
        }
    }
}
