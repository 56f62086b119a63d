//! Reads what a comment says, without a look at its statement.

use std::ops::Range;

use crate::expect::claims::lead_words::{after_arithmetic, after_verb, without_lead};
use crate::expect::claims::prose;
use crate::expect::claims::quantity::{Dimension, Quantity};
use crate::expect::claims::term::{Term, front};
use crate::expect::exception::ANY_EXCEPTION;
use crate::model::type_checkers::TYPE_CHECKERS;

/// Longer comments are prose.
pub(super) const LONGEST: usize = 2000;

/// Beginnings of comments for programs.
const MARKERS: [&str; 14] = [
    "type:",
    "noqa",
    "pragma",
    "pylint",
    "flake8",
    "ruff:",
    "mypy:",
    "pyright:",
    "fmt:",
    "isort",
    "nosec",
    "doctest:",
    "xdoctest:",
    "region",
];

/// Endings of the names of exceptions.
const ERRORS: [&str; 7] =
    ["Error", "Exception", "ExceptionGroup", "Warning", "Iteration", "Interrupt", "Exit"];

/// The meaning of a comment.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum CommentMeaning {
    Value(StatedValue),
    Quantity(Quantity),
    /// The name of an exception, without a word that questions it.
    Error(String),
    /// The statement raises nothing.
    Success,
    /// The name of a builtin type.
    Type(String),
    /// An exception or a type checker's error, somewhere in prose.
    Complaint,
    /// Other words, which may happen to be the output.
    Words,
    /// A comment for programs.
    Marker,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct StatedValue {
    pub(super) terms: Vec<Term>,
    pub(super) joint: Joint,
    pub(super) strength: Strength,
}

/// The separator of several values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Joint {
    /// There is only one value.
    None,
    Commas,
    /// `1 then 2`
    Then,
    Blanks,
}

impl Joint {
    pub(super) fn sign(self) -> &'static str {
        match self {
            Self::None => "",
            Self::Commas => ", ",
            Self::Then => " then ",
            Self::Blanks => " ",
        }
    }
}

/// How certain it is that a value is meant, and not the beginning of a sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Strength {
    Firm,
    /// The claim is false only if the actual value is of the same family.
    Loose,
    /// The claim is never false.
    Faint,
}

/// A comment and the part of it that says something.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct CommentReading {
    pub(super) meaning: CommentMeaning,
    /// The range of that part in the comment without its `#`.
    pub(super) core: Range<usize>,
}

/// Reads a comment; `comment` is what follows the `#`.
pub(super) fn read(comment: &str) -> CommentReading {
    let from = |rest: &str| comment.len() - rest.len();
    let text = comment.trim_start();
    let words = from(text)..from(text) + text.trim_end().len();
    let found = |meaning, core| CommentReading { meaning, core };

    if is_marker(comment) {
        return found(CommentMeaning::Marker, words);
    }
    if text.len() > LONGEST {
        return found(CommentMeaning::Words, words);
    }

    let lower = text.to_ascii_lowercase();
    if TYPE_CHECKERS.iter().any(|checker| lower.starts_with(checker)) {
        return found(CommentMeaning::Complaint, words);
    }
    if prose::is_no_error(text) {
        return found(CommentMeaning::Success, words);
    }

    let core = without_lead(text);
    let led = core.len() < text.len();
    // `raises a KeyError`
    let articles = ["a ", "an "].iter().filter_map(|article| core.strip_prefix(article).filter(|_| led));
    for named in [core].into_iter().chain(articles) {
        if let Some((name, end)) = error(named) {
            return found(CommentMeaning::Error(name), from(named)..from(named) + end);
        }
    }

    let sum = after_arithmetic(core).unwrap_or(core);
    let value_in = value(sum, led);
    let is_faint = |(value, _): &(StatedValue, &str)| value.strength == Strength::Faint;
    if value_in.as_ref().is_none_or(is_faint)
        && let Some((meaning, part)) = indirectly(text)
    {
        return found(meaning, from(text) + part.start..from(text) + part.end);
    }

    if lower.split(|letter: char| !letter.is_alphanumeric()).any(|word| word.ends_with("error")) {
        return found(CommentMeaning::Complaint, words);
    }
    if let Some((quantity, rest)) = Quantity::front(core).filter(|(_, rest)| is_remark(rest)) {
        return found(CommentMeaning::Quantity(quantity), from(core)..from(rest));
    }
    if let Some((value, rest)) = value_in {
        return found(CommentMeaning::Value(value), from(sum)..from(rest));
    }

    let end = from(core) + core.trim_end().len();
    found(CommentMeaning::Words, from(core)..end)
}

/// An amount of memory after a label: `List: ~8 MB`.
pub(super) fn labelled(comment: &str) -> Option<(Quantity, Range<usize>)> {
    let (label, rest) = comment.split_once(':')?;
    let (quantity, after) = Quantity::front(rest.trim_start())?;

    let is_label = label.trim().chars().all(|letter| letter.is_alphanumeric() || letter == '_');
    let place = comment.len() - rest.trim_start().len()..comment.len() - after.len();
    (is_label && quantity.dimension() == Dimension::Memory && is_remark(after)).then_some((quantity, place))
}

/// A meaning that does not stand at the beginning of a comment, and its range.
fn indirectly(text: &str) -> Option<(CommentMeaning, Range<usize>)> {
    if let Some(rest) = after_verb(text)
        && let Some((mut value, after)) = value(rest, true).filter(|(_, after)| is_remark(after))
    {
        value.strength = Strength::Loose;
        return Some((CommentMeaning::Value(value), text.len() - rest.len()..text.len() - after.len()));
    }

    let words = 0..text.trim_end().len();
    if prose::is_success(text) {
        return Some((CommentMeaning::Success, words));
    }
    if prose::is_failure(text) {
        return Some((CommentMeaning::Error(ANY_EXCEPTION.to_owned()), words));
    }
    prose::type_name(text).map(|name| (CommentMeaning::Type(name.to_owned()), words))
}

/// The whole text as one value, for comments of several lines.
pub(super) fn block(text: &str) -> Option<StatedValue> {
    let (term, rest) = front(text.trim())?;
    let container =
        matches!(term, Term::List(_) | Term::Tuple(_) | Term::Set(_) | Term::Dict(_) | Term::Call(..));

    // A value on several lines with `...` in it is an outline.
    let strength = if term.has_gap() { Strength::Faint } else { Strength::Loose };
    (container && term.is_plain() && rest.is_empty()).then(|| StatedValue {
        terms: vec![term],
        joint: Joint::None,
        strength,
    })
}

fn is_marker(comment: &str) -> bool {
    let text = comment.trim_start();
    // `# (1)!` and `# (1)` point at a note below.
    let note =
        text.trim_end().trim_end_matches('!').strip_prefix('(').and_then(|note| note.strip_suffix(')'));
    comment.starts_with(['>', '!', ':', '%'])
        || note.is_some_and(|note| !note.is_empty() && note.bytes().all(|byte| byte.is_ascii_digit()))
        || MARKERS.iter().any(|marker| text.starts_with(marker))
}

/// The name of an exception with nothing after it but its message or a remark, and where the name ends.
fn error(text: &str) -> Option<(String, usize)> {
    let part = |character: char| character.is_ascii_alphanumeric() || matches!(character, '_' | '.');
    let end = text.find(|character| !part(character)).unwrap_or(text.len());
    let dotted = text[..end].trim_end_matches('.');
    let name = dotted.rsplit('.').next()?;

    let rest = &text[dotted.len()..];
    let said = rest.starts_with([':', '!', '(']) || is_remark(rest);
    (name.starts_with(|first: char| first.is_ascii_uppercase())
        && ERRORS.iter().any(|ending| name.ends_with(ending))
        // `# Error!` may quote a type checker.
        && name != "Error"
        && said)
        .then(|| (name.to_owned(), dotted.len()))
}

/// The value with which a text begins. `led`: a word before it has announced a value.
pub(super) fn value(text: &str, led: bool) -> Option<(StatedValue, &str)> {
    let (first, rest) = front(text)?;
    if !first.is_plain() || first == Term::Gap {
        return None;
    }

    let several =
        |(terms, rest): (Vec<Term>, _), joint| (StatedValue { terms, joint, strength: Strength::Firm }, rest);
    for joint in [Joint::Commas, Joint::Then, Joint::Blanks] {
        if let Some(list) = list(text, joint.sign().trim()).filter(|(_, rest)| is_remark(rest)) {
            return Some(several(list, joint));
        }
    }

    let strength = if led && rest.starts_with(',') { Strength::Loose } else { strength(&first, rest)? };
    Some((StatedValue { terms: vec![first], joint: Joint::None, strength }, rest))
}

/// Two values or more, with `sign` between them.
fn list<'a>(text: &'a str, sign: &str) -> Option<(Vec<Term>, &'a str)> {
    let (first, mut rest) = front(text)?;
    let mut terms = vec![first];

    while let Some(next) = rest.trim_start().strip_prefix(sign) {
        let Some((term, after)) = front(next.trim_start()) else { break };
        // `1 (one)`: brackets after a blank are a remark.
        if !term.is_plain() || sign.is_empty() && (is_remark(rest) || next.len() == rest.len()) {
            break;
        }
        terms.push(term);
        rest = after;
    }

    (terms.len() > 1).then_some((terms, rest))
}

fn strength(term: &Term, rest: &str) -> Option<Strength> {
    if is_remark(rest) {
        return Some(Strength::Firm);
    }

    let number = matches!(term, Term::Integer(_) | Term::Float(_));
    // `12:30` is a time of the day.
    if number
        && rest.strip_prefix(':').is_some_and(|rest| rest.starts_with(|next: char| next.is_ascii_digit()))
    {
        return None;
    }

    let words = rest.trim_start();
    let reason = ["because ", "since ", "as "].iter().any(|word| words.starts_with(word));
    if !number && (rest.starts_with([',', ':', ';']) || reason) {
        Some(Strength::Loose)
    } else {
        rest.starts_with([' ', ',', ';', ':']).then_some(Strength::Faint)
    }
}

/// Whether the rest after a value is a remark that does not question it: nothing, brackets, a dash, an arrow.
pub(super) fn is_remark(rest: &str) -> bool {
    let words = rest.trim();
    let dash = ["--", "-", "–", "—"].iter().find_map(|dash| words.strip_prefix(dash));
    // `10 - 20` is a range.
    let dashed = dash.is_some_and(|words| {
        words.starts_with(' ') && !words.trim_start().starts_with(|next: char| next.is_ascii_digit())
    });

    words.trim_end_matches(['!', '.']).is_empty()
        || rest.starts_with(' ') && (dashed || words.starts_with(['(', '←', '#']) || words.starts_with("<-"))
        || rest.starts_with("! ")
}

#[cfg(test)]
mod tests {
    use super::{CommentMeaning, Joint, Strength, read};

    /// The kind of what is said and its core.
    #[track_caller]
    fn check(comment: &str, kind: &str, core: &str) {
        let reading = read(comment);
        let found = match &reading.meaning {
            CommentMeaning::Value(value) => match (value.strength, value.joint) {
                (Strength::Firm, Joint::None) => "value",
                (Strength::Firm, Joint::Commas | Joint::Then) => "list",
                (Strength::Firm, Joint::Blanks) => "row",
                (Strength::Loose, _) => "loose",
                (Strength::Faint, _) => "faint",
            },
            CommentMeaning::Quantity(_) => "quantity",
            CommentMeaning::Error(_) => "error",
            CommentMeaning::Success => "success",
            CommentMeaning::Type(_) => "type",
            CommentMeaning::Complaint => "complaint",
            CommentMeaning::Words => "words",
            CommentMeaning::Marker => "marker",
        };
        assert_eq!((found, &comment[reading.core]), (kind, core), "{comment}");
    }

    /// The comments of each kind, with the part that says something.
    const READINGS: &[(&str, &[(&str, &str)])] = &[
        (
            "value",
            &[
                (" 3", "3"),
                (" 3 (one more)", "3"),
                (" True - same object", "True"),
                (" 'a' (again)", "'a'"),
                (" [] - gone!", "[]"),
                (" () (none)", "()"),
                (" => 3", "3"),
                (" Output: 3", "3"),
                (" prints [1]", "[1]"),
                (" returns None!", "None"),
                (" (1+2)*3 = 9", "9"),
                (" <class 'int'>", "<class 'int'>"),
                (" Counter({'a': 1})", "Counter({'a': 1})"),
            ],
        ),
        (
            "list",
            &[
                (" 5, 4, 3", "5, 4, 3"),
                (" 1, 2, ... (and so on)", "1, 2, ..."),
                (" [1] then []", "[1] then []"),
            ],
        ),
        (
            "loose",
            &[
                (" returns 3, an integer", "3"),
                (" True, because", "True"),
                (" no error, returns 'ab'", "'ab'"),
            ],
        ),
        (
            "faint",
            &[
                (" 3, an integer", "3"),
                (" 3 rows", "3"),
                (" True if both are", "True"),
                (" 10 - 20 rows", "10"),
            ],
        ),
        ("row", &[(" 1 2", "1 2"), (" 'a' 1", "'a' 1")]),
        (
            "quantity",
            &[(" ~3 seconds", "~3 seconds"), (" 28 bytes (integer)", "28 bytes"), (" about 5!", "about 5")],
        ),
        (
            "error",
            &[
                (" AttributeError", "AttributeError"),
                (" raises ValueError", "ValueError"),
                (" raises a ValueError", "ValueError"),
                (" -> an IndexError: no", "IndexError"),
                (" warns DeprecationWarning: use f", "DeprecationWarning"),
                (" raises an error (no such key)", "raises an error (no such key)"),
                (" TypeError!", "TypeError"),
                (" KeyError: 'x'", "KeyError"),
                (" json.JSONDecodeError (again)", "json.JSONDecodeError"),
                (" StopIteration", "StopIteration"),
            ],
        ),
        (
            "complaint",
            &[
                (" a ValueError", "a ValueError"),
                (" no KeyError here", "no KeyError here"),
                (" Error!", "Error!"),
                (" Type error!", "Type error!"),
                (" Error: no such key", "Error: no such key"),
                (" ValueError is caught below", "ValueError is caught below"),
            ],
        ),
        ("success", &[(" OK", "OK"), (" (no IndexError)", "(no IndexError)")]),
        ("type", &[(" Type: int", "Type: int")]),
        (
            "words",
            &[
                (" dark", "dark"),
                (" 12:30 (noon)", "12:30 (noon)"),
                (" (first, second)", "(first, second)"),
                (" [5:10]", "[5:10]"),
                (" prints the name", "the name"),
                (" refcount = 1", "refcount = 1"),
                (" x", "x"),
                ("", ""),
            ],
        ),
        (
            "marker",
            &[
                (" type: ignore", "type: ignore"),
                (" noqa: E501", "noqa: E501"),
                ("> 3", "> 3"),
                (" (1)!", "(1)!"),
                (" (1)", "(1)"),
            ],
        ),
    ];

    #[test]
    fn comments() {
        for (kind, comments) in READINGS {
            for (comment, core) in *comments {
                check(comment, kind, core);
            }
        }
    }
}
