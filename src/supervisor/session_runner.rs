//! Runs a job to its end: when a snippet takes the session's process with it, the session starts again without it.
//!
//! A fresh process replays what had run before, so that names, files and offsets are as the next snippet expects.

use std::collections::BTreeSet;
use std::os::fd::OwnedFd;
use std::rc::Rc;
use std::time::{Duration, Instant};

use crate::model::outcome::{Ending, Outcome};
use crate::model::policy::Clock;
use crate::model::snippet::TitledFile;
use crate::supervisor::ending::{self, Death};
use crate::supervisor::error::SupervisorError;
use crate::supervisor::images::image;
use crate::supervisor::job::{Job, Work};
use crate::supervisor::lane::{Lane, token};
use crate::supervisor::panics::catching_panics;
use crate::supervisor::progress::Progress;
use crate::supervisor::rehearsal::warm_lane;
use crate::supervisor::run::{Run, Stop, StopReason};
use crate::supervisor::scratch::Scratch;
use crate::supervisor::session::SessionWatch;
use crate::supervisor::session_end::{EndedStep, SessionEnd, Teardown};
use crate::supervisor::survivor::{ComparedEnd, Repeated, Survivor, compared, repeated};
use crate::wire::{APART, ImageUse, Request, Step, StepEnd};

/// Times a session may start again.
const MAX_REPLAYS: u32 = 3;
/// Wall time of a replay.
const REPLAY_BUDGET: Duration = Duration::from_secs(30);
/// Times that a lane is replaced for one session.
const MAX_LANES: u32 = 2;

/// Takes jobs until there are none, on one lane that is replaced when it retires.
pub(super) async fn serve(run: Rc<Run>, number: usize) -> Result<(), SupervisorError> {
    run.wait_for_turn(number).await;
    let launches = &run.options.launches;
    let mut launch = launches[number % launches.len()];
    let mut lane = match warm_lane(&run, launch).await {
        Ok(lane) => Some(lane),
        // Fewer lanes do the same in more time.
        Err(error) if number > 0 && error.is_scarcity() => {
            // The last lane waits for this one, too.
            run.started();
            return Ok(());
        }
        // Others have started; this one is tried again when there is something to do.
        Err(SupervisorError::Killed { .. }) if run.has_started() => None,
        Err(error) => return Err(error),
    };
    run.started();
    while let Some(job) = run.next(launch).await {
        if run.is_enough() {
            SessionRunner::new(&run, &job).give_up("as many snippets had failed as `--max-fail` allows");
            run.wake();
            continue;
        }
        if job.chance.launch != launch {
            (lane, launch) = (None, job.chance.launch);
        }
        let mut runner = SessionRunner::new(&run, &job);
        if let Ok(ended) = Box::pin(catching_panics(runner.run(&mut lane))).await {
            ended?;
        } else {
            lane = None;
            runner
                .give_up("snipcheck itself failed while it ran this document: please report what it printed");
        }
        run.wake();
        // Repeated sessions are compared, and a session leaves its lane's heap in another state than it found it.
        if launches.len() > 1 {
            lane = None;
        }
    }
    Ok(())
}

struct SessionRunner<'run> {
    run: &'run Run,
    job: &'run Job,
    /// The first work without an outcome.
    next: usize,
    /// Works that ran and left the process alive.
    survivors: Vec<Survivor>,
    /// Of the snippet that comes next.
    failed_setup: Option<Outcome>,
    replays: u32,
    /// What the next outcome has to say about replays.
    notes: Vec<String>,
}

/// Why a step is there.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    Setup { of: usize, replay: bool },
    Replay(usize),
    Judged(usize),
}

impl<'run> SessionRunner<'run> {
    fn new(run: &'run Run, job: &'run Job) -> Self {
        Self { run, job, next: 0, survivors: Vec::new(), failed_setup: None, replays: 0, notes: Vec::new() }
    }

    async fn run(&mut self, lane: &mut Option<Lane>) -> Result<(), SupervisorError> {
        while self.next < self.job.works.len() {
            if let Stop::AfterSnippet(reason) | Stop::Now(reason) = self.run.stop_requested() {
                self.give_up(stopped(reason));
                return Ok(());
            }
            if self.replays > MAX_REPLAYS {
                self.give_up("the session had to be started again too often");
                return Ok(());
            }
            self.attempt(lane).await?;
            self.replays += 1;
        }
        Ok(())
    }

    /// One process, and the folder of the host that it may need.
    async fn attempt(&mut self, lane: &mut Option<Lane>) -> Result<(), SupervisorError> {
        let scratch = self.run.session_scratch().map_err(SupervisorError::Start)?;
        let ended = self.attempt_in(scratch.as_ref(), lane).await;
        self.run.remove_scratch(scratch).await;
        ended
    }

    /// Replays the survivors and goes on from there, as far as it gets.
    async fn attempt_in(
        &mut self,
        scratch: Option<&Scratch>,
        lane: &mut Option<Lane>,
    ) -> Result<(), SupervisorError> {
        let (roles, steps) = self.steps();
        let wants_clock = steps.iter().any(|step| step.clock == Clock::Virtual);
        let files = steps.iter().map(|step| step.titled).max().unwrap_or_default();
        let files: Vec<TitledFile> = self.job.files.iter().take(files).cloned().collect();
        let request = Request {
            token: token()?,
            document: self.job.document.clone(),
            neighbours: self.job.neighbours.clone(),
            scratch: scratch.map(|folder| folder.path().to_path_buf()),
            chance: self.job.chance,
            clock: if wants_clock { Clock::Virtual } else { Clock::Real },
            folders: folders(&files),
            files,
            steps,
            image: ImageUse::None,
            imports: Vec::new(),
        };
        let Some((mut watch, image)) = self.start_session(lane, request).await? else {
            self.give_up("the runner's process broke off");
            return Ok(());
        };
        if self.replays > 0 {
            self.tell_left_out();
        }
        let started = Instant::now();
        let mut is_warm = false;
        for role in roles {
            if let Role::Judged(work) = role {
                self.run.tell(Progress::Started { job: self.job.number, work });
            }
            let ended = watch.step(self.limit(role, started)).await;
            if watch.image == ImageUse::Adopt && !std::mem::replace(&mut is_warm, true) {
                self.run.tell(Progress::Warm { job: self.job.number });
            }
            let ended = match ended {
                Ok(ended) => ended,
                Err(end) => {
                    // Init shares the lane's memory: killed in the middle of something, it may leave a mess there.
                    if end.teardown() == Teardown::Killed {
                        *lane = None;
                    }
                    // It has not come as far as its first step. Without the image it will.
                    if image == ImageUse::Adopt && !is_warm && matches!(end, SessionEnd::Died { .. }) {
                        return Ok(());
                    }
                    self.ended_early(role, end);
                    return Ok(());
                }
            };
            let Some(outcome) = self.take(role, ended) else { continue };
            if self.next + 1 == self.job.works.len() {
                if self.finish(watch, outcome).await == Teardown::Killed {
                    *lane = None;
                }
                return Ok(());
            }
            self.conclude(outcome);
        }
        Ok(())
    }

    /// The outcome of a snippet that is judged; of other steps only what the judged ones have to say of them.
    fn take(&mut self, role: Role, ended: EndedStep) -> Option<Outcome> {
        match role {
            Role::Setup { replay: true, .. } => None,
            Role::Setup { replay: false, .. } => {
                let outcome = self.outcome(ended);
                if outcome.ending != Ending::Completed {
                    self.failed_setup = Some(outcome);
                }
                None
            }
            Role::Replay(work) => {
                self.compare(work, &ended);
                None
            }
            Role::Judged(work) => {
                let outcome = match self.failed_setup.take() {
                    Some(setup) => of_setup(setup, &self.job.document),
                    None => self.outcome(ended),
                };
                let (compared, repeated) = (compared(&outcome), repeated(&outcome));
                self.survivors.push(Survivor { work, compared, repeated });
                Some(outcome)
            }
        }
    }

    /// Hands the session to a lane, a fresh one where the last has retired or died. `None` where that is no use.
    async fn start_session(
        &self,
        lane: &mut Option<Lane>,
        mut request: Request,
    ) -> Result<Option<(SessionWatch<'run>, ImageUse)>, SupervisorError> {
        for _ in 0..=MAX_LANES {
            let warm = match lane.as_mut() {
                Some(warm) => warm,
                None => match warm_lane(self.run, self.job.chance.launch).await {
                    Ok(fresh) => lane.insert(fresh),
                    Err(SupervisorError::Killed { .. }) if self.run.has_started() => continue,
                    Err(error) => return Err(error),
                },
            };
            let image = self.image(warm, &request).await;
            request.image = if image.is_some() { ImageUse::Adopt } else { ImageUse::None };
            match SessionWatch::start(self.run, warm, &request, image).await {
                Ok(Some(watch)) => return Ok(Some((watch, request.image))),
                Ok(None) | Err(SupervisorError::Lane(_) | SupervisorError::Refused { .. }) => *lane = None,
                Err(
                    error @ (SupervisorError::Start(_)
                    | SupervisorError::Breached { .. }
                    | SupervisorError::Interrupted
                    | SupervisorError::Killed { .. }
                    | SupervisorError::Interpreter { .. }),
                ) => {
                    return Err(error);
                }
            }
        }
        Ok(None)
    }

    /// A session that begins again is one of which something is not as usual.
    async fn image(&self, lane: &mut Lane, request: &Request) -> Option<OwnedFd> {
        if self.replays > 0 || request.clock != Clock::Virtual {
            return None;
        }
        image(self.run, lane, self.job).await
    }

    fn tell_left_out(&mut self) {
        let left_out = self.survivors.iter().filter(|survivor| survivor.repeated == Repeated::No);
        let lines: Vec<String> =
            left_out.map(|survivor| self.job.works[survivor.work].step.line.to_string()).collect();
        let note = match lines.as_slice() {
            [] => return,
            [line] => format!("the session started again without the slow snippet at line {line}"),
            [first, .., last] => {
                let count = lines.len();
                format!("the session started again without {count} slow snippets, at lines {first} to {last}")
            }
        };
        self.notes.push(note);
    }

    fn steps(&self) -> (Vec<Role>, Vec<Step>) {
        let mut roles = Vec::new();
        let mut steps = Vec::new();
        let mut add = |number: usize, work: &Work, replay: bool| {
            for setup in &work.setup {
                roles.push(Role::Setup { of: number, replay });
                steps.push(setup.clone());
            }
            roles.push(if replay { Role::Replay(number) } else { Role::Judged(number) });
            steps.push(work.step.clone());
        };
        for survivor in self.survivors.iter().filter(|survivor| survivor.repeated == Repeated::Yes) {
            add(survivor.work, &self.job.works[survivor.work], true);
        }
        for (number, work) in self.job.works.iter().enumerate().skip(self.next) {
            add(number, work, false);
        }
        (roles, steps)
    }

    fn limit(&self, role: Role, started: Instant) -> Duration {
        match role {
            // It ended once; on a busy machine it may take longer now.
            Role::Setup { replay: true, .. } | Role::Replay(_) => {
                REPLAY_BUDGET.saturating_sub(started.elapsed())
            }
            Role::Setup { of: work, replay: false } | Role::Judged(work) => self.job.works[work].wall,
        }
    }

    fn outcome(&self, ended: EndedStep) -> Outcome {
        ending::finished(ended.finished, ended.traces, &self.run.options.setup.limits)
    }

    fn compare(&mut self, work: usize, ended: &EndedStep) {
        let known = self.survivors.iter().find(|survivor| survivor.work == work);
        let now = match &ended.finished.end {
            StepEnd::Completed => ComparedEnd { ending: Ending::Completed, exception: None },
            StepEnd::Raised { exception, .. } => {
                ComparedEnd { ending: Ending::Raised, exception: Some(exception.kind.clone()) }
            }
            StepEnd::Exited { .. } => ComparedEnd { ending: Ending::Exited, exception: None },
        };
        if known.is_some_and(|survivor| survivor.compared != now) {
            let line = self.job.works[work].step.line;
            self.notes
                .push(format!("repeated before this one, the snippet at line {line} ended in another way"));
        }
    }

    /// The last snippet also owns what threads and exit handlers write when the session closes.
    async fn finish(&mut self, watch: SessionWatch<'_>, mut outcome: Outcome) -> Teardown {
        let end = watch.close().await;
        let teardown = end.teardown();
        if let SessionEnd::Closed { traces, left_behind, .. } = end {
            outcome.stdout.append(&traces.stdout);
            outcome.stderr.append(&traces.stderr);
            if !left_behind.is_empty() {
                let names = left_behind.join("`, `");
                outcome.notes.push(format!("threads were left behind and killed: `{names}`"));
            }
        }
        self.conclude(outcome);
        teardown
    }

    fn ended_early(&mut self, role: Role, end: SessionEnd) {
        match (role, end) {
            (_, SessionEnd::Stopped(reason)) => self.give_up(stopped(reason)),
            (
                Role::Judged(_) | Role::Setup { replay: false, .. },
                SessionEnd::Died { death, wall, traces, .. },
            ) => {
                let outcome =
                    ending::died((&death, &self.job.document), wall, traces, &self.run.options.setup.limits);
                let given_up = matches!(death, Death::Stopped { .. } | Death::Refused { .. });
                self.conclude(outcome);
                if given_up {
                    self.give_up("the session ended before");
                }
            }
            (Role::Replay(work) | Role::Setup { of: work, replay: true }, SessionEnd::Died { .. }) => {
                // The rest is worth more than this one's names: next time it is left out.
                if let Some(survivor) = self.survivors.iter_mut().find(|survivor| survivor.work == work) {
                    survivor.repeated = Repeated::No;
                }
            }
            (_, SessionEnd::Closed { .. }) => self.give_up("the session closed early"),
        }
    }

    fn conclude(&mut self, mut outcome: Outcome) {
        outcome.notes.append(&mut self.notes);
        self.run.tell_outcome((self.job.number, self.next), outcome);
        self.next += 1;
    }

    fn give_up(&mut self, why: &str) {
        while self.next < self.job.works.len() {
            self.conclude(Outcome::not_run(vec![why.to_owned()]));
        }
    }
}

/// The folders that files are in, as a request has them.
fn folders(files: &[TitledFile]) -> String {
    let folders = files.iter().filter_map(|file| Some(file.name.rsplit_once('/')?.0));
    folders.collect::<BTreeSet<&str>>().into_iter().collect::<Vec<_>>().join(APART)
}

/// The outcome of a snippet whose setup failed. Lines of another file than the document's are not the document's.
fn of_setup(mut setup: Outcome, document: &str) -> Outcome {
    let mut note = "its setup failed".to_owned();
    if let Some(exception) = &mut setup.exception
        && let Some(frame) = exception.frames.iter().rfind(|frame| frame.document)
        && frame.file != document
    {
        note = format!("{note} at {}:{}", frame.file, frame.line);
        exception.line = None;
        exception.frames.iter_mut().for_each(|frame| frame.document = false);
    }
    setup.notes = vec![note];
    setup
}

fn stopped(reason: StopReason) -> &'static str {
    match reason {
        StopReason::Interrupt => "the run was interrupted",
        StopReason::RunTimeout => "the run reached its time limit",
    }
}
