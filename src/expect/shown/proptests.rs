//! What is corrected holds, and is not corrected again.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use crate::expect::redact::Redactions;
use crate::expect::shown::Shown;
use crate::expect::test_data::{completed, snippet, stream};
use crate::model::claim::{Claim, ClaimVerdict, Correction};
use crate::model::outcome::{Outcome, Piece};
use crate::model::snippet::{Announced, Comparison, Detail, Line, Location, ShownOutput, Snippet};
use crate::syntax::Tree;

/// Of the samples' snippets.
const CODE: u32 = 4;
/// Code whose only output comes from a line, counted from 1, and what is shown of it.
const DIALECTS: &[(&str, u32)] = &[
    ("print(x)\n#> a\n#> b\ny = 1\n", 1),
    ("if x:\n    print(x)\n    #>  a\n", 2),
    ("print(x)  #> a\ny = 1\n", 1),
    ("f(x)\n\"\"\"\na\n\"\"\"\ny = 1\n", 1),
    ("if x:\n    f(x)\n    '''\n      a\n    b'''  # so\n    y = 1\n", 2),
    ("f(x)\nr\"\"\"\n\\d\n\"\"\"\n", 1),
    ("print(x)\n# Output:\n# a\n#   b\n\ny = 1\n", 1),
    ("x = 1\nprint(x)\n# Prints:\n#a\n", 2),
    ("print(x)\n# Unordered output:\n#    a\n#\n#    b\n", 1),
    ("print(x)\n\n# output\n\n[a]\nb c\n", 1),
];
const PARTS: &[&str] = &[
    "a",
    "b c",
    "\n",
    "\n",
    "\n\n",
    " ",
    "    ",
    "{2, 1}",
    "...",
    "#> ",
    "# Output:",
    "\\",
    "'''",
    "\"\"\"",
    "\"",
    "Traceback (most recent call last):\n",
    "KeyError: 1",
    "<f at 0x7f12345678>",
    "> ",
    "```",
    "ä",
    "f(1)",
    "x = 1",
    "\t",
    "-->",
    "1.5 s",
];

fn judged(snippet: &Snippet, text: &str, line: u32) -> Vec<Claim> {
    let mut stdout = stream(text.as_bytes());
    stdout.pieces = vec![Piece { start: 0, end: text.len(), line: Line(CODE + line - 1), callers: None }];
    let shown = Shown::read(snippet, &Tree::parse(&snippet.code));
    shown.judge(&Outcome { stdout, ..completed() }, &Redactions::new(&[]))
}

/// As a document's text that begins with the code.
fn corrected(text: &str, correction: &Correction) -> String {
    let mut lines: Vec<&str> = text.lines().collect();
    let first = (correction.first.0 - CODE) as usize;
    lines.splice(first..first + correction.count as usize, correction.lines.iter().map(String::as_str));
    lines.iter().flat_map(|line| [line, "\n"]).collect()
}

fn read(text: &str) -> Snippet {
    let mut read = snippet("a.md", "a-1", text);
    // The end of its block, as documents cut it off.
    if let Some((code, rest)) = text.split_once("# output\n") {
        let start = Line(CODE + u32::try_from(code.lines().count()).unwrap());
        let location = Location { start, code: Line(start.0 + 1), end: read.location.end };
        read.shown.push(ShownOutput {
            location,
            text: rest.to_owned(),
            comparison: Comparison::Exact,
            detail: Detail::Compared,
            announced: Announced::InWords,
        });
        assert!(Tree::parse(rest).is_inert(), "{rest:?}");
        read.code = code.to_owned();
    }
    read
}

fn check(dialect: &str, line: u32, printed: &str) -> Result<(), TestCaseError> {
    let before = judged(&read(dialect), printed, line);
    prop_assert_eq!(before.len(), 1);
    let Some(correction) = &before[0].correction else { return Ok(()) };
    prop_assert_eq!(before[0].verdict, ClaimVerdict::Broken);
    let text = corrected(dialect, correction);
    for claim in judged(&read(&text), printed, line) {
        prop_assert_eq!(claim.verdict, ClaimVerdict::Holds, "{:?}", &text);
        prop_assert_eq!(claim.correction, None);
    }
    Ok(())
}

#[test]
fn every_form_is_corrected() {
    for (dialect, line) in DIALECTS {
        let claims = judged(&read(dialect), "1\n2\n", *line);
        let correction = claims[0].correction.as_ref().unwrap_or_else(|| panic!("{claims:?}"));
        let text = corrected(dialect, correction);
        assert_ne!(text, *dialect);
        assert_eq!(Tree::parse(&read(&text).code).fault(), None, "{text}");
        check(dialect, *line, "1\n2\n").unwrap();
    }
}

proptest! {
    #[test]
    fn what_is_corrected_holds(
        (dialect, line) in select(DIALECTS),
        printed in vec(select(PARTS), 0..8).prop_map(|parts| parts.concat()),
    ) {
        check(dialect, line, &printed)?;
    }

    #[test]
    fn blocks_are_corrected(
        shown in vec(select(PARTS), 0..6).prop_map(|parts| parts.concat()),
        printed in vec(select(PARTS), 0..8).prop_map(|parts| parts.concat()),
    ) {
        let mut document = read("print(x)\n");
        let location = Location { start: Line(CODE - 1), code: Line(CODE), end: Line(99) };
        let block = |text: &str| ShownOutput { location, text: text.to_owned(), comparison: Comparison::Exact, detail: Detail::Compared, announced: Announced::InWords };
        document.shown = vec![block(&shown)];
        let before = judged(&document, &printed, 1);
        prop_assert_eq!(before.len(), 1);
        if let Some(correction) = &before[0].correction {
            document.shown = vec![block(&corrected(&shown, correction))];
            let after = judged(&document, &printed, 1);
            prop_assert_eq!(after[0].verdict, ClaimVerdict::Holds, "{:?}", &document.shown);
        }
    }

    #[test]
    fn any_code_is_read(
        code in vec(select(DIALECTS).prop_map(|(code, _)| code), 0..3),
        noise in vec(select(PARTS), 0..12),
        printed in vec(select(PARTS), 0..8),
    ) {
        let mut text = code.concat();
        let middle = text.char_indices().nth(text.len() / 2).map_or(0, |(at, _)| at);
        text.insert_str(middle, &noise.concat());
        let mut snippet = snippet("a.md", "a-1", &text);
        snippet.location.end = Line(999);
        for claim in judged(&snippet, &printed.concat(), 1) {
            let Some(correction) = claim.correction else { continue };
            prop_assert!(correction.first.0 >= CODE);
            prop_assert!((correction.first.0 - CODE) as usize + correction.count as usize <= text.lines().count());
        }
    }
}
