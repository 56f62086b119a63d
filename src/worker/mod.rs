//! Embeds CPython and runs sessions in it: the only home of pyo3, and of processes that hold user code.

mod announced;
mod api;
mod exception;
mod fixture;
mod interpreter;
mod lane;
mod main_file;
mod session;
mod shape;
mod statement;
mod stream;
mod usage;

pub(crate) use self::interpreter::{LANE, lane};
