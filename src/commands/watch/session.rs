//! A project that is watched: what is known of it, and what is done about what happens.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Write, stderr, stdout};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use crate::cli::WatchArguments;
use crate::commands::run::for_people;
use crate::commands::watch::pass::pass;
use crate::commands::watch::results::{Reach, Results};
use crate::commands::watch::touched::{Known, RULES, SETTINGS, Touched};
use crate::commands::watch::writing::{self, Written};
use crate::config::{self, ConfigError, PathsFrom, Settings};
use crate::document::Discovery;
use crate::failure::Failure;
use crate::model::snippet::DocumentPath;
use crate::report::{self, Format, Options, Output, Progress, Reporter, counted};
use crate::run::{self, RunError};
use crate::summary::Summary;
use crate::watch::{self, Dirty, Files, Folders, Happening, Inbox, Key, Keyboard, Stroke, Tree};

/// How often somebody who wants this process to end is looked for.
const PULSE: Duration = Duration::from_millis(100);
/// How often files are looked at where nobody tells of them.
const SILENCE: Duration = Duration::from_secs(1);
/// Files that one line names.
const NAMED: usize = 3;
/// More folders are looked at faster all together.
const FEW_FOLDERS: usize = 32;
const INTERRUPTED: u8 = 130;

pub(super) struct Session<'a> {
    words: &'a WatchArguments,
    renew: &'a dyn Fn() -> Result<Settings, ConfigError>,
    settings: Settings,
    /// The settings have changed, and cannot be read.
    are_stale: bool,
    documents: BTreeMap<PathBuf, DocumentPath>,
    results: Results,
    /// Of the last results that are complete.
    exit_code: u8,
    /// When the last results were shown.
    shown: Instant,
    inbox: Inbox,
    files: Files,
    folders: Folders,
    keyboard: Option<Keyboard>,
}

impl<'a> Session<'a> {
    /// From here on no change is missed.
    pub(super) fn begin(
        words: &'a WatchArguments,
        settings: Settings,
        renew: &'a dyn Fn() -> Result<Settings, ConfigError>,
    ) -> Result<Self, Failure> {
        run::listen_to_signals(Keyboard::restore)?;
        let inbox = Inbox::new();
        let keyboard = if watch::is_possible() {
            Some(Keyboard::open(&inbox)?)
        } else {
            watch::await_end(&inbox)?;
            None
        };
        let folders = inbox.folders();
        let mut session = Self {
            words,
            renew,
            settings,
            are_stale: false,
            documents: BTreeMap::new(),
            results: Results::default(),
            exit_code: INTERRUPTED,
            shown: Instant::now(),
            inbox,
            files: Files::default(),
            folders,
            keyboard,
        };
        session.discover();
        session.look(&Dirty::Everything);
        Ok(session)
    }

    /// Acts on whatever happens, until the end.
    pub(super) fn follow(&mut self) -> Result<ExitCode, Failure> {
        loop {
            if run::is_interrupted() {
                let code = if self.inbox.is_quit() { self.exit_code } else { INTERRUPTED };
                return Ok(ExitCode::from(code));
            }
            if self.keyboard.is_some() {
                Keyboard::keep()?;
            }
            let patience = if self.folders.are_silent() { SILENCE } else { PULSE };
            let acted = match self.inbox.next(patience) {
                Happening::Change(dirty) => self.changed(&dirty),
                Happening::Nothing if self.folders.are_silent() => self.changed(&Dirty::Everything),
                Happening::Nothing => Ok(()),
                Happening::InputEnded | Happening::Key(Stroke { key: Key::Quit, .. }) => {
                    return Ok(ExitCode::from(self.exit_code));
                }
                Happening::Key(stroke) => self.obey(stroke),
            };
            acted.or_else(|failure| self.outlive(failure))?;
        }
    }

    fn obey(&mut self, Stroke { key, at }: Stroke) -> Result<(), Failure> {
        match key {
            Key::RunAll => {
                let all = counted(self.documents.len(), "document");
                self.run_all(&format!("ran all {all}"))
            }
            Key::RunFailures => self.run_failures(),
            // Nobody decides about what was not on the screen yet.
            Key::AcceptPending | Key::Update if at < self.shown => Ok(()),
            Key::AcceptPending => {
                let written = writing::accept(&self.settings, &self.results)?;
                self.written(&written, "nothing waits to be accepted")
            }
            Key::Update => {
                let written = writing::update(&self.settings, &self.results);
                self.written(&written, "nothing to update")
            }
            Key::Quit => Ok(()),
        }
    }

    /// Another change may remove what a run could not go on without: settings, a Python, a snapshot that cannot be read.
    fn outlive(&mut self, failure: Failure) -> Result<(), Failure> {
        match failure {
            Failure::Output(_)
            | Failure::File(_)
            | Failure::NoCache
            | Failure::Cache { .. }
            | Failure::Run(RunError::Report(_)) => Err(failure),
            Failure::Config(_) | Failure::Run(_) | Failure::Snapshots(_) => {
                self.exit_code = failure.exit_code();
                // Nothing is known of documents that were to run: the next change runs all of them.
                self.results = Results::default();
                let _ = failure.report();
                self.closing()
            }
        }
    }

    /// The first run.
    pub(super) fn run_first(&mut self) -> Result<(), Failure> {
        self.run_all("")
    }

    fn run_all(&mut self, headline: &str) -> Result<(), Failure> {
        let documents = self.documents.values().cloned().collect();
        self.run(&documents, Reach::All)?;
        self.show(headline)
    }

    fn run_failures(&mut self) -> Result<(), Failure> {
        let failing = self.results.failing();
        if failing.is_empty() {
            return say("nothing fails");
        }
        self.run(&failing, Reach::Some)?;
        let all = counted(self.documents.len(), "document");
        self.show(&format!("ran what fails: {} of {all}", failing.len()))
    }

    /// Runs what is touched by files that a key has written.
    fn written(&mut self, written: &Written, nothing: &str) -> Result<(), Failure> {
        if *written == Written::default() {
            return say(nothing);
        }
        let text = written.text(self.words.voice.color.of(&stdout()))?;
        let changed = self.look(&Dirty::Everything);
        if !self.act(&changed, Some(&text))? {
            say(&text)?;
        }
        Ok(())
    }

    /// Runs what a change touches.
    fn changed(&mut self, dirty: &Dirty) -> Result<(), Failure> {
        let changed = self.look(dirty);
        if !changed.is_empty() {
            self.act(&changed, None)?;
        }
        Ok(())
    }

    /// Runs what these files touch; `done` says why they changed, if that is known. Returns whether there was something.
    fn act(&mut self, changed: &BTreeSet<PathBuf>, done: Option<&str>) -> Result<bool, Failure> {
        if self.are_stale || self.known(&self.documents).are_other_settings(changed) {
            self.are_stale = true;
            match (self.renew)() {
                Ok(settings) => {
                    self.settings = settings;
                    self.are_stale = false;
                }
                Err(error) => {
                    self.headline(&format!("changed: {}", self.names(changed.iter())))?;
                    return Err(error.into());
                }
            }
        }

        // A document that is gone, or new, is no file beside others.
        let mut documents = std::mem::take(&mut self.documents);
        self.discover();
        documents.extend(self.documents.clone());
        let mut touched = self.known(&documents).touched(changed);

        let counting = changed.iter().filter(|file| self.known(&documents).counts(file));
        let headline = done.map_or_else(|| format!("changed: {}", self.names(counting)), str::to_owned);

        let there: BTreeSet<DocumentPath> = self.documents.values().cloned().collect();
        let gone = self.results.keep(&there);
        touched.documents.extend(there.iter().filter(|path| !self.results.knows(path)).cloned());
        touched.documents.retain(|path| there.contains(path));
        if touched == Touched::default() && gone == 0 {
            return Ok(false);
        }

        let (documents, reach) =
            if touched.everything { (&there, Reach::All) } else { (&touched.documents, Reach::Some) };
        self.run(documents, reach)?;
        let ran = match (documents.len(), there.len()) {
            (0, _) => String::new(),
            (count, all) => format!("; ran {count} of {}", counted(all, "document")),
        };
        self.show(&format!("{headline}{ran}"))?;
        Ok(true)
    }

    /// Looks where something may have happened, and follows folders that are new.
    fn look(&mut self, dirty: &Dirty) -> BTreeSet<PathBuf> {
        if let Dirty::Places(places) = dirty {
            for place in places {
                self.folders.doubt(place);
            }
        }
        let mut changed = self.files.look(dirty);
        loop {
            let new = self.folders.follow(&self.files.folders());
            if new.is_empty() {
                return changed;
            }
            let dirty = if new.len() > FEW_FOLDERS { Dirty::Everything } else { Dirty::Places(new) };
            changed.extend(self.files.look(&dirty));
        }
    }

    /// Which documents there are now.
    fn discover(&mut self) {
        match self.settings.paths_from {
            // One of the usual places may be new.
            PathsFrom::Defaults => self.settings.paths = config::defaults(&self.settings.root),
            PathsFrom::Caller | PathsFrom::Settings => {}
        }
        let Discovery { files, .. } = run::discover(&self.settings);
        self.documents = files.into_iter().map(|found| (found.file, found.path)).collect();

        let Settings { root, repository, .. } = &self.settings;
        let above = root.ancestors().take_while(|folder| folder.starts_with(repository));
        let rules = above.flat_map(|folder| [SETTINGS, RULES].map(|name| folder.join(name)));
        let named = self.documents.keys().cloned().chain(rules).collect();
        self.files.of(Tree { root: root.clone(), named });
    }

    fn known<'b>(&'b self, documents: &'b BTreeMap<PathBuf, DocumentPath>) -> Known<'b> {
        Known { settings: &self.settings, documents }
    }

    /// Runs these documents.
    fn run(&mut self, documents: &BTreeSet<DocumentPath>, reach: Reach) -> Result<(), Failure> {
        if !documents.is_empty() || reach == Reach::All {
            let news = pass(self.words, &self.settings, documents, reach)?;
            self.results.take(news, documents, reach);
        }
        Ok(())
    }

    /// Shows what is known of all documents.
    fn show(&mut self, headline: &str) -> Result<(), Failure> {
        self.headline(headline)?;
        let voice = &self.words.voice;
        let options = Options { repeated: self.words.repeated.clone(), ..for_people(&self.settings, voice) };
        let mut reporter = Reporter::new(Format::Human, options, Progress::silent(), Output::default());
        let summary: Summary = self.results.replay(&mut |event| reporter.record(event))?;
        let exit_code = summary.exit_code(self.settings.strictness);
        if !summary.interrupted {
            self.exit_code = exit_code;
        }
        reporter.finish(&summary, exit_code).map_err(Failure::of_report)?;
        self.closing()
    }

    /// What a report begins with; on a terminal nothing stands above it.
    fn headline(&self, headline: &str) -> Result<(), Failure> {
        if headline.is_empty() {
            return Ok(());
        }
        if self.keyboard.is_some() {
            watch::clear_screen()?;
        } else {
            writeln!(stdout())?;
        }
        Ok(writeln!(stdout(), "{headline}\n")?)
    }

    /// What comes next.
    fn closing(&mut self) -> Result<(), Failure> {
        if let Some(reason) = self.folders.complaint() {
            let reason = report::harmless(&reason).into_owned();
            writeln!(stderr(), "note: files are looked at every second: {reason}")?;
        }
        if run::is_interrupted() {
            return Ok(());
        }
        let documents = counted(self.documents.len(), "document");
        let keys = match self.keyboard {
            Some(_) => ": a accept, u update, Enter run all, f run what fails, q quit",
            None => "",
        };
        say(&format!("watching {documents}{keys}"))?;
        self.shown = Instant::now();
        Ok(())
    }

    /// The first of these files, for people.
    fn names<'b>(&self, files: impl Iterator<Item = &'b PathBuf>) -> String {
        let names = files.map(|file| {
            let file = file.strip_prefix(&self.settings.root).unwrap_or(file);
            report::path(&file.to_string_lossy()).into_owned()
        });
        let names: Vec<String> = names.collect();
        match names.len().saturating_sub(NAMED) {
            0 => names.join(", "),
            more => format!("{} and {more} more", names[..NAMED].join(", ")),
        }
    }
}

fn say(words: &str) -> Result<(), Failure> {
    Ok(writeln!(stdout(), "{words}")?)
}
