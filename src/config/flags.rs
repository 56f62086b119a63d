//! The flags that settings obey, as they were written.

use std::path::PathBuf;
use std::time::Duration;

use clap::ValueEnum;

use crate::config::error::ConfigError;
use crate::config::limits::{self, Limit};
use crate::config::settings::{CacheMode, Claims, Share, Snapshots, Warm};
use crate::config::variable::{self, Variable};
use crate::directive::duration;
use crate::model::policy::{Clock, Network, SandboxMode};
use crate::summary::Strictness;

/// The flags of a command. One that a verb does not have stays at its default.
#[derive(Clone, Debug, Default)]
pub(crate) struct CommandFlags {
    pub(crate) paths: Vec<String>,
    pub(crate) force_exclude: bool,
    pub(crate) strictness: Option<Strictness>,
    pub(crate) snapshots: Option<Snapshots>,
    pub(crate) claims: Option<Claims>,
    pub(crate) execution: Execution,
}

/// How snippets run.
#[derive(Clone, Debug, Default, PartialEq, Eq, clap::Args)]
#[command(next_help_heading = "Running")]
pub(crate) struct Execution {
    /// Which snippets share a namespace and a sandbox [default: document]
    #[arg(long, value_name = "SCOPE")]
    pub(crate) share: Option<Share>,

    /// Wall time of a snippet: 3s, 500ms, 2m [default: 10s]
    #[arg(long, value_name = "DURATION", value_parser = span)]
    pub(crate) timeout: Option<Duration>,

    /// Wall time of the whole run; what is left does not run
    #[arg(long, value_name = "DURATION", value_parser = span)]
    pub(crate) run_timeout: Option<Duration>,

    /// The Python, or the environment, that snippets run in: a version, a path, or a name on PATH; several with commas in
    /// between [default: `pythons` of the settings, the activated environment, `python` of the settings, the nearest .venv,
    /// the first Python found]
    #[arg(long = "python", value_name = "PYTHON,…")]
    pub(crate) pythons: Vec<PathBuf>,

    /// What keeps snippets away from this machine [default: auto]
    #[arg(long, value_name = "MODE")]
    pub(crate) sandbox: Option<SandboxMode>,

    /// Sessions that run side by side [default: one more than cores]
    #[arg(short, long, value_name = "N", value_parser = count)]
    pub(crate) jobs: Option<usize>,

    /// What becomes of sessions that passed before and of which nothing has changed [default: off]
    #[arg(long, value_name = "MODE")]
    pub(crate) cache: Option<CacheMode>,

    /// Whether sessions begin with the packages loaded that many of them import first [default: off]
    #[arg(long, value_name = "MODE")]
    pub(crate) warm: Option<Warm>,

    #[command(flatten)]
    pub(crate) access: Access,
}

/// What snippets may use, and who may say so.
#[derive(Clone, Debug, Default, PartialEq, Eq, clap::Args)]
#[command(next_help_heading = "Access")]
pub(crate) struct Access {
    /// A limit: memory, output or disk (512MiB), tasks, inodes or descriptors (64), cpu (30s); repeat it for more
    #[arg(long = "limit", value_name = "NAME=VALUE", value_parser = limits::parse)]
    pub(crate) limits: Vec<Limit>,

    /// A variable that snippets see; without a value yours, if it is set; repeat it for more
    #[arg(long = "env", value_name = "NAME[=VALUE]", value_parser = variable::parse)]
    pub(crate) variables: Vec<Variable>,

    /// A file or folder outside of the project that snippets may read; repeat it for more
    #[arg(long, value_name = "PATH")]
    pub(crate) readable: Vec<PathBuf>,

    /// Whose network snippets see [default: loopback]
    #[arg(long, value_name = "NETWORK")]
    pub(crate) network: Option<Network>,

    /// Time for all snippets: virtual, which waits for nobody, or real [default: virtual]
    #[arg(long, value_name = "CLOCK")]
    pub(crate) clock: Option<Clock>,

    /// Give the project what its settings and documents ask for beyond the defaults
    #[arg(long, conflicts_with = "untrusted")]
    pub(crate) trust: bool,

    /// For changes by strangers: `--sandbox require-a`, and no wider than the defaults
    #[arg(long)]
    pub(crate) untrusted: bool,
}

/// A span of time such as `3s`.
pub(crate) fn span(word: &str) -> Result<Duration, ConfigError> {
    duration::parse(word, duration::LONGEST)
        .map_err(|_| ConfigError::Word { expected: duration::EXPECTED.to_owned() })
}

/// A number of things, one at least.
pub(crate) fn count(word: &str) -> Result<usize, ConfigError> {
    let number = word.parse().ok().filter(|number| *number > 0);
    number.ok_or_else(|| ConfigError::Word { expected: "a whole number above 0".to_owned() })
}

/// How often something runs.
pub(crate) fn times(word: &str) -> Result<usize, ConfigError> {
    let number = word.parse().ok().filter(|number| (2..=100).contains(number));
    number.ok_or_else(|| ConfigError::Word { expected: "a whole number from 2 to 100".to_owned() })
}

/// On or off, as variables of the environment say it.
pub(crate) fn switch(word: &str) -> Result<bool, ConfigError> {
    match word {
        "1" | "true" => Ok(true),
        "0" | "false" => Ok(false),
        _ => Err(ConfigError::Word { expected: "`1` or `0`".to_owned() }),
    }
}

/// One of the words of a closed set.
pub(crate) fn choice<Choice: ValueEnum>(word: &str) -> Result<Choice, ConfigError> {
    Choice::from_str(word, false).map_err(|_| {
        let values = Choice::value_variants().iter().filter_map(ValueEnum::to_possible_value);
        let words: Vec<String> = values.map(|value| format!("`{}`", value.get_name())).collect();
        ConfigError::Word { expected: format!("one of {}", words.join(", ")) }
    })
}
