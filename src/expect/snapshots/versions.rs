//! Snapshots of one version of Python: `first-1@3.13` stands beside `first-1`, which holds wherever there is none of the version.

use crate::directive::Python;

/// Parts a name from a version. No snippet has it in its name.
const SIGN: char = '@';

/// The name of a snippet's snapshot for one version.
pub(super) fn versioned(snapshot: &str, python: Python) -> String {
    format!("{snapshot}{SIGN}{}.{}", python.major, python.minor)
}

/// The name of the common snapshot that one of a version stands beside; a common one is its own.
pub(super) fn common(name: &str) -> &str {
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    match name.rsplit_once(SIGN) {
        Some((common, version))
            if version.split_once('.').is_some_and(|(major, minor)| is_number(major) && is_number(minor)) =>
        {
            common
        }
        Some(_) | None => name,
    }
}

/// The file of the common snapshot that one of a version stands beside.
pub(super) fn common_file(file: &str) -> String {
    let (folder, name) = file.rsplit_once('/').unwrap_or_default();
    let name = name.strip_suffix(".snap").unwrap_or(name);
    format!("{folder}/{}.snap", common(name))
}

#[cfg(test)]
mod tests {
    use super::{Python, common, common_file, versioned};

    #[test]
    fn files_of_versions() {
        assert_eq!(common_file("expected/a.md/first-1@3.13.snap"), "expected/a.md/first-1.snap");
        assert_eq!(common_file("expected/a@3.13/first-1.snap"), "expected/a@3.13/first-1.snap");
    }

    #[test]
    fn names_of_versions() {
        assert_eq!(versioned("first-1", Python { major: 3, minor: 13 }), "first-1@3.13");
        for (name, expected) in [
            ("first-1@3.13", "first-1"),
            ("first-1", "first-1"),
            ("first-1@3", "first-1@3"),
            ("first-1@3.x", "first-1@3.x"),
            ("first-1@3.13@3.12", "first-1@3.13"),
            ("@3.13", ""),
        ] {
            assert_eq!(common(name), expected, "{name}");
        }
    }
}
