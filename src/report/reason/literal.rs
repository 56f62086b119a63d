//! Foreign text within a sentence.

use crate::unseen::visible;

/// Characters of a line that are shown.
const LONGEST: usize = 200;

/// Characters that are shown before the first one that differs, where that one is far from the beginning.
const BEFORE: usize = 40;

/// One line between backticks, shortened.
pub(super) fn quoted(line: &str) -> String {
    cut(&visible(line.as_bytes()))
}

/// Two lines that differ, so that a reader sees where: neither is cut before that, and neither hides it in blanks.
pub(super) fn both_quoted(one: Option<&str>, other: Option<&str>) -> (Option<String>, Option<String>) {
    let (Some(one), Some(other)) = (one, other) else { return (one.map(quoted), other.map(quoted)) };
    let differ_in_blanks = one.split_whitespace().eq(other.split_whitespace());
    let [one, other] = [one, other].map(|line| {
        let line = visible(line.as_bytes());
        if differ_in_blanks { line.replace('\t', "\\t") } else { line }
    });

    let same = one.chars().zip(other.chars()).take_while(|(one, other)| one == other).count();
    if same + BEFORE < LONGEST {
        return (Some(cut(&one)), Some(cut(&other)));
    }
    let from = |line: &str| -> String { line.chars().skip(same.saturating_sub(BEFORE)).collect() };
    let shown = |line: &str| Some(cut(&format!("…{}", from(line))));
    (shown(&one), shown(&other))
}

fn cut(line: &str) -> String {
    match line.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("`{}…`", &line[..end]),
        None => format!("`{line}`"),
    }
}
