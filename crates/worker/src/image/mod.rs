//! Images: the memory of a process that has loaded packages, for later sessions of its lane to begin with.
//!
//! Loading a package takes a tenth of a second and more, and every session of a document that uses it would do it anew.
//! A lane must not: code of packages has no business where the rights of a lane are. So a session does ([`record`]),
//! confined like any other, writes its memory to a file, and ends. Later sessions lay the file over their own memory
//! ([`adopt`]) once they are confined, and go on as if they had done what the recording session has done. The kernel's
//! part of a process is not in its memory: a session that has changed it (threads, descriptors, signals) makes no
//! image.
//!
//! What makes this possible is that both are copies of one lane: what was mapped before has the same addresses in both,
//! their stacks hold the same frames above the one that calls these functions, and their numbers in their namespaces
//! are equal.

mod adopt;
mod format;
mod mappings;
mod of_session;
mod record;

pub(super) use self::adopt::adopt;
pub(super) use self::of_session::of_session;
