//! Versions of Python: what an interpreter says of itself, and what a caller asks for.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The oldest minor version of Python 3 that snippets run in.
pub(crate) const OLDEST: Version = Version { major: 3, minor: 11, micro: 0 };

/// The three numbers of a version. The word that Python has for it may say more, as in `3.14.0rc2`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Version {
    pub(crate) major: u8,
    pub(crate) minor: u8,
    pub(crate) micro: u8,
}

impl Version {
    /// The numbers that `3.11.7.final.0` or `3.14.0rc2+` begins with. A missing third one is 0.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('.');
        let (major, minor) = (parts.next()?.parse().ok()?, leading_number(parts.next()?)?);
        Some(Self { major, minor, micro: parts.next().and_then(leading_number).unwrap_or_default() })
    }

    /// As in the names of executables and folders.
    pub(crate) fn minor(self) -> String {
        format!("{}.{}", self.major, self.minor)
    }
}

impl fmt::Display for Version {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}.{}.{}", self.major, self.minor, self.micro)
    }
}

fn leading_number(text: &str) -> Option<u8> {
    let end = text.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(text.len());
    text[..end].parse().ok()
}

/// A version as a caller asks for it: `3`, `3.12` or `3.12.1`, and `t` after it for a free-threaded build.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct VersionWish {
    pub(super) major: u8,
    pub(super) minor: Option<u8>,
    pub(super) micro: Option<u8>,
    pub(super) free_threaded: bool,
}

impl VersionWish {
    /// `None` for a word that is no version.
    pub(crate) fn parse(word: &str) -> Option<Self> {
        let (numbers, free_threaded) = match word.strip_suffix('t') {
            Some(numbers) => (numbers, true),
            None => (word, false),
        };
        let is_number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        let parts: Vec<&str> = numbers.split('.').collect();
        if parts.len() > 3 || !parts.iter().all(|part| is_number(part)) {
            return None;
        }

        let parts: Vec<u8> = parts.into_iter().map(str::parse).collect::<Result<_, _>>().ok()?;
        let (&major, rest) = parts.split_first()?;
        Some(Self { major, minor: rest.first().copied(), micro: rest.get(1).copied(), free_threaded })
    }

    pub(super) fn allows(self, version: Version) -> bool {
        self.major == version.major
            && self.minor.is_none_or(|minor| minor == version.minor)
            && self.micro.is_none_or(|micro| micro == version.micro)
    }

    /// Whether no version that can be used is meant.
    pub(super) fn is_too_old(self) -> bool {
        (self.major, self.minor.unwrap_or(u8::MAX)) < (OLDEST.major, OLDEST.minor)
    }
}

impl fmt::Display for VersionWish {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.major)?;
        for number in [self.minor, self.micro].into_iter().flatten() {
            write!(formatter, ".{number}")?;
        }
        formatter.write_str(if self.free_threaded { "t" } else { "" })
    }
}

#[cfg(test)]
mod tests {
    use super::{Version, VersionWish};

    #[test]
    fn versions_are_the_numbers_at_the_beginning() {
        for (text, expected) in [
            ("3.11.7.final.0", Some("3.11.7")),
            ("3.12.1", Some("3.12.1")),
            ("3.14.0rc2+", Some("3.14.0")),
            ("3.13", Some("3.13.0")),
            ("3.15a1", Some("3.15.0")),
            ("2.7.18", Some("2.7.18")),
            ("3", None),
            ("", None),
            ("three.11", None),
            ("3.x", None),
            ("3.999", None),
        ] {
            let found = Version::parse(text).map(|version| version.to_string());
            assert_eq!(found.as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn wishes_are_versions_and_nothing_else() {
        for word in ["3", "3.12", "3.12.1", "3.13t"] {
            assert_eq!(VersionWish::parse(word).map(|wish| wish.to_string()).as_deref(), Some(word));
        }
        for word in ["", "3.", ".3", "3.12.1.0", "python3.12", "3.12rc1", "t", "3..1", "+3", "3.300", "3/12"]
        {
            assert_eq!(VersionWish::parse(word), None, "{word}");
        }
    }

    #[test]
    fn a_wish_allows_what_begins_with_it() {
        let allows =
            |word: &str, text| VersionWish::parse(word).unwrap().allows(Version::parse(text).unwrap());
        assert!(allows("3", "3.12.1") && allows("3.12", "3.12.1") && allows("3.12.1", "3.12.1"));
        assert!(!allows("3.1", "3.12.1") && !allows("3.12.0", "3.12.1") && !allows("2", "3.12.1"));
    }

    #[test]
    fn wishes_for_what_cannot_be_used() {
        let is_too_old = |word| VersionWish::parse(word).unwrap().is_too_old();
        assert!(is_too_old("2") && is_too_old("2.7") && is_too_old("3.10.13"));
        assert!(!is_too_old("3") && !is_too_old("3.11") && !is_too_old("3.14"));
    }
}
