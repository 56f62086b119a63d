//! The tasks of a session, and whether one of them runs (`proc_pid_stat(5)`).

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::os::unix::fs::FileExt;

use crate::clock::wait::last_task;

/// A task whose files are open: a name could be another's by the time it is read again.
#[derive(Debug)]
struct Task {
    process: i32,
    thread: i32,
    state: File,
    schedule: File,
    /// How often it has been given a processor, when it was looked at last.
    runs: u64,
    /// Nanoseconds for which it had one.
    ran: u64,
}

/// What a task was doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Nothing, until somebody else does something. Stopped tasks too.
    Asleep,
    Ended,
    /// It runs, is about to, or waits for a disk.
    Busy,
}

#[derive(Debug, Default)]
pub(super) struct Census {
    tasks: Vec<Task>,
    /// The last id that had been given away when they were listed.
    last: Option<u32>,
}

impl Census {
    /// Lists the tasks, all but those of init. Cheap where there is no new one.
    pub(super) fn take(&mut self) {
        let last = last_task();
        if last.is_some() && last == self.last {
            return;
        }
        self.last = last;
        self.tasks.retain_mut(|task| task.look().is_some());
        let processes = numbers("/proc").filter(|process| *process != 1);
        for process in processes {
            for thread in numbers(&format!("/proc/{process}/task")) {
                if !self.tasks.iter().any(|task| (task.process, task.thread) == (process, thread)) {
                    self.tasks.extend(Task::open(process, thread));
                }
            }
        }
    }

    /// Whether there was a moment at which nobody ran: all sleep, and nobody has run from one look to the next.
    ///
    /// A task that was created meanwhile was created by one that ran.
    pub(super) fn is_quiet(&mut self) -> bool {
        self.take();
        let mut busy = None;
        for index in 0..self.tasks.len() {
            if self.tasks[index].look() == Some(State::Busy) {
                busy = Some(index);
                break;
            }
        }
        if let Some(index) = busy {
            // It is asked first the next time.
            self.tasks.swap(0, index);
            return false;
        }
        self.tasks.iter_mut().all(|task| {
            let runs = task.runs;
            match task.look() {
                Some(State::Asleep) => task.runs == runs,
                Some(State::Ended) | None => true,
                Some(State::Busy) => false,
            }
        })
    }

    /// The only task there is, if there is one only, and the last id that was given away by then.
    pub(super) fn alone(&self) -> Option<(u32, u32)> {
        match &self.tasks[..] {
            [task] => Some((u32::try_from(task.thread).ok()?, self.last?)),
            _ => None,
        }
    }

    pub(super) fn lives(&mut self, process: i32, thread: i32) -> bool {
        self.tasks
            .iter_mut()
            .filter(|task| task.process == process && (thread == 0 || task.thread == thread))
            .any(|task| !matches!(task.look(), Some(State::Ended) | None))
    }

    /// Processes that live, each once.
    pub(super) fn processes(&mut self) -> Vec<i32> {
        let living = self.tasks.iter_mut().filter(|task| !matches!(task.state().0, State::Ended));
        let mut processes: Vec<i32> = living.map(|task| task.process).collect();
        processes.sort_unstable();
        processes.dedup();
        processes
    }

    /// Tasks that sleep, by process and thread, with how often each has run.
    pub(super) fn sleepers(&self) -> impl Iterator<Item = (i32, i32, u64)> {
        self.tasks.iter().map(|task| (task.process, task.thread, task.runs))
    }

    /// Nanoseconds for which each process had a processor, of the tasks that it still has.
    pub(super) fn ran(&mut self) -> BTreeMap<i32, u64> {
        let mut ran = BTreeMap::new();
        for task in &mut self.tasks {
            task.look();
            *ran.entry(task.process).or_default() += task.ran;
        }
        ran
    }
}

impl Task {
    fn open(process: i32, thread: i32) -> Option<Self> {
        let folder = format!("/proc/{process}/task/{thread}");
        let state = File::open(format!("{folder}/stat")).ok()?;
        let schedule = File::open(format!("{folder}/schedstat")).ok()?;
        Some(Self { process, thread, state, schedule, runs: 0, ran: 0 })
    }

    /// `None` once it is gone.
    fn look(&mut self) -> Option<State> {
        let (state, known) = self.state();
        if !known {
            return None;
        }
        let mut text = [0; 96];
        let length = self.schedule.read_at(&mut text, 0).ok()?;
        let mut numbers = std::str::from_utf8(&text[..length]).ok()?.split_ascii_whitespace();
        self.ran = numbers.next()?.parse().ok()?;
        self.runs = numbers.nth(1)?.parse().ok()?;
        Some(state)
    }

    /// The letter behind the name, which may hold brackets itself; and whether there was one.
    fn state(&self) -> (State, bool) {
        let mut text = [0; 512];
        let Ok(length) = self.state.read_at(&mut text, 0) else { return (State::Ended, false) };
        let letter = text[..length].iter().rposition(|byte| *byte == b')').and_then(|end| text.get(end + 2));
        match letter {
            Some(b'S' | b'T') => (State::Asleep, true),
            Some(b'Z' | b'X') => (State::Ended, true),
            Some(_) => (State::Busy, true),
            None => (State::Ended, false),
        }
    }
}

/// Entries of a folder that are numbers.
fn numbers(folder: &str) -> impl Iterator<Item = i32> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok())
}

/// Whether a sleeping task waits in the kernel for a time that is not in the page: in a static program, or in one that
/// asks the kernel itself (`proc_pid_syscall(5)`).
pub(super) fn waits_for_a_time(process: i32, thread: i32) -> bool {
    let Ok(text) = fs::read_to_string(format!("/proc/{process}/task/{thread}/syscall")) else { return false };
    let mut words = text.split_ascii_whitespace();
    let number: Option<libc::c_long> = words.next().and_then(|word| word.parse().ok());
    let arguments: Vec<u64> =
        words.map(|word| u64::from_str_radix(word.trim_start_matches("0x"), 16).unwrap_or(0)).collect();
    let Some(number) = number else { return false };
    let argument = |index: usize| arguments.get(index).copied().unwrap_or(0);
    // Of milliseconds, -1 is for ever.
    let milliseconds = |index| (argument(index) as u32).cast_signed() > 0;
    match number {
        libc::SYS_nanosleep | libc::SYS_clock_nanosleep => true,
        libc::SYS_futex => {
            let operation = i32::try_from(argument(1)).unwrap_or(0) & libc::FUTEX_CMD_MASK;
            matches!(operation, libc::FUTEX_WAIT | libc::FUTEX_WAIT_BITSET | libc::FUTEX_LOCK_PI)
                && argument(3) != 0
        }
        #[cfg(target_arch = "x86_64")]
        libc::SYS_poll => milliseconds(2),
        #[cfg(target_arch = "x86_64")]
        libc::SYS_epoll_wait => milliseconds(3),
        libc::SYS_epoll_pwait => milliseconds(3),
        #[cfg(target_arch = "x86_64")]
        libc::SYS_select => argument(4) != 0,
        libc::SYS_pselect6 => argument(4) != 0,
        libc::SYS_ppoll => argument(2) != 0,
        libc::SYS_rt_sigtimedwait => argument(2) != 0,
        libc::SYS_semtimedop => argument(3) != 0,
        libc::SYS_mq_timedsend | libc::SYS_mq_timedreceive => argument(4) != 0,
        _ => false,
    }
}
