//! `getrandom(2)` and `getentropy(3)` for everything in this process: the kernel's numbers, or a sequence that repeats.

use std::ffi::{c_int, c_uint, c_void};
use std::sync::atomic::{AtomicI32, AtomicU64, Ordering};

use sha2::{Digest, Sha256};

use crate::declare::interpose;
use crate::errno::fail;

/// The process in which the sequence began; none as long as the kernel is asked.
static OWNER: AtomicI32 = AtomicI32::new(NOBODY);
static SEED: AtomicU64 = AtomicU64::new(0);
/// Blocks that have been drawn.
static DRAWN: AtomicU64 = AtomicU64::new(0);

const NOBODY: i32 = 0;
/// Not in this process, nor in one that it can become.
const ELSEWHERE: i32 = -1;
/// Bytes at once; the kernel gives no more either.
const MOST: usize = (1 << 25) - 1;
/// `GETENTROPY_MAX` of POSIX.
const MOST_ENTROPY: usize = 256;

/// Whose number belongs to what is drawn: all but the first process of a session, whose number is not always the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Of {
    Session,
    Descendant,
}

/// From now on this process and its forks draw what everybody draws who says the same.
pub(super) fn repeat(seed: u64, of: Of) {
    SEED.store(seed, Ordering::Relaxed);
    DRAWN.store(0, Ordering::Relaxed);
    let owner = match of {
        Of::Session => process(),
        Of::Descendant => ELSEWHERE,
    };
    OWNER.store(owner, Ordering::Release);
}

interpose!(
    fn getrandom(buffer: *mut c_void, length: usize, flags: c_uint) -> isize {
        if OWNER.load(Ordering::Acquire) == NOBODY || buffer.is_null() {
            return of_kernel(buffer, length, flags);
        }
        let length = length.min(MOST);
        // SAFETY: the caller says that it has room for so many bytes, whatever they are now.
        fill(unsafe { std::slice::from_raw_parts_mut(buffer.cast(), length) });
        length.cast_signed()
    }
);

interpose!(
    fn getentropy(buffer: *mut c_void, length: usize) -> c_int {
        if length > MOST_ENTROPY {
            return fail(libc::EIO);
        }
        // The kernel gives so few bytes at once or none (getrandom(2)).
        let count = getrandom(buffer, length, 0);
        if count.cast_unsigned() == length { 0 } else { -1 }
    }
);

/// Straight from the kernel: looking up libc's function may draw, too.
fn of_kernel(buffer: *mut c_void, length: usize, flags: c_uint) -> isize {
    // SAFETY: the caller says that it has room for so many bytes; the kernel looks for itself.
    let count = unsafe { libc::syscall(libc::SYS_getrandom, buffer, length, flags) };
    isize::try_from(count).unwrap_or(-1)
}

fn fill(buffer: &mut [u8]) {
    let process = match process() {
        // Its number may be another one the next time.
        process if process == OWNER.load(Ordering::Relaxed) => NOBODY,
        // Forks go on where they left their parent, and must not draw what it draws.
        process => process,
    };
    let seed = SEED.load(Ordering::Relaxed);
    for piece in buffer.chunks_mut(size_of::<[u8; 32]>()) {
        let number = DRAWN.fetch_add(1, Ordering::Relaxed);
        piece.copy_from_slice(&block(seed, process, number)[..piece.len()]);
    }
}

fn block(seed: u64, process: i32, number: u64) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(seed.to_le_bytes());
    hash.update(process.to_le_bytes());
    hash.update(number.to_le_bytes());
    hash.finalize().into()
}

fn process() -> i32 {
    nix::unistd::getpid().as_raw()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn drawn(length: usize) -> Vec<u8> {
        let mut buffer = vec![0; length];
        let count = getrandom(buffer.as_mut_ptr().cast(), length, 0);
        assert_eq!(count.cast_unsigned(), length);
        buffer
    }

    /// Other tests of this process must never see a sequence, so none is begun here.
    #[test]
    fn the_kernel_is_asked_unless_a_session_says_otherwise() {
        assert_eq!(OWNER.load(Ordering::Acquire), NOBODY);
        let first = drawn(32);
        assert_ne!(first, drawn(32));
        assert_ne!(first, block(0, NOBODY, 0));
        assert_eq!(DRAWN.load(Ordering::Relaxed), 0);
        let mut buffer = [0; MOST_ENTROPY + 1];
        let answers =
            [MOST_ENTROPY, MOST_ENTROPY + 1].map(|length| getentropy(buffer.as_mut_ptr().cast(), length));
        assert_eq!(answers, [0, -1]);
    }

    #[test]
    fn blocks_differ_by_all_they_are_made_of() {
        let first = block(1, 2, 3);
        assert_eq!(first, block(1, 2, 3));
        assert!([block(0, 2, 3), block(1, 0, 3), block(1, 2, 0)].iter().all(|other| *other != first));
    }
}
