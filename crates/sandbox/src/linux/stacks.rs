//! Where the threads of a session stand: init asks with a signal, CPython's `faulthandler` answers through a pipe.
//!
//! What does not fit into the pipe is lost, so that no process waits for another. What comes out of it is untrusted.

use std::collections::VecDeque;
use std::fs;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::fcntl::OFlag;
use nix::libc;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::unistd::{Pid, pipe2, read};

use crate::descriptors::{STACKS_SIGNAL, lift_all};

/// As much as a pipe holds.
const MOST: usize = 64 << 10;
const MOST_PROCESSES: usize = 16;
/// How long all processes together have to answer.
const PATIENCE: Duration = Duration::from_millis(250);
/// How long one process has until its answer begins.
const FIRST: Duration = Duration::from_millis(100);
/// How long one process has between two lines of its answer.
const NEXT: Duration = Duration::from_millis(20);

/// The end that init reads, and the end that the session writes to.
pub(super) fn pipe() -> io::Result<(OwnedFd, OwnedFd)> {
    let (ours, theirs) = pipe2(OFlag::O_CLOEXEC | OFlag::O_NONBLOCK)?;
    let [ours, theirs] = lift_all([ours, theirs])?;
    Ok((ours, theirs))
}

/// Asks one process after the other. Those that do not answer, because they run something else, are left out.
pub(super) fn gather(pipe: &OwnedFd, pids: &[Pid]) -> String {
    let deadline = Instant::now() + PATIENCE;
    let mut text = Vec::new();
    // What the session has written to the pipe by itself is no answer.
    drain(pipe, &mut Vec::new());

    for pid in pids.iter().take(MOST_PROCESSES).filter(|pid| answers(**pid)) {
        // SAFETY: `kill` takes plain numbers and touches no memory of this process.
        if unsafe { libc::kill(pid.as_raw(), STACKS_SIGNAL) } != 0 {
            continue;
        }

        text.extend_from_slice(format!("Process {pid}\n").as_bytes());
        let mut patience = FIRST;
        while text.len() < MOST
            && wait(pipe, patience.min(deadline.saturating_duration_since(Instant::now())))
        {
            drain(pipe, &mut text);
            patience = NEXT;
        }
    }

    text.truncate(MOST);
    String::from_utf8_lossy(&text).into_owned()
}

/// The processes below this one, parents first.
pub(super) fn below() -> Vec<Pid> {
    let mut open = VecDeque::from(children("/proc/thread-self"));
    let mut found = Vec::new();
    while let Some(pid) = open.pop_front()
        && found.len() < MOST_PROCESSES
    {
        found.push(pid);
        let Ok(tasks) = fs::read_dir(format!("/proc/{pid}/task")) else { continue };
        for task in tasks.flatten().take(MOST_PROCESSES) {
            open.extend(children(&task.path().to_string_lossy()));
        }
    }
    found
}

/// The children of one thread, which has a file for them in `/proc`.
fn children(task: &str) -> Vec<Pid> {
    let text = fs::read_to_string(format!("{task}/children")).unwrap_or_default();
    text.split_whitespace()
        .filter_map(|pid| pid.parse().ok())
        .map(Pid::from_raw)
        .take(MOST_PROCESSES)
        .collect()
}

/// Whether a process has a handler for the signal, which would end it otherwise.
fn answers(pid: Pid) -> bool {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let caught = status.lines().find_map(|line| line.strip_prefix("SigCgt:"));
    let caught = caught.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or_default();
    caught >> (STACKS_SIGNAL - 1) & 1 == 1
}

fn wait(pipe: &OwnedFd, patience: Duration) -> bool {
    let timeout = PollTimeout::try_from(patience).unwrap_or(PollTimeout::ZERO);
    let mut waiting = [PollFd::new(pipe.as_fd(), PollFlags::POLLIN)];
    matches!(poll(&mut waiting, timeout), Ok(ready) if ready > 0)
}

/// Reads what is in the pipe. It ends after as much as a pipe holds, even if a session writes on and on.
fn drain(pipe: &OwnedFd, text: &mut Vec<u8>) {
    let mut buffer = [0; 4096];
    for _ in 0..MOST / buffer.len() {
        match read(pipe, &mut buffer) {
            Ok(0) => return,
            Ok(count) => text.extend_from_slice(&buffer[..count]),
            Err(Errno::EINTR) => {}
            Err(_) => return,
        }
    }
}
