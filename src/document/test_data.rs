//! Texts for property tests.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use crate::document::{Document, Options, parse};
use crate::model::snippet::DocumentPath;

/// Letters that readers of text stumble over.
const ODD: &[&str] =
    &["\0", "\u{b}", "\u{c}", "\u{85}", "\u{a0}", "\u{feff}", "\u{2028}", "é", "漢字", "🦀", "e\u{301}"];

/// Fragments of a language after one another, with odd letters and anything else between them.
pub(super) fn text(fragments: &'static [&'static str]) -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        10 => select(fragments).prop_map(str::to_owned),
        2 => select(ODD).prop_map(str::to_owned),
        1 => "\\PC{0,6}",
        1 => any::<char>().prop_map(String::from),
    ];
    vec(piece, 0..60).prop_map(|pieces| pieces.concat())
}

/// A text as the document of this name.
pub(super) fn document(path: &str, source: &str) -> Document {
    parse(&DocumentPath(path.to_owned()), source, &Options::default())
}
