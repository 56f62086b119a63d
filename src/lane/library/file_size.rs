//! The limit of a caller for the size of files, which is not meant for the libraries of this executable.

use nix::sys::resource::{Resource, getrlimit, setrlimit};

/// The caller's limit, which holds again when this is dropped. One that cannot be lifted stays.
#[derive(Debug)]
pub(crate) struct FileSizeLimit(Option<(u64, u64)>);

impl FileSizeLimit {
    /// As much as the caller may allow itself (`RLIMIT_FSIZE`, getrlimit(2)).
    pub(crate) fn lift() -> Self {
        let before = getrlimit(Resource::RLIMIT_FSIZE).ok().filter(|(soft, hard)| soft < hard);
        Self(before.filter(|(_, hard)| setrlimit(Resource::RLIMIT_FSIZE, *hard, *hard).is_ok()))
    }
}

impl Drop for FileSizeLimit {
    fn drop(&mut self) {
        if let Some((soft, hard)) = self.0 {
            // It was allowed before.
            let _ = setrlimit(Resource::RLIMIT_FSIZE, soft, hard);
        }
    }
}
