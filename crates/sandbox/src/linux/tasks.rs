//! How many tasks a session has: its processes and their threads, counted by the session's own process.

use std::fs;

use nix::sys::signal::kill;
use nix::unistd::Pid;

use snipcheck_clock::wait::last_task;
use snipcheck_model::policy::Tier;

/// The largest number that any machine gives to a task (`/proc/sys/kernel/pid_max`, `proc_sys_kernel(5)`).
const LARGEST: i32 = 1 << 22;

/// The tasks of the session whose first process this is. `None` without a sandbox, which limits no tasks.
pub fn session_tasks(tier: Tier) -> Option<u64> {
    match tier {
        Tier::A => Some(in_namespace()),
        Tier::B => Some(within_reach()),
        Tier::Off => None,
    }
}

/// Where there is a namespace, `/proc` lists the session and its init.
fn in_namespace() -> u64 {
    let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
    let processes = processes.filter(|entry| entry.file_name().as_encoded_bytes()[0].is_ascii_digit());
    let threads = processes.map(|entry| fs::read_dir(entry.path().join("task")).map_or(0, Iterator::count));
    threads.sum::<usize>() as u64
}

/// Without a namespace `/proc` shows a session no process but the one that reads it. Its signals, however, reach the
/// session's own tasks and no others (Landlock's scope), and signal 0 only asks whether they would (kill(2)). A thread's
/// number counts as its process's, so that every thread answers.
fn within_reach() -> u64 {
    let first = std::process::id().cast_signed();
    // Numbers ascend until they begin anew.
    let (last, anew) = match last_task().map(u32::cast_signed) {
        Some(latest) if latest >= first => (latest, 0),
        // The numbers have begun anew meanwhile, or may have.
        latest => (LARGEST, latest.unwrap_or(0)),
    };
    let is_reached = |number: &i32| kill(Pid::from_raw(*number), None).is_ok();
    (first..=last).chain(1..=anew).filter(is_reached).count() as u64
}
