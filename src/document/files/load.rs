//! From a file to text. Nothing that is opened can block, and nothing is read that is no text.

use std::path::Path;
use std::string::FromUtf8Error;

use memchr::{memchr, memchr_iter, memrchr};

use crate::model::problem::Problem;
use crate::model::snippet::{DocumentPath, Line};
use crate::safe_fs::{self, SafeFsError};

/// Documents are text for people; a longer file is data with the wrong ending. What is parsed takes up to fifty times as
/// much memory as its text.
pub(crate) const LONGEST: u64 = 8 << 20;

/// The text of a file, as far as it could be read.
pub(crate) struct Contents {
    pub(crate) text: String,
    pub(crate) problem: Option<Problem>,
}

#[derive(Debug, thiserror::Error)]
enum ReadError {
    #[error("cannot read the document: {0}")]
    Open(SafeFsError),
    #[error("not a regular file")]
    NoFile,
    #[error("longer than 8 MiB")]
    TooLong,
    #[error("UTF-16 text, expected UTF-8")]
    Utf16,
    #[error("binary file: NUL byte in column {column}")]
    Binary { line: usize, column: usize },
    #[error("byte 0x{byte:02x} in column {column} is not UTF-8")]
    Encoding { line: usize, column: usize, byte: u8 },
}

pub(crate) fn contents(file: &Path, path: &DocumentPath) -> Contents {
    let (text, error) = match bytes(file).and_then(without_nul) {
        Ok(bytes) => match String::from_utf8(bytes) {
            Ok(text) => (text, None),
            Err(error) => {
                let text = String::from_utf8_lossy(error.as_bytes()).into_owned();
                (text, Some(ReadError::encoding(&error)))
            }
        },
        Err(error) => (String::new(), Some(error)),
    };
    Contents { text, problem: error.map(|error| error.problem(path)) }
}

/// The text of a document that is read in full or not at all.
pub(crate) fn text(bytes: Vec<u8>, path: &DocumentPath) -> Result<String, Problem> {
    let length = bytes.len() as u64;
    let bytes = if length > LONGEST { Err(ReadError::TooLong) } else { without_nul(bytes) };
    bytes
        .and_then(|bytes| String::from_utf8(bytes).map_err(|error| ReadError::encoding(&error)))
        .map_err(|error| error.problem(path))
}

/// What is in the file of a document now; nothing where it is none, or too long.
pub(crate) fn present(file: &Path) -> Option<Vec<u8>> {
    bytes(file).ok()
}

fn bytes(file: &Path) -> Result<Vec<u8>, ReadError> {
    Ok(safe_fs::contents(&safe_fs::plain(file)?, LONGEST)?)
}

fn without_nul(bytes: Vec<u8>) -> Result<Vec<u8>, ReadError> {
    let Some(at) = memchr(0, &bytes) else { return Ok(bytes) };
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return Err(ReadError::Utf16);
    }
    let (line, column) = place(&bytes, at);
    Err(ReadError::Binary { line, column })
}

/// Line and column of a byte, both counted from 1.
fn place(bytes: &[u8], at: usize) -> (usize, usize) {
    let before = &bytes[..at];
    (memchr_iter(b'\n', before).count() + 1, at - memrchr(b'\n', before).map_or(0, |end| end + 1) + 1)
}

impl From<SafeFsError> for ReadError {
    fn from(error: SafeFsError) -> Self {
        match error {
            SafeFsError::InTheWay { .. } => Self::NoFile,
            SafeFsError::TooLong { .. } => Self::TooLong,
            error @ SafeFsError::Io(_) => Self::Open(error),
        }
    }
}

impl ReadError {
    fn encoding(error: &FromUtf8Error) -> Self {
        let (bytes, at) = (error.as_bytes(), error.utf8_error().valid_up_to());
        let (line, column) = place(bytes, at);
        Self::Encoding { line, column, byte: bytes.get(at).copied().unwrap_or_default() }
    }

    fn problem(&self, path: &DocumentPath) -> Problem {
        let line = self.line().and_then(|line| u32::try_from(line).ok()).map(Line);
        Problem {
            path: path.0.clone(),
            line,
            message: self.to_string(),
            hint: self.hint().map(str::to_owned),
        }
    }

    fn line(&self) -> Option<usize> {
        match self {
            Self::Binary { line, .. } | Self::Encoding { line, .. } => Some(*line),
            Self::Open(_) | Self::NoFile | Self::TooLong | Self::Utf16 => None,
        }
    }

    fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Open(_) => None,
            Self::NoFile | Self::Binary { .. } => {
                Some("documents are text files; leave this one out with `exclude`")
            }
            Self::TooLong => Some("split the document, or leave it out with `exclude`"),
            Self::Utf16 => Some("save the document as UTF-8"),
            Self::Encoding { .. } => Some("save the document as UTF-8; the rest of it has been read"),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::time::Duration;

    use super::contents;
    use crate::model::snippet::{DocumentPath, Line};

    #[track_caller]
    fn check(bytes: &[u8], text: &str, problem: Option<(Option<u32>, &str)>) {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a.md");
        fs::write(&file, bytes).unwrap();
        let contents = contents(&file, &DocumentPath("a.md".to_owned()));
        assert_eq!(contents.text, text);
        let found = contents.problem.map(|problem| (problem.line, problem.message));
        assert_eq!(found, problem.map(|(line, message)| (line.map(Line), message.to_owned())));
    }

    #[test]
    fn encodings() {
        check("# Größe\n".as_bytes(), "# Größe\n", None);
        check(
            b"ok\ncaf\xe9 x\n",
            "ok\ncaf\u{fffd} x\n",
            Some((Some(2), "byte 0xe9 in column 4 is not UTF-8")),
        );
        check(b"ok\n\0\x01", "", Some((Some(2), "binary file: NUL byte in column 1")));
        check(b"\xff\xfe#\0\n\0", "", Some((None, "UTF-16 text, expected UTF-8")));
        check(&vec![b'a'; (8 << 20) + 1], "", Some((None, "longer than 8 MiB")));
    }

    #[test]
    fn what_is_no_file_does_not_block() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe.md");
        nix::unistd::mkfifo(&pipe, nix::sys::stat::Mode::S_IRUSR).unwrap();
        let socket = folder.path().join("socket.md");
        let _listener = std::os::unix::net::UnixListener::bind(&socket).unwrap();
        let started = std::time::Instant::now();
        for file in
            [pipe.as_path(), socket.as_path(), "/dev/tty".as_ref(), "/dev/zero".as_ref(), folder.path()]
        {
            let contents = contents(file, &DocumentPath("a.md".to_owned()));
            assert_eq!(
                contents.problem.map(|problem| problem.message).as_deref(),
                Some("not a regular file"),
                "{file:?}"
            );
        }
        assert!(started.elapsed() < Duration::from_secs(5));
    }
}
