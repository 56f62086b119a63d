//! From planned sessions to jobs of the supervisor.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use crate::config::{Claims, ClockGrants, Python, Settings};
use crate::document::side_by_side;
use crate::expect::Expectations;
use crate::model::policy::{Chance, Clock, Limits};
use crate::model::problem::Problem;
use crate::model::snippet::{Line, Namespace, Snippet};
use crate::plan::{Plan, PlannedSnippet};
use crate::run::fixtures::Fixtures;
use crate::supervisor::{Job, Work};
use crate::wire::{Mode, Step};

/// What the documents say of each session's snippets, in their order.
pub(super) fn expectations(
    plan: &Plan<'_>,
    claims: Claims,
    python: Option<Python>,
) -> Vec<Vec<Expectations>> {
    let read = |planned: &PlannedSnippet| Expectations::read(&planned.snippet, claims, python);
    side_by_side(&plan.sessions, |session| session.snippets.iter().map(read).collect())
}

/// The first snippets of a planned session.
#[derive(Clone, Copy, Debug)]
pub(super) struct Part {
    pub(super) session: usize,
    pub(super) snippets: usize,
    pub(super) pass: Pass,
    pub(super) chance: Chance,
}

impl Part {
    fn is_as_long(&self, other: &Self) -> bool {
        (self.session, self.snippets) == (other.session, other.snippets)
    }
}

/// Why a session runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pass {
    First,
    /// Without an image, for what fails with one.
    Cold,
    /// To see what differs from the first pass. Counted from 1.
    Repeated(usize),
    /// For what fails on the virtual clock and may be a matter of time.
    RealClock,
    /// For what may be a matter of chance.
    OtherSeeds,
}

/// What jobs are made of.
#[derive(Clone, Copy)]
pub(super) struct JobSource<'a> {
    pub(super) settings: &'a Settings,
    pub(super) plan: &'a Plan<'a>,
    /// Of each session's snippets, in their order.
    pub(super) expectations: &'a [Vec<Expectations>],
}

pub(super) struct PreparedJobs {
    /// One for each part, by its number.
    pub(super) jobs: Vec<Job>,
    /// What is wrong with the fixtures that they ask for, with their expectations and their limits.
    pub(super) problems: Vec<Problem>,
}

/// All sessions as a whole, in their order, under each of these conditions.
pub(super) fn whole(plan: &Plan<'_>, passes: &[(Pass, Chance)]) -> Vec<Part> {
    let sessions = plan.sessions.iter().map(|planned| planned.snippets.len()).enumerate();
    let parts = sessions.flat_map(|(session, snippets)| {
        passes.iter().map(move |&(pass, chance)| Part { session, snippets, pass, chance })
    });
    parts.collect()
}

pub(super) fn prepare(source: JobSource<'_>, parts: &[Part]) -> PreparedJobs {
    let JobSource { settings, plan, expectations } = source;
    let mut builder = WorkBuilder { settings, fixtures: Fixtures::new(&settings.root), problems: Vec::new() };
    let mut jobs: Vec<Job> = Vec::new();
    for (number, part) in parts.iter().enumerate() {
        let session = &plan.sessions[part.session];
        // The code of a session is as long as a document: passes over the same snippets share it.
        let before = number.checked_sub(1).filter(|before| parts[*before].is_as_long(part));
        let works = if let Some(before) = before {
            Arc::clone(&jobs[before].works)
        } else {
            let snippets = session.snippets.iter().take(part.snippets);
            let expected = snippets.zip(&expectations[part.session]);
            expected.map(|(planned, expectations)| builder.work(planned, expectations)).collect()
        };

        let neighbours = settings.root.join(session.path.as_str()).parent().map(Path::to_path_buf);
        jobs.push(Job {
            number,
            document: session.path.0.clone(),
            neighbours,
            files: Arc::clone(&session.files),
            chance: part.chance,
            imports: None,
            works,
        });
    }
    PreparedJobs { jobs, problems: builder.problems }
}

struct WorkBuilder<'a> {
    settings: &'a Settings,
    fixtures: Fixtures<'a>,
    problems: Vec<Problem>,
}

impl WorkBuilder<'_> {
    /// A snippet whose fixtures are missing runs without them: what it misses shows where it misses it.
    fn work(&mut self, planned: &PlannedSnippet, expectations: &Expectations) -> Work {
        self.problems.extend_from_slice(expectations.problems());
        let snippet = &planned.snippet;
        let setup = self.fixtures.setup(snippet);
        let mut setup = self.without_problem(setup, Vec::new());
        let files = self.fixtures.files(snippet);
        let files = self.without_problem(files, Vec::new());
        let clock = self.without_problem(clock(self.settings, snippet), Clock::Virtual);

        let namespace = namespace(self.settings, &snippet.namespace);
        if let Namespace::Module { .. } = namespace {
            // What the module prints when it is imported is nobody's, as is the output of every setup.
            let (file, line, namespace) = (snippet.path.0.clone(), snippet.location.code, namespace.clone());
            let (code, files, mode) = (String::new(), Vec::new(), Mode::default());
            let (titled, package) = (0, None);
            setup.insert(0, Step { file, code, line, files, mode, namespace, clock, titled, package });
            let required = snippet.directives.requires.iter().filter(|module| is_dotted(module));
            setup.extend(required.map(|module| requirement(snippet, module)));
        }
        for step in &mut setup {
            step.clock = clock;
            step.titled = planned.files;
        }

        let asked = snippet.directives.timeout.unwrap_or(self.settings.limits.wall);
        self.problems.extend(too_long(self.settings, snippet, asked));
        Work {
            setup,
            step: Step {
                file: snippet.path.0.clone(),
                code: snippet.code.clone(),
                line: snippet.location.code,
                files,
                mode: mode(expectations),
                namespace,
                clock,
                titled: planned.files,
                package: planned.package.clone(),
            },
            wall: asked.min(self.settings.longest_timeout),
        }
    }

    fn without_problem<T>(&mut self, result: Result<T, Problem>, otherwise: T) -> T {
        result.unwrap_or_else(|problem| {
            self.problems.push(problem);
            otherwise
        })
    }
}

fn is_dotted(module: &str) -> bool {
    !module.is_empty()
        && module.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.'))
}

/// Fails where a module that a docstring needs is not there, as its own import would: the docstring may well go on
/// without the import.
fn requirement(snippet: &Snippet, module: &str) -> Step {
    let top = module.split('.').next().unwrap_or(module);
    let code = format!(
        "if not __import__('importlib.util').util.find_spec('{top}'):\n    \
         raise ModuleNotFoundError(\"No module named '{top}'\", name='{top}')\n"
    );
    Step {
        file: format!("{} needs {module}", snippet.path),
        code,
        line: Line(1),
        files: Vec::new(),
        mode: Mode::default(),
        namespace: Namespace::default(),
        clock: Clock::Virtual,
        titled: 0,
        package: None,
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
