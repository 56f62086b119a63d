//! The table `[tool.snipcheck]` as written: names and shapes are checked here, meanings are not.

use std::path::Path;
use std::time::Duration;

use clap::ValueEnum;
use toml::Spanned;
use toml::de::{DeInteger, DeTable, DeValue};

use crate::config::error::{At, ConfigError};
use crate::config::flags;
use crate::config::{Redaction, Share, Snapshots};
use crate::snippet::Line;

/// Absent keys are `None` or empty.
#[derive(Debug, Default)]
pub(crate) struct Raw {
    pub(crate) paths: Option<Vec<String>>,
    pub(crate) exclude: Vec<String>,
    pub(crate) share: Option<Share>,
    pub(crate) snapshots: Option<Snapshots>,
    pub(crate) timeout: Option<(Duration, At)>,
    pub(crate) run_timeout: Option<Duration>,
    pub(crate) python: Option<String>,
    pub(crate) pythonpath: Vec<(String, At)>,
    pub(crate) redactions: Vec<Redaction>,
    pub(crate) setup: Vec<String>,
    pub(crate) files: Vec<String>,
    pub(crate) jobs: Option<usize>,
}

/// Every key of a table, and where its value goes.
type Keys<Target> = &'static [(&'static str, fn(&mut Target, &Entry<'_>) -> Result<(), ConfigError>)];

const KEYS: Keys<Raw> = &[
    ("paths", |raw, entry| entry.globs().map(|globs| raw.paths = Some(globs))),
    ("exclude", |raw, entry| entry.globs().map(|globs| raw.exclude = globs)),
    ("share", |raw, entry| entry.choice().map(|choice| raw.share = Some(choice))),
    ("snapshots", |raw, entry| entry.choice().map(|choice| raw.snapshots = Some(choice))),
    ("timeout", |raw, entry| entry.duration().map(|duration| raw.timeout = Some((duration, entry.at())))),
    ("run-timeout", |raw, entry| entry.duration().map(|duration| raw.run_timeout = Some(duration))),
    ("python", |raw, entry| entry.text().map(|text| raw.python = Some(text))),
    ("pythonpath", |raw, entry| entry.texts().map(|texts| raw.pythonpath = texts)),
    ("redactions", |raw, entry| entry.redactions().map(|redactions| raw.redactions = redactions)),
    ("setup", |raw, entry| entry.words().map(|words| raw.setup = words)),
    ("files", |raw, entry| entry.words().map(|words| raw.files = words)),
    ("jobs", |raw, entry| entry.count().map(|count| raw.jobs = Some(count))),
];

#[derive(Default)]
struct RawRedaction {
    pattern: Option<regex::Regex>,
    replacement: Option<String>,
}

const REDACTION_KEYS: Keys<RawRedaction> = &[
    ("pattern", |redaction, entry| entry.pattern().map(|pattern| redaction.pattern = Some(pattern))),
    ("replacement", |redaction, entry| entry.text().map(|text| redaction.replacement = Some(text))),
];

/// The settings in the text of a `pyproject.toml`; `None` without the table.
pub(crate) fn read(file: &Path, text: &str) -> Result<Option<Raw>, ConfigError> {
    let source = Source { file, text };
    let document = DeTable::parse(text).map_err(|cause| ConfigError::Syntax {
        at: source.at(cause.span().map_or(0, |span| span.start)),
        cause: Box::new(cause),
    })?;
    let Some(value) = document.get_ref().get("tool").and_then(|tool| tool.get_ref().get("snipcheck")) else {
        return Ok(None);
    };
    let mut raw = Raw::default();
    Entry { source, key: "tool.snipcheck", value }.fill(&mut raw, KEYS)?;
    Ok(Some(raw))
}

#[derive(Clone, Copy)]
struct Source<'a> {
    file: &'a Path,
    text: &'a str,
}

impl Source<'_> {
    fn at(self, offset: usize) -> At {
        let before = self.text.bytes().take(offset).filter(|byte| *byte == b'\n').count();
        At {
            file: self.file.to_owned(),
            line: Line(u32::try_from(before).unwrap_or(u32::MAX).saturating_add(1)),
        }
    }
}

struct Entry<'a> {
    source: Source<'a>,
    key: &'static str,
    value: &'a Spanned<DeValue<'a>>,
}

impl Entry<'_> {
    fn at(&self) -> At {
        self.source.at(self.value.span().start)
    }

    fn wrong(&self, expected: impl Into<String>) -> ConfigError {
        let found = match self.value.get_ref() {
            DeValue::String(text) => format!("`{text}`"),
            DeValue::Integer(number) => format!("`{number}`"),
            DeValue::Float(_)
            | DeValue::Boolean(_)
            | DeValue::Datetime(_)
            | DeValue::Array(_)
            | DeValue::Table(_) => {
                format!("{} {}", article(self.value.get_ref().type_str()), self.value.get_ref().type_str())
            }
        };
        ConfigError::Value { at: self.at(), key: self.key, expected: expected.into(), found }
    }

    /// Every key of this table goes where `keys` says.
    fn fill<Target>(&self, target: &mut Target, keys: Keys<Target>) -> Result<(), ConfigError> {
        let table = self.value.get_ref().as_table().ok_or_else(|| self.wrong("a table"))?;
        for (word, value) in table {
            let written: &str = word.get_ref();
            let Some((key, put)) = keys.iter().find(|(key, _)| *key == written) else {
                let known: Vec<&str> = keys.iter().map(|(key, _)| *key).collect();
                return Err(ConfigError::UnknownKey {
                    at: self.source.at(word.span().start),
                    key: written.to_owned(),
                    nearest: nearest(written, &known),
                    known,
                });
            };
            put(target, &Entry { source: self.source, key, value })?;
        }
        Ok(())
    }

    fn text(&self) -> Result<String, ConfigError> {
        self.value.get_ref().as_str().map(str::to_owned).ok_or_else(|| self.wrong("a string"))
    }

    fn texts(&self) -> Result<Vec<(String, At)>, ConfigError> {
        let items = self.value.get_ref().as_array().ok_or_else(|| self.wrong("an array of strings"))?;
        let mut texts = Vec::new();
        for value in items {
            let item = Entry { value, ..*self };
            texts.push((item.text()?, item.at()));
        }
        Ok(texts)
    }

    fn words(&self) -> Result<Vec<String>, ConfigError> {
        Ok(self.texts()?.into_iter().map(|(text, _)| text).collect())
    }

    fn pattern(&self) -> Result<regex::Regex, ConfigError> {
        regex::Regex::new(&self.text()?)
            .map_err(|source| ConfigError::Pattern { at: self.at(), source: Box::new(source) })
    }

    fn globs(&self) -> Result<Vec<String>, ConfigError> {
        for (text, at) in self.texts()? {
            globset::Glob::new(&text).map_err(|source| ConfigError::Glob { at, source })?;
        }
        self.words()
    }

    fn choice<Choice: ValueEnum>(&self) -> Result<Choice, ConfigError> {
        self.parsed(self.value.get_ref().as_str(), flags::choice)
    }

    /// A number without a unit counts seconds.
    fn duration(&self) -> Result<Duration, ConfigError> {
        let word = match self.value.get_ref() {
            DeValue::String(text) => Some(&**text),
            DeValue::Integer(seconds) => Some(seconds.as_str()),
            DeValue::Float(seconds) => Some(seconds.as_str()),
            DeValue::Boolean(_) | DeValue::Datetime(_) | DeValue::Array(_) | DeValue::Table(_) => None,
        };
        self.parsed(word, flags::span)
    }

    fn count(&self) -> Result<usize, ConfigError> {
        self.parsed(self.value.get_ref().as_integer().map(DeInteger::as_str), flags::count)
    }

    /// As a flag reads the same word.
    fn parsed<Setting>(
        &self,
        word: Option<&str>,
        parse: fn(&str) -> Result<Setting, ConfigError>,
    ) -> Result<Setting, ConfigError> {
        parse(word.unwrap_or_default()).map_err(|error| match error {
            ConfigError::Word { expected } => self.wrong(expected),
            error => error,
        })
    }

    fn redactions(&self) -> Result<Vec<Redaction>, ConfigError> {
        let items = self.value.get_ref().as_array().ok_or_else(|| self.wrong("an array of tables"))?;
        let mut redactions = Vec::new();
        for value in items {
            let item = Entry { value, ..*self };
            let mut raw = RawRedaction::default();
            item.fill(&mut raw, REDACTION_KEYS)?;
            let missing = |key| ConfigError::MissingKey { at: item.at(), key };
            redactions.push(Redaction {
                pattern: raw.pattern.ok_or_else(|| missing("pattern"))?,
                replacement: raw.replacement.ok_or_else(|| missing("replacement"))?,
            });
        }
        Ok(redactions)
    }
}

fn article(noun: &str) -> &'static str {
    if noun.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" }
}

fn nearest(word: &str, known: &[&'static str]) -> Option<&'static str> {
    let word = word.replace('_', "-");
    let similarity = |key: &str| strsim::jaro_winkler(key, &word);
    let best = known.iter().copied().max_by(|left, right| similarity(left).total_cmp(&similarity(right)))?;
    (similarity(best) > 0.75).then_some(best)
}
