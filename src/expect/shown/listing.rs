//! Listings of `dis`, whose line numbers are those of the document when it runs, and of the code where it shows them.

use std::sync::LazyLock;

use regex::Regex;

use crate::model::snippet::Line;

static NUMBERED: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?m)^( *)([0-9]{1,9})( +(?:>> +)?(?:[0-9]+ +)?[A-Z][A-Z_0-9]+ *)")
        .expect("the pattern is tested")
});

/// The listing as if the code that begins at a line were a file; `None` for a text that is no listing.
pub(super) fn of_file(text: &str, code: Line) -> Option<String> {
    // Every code object ends with one of them.
    if !text.contains(" RETURN_VALUE") && !text.contains(" RETURN_CONST") {
        return None;
    }
    let renumbered = NUMBERED.replace_all(text, |found: &regex::Captures<'_>| {
        let (blanks, digits, rest) = (&found[1], &found[2], &found[3]);
        let number = digits.parse::<u32>().unwrap_or(0);
        let number = (number + 1).checked_sub(code.0).filter(|number| *number > 0).unwrap_or(number);
        format!("{number:>width$}{rest}", width = blanks.len() + digits.len())
    });
    Some(renumbered.into_owned())
}

#[cfg(test)]
mod tests {
    use super::of_file;
    use crate::model::snippet::Line;

    #[test]
    fn listings() {
        let listing = " 20           0 RESUME                   0\n\n 21     >>    2 LOAD_CONST               1 (1)\n              4 RETURN_VALUE\n";
        let shown = "  2           0 RESUME                   0\n\n  3     >>    2 LOAD_CONST               1 (1)\n              4 RETURN_VALUE\n";
        assert_eq!(of_file(listing, Line(19)).as_deref(), Some(shown));
        let newer = "  20           RESUME                   0\n               RETURN_CONST 0\n";
        let shown = "   1           RESUME                   0\n               RETURN_CONST 0\n";
        assert_eq!(of_file(newer, Line(20)).as_deref(), Some(shown));
        assert_eq!(of_file("20 APPLES\n", Line(19)), None);
        assert_eq!(
            of_file("3 RESUME\n RETURN_VALUE\n", Line(19)).as_deref(),
            Some("3 RESUME\n RETURN_VALUE\n")
        );
    }
}
