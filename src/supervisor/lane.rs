//! One lane: a re-executed process with a warm interpreter, spoken to over a socket.

use std::fs::{self, File};
use std::io::{self, Read};
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::net::UnixStream as StdUnixStream;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::sys::signal::{Signal, kill};
use nix::unistd::{Gid, Pid, Uid, fchown};
use tokio::io::{AsyncWriteExt, Interest};
use tokio::net::UnixStream;

use crate::lane::{BIND_NOW, LANE, kept_code};
use crate::model::policy::{Launch, Layer, Tier};
use crate::sandbox::{self, SessionDescriptors};
use crate::supervisor::capture::set_nonblocking;
use crate::supervisor::error::SupervisorError;
use crate::supervisor::run::Run;
use crate::wire::{Decoder, FrameError, Import, LaneReply, LaneSetup, Request, SEARCH_PATH, Token, encode};

/// Environment of every lane. Nothing of the caller's comes along: it may hold secrets.
const ENVIRONMENT: [(&str, &str); 8] = [
    BIND_NOW,
    ("HOME", sandbox::HOME),
    ("TMPDIR", sandbox::TEMPORARY),
    ("USER", "snippet"),
    ("LOGNAME", "snippet"),
    ("LANG", "C.UTF-8"),
    ("TZ", "UTC"),
    ("TERM", "dumb"),
];

/// A lane that has not started Python by then never will.
const START: Duration = Duration::from_mins(1);
/// A lane that has not started a session by then is stuck.
const ANSWER: Duration = Duration::from_secs(30);
/// Between two attempts to hand descriptors to a lane.
const CROWDED: Duration = Duration::from_millis(20);
/// A lane that has closed its socket has ended by then.
const END: Duration = Duration::from_secs(1);

pub(super) struct Lane {
    process: Child,
    socket: UnixStream,
    decoder: Decoder,
    /// Who wrote the last bytes, where the kernel tells.
    sender: Option<Pid>,
    /// What the process prints before a session runs: Python's own complaints.
    printed: OwnedFd,
    /// Who it became, where the supervisor is root in earnest.
    pub(super) user: Option<u32>,
    /// Whether sessions may run code of packages before their snippets.
    pub(super) has_start_code: bool,
    pub(super) images: Vec<KnownImage>,
}

/// What a lane has found out about loading packages.
#[derive(Debug)]
pub(super) struct KnownImage {
    pub(super) imports: Arc<[Import]>,
    /// `None` where loading them does more than change memory, or takes too long.
    pub(super) file: Option<File>,
}

/// A session that a lane has started.
pub(super) enum Started {
    Running(Pid),
    /// The lane has gone because its network was used; ask a fresh one.
    Retired,
}

impl Lane {
    /// In the tier of the lanes before it; the first one finds out which that is.
    ///
    /// Tried twice where a signal ended the first: the kernel kills whom it finds when memory is short.
    pub(super) async fn start(run: &Run, launch: Launch) -> Result<Self, SupervisorError> {
        match Self::start_once(run, launch).await {
            Err(SupervisorError::Killed { .. }) => Self::start_once(run, launch).await,
            started => started,
        }
    }

    async fn start_once(run: &Run, launch: Launch) -> Result<Self, SupervisorError> {
        let mut refused: Option<(String, String)> = None;
        for tier in run.tiers() {
            match Self::start_in(run, tier, launch).await {
                Ok((lane, layers)) => {
                    run.settle(tier, layers, refused.map(|(step, error)| format!("{step}: {error}")));
                    return Ok(lane);
                }
                Err(SupervisorError::Refused { step, error }) => {
                    refused = Some(match refused {
                        Some((first, why)) if first == step && why == error => (first, why),
                        None => (step, error),
                        Some((first, why)) => {
                            (first, format!("{why}; and without namespaces: {step}: {error}"))
                        }
                    });
                }
                Err(error) => return Err(error),
            }
        }
        let (step, error) = refused.unwrap_or_default();
        Err(SupervisorError::Refused { step, error })
    }

    async fn start_in(run: &Run, tier: Tier, launch: Launch) -> Result<(Self, Vec<Layer>), SupervisorError> {
        let setup = LaneSetup {
            tier,
            user: run.user(tier),
            scratch: run.scratch(tier).map_err(SupervisorError::Start)?,
            library: run.library(tier).map_err(SupervisorError::Start)?,
            preloaded: run.preloaded.borrow().clone().unwrap_or_default(),
            ..run.options.setup.clone()
        };
        let (ours, theirs) = StdUnixStream::pair().map_err(SupervisorError::Start)?;
        let (printed, print) = pipe().map_err(SupervisorError::Start)?;
        for end in [&printed, &print] {
            set_nonblocking(end).map_err(SupervisorError::Start)?;
        }
        let user = sandbox::may_become(setup.user).then_some(setup.user);
        let mut command = command(tier, user).map_err(SupervisorError::Start)?;
        sandbox::lay_out(launch.layout);
        command
            .arg0("snipcheck")
            .arg(LANE)
            .env_clear()
            .envs(ENVIRONMENT)
            .env("PATH", search_path(&setup))
            .env("PYTHONHASHSEED", launch.hash_seed.to_string())
            .envs(
                setup
                    .variables
                    .iter()
                    .filter(|(name, _)| name != SEARCH_PATH)
                    .map(|(name, value)| (name, value)),
            )
            .stdin(OwnedFd::from(theirs))
            .stdout(Stdio::from(print.try_clone().map_err(SupervisorError::Start)?))
            .stderr(Stdio::from(print));
        run.preload().map_err(SupervisorError::Start)?.add_to(&mut command);
        let process = command.spawn().map_err(SupervisorError::Start)?;
        // It has the lane's ends of the socket and of the pipe, which would never be seen to close.
        drop(command);
        sandbox::name_senders(&ours).map_err(SupervisorError::Start)?;
        ours.set_nonblocking(true).map_err(SupervisorError::Start)?;
        let socket = UnixStream::from_std(ours).map_err(SupervisorError::Start)?;
        let decoder = Decoder::default();
        let mut lane = Self {
            process,
            socket,
            decoder,
            sender: None,
            printed,
            user,
            has_start_code: false,
            images: Vec::new(),
        };
        let first = encode(&[], &setup)?;
        let answered = async {
            lane.write(&first).await?;
            lane.reply().await
        };
        match tokio::time::timeout(START, answered).await {
            Ok(Ok(LaneReply::Ready { layers, has_start_code, compiled, .. })) => {
                lane.has_start_code = has_start_code;
                if let (Some(file), false) = (&setup.kept_code, compiled.is_empty()) {
                    // What is not kept is compiled again.
                    let _ = kept_code::keep(file, &compiled);
                }
                Ok((lane, layers))
            }
            Ok(Ok(LaneReply::Refused { step, error })) => Err(SupervisorError::Refused { step, error }),
            Ok(Ok(LaneReply::Started { .. } | LaneReply::Retired)) => Err(FrameError::Stray.into()),
            Ok(Err(_)) | Err(_) => {
                let (signal, said) = (lane.killed_by().await, lane.last_words());
                Err(match signal {
                    Some(signal) => SupervisorError::Killed { python: setup.python, signal, said },
                    None => SupervisorError::Interpreter { python: setup.python, tier, said },
                })
            }
        }
    }

    pub(super) async fn session(
        &mut self,
        request: &Request,
        descriptors: SessionDescriptors,
    ) -> Result<Started, SupervisorError> {
        let raw = self.socket.as_raw_fd();
        let deadline = Instant::now() + ANSWER;
        loop {
            let sent = self.socket.async_io(Interest::WRITABLE, || sandbox::send(raw, &descriptors)).await;
            match sent {
                Ok(()) => break,
                // Other programs of the user have too many descriptors under way; a session among them will end.
                Err(error)
                    if error.raw_os_error() == Some(Errno::ETOOMANYREFS as i32)
                        && Instant::now() < deadline =>
                {
                    tokio::time::sleep(CROWDED).await;
                }
                Err(error) => return Err(FrameError::Io(error).into()),
            }
        }
        drop(descriptors);
        self.write(&encode(&[], request)?).await?;
        let reply = tokio::time::timeout(ANSWER, self.reply()).await.map_err(|_| FrameError::Closed)?;
        match reply? {
            LaneReply::Started { pid } => {
                Ok(Started::Running(self.sender.unwrap_or_else(|| Pid::from_raw(pid))))
            }
            LaneReply::Retired => Ok(Started::Retired),
            LaneReply::Refused { step, error } => Err(SupervisorError::Refused { step, error }),
            LaneReply::Ready { .. } => Err(FrameError::Stray.into()),
        }
    }

    async fn write(&mut self, frame: &[u8]) -> Result<(), FrameError> {
        Ok(self.socket.write_all(frame).await?)
    }

    async fn reply(&mut self) -> Result<LaneReply, FrameError> {
        let mut buffer = [0; 1024];
        loop {
            if let Some(reply) = self.decoder.next()? {
                return Ok(reply);
            }
            let raw = self.socket.as_raw_fd();
            let (count, sender) = self
                .socket
                .async_io(Interest::READABLE, || sandbox::receive_vouched(raw, &mut buffer))
                .await?;
            if count == 0 {
                return Err(FrameError::Closed);
            }
            self.sender = sender;
            self.decoder.feed(&buffer[..count]);
        }
    }

    /// The signal that ended its process, which closes its socket a moment before it can be waited for.
    async fn killed_by(&mut self) -> Option<Signal> {
        let deadline = Instant::now() + END;
        loop {
            match self.process.try_wait() {
                Ok(Some(status)) => return Signal::try_from(status.signal()?).ok(),
                Ok(None) if Instant::now() < deadline => tokio::time::sleep(Duration::from_millis(1)).await,
                Ok(None) | Err(_) => return None,
            }
        }
    }

    fn last_words(&self) -> String {
        let mut said = Vec::new();
        if let Ok(pipe) = self.printed.try_clone() {
            // Ends at EAGAIN; what was read until then stays in the buffer.
            let _ = File::from(pipe).read_to_end(&mut said);
        }
        String::from_utf8_lossy(&said).trim_end().to_owned()
    }
}

impl Drop for Lane {
    fn drop(&mut self) {
        // A lane holds nothing worth keeping, and its sessions are not its children.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Where sessions are the same user as the file's owner, they could change it even where it cannot be written.
fn command(tier: Tier, user: Option<u32>) -> io::Result<Command> {
    let file = sandbox::executable()?;
    let read_only = match (tier, user) {
        (Tier::A, None) => sandbox::read_only(),
        (Tier::A, Some(_)) | (Tier::B | Tier::Off, _) => None,
    };
    Ok(read_only.unwrap_or_else(|| Command::new(file)))
}

/// Programs that snippets may call: the environment's own first.
fn search_path(setup: &LaneSetup) -> String {
    let system = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
    let python = setup.environment.as_ref().unwrap_or(&setup.python);
    match python.parent().and_then(|folder| folder.to_str()) {
        Some(folder) => format!("{folder}:{system}"),
        None => system.to_owned(),
    }
}

/// The reading and the writing ends of a session's three pipes.
pub(super) struct Pipes {
    pub(super) stdout: OwnedFd,
    pub(super) stderr: OwnedFd,
    pub(super) status: OwnedFd,
    pub(super) theirs: SessionDescriptors,
}

impl Pipes {
    /// For a session that root starts as `user`, who may open `/dev/stdout` again.
    pub(super) fn new(user: Option<u32>) -> io::Result<Self> {
        let [(stdout, out), (stderr, err), (status, news)] = [pipe()?, pipe()?, pipe()?];
        for pipe in [&stdout, &stderr, &status] {
            set_nonblocking(pipe)?;
        }
        if let Some(user) = user {
            for pipe in [&out, &err] {
                fchown(pipe, Some(Uid::from_raw(user)), Some(Gid::from_raw(user)))?;
            }
        }
        Ok(Self {
            stdout,
            stderr,
            status,
            theirs: SessionDescriptors { stdout: out, stderr: err, status: news, stacks: None, image: None },
        })
    }
}

/// Its reading and its writing end, which close on exec.
fn pipe() -> io::Result<(OwnedFd, OwnedFd)> {
    let (read, write) = io::pipe()?;
    Ok((read.into(), write.into()))
}

/// How a session's tree is ended: its init takes all others along.
pub(super) fn end(init: Pid, tier: Tier) {
    let signal = match tier {
        Tier::A => Signal::SIGKILL,
        Tier::B | Tier::Off => Signal::SIGTERM,
    };
    // Not reaped yet, so the number is still its own.
    let _ = kill(init, signal);
}

/// Of a new session.
pub(super) fn token() -> Result<Token, SupervisorError> {
    let mut token = [0; 16];
    fs::File::open("/dev/urandom")
        .and_then(|mut random| random.read_exact(&mut token))
        .map_err(SupervisorError::Start)?;
    Ok(token)
}
