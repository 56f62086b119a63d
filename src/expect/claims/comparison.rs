//! Compares what a comment says with what happened: the same, something else, or unrelated.

use crate::expect::claims::closeness;
use crate::expect::claims::equivalence::{are_equivalent, is_equivalent};
use crate::expect::claims::reading::{Joint, StatedValue, Strength};
use crate::expect::claims::term::{Family, Term, whole};
use crate::expect::shown::with_sorted_sets;

/// Labels that are looked for in a line: `total: 3` has one.
const LABELS: usize = 4;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Match {
    Same,
    Other,
    /// The comment is not about this text.
    Unrelated,
}

/// What happened, as text.
#[derive(Clone, Copy, Debug)]
pub(super) struct ActualText<'a> {
    pub(super) text: &'a str,
    /// Each line may come from another run of the statement.
    pub(super) repeated: bool,
}

/// Compares a value. `words` is the value as the comment spells it.
pub(super) fn value(value: &StatedValue, words: &str, real: ActualText<'_>) -> Match {
    let text = real.text.trim();
    let is_said = match (value.joint, &value.terms[..]) {
        (Joint::None, [term]) => single(term, words, real),
        (Joint::None | Joint::Commas | Joint::Then | Joint::Blanks, terms) => {
            is_equivalent(words, text)
                || matches!(whole(text), Some(Term::Tuple(items) | Term::List(items)) if are_equivalent(terms, &items))
                || items(terms, text)
        }
    };

    if is_said {
        return Match::Same;
    }

    let contradicts = match (value.strength, &value.terms[..]) {
        (Strength::Faint, _) => false,
        (Strength::Firm, [term]) => contradicts(term, real),
        (Strength::Loose, [term]) => real.text.lines().any(|line| related(term, line)) || related(term, text),
        // `1, 2` is not about an output of words.
        (Strength::Firm | Strength::Loose, terms) => {
            let is_kin = |part: &Option<Term>| {
                part.as_ref().zip(terms.first()).is_some_and(|(part, first)| is_kin(first, part))
            };
            let parts = parts(text);
            !parts.is_empty() && parts.iter().all(is_kin)
        }
    };

    if contradicts { Match::Other } else { Match::Unrelated }
}

/// Compares words with the output, in each of the ways in which people quote outputs.
pub(super) fn words(said: &str, real: ActualText<'_>) -> Match {
    let text = real.text.trim();
    let lines: Vec<&str> = text.lines().collect();

    let is_said = quotes(said).any(|quote| {
        is_equivalent(quote, text)
            || quote.contains('{') && with_sorted_sets(quote) == with_sorted_sets(text)
            || real.repeated && lines.iter().any(|line| is_equivalent(quote, line))
            || lines.len() > 1
                && [", ", " ", " -> ", " → "].iter().any(|joint| is_equivalent(quote, &lines.join(joint)))
            || tails(text).any(|tail| quote == tail)
    });

    if is_said { Match::Same } else { Match::Unrelated }
}

/// Whether words are the output with a slip in them.
pub(super) fn is_nearly(said: &str, real: ActualText<'_>) -> bool {
    let text = with_sorted_sets(real.text.trim());
    !real.repeated && quotes(said).any(|quote| closeness::is_nearly(&with_sorted_sets(quote), &text))
}

/// The words of a comment with and without the remark at their end.
fn quotes(said: &str) -> impl Iterator<Item = &str> {
    let said = said.trim();
    let bare = [" (", " - ", " – ", " — "].iter().filter_map(|sign| said.find(sign)).min();
    let quotes = [Some(said), bare.map(|end| said[..end].trim()), said.strip_suffix(['!', '.'])];
    quotes.into_iter().flatten().filter(|quote| !quote.is_empty())
}

/// Compares consecutive lines with those of the output.
pub(super) fn lines(said: &[String], real: &str) -> Match {
    let real: Vec<&str> = real.trim_end().lines().collect();
    let left_out = said.last().is_some_and(|line| matches!(line.trim(), "..." | "…"));
    let said = if left_out { &said[..said.len() - 1] } else { said };

    let length = said.len() == real.len() || left_out && said.len() < real.len();
    let same =
        !said.is_empty() && length && said.iter().zip(&real).all(|(said, real)| is_equivalent(said, real));
    if same {
        return Match::Same;
    }

    let said: Vec<&str> = said.iter().map(String::as_str).collect();
    let is_nearly = length && (closeness::are_nearly(&said, &real[..said.len()]) || are_values(&said, &real));
    if is_nearly { Match::Other } else { Match::Unrelated }
}

/// Whether each line is a value, of the family of the one that was printed.
fn are_values(said: &[&str], real: &[&str]) -> bool {
    let is_value =
        |said: &str, real: &str| whole(said).is_some_and(|said| said.is_plain() && related(&said, real));
    said.len() > 1 && said.iter().zip(real).all(|(said, real)| is_value(said, real))
}

fn single(term: &Term, words: &str, real: ActualText<'_>) -> bool {
    let text = real.text.trim_end();
    let elements = match term {
        Term::List(items) | Term::Tuple(items) if items.len() > 1 => Some(items),
        _ => None,
    };

    is_equivalent(words, text)
        || (real.repeated && text.lines().any(|line| is_equivalent(words, line)))
        || text.lines().next_back().is_some_and(|last| is_equivalent(words, last) && !last.is_empty())
        || tails(text).any(|tail| is_equivalent(words, tail))
        || elements.is_some_and(|elements| items(elements, text))
        || matches!(term, Term::Integer(_) | Term::Float(_))
            && number_in(text).is_some_and(|only| is_equivalent(words, only))
}

/// Whether the text has the items one by one: each on its own line, or between blanks or commas.
fn items(said: &[Term], text: &str) -> bool {
    let text = text.trim();
    let separate = |parts: Vec<&str>| {
        let terms: Vec<Term> = parts.iter().map(|part| item(part.trim())).collect();
        are_equivalent(said, &terms)
    };

    separate(text.lines().collect())
        || separate(text.split_whitespace().collect())
        || separate(text.split(',').collect())
}

fn item(text: &str) -> Term {
    match whole(text) {
        Some(Term::Name(_)) | None => Term::Text(text.to_owned()),
        Some(term) => term,
    }
}

fn parts(text: &str) -> Vec<Option<Term>> {
    if text.lines().nth(1).is_some() {
        return text.lines().map(whole).collect();
    }
    match whole(text) {
        Some(Term::Tuple(items) | Term::List(items)) => items.into_iter().map(Some).collect(),
        _ => text.split_whitespace().map(|part| whole(part.trim_end_matches(','))).collect(),
    }
}

/// Whether the printed text certainly is another value than the one that a comment certainly means.
fn contradicts(term: &Term, real: ActualText<'_>) -> bool {
    let text = real.text.trim();
    if real.repeated || text.lines().nth(1).is_some() {
        return text.lines().any(|line| related(term, line));
    }

    match (term.family(), whole(text)) {
        (Family::Object, _) => related(term, text),
        // `inf` is a name in writing only.
        (Family::Number, Some(real)) if real.family() == Family::Number => true,
        (_, Some(Term::Name(_)) | None) => match term.family() {
            Family::Text | Family::Bytes | Family::Container => true,
            Family::Number => number_in(text).is_some(),
            Family::Constant | Family::Object => tails(text).any(|tail| related(term, tail)),
        },
        (_, Some(_)) => true,
    }
}

/// Whether both are of one family, so that one of them is wrong.
pub(super) fn related(term: &Term, real: &str) -> bool {
    whole(real).is_some_and(|real| is_kin(term, &real))
}

fn is_kin(said: &Term, real: &Term) -> bool {
    match (said, real) {
        (Term::Call(said, _), Term::Call(real, _)) => said.rsplit('.').next() == real.rsplit('.').next(),
        (Term::Angle(said), Term::Angle(real)) => {
            let has_address = |text: &str| text.contains(" at 0x");
            said.split_whitespace().next() == real.split_whitespace().next()
                || has_address(said) && has_address(real)
                || enumeration(said).is_some() && enumeration(said) == enumeration(real)
        }
        (said, real) => {
            let real = real.scalar();
            said.family() == real.family() && said.family() != Family::Object
        }
    }
}

/// The class of an enumeration's member between angle brackets: `Color` of `Color.RED: 1`.
fn enumeration(text: &str) -> Option<&str> {
    let (member, _) = text.split_once(": ")?;
    let (class, name) = member.rsplit_once('.')?;
    let is_name = |part: &str| {
        !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_|".contains(&byte))
    };
    (is_name(class) && is_name(name)).then_some(class)
}

/// The texts after labels: `3` of `total: 3`.
fn tails(text: &str) -> impl Iterator<Item = &str> {
    let single = text.lines().nth(1).is_none();
    let signs = text.match_indices([':', '=']).filter(move |_| single).take(LABELS);
    signs.map(|(place, sign)| text[place + sign.len()..].trim()).filter(|tail| !tail.is_empty())
}

/// The only number in a text.
fn number_in(text: &str) -> Option<&str> {
    let letter = |character: char| character.is_alphanumeric() || matches!(character, '.' | '_' | ',' | '-');
    let words = text.split(|character: char| !letter(character));
    let words = words.map(|word| word.trim_end_matches(['.', ',']));
    let mut numbers =
        words.filter(|word| word.trim_start_matches('-').starts_with(|first: char| first.is_ascii_digit()));
    let only = numbers.next()?;
    numbers.next().is_none().then_some(only)
}

#[cfg(test)]
mod tests {
    use super::{ActualText, Match, lines, value, words};
    use crate::expect::claims::reading::{CommentMeaning, read};

    #[track_caller]
    fn check(comment: &str, text: &str, repeated: bool, expected: Match) {
        let reading = read(comment);
        let real = ActualText { text, repeated };
        let core = &comment[reading.core.clone()];
        let found = match &reading.meaning {
            CommentMeaning::Value(said) => value(said, core, real),
            _ => words(core, real),
        };
        assert_eq!(found, expected, "{comment} | {text:?}");
    }

    #[test]
    fn printed_once() {
        use Match::{Other, Same, Unrelated};
        for (comment, text, expected) in [
            ("3", "3\n", Same),
            ("3", "4\n", Other),
            ("3", "None\n", Other),
            ("3", "total: 3\n", Same),
            ("3", "total: 4\n", Other),
            ("3", "begins\n", Unrelated),
            ("3", "4 of 5 rows\n", Unrelated),
            ("3", "a\nb\n", Unrelated),
            ("True", "False\n", Other),
            ("True", "equal: True\n", Same),
            ("True", "equal: False\n", Other),
            ("True", "yes\n", Unrelated),
            ("'a'", "a\n", Same),
            ("'a'", "b\n", Other),
            ("[1, 2]", "[1, 2]\n", Same),
            ("[1, 2]", "1 2\n", Same),
            ("[1, 2]", "1\n2\n", Same),
            ("[1, 2]", "[1, 3]\n", Other),
            ("[1, 2]", "x = [1, 2]\n", Same),
            ("1, 2", "1\n2\n", Same),
            ("1, 2", "1\n3\n", Other),
            ("1, 2", "(1, 2)\n", Same),
            ("1, 2", "a\nb\n", Unrelated),
            ("1, 2, ...", "1\n2\n3\n", Same),
            ("<class 'int'>, <class 'str'>", "<class 'int'> <class 'int'>\n", Unrelated),
            ("<key>, <value>", "auto(1)\n", Unrelated),
            ("'a'", "b'b'\n", Other),
            ("1 2", "1 2\n", Same),
            ("1 2", "1 3\n", Other),
            ("P(x=1)", "P(x=1)\n", Same),
            ("P(x=1)", "P(x=2)\n", Other),
            ("P(x=1)", "Q(x=1)\n", Unrelated),
            ("<class 'int'>", "<class 'int'>\n", Same),
            ("<class 'int'>", "<class 'str'>\n", Other),
            ("<Color.RED: 1>", "<Color.BLUE: 2>\n", Other),
            ("<Color.RED: 1>", "<Shape.RED: 1>\n", Unrelated),
            ("<a.b at: 1>", "<a.c: 1>\n", Unrelated),
            ("nan", "inf\n", Other),
            ("nan", "3.5\n", Other),
            ("nan", "nan\n", Same),
            ("nan", "a name\n", Unrelated),
            ("<class 'int'>", "int\n", Unrelated),
            ("True, because", "True\n", Same),
            ("True, because", "False\n", Other),
            ("True, because", "1\n", Unrelated),
            ("3 rows", "3\n", Same),
            ("3 rows", "4\n", Unrelated),
            ("dark", "dark\n", Same),
            ("dark", "light\n", Unrelated),
            ("dark (really)", "dark\n", Same),
            ("a, b", "a\nb\n", Same),
            ("prints: hello", "hello\n", Same),
        ] {
            check(comment, text, false, expected);
        }
    }

    #[test]
    fn values_on_lines_of_their_own() {
        let check = |said: &[&str], real: &str, expected| {
            let said: Vec<String> = said.iter().map(|line| (*line).to_owned()).collect();
            assert_eq!(lines(&said, real), expected, "{said:?} | {real:?}");
        };
        check(&[" 1", " 3"], "1\n2\n", Match::Other);
        check(&[" [1]", " 'a'"], "[1]\n'b'\n", Match::Other);
        check(&[" 1", " 2"], "1\n2\n", Match::Same);
        check(&[" 1", " 3"], "a\nb\n", Match::Unrelated);
        check(&[" 1", " 3"], "1\n2\n3\n", Match::Unrelated);
        check(&[" 1", " and so on"], "1\n2\n", Match::Unrelated);
    }

    #[test]
    fn printed_again_and_again() {
        check("0", "0\n1\n2\n", true, Match::Same);
        check("9", "0\n1\n2\n", true, Match::Other);
        check("9", "a\nb\n", true, Match::Unrelated);
        check("a", "b\na\n", true, Match::Same);
    }
}
