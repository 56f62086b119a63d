//! Names for contents.

use sha2::{Digest, Sha256};

/// The SHA-256 of a text in hexadecimal digits.
pub fn fingerprint(text: &str) -> String {
    let digit = |half: u8| char::from(b"0123456789abcdef"[usize::from(half)]);
    let mut digits = String::with_capacity(64);
    for byte in Sha256::digest(text.as_bytes()) {
        digits.push(digit(byte >> 4));
        digits.push(digit(byte & 15));
    }
    digits
}
