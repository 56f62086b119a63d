//! snipcheck: runs the Python snippets of documents and checks what came out.

use std::process::ExitCode;

mod cli;
mod config;
pub mod directive;
pub mod document;
mod event;
mod expect;
mod outcome;
mod plan;
mod policy;
pub mod problem;
mod report;
pub mod snippet;
mod summary;
mod verdict;

pub fn main() -> ExitCode {
    ExitCode::SUCCESS
}
