//! One run of some documents or of all.

use std::collections::BTreeSet;
use std::io::{Write, stderr};

use crate::cli::WatchArguments;
use crate::commands::run::{scope, selection};
use crate::commands::watch::results::{Reach, RunNews};
use crate::config::Settings;
use crate::event::Event;
use crate::expect::{Record, Scope};
use crate::failure::Failure;
use crate::model::snippet::DocumentPath;
use crate::plan::History;
use crate::report::{self, Progress};
use crate::run::{self, Repetition, RunRequest};
use crate::summary::Strictness;

/// Runs these documents, and shows what runs right now.
pub(super) fn pass(
    words: &WatchArguments,
    settings: &Settings,
    documents: &BTreeSet<DocumentPath>,
    reach: Reach,
) -> Result<RunNews, Failure> {
    let (settings, scope) = match reach {
        Reach::All => (settings.clone(), scope(settings)),
        Reach::Some => (only(settings, documents), Scope::Part),
    };
    let record = match settings.strictness {
        Strictness::Check => Record::Never,
        Strictness::Lenient => Record::Pending,
    };
    let request = RunRequest {
        selection: selection(&settings, &words.choice.patterns, History::Ignored),
        record,
        scope,
        repetition: Repetition::ONCE,
        max_fail: None,
    };

    let mut news = RunNews::default();
    let mut progress = Progress::on_terminal();
    run::run(&settings, &request, &mut |event| {
        progress.record(event);
        news.record(event);
        if matches!(event, Event::Interrupted) {
            progress.aside(|| writeln!(stderr(), "{}", report::INTERRUPTED))?;
        }
        Ok(())
    })?;
    Ok(news)
}

/// The settings of a run of some documents.
fn only(settings: &Settings, documents: &BTreeSet<DocumentPath>) -> Settings {
    let mut settings = settings.clone();
    settings.paths = documents.iter().map(|path| path.0.clone()).collect();
    settings.places.retain(|place| documents.contains(&place.path));
    settings
}
