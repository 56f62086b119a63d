//! Where the prompts of console sessions stand among lines of text, by the rules of doctest.

use crate::document::text::indentation;

/// Whether a line begins an example.
pub(crate) fn is_prompt(line: &str) -> bool {
    let code = line.trim_start_matches([' ', '\t']);
    code.strip_prefix(">>>").is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '\t', '\r']))
}

pub(crate) fn is_blank(line: &str) -> bool {
    line.trim().is_empty()
}

/// The line after the examples that begin at `first` and after what they show. Examples below a blank line belong to them
/// where they stand in the same column; prose does not.
pub(crate) fn end(lines: &[&str], first: usize) -> usize {
    let column = lines.get(first).and_then(|line| indentation::of(line));
    let (mut end, mut open) = (first, false);
    for (at, line) in lines.iter().enumerate().skip(first) {
        if is_blank(line) {
            open = false;
        } else if open || is_prompt(line) && indentation::of(line) == column {
            open = true;
            end = at + 1;
        } else {
            break;
        }
    }
    end
}

/// From the first prompt to the end of the last example, with the prose between them.
pub(crate) fn extent(lines: &[&str]) -> Option<std::ops::Range<usize>> {
    let first = lines.iter().position(|line| is_prompt(line))?;
    let mut end = first;
    let mut open = false;
    for (at, line) in lines.iter().enumerate().skip(first) {
        open = !is_blank(line) && (open || is_prompt(line));
        if open {
            end = at + 1;
        }
    }
    Some(first..end)
}

#[cfg(test)]
mod tests {
    use super::{end, extent};

    #[track_caller]
    fn check(text: &str, expected_end: usize, expected_extent: Option<std::ops::Range<usize>>) {
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(extent(&lines), expected_extent, "{text:?}");
        let first = expected_extent.map_or(0, |extent| extent.start);
        assert_eq!(end(&lines, first), expected_end, "{text:?}");
    }

    #[test]
    fn examples_end_with_what_they_show() {
        check("words", 0, None);
        check(">>>> x\n>>>x", 0, None);
        check(">>> 1\n1\n\nwords", 2, Some(0..2));
        check("  >>> 1\n\n>>> 2\n", 1, Some(0..3));
        check("words\n  >>> 1\n  1\n\n\n  >>> 2\n\n", 6, Some(1..6));
        check(">>>\nshown\n \nwords\n\t>>> 2\n2\n\n3", 2, Some(0..6));
    }
}
