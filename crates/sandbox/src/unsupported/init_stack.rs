//! Stands in for the memory of init's frames: a forked init has a stack of its own.

#[derive(Debug, Default)]
pub struct InitStack;
