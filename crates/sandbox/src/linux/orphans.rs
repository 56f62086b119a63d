//! Processes of a session whose init was killed together with its lane, as the kernel does with those that share memory
//! when it has none left: they become children of the supervisor, which ends them.

use std::fs;
use std::thread;
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::sys::prctl;
use nix::sys::signal::{Signal, kill};
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::Pid;

use crate::linux::system_calls::FILTERS_OF_LANE;

/// How long orphans have to end. One that does not, because a device does not answer, is left behind.
const LONGEST: Duration = Duration::from_secs(1);
const PAUSE: Duration = Duration::from_millis(1);

/// Makes orphans below this process its own children (`PR_SET_CHILD_SUBREAPER`, prctl(2)).
pub fn adopt_orphans() {
    // Every kernel that has tier B knows this option.
    let adopted = prctl::set_child_subreaper(true);
    debug_assert!(adopted.is_ok());
}

/// Kills and collects processes of sessions among the children of this process until there is none. The children of
/// such a process become this process's when it has ended.
pub fn end_orphans() {
    let deadline = Instant::now() + LONGEST;
    loop {
        let orphans = orphans();
        if orphans.is_empty() || Instant::now() > deadline {
            return;
        }

        for orphan in &orphans {
            let _ = kill(*orphan, Signal::SIGKILL);
        }

        let is_dying = |orphan: &Pid| {
            matches!(
                waitpid(*orphan, Some(WaitPidFlag::WNOHANG)),
                Ok(WaitStatus::StillAlive) | Err(Errno::EINTR)
            )
        };
        // Without a pause the children of an orphan that forks all the time are found sooner.
        if orphans.iter().filter(|orphan| is_dying(orphan)).count() == orphans.len() {
            thread::sleep(PAUSE);
        }
    }
}

/// Children with more filters of system calls than lanes and inits have: a session adds one, and none can be taken off.
fn orphans() -> Vec<Pid> {
    let Some(own) = filters("self") else { return Vec::new() };
    let tasks = fs::read_dir("/proc/self/task").into_iter().flatten().flatten();
    let lists = tasks.map(|task| fs::read_to_string(task.path().join("children")).unwrap_or_default());
    let children: Vec<String> =
        lists.flat_map(|list| list.split_whitespace().map(str::to_owned).collect::<Vec<_>>()).collect();

    let of_session = |pid: &String| filters(pid).is_some_and(|filters| filters > own + FILTERS_OF_LANE);
    children
        .iter()
        .filter(|pid| of_session(pid))
        .filter_map(|pid| pid.parse().ok())
        .map(Pid::from_raw)
        .collect()
}

/// How many filters of system calls a process has (`proc_pid_status(5)`).
fn filters(process: &str) -> Option<usize> {
    // The file holds the name of the process, which may not be UTF-8.
    let status = fs::read(format!("/proc/{process}/status")).ok()?;
    let status = String::from_utf8_lossy(&status);
    status.lines().find_map(|line| line.strip_prefix("Seccomp_filters:"))?.trim().parse().ok()
}
