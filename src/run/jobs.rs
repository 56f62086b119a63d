//! From planned sessions to jobs of the supervisor.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use crate::config::{Claims, ClockGrants, Settings};
use crate::document::side_by_side;
use crate::expect::Expectations;
use crate::model::policy::{Chance, Clock, Limits};
use crate::model::problem::Problem;
use crate::model::snippet::{Namespace, Snippet};
use crate::plan::{Plan, PlannedSnippet};
use crate::run::fixtures::Fixtures;
use crate::supervisor::{Job, Work};
use crate::wire::{Mode, Step};

/// What the documents say of each session's snippets, in their order.
pub(super) fn expectations(plan: &Plan<'_>, claims: Claims) -> Vec<Vec<Expectations>> {
    let read = |planned: &PlannedSnippet| Expectations::read(&planned.snippet, claims);
    side_by_side(&plan.sessions, |session| session.snippets.iter().map(read).collect())
}

/// The first snippets of a planned session.
#[derive(Clone, Copy, Debug)]
pub(super) struct Part {
    pub(super) session: usize,
    pub(super) snippets: usize,
    pub(super) look: Look,
    pub(super) chance: Chance,
}

impl Part {
    fn is_as_long(&self, other: &Self) -> bool {
        (self.session, self.snippets) == (other.session, other.snippets)
    }
}

/// Why it runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Look {
    First,
    /// To see what moves. Counted from 1.
    Repeated(usize),
    /// By the real clock, at what waits for it.
    Measured,
    /// At what waits.
    Further,
}

/// All sessions as a whole, in their order, under each of these conditions.
pub(super) fn whole(plan: &Plan<'_>, looks: &[(Look, Chance)]) -> Vec<Part> {
    let sessions = plan.sessions.iter().map(|planned| planned.snippets.len()).enumerate();
    let parts = sessions.flat_map(|(session, snippets)| {
        looks.iter().map(move |&(look, chance)| Part { session, snippets, look, chance })
    });
    parts.collect()
}

/// One job for each part, by its number, and what is wrong with the fixtures they ask for.
pub(super) fn prepare(
    settings: &Settings,
    (plan, expectations): (&Plan<'_>, &[Vec<Expectations>]),
    parts: &[Part],
) -> (Vec<Job>, Vec<Problem>) {
    let mut fixtures = Fixtures::new(&settings.root);
    let mut problems = Vec::new();
    let mut jobs: Vec<Job> = Vec::new();
    for (number, part) in parts.iter().enumerate() {
        let (session, expectations) = (&plan.sessions[part.session], &expectations[part.session]);
        // Its code is as long as a document.
        let before = number.checked_sub(1).filter(|before| parts[*before].is_as_long(part));
        let works = match before {
            Some(before) => Arc::clone(&jobs[before].works),
            None => session
                .snippets
                .iter()
                .take(part.snippets)
                .zip(expectations)
                .map(|(planned, expectations)| {
                    problems.extend_from_slice(expectations.problems());
                    work(settings, planned, mode(expectations), (&mut fixtures, &mut problems))
                })
                .collect(),
        };
        let neighbours = settings.root.join(session.path.as_str()).parent().map(Path::to_path_buf);
        jobs.push(Job { number, document: session.path.0.clone(), neighbours, chance: part.chance, works });
    }
    (jobs, problems)
}

/// A snippet whose fixtures are missing runs without them: what it misses shows where it misses it.
fn work(
    settings: &Settings,
    planned: &PlannedSnippet,
    mode: Mode,
    (fixtures, problems): (&mut Fixtures<'_>, &mut Vec<Problem>),
) -> Work {
    let snippet = &planned.snippet;
    let mut setup = fixtures.setup(snippet).unwrap_or_else(|problem| {
        problems.push(problem);
        Vec::new()
    });
    let files = fixtures.files(snippet).unwrap_or_else(|problem| {
        problems.push(problem);
        Vec::new()
    });
    let clock = clock(settings, snippet).unwrap_or_else(|problem| {
        problems.push(problem);
        Clock::Virtual
    });
    let namespace = namespace(settings, &snippet.namespace);
    if let Namespace::Module { .. } = namespace {
        // What the module prints when it is imported is nobody's, as is the output of every setup.
        let (file, line, namespace) = (snippet.path.0.clone(), snippet.location.code, namespace.clone());
        let (code, files, mode) = (String::new(), Vec::new(), Mode::default());
        setup.insert(0, Step { file, code, line, files, mode, namespace, clock });
    }
    for step in &mut setup {
        step.clock = clock;
    }
    let asked = snippet.directives.timeout.unwrap_or(settings.limits.wall);
    problems.extend(too_long(settings, snippet, asked));
    Work {
        setup,
        step: Step {
            file: snippet.path.0.clone(),
            code: snippet.code.clone(),
            line: snippet.location.code,
            files,
            mode,
            namespace,
            clock,
        },
        wall: asked.min(settings.longest_timeout),
    }
}

/// A document may ask for less than the machine's, not for it.
fn clock(settings: &Settings, snippet: &Snippet) -> Result<Clock, Problem> {
    match (settings.clock_grants, snippet.directives.clock) {
        (ClockGrants::Overruled, _) | (ClockGrants::Granted | ClockGrants::Capped, None) => {
            Ok(settings.clock)
        }
        (ClockGrants::Granted, Some(clock)) => Ok(clock),
        (ClockGrants::Capped, Some(Clock::Virtual)) => Ok(Clock::Virtual),
        (ClockGrants::Capped, Some(Clock::Real)) => Err(Problem {
            path: snippet.path.0.clone(),
            line: Some(snippet.location.start),
            message: "`clock` asks for `real`, documents can get `virtual`".to_owned(),
            hint: Some(
                "`--clock real` gives it; `--trust` lets the project's own documents widen".to_owned(),
            ),
        }),
    }
}

/// With folders as sessions see them.
fn namespace(settings: &Settings, namespace: &Namespace) -> Namespace {
    match namespace {
        Namespace::Shared | Namespace::Fresh => namespace.clone(),
        Namespace::Module { name, folder, above } => {
            // In its shortest spelling: `__file__` and tracebacks show it.
            let folder: PathBuf = settings.root.join(folder).components().collect();
            let folder = folder.to_string_lossy().into_owned();
            Namespace::Module { name: name.clone(), folder, above: *above }
        }
    }
}

fn mode(expectations: &Expectations) -> Mode {
    match expectations.examples() {
        Some(examples) => Mode::Console { examples },
        None => Mode::Script { watched: expectations.watched(), until: expectations.until() },
    }
}

/// A document may ask for less time than anybody gets, not for more. A caller in a hurry knows.
fn too_long(settings: &Settings, snippet: &Snippet, asked: Duration) -> Option<Problem> {
    let most = settings.longest_timeout;
    (asked > most && most >= Limits::default().wall).then(|| Problem {
        path: snippet.path.0.clone(),
        line: Some(snippet.location.start),
        message: format!("`timeout` asks for {asked:?}, documents can get {most:?} at most"),
        hint: Some(format!(
            "`--timeout {}s` gives it; `--trust` lets the project's own documents widen",
            asked.as_secs_f64()
        )),
    })
}
