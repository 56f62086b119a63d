//! Takes blocks of memory out of use that are free between a lane's own objects.
//!
//! Allocators hand out first what was freed last. A lane's free blocks lie between objects that it keeps, so that each
//! session would have dozens of pages copied for the few bytes it writes to each. Without them, what a session allocates
//! lies side by side in pages that hold nothing else.

use std::ffi::c_void;

use crate::ffi;

/// What Python serves from pools of its own, each for blocks of one size (Objects/obmalloc.c).
const POOLED_SIZES: std::ops::RangeInclusive<usize> = 16..=512;
const POOLED_STEP: usize = 16;
/// `POOL_SIZE`; a pool's first block comes after its head, which is shorter than this.
const POOL: usize = 16 << 10;
const POOL_HEAD: usize = 64;
/// Free blocks of one size that are looked for. Another allocator than Python's own may have no pools.
const MOST: usize = 4096;

/// In a lane, after all that it does before its first session. The blocks stay allocated.
pub(super) fn take_out_of_use() {
    for size in POOLED_SIZES.step_by(POOLED_STEP) {
        if let Err(blocks) = fill_pools(size) {
            // SAFETY: each block is one of `PyObject_Malloc`, and nothing uses it.
            blocks.into_iter().for_each(|block| unsafe { ffi::PyObject_Free(block) });
        }
    }
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    heap::fill();
}

/// Allocates blocks until they come from a pool that nothing else is in; where none comes, returns them.
fn fill_pools(size: usize) -> Result<(), Vec<*mut c_void>> {
    let mut blocks: Vec<*mut c_void> = Vec::new();
    for _ in 0..MOST {
        // SAFETY: the lane holds the GIL.
        let block = unsafe { ffi::PyObject_Malloc(size) };
        if block.is_null() {
            break;
        }

        let before = blocks.last().map_or(0, |block| block.addr());
        blocks.push(block);
        // One alone at the beginning of a pool may be what was free in a full one.
        if before % POOL < POOL_HEAD && block.addr() == before + size {
            return Ok(());
        }
    }
    Err(blocks)
}

/// The heap of glibc, which has larger blocks, and those of everything but Python.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
mod heap {
    use nix::libc;

    use super::MOST;

    /// From the largest on: what is left of a block that was cut is a smaller one.
    const LARGE: [usize; 7] = [64 << 10, 32 << 10, 16 << 10, 8 << 10, 4 << 10, 2 << 10, 1032];
    /// Those that are kept by their exact sizes (`tcache` in malloc/malloc.c).
    const SMALL: std::ops::Range<usize> = 24..1032;
    const STEP: usize = 16;

    /// Allocates blocks until they come from the end of the heap.
    pub(super) fn fill() {
        let end = end();
        for size in LARGE.into_iter().chain(SMALL.step_by(STEP).rev()) {
            for _ in 0..MOST {
                // SAFETY: any size may be asked for, and the block is not used.
                let block = unsafe { libc::malloc(size) };
                if block.is_null() || block.addr() >= end {
                    break;
                }
            }
        }
    }

    /// Where the free memory begins that is after all blocks.
    fn end() -> usize {
        // SAFETY: both only tell, the first where the heap's memory ends.
        let (end, numbers) = unsafe { (libc::sbrk(0).addr(), libc::mallinfo()) };
        end.saturating_sub(usize::try_from(numbers.keepcost).unwrap_or(0))
    }
}

#[cfg(test)]
mod tests {
    use pyo3::Python;

    use super::*;

    #[test]
    fn blocks_lie_side_by_side_afterwards() {
        const SIZE: usize = 208;
        let allocate = || {
            // SAFETY: this is called with the GIL held, and the block is not used.
            unsafe { ffi::PyObject_Malloc(SIZE) }
        };

        Python::initialize();
        Python::attach(|_| {
            let blocks: Vec<_> = (0..500).map(|_| allocate()).collect();
            for block in blocks.into_iter().step_by(2) {
                // SAFETY: it was allocated above, and is freed once.
                unsafe { ffi::PyObject_Free(block) };
            }

            assert!(fill_pools(SIZE).is_ok());
            let first = allocate().addr();
            assert_eq!([allocate(), allocate()].map(|block| block.addr() - first), [SIZE, 2 * SIZE]);
        });
    }
}
