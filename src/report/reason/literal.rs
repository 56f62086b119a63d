//! Foreign text within a sentence.

use crate::unseen::visible;

/// Characters of a line that are shown.
const LONGEST: usize = 200;

/// One line between backticks, shortened.
pub(super) fn quoted(line: &str) -> String {
    let line = visible(line.as_bytes());
    match line.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("`{}…`", &line[..end]),
        None => format!("`{line}`"),
    }
}
