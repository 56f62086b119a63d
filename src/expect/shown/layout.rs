//! Values that are shown over several lines, as formatters break them.

/// Whether a text whose last line is a closing bracket has the other's words and signs.
///
/// Blanks outside of quotes do not count, nor do commas before closing brackets.
pub(super) fn is_broken_alike(shown: &str, actual: &str) -> bool {
    let shown = shown.trim_end();
    let closes = |line: &str| !line.is_empty() && line.chars().all(|sign| matches!(sign, ')' | ']' | '}'));
    shown.lines().count() > 1
        && shown.lines().last().is_some_and(|line| closes(line.trim()))
        && on_one_line(shown) == on_one_line(actual)
}

fn on_one_line(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    let mut quote = None;
    let mut letters = text.chars();

    while let Some(letter) = letters.next() {
        match (quote, letter) {
            (Some(_), '\\') => {
                line.push(letter);
                line.extend(letters.next());
                continue;
            }
            (Some(open), _) if letter == open || letter == '\n' => quote = None,
            (None, '\'' | '"') => quote = Some(letter),
            (None, ')' | ']' | '}') if line.ends_with(',') => {
                line.pop();
            }
            (None, _) if letter.is_whitespace() => continue,
            (Some(_) | None, _) => {}
        }
        line.push(letter);
    }
    line
}

#[cfg(test)]
mod tests {
    use super::is_broken_alike;

    #[track_caller]
    fn check(shown: &str, actual: &str, expected: bool) {
        assert_eq!(is_broken_alike(shown, actual), expected, "{shown:?} {actual:?}");
    }

    #[test]
    fn values_over_several_lines() {
        check("{\n    'a': 1,\n    'b': [2, 3],\n}\n", "{'a': 1, 'b': [2, 3]}\n", true);
        check("Box(\n    'a lid',\n    side=(1, 2),\n)", "Box('a lid', side=(1, 2))", true);
        check("[\n    'a  b',\n]", "['a b']", false);
        check("[\n    'it\\'s,]',\n]", "['it\\'s,]']", true);
        check("[\n    1,\n    2,\n]", "[1, 3]", false);
    }

    #[test]
    fn other_texts() {
        check("a\nb", "a b", false);
        check("[1,2]", "[1, 2]", false);
        check("", "", false);
        check("'\n}", "'}", false);
    }
}
