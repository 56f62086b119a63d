//! Where a sandbox has a session's directories. They are the same in every run, so that outputs are.

pub const HOME: &str = "/home/snippet";
pub const TEMPORARY: &str = "/tmp";
