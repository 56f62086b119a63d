//! The table `[tool.snipcheck]` as written: names and shapes are checked here, meanings are not.

use std::path::Path;
use std::time::Duration;

use clap::ValueEnum;
use toml::Spanned;
use toml::de::{DeInteger, DeString, DeTable, DeValue};

use crate::config::doctests::{self, Unreadable};
use crate::config::error::{At, ConfigError};
use crate::config::flags;
use crate::config::limits::{self, Limit, Resource};
use crate::config::settings::{Claims, Redaction, Share, Snapshots};
use crate::config::suggest::suggest;
use crate::config::variable::{self, Variable};
use crate::directive;
use crate::directive::{Flags, Suspicion};
use crate::model::markdown::Markdown;
use crate::model::policy::{Clock, Network};
use crate::model::snippet::Line;
use crate::model::unlabelled::Unlabelled;

/// Bytes of a redaction's automaton. A pattern of few characters may ask for any size: `((a{99}){99}){99}`.
const LARGEST_PATTERN: usize = 4 << 20;
/// Each has an automaton and the states of its matching, in memory for the whole run.
const MOST_REDACTIONS: usize = 100;

/// Each multiplies the time of a run.
const MOST_PYTHONS: usize = 16;

/// The name of the table of settings in `[tool]`.
const TABLE: &str = "snipcheck";

/// What the keys of the table say; absent ones are `None` or empty.
#[derive(Debug, Default)]
pub(crate) struct Raw {
    pub(crate) paths: Option<Vec<(String, At)>>,
    pub(crate) exclude: Vec<String>,
    pub(crate) share: Option<Share>,
    pub(crate) snapshots: Option<Snapshots>,
    pub(crate) claims: Option<Claims>,
    pub(crate) timeout: Option<(Duration, At)>,
    pub(crate) run_timeout: Option<Duration>,
    pub(crate) python: Option<(String, At)>,
    /// Several, in place of `python`.
    pub(crate) pythons: Option<Vec<(String, At)>>,
    pub(crate) pythonpath: Vec<(String, At)>,
    pub(crate) redactions: Vec<Redaction>,
    pub(crate) setup: Vec<String>,
    pub(crate) files: Vec<String>,
    pub(crate) allowed: Vec<Suspicion>,
    pub(crate) markdown: Option<Markdown>,
    pub(crate) unlabelled: Option<Unlabelled>,
    /// Option flags of this table; without any, those of pytest's.
    pub(crate) doctest: Option<Flags>,
    pub(crate) jobs: Option<(usize, At)>,
    pub(crate) limits: Vec<(Limit, At)>,
    pub(crate) variables: Vec<(Variable, At)>,
    pub(crate) readable: Vec<(String, At)>,
    pub(crate) network: Option<(Network, At)>,
    pub(crate) clock: Option<(Clock, At)>,
    /// A table with nearly the right name, where there is none with the right one.
    pub(crate) misspelt: Option<(String, At)>,
}

/// Every key of a table, and where its value goes.
type Keys<Target> = &'static [(&'static str, fn(&mut Target, &RawEntry<'_>) -> Result<(), ConfigError>)];

const KEYS: Keys<Raw> = &[
    ("paths", |raw, entry| entry.globs().map(|globs| raw.paths = Some(globs))),
    ("exclude", |raw, entry| entry.globs().map(|globs| raw.exclude = without_lines(globs))),
    ("share", |raw, entry| entry.choice().map(|choice| raw.share = Some(choice))),
    ("snapshots", |raw, entry| entry.choice().map(|choice| raw.snapshots = Some(choice))),
    ("claims", |raw, entry| entry.choice().map(|choice| raw.claims = Some(choice))),
    ("timeout", |raw, entry| entry.duration().map(|duration| raw.timeout = Some((duration, entry.at())))),
    ("run-timeout", |raw, entry| entry.duration().map(|duration| raw.run_timeout = Some(duration))),
    ("python", |raw, entry| entry.text().map(|text| raw.python = Some((text, entry.at())))),
    ("pythons", |raw, entry| entry.pythons().map(|pythons| raw.pythons = Some(pythons))),
    ("pythonpath", |raw, entry| entry.texts().map(|texts| raw.pythonpath = texts)),
    ("redactions", |raw, entry| entry.redactions().map(|redactions| raw.redactions = redactions)),
    ("setup", |raw, entry| entry.words().map(|words| raw.setup = words)),
    ("files", |raw, entry| entry.words().map(|words| raw.files = words)),
    ("allow-suspicious", |raw, entry| entry.choices().map(|suspicions| raw.allowed = suspicions)),
    ("markdown", |raw, entry| entry.choice().map(|choice| raw.markdown = Some(choice))),
    ("unlabelled", |raw, entry| entry.choice().map(|choice| raw.unlabelled = Some(choice))),
    (doctests::KEY, |raw, entry| entry.option_flags().map(|flags| raw.doctest = Some(flags))),
    ("jobs", |raw, entry| entry.count().map(|count| raw.jobs = Some((count, entry.at())))),
    ("limits", |raw, entry| entry.limits().map(|limits| raw.limits = limits)),
    ("env", |raw, entry| entry.variables().map(|variables| raw.variables = variables)),
    ("readable", |raw, entry| entry.texts().map(|texts| raw.readable = texts)),
    ("network", |raw, entry| entry.choice().map(|network| raw.network = Some((network, entry.at())))),
    ("clock", |raw, entry| entry.choice().map(|clock| raw.clock = Some((clock, entry.at())))),
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
    let source = SettingsText { file, text };
    let document = DeTable::parse(text).map_err(|cause| ConfigError::Syntax {
        at: source.at(cause.span().map_or(0, |span| span.start)),
        cause: Box::new(cause),
    })?;

    let Some(value) = document.get_ref().get("tool").and_then(|tool| tool.get_ref().get(TABLE)) else {
        return Ok(None);
    };

    let mut raw = Raw::default();
    RawEntry { source, key: "tool.snipcheck", value }.fill(&mut raw, KEYS)?;
    if let (Some((python, at)), Some(_)) = (&raw.python, &raw.pythons) {
        let (at, found) = (at.clone(), format!("`{python}` beside `pythons`"));
        return Err(ConfigError::Value { at, key: "python", expected: "nothing".to_owned(), found });
    }
    raw.doctest = Some(doctests::of_project(raw.doctest, document.get_ref()));
    Ok(Some(raw))
}

/// What a file without our table says: to other tools, and perhaps to us under a misspelt name. Nothing if it is broken,
/// which is the matter of those other tools.
pub(crate) fn of_others(file: &Path, text: &str) -> Raw {
    let Ok(document) = DeTable::parse(text) else { return Raw::default() };
    let document = document.get_ref();
    Raw {
        doctest: Some(doctests::of_project(None, document)),
        misspelt: misspelt(document).map(|(table, start)| (table, SettingsText { file, text }.at(start))),
        ..Raw::default()
    }
}

/// The name and the offset of a table with nearly the right name: `[tool.snipchek]`, or `[snipcheck]` without `tool`.
fn misspelt(document: &DeTable<'_>) -> Option<(String, usize)> {
    /// Letters that may be wrong, missing, too many or swapped.
    const SLIPS: usize = 2;

    let near = |word: &str| strsim::osa_distance(&word.to_lowercase(), TABLE) <= SLIPS;
    let of_tools = document.get("tool").and_then(|tool| tool.get_ref().as_table());
    let in_tools = of_tools.into_iter().flatten().map(|(word, _)| ("tool.", word));
    let at_top = document.iter().map(|(word, _)| ("", word));

    let (prefix, word) = in_tools.chain(at_top).find(|(_, word)| near(word.get_ref()))?;
    Some((format!("{prefix}{}", word.get_ref()), word.span().start))
}

#[derive(Clone, Copy)]
struct SettingsText<'a> {
    file: &'a Path,
    text: &'a str,
}

impl SettingsText<'_> {
    fn at(self, offset: usize) -> At {
        let before = self.text.bytes().take(offset).filter(|byte| *byte == b'\n').count();
        At {
            file: self.file.to_owned(),
            line: Line(u32::try_from(before).unwrap_or(u32::MAX).saturating_add(1)),
        }
    }
}

struct RawEntry<'a> {
    source: SettingsText<'a>,
    key: &'static str,
    value: &'a Spanned<DeValue<'a>>,
}

impl RawEntry<'_> {
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
                return Err(self.unknown(word, keys.iter().map(|(key, _)| *key).collect()));
            };

            put(target, &RawEntry { source: self.source, key, value })?;
        }
        Ok(())
    }

    fn unknown(&self, word: &Spanned<DeString<'_>>, known: Vec<&'static str>) -> ConfigError {
        let key = word.get_ref().to_string();
        let nearest = suggest(&key, &known);
        ConfigError::UnknownKey { at: self.source.at(word.span().start), key, nearest, known }
    }

    fn text(&self) -> Result<String, ConfigError> {
        self.value.get_ref().as_str().map(str::to_owned).ok_or_else(|| self.wrong("a string"))
    }

    fn texts(&self) -> Result<Vec<(String, At)>, ConfigError> {
        let items = self.value.get_ref().as_array().ok_or_else(|| self.wrong("an array of strings"))?;
        let mut texts = Vec::new();
        for value in items {
            let item = RawEntry { value, ..*self };
            texts.push((item.text()?, item.at()));
        }
        Ok(texts)
    }

    fn pythons(&self) -> Result<Vec<(String, At)>, ConfigError> {
        let texts = self.texts()?;
        match texts.len() {
            0 => Err(self.wrong("at least one Python")),
            count if count > MOST_PYTHONS => Err(self.wrong(format!("at most {MOST_PYTHONS} Pythons"))),
            _ => Ok(texts),
        }
    }

    fn words(&self) -> Result<Vec<String>, ConfigError> {
        self.texts().map(without_lines)
    }

    fn pattern(&self) -> Result<regex::Regex, ConfigError> {
        regex::RegexBuilder::new(&self.text()?)
            .size_limit(LARGEST_PATTERN)
            .build()
            .map_err(|source| ConfigError::Pattern { at: self.at(), source: Box::new(source) })
    }

    fn globs(&self) -> Result<Vec<(String, At)>, ConfigError> {
        let texts = self.texts()?;
        for (text, at) in &texts {
            globset::Glob::new(text).map_err(|source| ConfigError::Glob { at: at.clone(), source })?;
        }
        Ok(texts)
    }

    fn limits(&self) -> Result<Vec<(Limit, At)>, ConfigError> {
        let table = self.value.get_ref().as_table().ok_or_else(|| self.wrong("a table"))?;
        let mut limits = Vec::new();
        for (word, value) in table {
            let Some(resource) = Resource::named(word.get_ref()) else {
                return Err(self.unknown(word, Resource::words()));
            };

            let entry = RawEntry { source: self.source, key: resource.word(), value };
            let amount = entry.number_or_text();
            let parsed = limits::named(entry.key, amount.unwrap_or_default());
            limits.push((parsed.map_err(|error| entry.blamed(error))?, entry.at()));
        }
        Ok(limits)
    }

    fn variables(&self) -> Result<Vec<(Variable, At)>, ConfigError> {
        let mut variables = Vec::new();
        for (text, at) in self.texts()? {
            match variable::parse(&text) {
                Ok(variable) => variables.push((variable, at)),
                Err(source) => {
                    return Err(ConfigError::Item { at, key: self.key, source: Box::new(source) });
                }
            }
        }
        Ok(variables)
    }

    fn choice<Choice: ValueEnum>(&self) -> Result<Choice, ConfigError> {
        self.parsed(self.value.get_ref().as_str(), flags::choice)
    }

    fn choices<Choice: ValueEnum>(&self) -> Result<Vec<Choice>, ConfigError> {
        let items = self.value.get_ref().as_array().ok_or_else(|| self.wrong("an array of strings"))?;
        items.iter().map(|value| RawEntry { value, ..*self }.choice()).collect()
    }

    fn option_flags(&self) -> Result<Flags, ConfigError> {
        doctests::flags(self.value.get_ref()).map_err(|unreadable| match unreadable {
            Unreadable::Shape => self.wrong("an array of option flags"),
            Unreadable::Word(found) => {
                let near = directive::nearest_flag(&found)
                    .map(|flag| format!(" such as `{flag}`"))
                    .unwrap_or_default();
                let (expected, found) = (format!("option flags of doctest{near}"), format!("`{found}`"));
                ConfigError::Value { at: self.at(), key: self.key, expected, found }
            }
        })
    }

    /// A number without a unit counts seconds.
    fn duration(&self) -> Result<Duration, ConfigError> {
        self.parsed(self.number_or_text(), flags::span)
    }

    fn number_or_text(&self) -> Option<&str> {
        match self.value.get_ref() {
            DeValue::String(text) => Some(text),
            DeValue::Integer(number) => Some(number.as_str()),
            DeValue::Float(number) => Some(number.as_str()),
            DeValue::Boolean(_) | DeValue::Datetime(_) | DeValue::Array(_) | DeValue::Table(_) => None,
        }
    }

    fn count(&self) -> Result<usize, ConfigError> {
        self.parsed(self.value.get_ref().as_integer().map(DeInteger::as_str), flags::count)
    }

    /// The setting that a flag would read from the same word.
    fn parsed<Setting>(
        &self,
        word: Option<&str>,
        parse: fn(&str) -> Result<Setting, ConfigError>,
    ) -> Result<Setting, ConfigError> {
        parse(word.unwrap_or_default()).map_err(|error| self.blamed(error))
    }

    /// The complaint of a parser that knows only the word, located.
    fn blamed(&self, error: ConfigError) -> ConfigError {
        match error {
            ConfigError::Word { expected } => self.wrong(expected),
            error => error,
        }
    }

    fn redactions(&self) -> Result<Vec<Redaction>, ConfigError> {
        let items = self.value.get_ref().as_array().ok_or_else(|| self.wrong("an array of tables"))?;
        if items.len() > MOST_REDACTIONS {
            return Err(self.wrong(format!("at most {MOST_REDACTIONS} redactions")));
        }
        let mut redactions = Vec::new();
        for value in items {
            let item = RawEntry { value, ..*self };
            let mut raw = RawRedaction::default();
            item.fill(&mut raw, REDACTION_KEYS)?;

            let missing = |key| ConfigError::MissingKey { at: item.at(), key };
            redactions.push(Redaction {
                pattern: raw.pattern.ok_or_else(|| missing("pattern"))?,
                replacement: raw.replacement.ok_or_else(|| missing("replacement"))?,
                line: item.at().line,
            });
        }
        Ok(redactions)
    }
}

fn article(noun: &str) -> &'static str {
    if noun.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" }
}

fn without_lines(texts: Vec<(String, At)>) -> Vec<String> {
    texts.into_iter().map(|(text, _)| text).collect()
}
