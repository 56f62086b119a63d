//! Frames: length, body; read and written whole.

#[cfg(test)]
mod proptests;

use std::io::{self, Read, Write};

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::body::Body;
use crate::error::FrameError;

/// Bytes of the longest body that a lane accepts: a request holds a document's code.
const MAX_REQUEST: usize = 64 << 20;
/// Bytes of the longest body that the supervisor accepts from a session. Texts in a reply are cut far below that.
const MAX_REPLY: usize = 4 << 20;

/// `prefix`, length and body in one buffer, so that a frame up to `PIPE_BUF` is written atomically (pipe(7)).
pub fn encode<T: Serialize>(prefix: &[u8], value: &T) -> Result<Vec<u8>, FrameError> {
    let mut frame = Vec::with_capacity(256);
    frame.extend_from_slice(prefix);
    frame.extend_from_slice(&[0; 4]);
    serde_json::to_writer(&mut frame, value)?;

    let start = prefix.len();
    let length = frame.len() - start - 4;
    let short = u32::try_from(length).map_err(|_| FrameError::TooLong { length })?;
    frame[start..start + 4].copy_from_slice(&short.to_ne_bytes());
    Ok(frame)
}

pub fn write<T: Serialize>(target: &mut impl Write, value: &T) -> Result<(), FrameError> {
    target.write_all(&encode(&[], value)?)?;
    Ok(())
}

/// Blocks until a frame is there, and decodes its body.
pub fn read<T: DeserializeOwned>(source: &mut impl Read) -> Result<T, FrameError> {
    receive(source)?.decode()
}

/// Blocks until a frame is there. Its body may be decoded later, and more than once.
pub fn receive(source: &mut impl Read) -> Result<Body, FrameError> {
    let mut length = [0; 4];
    source.read_exact(&mut length).map_err(closed)?;
    let length = u32::from_ne_bytes(length) as usize;
    if length > MAX_REQUEST {
        return Err(FrameError::TooLong { length });
    }
    Body::read(source, length).map_err(closed)
}

fn closed(error: io::Error) -> FrameError {
    match error.kind() {
        io::ErrorKind::UnexpectedEof | io::ErrorKind::ConnectionReset => FrameError::Closed,
        _ => FrameError::Io(error),
    }
}

/// Decodes replies from bytes that arrive in any portions.
#[derive(Debug, Default)]
pub struct Decoder {
    prefix: Vec<u8>,
    buffer: Vec<u8>,
}

impl Decoder {
    pub fn new(prefix: &[u8]) -> Self {
        Self { prefix: prefix.to_vec(), buffer: Vec::new() }
    }

    pub fn feed(&mut self, bytes: &[u8]) {
        self.buffer.extend_from_slice(bytes);
    }

    /// `None` until a whole frame is there. After an error the stream is lost.
    #[expect(clippy::should_implement_trait, reason = "what comes next may be of any type")]
    pub fn next<T: DeserializeOwned>(&mut self) -> Result<Option<T>, FrameError> {
        let start = self.prefix.len();
        let shared = start.min(self.buffer.len());
        if self.buffer[..shared] != self.prefix[..shared] {
            return Err(FrameError::Stray);
        }

        let Some(length) = self.buffer.get(start..start + 4) else { return Ok(None) };
        let length = u32::from_ne_bytes(length.try_into().expect("the slice holds four bytes")) as usize;
        if length > MAX_REPLY {
            return Err(FrameError::TooLong { length });
        }

        let Some(body) = self.buffer.get(start + 4..start + 4 + length) else { return Ok(None) };
        let value = serde_json::from_slice(body)?;
        self.buffer.drain(..start + 4 + length);
        Ok(Some(value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_survive_any_portions() {
        let mut bytes = encode(b"key", &"one").unwrap();
        bytes.extend(encode(b"key", &"two").unwrap());
        let mut decoder = Decoder::new(b"key");
        let mut seen: Vec<String> = Vec::new();
        for byte in bytes {
            decoder.feed(&[byte]);
            seen.extend(decoder.next::<String>().unwrap());
        }
        assert_eq!(seen, ["one", "two"]);
    }

    #[test]
    fn stray_bytes_are_an_error_at_once() {
        let mut decoder = Decoder::new(b"key");
        decoder.feed(b"kex");
        assert!(matches!(decoder.next::<String>(), Err(FrameError::Stray)));
    }

    #[test]
    fn a_huge_length_is_refused_before_memory_is_taken() {
        let mut source: &[u8] = &[0xff, 0xff, 0xff, 0xff, 1];
        assert!(matches!(read::<String>(&mut source), Err(FrameError::TooLong { .. })));
    }
}
