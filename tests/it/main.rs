//! The real executable, real Python, a folder of its own for every test. Start reading at `sandbox/limits.rs`.

#![expect(clippy::unwrap_used, reason = "what a test cannot do fails the test")]

mod architecture;
mod claims;
mod cli;
mod clock;
mod documents;
mod regression;
mod reruns;
mod review;
mod runner;
mod sandbox;
mod sessions;
mod snapshots;
mod support;
mod untrusted;
mod versions;
mod watch;

use support::{container, project, pythons, story, terminal};
