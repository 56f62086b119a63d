//! From the words of a user to the texts of files.

mod discover;
mod format;
mod load;
mod places;
mod unignored;
mod walk;

pub use crate::document::files::discover::discover;
pub(crate) use crate::document::files::format::Format;
pub(crate) use crate::document::files::load::{LONGEST, contents, present, text};
pub use crate::document::files::places::{Discovery, DocumentFile, Exclusion, NamedBy, Places};
pub(crate) use crate::document::files::unignored::unignored;
