//! Several Pythons in one run.

mod choice;
mod documents;
mod expectations;
mod reports;
