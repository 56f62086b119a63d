//! What all lanes of a run share: the jobs that wait, what is reported, how the run is to end.

use std::cell::{Cell, OnceCell, RefCell};
use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::Sender;
use std::time::{Duration, Instant};

use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::{Gid, Pid, Uid, chown};
use tokio::sync::Notify;
use tokio::sync::futures::Notified;

use crate::lane::{FileSizeLimit, INTERPOSE, Preload};
use crate::model::outcome::Outcome;
use crate::model::policy::{Launch, Layer, Tier};
use crate::sandbox;
use crate::supervisor::backlog::Backlog;
use crate::supervisor::job::{Enough, Job, Options};
use crate::supervisor::progress::Progress;
use crate::supervisor::queue::Queue;
use crate::supervisor::scratch::Scratch;
use crate::supervisor::sweeper::Swept;
use crate::wire::Import;

/// How long the last inits are waited for: the kernel takes down a namespace while we could be gone.
const LAST_REAP: Duration = Duration::from_secs(2);
/// Between two looks at a listener that is behind.
const PAUSE: Duration = Duration::from_millis(10);
/// Between two looks at outcomes that are being judged, which takes a moment.
const VERDICT_PAUSE: Duration = Duration::from_millis(1);
/// Bytes of outcomes that nobody has been told of, with which the listener is woken at once.
const NEWS: usize = 1 << 20;
/// In the folder of [`Run::scratch`].
const LIBRARY: &str = "interpose.so";
/// Users that the lanes of one run become in turn, under root.
pub(crate) const USERS: u32 = 64;

/// What all lanes of a run share.
pub(super) struct Run {
    pub(super) options: Options,
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
    backlog: Backlog,
    /// Inits that have ended or are about to.
    ended: RefCell<Vec<Pid>>,
    /// The sandbox that the first lane has got.
    tier: Cell<Option<Tier>>,
    /// Lanes that were started, those that refused included.
    numbered: Cell<u32>,
    /// Modules that sessions load at their start, once the first lane has found out.
    pub(super) preloaded: RefCell<Option<Vec<String>>>,
    /// Imports of which no further lane makes an image: it cannot be had, or saves nothing.
    pub(super) without_image: RefCell<Vec<Arc<[Import]>>>,
    /// Where sessions without mounts have their directories.
    scratch: OnceCell<Swept>,
    /// What lanes load when they start.
    preload: OnceCell<Preload>,
}

/// How urgently the run is to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Stop {
    No,
    /// Snippets that run may finish; nothing new starts.
    AfterSnippet(StopReason),
    Now(StopReason),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum StopReason {
    RunTimeout,
    Interrupt,
}

impl Run {
    pub(super) fn new(options: Options, progress: Sender<Vec<Progress>>) -> Self {
        Self {
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
            backlog: Backlog::default(),
            ended: RefCell::default(),
            tier: Cell::new(None),
            numbered: Cell::new(0),
            preloaded: RefCell::new(None),
            without_image: RefCell::default(),
            scratch: OnceCell::new(),
            preload: OnceCell::new(),
        }
    }

    pub(super) fn add(&self, job: Job) {
        self.waiting.borrow_mut().add(job);
        self.arrival.notify_waiters();
    }

    /// No more jobs will arrive.
    pub(super) fn close(&self) {
        self.complete.set(true);
        self.arrival.notify_waiters();
    }

    /// Whether jobs may still arrive.
    pub(super) fn is_open(&self) -> bool {
        !self.complete.get()
    }

    /// Ends the run because of an error of ours: what waits is not started.
    pub(super) fn abandon(&self) {
        self.stop(Stop::Now(StopReason::Interrupt));
        self.waiting.borrow_mut().clear();
        self.close();
    }

    pub(super) fn stop_requested(&self) -> Stop {
        self.stop.get()
    }

    /// Resolves with the next request to stop.
    pub(super) fn next_stop(&self) -> Notified<'_> {
        self.stopped.notified()
    }

    /// For a lane: a job that it can run as it is, if there is one.
    pub(super) async fn next(&self, launch: Launch) -> Option<Job> {
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

    /// Waits before a session while sessions make more than the listener takes. Not within a session, which goes on by
    /// itself, and seems to be stuck if the listener is blocked for long.
    async fn wait_for_listener(&self) {
        while self.backlog.is_full() && self.stop.get() == Stop::No {
            self.wake();
            tokio::time::sleep(PAUSE).await;
        }
        self.wait_for_verdicts().await;
    }

    /// Where failures may end the run, no session starts before all that is known is judged.
    async fn wait_for_verdicts(&self) {
        if self.options.enough.is_none() {
            return;
        }
        while !self.backlog.is_empty() && !self.is_enough() && self.stop.get() == Stop::No {
            self.wake();
            tokio::time::sleep(VERDICT_PAUSE).await;
        }
    }

    /// Whether no further session is to start.
    pub(super) fn is_enough(&self) -> bool {
        self.options.enough.as_ref().is_some_and(Enough::is_said)
    }

    /// The last lane is one more than there are cores by default: it lets the others start first.
    pub(super) async fn wait_for_turn(&self, number: usize) {
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
    pub(super) fn tiers(&self) -> Vec<Tier> {
        self.tier.get().map_or_else(|| self.options.tiers.clone(), |tier| vec![tier])
    }

    /// Without a lane there is no session to ask.
    pub(super) fn tier(&self) -> Tier {
        self.tier.get().expect("a lane has started")
    }

    pub(super) fn settle(&self, tier: Tier, layers: Vec<Layer>, missing: Option<String>) {
        if self.tier.replace(Some(tier)).is_none() {
            self.tell(Progress::Ready { tier, layers, missing });
            self.wake();
        }
    }

    /// Lanes with namespaces are different users, so that nothing that the kernel counts by user is shared.
    pub(super) fn user(&self, tier: Tier) -> u32 {
        let number = self.numbered.get();
        self.numbered.set(number + 1);
        let first = self.options.setup.user;
        if tier == Tier::A { first + number % USERS } else { first }
    }

    /// A session's own directory, where it has no mounts.
    pub(super) fn session_scratch(&self) -> io::Result<Option<Scratch>> {
        let tier = self.tier();
        let Some(parent) = self.scratch(tier)? else { return Ok(None) };

        let scratch = Scratch::make_in(&parent)?;
        let user = self.options.setup.user;
        if tier == Tier::B && sandbox::may_become(user) {
            chown(scratch.path(), Some(Uid::from_raw(user)), Some(Gid::from_raw(user)))?;
        }
        Ok(Some(scratch))
    }

    /// Removes a session's own folder, and tells what is left of it.
    pub(super) async fn remove_scratch(&self, scratch: Option<Scratch>) {
        if let Some(scratch) = scratch
            && let Some(note) = scratch.remove_elsewhere().await
        {
            self.tell(Progress::Note(note));
        }
    }

    /// The folder that holds the directories of sessions, where these have no mounts of their own.
    pub(super) fn scratch(&self, tier: Tier) -> io::Result<Option<PathBuf>> {
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

    /// Functions of libc for the programs of sessions that have no mounts: a file beside the sessions' own directories.
    pub(super) fn library(&self, tier: Tier) -> io::Result<Option<PathBuf>> {
        let Some(folder) = self.scratch(tier)? else { return Ok(None) };
        let file = folder.join(LIBRARY);
        if !file.exists() {
            let limit = FileSizeLimit::lift();
            fs::write(&file, INTERPOSE)?;
            drop(limit);
            fs::set_permissions(&file, fs::Permissions::from_mode(0o444))?;
        }
        Ok((tier == Tier::B).then_some(file))
    }

    pub(super) fn preload(&self) -> io::Result<&Preload> {
        if self.preload.get().is_none() {
            let _ = self.preload.set(Preload::new()?);
        }
        Ok(self.preload.get().expect("it was set above"))
    }

    /// Whether a lane has, and has found out which sandbox there is.
    pub(super) fn has_started(&self) -> bool {
        self.tier.get().is_some()
    }

    pub(super) fn started(&self) {
        self.warm.set(self.warm.get() + 1);
        self.warmed.notify_waiters();
    }

    /// Kept for the next [`Run::wake`]: waking the listener costs more than most snippets do.
    pub(super) fn tell(&self, news: Progress) {
        self.untold.borrow_mut().push(news);
    }

    /// As [`Run::tell`], but large outcomes do not wait.
    pub(super) fn tell_outcome(&self, (job, work): (usize, usize), outcome: Outcome) {
        let bytes = outcome.weight();
        let load = self.backlog.add(bytes);
        self.tell(Progress::Done { job, work, outcome: Box::new(outcome), load });

        self.untold_bytes.set(self.untold_bytes.get() + bytes);
        if self.untold_bytes.get() > NEWS {
            self.wake();
        }
    }

    pub(super) fn wake(&self) {
        self.untold_bytes.set(0);
        let news = self.untold.take();
        if !news.is_empty() && self.progress.send(news).is_err() {
            self.stop(Stop::Now(StopReason::Interrupt));
        }
    }

    /// Collects inits that are done. Theirs takes a moment longer than their session, and nobody waits for it.
    pub(super) fn reap(&self, init: Pid) {
        let mut ended = self.ended.borrow_mut();
        ended.push(init);
        ended.retain(|init| waitpid(*init, Some(WaitPidFlag::WNOHANG)) == Ok(WaitStatus::StillAlive));
        if self.tier() == Tier::B {
            sandbox::end_orphans();
        }
    }

    /// Nothing of a sandbox outlives the run.
    pub(super) async fn reap_all(&self) {
        let deadline = Instant::now() + LAST_REAP;
        while !self.ended.borrow().is_empty() && Instant::now() < deadline {
            self.ended
                .borrow_mut()
                .retain(|init| waitpid(*init, Some(WaitPidFlag::WNOHANG)) == Ok(WaitStatus::StillAlive));
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }

    pub(super) fn stop(&self, stop: Stop) {
        if stop > self.stop.get() {
            self.stop.set(stop);
            self.stopped.notify_waiters();
        }
    }
}
