//! The file format of a snapshot: insta's, with the digest of the code in its `info`. Knows no folders.
//!
//! ```text
//! ---
//! source: docs/guide.md
//! expression: print(answer)
//! info:
//!   id: "docs/guide.md::first-steps::1"
//!   sha256: 2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae
//! ---
//! 42
//! ```

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::Seek;
use std::os::fd::AsRawFd;
use std::path::PathBuf;

use crate::model::fingerprint::fingerprint;
use crate::model::snippet::{Line, Snippet};
use crate::safe_fs::{self, SafeFsError};
use crate::unseen::visible;

/// Two streams and a value of the kept size, all of it escaped, stay below this.
pub(crate) const LARGEST: u64 = 64 << 20;
const LONGEST_EXPRESSION: usize = 100;

/// The folder in which descriptors have names. Not every Linux has `/dev/fd`.
const DESCRIPTORS: &str = if cfg!(target_os = "linux") { "/proc/self/fd" } else { "/dev/fd" };

/// The content of a snapshot file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Snapshot {
    /// The digest of the code that was accepted; absent in files that another program wrote.
    pub(crate) sha256: Option<String>,
    /// Keys of claims that were false when it was accepted.
    pub(crate) falsehoods: BTreeSet<String>,
    /// The accepted transcript, without blanks at its end.
    pub(crate) body: String,
}

/// A false claim in the head of a snapshot: a key that does not depend on its line, and words for the reviewer.
pub(crate) type Falsehood = (String, String);

const FALSEHOOD: &str = "claim_";
const LONGEST_WORDS: usize = 200;

pub(crate) fn falsehood(text: &str, actual: &str) -> Falsehood {
    let key = format!("{FALSEHOOD}{}", &fingerprint(&format!("{text}\0{actual}"))[..16]);
    (key, format!("{text}, but it is {actual}").chars().take(LONGEST_WORDS).collect())
}

#[derive(Debug, thiserror::Error)]
pub(crate) enum FormatError {
    #[error("cannot read the snapshot")]
    Read(#[from] SafeFsError),
    #[error("the snapshot is not UTF-8")]
    NotUtf8 { line: Line },
    #[error("expected `{expected}` in the head of the snapshot")]
    Head { line: Line, expected: &'static str },
    #[error("the head of the snapshot is not YAML")]
    NotYaml,
}

impl FormatError {
    pub(crate) fn line(&self) -> Option<Line> {
        match self {
            Self::NotUtf8 { line } | Self::Head { line, .. } => Some(*line),
            Self::Read(_) | Self::NotYaml => None,
        }
    }
}

impl Snapshot {
    pub(crate) fn read(file: &File) -> Result<Self, FormatError> {
        let bytes = safe_fs::contents(file, LARGEST)?;
        let text = String::from_utf8(bytes).map_err(|error| {
            let valid = &error.as_bytes()[..error.utf8_error().valid_up_to()];
            FormatError::NotUtf8 { line: line_after(valid.split(|byte| *byte == b'\n').count() - 1) }
        })?;
        let (sha256, falsehoods) = check_head(&text)?;
        // insta opens by name. The name of a descriptor leads to the file that was checked, even if the file's own name
        // has been given to another one since. Some systems open a copy of the descriptor, which would go on reading at
        // its end: therefore it is rewound.
        let name = PathBuf::from(format!("{DESCRIPTORS}/{}", file.as_raw_fd()));
        { file }.rewind().map_err(SafeFsError::Io)?;
        let stored = insta::Snapshot::from_file(&name).map_err(|_| FormatError::NotYaml)?;
        let body = stored.as_text().map(ToString::to_string).ok_or(FormatError::NotYaml)?;
        Ok(Self { sha256, falsehoods, body })
    }
}

/// The two files that a snapshot can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SnapshotStage {
    Accepted,
    /// The head of a pending file names the line of the document for reviewers.
    Pending,
}

pub(crate) fn file_text(
    snippet: &Snippet,
    stage: SnapshotStage,
    falsehoods: &[Falsehood],
    body: &str,
) -> String {
    let first = snippet.code.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default();
    let expression: String = first.chars().take(LONGEST_EXPRESSION).collect();

    let line = match stage {
        SnapshotStage::Accepted => String::new(),
        SnapshotStage::Pending => format!("assertion_line: {}\n", snippet.location.code),
    };

    let falsehoods: BTreeMap<&str, &str> =
        falsehoods.iter().map(|(key, words)| (key.as_str(), words.as_str())).collect();
    let falsehoods: Vec<String> =
        falsehoods.iter().map(|(key, words)| format!("  {key}: {}\n", scalar(words))).collect();
    let falsehoods = falsehoods.concat();

    format!(
        "---\nsource: {}\n{line}expression: {}\ninfo:\n  id: {}\n  sha256: {}\n{falsehoods}---\n{body}\n",
        scalar(snippet.path.as_str()),
        scalar(&expression),
        scalar(&snippet.id.0),
        scalar(&fingerprint(&snippet.code)),
    )
}

/// A pending file's text as the accepted file has it: its head names no line.
pub(crate) fn accepted_text(pending: &str) -> String {
    let (mut accepted, mut is_head) = (String::with_capacity(pending.len()), true);
    for (number, line) in pending.split_inclusive('\n').enumerate() {
        is_head &= number == 0 || line.trim_end() != "---";
        if !is_head || !line.starts_with("assertion_line:") {
            accepted.push_str(line);
        }
    }
    accepted
}

/// A YAML scalar on one line, quoted unless it is plainly a word or a path.
fn scalar(text: &str) -> String {
    let plain = text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text.chars().all(|character| character.is_ascii_alphanumeric() || " _./()-".contains(character))
        && !text.ends_with(' ')
        && !["yes", "no", "on", "off", "y", "n", "true", "false", "null", "nan", "inf", "infinity"]
            .contains(&text.to_ascii_lowercase().as_str());

    if plain {
        return text.to_owned();
    }

    let mut quoted = String::from("\"");
    for character in visible(text.as_bytes()).chars() {
        match character {
            '"' | '\\' => quoted.extend(['\\', character]),
            '\n' => quoted.push_str("\\n"),
            '\t' => quoted.push_str("\\t"),
            other => quoted.push(other),
        }
    }
    quoted.push('"');
    quoted
}

/// The digest and the false claims in the head of a snapshot. Refuses heads that would harm insta's reader: it panics
/// on `.inf`, follows `extension` anywhere in the file system, and recurses without bound into nested values.
fn check_head(text: &str) -> Result<(Option<String>, BTreeSet<String>), FormatError> {
    const KEYS: [&str; 7] =
        ["source", "assertion_line", "description", "expression", "info", "input_file", "snapshot_kind"];

    let mut lines = text.lines().map(str::trim_end).enumerate();
    if lines.next().is_none_or(|(_, line)| line != "---") {
        return Err(FormatError::Head { line: Line(1), expected: "---" });
    }

    let (mut sha256, mut falsehoods) = (None, BTreeSet::new());
    for (number, line) in lines {
        let broken = |expected| FormatError::Head { line: line_after(number), expected };
        if line == "---" {
            return Ok((sha256, falsehoods));
        }

        let (key, value) = line.split_once(':').ok_or_else(|| broken("key: value"))?;
        let value = value.trim();
        let nested = key.strip_prefix("  ").filter(|nested| is_word(nested));
        if (nested.is_none() && !KEYS.contains(&key))
            || value.starts_with(['[', '{', '&', '*', '!', '|', '>'])
        {
            return Err(broken("key: value"));
        }
        if value.trim_start_matches(['+', '-']).starts_with('.') {
            return Err(broken("a value in quotes"));
        }
        if key == "snapshot_kind" && value != "text" {
            return Err(broken("snapshot_kind: text"));
        }

        if nested == Some("sha256") {
            sha256 = Some(value.trim_matches('"').to_owned());
        }
        falsehoods.extend(nested.filter(|nested| nested.starts_with(FALSEHOOD)).map(str::to_owned));
    }
    Err(FormatError::Head { line: line_after(text.lines().count()), expected: "---" })
}

fn is_word(key: &str) -> bool {
    !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

fn line_after(lines: usize) -> Line {
    Line(u32::try_from(lines).unwrap_or(u32::MAX).saturating_add(1))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::fs::{self, File};

    use super::{Snapshot, SnapshotStage, accepted_text, file_text, scalar};
    use crate::expect::test_data::snippet;
    use crate::model::fingerprint::fingerprint;

    fn read(bytes: &[u8]) -> Result<Snapshot, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.snap");
        fs::write(&path, bytes).unwrap();
        Snapshot::read(&File::open(&path).unwrap()).map_err(|error| match error.line() {
            Some(line) => format!("{line}: {error}"),
            None => error.to_string(),
        })
    }

    #[test]
    fn a_pending_text_becomes_the_accepted_one() {
        let snippet = snippet("a.md", "top-1", "print(body)");
        let body = "---\nassertion_line: 4\n";
        let text = |stage| file_text(&snippet, stage, &[], body);
        assert_eq!(accepted_text(&text(SnapshotStage::Pending)), text(SnapshotStage::Accepted));
    }

    #[test]
    fn what_is_written_is_read() {
        let snippet = snippet("docs/a: b.md", "first-1", "\n  print('x: \"y\"')  # é\u{202e}\n");
        let text = file_text(&snippet, SnapshotStage::Accepted, &[], "\n42\n\n---\nx");
        insta::assert_snapshot!(text, @r#"
        ---
        source: "docs/a: b.md"
        expression: "print('x: \"y\"')  # é\\u{202e}"
        info:
          id: "docs/a: b.md::first-1"
          sha256: ef91fdfb0a186bc3b52c25883b70887c1159aa208f5f66d2be589e984d68475b
        ---

        42

        ---
        x
        "#);
        let sha256 = Some(fingerprint(&snippet.code));
        let expected = Snapshot { sha256, falsehoods: BTreeSet::new(), body: "\n42\n\n---\nx".to_owned() };
        assert_eq!(read(text.as_bytes()), Ok(expected.clone()));
        assert_eq!(read(text.replace('\n', "\r\n").as_bytes()), Ok(expected));
        let pending = file_text(&snippet, SnapshotStage::Pending, &[], "42");
        assert!(pending.contains("\nassertion_line: 4\nexpression: "), "{pending}");
        assert_eq!(read(pending.as_bytes()).unwrap().body, "42");
    }

    #[test]
    fn scalars_survive_insta() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.snap");
        for text in [
            "x",
            "docs/a-b_1.md",
            "yes",
            "1e5",
            ".inf",
            "+.inf",
            "- a",
            "a: b",
            "a # b",
            "\"'\\",
            "",
            " a",
            "{a}",
            "@a",
            "import os",
            "NaN",
            "ünï",
            "a\tb",
            "*x",
            "!y",
            "%z",
            "`q`",
            "null",
            "0x10",
            "a, b",
        ] {
            fs::write(&path, format!("---\nsource: {}\n---\n", scalar(text))).unwrap();
            let read = insta::Snapshot::from_file(&path).unwrap();
            assert_eq!(read.metadata().source(), Some(text));
        }
    }

    #[test]
    fn heads_of_other_writers_are_read() {
        let read =
            read(b"---\nsource: a.md\nexpression: +x\nsnapshot_kind: text\ninfo:\n  id: x\n---\n1 \n\n")
                .unwrap();
        assert_eq!(read, Snapshot { sha256: None, falsehoods: BTreeSet::new(), body: "1".to_owned() });
    }

    #[test]
    fn broken_ones_are_located() {
        for (text, expected) in [
            (&b""[..], "1: expected `---` in the head of the snapshot"),
            (b"42\n", "1: expected `---` in the head of the snapshot"),
            (b"---\nsource: a\n", "3: expected `---` in the head of the snapshot"),
            (b"---\nsource: a\n<<<<<<< HEAD\n---\n", "3: expected `key: value` in the head of the snapshot"),
            (b"---\nsource: \"a\n---\n", "the head of the snapshot is not YAML"),
            (b"---\ninfo: [[[[\n---\n", "2: expected `key: value` in the head of the snapshot"),
            (b"---\ninfo:\n  a: .inf\n---\n", "3: expected `a value in quotes` in the head of the snapshot"),
            (b"---\ninfo:\n  a:\n    b: c\n---\n", "4: expected `key: value` in the head of the snapshot"),
            (b"---\nextension: ../x\n---\n", "2: expected `key: value` in the head of the snapshot"),
            (
                b"---\nsnapshot_kind: binary\n---\n",
                "2: expected `snapshot_kind: text` in the head of the snapshot",
            ),
            (b"---\nsource: a\n---\n1\n\xff\n", "5: the snapshot is not UTF-8"),
        ] {
            assert_eq!(read(text).unwrap_err(), expected);
        }
    }
}
