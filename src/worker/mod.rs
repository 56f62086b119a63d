//! Embeds CPython and runs sessions in it: the only home of pyo3, and of processes that hold user code.

mod announced;
mod api;
mod beyond;
mod console;
mod copy;
mod exception;
mod fixture;
mod harness;
mod interpreter;
mod lane;
mod main_file;
#[cfg(sandboxed)]
mod program;
mod scene;
mod script;
mod session;
mod shape;
mod stacks;
mod statement;
mod status;
mod stream;
mod testing;
mod usage;
mod witness;

pub(crate) use self::interpreter::{LANE, lane};
#[cfg(sandboxed)]
pub(crate) use self::program::interpreter;
