//! Whatever a document looks like, what is written is what the corrections say, and nothing else changes.

use std::path::Path;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};

use crate::document::{Document, Options, parse};
use crate::model::claim::Correction;
use crate::model::snippet::{DocumentPath, Line};
use crate::update::block::all_of;
use crate::update::draft::{DraftOrder, edit};
use crate::update::edit::{corrected, ordered};
use crate::update::lines::split;

const CONTAINERS: &[&str] = &["", "", "", "> ", ">", "- ", "1. ", "> - ", "- > ", "  ", "   ", "-\t", "\t"];
const FENCES: &[&str] = &["```", "````", "~~~"];
const LABELS: &[&str] = &["python", "python", "py", "text", ""];
const CODE: &[&str] = &[
    "x = 1",
    "print(x)  # 2",
    "",
    "",
    "    y",
    "\ty",
    "  # 3",
    "```",
    "#> 4",
    "é漢🦀",
    "- a",
    "> b",
    "a  ",
    " ",
];
const ENDS: &[&str] = &["\n", "\n", "\r\n", "\r"];

fn line() -> impl Strategy<Value = String> {
    prop_oneof![6 => select(CODE).prop_map(str::to_owned), 1 => "[^\\r\\n]{0,8}"]
}

/// A block in its containers, and something below it.
fn block() -> impl Strategy<Value = Vec<String>> {
    let container = select(CONTAINERS);
    (container, select(FENCES), select(LABELS), vec(line(), 0..6), any::<bool>()).prop_map(
        |(container, fence, label, code, closed)| {
            let inner: String = container
                .chars()
                .map(|letter| if matches!(letter, '>' | '\t') { letter } else { ' ' })
                .collect();
            let mut lines = vec![format!("{container}{fence}{label}")];
            lines.extend(code.iter().map(|line| format!("{inner}{line}")));
            lines.extend(closed.then(|| format!("{inner}{fence}")));
            lines.extend([String::new(), "words".to_owned(), String::new()]);
            lines
        },
    )
}

fn text() -> impl Strategy<Value = String> {
    let marks = select(vec!["", "", "\u{feff}"]);
    (marks, vec(block(), 1..4), vec(select(ENDS), 40), any::<bool>()).prop_map(
        |(mark, blocks, ends, is_ended)| {
            let lines = blocks.concat();
            let mut text = mark.to_owned();
            for (at, line) in lines.iter().enumerate() {
                text += line;
                text += ends[at % ends.len()];
            }
            if is_ended { text } else { text.trim_end_matches(['\n', '\r']).to_owned() }
        },
    )
}

/// A correction of a document whose blocks are not known yet.
#[derive(Clone, Debug)]
struct DrawnCorrection {
    block: Index,
    first: Index,
    count: Index,
    lines: Vec<String>,
}

fn drawn_correction() -> impl Strategy<Value = DrawnCorrection> {
    (any::<Index>(), any::<Index>(), any::<Index>(), vec(line(), 0..4))
        .prop_map(|(block, first, count, lines)| DrawnCorrection { block, first, count, lines })
}

fn correction(document: &Document, drawn: &DrawnCorrection) -> Option<Correction> {
    let DrawnCorrection { block, first, count, lines } = drawn;
    let blocks: Vec<_> = document.blocks.iter().flat_map(all_of).collect();
    let block = blocks.get(block.index(blocks.len().max(1)))?;

    let length = block.content().count();
    let first = first.index(length + 1);
    let count = u32::try_from(count.index((length - first).min(3) + 1)).unwrap();
    let first = Line(block.first.0 + u32::try_from(first).unwrap());
    Some(Correction { first, count, lines: lines.clone() })
}

fn read(text: &str) -> Document {
    parse(&DocumentPath("a.md".to_owned()), text, &Options::default())
}

fn contents(document: &Document, corrections: &[&Correction]) -> Vec<Vec<String>> {
    let blocks = document.blocks.iter().flat_map(all_of);
    blocks.map(|block| corrected(&block, corrections).into_iter().map(str::to_owned).collect()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, ..ProptestConfig::default() })]

    #[test]
    fn only_corrections_are_written(text in text(), drawn in vec(drawn_correction(), 1..4)) {
        let document = read(&text);
        let wanted: Vec<_> = drawn.iter().filter_map(|drawn| correction(&document, drawn)).collect();
        let path = &document.path;
        let options = &Options::default();
        let order = DraftOrder { root: Path::new("/"), path, source: &document.source, options, corrections: &wanted };
        let marked = text.len();
        let Ok(edited) = edit(order, &text) else { return Ok(()) };
        let corrections = ordered(&wanted).unwrap();

        let new = read(&edited.text);
        prop_assert_eq!(contents(&new, &[]), contents(&document, &corrections));

        // Lines that no correction is about stand there as before, with their ends.
        let plain = |text: &str| text.strip_prefix('\u{feff}').map_or_else(|| text.to_owned(), str::to_owned);
        let (text, new_text) = (plain(&text), plain(&edited.text));
        prop_assert_eq!(edited.text.len() - new_text.len(), marked - text.len());
        let (before, after) = (split(&text), split(&new_text));
        let (mut old, mut now) = (0, 0);
        for correction in &corrections {
            let start = correction.first.0 as usize - 1;
            let kept = start - old;
            let is_end = start == before.len() && before.last().is_some_and(|line| line.end.is_empty());
            let kept = kept.saturating_sub(usize::from(is_end));
            prop_assert_eq!(before.get(old..old + kept), after.get(now..now + kept));
            now += (start - old) + correction.lines.len();
            old = start + correction.count as usize;
        }
        prop_assert_eq!(before.get(old..), after.get(now..));

        // The same corrections, at their new places, have nothing left to do. One without lines has no place.
        let mut shift = 0_i64;
        let moved: Vec<Correction> = corrections.iter().map(|correction| {
            let first = u32::try_from(i64::from(correction.first.0) + shift).unwrap();
            let count = u32::try_from(correction.lines.len()).unwrap();
            shift += i64::from(count) - i64::from(correction.count);
            Correction { first: Line(first), count, lines: correction.lines.clone() }
        }).filter(|moved| moved.count > 0).collect();
        let order = DraftOrder { root: Path::new("/"), path, source: &new.source, options, corrections: &moved };
        let again = edit(order, &edited.text).unwrap();
        prop_assert_eq!((&again.text, again.lines), (&edited.text, 0));
    }
}
