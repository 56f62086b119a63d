//! What comments of an example ask for: `# doctest: +ELLIPSIS`, `# xdoctest: +REQUIRES(module:numpy)`, `# may vary`.

use std::sync::LazyLock;

use regex::Regex;

use crate::directive;
use crate::directive::Flag;
use crate::expect::doctest::pattern::pattern;
use crate::expect::doctest::requirement::Requirement;

/// The options of a `# doctest:` comment. With quotes in it, it may be the inside of a string.
static PLAIN: LazyLock<Regex> = LazyLock::new(|| pattern(r#"(?m)#\s*doctest:\s*([^\n'"]*)$"#));
static RICH: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?m)#\s*(xdoctest|byexample):\s*([^\n]*)$"));
static VARIES: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?m)#\s*(?:may vary|[Rr]andom|uninitiali[sz]ed)\s*$"));

/// Code that draws shows objects that differ from run to run.
const DRAWING: &str = "plt.";

/// A change that a comment makes to the options of its example.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum OptionChange {
    With(Flag),
    Without(Flag),
    Requires(Requirement),
    RequiresNoMore(Requirement),
}

/// A word that is no option, and the nearest option.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct UnknownOption {
    /// Lines between the first line of the code and the comment.
    pub(super) below: usize,
    pub(super) word: String,
    pub(super) hint: Option<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct OptionChanges {
    pub(super) all: Vec<OptionChange>,
    pub(super) unknown: Vec<UnknownOption>,
    /// There is a comment in the dialect of xdoctest, which compares less strictly.
    pub(super) is_xdoctest: bool,
}

pub(super) fn read(code: &str, want: &str) -> OptionChanges {
    let mut found = OptionChanges::default();
    if code.contains('#') {
        for comment in PLAIN.captures_iter(code) {
            let below = lines_above(code, &comment);
            for word in comment[1].split([',', ' ', '\t']).filter(|word| !word.is_empty()) {
                found.take(word, below, flag(word));
            }
        }

        for comment in RICH.captures_iter(code) {
            let below = lines_above(code, &comment);
            let is_ours = &comment[1] == "xdoctest";
            found.is_xdoctest |= is_ours;
            for word in words(&comment[2]) {
                found.take(word, below, if is_ours { rich(word) } else { byexample(word) });
            }
        }
    }

    if code.contains(DRAWING) || VARIES.is_match(code) || VARIES.is_match(want) {
        found.all.push(OptionChange::With(Flag::IgnoreOutput));
    }
    found
}

impl OptionChanges {
    fn take(&mut self, word: &str, below: usize, change: Option<Vec<OptionChange>>) {
        if let Some(changes) = change {
            self.all.extend(changes);
            return;
        }

        let bare = word.trim_start_matches(['+', '-']);
        let hint = match directive::nearest_flag(bare) {
            Some(near) => Some(format!("did you mean `+{near}`?")),
            None if bare == word => Some("write `+` or `-` in front of it".to_owned()),
            None => None,
        };
        self.unknown.push(UnknownOption { below, word: word.to_owned(), hint });
    }
}

fn lines_above(code: &str, comment: &regex::Captures<'_>) -> usize {
    let start = comment.get(0).map_or(0, |comment| comment.start());
    memchr::memchr_iter(b'\n', &code.as_bytes()[..start]).count()
}

fn flag(word: &str) -> Option<Vec<OptionChange>> {
    let change = match word.split_at_checked(1)? {
        ("+", name) => OptionChange::With(directive::parse_flag(name)?),
        ("-", name) => OptionChange::Without(directive::parse_flag(name)?),
        _ => return None,
    };
    Some(vec![change])
}

/// The changes of a word for xdoctest: its sign may be left out, and reasons and requirements stand in parentheses.
fn rich(word: &str) -> Option<Vec<OptionChange>> {
    let (is_on, word) = match word.strip_prefix('-') {
        Some(word) => (false, word),
        None => (true, word.strip_prefix('+').unwrap_or(word)),
    };
    let (name, argument) = match word.split_once('(') {
        Some((name, rest)) => (name, Some(rest.strip_suffix(')')?)),
        None => (word, None),
    };

    let changes = match (name, argument) {
        ("REQUIRES", Some(requirements)) => {
            let requirements =
                requirements.split(',').map(|requirement| Requirement::parse(requirement.trim()));
            let change = if is_on { OptionChange::Requires } else { OptionChange::RequiresNoMore };
            requirements.map(|requirement| requirement.map(change)).collect::<Option<Vec<_>>>()?
        }
        ("SKIP", Some(_)) | (_, None) => {
            let flag = directive::parse_flag(name)?;
            vec![if is_on { OptionChange::With(flag) } else { OptionChange::Without(flag) }]
        }
        (_, Some(_)) => return None,
    };
    Some(changes)
}

fn byexample(word: &str) -> Option<Vec<OptionChange>> {
    let (sign, name) = word.split_at_checked(1)?;
    let flag = match name {
        "skip" => Flag::Skip,
        "pass" => Flag::IgnoreOutput,
        "norm-ws" => Flag::NormalizeWhitespace,
        "fail-fast" => Flag::FailFast,
        _ if name.starts_with("timeout=") => return Some(Vec::new()),
        _ => return None,
    };

    match sign {
        "+" => Some(vec![OptionChange::With(flag)]),
        "-" => Some(vec![OptionChange::Without(flag)]),
        _ => None,
    }
}

/// The words of a comment, divided by blanks and commas outside of parentheses and quotes.
fn words(text: &str) -> Vec<&str> {
    let (mut words, mut start, mut depth, mut quote) = (Vec::new(), 0, 0_usize, None);

    for (at, letter) in text.char_indices() {
        match (quote, letter) {
            (Some(open), _) if open == letter => quote = None,
            (None, '\'' | '"') => quote = Some(letter),
            (None, '(') => depth += 1,
            (None, ')') => depth = depth.saturating_sub(1),
            (None, ',' | ' ' | '\t') if depth == 0 => {
                words.push(&text[start..at]);
                start = at + 1;
            }
            (Some(_) | None, _) => {}
        }
    }

    words.push(&text[start..]);
    words.retain(|word| !word.is_empty());
    words
}

#[cfg(test)]
mod tests {
    use super::{OptionChange, read};
    use crate::directive::Flag;
    use crate::expect::doctest::requirement::Requirement;

    #[track_caller]
    fn check(code: &str, expected: &[OptionChange]) {
        let found = read(code, "");
        assert_eq!((&found.all[..], &found.unknown[..]), (expected, &[][..]), "{code}");
    }

    #[track_caller]
    fn refuse(code: &str, below: usize, word: &str, hint: Option<&str>) {
        let found = read(code, "");
        let unknown: Vec<_> = found
            .unknown
            .iter()
            .map(|option| (option.below, &*option.word, option.hint.as_deref()))
            .collect();
        assert_eq!(unknown, [(below, word, hint)], "{code}");
    }

    #[test]
    fn the_dialect_of_the_standard_library() {
        check("f()", &[]);
        check("f()  # doctest: +SKIP", &[OptionChange::With(Flag::Skip)]);
        check(
            "f()#doctest:+SKIP,-ELLIPSIS  +NUMBER",
            &[
                OptionChange::With(Flag::Skip),
                OptionChange::Without(Flag::Ellipsis),
                OptionChange::With(Flag::Number),
            ],
        );
        check("print('# doctest: +X')", &[]);
        check("print('# doctest: +X')  # doctest: +SKIP", &[OptionChange::With(Flag::Skip)]);
        refuse(
            "f(  # doctest: +ELLIPSIS\n)  # doctest: +ELIPSIS",
            1,
            "+ELIPSIS",
            Some("did you mean `+ELLIPSIS`?"),
        );
        refuse("f()  # doctest: SKIP", 0, "SKIP", Some("did you mean `+SKIP`?"));
        refuse("f()  # doctest: +xyzzy", 0, "+xyzzy", None);
    }

    #[test]
    fn other_dialects() {
        let linux = || Requirement::parse("LINUX").unwrap();
        check(
            "f()  # xdoctest: +SKIP(\"a, b\"), IGNORE_WANT",
            &[OptionChange::With(Flag::Skip), OptionChange::With(Flag::IgnoreOutput)],
        );
        check("f()  # xdoctest: +REQUIRES(LINUX)", &[OptionChange::Requires(linux())]);
        check("f()  # xdoctest: -REQUIRES(LINUX)", &[OptionChange::RequiresNoMore(linux())]);
        check("f()  # byexample: +skip +timeout=3", &[OptionChange::With(Flag::Skip)]);
        check("f()  # random", &[OptionChange::With(Flag::IgnoreOutput)]);
        check("f()  # a random walk", &[]);
        check("plt.plot(x)", &[OptionChange::With(Flag::IgnoreOutput)]);
        refuse("f()  # xdoctest: +REQUIRES(moon)", 0, "+REQUIRES(moon)", None);
        refuse("f()  # byexample: +rm=x", 0, "+rm=x", None);
    }

    #[test]
    fn shown_results_may_vary_too() {
        assert_eq!(read("f()", "[1, 2]  # may vary\n").all, [OptionChange::With(Flag::IgnoreOutput)]);
        assert_eq!(read("f()", "[1, 2]  # may vary, or not\n").all, []);
    }
}
