//! What changes below a project, and what somebody types meanwhile. Knows no runs: what a change means for documents is
//! decided where it is used.

mod files;
mod folders;
mod inbox;
mod keyboard;
mod news;
mod stamp;

pub(crate) use files::{Files, Tree};
pub(crate) use folders::Folders;
pub(crate) use inbox::{Dirty, Happening, Inbox};
pub(crate) use keyboard::{Keyboard, await_end, clear_screen, is_possible};
pub(crate) use news::{Key, Stroke};
