//! Sorts the sets in a text, because the order of their elements means nothing.

/// Nesting of braces; deeper lines stay as they are, because each level copies its content once more.
const DEEPEST: usize = 30;

/// A brace that has not been closed yet.
#[derive(Default)]
struct Open {
    elements: Vec<String>,
    current: String,
    /// There is a colon between the braces: it is a dict, and a dict has an order.
    is_dict: bool,
    /// Other brackets inside that have not been closed yet.
    brackets: usize,
}

/// The text with the elements of each set in the order of their letters, line by line.
pub(in crate::expect) fn with_sorted_sets(text: &str) -> String {
    if !text.contains('{') {
        return text.to_owned();
    }
    text.split_inclusive('\n').map(|line| sorted(line).unwrap_or_else(|| line.to_owned())).collect()
}

/// `None` where the braces do not match.
fn sorted(line: &str) -> Option<String> {
    let mut open = vec![Open::default()];
    let mut quote = None;
    let mut is_escaped = false;

    for letter in line.chars() {
        let is_inner = open.len() > 1;
        let innermost = open.last_mut()?;

        match (quote, letter) {
            (Some(_), '\\') if !is_escaped => {
                is_escaped = true;
                innermost.current.push(letter);
                continue;
            }
            (Some(end), _) if letter == end && !is_escaped => quote = None,
            (None, '\'' | '"') if is_inner => quote = Some(letter),
            (None, '{') => {
                if open.len() > DEEPEST {
                    return None;
                }
                open.push(Open::default());
                continue;
            }
            (None, '}') if is_inner => {
                let set = open.pop()?.close();
                open.last_mut()?.current.push_str(&set);
                continue;
            }
            (None, '(' | '[') => innermost.brackets += 1,
            (None, ')' | ']') => innermost.brackets = innermost.brackets.saturating_sub(1),
            (None, ':') if innermost.brackets == 0 => innermost.is_dict = true,
            (None, ',') if is_inner && innermost.brackets == 0 => {
                innermost.elements.push(std::mem::take(&mut innermost.current));
                continue;
            }
            (Some(_) | None, _) => {}
        }

        is_escaped = false;
        innermost.current.push(letter);
    }

    (open.len() == 1 && quote.is_none()).then(|| open.pop())?.map(|outermost| outermost.current)
}

impl Open {
    fn close(mut self) -> String {
        self.elements.push(self.current);
        if self.is_dict {
            return format!("{{{}}}", self.elements.join(","));
        }
        let mut elements: Vec<&str> = self.elements.iter().map(|element| element.trim()).collect();
        elements.sort_unstable();
        format!("{{{}}}", elements.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::with_sorted_sets;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(with_sorted_sets(text), expected);
    }

    #[test]
    fn sets() {
        check("x {3, 1} y {'b', \"a\"}\n{2,1}\n", "x {1, 3} y {\"a\", 'b'}\n{1, 2}\n");
        check("{frozenset({2, 1}), (4, 3)}", "{(4, 3), frozenset({1, 2})}");
        check("{'a,b', '}', '\\'{'}", "{'\\'{', 'a,b', '}'}");
        check("{'b': {2, 1}, 'a': [3, 2]}", "{'b': {1, 2}, 'a': [3, 2]}");
        check("{x:1, y}", "{x:1, y}");
    }

    #[test]
    fn what_does_not_match_stays() {
        for text in
            ["{2, 1", "2, 1}", "it's {2, 1, 'a}", "{}", &format!("{}2, 1{}", "{".repeat(40), "}".repeat(40))]
        {
            check(text, text);
        }
    }
}
