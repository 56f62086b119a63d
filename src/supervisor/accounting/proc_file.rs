//! Reads files of `/proc`.

use std::fs::File;
use std::io::Read;
use std::path::Path;

/// More bytes than most of them have.
const USUAL: usize = 4096;

/// A file of `/proc` says that it is empty: without room for its text it would be read in many pieces.
pub(super) fn read(path: &Path) -> Option<String> {
    let mut bytes = Vec::with_capacity(USUAL);
    File::open(path).ok()?.take(u64::MAX).read_to_end(&mut bytes).ok()?;
    // Names of processes are any bytes.
    let text = String::from_utf8(bytes);
    Some(text.unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned()))
}

/// The figure after a name, as many of these files have it, in kibibytes.
pub(super) fn bytes(text: &str, name: &str) -> Option<u64> {
    let figure = text.lines().find_map(|line| line.strip_prefix(name))?;
    Some(figure.split_whitespace().next()?.parse::<u64>().ok()? << 10)
}
