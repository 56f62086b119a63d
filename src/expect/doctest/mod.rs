//! `>>>` prompts and what they show, by the rules of the standard library's `doctest`.

mod check;
mod comments;
mod condition;
mod correct;
mod judge;
#[cfg(test)]
mod judge_tests;
mod number;
mod parse;
#[cfg(test)]
mod properties;
mod session;
mod traceback;

pub(crate) use session::Session;
