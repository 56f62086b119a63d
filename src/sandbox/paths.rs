//! Where a sandbox has a session's directories. They are the same in every run, so that outputs are.

pub(crate) const HOME: &str = "/home/snippet";
pub(crate) const TEMPORARY: &str = "/tmp";
