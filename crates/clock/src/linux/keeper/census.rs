//! The tasks of a session, and whether one of them runs (`proc_pid_stat(5)`).

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::os::unix::fs::FileExt;
use std::path::Path;

use crate::linux::keeper::call::Call;
use crate::linux::keeper::outward::Outward;
use crate::linux::wait::last_task;

/// A task whose files are open: a name could be another's by the time it is read again.
#[derive(Debug)]
struct Task {
    process: i32,
    thread: i32,
    state: File,
    schedule: File,
    /// Not before it lets itself be inspected.
    call: Option<File>,
    /// What it slept in when it was looked at last.
    sleeps_in: Option<Call>,
    /// When it was looked at last.
    ran: Schedule,
    stopped: bool,
}

/// What a task has had of the processors. Nobody who had a moment of one since shows the same numbers: the first is
/// counted at its end, the second at its beginning.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Schedule {
    nanoseconds: u64,
    times: u64,
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
    /// They were listed while all slept.
    settled: bool,
}

impl Census {
    /// Lists the tasks, all but those of init. Cheap where there is no new one.
    pub(super) fn take(&mut self) {
        let last = last_task();
        if last.is_some() && last == self.last {
            return;
        }
        self.last = last;
        self.settled = false;
        self.list();
    }

    /// Whether nobody was there who was not known.
    fn list(&mut self) -> bool {
        self.tasks.retain_mut(|task| task.state().is_some());
        let known = self.tasks.len();
        let mut complete = true;
        let processes = numbers("/proc").filter(|process| *process != 1);
        for process in processes {
            for thread in numbers(&format!("/proc/{process}/task")) {
                if !self.tasks.iter().any(|task| (task.process, task.thread) == (process, thread)) {
                    self.tasks.extend(Task::open(process, thread));
                }
            }
            // A listing ends early when a thread does that is being listed.
            let listed = self.tasks.iter().filter(|task| task.process == process).count();
            complete &= threads(process).is_none_or(|count| count == listed);
        }
        complete && self.tasks.len() == known
    }

    /// Whether there was a moment at which nobody ran: all sleep, and nobody has run from one look to the next.
    pub(super) fn is_quiet(&mut self) -> bool {
        self.take();
        let mut index = 0;
        while let Some(task) = self.tasks.get_mut(index) {
            match task.look() {
                Some(State::Busy) => {
                    // It is asked first the next time.
                    self.tasks.swap(0, index);
                    return false;
                }
                Some(State::Asleep | State::Ended) => index += 1,
                None => drop(self.tasks.swap_remove(index)),
            }
        }
        if !self.tasks.iter_mut().all(Task::rests) {
            return false;
        }
        // A task has its id before it can be listed, and who creates one may sleep by the time it is looked at: what
        // was listed while somebody ran is listed once more while all sleep.
        if !(self.settled || self.list()) || last_task() != self.last {
            return false;
        }
        let quiet = self.tasks.iter_mut().all(Task::still_sleeps);
        self.settled |= quiet;
        quiet
    }

    /// Whether nobody has run since the last look, after which all slept.
    pub(super) fn is_still_quiet(&mut self) -> bool {
        last_task() == self.last && self.tasks.iter_mut().all(Task::still_sleeps)
    }

    /// Looks at all, whether or not they sleep.
    pub(super) fn refresh(&mut self) {
        self.take();
        if !self.settled {
            self.list();
        }
        self.tasks.retain_mut(|task| task.look().is_some());
        for task in &mut self.tasks {
            task.rests();
        }
    }

    /// Whether a thread waits in the kernel for a time, and is not among those that are known to: in a static program, or
    /// in one that asks the kernel itself. Whoever has left the list has run since.
    pub(super) fn waits_for_a_time(&mut self, known: &[i32]) -> bool {
        self.tasks.iter_mut().any(|task| {
            let waits = task.sleeps_in.is_some_and(|call| call.waits_for_a_time());
            waits && !known.contains(&task.thread) && task.still_sleeps()
        })
    }

    /// Whether a thread slept until the supervisor reads what the session wrote, when all slept. By now it may run.
    pub(super) fn waits_for_outside(&self, outward: &Outward) -> bool {
        self.tasks.iter().any(|task| {
            // A stopped task does not go on when there is room.
            let call = task.sleeps_in.as_ref().filter(|_| !task.stopped);
            call.is_some_and(|call| outward.is_awaited(task.process, task.thread, call))
        })
    }

    /// Whether it was stopped by a signal: it sleeps whatever it is told, until another continues it.
    pub(super) fn is_stopped(&self, process: i32, thread: i32) -> bool {
        self.tasks
            .iter()
            .any(|task| task.stopped && task.process == process && (thread == 0 || task.thread == thread))
    }

    /// The only task there is, if there is one only, and the last id that was given away by then.
    pub(super) fn alone(&self) -> Option<(u32, u32)> {
        match &self.tasks[..] {
            [task] => Some((u32::try_from(task.thread).ok()?, self.last?)),
            _ => None,
        }
    }

    /// Of a process if `thread` is 0. Who has not been listed yet lives, too.
    pub(super) fn lives(&mut self, process: i32, thread: i32) -> bool {
        let is_it = |task: &&mut Task| task.process == process && (thread == 0 || task.thread == thread);
        let mut known = self.tasks.iter_mut().filter(is_it).peekable();
        if known.peek().is_none() {
            let thread = if thread == 0 { process } else { thread };
            return Path::new(&format!("/proc/{process}/task/{thread}")).exists();
        }
        known.any(|task| !matches!(task.state(), Some(State::Ended) | None))
    }

    /// Processes that live. One living task of each is enough.
    pub(super) fn processes(&mut self) -> BTreeSet<i32> {
        let mut processes = BTreeSet::new();
        for task in &mut self.tasks {
            if !processes.contains(&task.process) && task.state().is_some_and(|state| state != State::Ended) {
                processes.insert(task.process);
            }
        }
        processes
    }

    /// What each task has had of the processors, but for some.
    pub(super) fn schedules(&self, without: &[i32]) -> BTreeMap<i32, Schedule> {
        let tasks = self.tasks.iter().filter(|task| !without.contains(&task.thread));
        tasks.map(|task| (task.thread, task.ran)).collect()
    }

    /// Nanoseconds for which each process had a processor, of the tasks that it still has.
    pub(super) fn ran(&mut self) -> BTreeMap<i32, u64> {
        let mut ran = BTreeMap::new();
        for task in &mut self.tasks {
            task.look();
            *ran.entry(task.process).or_default() += task.ran.nanoseconds;
        }
        ran
    }
}

impl Task {
    fn open(process: i32, thread: i32) -> Option<Self> {
        let folder = format!("/proc/{process}/task/{thread}");
        let state = File::open(format!("{folder}/stat")).ok()?;
        let schedule = File::open(format!("{folder}/schedstat")).ok()?;
        let ran = Schedule::default();
        Some(Self { process, thread, state, schedule, call: None, sleeps_in: None, ran, stopped: false })
    }

    /// `None` once it is gone.
    ///
    /// What it had run is read first, so that [`still_sleeps`](Self::still_sleeps) misses nothing.
    fn look(&mut self) -> Option<State> {
        self.ran = self.schedule()?;
        self.state()
    }

    /// Whether it sleeps in truth. A task is called asleep a moment before it leaves its processor; it may find that it
    /// need not sleep, and may have to wait for a processor before it does. The kernel tells only of tasks that have
    /// left theirs what they wait for (`task_current_syscall` in the kernel).
    fn rests(&mut self) -> bool {
        if self.call.is_none() {
            self.call = File::open(format!("/proc/{}/task/{}/syscall", self.process, self.thread)).ok();
        }
        let Some(call) = &self.call else { return true };
        let mut text = [0; 256];
        let length = call.read_at(&mut text, 0).unwrap_or(0);
        let text = std::str::from_utf8(&text[..length]).unwrap_or("");
        self.sleeps_in = Call::parse(text);
        text != "running\n"
    }

    /// Whether it has slept ever since the last look, or has ended before.
    fn still_sleeps(&mut self) -> bool {
        self.state().is_some_and(|state| state != State::Busy) && self.schedule() == Some(self.ran)
    }

    fn schedule(&self) -> Option<Schedule> {
        let mut text = [0; 96];
        let length = self.schedule.read_at(&mut text, 0).ok()?;
        let mut numbers = std::str::from_utf8(&text[..length]).ok()?.split_ascii_whitespace();
        let nanoseconds = numbers.next()?.parse().ok()?;
        Some(Schedule { nanoseconds, times: numbers.nth(1)?.parse().ok()? })
    }

    /// The letter after the name, which may hold brackets itself.
    fn state(&mut self) -> Option<State> {
        let mut text = [0; 512];
        let length = self.state.read_at(&mut text, 0).ok()?;
        let end = text[..length].iter().rposition(|byte| *byte == b')')?;
        let letter = text.get(end + 2)?;
        self.stopped = *letter == b'T';
        Some(match letter {
            b'S' | b'T' => State::Asleep,
            b'Z' | b'X' => State::Ended,
            _ => State::Busy,
        })
    }
}

/// How many threads a process has, `None` once it is gone.
fn threads(process: i32) -> Option<usize> {
    let mut text = [0; 512];
    let file = File::open(format!("/proc/{process}/stat")).ok()?;
    let length = file.read_at(&mut text, 0).ok()?;
    let end = text[..length].iter().rposition(|byte| *byte == b')')?;
    std::str::from_utf8(&text[end + 1..length]).ok()?.split_ascii_whitespace().nth(17)?.parse().ok()
}

/// Entries of a folder that are numbers.
fn numbers(folder: &str) -> impl Iterator<Item = i32> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok())
}
