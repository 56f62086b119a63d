//! What tells the bytes of this program from those of a snippet.

/// Random bytes that each frame and each mark of a session begins with.
pub type Token = [u8; 16];
