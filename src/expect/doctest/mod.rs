//! `>>>` prompts and what they show, by the rules of the standard library's `doctest`.

mod comments;
mod comparison;
mod correction;
mod example_result;
mod ipython;
mod joined;
mod judge;
#[cfg(test)]
mod judge_tests;
mod number;
mod parse;
mod pattern;
#[cfg(test)]
mod proptests;
mod requirement;
mod session;
mod traceback;

pub(crate) use session::ConsoleSession;
