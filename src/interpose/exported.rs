//! The address of an exported function.

pub(super) struct Exported(#[expect(dead_code, reason = "it is there to be linked")] pub(super) *const ());

// SAFETY: an address of code, which nobody writes to.
unsafe impl Sync for Exported {}
