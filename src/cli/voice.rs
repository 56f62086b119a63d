//! How much a command says, and in which colors.

use anstream::stream::RawStream;
use clap::{Args, ValueEnum};

use crate::cli::help;
use crate::report::{self, Verbosity};

/// How much a command says, and in which colors.
#[derive(Debug, Args)]
#[command(next_help_heading = help::REPORTING)]
pub(crate) struct Voice {
    /// Say only what went wrong
    #[arg(short, long, conflicts_with = "verbose")]
    quiet: bool,

    /// Say what every snippet did
    #[arg(short, long)]
    verbose: bool,

    /// When to color
    #[arg(long, value_enum, default_value_t, value_name = "WHEN")]
    pub(crate) color: ColorChoice,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum ColorChoice {
    /// On a terminal, or where `FORCE_COLOR` or `CLICOLOR_FORCE` is set, unless `NO_COLOR` is set
    #[default]
    Auto,
    Always,
    Never,
}

impl ColorChoice {
    /// Whether colors go to this stream.
    pub(crate) fn of(self, stream: &impl RawStream) -> report::Color {
        match self {
            Self::Auto => report::Color::for_stream(stream),
            Self::Always => report::Color::Always,
            Self::Never => report::Color::Never,
        }
    }
}

impl Voice {
    pub(crate) fn verbosity(&self) -> Verbosity {
        match (self.quiet, self.verbose) {
            (true, _) => Verbosity::Quiet,
            (false, true) => Verbosity::Verbose,
            (false, false) => Verbosity::Normal,
        }
    }
}
