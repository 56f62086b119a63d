//! Writes a false comment anew so that it is true.

use crate::expect::claims::comment::{Says, StatementComment};
use crate::expect::claims::reading::{self, CommentMeaning, CommentReading, Joint};
use crate::expect::claims::term::{Term, whole};

/// Bytes of a line; a longer one is not written into a document.
const WIDEST: usize = 200;

/// Lines of code that replace those of the comment; `None` if the actual result cannot be written there, or would not
/// make the comment true.
pub(super) fn correct(
    comment: &StatementComment,
    actual: &str,
    holds: impl Fn(&StatementComment) -> bool,
) -> Option<Vec<String>> {
    let actual = actual.trim();
    if actual.contains("0x") || actual.chars().any(|letter| letter.is_control() && letter != '\n') {
        return None;
    }

    let corrected = match &comment.says {
        Says::Line(CommentReading { meaning: CommentMeaning::Value(value), core }) => {
            let single = actual.lines().nth(1).is_none();
            let words = match (value.joint, &value.terms[..]) {
                (_, terms) if terms.iter().any(|term| term.has_gap() || matches!(term, Term::Angle(_))) => {
                    return None;
                }
                (Joint::None, [Term::Text(_)]) if single => quoted(&comment.lines[0][core.clone()], actual),
                (Joint::None, [term]) if single && whole(actual).is_some_and(|real| is_bare(term, &real)) => {
                    without_wrappers(actual)
                }
                (Joint::None, _) if single => actual.to_owned(),
                (Joint::None, _) => return None,
                (joint, _) => actual.lines().collect::<Vec<_>>().join(joint.sign()),
            };
            let line = &comment.lines[0];
            let line = format!("{}{words}{}", &line[..core.start], &line[core.end..]);
            let reading = reading::read(&line);
            if !matches!(reading.meaning, CommentMeaning::Value(_)) {
                return None;
            }
            StatementComment { lines: vec![line], says: Says::Line(reading), ..comment.clone() }
        }
        // An arrow before a value on several lines would be lost.
        Says::Block(_) | Says::Lines if comment.led_text() != comment.text() => return None,
        Says::Block(_) => {
            let lines: Vec<String> = actual.lines().map(|line| format!(" {line}")).collect();
            let says = Says::Block(reading::block(&lines.join("\n"))?);
            StatementComment { lines, says, ..comment.clone() }
        }
        // Words that are nearly the output give way to it, a remark after them included.
        Says::Line(CommentReading { meaning: CommentMeaning::Words | CommentMeaning::Complaint, core })
            if actual.lines().nth(1).is_none() =>
        {
            let line = &comment.lines[0];
            let words = whole(actual)
                .filter(|term| matches!(term, Term::Text(_)))
                .map_or_else(|| actual.to_owned(), |_| actual[1..actual.len() - 1].to_owned());
            let line = format!("{}{words}{}", &line[..core.start], &line[core.end..]);
            let says = Says::Line(reading::read(&line));
            StatementComment { lines: vec![line], says, ..comment.clone() }
        }
        Says::Lines if comment.lines.iter().any(|line| matches!(line.trim(), "..." | "…")) => return None,
        Says::Lines => {
            let lines: Vec<String> =
                actual.lines().map(|line| format!(" {line}").trim_end().to_owned()).collect();
            StatementComment { lines, ..comment.clone() }
        }
        Says::Line(_) => return None,
    };
    let lines: Vec<String> =
        corrected.lines.iter().map(|line| format!("{}#{line}", comment.margin)).collect();
    (lines.iter().all(|line| line.len() <= WIDEST) && holds(&corrected)).then_some(lines)
}

/// Whether a document spells one of numpy's scalars as its value alone.
fn is_bare(said: &Term, real: &Term) -> bool {
    !matches!(said, Term::Call(..)) && real.scalar() != real
}

/// `2.5` for `np.float64(2.5)`
fn without_wrappers(actual: &str) -> String {
    let inner = actual.split_once('(').and_then(|(_, inner)| inner.strip_suffix(')'));
    inner.unwrap_or(actual).to_owned()
}

/// The text in the same quotes as the old words.
fn quoted(old: &str, actual: &str) -> String {
    let quote = if old.starts_with('\'') { '\'' } else { '"' };
    if actual.starts_with(['\'', '"']) && actual.len() > 1 && actual.ends_with(['\'', '"']) {
        return actual.to_owned();
    }

    let mut text = String::from(quote);
    for letter in actual.chars() {
        if letter == quote || letter == '\\' {
            text.push('\\');
        }
        text.push(letter);
    }
    text.push(quote);
    text
}
