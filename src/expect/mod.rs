//! Reads and writes what is expected, and compares it with what happened. Knows no processes.

mod escape;
mod redact;
#[cfg(test)]
mod samples;
mod transcript;
