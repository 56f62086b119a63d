//! Words that announce what a comment says, at its beginning or inside of it.

use crate::model::output_words::is_output_word;

/// Words that announce a value.
const LEADS: [&str; 45] = [
    ">>>",
    ">>",
    "✅",
    "✔",
    "✓",
    "-->",
    "==>",
    "=>",
    "->",
    "→",
    "⇒",
    "==",
    "=",
    "prints",
    "print",
    "printed",
    "outputs",
    "output",
    "expected output",
    "returns",
    "return",
    "returned",
    "gives",
    "yields",
    "results in",
    "result is",
    "result",
    "evaluates to",
    "value",
    "shows",
    "displays",
    "expected",
    "expect",
    "is",
    "now",
    "still",
    "raises",
    "raise",
    "throws",
    "will raise",
    "this raises",
    "warns",
    "emits",
    "issues",
    "triggers",
];

/// Verbs that announce a value at the end of a longer comment.
const VERBS: [&str; 5] = ["returns ", "prints ", "gives ", "outputs ", "yields "];

/// What stands before the words of a comment and says that they are output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lead {
    /// `Output:`
    Word,
    /// `->`
    Arrow,
}

/// The last lead before the words of a comment.
pub(super) fn lead(before: &str) -> Option<Lead> {
    let before = before.trim();
    if ["->", "=>", "→", "⇒", ">>"].iter().any(|arrow| before.ends_with(arrow)) {
        return Some(Lead::Arrow);
    }
    let word = before.strip_suffix(':')?.trim().to_ascii_lowercase();
    let outputs = ["output", "outputs", "expected output", "prints", "print", "printed", "displays", "shows"];
    outputs.contains(&word.as_str()).then_some(Lead::Word)
}

pub(super) fn without_lead(text: &str) -> &str {
    let mut core = text;
    // `Output: => 3`
    for _ in 0..2 {
        let lead = LEADS.iter().filter_map(|lead| {
            let start = core.get(..lead.len())?;
            let rest = &core[lead.len()..];
            let sign = !lead.ends_with(char::is_alphabetic);
            let apart = sign || rest.starts_with([' ', ':']);
            (start.eq_ignore_ascii_case(lead) && apart).then_some((lead.len(), rest))
        });

        let Some((_, rest)) = lead.max_by_key(|(length, _)| *length) else { break };
        let rest = rest.trim_start_matches([':', ' ', '\t']);
        if rest.is_empty() {
            break;
        }
        core = rest;
    }

    // `Salida: 3`
    if core.len() == text.len()
        && let Some((_, rest)) = core.split_once([':', '：']).filter(|(word, _)| is_output_word(word))
        && !rest.trim().is_empty()
    {
        core = rest.trim_start();
    }
    core
}

/// Lines without the sign or word that leads to the first one, or to each: `>>> a`, `>>> b`.
pub(super) fn without_leads(lines: &[String]) -> Vec<String> {
    let bare = |line: &String| without_lead(line.trim_start()).trim_end().to_owned();
    let has_sign =
        |line: &String| [">>", "=>", "->", "→", "⇒"].iter().any(|sign| line.trim_start().starts_with(sign));
    let is_each = lines.iter().all(has_sign);
    let stripped = |(number, line): (usize, &String)| {
        if number == 0 || is_each { bare(line) } else { line.trim().to_owned() }
    };
    lines.iter().enumerate().map(stripped).collect()
}

/// What follows the last verb of a comment that says something else first: `no surprise, prints 3`.
pub(super) fn after_verb(text: &str) -> Option<&str> {
    // Lower case changes no offsets, because only ASCII letters change.
    let lower = text.to_ascii_lowercase();
    let places = VERBS.iter().filter_map(|verb| lower.rfind(verb).map(|place| place + verb.len()));
    let end = places.max()?;

    let (before, rest) = text.split_at(end);
    let before = before.trim_end().trim_end_matches(char::is_alphabetic).trim_end();
    before.ends_with(['!', '.', ',', ';', '-', '–', '—']).then_some(rest)
}

/// The result of `(1 + 2) * 3 = 9`.
pub(super) fn after_arithmetic(text: &str) -> Option<&str> {
    let (sum, result) = text.split_once('=')?;
    let sign = |character: char| character.is_ascii_digit() || " ()+-*/^%._×".contains(character);
    let sum = sum.trim();
    let operation = sum.contains(['+', '-', '*', '/', '^', '%', '×']);
    (operation && sum.chars().all(sign)).then(|| result.trim_start())
}

#[cfg(test)]
mod tests {
    use super::{Lead, after_verb, lead, without_lead, without_leads};

    #[test]
    fn leads_of_lines() {
        for (lines, expected) in [
            (&[" >>> a", "     b"][..], &["a", "b"][..]),
            (&[" >>> a", " >>> b"], &["a", "b"]),
            (&[" => {", " }"], &["{", "}"]),
            (&[" a", " -> b"], &["a", "-> b"]),
        ] {
            let lines: Vec<String> = lines.iter().map(|line| (*line).to_owned()).collect();
            assert_eq!(without_leads(&lines), expected);
        }
    }

    #[test]
    fn leads() {
        for (text, expected) in [
            ("Output: => 3", "3"),
            ("--> 3", "3"),
            (">>> 3", "3"),
            (">> [1]", "[1]"),
            (">>>", ">>>"),
            ("✅ 3", "3"),
            ("prints 3", "3"),
            ("printing 3", "printing 3"),
            ("this raises KeyError", "KeyError"),
            ("=", "="),
            ("Salida: 3", "3"),
            ("出力: [1]", "[1]"),
            ("Salida: ", "Salida: "),
            ("warns DeprecationWarning", "DeprecationWarning"),
        ] {
            assert_eq!(without_lead(text), expected, "{text}");
        }
    }

    #[test]
    fn leads_of_outputs() {
        for (text, expected) in [
            (" Output: ", Some(Lead::Word)),
            (" prints:", Some(Lead::Word)),
            (" -> ", Some(Lead::Arrow)),
            (" >>> ", Some(Lead::Arrow)),
            (" Output: => ", Some(Lead::Arrow)),
            (" now ", None),
            (" value: ", None),
            (" prints ", None),
            ("", None),
        ] {
            assert_eq!(lead(text), expected, "{text}");
        }
    }

    #[test]
    fn verbs() {
        for (text, expected) in [
            ("no surprise, prints 3", Some("3")),
            ("Fine! Returns 'a' (quoted)", Some("'a' (quoted)")),
            ("the one that prints 3", None),
            ("prints 3", None),
            ("é, gives 3", Some("3")),
            ("nothing", None),
        ] {
            assert_eq!(after_verb(text), expected, "{text}");
        }
    }
}
