//! How people write a limit, on the command line, in a variable and in the settings file: `memory=1GiB`.

use std::fmt;
use std::time::Duration;

use crate::config::error::ConfigError;
use crate::config::suggest::suggest;
use crate::directive::duration;
use crate::model::policy::Limits;

/// What a message asks for where there is no `=`.
const EXPECTED: &str = "`NAME=VALUE`, such as `memory=1GiB`";
/// A limit of bytes: far above any machine, and far below where sums overflow.
const MOST_BYTES: u64 = 1 << 50;
/// A limit of things that are counted, for the same reasons.
const MOST_COUNTED: u64 = 1 << 22;

/// What is limited. Wall time has flags and keys of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Resource {
    Memory,
    Tasks,
    Cpu,
    Output,
    Disk,
    Inodes,
    Descriptors,
}

/// How much of a resource the caller or the project allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Limit {
    pub(crate) resource: Resource,
    /// In the resource's unit.
    pub(crate) amount: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Unit {
    Bytes,
    Number,
    Milliseconds,
}

/// `NAME=VALUE`.
pub(crate) fn parse(word: &str) -> Result<Limit, ConfigError> {
    let (name, value) =
        word.split_once('=').ok_or_else(|| ConfigError::Word { expected: EXPECTED.to_owned() })?;
    named(name.trim(), value.trim())
}

/// `NAME=VALUE,NAME=VALUE`.
pub(crate) fn parse_all(words: &str) -> Result<Vec<Limit>, ConfigError> {
    words.split(',').map(str::trim).filter(|word| !word.is_empty()).map(parse).collect()
}

/// Reads a limit whose name and value are apart already.
pub(crate) fn named(name: &str, value: &str) -> Result<Limit, ConfigError> {
    let resource = Resource::named(name).ok_or_else(|| unknown(name))?;
    let unit = resource.unit();
    match unit.parse(value).filter(|amount| *amount > 0) {
        Some(amount) => Ok(Limit { resource, amount }),
        None => Err(ConfigError::Word { expected: unit.expected().to_owned() }),
    }
}

fn unknown(name: &str) -> ConfigError {
    let known = Resource::words();
    ConfigError::UnknownLimit { found: name.to_owned(), nearest: suggest(name, &known), known }
}

impl Resource {
    pub(crate) const ALL: [Self; 7] =
        [Self::Memory, Self::Tasks, Self::Cpu, Self::Output, Self::Disk, Self::Inodes, Self::Descriptors];

    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Memory => "memory",
            Self::Tasks => "tasks",
            Self::Cpu => "cpu",
            Self::Output => "output",
            Self::Disk => "disk",
            Self::Inodes => "inodes",
            Self::Descriptors => "descriptors",
        }
    }

    pub(crate) fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|resource| resource.word() == word)
    }

    pub(crate) fn words() -> Vec<&'static str> {
        Self::ALL.map(Self::word).to_vec()
    }

    /// How much of the resource these limits allow.
    pub(crate) fn within(self, limits: &Limits) -> Limit {
        let amount = match self {
            Self::Memory => limits.memory,
            Self::Tasks => limits.tasks,
            Self::Cpu => u64::try_from(limits.cpu.as_millis()).unwrap_or(u64::MAX),
            Self::Output => limits.output,
            Self::Disk => limits.disk,
            Self::Inodes => limits.inodes,
            Self::Descriptors => limits.descriptors,
        };
        Limit { resource: self, amount }
    }

    fn unit(self) -> Unit {
        match self {
            Self::Memory | Self::Output | Self::Disk => Unit::Bytes,
            Self::Tasks | Self::Inodes | Self::Descriptors => Unit::Number,
            Self::Cpu => Unit::Milliseconds,
        }
    }
}

impl Limit {
    /// Writes this limit among the others.
    pub(crate) fn apply(self, limits: &mut Limits) {
        match self.resource {
            Resource::Memory => limits.memory = self.amount,
            Resource::Tasks => limits.tasks = self.amount,
            Resource::Cpu => limits.cpu = Duration::from_millis(self.amount),
            Resource::Output => {
                limits.output = self.amount;
                limits.kept = limits.kept.min(self.amount);
            }
            Resource::Disk => limits.disk = self.amount,
            Resource::Inodes => limits.inodes = self.amount,
            Resource::Descriptors => limits.descriptors = self.amount,
        }
    }

    /// The amount, in the form in which [`named`] reads it.
    pub(crate) fn value(self) -> String {
        match self.resource.unit() {
            Unit::Number => self.amount.to_string(),
            Unit::Milliseconds => format!("{}s", Duration::from_millis(self.amount).as_secs_f64()),
            Unit::Bytes => {
                let unit = UNITS.iter().find(|(_, size)| self.amount.is_multiple_of(*size));
                let (name, size) = unit.unwrap_or(&("", 1));
                format!("{}{name}", self.amount / size)
            }
        }
    }
}

/// The form in which [`parse`] reads it.
impl fmt::Display for Limit {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}={}", self.resource.word(), self.value())
    }
}

impl Unit {
    fn parse(self, word: &str) -> Option<u64> {
        match self {
            Self::Bytes => bytes(word),
            Self::Number => word.parse().ok().filter(|count| *count <= MOST_COUNTED),
            Self::Milliseconds => {
                let span = duration::parse(word, duration::LONGEST).ok()?;
                u64::try_from(span.as_millis()).ok()
            }
        }
    }

    fn expected(self) -> &'static str {
        match self {
            Self::Bytes => "a size such as `512MiB`, `1GiB` or `64KiB`",
            Self::Number => "a whole number above 0, at most 4194304",
            Self::Milliseconds => duration::EXPECTED,
        }
    }
}

const UNITS: [(&str, u64); 3] = [("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)];

/// A number of bytes, with or without a unit.
fn bytes(word: &str) -> Option<u64> {
    let unit = word.trim_start_matches(|letter: char| letter.is_ascii_digit());
    let number: u64 = word[..word.len() - unit.len()].parse().ok()?;
    let size = match unit {
        "" | "B" => 1,
        unit => UNITS.iter().find(|(name, _)| *name == unit).map(|(_, size)| *size)?,
    };
    number.checked_mul(size).filter(|bytes| *bytes <= MOST_BYTES)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(word: &str, expected: Result<&str, &str>) {
        let found = parse(word).map(|limit| limit.to_string()).map_err(|error| error.to_string());
        assert_eq!(found, expected.map(str::to_owned).map_err(str::to_owned), "{word}");
    }

    #[test]
    fn words() {
        const SIZE: &str = "expected a size such as `512MiB`, `1GiB` or `64KiB`";
        const KNOWN: &str = "known limits: memory, tasks, cpu, output, disk, inodes, descriptors";
        const COUNT: &str = "expected a whole number above 0, at most 4194304";

        check("memory=1GiB", Ok("memory=1GiB"));
        check("memory=1024MiB", Ok("memory=1GiB"));
        check("memory = 1500 ", Ok("memory=1500"));
        check("output=64KiB", Ok("output=64KiB"));
        check("disk=3B", Ok("disk=3"));
        check("tasks=64", Ok("tasks=64"));
        check("cpu=90", Ok("cpu=90s"));
        check("cpu=1.5s", Ok("cpu=1.5s"));
        check("inodes=1", Ok("inodes=1"));
        check("descriptors=4194304", Ok("descriptors=4194304"));

        check("descriptors=4194305", Err(COUNT));
        check("tasks=0", Err(COUNT));
        check("tasks=1KiB", Err(COUNT));
        check("memory=0", Err(SIZE));
        check("memory=1GB", Err(SIZE));
        check("memory=", Err(SIZE));
        check("memory=-1", Err(SIZE));
        check("memory=99999999999GiB", Err(SIZE));
        check("memory=18446744073709551616", Err(SIZE));
        check("cpu=soon", Err("expected a duration such as `3s`, `500ms` or `2m`"));

        check("memory", Err("expected `NAME=VALUE`, such as `memory=1GiB`"));
        check("memry=1", Err(&format!("unknown limit `memry`, did you mean `memory`? {KNOWN}")));
        check("kept=1", Err(&format!("unknown limit `kept`; {KNOWN}")));
    }

    #[test]
    fn a_variable_holds_many() {
        let all = parse_all("memory=1GiB, tasks=64,").unwrap();
        assert_eq!(all.iter().map(Limit::to_string).collect::<Vec<_>>(), ["memory=1GiB", "tasks=64"]);
        assert!(parse_all("memory=1GiB,tasks").is_err());
    }

    #[test]
    fn every_limit_goes_where_it_belongs() {
        let defaults = Limits::default();
        for resource in Resource::ALL {
            let mut limits = defaults;
            let doubled = Limit { resource, amount: resource.within(&defaults).amount * 2 };
            doubled.apply(&mut limits);

            for other in Resource::ALL {
                let expected = if other == resource { doubled } else { other.within(&defaults) };
                assert_eq!(other.within(&limits), expected, "{doubled}");
            }
        }
    }

    #[test]
    fn what_is_kept_is_never_more_than_what_may_be_written() {
        let mut limits = Limits::default();
        parse("output=64KiB").unwrap().apply(&mut limits);
        assert_eq!((limits.output, limits.kept), (64 << 10, 64 << 10));
    }
}
