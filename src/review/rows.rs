//! The rows of a question: lines of a document or of an output, with what would change in them.

use similar::{ChangeTag, TextDiff};

use crate::model::snippet::Line;
use crate::report;
use crate::review::item::{Item, Subject};
use crate::update::{CONTEXT, Hunk};

/// Lines of the document above and below the one in question.
const AROUND: u32 = 5;

/// A row before it is laid out. Its text is safe to print.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Row {
    /// A line of both sides, with its number in the document.
    Same(Option<Line>, String),
    Removed(Option<Line>, String),
    Added(String),
    /// Words of ours.
    Heading(String),
    /// Lines are left out here.
    Gap,
}

/// The rows of an item; `hunks` are what its correction would change.
pub(super) fn rows(item: &Item, hunks: &[Hunk]) -> Vec<Row> {
    match &item.subject {
        Subject::Snapshot(contents) => {
            let mut rows = document(item);
            rows.push(Row::Heading(format!("what comes out, `{}`:", report::path(&contents.snapshot))));
            let old = lines(contents.accepted.as_deref().unwrap_or_default());
            rows.extend(changes(&old, &lines(&contents.actual), None));
            rows
        }
        Subject::Claim { said, actual, .. } if hunks.is_empty() => {
            let mut rows = document(item);
            rows.push(Row::Heading("the document, and what came out:".to_owned()));
            rows.extend(changes(&lines(said), &lines(actual), None));
            rows
        }
        Subject::Claim { .. } => {
            let mut rows = Vec::new();
            for hunk in hunks {
                if !rows.is_empty() {
                    rows.push(Row::Gap);
                }
                let context = u32::try_from(CONTEXT).unwrap_or(u32::MAX);
                let first = Line(hunk.line.0.saturating_sub(context).max(1));
                let [old, new] =
                    [&hunk.old, &hunk.new].map(|side| side.iter().map(|line| safe(line)).collect::<Vec<_>>());
                rows.extend(changes(&old, &new, Some(first)));
            }
            rows
        }
        Subject::Fence { reason } => {
            let mut rows = document(item);
            rows.push(Row::Heading(report::harmless(reason).into_owned()));
            rows
        }
    }
}

/// The lines of the document around an item.
fn document(item: &Item) -> Vec<Row> {
    let first = item.line.0.saturating_sub(AROUND).max(1);
    let last = item.line.0.saturating_add(AROUND);
    let numbered = (1_u32..).zip(item.source.lines());
    let near = numbered.filter(|(number, _)| (first..=last).contains(number));
    near.map(|(number, line)| Row::Same(Some(Line(number)), safe(line))).collect()
}

fn lines(text: &str) -> Vec<String> {
    text.split_terminator('\n').map(safe).collect()
}

/// A line that cannot steer a terminal, and whose last blanks are seen.
fn safe(line: &str) -> String {
    report::visible_line(line).replace('\t', "→   ")
}

/// Both sides beside one another. With a first line all of them are shown, with their numbers.
fn changes(old: &[String], new: &[String], first: Option<Line>) -> Vec<Row> {
    let [old, new] = [old, new].map(|side| side.iter().map(String::as_str).collect::<Vec<_>>());
    let diff = TextDiff::from_slices(&old, &new);
    let number = |index: Option<usize>| {
        let below = u32::try_from(index?).ok()?;
        Some(Line(first?.0.saturating_add(below)))
    };

    let mut rows = Vec::new();
    for group in diff.grouped_ops(if first.is_some() { usize::MAX / 4 } else { CONTEXT }) {
        if !rows.is_empty() {
            rows.push(Row::Gap);
        }
        for change in group.iter().flat_map(|operation| diff.iter_changes(operation)) {
            let text = change.value().to_owned();
            rows.push(match change.tag() {
                ChangeTag::Equal => Row::Same(number(change.old_index()), text),
                ChangeTag::Delete => Row::Removed(number(change.old_index()), text),
                ChangeTag::Insert => Row::Added(text),
            });
        }
    }
    rows
}
