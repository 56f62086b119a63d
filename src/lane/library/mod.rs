//! The libraries that the executable carries, as files that a loader can open.

mod carried;
mod file_size;
#[cfg(not(sandboxed))]
mod files;
mod inherited;
#[cfg(sandboxed)]
mod memory;

pub(crate) use self::carried::{INTERPOSE, WORKER};
pub(crate) use self::file_size::FileSizeLimit;
#[cfg(not(sandboxed))]
pub(crate) use self::files::{Library, Preload, image_file, seal, unnamed_file};
pub(crate) use self::inherited::{forget_preloaded, let_inherit, preloaded};
#[cfg(sandboxed)]
pub(crate) use self::memory::{Library, Preload, image_file, seal, unnamed_file};
