//! From a key and its value to a directive.

use std::path::{Component, Path};
use std::time::Duration;

use clap::ValueEnum;

use crate::directive::vocabulary::Key;
use crate::directive::{Directive, DirectiveError, Skip};
use crate::model::policy::Clock;

/// What stands behind a key, in any of the places that can hold directives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Value {
    Absent,
    Text(String),
    List(Vec<String>),
}

impl Directive {
    /// Whether a directive of ours begins with this word.
    pub(crate) fn is_ours(word: &str) -> bool {
        Key::parse(word).is_some()
    }

    /// Whether the last part of an id can be this.
    pub(crate) fn is_id(name: &str) -> bool {
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-');
        !name.is_empty() && name.len() <= 100 && name.bytes().all(fits)
    }

    pub(crate) fn parse(word: &str, value: Value) -> Result<Self, DirectiveError> {
        let Some(key) = Key::parse(word) else {
            return Err(DirectiveError::Unknown { word: word.to_owned() });
        };
        match key {
            Key::Skip => skip(value),
            Key::Raises => text(key, value).and_then(class).map(Self::Raises),
            Key::Timeout => text(key, value).and_then(|value| duration(&value)).map(Self::Timeout),
            Key::Clock => text(key, value).and_then(clock).map(Self::Clock),
            Key::Isolated => flag(value),
            Key::Id => text(key, value).and_then(name).map(Self::Id),
            Key::Files => names(key, value).map(Self::Files),
            Key::Setup => names(key, value).map(Self::Setup),
        }
    }
}

fn skip(value: Value) -> Result<Directive, DirectiveError> {
    let why = match value {
        Value::Absent => None,
        Value::Text(text) if text == "false" => return Ok(Directive::Run),
        Value::Text(text) => Some(text.trim().to_owned()).filter(|text| !text.is_empty() && text != "true"),
        Value::List(_) => return Err(DirectiveError::List { key: Key::Skip }),
    };
    Ok(Directive::Skip(Skip { why }))
}

fn flag(value: Value) -> Result<Directive, DirectiveError> {
    match value {
        Value::Absent => Ok(Directive::Isolated),
        Value::Text(text) if text == "true" => Ok(Directive::Isolated),
        Value::Text(text) if text == "false" => Ok(Directive::Shared),
        Value::Text(value) => Err(DirectiveError::NoFlag { value }),
        Value::List(_) => Err(DirectiveError::List { key: Key::Isolated }),
    }
}

fn text(key: Key, value: Value) -> Result<String, DirectiveError> {
    match value {
        Value::Absent => Err(DirectiveError::Missing { key }),
        Value::Text(text) if text.trim().is_empty() => Err(DirectiveError::Missing { key }),
        Value::Text(text) => Ok(text.trim().to_owned()),
        Value::List(_) => Err(DirectiveError::List { key }),
    }
}

fn class(value: String) -> Result<String, DirectiveError> {
    let identifier = |part: &str| {
        let mut letters = part.chars();
        letters.next().is_some_and(|first| first.is_alphabetic() || first == '_')
            && letters.all(|letter| letter.is_alphanumeric() || letter == '_')
    };
    if value.split('.').all(identifier) { Ok(value) } else { Err(DirectiveError::NoClass { value }) }
}

fn duration(value: &str) -> Result<Duration, DirectiveError> {
    let number = value.trim_end_matches(|letter: char| letter.is_ascii_alphabetic());
    let milliseconds = match value[number.len()..].trim() {
        "ms" => 1.0,
        "" | "s" => 1e3,
        "m" => 60e3,
        "h" => 3600e3,
        _ => f64::NAN,
    };
    let digits = number.trim().trim_start_matches('-');
    // `f64::from_str` also takes exponents and `inf`.
    let plain = digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    let amount = number.trim().parse::<f64>().unwrap_or(f64::NAN) * milliseconds;
    if amount.is_nan() || !plain {
        return Err(DirectiveError::NoTime { value: value.to_owned() });
    }
    if !(1.0..=86_400e3).contains(&amount) {
        return Err(DirectiveError::TimeOutOfRange { value: value.to_owned() });
    }
    Ok(Duration::from_secs_f64(amount / 1e3))
}

fn clock(value: String) -> Result<Clock, DirectiveError> {
    Clock::from_str(&value, false).map_err(|_| DirectiveError::NoClock { value })
}

fn name(value: String) -> Result<String, DirectiveError> {
    if Directive::is_id(&value) { Ok(value) } else { Err(DirectiveError::NoName { value }) }
}

fn names(key: Key, value: Value) -> Result<Vec<String>, DirectiveError> {
    let names = match value {
        Value::Absent => Vec::new(),
        Value::Text(text) => {
            text.split(',').map(|name| name.trim().to_owned()).filter(|name| !name.is_empty()).collect()
        }
        Value::List(names) => names,
    };
    if names.is_empty() {
        return Err(DirectiveError::Missing { key });
    }
    match names.iter().find(|name| !is_below(name)) {
        Some(value) => Err(DirectiveError::NoFixture { key, value: value.clone() }),
        None => Ok(names),
    }
}

/// Whether the name, joined to a folder, stays in that folder.
fn is_below(name: &str) -> bool {
    let mut parts = Path::new(name).components().peekable();
    parts.peek().is_some()
        && parts.all(|part| matches!(part, Component::Normal(_)))
        && !name.contains(|letter: char| letter == '\\' || letter.is_control())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::Value;
    use crate::directive::{Directive, Skip};
    use crate::model::policy::Clock;

    #[track_caller]
    fn check(word: &str, value: &str, expected: Result<Directive, &str>) {
        let directive = Directive::parse(word, Value::Text(value.to_owned()));
        assert_eq!(
            directive.map_err(|error| error.to_string()),
            expected.map_err(str::to_owned),
            "{word}={value}"
        );
    }

    #[track_caller]
    fn check_bare(word: &str, expected: Result<Directive, &str>) {
        let directive = Directive::parse(word, Value::Absent);
        assert_eq!(directive.map_err(|error| error.to_string()), expected.map_err(str::to_owned), "{word}");
    }

    #[test]
    fn words_without_values() {
        check_bare("skip", Ok(Directive::Skip(Skip { why: None })));
        check_bare("isolated", Ok(Directive::Isolated));
        check_bare("timeout", Err("`timeout` needs a value"));
        check_bare("files", Err("`files` needs a value"));
        check_bare("skp", Err("unknown directive `skp`"));
    }

    #[test]
    fn switches() {
        check("skip", "needs a GPU", Ok(Directive::Skip(Skip { why: Some("needs a GPU".into()) })));
        check("skip", "true", Ok(Directive::Skip(Skip { why: None })));
        check("skip", "false", Ok(Directive::Run));
        check("isolated", "false", Ok(Directive::Shared));
        check("isolated", "maybe", Err("`isolated` takes `true`, `false` or nothing, not `maybe`"));
    }

    #[test]
    fn exceptions() {
        check("raises", "ValueError", Ok(Directive::Raises("ValueError".into())));
        check("raises", "json.JSONDecodeError", Ok(Directive::Raises("json.JSONDecodeError".into())));
        check("raises", "", Err("`raises` needs a value"));
        check("raises", "a..b", Err("`raises` takes the name of an exception, not `a..b`"));
        check("raises", "3", Err("`raises` takes the name of an exception, not `3`"));
    }

    #[test]
    fn times() {
        check("timeout", "3s", Ok(Directive::Timeout(Duration::from_secs(3))));
        check("timeout", "500ms", Ok(Directive::Timeout(Duration::from_millis(500))));
        check("timeout", "2m", Ok(Directive::Timeout(Duration::from_mins(2))));
        check("timeout", "1.5", Ok(Directive::Timeout(Duration::from_millis(1500))));
        check("timeout", "0", Err("`timeout=0` is not between 1ms and 24 hours"));
        check("timeout", "-3s", Err("`timeout=-3s` is not between 1ms and 24 hours"));
        check("timeout", "99999h", Err("`timeout=99999h` is not between 1ms and 24 hours"));
        for value in ["soon", "3 days", "inf", "nan", "1e3", "--3", "s", ".", "1.2.3"] {
            check("timeout", value, Err(&format!("`timeout` takes a time such as `3s`, not `{value}`")));
        }
    }

    #[test]
    fn clocks() {
        check("clock", "real", Ok(Directive::Clock(Clock::Real)));
        check("clock", "virtual", Ok(Directive::Clock(Clock::Virtual)));
        check("clock", "Real", Err("`clock` takes `virtual` or `real`, not `Real`"));
        check_bare("clock", Err("`clock` needs a value"));
    }

    #[test]
    fn fixtures_stay_in_their_folder() {
        check(
            "files",
            "data.csv, more.txt",
            Ok(Directive::Files(vec!["data.csv".into(), "more.txt".into()])),
        );
        check("setup", "db/names", Ok(Directive::Setup(vec!["db/names".into()])));
        for value in ["/etc/passwd", "../x", "a/../../x", "./x", "a\\b"] {
            check("files", value, Err(&format!("`files` takes names below `fixtures/`, not `{value}`")));
        }
    }

    #[test]
    fn names() {
        check("id", "load_v2.1-beta", Ok(Directive::Id("load_v2.1-beta".into())));
        check("id", "a b", Err("`id` takes up to 100 letters, digits, `_`, `.` and `-`, not `a b`"));
        check("id", "../x", Err("`id` takes up to 100 letters, digits, `_`, `.` and `-`, not `../x`"));
    }
}
