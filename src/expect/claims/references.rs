//! Comments that count the references to an object: `y = x  # refcount = 2`.

use std::ops::Range;

use crate::expect::claims::doing::Doing;
use crate::model::snippet::Look;

/// What is counted, in the words of those who count.
const WORDS: [&str; 4] = ["refcount", "ref count", "reference count", "ref-count"];

/// What leads from there to the number.
const SIGNS: [&str; 11] =
    ["is now", "is still", "drops to", "goes to", "becomes", "is", "now", "==", "=", ":", "->"];

/// A comment that counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Count {
    /// Whose references; unsaid where the statement says it.
    pub(super) name: Option<String>,
    /// Where the number stands.
    pub(super) number: Range<usize>,
}

/// `refcount = 2 (so far)`, `node's refcount is now 1`, `Both refcount = 1`
pub(super) fn read(comment: &str) -> Option<Count> {
    // ASCII letters keep their places.
    let lower = comment.to_ascii_lowercase();
    let (at, word) = WORDS.iter().filter_map(|word| lower.find(word).map(|at| (at, word))).min()?;
    let name = match comment[..at].trim() {
        "" => None,
        each if ["both", "each", "its", "the", "their"].contains(&&*each.to_ascii_lowercase()) => None,
        name => Some(name.strip_suffix("'s").unwrap_or(name).trim_matches('`')),
    };
    if name.is_some_and(|name| !is_name(name)) {
        return None;
    }
    let after = &comment[at + word.len()..];
    let after = after.strip_prefix('s').unwrap_or(after).trim_start();
    let sign = SIGNS
        .iter()
        .find(|sign| after.get(..sign.len()).is_some_and(|start| start.eq_ignore_ascii_case(sign)))?;
    let rest = after[sign.len()..].trim_start();
    let digits = rest.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(rest.len());
    let start = comment.len() - rest.len();
    let behind = rest[digits..].trim_start();
    let ends = behind.is_empty()
        || behind.get(..4).is_some_and(|word| word.eq_ignore_ascii_case("each"))
        || rest[digits..].starts_with([' ', '!', ',', ';'])
            && behind.starts_with(|sign: char| !sign.is_alphanumeric());
    // `2 + 1` is a sum.
    let sum = behind.starts_with(['+', '*', '/'])
        || behind.starts_with("- ") && behind[2..].starts_with(|next: char| next.is_ascii_digit());
    (digits > 0 && ends && !sum)
        .then(|| Count { name: name.map(str::to_owned), number: start..start + digits })
}

fn is_name(text: &str) -> bool {
    let letter = |letter: char| letter.is_alphanumeric() || letter == '_';
    text.chars().all(letter) && !text.starts_with(|first: char| first.is_ascii_digit()) && !text.is_empty()
}

/// The object that comments count on their way down the code, by a name that it has there.
#[derive(Debug, Default)]
pub(super) struct Subject(Option<String>);

impl Subject {
    /// What is to be looked at for a comment beside a statement of the module. Nothing where nobody knows what is counted.
    pub(super) fn looks(&mut self, count: &Count, doing: &Doing) -> Vec<Look> {
        if let Some(name) = &count.name {
            if let Doing::Deletes(names) = doing
                && names.contains(name)
            {
                return vec![Look::Leftovers { name: name.clone() }];
            }
            return vec![Look::References { name: name.clone() }];
        }
        match doing {
            Doing::Deletes(names) => {
                return names.iter().map(|name| Look::Leftovers { name: name.clone() }).collect();
            }
            // What is made of the object holds it; what is made of others is another one.
            Doing::Assigns { target, from } => {
                if !self.0.as_ref().is_some_and(|subject| from.contains(subject)) {
                    self.0 = Some(target.clone());
                }
            }
            Doing::Calls(_) | Doing::Other => {}
        }
        self.0.iter().map(|name| Look::References { name: name.clone() }).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::{Count, Subject, read};
    use crate::expect::claims::doing::Doing;
    use crate::model::snippet::Look;
    use crate::syntax::Tree;

    #[track_caller]
    fn check(comment: &str, expected: Option<(Option<&str>, &str)>) {
        let found = read(comment);
        let found = found.as_ref().map(|Count { name, number }| (name.as_deref(), &comment[number.clone()]));
        assert_eq!(found, expected, "{comment}");
    }

    #[test]
    fn counts() {
        check(" refcount = 2", Some((None, "2")));
        check(" Reference count is now 1 (the list itself)", Some((None, "1")));
        check(" refcount: 0 → freed", Some((None, "0")));
        check(" both refcounts = 1 - a cycle", Some((None, "1")));
        check(" refcount = 1 each", Some((None, "1")));
        check(" leaf refcount = 3", Some((Some("leaf"), "3")));
        check(" leaf's refcount drops to 1!", Some((Some("leaf"), "1")));
    }

    #[test]
    fn prose_about_counts() {
        check(" refcount + 1 (the argument)", None);
        check(" refcount = 2 + 1", None);
        check(" refcount = 2 or more", None);
        check(" refcount goes up", None);
        check(" does not change the refcount = 2", None);
        check(" refcounting: 3 rules", None);
        check(" when refcount = 0 it is freed", None);
        check(" the count is 3", None);
    }

    #[test]
    fn one_object_all_the_way() {
        let mut subject = Subject::default();
        let count = Count { name: None, number: 0..1 };
        let mut check = |code: &str, expected: &[&str]| {
            let tree = Tree::parse(code);
            let looks = subject.looks(&count, &Doing::of(&tree.module().body[0]));
            let told: Vec<String> = looks
                .iter()
                .map(|look| match look {
                    Look::References { name } => name.clone(),
                    Look::Leftovers { name } => format!("-{name}"),
                    other => format!("{other:?}"),
                })
                .collect();
            assert_eq!(told, expected, "{code}");
        };
        check("f(y)", &[]);
        check("x = [1]", &["x"]);
        check("y = x", &["x"]);
        check("box = (x, 1)", &["x"]);
        check("box.clear()", &["x"]);
        check("del y", &["-y"]);
        check("z = {}", &["z"]);
        check("del z, x", &["-z", "-x"]);
    }
}
