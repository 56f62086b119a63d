//! Texts that wait for their turn: in memory up to a size, then in a file without a name.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;

/// Bytes of them in memory. Control characters take six times their size in a text.
const ROOM: usize = 32 << 20;

#[derive(Debug, Default)]
pub(super) struct Store {
    in_memory: usize,
    file: Option<File>,
    /// Its length.
    end: u64,
    /// Texts in it.
    stored: usize,
}

/// A text that its store gives back.
#[derive(Debug)]
pub(super) enum Kept {
    Memory(Vec<u8>),
    Stored { start: u64, length: usize },
}

impl Store {
    /// Where a file cannot be had, memory has to do.
    pub(super) fn keep(&mut self, text: Vec<u8>) -> Kept {
        if self.in_memory + text.len() > ROOM
            && let Ok(kept) = self.write(&text)
        {
            return kept;
        }
        self.in_memory += text.len();
        Kept::Memory(text)
    }

    pub(super) fn take(&mut self, kept: Kept) -> io::Result<Vec<u8>> {
        match kept {
            Kept::Memory(text) => {
                self.in_memory -= text.len();
                Ok(text)
            }
            Kept::Stored { start, length } => {
                let mut text = vec![0; length];
                let file = self.file.as_ref().ok_or(io::ErrorKind::NotFound)?;
                file.read_exact_at(&mut text, start)?;
                self.stored -= 1;
                if self.stored == 0 {
                    self.end = 0;
                    file.set_len(0)?;
                }
                Ok(text)
            }
        }
    }

    fn write(&mut self, text: &[u8]) -> io::Result<Kept> {
        if self.file.is_none() {
            self.file = Some(tempfile::tempfile()?);
        }
        let file = self.file.as_ref().ok_or(io::ErrorKind::NotFound)?;
        file.write_all_at(text, self.end)?;
        let start = self.end;
        self.end += text.len() as u64;
        self.stored += 1;
        Ok(Kept::Stored { start, length: text.len() })
    }
}

#[cfg(test)]
mod tests {
    use super::{Kept, ROOM, Store};

    #[test]
    fn what_is_kept_is_given_back() {
        let mut store = Store::default();
        let text = |number: u8| vec![number; ROOM / 3 + 1];
        for _ in 0..2 {
            let kept: Vec<Kept> = (0..6).map(|number| store.keep(text(number))).collect();
            let in_memory = kept.iter().filter(|kept| matches!(kept, Kept::Memory(_))).count();
            assert_eq!(in_memory, 2);
            for (number, kept) in (0..6).zip(kept).rev() {
                assert!(store.take(kept).unwrap() == text(number), "{number}");
            }
            assert_eq!((store.in_memory, store.end, store.stored), (0, 0, 0));
        }
    }
}
