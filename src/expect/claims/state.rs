//! Comments that name what they tell the value of: `stack.push(1)  # items = [1]`.

use std::ops::Range;

use crate::expect::claims::doing::Doing;
use crate::expect::claims::said::{Strength, Value, value};
use crate::model::snippet::Look;

/// A name and the value that it is said to have.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct State {
    name: String,
    pub(super) value: Value,
    /// Where the value stands.
    pub(super) core: Range<usize>,
}

/// `x = 3 (again)`, `Items: [1, 2]`
pub(super) fn read(comment: &str) -> Option<State> {
    let text = comment.trim_start();
    let letter = |letter: char| letter.is_alphanumeric() || letter == '_';
    let (name, rest) = text.split_at(text.find(|sign| !letter(sign)).unwrap_or(text.len()));
    if !name.starts_with(|first: char| first.is_alphabetic() || first == '_') {
        return None;
    }
    let rest = rest.trim_start();
    let signs = ["==", "=", ":", "is now "];
    let rest = signs.iter().find_map(|sign| rest.strip_prefix(sign))?.trim_start();
    let (value, after) = value(rest, true)?;
    let start = comment.len() - rest.len();
    (value.strength == Strength::Firm).then(|| State {
        name: name.to_owned(),
        value,
        core: start..comment.len() - after.len(),
    })
}

impl State {
    /// What is to be looked at behind a statement that has to do with the name.
    pub(super) fn look(&self, doing: &Doing) -> Option<Look> {
        match doing {
            Doing::Assigns { target, .. } => (*target == self.name).then_some(Look::Value),
            Doing::Calls(receiver) => {
                let attribute = (*receiver != self.name).then(|| self.name.to_lowercase());
                Some(Look::State { name: receiver.clone(), attribute })
            }
            Doing::Deletes(_) | Doing::Other => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::read;
    use crate::expect::claims::doing::Doing;
    use crate::model::snippet::Look;

    #[test]
    fn names_and_values() {
        for (comment, expected) in [
            (" x = 3", Some(("x", "3"))),
            (" x == [1, 2] (sorted)", Some(("x", "[1, 2]"))),
            (" Items: []", Some(("Items", "[]"))),
            (" x is now 'a'!", Some(("x", "'a'"))),
            (" x = y", None),
            (" x = 3 rows", None),
            (" Note: the 3 rows", None),
            (" x is 3", None),
            (" 3 = x", None),
            (" x.y = 3", None),
        ] {
            let found = read(comment);
            let found = found.as_ref().map(|state| (&*state.name, &comment[state.core.clone()]));
            assert_eq!(found, expected, "{comment}");
        }
    }

    #[test]
    fn whose_they_are() {
        let state = read(" Items: [1]").unwrap();
        let calls = |name: &str| Doing::Calls(name.to_owned());
        let assigns = |target: &str| Doing::Assigns { target: target.to_owned(), from: Vec::new() };
        let of = |name: &str, attribute: Option<&str>| {
            Some(Look::State { name: name.to_owned(), attribute: attribute.map(str::to_owned) })
        };
        assert_eq!(state.look(&calls("box")), of("box", Some("items")));
        assert_eq!(state.look(&calls("Items")), of("Items", None));
        assert_eq!(state.look(&assigns("Items")), Some(Look::Value));
        assert_eq!(state.look(&assigns("box")), None);
        assert_eq!(state.look(&Doing::Other), None);
    }
}
