//! The formats: the one list of them.

use std::io::{self, Write};

use crate::report::fold::Report;
use crate::report::human::Human;
use crate::report::json::Json;
use crate::report::list::{self, Listed};
use crate::report::options::Options;
use crate::report::palette::Color;

/// How results are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Format {
    /// For people.
    #[default]
    Human,
    /// One JSON object a line.
    Json,
}

impl Format {
    pub(crate) fn report(self, options: Options) -> Box<dyn Report> {
        match self {
            Self::Human => Box::new(Human::new(options)),
            Self::Json => Box::new(Json::new(options)),
        }
    }

    /// What `snipcheck list` prints.
    pub(crate) fn list(self, blocks: &[Listed], color: Color, out: &mut dyn Write) -> io::Result<()> {
        match self {
            Self::Human => list::human(blocks, color, out),
            Self::Json => list::json(blocks, out),
        }
    }
}
