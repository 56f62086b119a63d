//! Columns before text. A tab reaches the next multiple of eight.

const TAB: usize = 8;

const BLANKS: [char; 2] = [' ', '\t'];

/// The column of the first letter; `None` on a line without one.
pub(crate) fn of(line: &str) -> Option<usize> {
    let text = line.trim_start_matches(BLANKS);
    (!text.trim().is_empty()).then(|| width(&line[..line.len() - text.len()]))
}

/// The column after `text`, which begins its line.
pub(crate) fn width(text: &str) -> usize {
    text.chars().fold(0, |column, letter| match letter {
        '\t' => (column / TAB + 1) * TAB,
        _ => column + 1,
    })
}

/// A line without its first `columns` of blanks: a tail of it. A tab that reaches further stays whole.
pub(crate) fn without(line: &str, columns: usize) -> &str {
    let mut column = 0;
    for (at, letter) in line.char_indices() {
        let next = match letter {
            ' ' => column + 1,
            '\t' => (column / TAB + 1) * TAB,
            _ => return &line[at..],
        };
        if next > columns {
            return &line[at..];
        }
        column = next;
    }
    ""
}

/// The lines without the indentation that all of them share, ended by line ends. A blank line is an empty one.
pub(crate) fn dedented(lines: &[&str]) -> String {
    let shared = lines.iter().filter_map(|line| of(line)).min().unwrap_or_default();
    let mut text = String::with_capacity(lines.iter().map(|line| line.len() + 1).sum());
    for line in lines {
        if of(line).is_some() {
            text.push_str(without(line, shared));
        }
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{dedented, of, without};

    #[test]
    fn columns() {
        assert_eq!(
            ["", " \t", "a", "  a", "\ta", "   \ta"].map(of),
            [None, None, Some(0), Some(2), Some(8), Some(8)]
        );
        assert_eq!(["    a", "  a", "\ta", "  \t a"].map(|line| without(line, 4)), ["a", "a", "\ta", "\t a"]);
    }

    #[test]
    fn the_shared_indentation_goes() {
        assert_eq!(dedented(&["    a", "", "      b", " \t", "    c"]), "a\n\n  b\n\nc\n");
        assert_eq!(dedented(&["\ta", "        b"]), "a\nb\n");
    }
}
