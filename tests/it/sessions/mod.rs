//! What becomes of a snippet, and of those that follow it.

mod endings;
pub(crate) mod interpreter;
mod main_file;
mod output;
mod own_tests;
mod processes;
mod replay;
mod sharing;
mod stacks;
mod stubborn;
