//! The words of the command line. What they mean is decided in `config` and `commands`.

use std::borrow::Cow;
use std::ffi::OsString;
use std::io::{self, Write, stderr, stdout};
use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{Args, CommandFactory, Parser, Subcommand};

use crate::config::{self, Claims, CommandFlags, Execution, Snapshots};
use crate::model::policy::SandboxMode;
use crate::report::{self, Format, ListFormat, PendingFormat, Remarks, Wanted};
use crate::summary::{NoTests, Strictness};

pub(crate) use cache::{CacheAction, CacheArguments};
pub(crate) use help::VERSION;
pub(crate) use voice::{ColorChoice, Voice};

mod cache;
mod help;
mod misspelt;
#[cfg(test)]
mod tests;
mod voice;
mod words;

/// Reads the words after the program's name. `Err` is also how `--help` and `--version` arrive.
pub(crate) fn parse(arguments: impl IntoIterator<Item = OsString>) -> Result<Verb, clap::Error> {
    let program = std::iter::once(OsString::from("snipcheck"));
    let arguments = words::verb_first(arguments.into_iter().collect(), &CommandLine::command());
    let repeated = words::repeated(&arguments, &CommandLine::command());

    let words = CommandLine::try_parse_from(program.chain(arguments))?;
    let first = words.run.choice.paths.first().filter(|_| words.verb.is_none());
    if let Some(complaint) = first.and_then(|word| misspelt::complaint(word, &mut CommandLine::command())) {
        return Err(complaint);
    }

    let mut verb = words.verb.unwrap_or(Verb::Run(words.run));
    if let Verb::Run(RunArguments { repeated: kept, .. })
    | Verb::Watch(WatchArguments { repeated: kept, .. }) = &mut verb
    {
        *kept = repeated;
    }

    if let Verb::Run(run) = &verb
        && let Some(clash) = run.clash()
    {
        return Err(CommandLine::command().error(ErrorKind::ArgumentConflict, clash));
    }

    let execution = verb.flags().execution;
    if execution.access.untrusted && execution.sandbox == Some(SandboxMode::Off) {
        let message = "the argument '--untrusted' cannot be used with '--sandbox off'";
        return Err(CommandLine::command().error(ErrorKind::ArgumentConflict, message));
    }
    Ok(verb)
}

/// Prints an answer. One that quotes words which could do harm, as names of files that a shell put there, is escaped.
pub(crate) fn print(answer: &clap::Error) -> ExitCode {
    let plain = answer.render().to_string();
    let printed = match report::harmless(&plain) {
        Cow::Owned(escaped) if answer.use_stderr() => writeln!(stderr().lock(), "{}", escaped.trim_end()),
        Cow::Borrowed(_) | Cow::Owned(_) => answer.print(),
    };
    // A complaint that nobody reads leaves its exit code. Help that was asked for is lost where it cannot be written.
    let is_lost = |error: &io::Error| !answer.use_stderr() && error.kind() != io::ErrorKind::BrokenPipe;
    if printed.and_then(|()| stdout().flush()).is_err_and(|error| is_lost(&error)) {
        return ExitCode::FAILURE;
    }
    ExitCode::from(u8::try_from(answer.exit_code()).unwrap_or(2))
}

#[derive(Debug, Parser)]
#[command(
    name = "snipcheck",
    version = help::VERSION,
    about = "Runs the Python snippets of your documents and checks what comes out",
    after_help = help::SNIPCHECK,
    args_conflicts_with_subcommands = true,
    max_term_width = 100
)]
struct CommandLine {
    #[command(subcommand)]
    verb: Option<Verb>,
    #[command(flatten)]
    run: RunArguments,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    /// Run snippets and check what comes out (the default)
    #[command(alias = "test", after_help = help::RUN)]
    Run(RunArguments),
    /// List every code block and what would become of it; runs nothing
    #[command(after_help = help::LIST)]
    List(ListArguments),
    /// Run snippets and accept what comes out as their snapshots
    #[command(after_help = help::ACCEPT)]
    Accept(AcceptArguments),
    /// Run snippets and write what really comes out into their documents
    #[command(after_help = help::UPDATE)]
    Update(UpdateArguments),
    /// Run snippets and decide, one question after another, about all that waits
    #[command(after_help = help::REVIEW)]
    Review(ReviewArguments),
    /// Run snippets, and again whatever a change of a file touches
    #[command(after_help = help::WATCH)]
    Watch(WatchArguments),
    /// Throw pending snapshots away; accepted ones stay
    #[command(after_help = help::REJECT)]
    Reject(RejectArguments),
    /// Show the snapshots that wait to be accepted or rejected
    #[command(after_help = help::PENDING)]
    Pending(PendingArguments),
    /// Try the sandbox and say what it keeps from this machine
    #[command(after_help = help::DOCTOR)]
    Doctor(DoctorArguments),
    /// Say where outcomes of earlier runs are kept, or remove them
    #[command(after_help = help::CACHE)]
    Cache(CacheArguments),
}

#[expect(clippy::struct_excessive_bools, reason = "words that are there or not")]
#[derive(Debug, Args)]
pub(crate) struct RunArguments {
    #[command(flatten)]
    pub(crate) choice: Choice,

    /// Run only what failed the last time it ran
    #[arg(long, help_heading = help::CHOOSING)]
    pub(crate) last_failed: bool,

    #[command(flatten)]
    pub(crate) execution: Execution,

    /// Start no further session after the first failure: `--max-fail 1`
    #[arg(short = 'x', conflicts_with = "max_fail", help_heading = help::RUNNING)]
    first_failure: bool,

    /// Start no further session after so many failures; what is left does not run
    #[arg(long, value_name = "N", value_parser = config::count, help_heading = help::RUNNING)]
    max_fail: Option<usize>,

    /// Run every session so many times, 2 to 100; what is not the same in all of them fails
    #[arg(long, value_name = "N", value_parser = config::times, help_heading = help::REPEATING)]
    pub(crate) repeat: Option<usize>,

    /// Change hash seed, random numbers, date and addresses from run to run, and say what is unstable instead of failing
    #[arg(long, requires = "repeat", help_heading = help::REPEATING)]
    pub(crate) vary: bool,

    /// Also fail on what is unreviewed, suspicious, pending or orphaned, and write nothing (the default where CI is set)
    #[arg(long, help_heading = help::JUDGING)]
    check: bool,

    /// Whether a snippet without any expectation needs a snapshot [default: optional]
    #[arg(long, value_name = "WHEN", help_heading = help::JUDGING)]
    snapshots: Option<Snapshots>,

    /// What becomes of comments and shown outputs that turn out false [default: check]
    #[arg(long, value_name = "MODE", help_heading = help::JUDGING)]
    claims: Option<Claims>,

    /// What a run is in which no Python snippet was found or chosen: `fail` has the exit code 4
    #[arg(long, value_enum, default_value_t, value_name = "MODE", help_heading = help::JUDGING)]
    pub(crate) no_tests: NoTests,

    /// Also show the comments that claim nothing
    #[arg(long, help_heading = help::REPORTING)]
    show_remarks: bool,

    /// How results are written, to stdout or to a file; repeat it for more: human, short, json, github, markdown, junit,
    /// gitlab, sarif, tap [default: human]
    #[arg(
        long = "format",
        value_name = "FORMAT[=FILE]",
        value_parser = Wanted::parse,
        help_heading = help::REPORTING
    )]
    formats: Vec<Wanted>,

    #[command(flatten)]
    pub(crate) voice: Voice,

    /// Words of this command that one that repeats a failure needs as well.
    #[arg(skip)]
    pub(crate) repeated: Vec<String>,
}

#[derive(Debug, Args)]
pub(crate) struct ListArguments {
    #[command(flatten)]
    paths: Paths,

    /// What is written to stdout
    #[arg(long, value_enum, default_value_t, help_heading = help::REPORTING)]
    pub(crate) format: ListFormat,
}

#[derive(Debug, Args)]
pub(crate) struct AcceptArguments {
    #[command(flatten)]
    pub(crate) choice: Choice,

    #[command(flatten)]
    pub(crate) execution: Execution,

    /// Also accept snippets that end in an exception nobody announced with `raises=`
    #[arg(long, help_heading = help::JUDGING)]
    pub(crate) errors: bool,

    /// What becomes of documents that say something else: `report` accepts that as known to be false [default: check]
    #[arg(long, value_name = "MODE", help_heading = help::JUDGING)]
    claims: Option<Claims>,

    /// Also delete snapshots that no snippet claims any more
    #[arg(long, help_heading = help::JUDGING)]
    pub(crate) prune: bool,

    #[command(flatten)]
    pub(crate) voice: Voice,
}

#[derive(Debug, Args)]
pub(crate) struct UpdateArguments {
    #[command(flatten)]
    pub(crate) choice: Choice,

    #[command(flatten)]
    pub(crate) execution: Execution,

    /// Write all of it without asking
    #[arg(short, long, help_heading = help::WRITING)]
    pub(crate) yes: bool,

    /// When to color
    #[arg(long, value_enum, default_value_t, value_name = "WHEN", help_heading = help::REPORTING)]
    pub(crate) color: ColorChoice,
}

#[derive(Debug, Args)]
pub(crate) struct ReviewArguments {
    #[command(flatten)]
    pub(crate) choice: Choice,

    #[command(flatten)]
    pub(crate) execution: Execution,

    /// Whether a snippet without any expectation needs a snapshot [default: optional]
    #[arg(long, value_name = "WHEN", help_heading = help::JUDGING)]
    snapshots: Option<Snapshots>,

    /// When to color
    #[arg(long, value_enum, default_value_t, value_name = "WHEN", help_heading = help::REPORTING)]
    pub(crate) color: ColorChoice,
}

#[derive(Debug, Args)]
pub(crate) struct WatchArguments {
    #[command(flatten)]
    pub(crate) choice: Choice,

    #[command(flatten)]
    pub(crate) execution: Execution,

    /// Whether a snippet without any expectation needs a snapshot [default: optional]
    #[arg(long, value_name = "WHEN", help_heading = help::JUDGING)]
    snapshots: Option<Snapshots>,

    /// What becomes of comments and shown outputs that turn out false [default: check]
    #[arg(long, value_name = "MODE", help_heading = help::JUDGING)]
    claims: Option<Claims>,

    #[command(flatten)]
    pub(crate) voice: Voice,

    /// Words of this command that one that repeats a failure needs as well.
    #[arg(skip)]
    pub(crate) repeated: Vec<String>,
}

#[derive(Debug, Args)]
pub(crate) struct RejectArguments {
    #[command(flatten)]
    pub(crate) choice: Choice,
}

#[derive(Debug, Args)]
pub(crate) struct PendingArguments {
    #[command(flatten)]
    pub(crate) choice: Choice,

    /// What is written to stdout
    #[arg(long, value_enum, default_value_t, help_heading = help::REPORTING)]
    pub(crate) format: PendingFormat,

    /// When to color
    #[arg(long, value_enum, default_value_t, value_name = "WHEN", help_heading = help::REPORTING)]
    pub(crate) color: ColorChoice,
}

#[derive(Debug, Args)]
pub(crate) struct DoctorArguments {
    #[command(flatten)]
    pub(crate) execution: Execution,

    /// When to color
    #[arg(long, value_enum, default_value_t, value_name = "WHEN", help_heading = help::REPORTING)]
    pub(crate) color: ColorChoice,
}

#[derive(Debug, Args)]
struct Paths {
    /// Documents, folders, globs [default: `paths` of the settings, else README.md, README.rst and docs/]
    #[arg(value_name = "PATHS")]
    paths: Vec<String>,
}

/// Which snippets a command is about.
#[derive(Debug, Args)]
pub(crate) struct Choice {
    /// Documents, folders, globs, `document:LINE`, `document:FIRST-LAST` or ids as `list` shows them [default: `paths` of
    /// the settings, else README.md, README.rst and docs/]
    #[arg(value_name = "PATHS")]
    paths: Vec<String>,

    /// Only snippets whose id contains this text, in any case; repeat it for more
    #[arg(short = 'k', value_name = "TEXT", help_heading = help::CHOOSING)]
    pub(crate) patterns: Vec<String>,

    /// Leave out what `exclude` of the settings matches even where PATHS name it, as hooks do
    #[arg(long, help_heading = help::CHOOSING)]
    force_exclude: bool,
}

impl Verb {
    /// The flags that settings obey.
    pub(crate) fn flags(&self) -> CommandFlags {
        match self {
            Self::Run(words) => words.flags(),
            Self::Accept(words) => {
                CommandFlags { claims: words.claims, ..flags(&words.choice, &words.execution) }
            }
            Self::Update(words) => flags(&words.choice, &words.execution),
            Self::Review(words) => {
                CommandFlags { snapshots: words.snapshots, ..flags(&words.choice, &words.execution) }
            }
            Self::Watch(words) => {
                let (snapshots, claims) = (words.snapshots, words.claims);
                CommandFlags { snapshots, claims, ..flags(&words.choice, &words.execution) }
            }
            Self::List(words) => words.paths.flags(),
            Self::Reject(words) => words.choice.flags(),
            Self::Pending(words) => words.choice.flags(),
            Self::Doctor(words) => {
                CommandFlags { execution: words.execution.clone(), ..CommandFlags::default() }
            }
            Self::Cache(_) => CommandFlags::default(),
        }
    }
}

impl RunArguments {
    pub(crate) fn remarks(&self) -> Remarks {
        if self.show_remarks { Remarks::Shown } else { Remarks::Hidden }
    }

    /// After how many failures no further session starts.
    pub(crate) fn max_fail(&self) -> Option<usize> {
        self.max_fail.or(self.first_failure.then_some(1))
    }

    /// The formats that were asked for, in the order of the caller.
    pub(crate) fn formats(&self) -> Vec<Wanted> {
        if self.formats.is_empty() { vec![Wanted::HUMAN] } else { self.formats.clone() }
    }

    /// What is wrong with the formats together: two of them would be written to one place.
    fn clash(&self) -> Option<String> {
        let mut files: Vec<&str> = self.formats.iter().filter_map(|wanted| wanted.file.as_deref()).collect();
        files.sort_unstable();
        let pairs = files.iter().zip(files.iter().skip(1));
        if let Some((file, _)) = pairs.into_iter().find(|(file, next)| file == next) {
            return Some(format!("two formats cannot be written to the same file `{file}`"));
        }
        let on_stdout = self.formats.iter().filter(|wanted| wanted.file.is_none());
        let on_stdout = on_stdout.filter(|wanted| wanted.format != Format::Github).count();
        let annotated = self.formats.iter().filter(|wanted| wanted.file.is_none()).count() - on_stdout;
        (on_stdout > 1 || annotated > 1).then(|| {
            "only one format can be written to stdout: the others need a file, as in `junit=out.xml`"
                .to_owned()
        })
    }

    fn flags(&self) -> CommandFlags {
        CommandFlags {
            paths: self.choice.paths.clone(),
            force_exclude: self.choice.force_exclude,
            strictness: self.check.then_some(Strictness::Check),
            snapshots: self.snapshots,
            claims: self.claims,
            execution: self.execution.clone(),
        }
    }
}

fn flags(choice: &Choice, execution: &Execution) -> CommandFlags {
    CommandFlags {
        paths: choice.paths.clone(),
        force_exclude: choice.force_exclude,
        execution: execution.clone(),
        ..CommandFlags::default()
    }
}

impl Choice {
    fn flags(&self) -> CommandFlags {
        CommandFlags {
            paths: self.paths.clone(),
            force_exclude: self.force_exclude,
            ..CommandFlags::default()
        }
    }
}

impl Paths {
    fn flags(&self) -> CommandFlags {
        CommandFlags { paths: self.paths.clone(), ..CommandFlags::default() }
    }
}
