//! Settings and flags, and what people and programs read of a run.

mod choosing;
mod formats;
mod reports;
mod settings;
mod words;
