//! Option flags of `>>>` examples, in the words of `doctest` and of the tools that build on it.

use crate::directive::vocabulary::nearest_of;

/// How an example runs or how its output is compared. What only concerns the look of a report is known and has no effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flag {
    AllowBytes,
    AllowUnicode,
    DontAcceptBlankline,
    DontAcceptTrueFor1,
    Ellipsis,
    FailFast,
    FloatCmp,
    IgnoreExceptionDetail,
    IgnoreOutput,
    /// Warnings go to stderr, which nothing is compared with.
    IgnoreWarnings,
    NormalizeWhitespace,
    Number,
    /// It needs a network.
    RemoteData,
    Report,
    ShowWarnings,
    Skip,
    /// This example and those below it, up to a line of prose.
    SkipBlock,
}

/// Every spelling. Several may mean the same.
const SPELLINGS: &[(&str, Flag)] = &[
    // The standard library.
    ("DONT_ACCEPT_BLANKLINE", Flag::DontAcceptBlankline),
    ("DONT_ACCEPT_TRUE_FOR_1", Flag::DontAcceptTrueFor1),
    ("ELLIPSIS", Flag::Ellipsis),
    ("FAIL_FAST", Flag::FailFast),
    ("IGNORE_EXCEPTION_DETAIL", Flag::IgnoreExceptionDetail),
    ("NORMALIZE_WHITESPACE", Flag::NormalizeWhitespace),
    ("REPORT_CDIFF", Flag::Report),
    ("REPORT_NDIFF", Flag::Report),
    ("REPORT_ONLY_FIRST_FAILURE", Flag::Report),
    ("REPORT_UDIFF", Flag::Report),
    ("SKIP", Flag::Skip),
    // pytest.
    ("ALLOW_BYTES", Flag::AllowBytes),
    ("ALLOW_UNICODE", Flag::AllowUnicode),
    ("NUMBER", Flag::Number),
    // pytest-doctestplus.
    ("FLOAT_CMP", Flag::FloatCmp),
    ("IGNORE_OUTPUT", Flag::IgnoreOutput),
    ("IGNORE_WARNINGS", Flag::IgnoreWarnings),
    ("REMOTE_DATA", Flag::RemoteData),
    ("SHOW_WARNINGS", Flag::ShowWarnings),
    // scipy-doctest.
    ("SKIPBLOCK", Flag::SkipBlock),
    // xdoctest. `await` outside of a function works without being asked for.
    ("ASYNC", Flag::Report),
    ("IGNORE_WANT", Flag::IgnoreOutput),
    ("IGNORE_WHITESPACE", Flag::NormalizeWhitespace),
    ("NORMALIZE_REPR", Flag::Report),
];

impl Flag {
    pub(crate) fn parse(word: &str) -> Option<Self> {
        SPELLINGS.iter().find(|(spelling, _)| *spelling == word).map(|(_, flag)| *flag)
    }

    /// The spelling that was meant by a slip.
    pub(crate) fn nearest(word: &str) -> Option<&'static str> {
        nearest_of(&word.to_ascii_uppercase(), SPELLINGS.iter().map(|(spelling, _)| *spelling))
    }
}

/// The flags that are on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Flags(u32);

impl Flags {
    pub(crate) fn has(self, flag: Flag) -> bool {
        self.0 & flag.bit() != 0
    }

    #[must_use]
    pub(crate) fn with(self, flag: Flag) -> Self {
        Self(self.0 | flag.bit())
    }

    #[must_use]
    pub(crate) fn without(self, flag: Flag) -> Self {
        Self(self.0 & !flag.bit())
    }
}

impl Flag {
    fn bit(self) -> u32 {
        1 << self as u32
    }
}

#[cfg(test)]
mod tests {
    use super::{Flag, Flags, SPELLINGS};

    #[test]
    fn spellings_are_known_and_slips_find_them() {
        for (spelling, flag) in SPELLINGS {
            assert_eq!(Flag::parse(spelling), Some(*flag));
        }
        assert_eq!(Flag::parse("ELIPSIS"), None);
        assert_eq!(Flag::nearest("ELIPSIS"), Some("ELLIPSIS"));
        assert_eq!(Flag::nearest("ellipsis"), Some("ELLIPSIS"));
        assert_eq!(Flag::nearest("WHITESPACE_NORMALISE_X"), None);
    }

    #[test]
    fn flags_are_independent() {
        let flags = Flags::default().with(Flag::Skip).with(Flag::Ellipsis).without(Flag::Skip);
        assert!(flags.has(Flag::Ellipsis) && !flags.has(Flag::Skip) && !flags.has(Flag::Number));
    }
}
