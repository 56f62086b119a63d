//! What supervisor, lanes and sessions say to each other, and how it is framed.
//!
//! A frame is a four-byte length (native order: both ends are of one build) and a JSON body. Frames that come out of a
//! session begin with its token, so that bytes which a snippet writes to the descriptor are not taken for a frame. The
//! body is untrusted all the same: a snippet can find the token in the memory of its process.

mod body;
mod error;
mod frame;
mod lane_setup;
mod mark;
mod process_end;
mod reply;
mod request;
mod span;
mod token;

pub use self::body::{Body, decode};
pub use self::error::FrameError;
pub use self::frame::{Decoder, encode, read, receive, write};
pub use self::lane_setup::{LaneReply, LaneSetup, SEARCH_PATH, StartCode};
pub use self::mark::{Mark, Stack};
pub use self::process_end::ProcessEnd;
pub use self::reply::{Blame, Fact, FinishedStep, MAX_FACTS, Reply, StepEnd, Stuck, StuckKind};
pub use self::request::{APART, FixtureFile, ImageUse, Import, Mode, Request, RequestHead, Step};
#[cfg(sandboxed)]
pub use self::span::Span;
pub use self::token::Token;
