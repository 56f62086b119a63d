//! What a fence, a front matter or the settings may ask of the runner.

mod attributes;
mod condition;
pub(crate) mod duration;
mod error;
mod flags;
mod foreign;
pub(crate) mod markers;
mod other_python;
#[cfg(test)]
mod proptests;
mod suspicion;
mod value;
mod vocabulary;
mod wish;

pub use crate::directive::condition::Python;
pub(crate) use crate::directive::error::DirectiveError;
pub(crate) use crate::directive::flags::{nearest_flag, parse_flag};
pub(crate) use crate::directive::markers::{attribute_value, in_info};
pub use crate::directive::suspicion::Suspicion;
pub(crate) use crate::directive::value::Value;
pub(crate) use crate::directive::wish::{Directive, Wish};
pub use crate::model::directives::{Directives, Skip};
pub use crate::model::option_flags::{Flag, Flags};
