//! Whether a result that a document states could be that of another run, going by the results of several runs.
//!
//! Chance excuses what it can bring about: another order of the same words, another draw, another address or time. The
//! words beside it stay what they are.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use regex::Regex;

/// Results after which a value that was never drawn is taken for one that cannot be drawn, if no other value was drawn
/// only once.
pub(crate) const ENOUGH: usize = 12;
/// Results after which a value that differs each time may be any value.
const FEW: usize = 4;
/// Words of a text that are compared: the first ones.
const WORDS: usize = 4096;

/// What the results of several runs say of a stated one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Possibility {
    /// All results are the same, and the stated one has other words.
    Fixed,
    /// All results are the same, and the stated one has the same words in another order.
    Reordered,
    /// The results differ, and no run can have the stated one.
    Impossible,
    /// The results differ, and more of them are needed.
    Open,
    /// Another run may have the stated result.
    Possible,
}

static WRAPPED: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"\b(?:np|numpy)\.(?:str|bytes|bool|float|int|uint|longdouble|complex)[0-9_]*\(([^()]*)\)")
});
/// The microseconds of a moment. A session's clock hardly has any.
static MICROSECONDS: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(\bdatetime\.(?:date)?time\([0-9]+(?:, [0-9]+){2,5}), [0-9]+(\)|, tz)"));
/// The same as `logging` and ISO 8601 write them.
static FRACTION: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"\b([0-9]{1,2}:[0-9]{2}:[0-9]{2})[.,](?:[0-9]{3}|[0-9]{6})\b"));
static MARKER: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?im)[ \t]*#[^#\n]*\b(?:may vary|random)\b.*$"));
static TOKEN: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"0x[0-9a-fA-F.…]*|[0-9]+\.[0-9]+(?:[eE][+-]?[0-9]+)?\b|[0-9]+[eE]-[0-9]+\b|\.\.\.|\w+|[^\w\s'\x22]",
    )
});

fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("the pattern is tested")
}

/// Whether the stated result could be that of another run. `results` are those of runs that differ in all that may
/// differ by chance; none of them is the stated one.
pub(crate) fn possibility(stated: &str, results: &[&str]) -> Possibility {
    let plain: Vec<String> = results.iter().map(|result| unwrapped(result)).collect();
    let results: Vec<Vec<&str>> = plain.iter().map(|result| tokens(result)).collect();
    let stated = MARKER.replace_all(stated, "");
    let stated = unwrapped(&stated);
    let stated = tokens(&stated);
    let Some((first, others)) = results.split_first() else { return Possibility::Open };

    let sorted_first = sorted(first);
    let are_reordered = others.iter().all(|other| sorted(other) == sorted_first);
    if others.iter().all(|other| other == first) {
        let is_reordered = first.len() > 1 && stated != *first && sorted(&stated) == sorted_first;
        return if is_reordered { Possibility::Reordered } else { Possibility::Fixed };
    }

    let elides = stated.iter().any(|token| is_elision(token));
    if are_reordered {
        let possible = if elides { is_part(&stated, &sorted_first) } else { sorted(&stated) == sorted_first };
        return if possible { Possibility::Possible } else { Possibility::Impossible };
    }

    if elides || others.iter().any(|other| other.len() != first.len()) {
        // The words that every result has are those that do not depend on chance.
        let has_fixed = elides || fixed_words(&results).iter().all(|word| stated.contains(word));
        let drawn: BTreeSet<&str> = results.iter().flatten().copied().collect();
        // One word of each class stands for all of them.
        let classes: Vec<&str> = results.iter().flatten().fold(Vec::new(), |mut found, word| {
            if !found.iter().any(|known| class(known) == class(word)) {
                found.push(word);
            }
            found
        });
        let may_be_drawn = |token: &&str| {
            let is_like = |word: &&str| are_comparable(token, word);
            is_elision(token) || drawn.contains(token) || classes.iter().any(is_like)
        };
        return if has_fixed && stated.iter().all(may_be_drawn) {
            Possibility::Possible
        } else {
            Possibility::Impossible
        };
    }
    if stated.len() != first.len() {
        return Possibility::Impossible;
    }

    let places = (0..first.len()).map(|place| {
        let drawn: Vec<&str> = results.iter().map(|result| result[place]).collect();
        at_one_place(stated[place], &drawn)
    });
    let found: Vec<Possibility> = places.collect();
    let is = |wanted| found.contains(&wanted);
    if is(Possibility::Impossible) {
        Possibility::Impossible
    } else if is(Possibility::Open) {
        Possibility::Open
    } else {
        Possibility::Possible
    }
}

/// Whether a word can stand where the results have these.
fn at_one_place(stated: &str, drawn: &[&str]) -> Possibility {
    if drawn.contains(&stated)
        || class(stated) == TokenClass::Address && drawn.iter().all(|word| class(word) == TokenClass::Address)
    {
        return Possibility::Possible;
    }
    if drawn.iter().all(|word| *word == drawn[0]) {
        // `1.0` and `1.00` are one number.
        let is_same = number(stated).is_some() && number(stated) == number(drawn[0]);
        return if is_same { Possibility::Possible } else { Possibility::Impossible };
    }
    if !drawn.iter().any(|word| are_comparable(stated, word)) {
        return Possibility::Impossible;
    }

    let numbers: Vec<f64> = drawn.iter().filter_map(|word| number(word)).collect();
    if let Some(stated) = number(stated)
        && numbers.iter().any(|number| *number <= stated)
        && numbers.iter().any(|number| *number >= stated)
    {
        return Possibility::Possible;
    }

    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for word in drawn {
        *counts.entry(word).or_default() += 1;
    }
    let once = counts.values().filter(|count| **count == 1).count();

    // Few whole numbers that come again and again are all there are.
    let whole: Vec<i64> = drawn.iter().filter_map(|word| word.parse().ok()).collect();
    if let (Ok(stated), Some(least), Some(most)) =
        (stated.parse::<i64>(), whole.iter().min(), whole.iter().max())
        && drawn.len() >= ENOUGH
        && counts.len() * 2 <= drawn.len()
    {
        let margin = most.saturating_sub(*least) / 4 + 1;
        let is_near = (least.saturating_sub(margin)..=most.saturating_add(margin)).contains(&stated);
        return if is_near { Possibility::Possible } else { Possibility::Impossible };
    }

    // The share of values that were drawn once estimates how likely a new value is.
    if drawn.len() >= ENOUGH {
        if once == 0 { Possibility::Impossible } else { Possibility::Possible }
    } else if drawn.len() >= FEW && once == drawn.len() && !is_far(stated, &numbers) {
        Possibility::Possible
    } else {
        Possibility::Open
    }
}

/// Whether a number is further from those that were drawn than these are from each other.
fn is_far(stated: &str, drawn: &[f64]) -> bool {
    let (least, most) = drawn
        .iter()
        .fold((f64::MAX, f64::MIN), |(least, most), number| (least.min(*number), most.max(*number)));
    let spread = most - least;
    !drawn.is_empty()
        && number(stated).is_some_and(|stated| stated < least - spread || stated > most + spread)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum TokenClass {
    Address,
    Number,
    /// Letters and digits, as in a key that was drawn.
    Mixed,
    Word,
    Sign,
}

fn class(token: &str) -> TokenClass {
    let has = |found: fn(char) -> bool| token.chars().any(found);
    if token.starts_with("0x") {
        TokenClass::Address
    } else if number(token).is_some() {
        TokenClass::Number
    } else if has(|letter| letter.is_ascii_digit()) {
        TokenClass::Mixed
    } else if has(char::is_alphabetic) {
        TokenClass::Word
    } else {
        TokenClass::Sign
    }
}

fn number(token: &str) -> Option<f64> {
    token.starts_with(|first: char| first.is_ascii_digit()).then(|| token.replace('_', "").parse().ok())?
}

fn are_comparable(one: &str, other: &str) -> bool {
    match (class(one), class(other)) {
        (TokenClass::Mixed, TokenClass::Number | TokenClass::Word | TokenClass::Mixed)
        | (TokenClass::Number | TokenClass::Word, TokenClass::Mixed) => true,
        (one, other) => one == other,
    }
}

/// Words that stand in every result as often as in any other. Numbers and signs may be there by chance.
fn fixed_words<'a>(results: &[Vec<&'a str>]) -> Vec<&'a str> {
    let Some((first, others)) = results.split_first() else { return Vec::new() };
    let others: Vec<_> = others.iter().map(|other| counted(other)).collect();
    let is_fixed = |(word, count): &(&str, usize)| {
        class(word) == TokenClass::Word && others.iter().all(|other| other.get(word) == Some(count))
    };
    counted(first).into_iter().filter(is_fixed).map(|(word, _)| word).collect()
}

fn is_elision(token: &str) -> bool {
    matches!(token, "..." | "…")
}

/// Whether each word but an elision is among the sorted ones, as often as it is stated.
fn is_part(stated: &[&str], all: &[&str]) -> bool {
    let (stated, all) = (counted(stated), counted(all));
    let mut words = stated.iter().filter(|(token, _)| !is_elision(token) && class(token) != TokenClass::Sign);
    words.all(|(word, count)| all.get(word).is_some_and(|others| count <= others))
}

/// How often each word stands there.
fn counted<'a>(tokens: &[&'a str]) -> BTreeMap<&'a str, usize> {
    let mut counts = BTreeMap::new();
    for token in tokens {
        *counts.entry(*token).or_default() += 1;
    }
    counts
}

fn sorted<'a>(tokens: &[&'a str]) -> Vec<&'a str> {
    let mut tokens = tokens.to_vec();
    tokens.sort_unstable();
    tokens
}

/// The text without what does not count: `__main__` before names, the types of numpy's numbers, microseconds.
fn unwrapped(text: &str) -> String {
    let text = text.replace("__main__.", "").replace("np.True_", "True").replace("np.False_", "False");
    let text = WRAPPED.replace_all(&text, "$1");
    let text = MICROSECONDS.replace_all(&text, "$1$2");
    FRACTION.replace_all(&text, "$1").into_owned()
}

fn tokens(text: &str) -> Vec<&str> {
    TOKEN.find_iter(text).take(WORDS).map(|token| token.as_str()).collect()
}

#[cfg(test)]
mod tests {
    use super::{Possibility, possibility};

    #[track_caller]
    fn check(stated: &str, results: &[&str], expected: Possibility) {
        assert_eq!(possibility(stated, results), expected, "{stated} {results:?}");
    }

    #[test]
    fn results_that_stay() {
        check("3", &["4"; 4], Possibility::Fixed);
        check("['b', 'a']", &["['a', 'b']"; 4], Possibility::Reordered);
        check("[1, 2, 2]", &["[1, 1, 2]"; 4], Possibility::Fixed);
    }

    #[test]
    fn another_order() {
        let results = ["{'a', 'b'}", "{'b', 'a'}", "{'a', 'b'}"];
        check("{'b', 'a'}", &results, Possibility::Possible);
        check("{\"a\", 'b'}", &results, Possibility::Possible);
        for stated in ["{'a', 'c'}", "{'a'}", "{'a', 'b', 'c'}", "['a', 'b']", "{'a', 'A'}"] {
            check(stated, &results, Possibility::Impossible);
        }
        check("{'b', ...}", &results, Possibility::Possible);
        check("{'c', ...}", &results, Possibility::Impossible);
        check("tea\ngin", &["tea\nrum", "rum\ntea"], Possibility::Impossible);
    }

    #[test]
    fn another_draw() {
        check("0.5", &["0.84", "0.13", "0.76", "0.25"], Possibility::Possible);
        check("9f86d081", &["8a01b2c3", "77777777", "deadbeef", "0a0b0c0d"], Possibility::Possible);
        check("'water'", &["'tea'", "'rum'", "'gin'", "'sap'"], Possibility::Possible);
        check("'water'", &["'tea'", "'rum'", "'tea'", "'sap'"], Possibility::Open);
        check("'c'", &["'a'", "'b'"].repeat(6), Possibility::Impossible);
        check("'c'", &["'a'", "'b'", "'a'"], Possibility::Open);
        check("4", &["1", "6", "5", "1"], Possibility::Possible);
        check("7", &["1", "6", "5", "1"].repeat(3), Possibility::Possible);
        check("9", &["1", "6", "5", "1"].repeat(3), Possibility::Impossible);
        check("60", &["1", "6", "5", "2"], Possibility::Open);
        check("2019", &["2025", "2026", "2027", "2028"], Possibility::Open);
        check("1700000000", &["1735689600", "1769990231", "1804290862", "1838591493"], Possibility::Possible);
        check(
            "datetime.datetime(2021, 5, 6, 7, 8, 9, 1234)",
            &[1, 2, 3, 4]
                .map(|n| format!("datetime.datetime(202{n}, {n}, {n}, {n}, {n}, {n}, 182)"))
                .each_ref()
                .map(String::as_str),
            Possibility::Open,
        );
        check(
            "2024-03-01 12:30:45,123 INFO started",
            &["2025-01-01 00:00:00,000 INFO started", "2026-02-05 03:17:11,000 INFO started"],
            Possibility::Open,
        );
        check("'heads'", &["0.1", "0.2", "0.3", "0.4"], Possibility::Impossible);
        check("0.5", &["np.float64(0.84)", "np.float64(0.13)"], Possibility::Possible);
    }

    #[test]
    fn words_beside_what_moves() {
        let results = ["<__main__.A object at 0x7f01>", "<__main__.A object at 0x7f02>"];
        check("<A object at 0x7f3...>", &results, Possibility::Possible);
        check("<__main__.B object at 0x7f01>", &results, Possibility::Impossible);
        let results = [
            "2025-01-01 00:00 saved 3 files",
            "2026-02-05 03:17 saved 3 files",
            "2027-03-12 06:34 saved 3 files",
            "2028-04-15 09:51 saved 3 files",
        ];
        check("2025-12-24 03:02 saved 3 files", &results, Possibility::Open);
        check("2025-12-24 03:02 saved 4 files", &results, Possibility::Impossible);
        check("2025-12-24 03:02 lost 3 files", &results, Possibility::Impossible);
        check("1.5  # may vary\n5", &["0.25\n4", "7.5\n4"], Possibility::Impossible);
        check("1.5  # may vary\n4", &["0.25\n4", "7.5\n4"], Possibility::Possible);
    }

    #[test]
    fn results_of_different_lengths() {
        check("a b b", &["a b", "a b c b", "a"], Possibility::Possible);
        check("x b b", &["a b", "a b c b", "a"], Possibility::Impossible);
        check("banana", &["[0.5]", "[0.25, 0.5]", "[0.1]"], Possibility::Impossible);
        check("[0.9, 0.3]", &["[0.5]", "[0.25, 0.5]", "[0.1]"], Possibility::Possible);
        check("x", &[], Possibility::Open);
    }
}
