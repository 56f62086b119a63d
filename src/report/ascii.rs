//! JSON in ASCII: it survives every terminal, log and encoding, and commands no CI system.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::ser::{Formatter, Serializer};

/// Without a line end.
pub(crate) fn write(out: &mut dyn Write, value: &impl Serialize) -> io::Result<()> {
    value.serialize(&mut Serializer::with_formatter(out, Ascii))?;
    Ok(())
}

struct Ascii;

impl Formatter for Ascii {
    fn write_string_fragment<W>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()>
    where
        W: ?Sized + Write,
    {
        let mut written = 0;
        let mut previous = ' ';
        for (at, character) in fragment.char_indices() {
            // `##[error]` and its kin command a CI system from the middle of a line.
            let in_command = character == '#' && previous == '#';
            previous = character;
            if matches!(character, ' '..='~') && !in_command {
                continue;
            }
            writer.write_all(&fragment.as_bytes()[written..at])?;
            for unit in character.encode_utf16(&mut [0; 2]) {
                write!(writer, "\\u{unit:04x}")?;
            }
            written = at + character.len_utf8();
        }
        writer.write_all(&fragment.as_bytes()[written..])
    }
}
