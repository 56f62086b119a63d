//! Why a frame could not be exchanged.

use std::io;

#[derive(Debug, thiserror::Error)]
pub enum FrameError {
    #[error("the other end is gone")]
    Closed,
    #[error("cannot exchange frames")]
    Io(#[from] io::Error),
    #[error("a frame of {length} bytes is too long")]
    TooLong { length: usize },
    #[error("bytes that are no frame")]
    Stray,
    #[error("a frame that cannot be read")]
    Json(#[from] serde_json::Error),
}
