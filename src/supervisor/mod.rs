//! Starts, feeds, limits, kills and reaps the processes that run sessions: the only home of tokio.
//!
//! Knows no expectations: it reports facts to whoever holds the other end of the channel.

mod attempts;
mod backlog;
mod capture;
mod caught;
mod deleted;
mod disk;
mod ending;
mod error;
mod gathered;
#[cfg(test)]
mod heard;
mod hidden;
mod inherited;
mod interruption;
mod lane;
mod load;
mod proc_file;
mod queue;
mod rehearsal;
mod scratch;
mod seen;
mod self_test;
mod session;
mod stacks;
mod sweeper;
mod tree;
mod watchdog;

use std::cell::{Cell, OnceCell, RefCell};
use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::sync::mpsc::Sender;
use std::time::{Duration, Instant};

use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::Pid;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::Notify;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::task::LocalSet;

pub(crate) use self::backlog::Load;
pub(crate) use self::error::SupervisorError;
#[cfg(test)]
pub(crate) use self::heard::heard;
pub(crate) use self::interruption::interrupts;
pub(crate) use self::self_test::{Examination, examine, forget, tier_that_holds};
pub(crate) use self::sweeper::{SWEEPER, sweep};
use crate::model::outcome::Outcome;
use crate::model::policy::{Chance, Launch, Layer, Tier};
use crate::sandbox;
use crate::supervisor::hidden::Machine;
use crate::supervisor::queue::Queue;
use crate::supervisor::sweeper::Swept;
use crate::wire::{LaneSetup, Step};

/// Snippets that share one process.
#[derive(Debug)]
pub(crate) struct Job {
    /// Given back with everything that is told about this job.
    pub(crate) number: usize,
    /// The document, as tracebacks spell it.
    pub(crate) document: String,
    /// The document's folder.
    pub(crate) neighbours: Option<PathBuf>,
    pub(crate) chance: Chance,
    /// Those who run it again share them.
    pub(crate) works: Arc<[Work]>,
}

/// A snippet of a job.
#[derive(Clone, Debug)]
pub(crate) struct Work {
    /// Run first, in order; their output is nobody's.
    pub(crate) setup: Vec<Step>,
    pub(crate) step: Step,
    /// Wall time it may take.
    pub(crate) wall: Duration,
}

#[derive(Clone, Debug)]
pub(crate) struct Options {
    /// Processes that run jobs side by side.
    pub(crate) lanes: usize,
    pub(crate) setup: LaneSetup,
    /// The sandboxes that will do, the one that is wanted most first.
    pub(crate) tiers: Vec<Tier>,
    /// How lanes start before they know of a job: in turn. There is at least one.
    pub(crate) launches: Vec<Launch>,
    /// Wall time of all jobs together.
    pub(crate) run_timeout: Option<Duration>,
}

/// Raw news. First `Ready`. For each job: snippets in order, each `Started` at most once and `Done` exactly once.
#[derive(Debug)]
pub(crate) enum Progress {
    /// A lane has started; all others will have the same sandbox.
    Ready {
        tier: Tier,
        layers: Vec<Layer>,
        /// Why a stronger one could not be had.
        missing: Option<String>,
    },
    Started {
        job: usize,
        work: usize,
    },
    Done {
        job: usize,
        work: usize,
        outcome: Box<Outcome>,
        /// To be kept for as long as the outcome is.
        load: Load,
    },
    /// What was left on the machine.
    Note(String),
    /// Ctrl-C, once: snippets that run may finish.
    Interrupted,
    /// Nothing more will come.
    Finished {
        interrupted: bool,
        result: Result<(), SupervisorError>,
    },
}

/// Runs the jobs that arrive until their channel closes and they are done. Blocks; give it a thread of its own.
pub(crate) fn execute(options: Options, jobs: UnboundedReceiver<Job>, progress: Sender<Vec<Progress>>) {
    inherited::hear_of_children();
    inherited::raise_descriptors();
    let told = progress.clone();
    let running = interruption::Running::new();
    let runtime = running.and_then(|running| {
        Ok((tokio::runtime::Builder::new_current_thread().enable_all().build()?, running))
    });
    let (interrupted, result) = match runtime {
        Ok((runtime, _running)) => LocalSet::new().block_on(&runtime, supervise(options, jobs, progress)),
        Err(error) => (false, Err(SupervisorError::Start(error))),
    };
    // The receiver is gone where reporting ended early; there is nobody to tell.
    let _ = told.send(vec![Progress::Finished { interrupted, result }]);
}

/// How long the last inits are waited for: the kernel takes down a namespace while we could be gone.
const LAST_REAP: Duration = Duration::from_secs(2);
/// For so long the machine's memory is taken for unchanged.
const LATELY: Duration = Duration::from_millis(50);
/// Users that the lanes of one run become in turn, under root.
pub(crate) const USERS: u32 = 64;

/// What all lanes of a run share.
struct Run {
    options: Options,
    waiting: RefCell<Queue>,
    /// No more jobs will arrive.
    complete: Cell<bool>,
    arrival: Notify,
    /// Lanes that have started.
    warm: Cell<usize>,
    warmed: Notify,
    stop: Cell<Stop>,
    stopped: Notify,
    progress: Sender<Vec<Progress>>,
    /// News that nobody has been woken for yet.
    untold: RefCell<Vec<Progress>>,
    /// Bytes of outcomes among them.
    untold_bytes: Cell<usize>,
    /// Bytes of outcomes that the listener has not done with.
    load: Arc<AtomicUsize>,
    /// Inits that have ended or are about to.
    ended: RefCell<Vec<Pid>>,
    /// The sandbox that the first lane has got.
    tier: Cell<Option<Tier>>,
    /// Lanes that were started, those that refused included.
    numbered: Cell<u32>,
    /// Modules that sessions load at their start, once the first lane has found out.
    preloaded: RefCell<Option<Vec<String>>>,
    /// The memory of the machine, and when it was like this.
    machine: Cell<Option<(Instant, Machine)>>,
    /// Where sessions without mounts have their directories.
    scratch: OnceCell<Swept>,
}

/// How urgently the run is to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Stop {
    No,
    /// Snippets that run may finish; nothing new starts.
    AfterSnippet(StopReason),
    Now(StopReason),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum StopReason {
    RunTimeout,
    Interrupt,
}

impl Run {
    /// For a lane: a job that it can run as it is, if there is one.
    async fn next(&self, launch: Launch) -> Option<Job> {
        self.wait_for_listener().await;
        loop {
            if let Some(job) = self.waiting.borrow_mut().take(launch) {
                return Some(job);
            }
            if self.complete.get() {
                return None;
            }
            self.arrival.notified().await;
        }
    }

    /// The last lane is one more than there are cores by default: it lets the others start first.
    async fn wait_for_turn(&self, number: usize) {
        while number > 0 && number + 1 == self.options.lanes && self.warm.get() < number {
            let stopped = self.stopped.notified();
            if self.stop.get() != Stop::No {
                return;
            }
            tokio::select! {
                () = self.warmed.notified() => {}
                () = stopped => {}
            }
        }
    }

    /// What a lane may try.
    fn tiers(&self) -> Vec<Tier> {
        self.tier.get().map_or_else(|| self.options.tiers.clone(), |tier| vec![tier])
    }

    /// Without a lane there is no session to ask.
    fn tier(&self) -> Tier {
        self.tier.get().expect("a lane has started")
    }

    fn settle(&self, tier: Tier, layers: Vec<Layer>, missing: Option<String>) {
        if self.tier.replace(Some(tier)).is_none() {
            self.tell(Progress::Ready { tier, layers, missing });
            self.wake();
        }
    }

    /// Lanes with namespaces are different users, so that nothing that the kernel counts by user is shared.
    fn user(&self, tier: Tier) -> u32 {
        let number = self.numbered.get();
        self.numbered.set(number + 1);
        let first = self.options.setup.user;
        if tier == Tier::A { first + number % USERS } else { first }
    }

    /// The folder that holds the directories of sessions, where these have no mounts of their own.
    fn scratch(&self, tier: Tier) -> io::Result<Option<PathBuf>> {
        if tier == Tier::A {
            return Ok(None);
        }
        if self.scratch.get().is_none() {
            let folder = Swept::make("snipcheck-")?;
            sandbox::adopt_orphans();
            // Sessions of another user have to get through; they cannot list it.
            fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o711))?;
            let _ = self.scratch.set(folder);
        }
        Ok(self.scratch.get().map(|folder| folder.path().to_path_buf()))
    }

    /// The memory of the machine now or a moment ago, from when a session that starts counts what is lost: reading it takes
    /// the kernel longer than many snippets run.
    fn machine(&self) -> Option<Machine> {
        let lately = self.machine.get().filter(|(at, _)| at.elapsed() < LATELY);
        let read = || Machine::now().map(|machine| (Instant::now(), machine));
        self.machine.set(lately.or_else(read));
        self.machine.get().map(|(_, machine)| machine)
    }

    /// Whether a lane has, and has found out which sandbox there is.
    fn has_started(&self) -> bool {
        self.tier.get().is_some()
    }

    fn started(&self) {
        self.warm.set(self.warm.get() + 1);
        self.warmed.notify_waiters();
    }

    /// Kept for the next [`Run::wake`]: waking the listener costs more than most snippets do.
    fn tell(&self, news: Progress) {
        self.untold.borrow_mut().push(news);
    }

    fn wake(&self) {
        self.untold_bytes.set(0);
        let news = self.untold.take();
        if !news.is_empty() && self.progress.send(news).is_err() {
            self.stop(Stop::Now(StopReason::Interrupt));
        }
    }

    /// Collects inits that are done. Theirs takes a moment longer than their session, and nobody waits for it.
    fn reap(&self, init: Pid) {
        let mut ended = self.ended.borrow_mut();
        ended.push(init);
        ended.retain(|init| waitpid(*init, Some(WaitPidFlag::WNOHANG)) == Ok(WaitStatus::StillAlive));
        if self.tier() == Tier::B {
            sandbox::end_orphans();
        }
    }

    /// Nothing of a sandbox outlives the run.
    async fn reap_all(&self) {
        let deadline = Instant::now() + LAST_REAP;
        while !self.ended.borrow().is_empty() && Instant::now() < deadline {
            self.ended
                .borrow_mut()
                .retain(|init| waitpid(*init, Some(WaitPidFlag::WNOHANG)) == Ok(WaitStatus::StillAlive));
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }

    fn stop(&self, stop: Stop) {
        if stop > self.stop.get() {
            self.stop.set(stop);
            self.stopped.notify_waiters();
        }
    }
}

async fn supervise(
    options: Options,
    mut jobs: UnboundedReceiver<Job>,
    progress: Sender<Vec<Progress>>,
) -> (bool, Result<(), SupervisorError>) {
    let lanes = options.lanes;
    let run_timeout = options.run_timeout;
    let run = Rc::new(Run {
        options,
        waiting: RefCell::default(),
        complete: Cell::new(false),
        arrival: Notify::new(),
        warm: Cell::new(0),
        warmed: Notify::new(),
        stop: Cell::new(Stop::No),
        stopped: Notify::new(),
        progress,
        untold: RefCell::default(),
        untold_bytes: Cell::default(),
        load: Arc::default(),
        ended: RefCell::default(),
        tier: Cell::new(None),
        numbered: Cell::new(0),
        preloaded: RefCell::new(None),
        machine: Cell::new(None),
        scratch: OnceCell::new(),
    });
    let mut workers = tokio::task::JoinSet::new();
    for number in 0..lanes {
        workers.spawn_local(attempts::serve(Rc::clone(&run), number));
    }
    let mut result = Ok(());
    let mut interrupts = 0;
    let (mut interrupt, mut terminate) =
        match (signal(SignalKind::interrupt()), signal(SignalKind::terminate())) {
            (Ok(interrupt), Ok(terminate)) => (interrupt, terminate),
            (Err(error), _) | (_, Err(error)) => return (false, Err(SupervisorError::Start(error))),
        };
    // Signals of a time without a supervisor.
    for _ in 0..interruption::interrupts().min(2) {
        interrupts = interrupted(&run, interrupts);
    }
    let deadline = tokio::time::sleep(run_timeout.unwrap_or(Duration::from_secs(u64::from(u32::MAX))));
    tokio::pin!(deadline);
    loop {
        tokio::select! {
            job = jobs.recv(), if !run.complete.get() => {
                match job {
                    Some(job) => run.waiting.borrow_mut().add(job),
                    None => run.complete.set(true),
                }
                run.arrival.notify_waiters();
            }
            ended = workers.join_next() => match ended {
                None => break,
                Some(Ok(Ok(()))) => {}
                Some(Ok(Err(error))) => {
                    run.stop(Stop::Now(StopReason::Interrupt));
                    run.complete.set(true);
                    run.waiting.borrow_mut().clear();
                    run.arrival.notify_waiters();
                    if result.is_ok() {
                        result = Err(error);
                    }
                }
                Some(Err(panic)) => std::panic::resume_unwind(panic.into_panic()),
            },
            _ = interrupt.recv() => interrupts = interrupted(&run, interrupts),
            _ = terminate.recv() => interrupts = interrupted(&run, interrupts + 1),
            () = &mut deadline => {
                run.stop(Stop::Now(StopReason::RunTimeout));
                deadline.as_mut().reset(tokio::time::Instant::now() + Duration::from_secs(u64::from(u32::MAX)));
            }
        }
    }
    run.reap_all().await;
    (interrupts > 0, result)
}

/// The first Ctrl-C lets running snippets finish. The second does not, nor does SIGTERM: who sends that will not wait.
fn interrupted(run: &Run, before: u32) -> u32 {
    let reason = StopReason::Interrupt;
    if before == 0 {
        run.tell(Progress::Interrupted);
        run.wake();
    }
    run.stop(if before == 0 { Stop::AfterSnippet(reason) } else { Stop::Now(reason) });
    before + 1
}
