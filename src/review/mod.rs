//! One question after another about what waits: outputs, words of documents that are false, suspicious fences. Knows no
//! processes: what there is to decide has been found out before.

mod decisions;
mod editor;
mod item;
mod rows;
mod screen;
mod session;
mod terminal;

pub(crate) use editor::Editor;
pub(crate) use item::{Item, Subject};
pub(crate) use session::{Ending, Review};
pub(crate) use terminal::{Terminal, is_possible};
