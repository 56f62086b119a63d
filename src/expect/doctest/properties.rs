//! Any text can stand in a block of prompts, and anything can come out of it.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use crate::directive::{Flag, Flags};
use crate::expect::doctest::Session;
use crate::expect::doctest::check::matches;
use crate::expect::doctest::judge_tests::{console, outcome};
use crate::model::claim::{Claim, ClaimVerdict};
use crate::model::snippet::Snippet;

const FRAGMENTS: &[&str] = &[
    ">>> ",
    ">>> ",
    ">>> ",
    ">>>",
    "... ",
    "\n",
    "\n",
    "\n",
    "\n\n",
    " ",
    "    ",
    "\t",
    "\r",
    "\x0b",
    "f()",
    "1",
    "1.50",
    "1e5",
    "-3.",
    "é",
    "😀",
    "<BLANKLINE>",
    "Traceback (most recent call last):\n",
    "ValueError: no",
    "# doctest: +ELLIPSIS",
    "# doctest: +SKIP, -NUMBER",
    "# doctest: +",
    "# xdoctest: +REQUIRES(module:os, LINUX)",
    "# xdoctest: -SKIP(\"why",
    "# may vary",
    "# byexample: +pass",
    "u'a'",
    "\"",
    "(",
    "+",
    ",",
];

fn text() -> impl Strategy<Value = String> {
    vec(select(FRAGMENTS), 0..40).prop_map(|fragments| fragments.concat())
}

fn flags() -> impl Strategy<Value = Vec<Flag>> {
    vec(
        select(
            &[Flag::Ellipsis, Flag::NormalizeWhitespace, Flag::Number, Flag::FloatCmp, Flag::AllowBytes][..],
        ),
        0..3,
    )
}

/// The content of the block with one correction written into it.
fn corrected(snippet: &Snippet, claim: &Claim) -> Option<Snippet> {
    let correction = claim.correction.as_ref()?;
    let mut lines: Vec<&str> = snippet.code.split('\n').collect();
    let first = (correction.first.0 - snippet.location.code.0) as usize;
    let range = first..first + correction.count as usize;
    lines.splice(range, correction.lines.iter().map(String::as_str));
    Some(Snippet { code: lines.join("\n"), ..snippet.clone() })
}

proptest! {
    #[test]
    fn a_corrected_example_holds(code in text(), printed in vec(text(), 0..6), flags in flags()) {
        let snippet = console(&code, &flags);
        let session = Session::read(&snippet);
        let steps: Vec<&str> = printed.iter().map(String::as_str).collect();
        let outcome = outcome(&steps);
        for claim in session.judge(&outcome) {
            prop_assert!(claim.line >= snippet.location.code);
            prop_assert!(claim.verdict == ClaimVerdict::Broken || claim.correction.is_none());
            if let Some(better) = corrected(&snippet, &claim) {
                let again = Session::read(&better);
                prop_assert_eq!(again.examples().len(), session.examples().len(), "{:?}", better.code);
                let broken = |claims: Vec<Claim>| claims.iter().filter(|claim| claim.verdict == ClaimVerdict::Broken).count();
                prop_assert_eq!(broken(again.judge(&outcome)) + 1, broken(session.judge(&outcome)), "{:?}", better.code);
            }
        }
    }

    #[test]
    fn what_is_shown_as_it_is_holds(text in text(), flags in flags()) {
        let flags = flags.into_iter().fold(Flags::default(), Flags::with);
        prop_assert!(matches(&text, &text, flags));
    }
}
