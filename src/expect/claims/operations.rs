//! Comments that name the operations of the interpreter: `return row[key]  # BINARY_SUBSCR`.

use crate::expect::claims::reading::is_remark;

/// The names of operations in a comment that has nothing else in it but a remark.
pub(super) fn read(comment: &str) -> Option<Vec<&str>> {
    let text = comment.trim();
    let part = |letter: char| letter.is_ascii_uppercase() || matches!(letter, '_' | ',' | ' ');
    let end = text.find(|letter: char| !part(letter)).unwrap_or(text.len());
    let list = text[..end].trim_end();
    let names: Vec<&str> = list.split(',').map(str::trim).collect();
    (is_remark(&text[list.len()..]) && names.iter().all(|name| is_operation(name))).then_some(names)
}

/// Whether a name is made of at least two words in capitals.
fn is_operation(name: &str) -> bool {
    let words: Vec<&str> = name.split('_').collect();
    words.len() > 1
        && words.iter().all(|word| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_uppercase()))
}

/// How many of the names in a comment are operations of its statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Known {
    All,
    /// The known names show that the others are meant as operations as well.
    Some,
    /// Words in capitals may mean anything.
    None,
}

pub(super) fn known(names: &[&str], real: &str) -> Known {
    let is_there = |name: &&&str| real.split(' ').any(|real| real == **name);
    match names.iter().filter(is_there).count() {
        0 => Known::None,
        count if count == names.len() => Known::All,
        _ => Known::Some,
    }
}

#[cfg(test)]
mod tests {
    use super::{Known, known, read};

    #[test]
    fn names() {
        for (comment, expected) in [
            (" BUILD_LIST", Some(vec!["BUILD_LIST"])),
            (" LOAD_CONST, RETURN_VALUE", Some(vec!["LOAD_CONST", "RETURN_VALUE"])),
            (" LOAD_CONST (folded)", Some(vec!["LOAD_CONST"])),
            (" TODO", None),
            (" NOT_LOADED yet", None),
            (" Load_Const", None),
            (" A_, _B", None),
            ("", None),
        ] {
            assert_eq!(read(comment), expected, "{comment}");
        }
    }

    #[test]
    fn some_known_names_vouch_for_others() {
        let real = "LOAD_FAST LOAD_METHOD PRECALL CALL";
        for (names, expected) in [
            (&["LOAD_FAST", "LOAD_METHOD"][..], Known::All),
            (&["LOAD_METHOD", "CALL_METHOD"], Known::Some),
            (&["MAX_SIZE"], Known::None),
        ] {
            assert_eq!(known(names, real), expected, "{names:?}");
        }
    }
}
