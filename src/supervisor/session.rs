//! Watches one session until its process tree is gone.

use std::collections::VecDeque;
use std::io;
use std::os::fd::OwnedFd;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tokio::net::unix::pipe::Receiver;

use crate::model::outcome::{CauseKind, Facts};
use crate::model::policy::Tier;
use crate::sandbox;
use crate::supervisor::accounting::{Excess, Watchdog};
use crate::supervisor::capture::{Capture, Drained, Ends};
use crate::supervisor::ending::{Death, Traces};
use crate::supervisor::error::SupervisorError;
use crate::supervisor::facts::FactLog;
use crate::supervisor::lane::{self, Lane, Pipes, Started};
use crate::supervisor::run::{Run, Stop, StopReason};
use crate::supervisor::session_end::{EndedStep, SessionEnd, Teardown};
use crate::wire::{Decoder, ImageUse, MAX_FACTS, ProcessEnd, Reply, Request, Stuck, StuckKind};

/// How often output is looked at while a step runs; a stream that fills its pipe is looked at more often.
const TICK: Duration = Duration::from_millis(10);
const EAGER_TICK: Duration = Duration::from_millis(1);
/// Bytes of the status descriptor that are read before anything else gets its turn.
const PORTION: usize = 64 << 10;
/// After those of the steps: that threads are waited for, that init gives up and where the threads stand then, and how
/// the session's process ended.
const LAST_REPLIES: usize = 4;
/// Before those of the steps: that the session begins with an image.
const FIRST_REPLIES: usize = 1;
/// Threads and exit handlers have this long once the last step has ended.
const CLOSING: Duration = Duration::from_secs(2);
/// Init has this long to say where the threads of a session stand.
const STACKS: Duration = Duration::from_millis(500);
/// A tree that was told to end has this long.
const PATIENCE: Duration = Duration::from_secs(1);
/// Without a namespace init has to end all others before it ends, which takes longer on a busy machine.
const PATIENCE_WITH_INIT: Duration = Duration::from_secs(10);

pub(super) struct SessionWatch<'run> {
    run: &'run Run,
    init: Pid,
    status: Receiver,
    decoder: Decoder,
    stdout: Capture,
    stderr: Capture,
    buffer: Vec<u8>,
    replies: VecDeque<Reply>,
    /// How many more there may be that are no facts, and that are.
    expected: usize,
    facts_left: usize,
    status_closed: bool,
    forged: bool,
    /// Nobody of the tree is left, or it has been killed.
    is_over: bool,
    watchdog: Watchdog,
    /// What it has made of its image so far.
    pub(super) image: ImageUse,
    /// When output and limits are looked at next.
    look_at: Instant,
}

impl<'run> SessionWatch<'run> {
    /// Starts a session. `Ok(None)` where the lane has retired instead.
    pub(super) async fn start(
        run: &'run Run,
        lane: &mut Lane,
        request: &Request,
        image: Option<OwnedFd>,
    ) -> Result<Option<Self>, SupervisorError> {
        let mut pipes = Pipes::new(lane.user).map_err(SupervisorError::Start)?;
        pipes.theirs.image = image;
        let init = match lane.session(request, pipes.theirs).await? {
            Started::Running(init) => init,
            Started::Retired => return Ok(None),
        };
        if !sandbox::started_here(init) {
            return Err(SupervisorError::Lane(crate::wire::FrameError::Stray));
        }
        // What is written after the last step has an end of its own.
        let ends = Ends {
            steps: request.steps.len() + 1,
            examples: request.steps.iter().map(|step| step.mode.examples()).sum(),
        };
        let kept = run.options.setup.limits.kept;
        Ok(Some(Self {
            run,
            init,
            status: Receiver::from_owned_fd(pipes.status).map_err(SupervisorError::Start)?,
            decoder: Decoder::new(&request.token),
            stdout: Capture::new(pipes.stdout, &request.token, kept, ends),
            stderr: Capture::new(pipes.stderr, &request.token, kept, ends),
            buffer: Vec::new(),
            replies: VecDeque::new(),
            expected: FIRST_REPLIES + request.steps.len() + LAST_REPLIES,
            image: ImageUse::None,
            facts_left: request.steps.iter().map(|step| MAX_FACTS + step.code.len()).sum(),
            status_closed: false,
            forged: false,
            is_over: false,
            look_at: Instant::now() + TICK,
            watchdog: Watchdog::new(init, run.options.setup.limits, run.tier(), request.scratch.clone()),
        }))
    }

    /// Waits for the next step to end, for at most `limit`.
    pub(super) async fn step(&mut self, limit: Duration) -> Result<EndedStep, SessionEnd> {
        // The session may have gone on by itself; what was not asked for before the stop is not told.
        if let Stop::AfterSnippet(reason) | Stop::Now(reason) = self.run.stop_requested() {
            let _ = self.tear_down(Teardown::Killed).await;
            return Err(SessionEnd::Stopped(reason));
        }
        let started = Instant::now();
        self.watchdog.begin_step();
        let mut log = FactLog::default();
        let mut stuck = None;
        let death = loop {
            break match self.next(started + limit).await {
                Awaited::Reply(Reply::Seen(fact)) => {
                    log.add(*fact);
                    // As long as there are replies nobody else looks at the clock.
                    if started.elapsed() < limit {
                        continue;
                    }
                    Death::TimedOut { limit }
                }
                Awaited::Reply(Reply::Warm) => {
                    self.image = ImageUse::Adopt;
                    continue;
                }
                Awaited::Reply(Reply::Finished(finished)) => {
                    let stdout = self.stdout.step(&mut self.buffer);
                    let stderr = self.stderr.step(&mut self.buffer);
                    let traces = Traces { stdout, stderr, facts: log.facts, stuck: None };
                    return Ok(EndedStep { finished: *finished, traces });
                }
                Awaited::Reply(Reply::Gone { status }) => Death::Gone { status: Some(status) },
                Awaited::Reply(Reply::Refused { step, error }) => Death::Refused { step, error },
                Awaited::Reply(Reply::Stuck(words)) => {
                    let death = match words.kind {
                        StuckKind::Deadlocked => Death::Deadlocked,
                        StuckKind::Spent => Death::Spent,
                        // Not from here: it has found its init.
                        StuckKind::Ended => {
                            Death::Gone { status: Some(ProcessEnd::Signal(Signal::SIGTERM as i32)) }
                        }
                    };
                    stuck = Some(words);
                    death
                }
                Awaited::Closed => Death::Gone { status: None },
                Awaited::Late => Death::TimedOut { limit },
                Awaited::Exceeded(excess) => Death::Exceeded(excess),
                Awaited::Forged | Awaited::Reply(Reply::Closing { .. }) => Death::Forged,
                Awaited::Stopped(StopReason::Interrupt) => Death::Stopped { why: "the run was interrupted" },
                Awaited::Stopped(StopReason::RunTimeout) => {
                    Death::Stopped { why: "the run reached its time limit" }
                }
            };
        };
        let wall = started.elapsed();
        let teardown = match &death {
            Death::Gone { .. } | Death::Deadlocked | Death::Spent => Teardown::ByItself,
            Death::TimedOut { .. } | Death::Exceeded(Excess { kind: CauseKind::Cpu, .. }) => {
                self.ask_for_stacks().await
            }
            Death::Exceeded(_) | Death::Refused { .. } | Death::Forged | Death::Stopped { .. } => {
                Teardown::Killed
            }
        };
        let teardown = self.tear_down(teardown).await;
        for reply in std::mem::take(&mut self.replies) {
            match reply {
                Reply::Seen(fact) => log.add(*fact),
                Reply::Stuck(words) => stuck = Some(words),
                Reply::Warm
                | Reply::Finished(_)
                | Reply::Closing { .. }
                | Reply::Gone { .. }
                | Reply::Refused { .. } => {}
            }
        }
        Err(SessionEnd::Died { death, wall, traces: self.rest(log.facts, stuck), teardown })
    }

    /// Waits for the end after the last step.
    pub(super) async fn close(self) -> SessionEnd {
        self.close_within(CLOSING).await
    }

    pub(super) async fn close_within(mut self, limit: Duration) -> SessionEnd {
        let deadline = Instant::now() + limit;
        let mut threads = Vec::new();
        let mut left_behind = Vec::new();
        let teardown = loop {
            match self.next(deadline).await {
                Awaited::Reply(Reply::Closing { threads: living }) => threads = living,
                // Nobody's: all statements have ended.
                Awaited::Reply(Reply::Seen(_)) if Instant::now() < deadline => {}
                Awaited::Reply(Reply::Gone { .. }) | Awaited::Closed => break Teardown::ByItself,
                // Init ends those that would wait for ever.
                Awaited::Reply(Reply::Stuck(_)) => left_behind.append(&mut threads),
                Awaited::Reply(Reply::Warm | Reply::Seen(_) | Reply::Finished(_) | Reply::Refused { .. })
                | Awaited::Late
                | Awaited::Exceeded(_)
                | Awaited::Forged
                | Awaited::Stopped(_) => break Teardown::Killed,
            }
        };
        let teardown = self.tear_down(teardown).await;
        if teardown == Teardown::Killed {
            left_behind.append(&mut threads);
        }
        SessionEnd::Closed { traces: self.rest(Facts::default(), None), left_behind, teardown }
    }

    fn rest(&mut self, facts: Facts, stuck: Option<Box<Stuck>>) -> Traces {
        Traces { stdout: self.stdout.rest(), stderr: self.stderr.rest(), facts, stuck }
    }

    async fn next(&mut self, deadline: Instant) -> Awaited {
        loop {
            if let Some(reply) = self.replies.pop_front() {
                return Awaited::Reply(reply);
            }
            if self.forged {
                return Awaited::Forged;
            }
            if self.status_closed {
                return Awaited::Closed;
            }
            let stopped = self.run.next_stop();
            if let Stop::Now(reason) = self.run.stop_requested() {
                return Awaited::Stopped(reason);
            }
            // By the clock, not when there is nothing else to do: a session that keeps us busy is looked at as well.
            if Instant::now() >= self.look_at
                && let Some(excess) = self.look()
            {
                return Awaited::Exceeded(excess);
            }
            let wake = self.look_at.min(deadline);
            tokio::select! {
                biased;
                ready = self.status.readable() => match ready {
                    Ok(()) => self.read_status(),
                    Err(_) => self.status_closed = true,
                },
                () = stopped => {}
                () = tokio::time::sleep_until(wake.into()) => {}
            }
            let has_news = !self.replies.is_empty() || self.forged || self.status_closed;
            if !has_news && Instant::now() >= deadline {
                return Awaited::Late;
            }
        }
    }

    /// Takes output out of its pipes, and says which limit is exceeded.
    fn look(&mut self) -> Option<Excess> {
        self.run.wake();
        let tick = match self.drain() {
            Drained::Plenty => EAGER_TICK,
            Drained::Empty => TICK,
        };
        self.look_at = Instant::now() + tick;
        let used = self.stdout.written().max(self.stderr.written());
        if used > self.run.options.setup.limits.output {
            return Some(Excess { kind: CauseKind::Output, used });
        }
        self.watchdog.look()
    }

    /// Reads what is on the status descriptor, a portion at most: a session may write without end.
    fn read_status(&mut self) {
        let mut buffer = [0; 4096];
        for _ in 0..PORTION / buffer.len() {
            match self.status.try_read(&mut buffer) {
                Ok(0) => {
                    self.status_closed = true;
                    break;
                }
                Ok(count) => self.decoder.feed(&buffer[..count]),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                Err(_) => {
                    self.status_closed = true;
                    break;
                }
            }
            if self.decode().is_err() {
                self.forged = true;
            }
            if self.forged {
                break;
            }
        }
    }

    fn decode(&mut self) -> Result<(), crate::wire::FrameError> {
        while !self.forged
            && let Some(reply) = self.decoder.next()?
        {
            let left = match &reply {
                Reply::Seen(_) => &mut self.facts_left,
                Reply::Finished(_)
                | Reply::Closing { .. }
                | Reply::Warm
                | Reply::Stuck(_)
                | Reply::Gone { .. }
                | Reply::Refused { .. } => &mut self.expected,
            };
            match left.checked_sub(1) {
                Some(rest) => *left = rest,
                None => self.forged = true,
            }
            self.replies.push_back(reply);
        }
        Ok(())
    }

    fn drain(&mut self) -> Drained {
        // A pipe that cannot be read gives nothing more; the status tells the rest.
        let out = self.stdout.drain(&mut self.buffer).unwrap_or(Drained::Empty);
        let err = self.stderr.drain(&mut self.buffer).unwrap_or(Drained::Empty);
        if (out, err) == (Drained::Empty, Drained::Empty) { Drained::Empty } else { Drained::Plenty }
    }

    /// Waits until nobody of the tree is left, and takes the last output. Who does not end by itself is killed.
    async fn tear_down(&mut self, mut teardown: Teardown) -> Teardown {
        if teardown == Teardown::Killed {
            lane::end(self.init, self.run.tier());
        }
        let patience = match self.run.tier() {
            Tier::A => PATIENCE,
            Tier::B | Tier::Off => PATIENCE_WITH_INIT,
        };
        if !self.closes_within(patience).await {
            // SIGTERM to an init without a namespace was not enough.
            let _ = kill(self.init, Signal::SIGKILL);
            self.closes_within(PATIENCE / 2).await;
            teardown = Teardown::Killed;
        }
        self.is_over = true;
        self.run.reap(self.init);
        self.drain();
        teardown
    }

    /// Tells init to end the session, and to say before where it stands.
    async fn ask_for_stacks(&mut self) -> Teardown {
        let deadline = Instant::now() + STACKS;
        let _ = kill(self.init, Signal::SIGTERM);
        let is_last = |reply: &Reply| match reply {
            Reply::Stuck(_) | Reply::Gone { .. } => true,
            Reply::Warm
            | Reply::Seen(_)
            | Reply::Finished(_)
            | Reply::Closing { .. }
            | Reply::Refused { .. } => false,
        };
        while !self.status_closed && !self.forged && !self.replies.iter().any(is_last) {
            match tokio::time::timeout_at(deadline.into(), self.status.readable()).await {
                Ok(Ok(())) => self.read_status(),
                Ok(Err(_)) => self.status_closed = true,
                Err(_) => return Teardown::Killed,
            }
        }
        if self.forged { Teardown::Killed } else { Teardown::ByItself }
    }

    /// Every process of a tree holds the status descriptor open, so its end of file says that all are gone.
    async fn closes_within(&mut self, patience: Duration) -> bool {
        let deadline = Instant::now() + patience;
        while !self.status_closed && !self.forged {
            match tokio::time::timeout_at(deadline.into(), self.status.readable()).await {
                Ok(Ok(())) => self.read_status(),
                Ok(Err(_)) => self.status_closed = true,
                Err(_) => return false,
            }
        }
        true
    }
}

impl Drop for SessionWatch<'_> {
    /// A session that nobody watches any more, because something of ours broke, must not go on.
    fn drop(&mut self) {
        if !self.is_over {
            lane::end(self.init, self.run.tier());
            self.run.reap(self.init);
        }
    }
}

enum Awaited {
    Reply(Reply),
    Closed,
    Late,
    Exceeded(Excess),
    Forged,
    Stopped(StopReason),
}
