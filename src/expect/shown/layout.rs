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

/// Whether both texts have the same words and signs, whichever quotes, blanks and breaks a formatter has chosen.
pub(super) fn is_laid_out_alike(shown: &str, actual: &str) -> bool {
    compact(shown.trim_end()) == compact(actual.trim_end())
}

/// The text without blanks beside signs, line ends within brackets and commas before closing ones, with one kind of quotes.
fn compact(text: &str) -> String {
    let is_sign = |letter: char| matches!(letter, '(' | ')' | '[' | ']' | '{' | '}' | ',' | ':' | '=');
    let mut compact = String::with_capacity(text.len());
    let mut depth = 0_usize;
    // Once a quote was not closed, none of its line is tried again.
    let mut is_unclosed = false;
    let mut letters = text.chars().peekable();

    while let Some(letter) = letters.next() {
        let is_blank = |letter: char| matches!(letter, ' ' | '\t') || letter == '\n' && depth > 0;
        match letter {
            '\'' | '"' => {
                let is_tried = !is_unclosed && !compact.ends_with(char::is_alphanumeric);
                let content = is_tried.then(|| quoted(letter, letters.clone()));
                is_unclosed |= content == Some(None);
                match content.flatten() {
                    Some(content) => {
                        letters.nth(content.chars().count());
                        let plain = !content.contains(['\'', '"', '\\']);
                        let quote = if plain { '\'' } else { letter };
                        compact.push(quote);
                        compact.push_str(&content);
                        compact.push(quote);
                    }
                    None => compact.push(letter),
                }
                continue;
            }
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => {
                depth = depth.saturating_sub(1);
                if compact.ends_with(',') {
                    compact.pop();
                }
            }
            '\n' if depth == 0 => is_unclosed = false,
            _ if is_blank(letter) => {
                is_unclosed &= letter != '\n';
                while letters.peek().is_some_and(|next| is_blank(*next)) {
                    letters.next();
                }
                let is_indentation = compact.is_empty() || compact.ends_with('\n');
                let is_beside =
                    compact.ends_with(is_sign) || letters.peek().is_some_and(|next| is_sign(*next));
                if is_indentation || !is_beside {
                    compact.push(' ');
                }
                continue;
            }
            _ => {}
        }
        compact.push(letter);
    }
    compact
}

/// The content of a string up to its closing quote on the same line.
fn quoted(quote: char, letters: impl Iterator<Item = char>) -> Option<String> {
    let mut content = String::new();
    let mut is_escaped = false;
    for letter in letters {
        match letter {
            '\n' => return None,
            _ if letter == quote && !is_escaped => return Some(content),
            _ => {}
        }
        is_escaped = letter == '\\' && !is_escaped;
        content.push(letter);
    }
    None
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
    use super::{is_broken_alike, is_laid_out_alike};

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

    #[track_caller]
    fn check_layout(shown: &str, actual: &str, expected: bool) {
        assert_eq!(is_laid_out_alike(shown, actual), expected, "{shown:?} {actual:?}");
    }

    #[test]
    fn formatters_choose_quotes_and_blanks() {
        check_layout("[\n    \"abc\",\n    \"def\",\n]\n", "['abc', 'def']\n", true);
        check_layout("value = Box(text=[0, 1])\n", "value=Box(text=[0, 1])\n", true);
        check_layout("{\"a\": {\n    \"b\": 1}}\n", "{'a': {'b': 1}}\n", true);
        check_layout("name: 'Ann'\n", "name:'Ann'\n", true);
        check_layout("Box(\n    lid=None,\n)\nnext\n", "Box(lid=None)\nnext\n", true);
        check_layout("it's [ 1, 2 ]", "it's [1,2]", true);
    }

    #[test]
    fn formatters_change_no_words() {
        check_layout("[\n    \"abc\",\n    \"deg\",\n]\n", "['abc', 'def']\n", false);
        check_layout("value = Box(text=[0, 2])\n", "value=Box(text=[0, 1])\n", false);
        check_layout("[\"a b\"]", "['a  b']", false);
        check_layout("ab c", "a bc", false);
        check_layout("a\nb", "a b", false);
        check_layout("['a', 'b']", "['a' 'b']", false);
        check_layout("  a", "a", false);
        check_layout("\"it's\"", "'its'", false);
    }

    #[test]
    fn hostile_text_takes_linear_time() {
        let started = std::time::Instant::now();
        for unit in ["\"", "' ", "[", ",]", "\\'"] {
            check_layout(&unit.repeat(1 << 18), "", false);
        }
        assert!(started.elapsed() < std::time::Duration::from_secs(20));
    }

    #[test]
    fn other_texts() {
        check("a\nb", "a b", false);
        check("[1,2]", "[1, 2]", false);
        check("", "", false);
        check("'\n}", "'}", false);
    }
}
