//! The values of directives, in any of the places that can hold them.

use std::path::{Component, Path};
use std::time::Duration;

use clap::ValueEnum;

use crate::directive::duration::{self, DurationError};
use crate::directive::error::DirectiveError;
use crate::directive::wish::Directive;
use crate::model::directives::Skip;
use crate::model::policy::Clock;

/// The most that a fence or a front matter can ask for.
const LONGEST_TIMEOUT: Duration = Duration::from_hours(24);
const TIMEOUT_RANGE: &str = "1ms and 24 hours";
const UNITS: &str = "units are `ms`, `s`, `m` and `h`; without one, seconds";

/// What follows a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Value {
    Absent,
    Text(String),
    List(Vec<String>),
}

/// A value with its key, for complaints.
pub(crate) struct Written {
    pub(crate) key: &'static str,
    /// A value to suggest where there is none.
    pub(crate) sample: &'static str,
    pub(crate) value: Value,
}

impl Written {
    /// Why something is skipped; `None` where it is not.
    pub(crate) fn reason(self) -> Result<Option<Skip>, DirectiveError> {
        let why = match self.value {
            Value::Absent => None,
            Value::Text(text) if text == "false" => return Ok(None),
            Value::Text(text) => {
                Some(text.trim().to_owned()).filter(|text| !text.is_empty() && text != "true")
            }
            Value::List(_) => return Err(DirectiveError::List { key: self.key }),
        };
        Ok(Some(Skip { why }))
    }

    /// On, unless the value says otherwise.
    pub(crate) fn switch(self) -> Result<bool, DirectiveError> {
        match &self.value {
            Value::Absent => Ok(true),
            Value::Text(text) if text == "true" => Ok(true),
            Value::Text(text) if text == "false" => Ok(false),
            Value::Text(text) => Err(self.wrong("`true`, `false` or nothing", text, None)),
            Value::List(_) => Err(DirectiveError::List { key: self.key }),
        }
    }

    /// The name of a class, dotted or not.
    pub(crate) fn class(self) -> Result<String, DirectiveError> {
        let identifier = |part: &str| {
            let mut letters = part.chars();
            letters.next().is_some_and(|first| first.is_alphabetic() || first == '_')
                && letters.all(|letter| letter.is_alphanumeric() || letter == '_')
        };

        let hint = "write `raises=ValueError` or `raises=json.JSONDecodeError`";
        let text = self.text()?;

        if text.split('.').all(identifier) {
            Ok(text.to_owned())
        } else {
            Err(self.wrong("the name of an exception", text, Some(hint)))
        }
    }

    pub(crate) fn duration(self) -> Result<Duration, DirectiveError> {
        let text = self.text()?;

        duration::parse(text, LONGEST_TIMEOUT).map_err(|error| match error {
            DurationError::Unreadable => self.wrong("a time such as `3s`", text, Some(UNITS)),
            DurationError::OutOfRange => DirectiveError::OutOfRange {
                key: self.key,
                value: text.to_owned(),
                range: TIMEOUT_RANGE,
                hint: UNITS,
            },
        })
    }

    pub(crate) fn clock(self) -> Result<Clock, DirectiveError> {
        let text = self.text()?;
        Clock::from_str(text, false).map_err(|_| self.wrong("`virtual` or `real`", text, None))
    }

    /// The last part of an id.
    pub(crate) fn name(self) -> Result<String, DirectiveError> {
        let text = self.text()?;
        if Directive::is_id(text) {
            Ok(text.to_owned())
        } else {
            Err(self.wrong("up to 100 letters, digits, `_`, `.` and `-`", text, None))
        }
    }

    /// Names below `fixtures/`, one at least.
    pub(crate) fn fixtures(self) -> Result<Vec<String>, DirectiveError> {
        let names: Vec<String> = match &self.value {
            Value::Absent => Vec::new(),
            Value::Text(text) => {
                text.split(',').map(|name| name.trim().to_owned()).filter(|name| !name.is_empty()).collect()
            }
            Value::List(names) => names.clone(),
        };
        if names.is_empty() {
            return Err(self.missing());
        }

        match names.iter().find(|name| !is_below(name)) {
            Some(name) => {
                Err(self.wrong("names below `fixtures/`", name, Some("neither absolute nor with `..`")))
            }
            None => Ok(names),
        }
    }

    /// The one value, trimmed.
    fn text(&self) -> Result<&str, DirectiveError> {
        match &self.value {
            Value::Absent => Err(self.missing()),
            Value::Text(text) if text.trim().is_empty() => Err(self.missing()),
            Value::Text(text) => Ok(text.trim()),
            Value::List(_) => Err(DirectiveError::List { key: self.key }),
        }
    }

    fn missing(&self) -> DirectiveError {
        DirectiveError::Missing { key: self.key, sample: self.sample }
    }

    fn wrong(&self, expected: &'static str, value: &str, hint: Option<&'static str>) -> DirectiveError {
        DirectiveError::Value { key: self.key, expected, value: value.to_owned(), hint }
    }
}

impl Directive {
    /// Whether the last part of an id can be this.
    pub(crate) fn is_id(name: &str) -> bool {
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-');
        !name.is_empty() && name.len() <= 100 && name.bytes().all(fits)
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
    use crate::directive::wish::Directive;
    use crate::model::directives::Skip;
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
