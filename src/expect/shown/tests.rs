//! Code with output below it, judged against what its lines printed.

use crate::expect::redact::Redactions;
use crate::expect::shown::Shown;
use crate::expect::test_data::{completed, raised, snippet};
use crate::model::claim::{Claim, ClaimVerdict};
use crate::model::outcome::{Ending, Frame, Outcome, Piece, Stream, Value};
use crate::model::snippet::{
    Announced, Comparison, Detail, Line, Location, Look, Place, ShownOutput, Snippet,
};
use crate::syntax::Tree;

/// The first line of the code in its document.
const CODE: u32 = 4;

fn code(code: &str) -> Snippet {
    snippet("a.md", "a-1", code)
}

/// A document's block below the code.
fn block(text: &str) -> Snippet {
    let mut snippet = code("print(1)\n");
    let location = Location { start: Line(8), code: Line(9), end: Line(99) };
    snippet.shown.push(ShownOutput {
        location,
        text: text.to_owned(),
        comparison: Comparison::Exact,
        detail: Detail::Compared,
        announced: Announced::InWords,
    });
    snippet
}

/// Of a snippet whose lines, counted from 1 in the code, printed these texts.
fn wrote(texts: &[(u32, &str)]) -> Outcome {
    let mut stdout = Stream::default();
    for (line, text) in texts {
        let start = stdout.head.len();
        stdout.head.extend_from_slice(text.as_bytes());
        let line = Line(CODE + line - 1);
        stdout.pieces.push(Piece { start, end: stdout.head.len(), line, callers: None });
    }
    stdout.written = stdout.head.len() as u64;
    Outcome { stdout, ..completed() }
}

fn judged(snippet: &Snippet, outcome: &Outcome) -> Vec<Claim> {
    let shown = Shown::read(snippet, &Tree::parse(&snippet.code));
    let mut claims = shown.judge(outcome, &Redactions::new(&[]));
    claims.sort_by_key(|claim| claim.line);
    claims
}

#[track_caller]
fn check(snippet: &Snippet, outcome: &Outcome, expected: &[(u32, &str, ClaimVerdict)]) {
    let claims = judged(snippet, outcome);
    let found: Vec<_> =
        claims.iter().map(|claim| (claim.line.0 + 1 - CODE, claim.text.as_str(), claim.verdict)).collect();
    assert_eq!(found, expected, "{:?} {outcome:?}", snippet.code);
}

use ClaimVerdict::{Broken, Holds, NotReached, Remark};

#[test]
fn arrows() {
    let loop_ = code("for x in y:\n    print(x)\n    #> 1\n    #> 2\nprint(3)\n#> 3\n");
    let all = wrote(&[(2, "1\n"), (2, "2\n"), (5, "3\n")]);
    check(&loop_, &all, &[(3, "1\n2", Holds), (6, "3", Holds)]);
    let other = wrote(&[(2, "1\n"), (5, "4\n")]);
    check(&loop_, &other, &[(3, "1\n2", Broken), (6, "3", Broken)]);
    let none = wrote(&[(5, "3\n")]);
    check(&loop_, &none, &[(3, "1\n2", NotReached), (6, "3", Holds)]);
    check(&code("for x in y:\n    print(x)\n#> 1\n#> 2\n"), &all, &[(3, "1\n2", Holds)]);
    check(&code("print(3)  #> 3\n#>\n#> x\n"), &wrote(&[(1, "3\n\nx\n")]), &[(1, "3\n\nx", Holds)]);
    check(&code("x = 1\n#> 1\n"), &completed(), &[(2, "1", Broken)]);
    check(&code("#> 1\nprint(1)\n'#> 2'\n"), &wrote(&[(2, "1\n")]), &[]);
    check(&code("print(1)\n#> 1\n\n#> 2\n"), &wrote(&[(1, "1\n")]), &[(2, "1", Holds)]);
}

#[test]
fn values_below_their_expression() {
    let snippet = code("len(x)\n#> 3\n");
    let place = Place { line: Line(CODE), column: 0 };
    let mut outcome = completed();
    check(&snippet, &outcome, &[(2, "3", Broken)]);
    outcome.facts.values.push(Value { at: place, look: Look::Value, repr: Some("3".to_owned()), text: None });
    check(&snippet, &outcome, &[(2, "3", Holds)]);
    let watched = Shown::read(&snippet, &Tree::parse(&snippet.code)).watched();
    assert_eq!(watched, [place]);
    let print = code("print(3)\n#> 3\n");
    assert_eq!(Shown::read(&print, &Tree::parse(&print.code)).watched(), []);
}

#[test]
fn strings() {
    let text = "dis(f)\n\"\"\"\n  a\n  \\n\n\"\"\"\n";
    check(&code(text), &wrote(&[(1, "  a\n  \\n\n")]), &[(3, "  a\n  \\n", Holds)]);
    check(&code(text), &wrote(&[(1, "b\n")]), &[(3, "  a\n  \\n", Broken)]);
    check(&code(text), &completed(), &[(3, "  a\n  \\n", Remark)]);
    let indented = "if x:\n    print(1)\n    '''\n    a\n      b'''\n";
    check(&code(indented), &wrote(&[(2, "a\n  b\n")]), &[(4, "    a\n      b", Holds)]);
    for none in [
        "x = 1\n\"\"\"\n1\n\"\"\"\n",
        "f()\n\n\"\"\"\n1\n\"\"\"\n",
        "f()\n\"\"\"1\"\"\"\n",
        "f()\nf\"\"\"\n1\"\"\"\n",
    ] {
        check(&code(none), &completed(), &[]);
    }
}

#[test]
fn blocks_of_comments() {
    let two = "print(1)\nprint(2)\n# Output:\n# 1\n# 2\nprint(3)\n# Prints:\n#   3\n";
    let all = wrote(&[(1, "1\n"), (2, "2\n"), (6, "3\n")]);
    check(&code(two), &all, &[(4, "1\n2", Holds), (8, "3", Holds)]);
    let other = wrote(&[(1, "1\n"), (2, "1\n"), (6, "5\n")]);
    check(&code(two), &other, &[(4, "1\n2", Broken), (8, "3", Broken)]);
    check(&code("print(1)\nprint(2)\n# Output:\n# 2\nx\n"), &all, &[(4, "2", Holds)]);
    check(&code("f()\n# Output: 3\n# more\n"), &all, &[]);
    check(&code("f()\n# Output shows:\n# more\n"), &all, &[]);
    check(&code("# Output:\n# 1\nf()\n"), &all, &[]);
    check(&code("f()\n# Output:\n# 1\n"), &completed(), &[(3, "1", Remark)]);
    let prose = "f()\n# Output:\n# A list of all the things\n";
    check(&code(prose), &all, &[(3, "A list of all the things", Remark)]);
    let behind = code("f()\n'''\n1\n'''\n# Output:\n# 1\n");
    check(&behind, &wrote(&[(1, "1\n")]), &[(3, "1", Holds), (6, "1", Holds)]);
    let unordered = "f()\nprint()\n# Unordered output:\n# 2\n# 3\n# 1\n";
    check(&code(unordered), &all, &[(4, "2\n3\n1", Holds)]);
    let last = "def f():\n    g()\nh()\n# Output:\n# x\n# y\n";
    let mut behind = wrote(&[(3, "x\n")]);
    behind.stdout.head.extend_from_slice(b"y\n");
    check(&code(last), &behind, &[(5, "x\ny", Holds)]);
}

#[test]
fn blocks_of_their_own() {
    check(&block("1\n"), &wrote(&[(1, "1\n")]), &[(6, "1", Holds)]);
    check(&block("1\n"), &wrote(&[(1, "2\n")]), &[(6, "1", Broken)]);
    check(&block("1\n"), &completed(), &[(6, "1", Broken)]);
    check(&block(""), &completed(), &[(6, "", Holds)]);
    let value = Outcome { value: Some("3".to_owned()), ..wrote(&[(1, "1")]) };
    for text in ["1\n3\n", "1\n", "3\n"] {
        check(&block(text), &value, &[(6, text.trim_end(), Holds)]);
    }
    check(&block("1\n4\n"), &value, &[(6, "1\n4", Broken)]);
    let late = Outcome { ending: Ending::TimedOut, ..wrote(&[(1, "1\n")]) };
    check(&block("1\n"), &late, &[(6, "1", Holds)]);
    check(&block("1\n2\n"), &late, &[(6, "1\n2", NotReached)]);
    check(&block("1\n2\n"), &Outcome::not_run(Vec::new()), &[(6, "1\n2", NotReached)]);
}

#[test]
fn tracebacks() {
    const HEAD: &str = "Traceback (most recent call last):\n  File \"x\", line 1\n";
    let outcome = raised("a.KeyError", "'x'");
    for text in
        [format!("{HEAD}KeyError: 'x'\n"), format!("{HEAD}a.KeyError: ...\n"), "KeyError: 'x'\n".to_owned()]
    {
        let claims = judged(&block(&text), &outcome);
        assert_eq!(claims.iter().map(|claim| claim.verdict).collect::<Vec<_>>(), [Holds], "{text}");
        assert_eq!(claims[0].kind, crate::model::claim::ClaimKind::Traceback, "{text}");
    }
    check(&block(&format!("{HEAD}KeyError: 'y'\n")), &outcome, &[(8, "KeyError: 'y'", Broken)]);
    check(&block(&format!("1\n{HEAD}KeyError: 'x'\n")), &outcome, &[(9, "KeyError: 'x'", Broken)]);
    check(&block(&format!("{HEAD}KeyError: 'x'\n")), &completed(), &[(8, "KeyError: 'x'", Broken)]);
    check(&block("KeyError: 'y'\n"), &outcome, &[(6, "KeyError: 'y'", NotReached)]);
    let printed = wrote(&[(1, HEAD), (1, "KeyError: 'x'\n")]);
    check(
        &block(&format!("{HEAD}KeyError: 'x'\n")),
        &printed,
        &[(6, &format!("{HEAD}KeyError: 'x'"), Holds)],
    );
}

#[test]
fn what_an_exception_left_out_was_not_reached() {
    let snippet = code("print(1)\n#> 1\nf()\n#> 2\nprint(3)\n#> 3\n");
    let mut outcome = raised("KeyError", "");
    let frame = Frame { file: "a.md".to_owned(), line: CODE + 2, function: String::new(), document: true };
    outcome.exception.as_mut().unwrap().frames.push(frame);
    outcome.stdout = wrote(&[(1, "0\n")]).stdout;
    check(&snippet, &outcome, &[(2, "1", Broken), (4, "2", NotReached), (6, "3", NotReached)]);
}

#[test]
fn output_of_nobody_in_the_document() {
    let snippet = code("run()\n#> a\nrun()\n#> b\nprint(1)\n#> 1\n");
    let mut outcome = wrote(&[]);
    outcome.stdout.head.extend_from_slice(b"a\nc\n1\n");
    outcome.stdout.pieces.push(Piece { start: 4, end: 6, line: Line(CODE + 4), callers: None });
    let claims = judged(&snippet, &outcome);
    let found: Vec<_> = claims.iter().map(|claim| claim.verdict).collect();
    assert_eq!(found, [Holds, Broken, Holds]);
    assert_eq!(claims[1].correction, None);
}

#[test]
fn prose_below_code_is_no_output() {
    let printed = wrote(&[(1, "the list has three parts in it\n")]);
    for prose in ["Notice: lists are built at runtime, not before", "see how long it takes (or not)"] {
        check(&code(&format!("f()\n\"\"\"\n{prose}\n\"\"\"\n")), &printed, &[(3, prose, Remark)]);
        check(&code(&format!("f()\n# Output:\n# {prose}\n")), &printed, &[(3, prose, Remark)]);
    }
    let stale = "the list has two parts in it";
    check(&code(&format!("f()\n# Output:\n# {stale}\n")), &printed, &[(3, stale, Broken)]);
}

#[test]
fn much_output_is_told_in_part() {
    let much = "a".repeat(50_000);
    let claims = judged(&block("1\n"), &wrote(&[(1, &much)]));
    assert_eq!(claims[0].actual.as_ref().map(String::len), Some(10_000 + '…'.len_utf8()));
    assert!(claims[0].correction.is_some());
    let too_much = judged(&block("1\n"), &wrote(&[(1, &much.repeat(2))]));
    assert_eq!(too_much[0].correction, None);
}
