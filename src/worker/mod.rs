//! Embeds CPython and runs sessions in it: the only home of pyo3, and of processes that hold user code.

mod exception;
mod executor;
mod ffi;
mod fixture;
mod harness;
mod interpreter;
mod lane;
mod main_file;
mod probe;
#[cfg(sandboxed)]
mod program;
mod session;
mod stacks;
mod statement;
mod status_pipe;
mod stream;
mod titled;
mod trial_process;
mod usage;
mod warm_up;

pub(crate) use self::interpreter::{BIND_NOW, LANE, lane};
#[cfg(sandboxed)]
pub(crate) use self::program::interpreter;
