//! Whether two texts say the same to a reader.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use crate::expect::claims::term::{Term, whole};

/// Longer outputs are compared as text only.
const LONGEST: usize = 64 << 10;

/// Whether the actual text is what a comment says. Quotes, blanks, addresses and the order of sets and dicts do not
/// count; `...` stands for anything.
pub(super) fn is_equivalent(said: &str, real: &str) -> bool {
    let (said, real) = (plain(said), plain(real));
    // A text of nothing but dots says nothing.
    if said.chars().all(|letter| matches!(letter, '.' | ' ')) {
        return false;
    }

    if said == real || unquoted(&said) == real || fits(&said, &real) {
        return true;
    }
    if real.len() > LONGEST {
        return false;
    }

    match (whole(&said), whole(&real)) {
        (Some(said), Some(real)) => same(&said, &real),
        (Some(Term::Text(said)), None) => plain(&said) == real,
        _ => without_separators(&said).is_some_and(|said| without_separators(&real) == Some(said)),
    }
}

fn same(said: &Term, real: &Term) -> bool {
    let real = if matches!(said, Term::Call(..)) { real } else { real.scalar() };
    match (said, real) {
        (Term::Gap, _) => true,
        (Term::Text(said), Term::Name(real)) => said == real,
        (Term::Float(said), Term::Float(real)) => said == real || is_rounded(said, real),
        (Term::List(said), Term::List(real)) | (Term::Tuple(said), Term::Tuple(real)) => {
            are_equivalent(said, real)
        }
        (Term::Set(said), Term::Set(real)) => sets(said, real),
        (Term::Dict(said), Term::Dict(real)) => dicts(said, real),
        // `set()` and `{}` differ, and no comment has `Counter()` for `Counter({})`.
        (Term::Call(said, of_said), Term::Call(real, of_real)) => {
            home(said) == home(real) && arguments(of_said, of_real)
        }
        (Term::Angle(said), Term::Angle(real)) => said == real || fits(said, real),
        (said, real) => said == real,
    }
}

fn sets(said: &[Term], real: &[Term]) -> bool {
    let gaps = said.contains(&Term::Gap);
    let known: BTreeSet<String> = real.iter().map(canonical).collect();
    let listed: BTreeSet<String> = said.iter().filter(|item| **item != Term::Gap).map(canonical).collect();
    if gaps { listed.is_subset(&known) } else { listed == known }
}

/// Whether calls have equivalent arguments. A comment may leave names out, as a call does: `P(1)` for `P(x=1)`. Those that
/// it has count unless an argument is left out.
fn arguments(said: &[(String, Term)], real: &[(String, Term)]) -> bool {
    let gaps = said.iter().any(|(_, term)| *term == Term::Gap);
    if gaps {
        let terms =
            |arguments: &[(String, Term)]| arguments.iter().map(|(_, term)| term.clone()).collect::<Vec<_>>();
        return are_equivalent(&terms(said), &terms(real));
    }

    let argument = |(name, said): &(String, Term), (real_name, real): &(String, Term)| {
        (name == real_name || name.is_empty()) && same(said, real)
    };
    said.len() == real.len() && said.iter().zip(real).all(|(said, real)| argument(said, real))
}

fn dicts(said: &[(Term, Term)], real: &[(Term, Term)]) -> bool {
    let known: BTreeMap<String, &Term> = real.iter().map(|(key, value)| (canonical(key), value)).collect();
    let gaps = said.iter().any(|(key, _)| *key == Term::Gap);
    let mut listed = said.iter().filter(|(key, _)| *key != Term::Gap);

    (gaps || said.len() == real.len())
        && listed.all(|(key, value)| known.get(&canonical(key)).is_some_and(|real| same(value, real)))
}

/// Whether two sequences are equivalent item by item. A gap stands for any number of items.
pub(super) fn are_equivalent(said: &[Term], real: &[Term]) -> bool {
    let equal = |said: &[Term], real: &[Term]| said.iter().zip(real).all(|(said, real)| same(said, real));
    let mut parts = said.split(|item| *item == Term::Gap);
    let first = parts.next().unwrap_or_default();
    let parts: Vec<&[Term]> = parts.collect();
    let Some((last, middle)) = parts.split_last() else {
        return first.len() == real.len() && equal(first, real);
    };

    if first.len() + last.len() > real.len() || !equal(first, real) {
        return false;
    }
    let end = real.len() - last.len();
    if !equal(last, &real[end..]) {
        return false;
    }

    let mut rest = &real[first.len()..end];
    middle.iter().filter(|part| !part.is_empty()).all(|part| {
        let found = rest.windows(part.len()).position(|window| equal(part, window));
        found.is_some_and(|place| {
            rest = &rest[place + part.len()..];
            true
        })
    })
}

/// One spelling for all terms that say the same. A gap inside of a term is spelled like any other item.
fn canonical(term: &Term) -> String {
    let list = |items: &[Term]| items.iter().map(canonical).collect::<Vec<_>>();
    let term = term.scalar();
    let mut text = String::new();
    let written = match term {
        Term::Set(items) => {
            let mut items = list(items);
            items.sort();
            write!(text, "{{{}}}", items.join(","))
        }
        Term::Dict(items) => {
            let pair = |(key, value): &(Term, Term)| format!("{}:{}", canonical(key), canonical(value));
            let mut items: Vec<String> = items.iter().map(pair).collect();
            items.sort();
            write!(text, "{{{}}}", items.join(","))
        }
        Term::List(items) => write!(text, "[{}]", list(items).join(",")),
        Term::Tuple(items) => write!(text, "({})", list(items).join(",")),
        Term::Call(name, arguments) => {
            let argument = |(name, value): &(String, Term)| format!("{name}={}", canonical(value));
            let arguments: Vec<String> = arguments.iter().map(argument).collect();
            write!(text, "{}({})", home(name), arguments.join(","))
        }
        Term::Integer(_)
        | Term::Float(_)
        | Term::Constant(_)
        | Term::Text(_)
        | Term::Bytes(_)
        | Term::Name(_)
        | Term::Angle(_)
        | Term::Gap => write!(text, "{term:?}"),
    };

    written.expect("writing to a string cannot fail");
    text
}

/// Whether the first number is the second with fewer digits. A difference in the last bits of a float alone is an error
/// of computation, and no rounding.
fn is_rounded(said: &str, real: &str) -> bool {
    let (Some((_, decimals)), Ok(short), Ok(long)) =
        (said.split_once('.'), said.parse::<f64>(), real.parse::<f64>())
    else {
        return false;
    };
    let is_shorter =
        decimals.len() >= 2 && decimals.len() + 2 < real.split_once('.').map_or(0, |(_, rest)| rest.len());

    let off = (short - long).abs();
    let digits = decimals.len();

    is_shorter
        && off > long.abs() * 1e-12
        && (format!("{long:.digits$}") == format!("{short:.digits$}") || real.starts_with(said))
}

/// The name of a class without `__main__`, which authors leave out.
fn home(name: &str) -> &str {
    name.strip_prefix("__main__.").unwrap_or(name)
}

/// The text with single blanks, without addresses, and without `__main__` before the names of classes.
fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut parts = text.split("0x");
    plain.push_str(parts.next().unwrap_or_default());

    for part in parts {
        let digits = part.find(|character: char| !character.is_ascii_hexdigit()).unwrap_or(part.len());
        plain.push_str("0x");
        // Addresses are long; a short number is a value.
        plain.push_str(if digits >= 8 || plain.ends_with("at 0x") { &part[digits..] } else { part });
        if plain.ends_with("at 0x...") {
            plain.truncate(plain.len() - 3);
        }
    }

    let words: Vec<&str> = plain.split_whitespace().collect();
    words.join(" ").replace("__main__.", "").replace("at 0x...", "at 0x")
}

/// Whether `real` is `said` with something in place of each `...`.
fn fits(said: &str, real: &str) -> bool {
    let mut parts = said.split("...");
    let first = parts.next().unwrap_or_default();
    let parts: Vec<&str> = parts.collect();
    let Some((last, middle)) = parts.split_last() else { return said == real };
    let Some(rest) = real.strip_prefix(first.trim_end()) else { return false };
    let Some(mut rest) = rest.strip_suffix(last.trim_start()) else { return false };

    middle.iter().all(|part| {
        let part = part.trim();
        rest.find(part).is_some_and(|place| {
            rest = &rest[place + part.len()..];
            true
        })
    })
}

fn unquoted(text: &str) -> &str {
    let inside = |quote: char| text.strip_prefix(quote)?.strip_suffix(quote);
    inside('"').or_else(|| inside('\'')).unwrap_or(text)
}

/// `1,000` and `1_000` as `1000`.
fn without_separators(text: &str) -> Option<String> {
    let number = !text.is_empty()
        && text.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b',' | b'_' | b'.' | b'-'));
    number.then(|| text.replace([',', '_'], ""))
}

#[cfg(test)]
mod tests {
    use super::is_equivalent;

    #[test]
    fn the_same_to_a_reader() {
        for (said, real) in [
            ("3", "3"),
            ("'a'", "a"),
            ("\"a b\"", "a b"),
            ("'a'", "\"a\""),
            ("[1,2,  3]", "[1, 2, 3]"),
            ("['a', 'b']", "[\"a\", \"b\"]"),
            ("1_000", "1000"),
            ("1,000,000", "1000000"),
            ("1000", "1,000"),
            ("2.50", "2.5"),
            ("{3, 1, 2}", "{1, 2, 3}"),
            ("{'b': 2, 'a': {2, 1}}", "{'a': {1, 2}, 'b': 2}"),
            ("{'a': 1, ...}", "{'a': 1, 'b': 2}"),
            ("[1, ..., 9]", "[1, 2, 3, 9]"),
            ("[1, 2, ...]", "[1, 2, 3, 4]"),
            ("P(x=1, ...)", "P(x=1, y=2)"),
            ("P(1, y='a')", "P(x=1, y='a')"),
            ("[P(1), P(2)]", "[P(x=1), P(x=2)]"),
            ("<P object at 0x7f3a>", "<__main__.P object at 0x7fabc0123456>"),
            ("<P object at 0x...>", "<P object at 0x7fabc0123456>"),
            ("0x7f8b2c3d4e50", "0x7fabc0123456"),
            ("<class 'P'>", "<class '__main__.P'>"),
            ("{'p': <class 'P'>}", "{'p': <class '__main__.P'>}"),
            ("Hello ... you", "Hello to all of you"),
            ("3.14...", "3.14159"),
            ("0.667", "0.6666666666666666"),
            ("0.66", "0.6666666666666666"),
            ("[-1.41, 3.1415926535]", "[-1.4142135623730951, 3.141592653589793]"),
            ("{0: [1]}", "{0: [1]}"),
            ("2.5", "np.float64(2.5)"),
            ("[1, 2.5]", "[np.int64(1), np.float64(2.5)]"),
            ("(0.667, True)", "(np.float64(0.6666666666666666), np.True_)"),
            ("{'m': 2.5, 'n': {1}}", "{'m': np.float32(2.5), 'n': {np.uint8(1)}}"),
            ("np.float64(2.5)", "np.float64(2.5)"),
            ("'a'", "np.str_('a')"),
        ] {
            assert!(is_equivalent(said, real), "{said} | {real}");
        }
    }

    #[test]
    fn not_the_same() {
        for (said, real) in [
            ("3", "4"),
            ("3", "3.0"),
            ("0.3", "0.30000000000000004"),
            ("1.21", "1.2100000000000002"),
            ("0.7", "0.6666666666666666"),
            ("0.68", "0.6666666666666666"),
            ("2.68", "2.675"),
            ("'3'", "[3]"),
            ("[1, 2]", "[2, 1]"),
            ("[1, 2]", "(1, 2)"),
            ("{1, 2}", "{1, 2, 3}"),
            ("{'a': 1}", "{'a': 1, 'b': 2}"),
            ("[1, ..., 9]", "[1, 2, 3]"),
            ("[1, 2, ...]", "[1]"),
            ("P(x=1)", "Q(x=1)"),
            ("P(x=1)", "P(y=1)"),
            ("P(x=1)", "P(1)"),
            ("P(2)", "P(x=1)"),
            ("P(1)", "P(x=1, y=2)"),
            ("0xff", "0xfe"),
            ("2.6", "np.float64(2.5)"),
            ("[1, 2]", "[np.int64(1), np.int64(3)]"),
            ("np.float32(2.5)", "np.float64(2.5)"),
            ("3", "np.array(3)"),
            ("...", "anything"),
            ("True", "False"),
            ("", "x"),
        ] {
            assert!(!is_equivalent(said, real), "{said} | {real}");
        }
    }
}
