//! The formats: the one list of them.

use std::io::{self, Write};

use clap::ValueEnum as _;

use crate::report::fold::Report;
use crate::report::human::Human;
use crate::report::json::Json;
use crate::report::list::{self, Listed};
use crate::report::options::Options;
use crate::report::palette::Color;
use crate::report::results::{Collector, Form};

/// How results are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Format {
    /// For people.
    #[default]
    Human,
    /// A line for each complaint, `path:line:column: message`, as editors and problem matchers read it.
    Short,
    /// One JSON object a line.
    Json,
    /// Annotations for GitHub Actions, and the summary of the job where `GITHUB_STEP_SUMMARY` is set.
    Github,
    /// A table and what failed, for pages and comments.
    Markdown,
    /// `JUnit` XML.
    Junit,
    /// GitLab's report of code quality.
    Gitlab,
    /// SARIF 2.1.0.
    Sarif,
    /// TAP 14.
    Tap,
}

/// A format, and the file that it is written to: standard output without one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Wanted {
    pub(crate) format: Format,
    pub(crate) file: Option<String>,
}

/// How a listing is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum ListFormat {
    /// For people.
    #[default]
    Human,
    /// A JSON array.
    Json,
}

impl Format {
    pub(crate) fn report(self, options: Options) -> Box<dyn Report> {
        match self.form() {
            Some(form) => Box::new(Collector::new(form, options)),
            None if self == Self::Json => Box::new(Json::new(options)),
            None => Box::new(Human::new(options)),
        }
    }

    /// For what is written once all of it is known.
    pub(crate) fn form(self) -> Option<Form> {
        match self {
            Self::Human | Self::Json => None,
            Self::Short => Some(Form::Short),
            Self::Github => Some(Form::Github),
            Self::Markdown => Some(Form::Markdown),
            Self::Junit => Some(Form::Junit),
            Self::Gitlab => Some(Form::Gitlab),
            Self::Sarif => Some(Form::Sarif),
            Self::Tap => Some(Form::Tap),
        }
    }
}

impl Wanted {
    pub(crate) const HUMAN: Self = Self { format: Format::Human, file: None };

    /// Reads `FORMAT` or `FORMAT=FILE`.
    pub(crate) fn parse(word: &str) -> Result<Self, String> {
        let (name, file) = match word.split_once('=') {
            Some((name, file)) => (name, Some(file.to_owned())),
            None => (word, None),
        };
        if file.as_deref() == Some("") {
            return Err(format!("expected the name of a file after `{name}=`"));
        }
        let known = || {
            let names = Format::value_variants().iter().filter_map(clap::ValueEnum::to_possible_value);
            names.map(|value| value.get_name().to_owned()).collect::<Vec<_>>().join(", ")
        };
        let format = Format::from_str(name, false)
            .map_err(|_| format!("expected one of {}, or one with a file as in `junit=out.xml`", known()))?;
        Ok(Self { format, file })
    }
}

impl ListFormat {
    /// What `snipcheck list` prints.
    pub(crate) fn list(self, blocks: &[Listed], color: Color, out: &mut dyn Write) -> io::Result<()> {
        match self {
            Self::Human => list::human(blocks, color, out),
            Self::Json => list::json(blocks, out),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Format, Wanted};

    #[test]
    fn words() {
        let wanted = |format, file: Option<&str>| Ok(Wanted { format, file: file.map(str::to_owned) });
        assert_eq!(Wanted::parse("tap"), wanted(Format::Tap, None));
        assert_eq!(Wanted::parse("junit=a=b.xml"), wanted(Format::Junit, Some("a=b.xml")));
        assert_eq!(Wanted::parse("junit="), Err("expected the name of a file after `junit=`".to_owned()));
        assert!(Wanted::parse("xml").unwrap_err().contains("human, short, json, github"));
    }
}
