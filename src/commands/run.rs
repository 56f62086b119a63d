//! `run` and `accept`: snippets run, and what comes out is compared or recorded.

use std::io::{self, Write, stderr, stdout};
use std::path::Path;
use std::process::ExitCode;

use crate::cli::{AcceptArguments, RunArguments, Voice};
use crate::config::{PathsFrom, Settings};
use crate::expect::{Record, Scope};
use crate::failure::Failure;
use crate::plan::{History, Selection};
use crate::report::{
    Color, Destination, Format, Manner, Options, Output, Progress, Remarks, ReportFile, Reporter, Wanted,
};
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
    report(settings, &request, (&words.formats(), options), words.no_tests)
}

pub(super) fn accept(words: &AcceptArguments, settings: &Settings) -> Result<ExitCode, Failure> {
    let request = RunRequest {
        selection: selection(settings, &words.choice.patterns, History::Ignored),
        record: Record::Accept { errors: words.errors, prune: words.prune },
        scope: scope(settings),
        repetition: Repetition::ONCE,
        max_fail: None,
    };
    report(settings, &request, (&[Wanted::HUMAN], for_people(settings, &words.voice)), NoTests::Fail)
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
pub(super) fn scope(settings: &Settings) -> Scope {
    match settings.paths_from {
        PathsFrom::Caller => Scope::Part,
        PathsFrom::Settings | PathsFrom::Defaults => Scope::Project,
    }
}

/// A report on the terminal.
pub(super) fn for_people(settings: &Settings, voice: &Voice) -> Options {
    Options {
        base: settings.base.clone(),
        in_repository: settings
            .root
            .strip_prefix(&settings.repository)
            .unwrap_or(Path::new(""))
            .to_string_lossy()
            .into_owned(),
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
    (formats, options): (&[Wanted], Options),
    no_tests: NoTests,
) -> Result<ExitCode, Failure> {
    let mut reporter = reporter(settings, formats, &options)?;
    let summary = run::run(settings, request, &mut |event| reporter.record(event))?;

    let mut exit_code = summary.exit_code(settings.strictness);
    let is_forgiven = exit_code == NOTHING_TO_RUN && no_tests != NoTests::Fail;
    if is_forgiven {
        exit_code = 0;
    }
    reporter.finish(&summary, exit_code).map_err(Failure::of_report)?;
    if is_forgiven && no_tests == NoTests::Warn {
        writeln!(stderr(), "warning: there was no Python snippet to run")?;
    }
    Ok(ExitCode::from(exit_code))
}

/// One format on standard output: GitHub's annotations only where no other is, since its runner reads stderr as well.
fn reporter(
    settings: &Settings,
    formats: &[Wanted],
    options: &Options,
) -> Result<Reporter<Box<dyn Write>>, Failure> {
    let on_stdout = || formats.iter().filter(|wanted| wanted.file.is_none());
    let first = on_stdout().find(|wanted| wanted.format != Format::Github).or(on_stdout().next());
    let (format, out): (Format, Box<dyn Write>) = match first {
        Some(wanted) => (wanted.format, Box::new(Output::default())),
        // Nothing but files.
        None => (Format::Short, Box::new(io::sink())),
    };
    let mut reporter = Reporter::new(format, options.clone(), Progress::on_terminal(), out);

    for wanted in formats.iter().filter(|wanted| Some(*wanted) != first) {
        let destination = match &wanted.file {
            Some(file) => Destination::File(file_of(Path::new(file), Manner::Replace)?),
            None => Destination::Stderr,
        };
        // Colors are for terminals.
        let options = Options { color: Color::Never, ..options.clone() };
        reporter.add(wanted.format, options, destination);
    }
    if let Some(file) = &settings.step_summary
        && formats.iter().any(|wanted| wanted.format == Format::Github)
    {
        let file = file_of(file, Manner::Append)?;
        reporter.add(Format::Markdown, options.clone(), Destination::File(file));
    }
    Ok(reporter)
}

fn file_of(path: &Path, manner: Manner) -> Result<ReportFile, Failure> {
    ReportFile::new(path, manner).map_err(|error| Failure::File(error.to_string()))
}
