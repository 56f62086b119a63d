//! Files that have no name any more and are still there, because a process holds them. Knows no limits.

use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use memchr::memmem;

/// How `/proc` marks them in its list of mappings.
const MARK: &[u8] = b" (deleted)";

/// What a session's processes hold of the file system that a folder is on.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct DeletedFiles {
    pub(super) bytes: u64,
    pub(super) files: u64,
    /// Held in a way that does not show their size.
    pub(super) of_unknown_size: UnknownSize,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum UnknownSize {
    #[default]
    Nothing,
    /// So many mappings of files that are not open.
    Mapped(u64),
    /// A process does not show what it holds.
    Anything,
}

/// Looks at the processes with these folders in `/proc`. Threads of one process hold the same files: system calls that
/// would give one of them a table of its own are refused.
pub(super) fn held<'a>(processes: impl Iterator<Item = &'a Path>, folder: &Path) -> DeletedFiles {
    let Ok(device) = fs::metadata(folder).map(|metadata| metadata.dev()) else {
        return DeletedFiles::default();
    };
    let mut open = BTreeMap::new();
    let mut mapped = Vec::new();
    let mut of_unknown_size = UnknownSize::Nothing;

    for process in processes {
        let mut look = |link: &Path| {
            match fs::metadata(link) {
                Ok(metadata) if metadata.nlink() == 0 && metadata.dev() == device => {
                    open.insert(metadata.ino(), metadata.blocks() * 512);
                }
                Err(error) if error.kind() == ErrorKind::PermissionDenied => {
                    of_unknown_size = UnknownSize::Anything;
                }
                // Something else, or it has been closed meanwhile.
                Ok(_) | Err(_) => {}
            }
        };
        // Who may not follow this one may not list the open files either.
        look(&process.join("exe"));
        look(&process.join("cwd"));
        fs::read_dir(process.join("fd"))
            .into_iter()
            .flatten()
            .flatten()
            .for_each(|entry| look(&entry.path()));
        mapped.extend(mappings(&fs::read(process.join("maps")).unwrap_or_default(), folder));
    }

    mapped.sort_unstable();
    mapped.dedup();
    mapped.retain(|inode| !open.contains_key(inode));
    if of_unknown_size == UnknownSize::Nothing && !mapped.is_empty() {
        of_unknown_size = UnknownSize::Mapped(mapped.len() as u64);
    }
    DeletedFiles { bytes: open.values().sum(), files: (open.len() + mapped.len()) as u64, of_unknown_size }
}

/// Numbers of the files below a folder that these mappings hold and that have no name (`proc_pid_maps(5)`).
fn mappings(text: &[u8], folder: &Path) -> Vec<u64> {
    if memmem::find(text, MARK).is_none() {
        return Vec::new();
    }
    let marked = text.split(|byte| *byte == b'\n').filter_map(|line| line.strip_suffix(MARK));
    let below = marked.filter(|line| memmem::find(line, folder.as_os_str().as_bytes()).is_some());
    let inode = |line: &[u8]| {
        let fields = String::from_utf8_lossy(line);
        fields.split_ascii_whitespace().nth(4)?.parse().ok()
    };
    below.filter_map(inode).collect()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::mappings;

    #[track_caller]
    fn check(line: &str, expected: &[u64]) {
        let text = format!("7f0000000000-7f0000001000 r--p 00000000 fe:00 1 /usr/lib/libc.so.6\n{line}\n");
        assert_eq!(mappings(text.as_bytes(), Path::new("/tmp/snipcheck-x/s-y")), expected, "{line}");
    }

    #[test]
    fn mappings_of_deleted_files() {
        let start = "7f0000000000-7f0000001000 rw-s 00000000 fe:00 42                ";
        check(&format!("{start} /tmp/snipcheck-x/s-y/doc/file (deleted)"), &[42]);
        check(&format!("{start} /tmp/snipcheck-x/s-y/doc/two words (deleted)"), &[42]);
        check(&format!("{start} /tmp/snipcheck-x/s-y/doc/file"), &[]);
        check(&format!("{start} /tmp/snipcheck-x/s-z/doc/file (deleted)"), &[]);
        check(&format!("{start} /dev/zero (deleted)"), &[]);
        check("7f0000000000-7f0000001000 rw-s 00000000 fe:00 x /tmp/snipcheck-x/s-y/f (deleted)", &[]);
    }
}
