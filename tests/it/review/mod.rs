//! `snipcheck review` at a terminal: questions, keys, what they write, what is left after the end.

mod kills;
mod questions;
mod recorded;
