//! Option flags of `>>>` examples, in the words of `doctest` and of the tools that build on it.

use crate::model::option_flags::Flag;

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

/// The flag of this spelling.
pub(crate) fn parse_flag(word: &str) -> Option<Flag> {
    SPELLINGS.iter().find(|(spelling, _)| *spelling == word).map(|(_, flag)| *flag)
}

/// The spelling that was meant by a slip.
pub(crate) fn nearest_flag(word: &str) -> Option<&'static str> {
    nearest_of(&word.to_ascii_uppercase(), SPELLINGS.iter().map(|(spelling, _)| *spelling))
}

/// The word of a list that is a likely slip away: one letter in five.
fn nearest_of(word: &str, known: impl Iterator<Item = &'static str>) -> Option<&'static str> {
    let near = known.map(|known| (strsim::osa_distance(word, known), known)).min();
    near.filter(|(distance, known)| word.len() < 40 && *distance <= known.len().div_ceil(5))
        .map(|near| near.1)
}

#[cfg(test)]
mod tests {
    use super::{SPELLINGS, nearest_flag, parse_flag};

    #[test]
    fn spellings_are_known_and_slips_find_them() {
        for (spelling, flag) in SPELLINGS {
            assert_eq!(parse_flag(spelling), Some(*flag));
        }
        assert_eq!(parse_flag("ELIPSIS"), None);
        assert_eq!(nearest_flag("ELIPSIS"), Some("ELLIPSIS"));
        assert_eq!(nearest_flag("ellipsis"), Some("ELLIPSIS"));
        assert_eq!(nearest_flag("WHITESPACE_NORMALISE_X"), None);
    }
}
