//! Sessions and what they did, and the claims that come of it.

use crate::directive::{Flag, Flags};
use crate::expect::doctest::ConsoleSession;
use crate::expect::test_data::{completed, raised, snippet};
use crate::model::claim::{Claim, ClaimKind, ClaimVerdict};
use crate::model::outcome::{ExampleEnd, Facts, Outcome, Stream};
use crate::model::snippet::{Form, Snippet};

/// What one step did: what it printed, or `! Name: message`.
pub(super) fn outcome(steps: &[&str]) -> Outcome {
    let (mut stdout, mut examples) = (Stream::default(), Vec::new());
    for step in steps {
        let mut end = ExampleEnd::default();
        match step.strip_prefix("! ") {
            Some(headline) => {
                let (kind, message) = headline.split_once(": ").unwrap_or((headline, ""));
                end.exception = raised(kind, message).exception;
                end.headline = Some(format!("{headline}\n"));
            }
            None => stdout.head.extend_from_slice(step.as_bytes()),
        }
        stdout.examples.push(stdout.head.len());
        examples.push(end);
    }
    stdout.written = stdout.head.len() as u64;
    Outcome { stdout, facts: Facts { examples, ..Facts::default() }, ..completed() }
}

pub(super) fn console(code: &str, flags: &[Flag]) -> Snippet {
    let mut snippet = snippet("a.md", "x", code);
    snippet.form = Form::Console;
    snippet.directives.flags = flags.iter().fold(Flags::default(), |flags, flag| flags.with(*flag));
    snippet
}

#[track_caller]
fn claims(code: &str, flags: &[Flag], steps: &[&str]) -> Vec<Claim> {
    let session = ConsoleSession::read(&console(code, flags));
    assert_eq!(session.problems, []);
    session.judge(&outcome(steps))
}

/// Lines of the document (the code begins at line 4), verdicts, and what happened.
#[track_caller]
fn check(code: &str, steps: &[&str], expected: &[(u32, ClaimVerdict, Option<&str>)]) {
    let claims = claims(code, &[], steps);
    let found: Vec<_> =
        claims.iter().map(|claim| (claim.line.0, claim.verdict, claim.actual.as_deref())).collect();
    assert_eq!(found, expected, "{code}");
}

const HOLDS: ClaimVerdict = ClaimVerdict::Holds;
const BROKEN: ClaimVerdict = ClaimVerdict::Broken;
const NOT_REACHED: ClaimVerdict = ClaimVerdict::NotReached;
const REMARK: ClaimVerdict = ClaimVerdict::Remark;

#[test]
fn one_claim_for_each_want() {
    check(
        ">>> x = 1\n>>> x\n1\n>>> x\n2\n",
        &["", "1\n", "1\n"],
        &[(6, HOLDS, Some("1")), (8, BROKEN, Some("1"))],
    );
    check(">>> f()\na\n", &["a"], &[(5, HOLDS, Some("a"))]);
    check(">>> f()\na\n", &[""], &[(5, BROKEN, None)]);
    check(">>> f()\na\n\n>>> g()\nb\n", &["a\n"], &[(5, HOLDS, Some("a")), (8, NOT_REACHED, None)]);
    check(">>> f()\n", &["unasked\n"], &[(4, BROKEN, Some("unasked"))]);
    check(">>> f()\na\n", &["b\n\nc\n"], &[(5, BROKEN, Some("b\n<BLANKLINE>\nc"))]);
}

#[test]
fn exceptions() {
    let want = ">>> 1/0\nTraceback (most recent call last):\n  ...\nZeroDivisionError: division by zero\n";
    let raised = "Traceback (most recent call last):\n    ...\nZeroDivisionError: division by zero";
    check(want, &["! ZeroDivisionError: division by zero"], &[(5, HOLDS, Some(raised))]);
    check(want, &["0\n"], &[(5, BROKEN, Some("0"))]);
    check(
        ">>> 1/0\n>>> 2\n2\n",
        &["! ZeroDivisionError: division by zero", "2\n"],
        &[(4, BROKEN, Some(raised)), (6, HOLDS, Some("2"))],
    );
}

#[test]
fn flags_of_one_example_and_of_all_below() {
    check(">>> f()  # doctest: +SKIP\n1\n>>> 2\n2\n", &["2\n"], &[(7, HOLDS, Some("2"))]);
    check(
        ">>> f()  # doctest: +ELLIPSIS\na...\n>>> f()\na...\n",
        &["ab\n", "ab\n"],
        &[(5, HOLDS, Some("ab")), (7, BROKEN, Some("ab"))],
    );
    check(
        ">>> # xdoctest: +SKIP\n>>> f()\n1\n>>> # xdoctest: -SKIP\n>>> 2\n2\n",
        &["2\n"],
        &[(9, HOLDS, Some("2"))],
    );
    check(
        ">>> f()  # doctest: +SKIPBLOCK\n>>> 1\n2\n\ntext\n>>> 3\n3\n",
        &["3\n"],
        &[(10, HOLDS, Some("3"))],
    );
    check(
        ">>> f()\n1\n>>> g()  # doctest: +FAIL_FAST\n2\n>>> h()\n3\n",
        &["0\n", "2\n", "3\n"],
        &[(5, BROKEN, Some("0")), (7, HOLDS, Some("2")), (9, NOT_REACHED, None)],
    );
    check(">>> f()  # doctest: +REMOTE_DATA\n1\n", &[], &[(4, REMARK, Some("not checked: needs a network"))]);
    let flags = [Flag::Ellipsis];
    assert_eq!(claims(">>> f()\na...\n", &flags, &["ab\n"])[0].verdict, HOLDS);
    assert_eq!(claims(">>> f()  # doctest: -ELLIPSIS\na...\n", &flags, &["ab\n"])[0].verdict, BROKEN);
}

#[test]
fn conditions_are_asked_once() {
    let code = ">>> # xdoctest: +REQUIRES(module:nowhere)\n>>> f()\n1\n>>> g()\n2\n";
    let session = ConsoleSession::read(&console(code, &[]));
    let codes: Vec<_> = session.examples().into_iter().map(|example| example.code).collect();
    assert_eq!(codes, ["assert __import__('importlib').import_module('nowhere')", "f()\n", "g()\n"]);
    let need = Some("not checked: needs the module `nowhere`");
    check(code, &["! ModuleNotFoundError", "0\n", "0\n"], &[(5, REMARK, need), (7, REMARK, need)]);
    check(code, &["", "1\n", "0\n"], &[(6, HOLDS, Some("1")), (8, BROKEN, Some("0"))]);
    check(
        ">>> f()  # xdoctest: +REQUIRES(WIN32)\n1\n",
        &[],
        &[(4, REMARK, Some("not checked: needs `WIN32`"))],
    );
}

#[test]
fn xdoctest_compares_what_several_examples_printed() {
    let code = ">>> # xdoctest: +IGNORE_WHITESPACE\n>>> f()\n>>> g()\na\nb\n";
    check(code, &["a\n", "b\n"], &[(7, HOLDS, Some("b"))]);
}

#[test]
fn warnings_can_be_output() {
    let code = ">>> f()  # doctest: +SHOW_WARNINGS\nUserWarning: a\n>>> 1\n1\n";
    check(
        code,
        &["", "", "UserWarning: a\n", "1\n"],
        &[(5, HOLDS, Some("UserWarning: a")), (7, HOLDS, Some("1"))],
    );
}

#[track_caller]
fn corrected(code: &str, steps: &[&str], expected: Option<(u32, u32, &[&str])>) {
    let claims = claims(code, &[], steps);
    let [claim] = &claims[..] else { panic!("{claims:?}") };
    assert_eq!((claim.kind, claim.verdict), (ClaimKind::Doctest, BROKEN));
    let correction = claim.correction.as_ref();
    let found = correction.map(|found| (found.first.0, found.count, found.lines.clone()));
    let expected = expected
        .map(|(first, count, lines)| (first, count, lines.iter().map(|line| (*line).to_owned()).collect()));
    assert_eq!(found, expected, "{code}");
}

#[test]
fn corrections_keep_the_form_that_is_there() {
    corrected(">>> f()\na\nb\n", &["c\n"], Some((5, 2, &["c"])));
    corrected(
        "    >>> f()\n    a\n\n    text\n",
        &["a\n\nb\n"],
        Some((5, 1, &["    a", "    <BLANKLINE>", "    b"])),
    );
    corrected(">>> f()\na\n", &[""], Some((5, 1, &[])));
    corrected(">>> f()\n", &["a\n"], Some((5, 0, &["a"])));
    corrected(
        ">>> f()\n0\n",
        &["! ValueError: no"],
        Some((5, 1, &["Traceback (most recent call last):", "    ...", "ValueError: no"])),
    );
    corrected(
        ">>> f()\nTraceback (most recent call last):\n  File \"x\"\nValueError: no\n",
        &["! KeyError: 1"],
        Some((5, 3, &["Traceback (most recent call last):", "  File \"x\"", "KeyError: 1"])),
    );
}

#[test]
fn what_no_example_can_show_is_not_written() {
    corrected(">>> f()\na\n", &[">>> b\n"], None);
    corrected(">>> f()\na\n", &["... b\n"], None);
    corrected(
        ">>> f()\nTraceback (most recent call last):\nKeyError: 1\n\nDuring handling of the above exception, another \
         exception occurred:\n\nTraceback (most recent call last):\nValueError: no\n",
        &["! ValueError: no"],
        None,
    );
    corrected(">>> f()\na\n", &["a\tb\n"], None);
    corrected(">>> f()  # doctest: +DONT_ACCEPT_BLANKLINE\na\n", &["a\n\nb\n"], None);
}

#[test]
fn complaints_name_their_line() {
    let session = ConsoleSession::read(&console(">>>1\n>>> 2  # doctest: +ELIPSIS\n2\n", &[]));
    let found: Vec<_> =
        session.problems.iter().map(|problem| (problem.line.unwrap().0, &*problem.message)).collect();
    assert_eq!(found, [(4, "no blank after the prompt"), (5, "unknown option `+ELIPSIS`")]);
}
