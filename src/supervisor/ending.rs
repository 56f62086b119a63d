//! From what a session said, or failed to say, to the facts of an outcome.

use std::time::Duration;

use nix::sys::signal::Signal;

use crate::model::outcome::{
    Cause, CauseKind, Ending, Facts, Manner, Outcome, Stream, ThreadStack, Timing, Usage, standing,
};
use crate::model::policy::Limits;
use crate::supervisor::accounting::Excess;
use crate::supervisor::stacks;
use crate::wire::{Blame, FinishedStep, ProcessEnd, StepEnd, Stuck};

/// Why the supervisor ended a session.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Death {
    /// By itself: how its process ended, where init could tell.
    Gone {
        status: Option<ProcessEnd>,
    },
    TimedOut {
        limit: Duration,
    },
    Exceeded(Excess),
    /// Init has found that nothing in it could ever run again.
    Deadlocked,
    /// Its virtual time was up.
    Spent,
    /// Its sandbox could not be made; nothing ran.
    Refused {
        step: String,
        error: String,
    },
    /// Bytes on the status descriptor that were not ours.
    Forged,
    /// The user, or the run's own time limit.
    Stopped {
        why: &'static str,
    },
}

/// What there is of a step, however it ended.
#[derive(Debug, Default)]
pub(super) struct Traces {
    pub(super) stdout: Stream,
    pub(super) stderr: Stream,
    pub(super) facts: Facts,
    /// What init said when it gave it up.
    pub(super) stuck: Option<Box<Stuck>>,
}

/// The outcome of a step whose end was reported.
pub(super) fn finished(finished: FinishedStep, traces: Traces, limits: &Limits) -> Outcome {
    let Traces { stdout, stderr, facts, stuck: _ } = traces;
    let mut stacks = Vec::new();
    let (ending, exception, cause) = match finished.end {
        StepEnd::Completed => (Ending::Completed, None, None),
        StepEnd::Raised { exception, blame } => {
            (Ending::Raised, Some(exception), blame.map(|blame| blamed(blame, limits)))
        }
        StepEnd::Exited { code: 0, left: 0, line: _ } => (Ending::Exited, None, None),
        StepEnd::Exited { code, left, line } => {
            stacks.extend(line.map(ThreadStack::of_main));
            let detail = match left {
                0 => None,
                1 => Some("1 statement was not reached".to_owned()),
                _ => Some(format!("{left} statements were not reached")),
            };
            (Ending::Exited, None, Some(cause(CauseKind::Exit, Some(f64::from(code)), detail)))
        }
    };
    Outcome {
        ending,
        cause,
        exception,
        value: finished.value,
        stdout,
        stderr,
        facts,
        usage: Usage { wall: finished.wall.into(), cpu: finished.cpu.into() },
        timing: Timing { clock: finished.clock, passed: finished.passed.into(), timed: finished.timed },
        stacks,
        notes: finished.notes,
    }
}

/// The outcome of the step that took its process with it. `document` is what stacks are read for.
pub(super) fn died(
    (death, document): (&Death, &str),
    wall: Duration,
    traces: Traces,
    limits: &Limits,
) -> Outcome {
    let Traces { stdout, stderr, facts, stuck } = traces;
    let mut notes = Vec::new();
    let (ending, cause) = match death {
        Death::TimedOut { limit } => (
            Ending::TimedOut,
            Some(Cause {
                kind: CauseKind::Wall,
                used: Some(rounded(wall.as_secs_f64())),
                limit: Some(limit.as_secs_f64()),
                unit: Some("s".to_owned()),
                detail: None,
            }),
        ),
        Death::Exceeded(excess) => {
            let ending = if excess.kind == CauseKind::Cpu { Ending::TimedOut } else { Ending::Killed };
            (ending, Some(exceeded(*excess, limits)))
        }
        Death::Deadlocked => (Ending::Deadlocked, None),
        Death::Spent => (Ending::TimedOut, Some(spent(stuck.as_deref()))),
        Death::Forged => {
            notes.push("it wrote to a descriptor of the runner".to_owned());
            (Ending::Killed, None)
        }
        Death::Stopped { why } => {
            notes.push((*why).to_owned());
            (Ending::Killed, None)
        }
        Death::Refused { step, error } => {
            notes.push(format!("its sandbox could not be made: {step}: {error}"));
            (Ending::NotRun, None)
        }
        Death::Gone { status } => gone(*status),
    };
    let manner = match ending {
        Ending::Deadlocked => Manner::Waits,
        Ending::Completed
        | Ending::Raised
        | Ending::Exited
        | Ending::TimedOut
        | Ending::Killed
        | Ending::NotRun => Manner::WasThere,
    };
    let stacks = stuck.as_ref().map_or_else(Vec::new, |stuck| stacks::parse(&stuck.stacks, document));
    notes.extend(standing(&stacks, manner));
    // Who is given up has waited for time.
    let timing = stuck.map_or_else(Timing::default, |stuck| Timing {
        clock: stuck.clock,
        passed: stuck.passed.into(),
        timed: true,
    });
    Outcome {
        ending,
        cause,
        exception: None,
        value: None,
        stdout,
        stderr,
        facts,
        usage: Usage { wall, cpu: Duration::ZERO },
        timing,
        stacks,
        notes,
    }
}

fn spent(stuck: Option<&Stuck>) -> Cause {
    let used = stuck.map(|stuck| rounded(Duration::from(stuck.passed).as_secs_f64()));
    Cause { kind: CauseKind::Virtual, used, limit: None, unit: Some("s".to_owned()), detail: None }
}

fn gone(status: Option<ProcessEnd>) -> (Ending, Option<Cause>) {
    match status {
        Some(ProcessEnd::Exit(code)) => {
            let detail = Cause::NO_UNWINDING.to_owned();
            (Ending::Exited, Some(cause(CauseKind::Exit, Some(f64::from(code)), Some(detail))))
        }
        Some(ProcessEnd::Signal(number)) => {
            let name = Signal::try_from(number)
                .map_or_else(|_| format!("signal {number}"), |signal| signal.to_string());
            (Ending::Killed, Some(cause(CauseKind::Signal, None, Some(name))))
        }
        None => (Ending::Killed, Some(cause(CauseKind::Signal, None, Some("SIGKILL".to_owned())))),
    }
}

fn blamed(blame: Blame, limits: &Limits) -> Cause {
    match blame {
        Blame::MissingPackage { name } => cause(CauseKind::MissingPackage, None, Some(name)),
        Blame::Interactive => cause(CauseKind::Interactive, None, None),
        Blame::Network { why } => cause(CauseKind::Network, None, Some(why)),
        Blame::Limit { kind, used } => exceeded(Excess { kind, used }, limits),
    }
}

/// The figures of a limit in the unit that people use for it.
#[expect(clippy::cast_precision_loss, reason = "a figure for people, and counts are small")]
fn exceeded(Excess { kind, used }: Excess, limits: &Limits) -> Cause {
    let whole = |limit: u64| (used as f64, limit as f64);
    let size = |limit: u64| (mebibytes(used), mebibytes(limit));
    let ((used, limit), unit) = match kind {
        CauseKind::Memory => (size(limits.memory), "MiB"),
        CauseKind::Output => (size(limits.output), "MiB"),
        CauseKind::Disk => (size(limits.disk), "MiB"),
        CauseKind::Cpu => ((rounded(used as f64 / 1000.0), limits.cpu.as_secs_f64()), "s"),
        CauseKind::Processes => (whole(limits.tasks), "tasks"),
        CauseKind::Inodes => (whole(limits.inodes), "files"),
        CauseKind::Descriptors => (whole(limits.descriptors), "descriptors"),
        CauseKind::Wall
        | CauseKind::Virtual
        | CauseKind::Signal
        | CauseKind::Exit
        | CauseKind::Interactive
        | CauseKind::MissingPackage
        | CauseKind::Network => return cause(kind, None, None),
    };
    Cause { kind, used: Some(used), limit: Some(limit), unit: Some(unit.to_owned()), detail: None }
}

fn cause(kind: CauseKind, used: Option<f64>, detail: Option<String>) -> Cause {
    Cause { kind, used, limit: None, unit: None, detail }
}

#[expect(clippy::cast_precision_loss, reason = "a figure for people, exact up to 8 PiB")]
fn mebibytes(bytes: u64) -> f64 {
    rounded(bytes as f64 / 1_048_576.0)
}

fn rounded(value: f64) -> f64 {
    (value * 100.0).round() / 100.0
}
