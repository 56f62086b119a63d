//! A compiled filter of system calls (seccomp(2)), which outlives the program that has compiled it.

use seccompiler::{BpfProgram, sock_filter};
use serde::{Deserialize, Serialize};

/// Instructions as `struct sock_filter` has them: operation, jumps where it is true and where not, operand.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Filter(Vec<(u16, u8, u8, u32)>);

impl Filter {
    /// Restricts this thread for good.
    pub(super) fn apply(&self) -> seccompiler::Result<()> {
        let instructions =
            self.0.iter().map(|(code, jt, jf, k)| sock_filter { code: *code, jt: *jt, jf: *jf, k: *k });
        seccompiler::apply_filter(&instructions.collect::<BpfProgram>())
    }
}

impl From<BpfProgram> for Filter {
    fn from(program: BpfProgram) -> Self {
        Self(program.iter().map(|line| (line.code, line.jt, line.jf, line.k)).collect())
    }
}
