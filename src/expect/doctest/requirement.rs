//! `REQUIRES(…)`: what an example needs from the machine, the interpreter or the environment.

use std::fmt;

/// A condition without which an example is not checked.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Requirement {
    /// A property of the machine or the interpreter.
    Machine { word: String, met: Met },
    /// A command-line flag of xdoctest, which is never given here.
    Switch(String),
    /// A module can be imported.
    Module(String),
    /// The first numbers of Python's version, compared with these.
    Version { comparison: &'static str, numbers: Vec<u8> },
    /// A variable of the environment: equal to a value, or anything but empty.
    Variable { name: String, value: Option<String>, comparison: Equality },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Met {
    Yes,
    No,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Equality {
    Equal,
    Different,
}

impl Requirement {
    pub(super) fn parse(text: &str) -> Option<Self> {
        if let Some(module) = text.strip_prefix("module:") {
            return module.split('.').all(is_name).then(|| Self::Module(module.to_owned()));
        }
        if let Some(variable) = text.strip_prefix("env:") {
            return Self::variable(variable);
        }
        if let Some(version) = text.get(..6).filter(|word| word.eq_ignore_ascii_case("python")) {
            return Self::version(&text[version.len()..]);
        }
        if text.starts_with('-') {
            return Some(Self::Switch(text.to_owned()));
        }

        let met = match text.to_ascii_uppercase().as_str() {
            "LINUX" => cfg!(target_os = "linux"),
            "DARWIN" => cfg!(target_os = "macos"),
            "POSIX" => cfg!(unix),
            "CPYTHON" | "PY3" => true,
            "WIN32" | "NT" | "PYPY" | "IRONPYTHON" | "JYTHON" | "PY2" => false,
            _ => return None,
        };

        let met = if met { Met::Yes } else { Met::No };
        Some(Self::Machine { word: text.to_owned(), met })
    }

    /// As in `>=3.12`. Nothing but numbers gets through.
    fn version(text: &str) -> Option<Self> {
        let signs = ["<=", ">=", "==", "!=", "<", ">"];
        let comparison = signs.into_iter().find(|sign| text.starts_with(sign))?;
        let numbers = text[comparison.len()..].trim().split('.').map(|part| {
            let is_number = !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
            part.parse::<u8>().ok().filter(|_| is_number)
        });
        let numbers: Vec<u8> = numbers.collect::<Option<_>>()?;
        (numbers.len() <= 3).then_some(Self::Version { comparison, numbers })
    }

    fn variable(text: &str) -> Option<Self> {
        let (name, value, comparison) = match (text.split_once("=="), text.split_once("!=")) {
            (Some((name, value)), _) => (name, Some(value), Equality::Equal),
            (None, Some((name, value))) => (name, Some(value), Equality::Different),
            (None, None) => (text, None, Equality::Different),
        };

        let value = value.map(|value| value.trim_matches(['\'', '"']));
        let is_plain =
            |text: &str| text.chars().all(|letter| letter.is_alphanumeric() || "_-./: ".contains(letter));

        let known = is_name(name) && value.is_none_or(is_plain);
        known.then(|| Self::Variable { name: name.to_owned(), value: value.map(str::to_owned), comparison })
    }

    /// The answer where it is known without a probe in the session.
    pub(super) fn known(&self) -> Option<Met> {
        match self {
            Self::Machine { met, .. } => Some(*met),
            Self::Switch(_) => Some(Met::No),
            Self::Module(_) | Self::Version { .. } | Self::Variable { .. } => None,
        }
    }

    /// A statement that raises where the requirement is not met, and leaves no names.
    pub(super) fn probe(&self) -> Option<String> {
        match self {
            Self::Machine { .. } | Self::Switch(_) => None,
            Self::Module(name) => Some(format!("assert __import__('importlib').import_module('{name}')")),
            Self::Version { comparison, numbers } => {
                let tuple = numbers.iter().map(u8::to_string).collect::<Vec<_>>().join(", ");
                let length = numbers.len();
                Some(format!("assert __import__('sys').version_info[:{length}] {comparison} ({tuple},)"))
            }
            Self::Variable { name, value, comparison } => {
                let sign = match comparison {
                    Equality::Equal => "==",
                    Equality::Different => "!=",
                };
                let value = value.as_deref().unwrap_or_default();
                Some(format!("assert __import__('os').environ.get('{name}', '') {sign} '{value}'"))
            }
        }
    }
}

impl fmt::Display for Requirement {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Machine { word, .. } => write!(formatter, "`{word}`"),
            Self::Switch(word) => write!(formatter, "the flag `{word}`"),
            Self::Module(name) => write!(formatter, "the module `{name}`"),
            Self::Version { comparison, numbers } => {
                let numbers: Vec<String> = numbers.iter().map(u8::to_string).collect();
                write!(formatter, "Python {comparison}{}", numbers.join("."))
            }
            Self::Variable { name, .. } => write!(formatter, "another value of the variable `{name}`"),
        }
    }
}

fn is_name(text: &str) -> bool {
    let mut letters = text.chars();
    letters.next().is_some_and(|letter| letter.is_alphabetic() || letter == '_')
        && letters.all(|letter| letter.is_alphanumeric() || letter == '_')
}

#[cfg(test)]
mod tests {
    use super::{Met, Requirement};

    #[track_caller]
    fn check(text: &str, known: Option<Met>, probe: Option<&str>) {
        let requirement = Requirement::parse(text).expect(text);
        assert_eq!((requirement.known(), requirement.probe().as_deref()), (known, probe), "{text}");
    }

    #[test]
    fn requirements() {
        check("CPython", Some(Met::Yes), None);
        check("WIN32", Some(Met::No), None);
        check("--slow", Some(Met::No), None);
        check("module:a.b", None, Some("assert __import__('importlib').import_module('a.b')"));
        let at_least = "assert __import__('sys').version_info[:2] >= (3, 12,)";
        check("python>=3.12", None, Some(at_least));
        check("Python>=3.12", None, Some(at_least));
        check("python<4", None, Some("assert __import__('sys').version_info[:1] < (4,)"));
        check("env:CI", None, Some("assert __import__('os').environ.get('CI', '') != ''"));
        check("env:A==\"b c\"", None, Some("assert __import__('os').environ.get('A', '') == 'b c'"));
    }

    #[test]
    fn nothing_else_reaches_python() {
        for text in [
            "python",
            "python3.12",
            "python>=",
            "python>=3.x",
            "python>=+3",
            "python>=3.1.2.3",
            "python>=3.999",
        ] {
            assert_eq!(Requirement::parse(text), None, "{text}");
        }
        for text in ["moon", "module:a b", "module:", "module:a'", "env:A==\\", "env:A==b'+'c", "env:1", ""] {
            assert_eq!(Requirement::parse(text), None, "{text}");
        }
    }
}
