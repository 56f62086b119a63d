//! How a process ended, as wait(2) tells its parent.

use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ProcessEnd {
    /// By itself, with this exit code.
    Exit(u8),
    /// By a signal of this number, which need not be one that this program has a name for.
    Signal(i32),
}

impl ProcessEnd {
    /// From an exit code as `waitpid` gives it: the kernel keeps its last eight bits.
    pub fn of_code(code: i32) -> Self {
        let [low, ..] = code.to_le_bytes();
        Self::Exit(low)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_have_eight_bits() {
        assert_eq!(ProcessEnd::of_code(0), ProcessEnd::Exit(0));
        assert_eq!(ProcessEnd::of_code(255), ProcessEnd::Exit(255));
        assert_eq!(ProcessEnd::of_code(256 + 7), ProcessEnd::Exit(7));
        assert_eq!(ProcessEnd::of_code(-1), ProcessEnd::Exit(255));
    }
}
