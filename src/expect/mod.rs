//! Reads and writes what is expected, and compares it with what happened. Knows no processes.

mod escape;
mod judge;
#[cfg(test)]
mod judge_tests;
mod redact;
#[cfg(test)]
mod samples;
mod sentence;
mod snapshot;
mod transcript;
