//! Variables for snippets: `NAME` passes the caller's on, `NAME=VALUE` sets one.

use crate::config::error::ConfigError;

/// Variables that every lane sets for reasons of its own: where private folders are, which programs there are, how hashes come out.
const FIXED: [&str; 6] = ["HOME", "TMPDIR", "USER", "LOGNAME", "PATH", "PYTHONHASHSEED"];
/// The names of variables of the dynamic linker begin so: it would read them before there is a sandbox.
const LINKER: &str = "LD_";

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Variable {
    pub(crate) name: String,
    /// `None` for the value that the caller's own variable has.
    pub(crate) value: Option<String>,
}

/// Reads `NAME` or `NAME=VALUE`.
pub(crate) fn parse(word: &str) -> Result<Variable, ConfigError> {
    let (name, value) = match word.split_once('=') {
        Some((name, value)) => (name, Some(value.to_owned())),
        None => (word, None),
    };

    if !is_name(name) || word.contains('\0') {
        return Err(ConfigError::Word { expected: "`NAME` or `NAME=VALUE`".to_owned() });
    }
    if FIXED.contains(&name) || name.starts_with(LINKER) {
        return Err(ConfigError::FixedVariable { name: name.to_owned() });
    }
    Ok(Variable { name: name.to_owned(), value })
}

/// Whether a shell could have a variable of this name.
fn is_name(word: &str) -> bool {
    let mut letters = word.bytes();
    letters.next().is_some_and(|letter| letter.is_ascii_alphabetic() || letter == b'_')
        && letters.all(|letter| letter.is_ascii_alphanumeric() || letter == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words() {
        for (word, expected) in [
            ("TOKEN", Ok(("TOKEN", None))),
            ("A=", Ok(("A", Some("")))),
            ("A=b=c", Ok(("A", Some("b=c")))),
            ("PYTHONPATH=/x", Ok(("PYTHONPATH", Some("/x")))),
            ("", Err("expected `NAME` or `NAME=VALUE`")),
            ("1A", Err("expected `NAME` or `NAME=VALUE`")),
            ("A B=1", Err("expected `NAME` or `NAME=VALUE`")),
            ("=x", Err("expected `NAME` or `NAME=VALUE`")),
            ("A=\0", Err("expected `NAME` or `NAME=VALUE`")),
            ("HOME=/", Err("`HOME` cannot be set, the sandbox decides it")),
            ("PATH", Err("`PATH` cannot be set, the sandbox decides it")),
            ("LD_PRELOAD=x.so", Err("`LD_PRELOAD` cannot be set, the sandbox decides it")),
        ] {
            let found = parse(word).map_err(|error| error.to_string());
            let expected = expected
                .map(|(name, value)| Variable { name: name.to_owned(), value: value.map(str::to_owned) })
                .map_err(str::to_owned);
            assert_eq!(found, expected, "{word}");
        }
    }
}
