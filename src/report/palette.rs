//! What colours mean. Plain text is the same text with every style left empty.

use std::fmt::Display;

use anstream::AutoStream;
use anstream::stream::RawStream;
use anstyle::{AnsiColor, Style};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Color {
    Never,
    Always,
}

impl Color {
    /// From here on, [`Color::for_stream`] finds colors for every stream.
    pub(crate) fn force() {
        anstream::ColorChoice::Always.write_global();
    }

    /// By the terminal, `NO_COLOR` and `CLICOLOR_FORCE`.
    pub(crate) fn for_stream(stream: &impl RawStream) -> Self {
        match AutoStream::choice(stream) {
            anstream::ColorChoice::Never => Self::Never,
            anstream::ColorChoice::Auto
            | anstream::ColorChoice::Always
            | anstream::ColorChoice::AlwaysAnsi => Self::Always,
        }
    }
}

#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Palette {
    pub(crate) good: Style,
    pub(crate) bad: Style,
    pub(crate) attention: Style,
    pub(crate) strong: Style,
    pub(crate) faint: Style,
    pub(crate) added: Style,
    pub(crate) removed: Style,
    /// The words of a line that changed.
    pub(crate) emphasis_added: Style,
    pub(crate) emphasis_removed: Style,
}

impl Palette {
    pub(crate) fn new(color: Color) -> Self {
        match color {
            Color::Never => Self::default(),
            Color::Always => Self {
                good: AnsiColor::Green.on_default().bold(),
                bad: AnsiColor::Red.on_default().bold(),
                attention: AnsiColor::Yellow.on_default().bold(),
                strong: Style::new().bold(),
                faint: Style::new().dimmed(),
                added: AnsiColor::Green.on_default(),
                removed: AnsiColor::Red.on_default(),
                emphasis_added: AnsiColor::Green.on_default().invert(),
                emphasis_removed: AnsiColor::Red.on_default().invert(),
            },
        }
    }
}

pub(crate) fn paint(style: Style, text: impl Display) -> String {
    format!("{style}{text}{style:#}")
}
