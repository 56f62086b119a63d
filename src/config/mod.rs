//! Settings: what the project's `pyproject.toml`, the flags and the environment ask for, resolved once.

mod distrust;
mod doctests;
mod environment;
mod error;
mod file;
mod flags;
mod grants;
mod installation;
mod interpreter;
mod limits;
mod owner;
mod paths;
#[cfg(test)]
mod proptests;
mod raw;
mod resolve;
mod settings;
mod suggest;
#[cfg(test)]
mod tests;
mod text_file;
mod trust;
mod variable;

pub(crate) use crate::directive::Python;
pub(crate) use environment::{Environment, arguments};
pub(crate) use error::ConfigError;
pub(crate) use flags::{CommandFlags, Execution, count, times};
pub(crate) use interpreter::{Chooser, Interpreter, Linkage};
pub(crate) use paths::{ChosenPlace, Point, defaults};
pub(crate) use resolve::resolve;
pub(crate) use settings::{
    CacheUse, Claims, ClockGrants, PathsFrom, Redaction, Settings, Share, Snapshots, Warm,
};
