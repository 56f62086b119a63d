//! Memory for the frames of init, which runs in the lane's memory and not on the lane's stack.

/// Init makes mounts and waits.
const SIZE: usize = 256 << 10;

/// Memory for init's frames, kept by the lane for all its sessions.
#[derive(Debug)]
pub struct InitStack(*mut u8);

impl Default for InitStack {
    fn default() -> Self {
        Self(Box::leak(vec![0_u8; SIZE].into_boxed_slice()).as_mut_ptr())
    }
}

impl InitStack {
    /// Where the first frame begins: a stack grows down from its end, which is aligned for any ABI.
    pub(super) fn top(&self) -> *mut u8 {
        self.0.wrapping_add(SIZE).map_addr(|address| address & !0xf)
    }
}
