//! What comments say in prose: that a statement succeeds or fails, or the type of its value.

use crate::expect::claims::term::Term;
use crate::model::announced_error::is_nameless_error;

/// Words about a statement that raises nothing.
const SUCCESSES: [&str; 13] = [
    "ok",
    "okay",
    "this is ok",
    "also ok",
    "works",
    "works too",
    "works fine",
    "also works",
    "still works",
    "this works",
    "no error",
    "no exception",
    "succeeds",
];

/// Words before the name of a type.
const LEADS: [&str; 5] = ["type is ", "result is ", "infers: ", "infers ", "inferred as "];

const TYPES: [&str; 8] = ["int", "float", "str", "bool", "bytes", "list", "tuple", "dict"];

/// `no KeyError`, `(no IndexError!)`
pub(super) fn is_no_error(text: &str) -> bool {
    let text = text.trim();
    let inner = text.strip_prefix('(').and_then(|inner| inner.strip_suffix(')')).unwrap_or(text);
    let words: Vec<&str> = inner.trim_end_matches(['!', '.']).split(' ').collect();
    let is_name = |name: &str| {
        name.len() > "Error".len()
            && name.ends_with("Error")
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric())
    };
    matches!(words[..], ["no" | "No", name] if is_name(name))
}

/// `OK`, `Works (any sequence does)`, `second try - works!`
pub(super) fn is_success(text: &str) -> bool {
    let lower = text.trim().to_ascii_lowercase();
    let is_known = |part: &str| SUCCESSES.contains(&part.trim());
    let head = lower.find(['!', '.', ',', ':', ';', '(']).map_or(&*lower, |end| &lower[..end]);
    let (head, tail) = head.split_once(" - ").unwrap_or((head, ""));
    (is_known(head) || is_known(tail)) && !says_otherwise(&lower)
}

/// Whether a remark takes back that nothing is raised: `OK (fails at runtime)`.
fn says_otherwise(lower: &str) -> bool {
    let words =
        ["runtime error", "at runtime", "at run time", "when it runs", "type check", "mypy", "pyright"];
    words.iter().any(|words| lower.contains(words))
}

/// `Raises an error!`
pub(super) fn is_failure(text: &str) -> bool {
    is_nameless_error(text)
}

/// `Type: int`, `the checker infers: str`
pub(super) fn type_name(text: &str) -> Option<&str> {
    let text = text.trim().trim_end_matches(['!', '.']);
    let lower = text.to_ascii_lowercase();
    let after_lead = LEADS.iter().filter_map(|lead| lower.rfind(lead).map(|place| place + lead.len())).max();
    let name = after_lead.map_or_else(|| text.strip_prefix("Type: "), |place| text.get(place..))?;
    let name = name.split_once(" (").map_or(name, |(name, _)| name).trim();

    let (kind, items) = parts(name);
    let is_known = |name: &str| TYPES.contains(&name.to_ascii_lowercase().as_str());
    // `list` counts without items, `List` only with them.
    (is_known(kind) && (TYPES.contains(&kind) || items.is_some()) && items.is_none_or(is_known))
        .then_some(name)
}

/// `List[int]` as `List` and `int`.
fn parts(name: &str) -> (&str, Option<&str>) {
    let items = name.strip_suffix(']').and_then(|inner| inner.split_once('['));
    items.map_or((name, None), |(kind, items)| (kind, Some(items)))
}

/// Whether a value that reads like this is of a builtin type.
pub(super) fn is_of_type(name: &str, value: &Term) -> bool {
    let found = match value {
        Term::Integer(_) => "int",
        Term::Float(_) => "float",
        Term::Constant(constant) if constant != "None" => "bool",
        Term::Text(_) => "str",
        Term::Bytes(_) => "bytes",
        Term::List(_) => "list",
        Term::Tuple(_) => "tuple",
        Term::Dict(_) => "dict",
        Term::Constant(_) | Term::Name(_) | Term::Set(_) | Term::Call(..) | Term::Angle(_) | Term::Gap => {
            return false;
        }
    };

    let (kind, inner) = parts(name);
    let items = match value {
        Term::List(items) => &items[..],
        _ => &[],
    };

    found == kind.to_ascii_lowercase()
        && inner.is_none_or(|inner| found == "list" && items.iter().all(|item| is_of_type(inner, item)))
}

#[cfg(test)]
mod tests {
    use super::{is_failure, is_no_error, is_of_type, is_success, type_name};
    use crate::expect::claims::term::whole;

    #[test]
    fn successes() {
        for text in
            ["OK", "works!", "Also works (a list is one)", "third try - works!", "OK: any key will do"]
        {
            assert!(is_success(text), "{text}");
        }
        for text in [
            "it works when it is called",
            "ok_button",
            "works of art",
            "broken",
            "OK (a runtime error, which no checker finds)",
            "OK for mypy",
            "ok, fails at runtime",
            "",
        ] {
            assert!(!is_success(text), "{text}");
        }
    }

    #[test]
    fn errors_that_do_not_happen() {
        assert!(is_no_error(" (no IndexError)") && is_no_error("no KeyError!"));
        for text in ["no KeyError here", "no Error", "KeyError", "no errors", "no type-Error"] {
            assert!(!is_no_error(text), "{text}");
        }
    }

    #[test]
    fn failures() {
        assert!(is_failure(" Raises error!") && is_failure("this raises an exception."));
        assert!(!is_failure("raises an error if it is empty") && !is_failure("error"));
    }

    #[test]
    fn types() {
        for (text, expected) in [
            ("Type: int", Some("int")),
            ("the checker infers: str", Some("str")),
            ("Result is list!", Some("list")),
            ("result is dict (empty)", Some("dict")),
            ("type is integer", None),
            ("Type: Union[int, str]", None),
            ("Type: List[int]", Some("List[int]")),
            ("Type: List", None),
            ("Type: List[Union[int, str]]", None),
            ("an int", None),
        ] {
            assert_eq!(type_name(text), expected, "{text}");
        }
        for (name, value, expected) in [
            ("int", "3", true),
            ("int", "3.5", false),
            ("bool", "None", false),
            ("str", "'a'", true),
            ("List[int]", "[1, 2]", true),
            ("list[int]", "[1, 'a']", false),
        ] {
            assert_eq!(is_of_type(name, &whole(value).unwrap()), expected, "{name} | {value}");
        }
    }
}
