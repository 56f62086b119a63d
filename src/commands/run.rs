//! `run` and `accept`: snippets run, and what comes out is compared or recorded.

use std::io::{Write, stderr, stdout};
use std::process::ExitCode;

use crate::cli::{AcceptArguments, RunArguments, Voice};
use crate::config::{PathsFrom, Settings};
use crate::expect::{Record, Scope};
use crate::failure::Failure;
use crate::plan::{History, Selection};
use crate::report::{Format, Options, Output, Progress, Remarks, Reporter};
use crate::run::{self, Conditions, Repetition, RunRequest};
use crate::summary::{NOTHING_TO_RUN, NoTests, Strictness};

pub(super) fn run(words: &RunArguments, settings: &Settings) -> Result<ExitCode, Failure> {
    let history = if words.last_failed { History::LastFailed } else { History::Ignored };
    let record = match settings.strictness {
        Strictness::Check => Record::Never,
        Strictness::Lenient => Record::Pending,
    };

    let request = RunRequest {
        selection: selection(settings, &words.choice.patterns, history),
        record,
        scope: scope(settings),
        repetition: repetition(words),
        max_fail: words.max_fail(),
    };

    let options = Options {
        remarks: words.remarks(),
        repeated: words.repeated.clone(),
        ..for_people(settings, &words.voice)
    };
    report(settings, &request, (words.format, options), words.no_tests)
}

pub(super) fn accept(words: &AcceptArguments, settings: &Settings) -> Result<ExitCode, Failure> {
    let request = RunRequest {
        selection: selection(settings, &words.choice.patterns, History::Ignored),
        record: Record::Accept { errors: words.errors, prune: words.prune },
        scope: scope(settings),
        repetition: Repetition::ONCE,
        max_fail: None,
    };
    report(settings, &request, (Format::Human, for_people(settings, &words.voice)), NoTests::Fail)
}

/// How often sessions run.
fn repetition(words: &RunArguments) -> Repetition {
    let conditions = if words.vary { Conditions::Varied } else { Conditions::Same };
    Repetition { times: words.repeat.unwrap_or(1), conditions }
}

/// Which snippets the caller asked for.
pub(super) fn selection(settings: &Settings, patterns: &[String], history: History) -> Selection {
    Selection { places: settings.places.clone(), patterns: patterns.to_vec(), history }
}

/// Whether the run is about all documents of the project, so that snapshots of others are orphans.
fn scope(settings: &Settings) -> Scope {
    match settings.paths_from {
        PathsFrom::Caller => Scope::Part,
        PathsFrom::Settings | PathsFrom::Defaults => Scope::Project,
    }
}

/// A report on the terminal.
fn for_people(settings: &Settings, voice: &Voice) -> Options {
    Options {
        base: settings.base.clone(),
        verbosity: voice.verbosity(),
        remarks: Remarks::Hidden,
        color: voice.color.of(&stdout()),
        installation: settings.installation(),
        repeated: Vec::new(),
    }
}

/// Runs what is requested, reports what happens, and gives the exit code.
fn report(
    settings: &Settings,
    request: &RunRequest,
    (format, options): (Format, Options),
    no_tests: NoTests,
) -> Result<ExitCode, Failure> {
    let mut reporter = Reporter::new(format, options, Progress::on_terminal(), Output::default());
    let summary = run::run(settings, request, &mut |event| reporter.record(event))?;

    let mut exit_code = summary.exit_code(settings.strictness);
    let is_forgiven = exit_code == NOTHING_TO_RUN && no_tests != NoTests::Fail;
    if is_forgiven {
        exit_code = 0;
    }
    reporter.finish(&summary, exit_code)?;
    if is_forgiven && no_tests == NoTests::Warn {
        writeln!(stderr(), "warning: there was no Python snippet to run")?;
    }
    Ok(ExitCode::from(exit_code))
}
