//! The life of a supervisor: it starts lanes, hands jobs to them, and ends with the last one, or when it is told to.

use std::rc::Rc;
use std::sync::mpsc::Sender;
use std::time::Duration;

use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::task::LocalSet;

use crate::supervisor::error::SupervisorError;
use crate::supervisor::job::{Job, Options};
use crate::supervisor::progress::Progress;
use crate::supervisor::run::{Run, Stop, StopReason};
use crate::supervisor::{inherited, interruption, session_runner};

/// Runs the jobs that arrive until their channel closes and they are done. Blocks; give it a thread of its own.
pub(crate) fn execute(options: Options, jobs: UnboundedReceiver<Job>, progress: Sender<Vec<Progress>>) {
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

async fn supervise(
    options: Options,
    mut jobs: UnboundedReceiver<Job>,
    progress: Sender<Vec<Progress>>,
) -> (bool, Result<(), SupervisorError>) {
    let lanes = options.lanes;
    let run_timeout = options.run_timeout;
    let run = Rc::new(Run::new(options, progress));

    let mut workers = tokio::task::JoinSet::new();
    for number in 0..lanes {
        workers.spawn_local(session_runner::serve(Rc::clone(&run), number));
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
            job = jobs.recv(), if run.is_open() => {
                match job {
                    Some(job) => run.add(job),
                    None => run.close(),
                }
            }
            ended = workers.join_next() => match ended {
                None => break,
                Some(Ok(Ok(()))) => {}
                Some(Ok(Err(error))) => {
                    run.abandon();
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
