//! From a block of text to a code block: language, directives, name and disposition.

mod classify;
mod console;
mod disposition;
mod label;
mod name;
mod option_lines;
mod suspicion;
mod tested;
pub(crate) mod title;
mod wanted;

pub(crate) use crate::document::block::classify::{Classifier, Reading};
pub(crate) use crate::document::block::tested::Prompts;
