//! Images of a lane: memory into which a session has loaded packages, for the lane's other sessions to begin with.
//!
//! Each lane makes its own, since no other one has the same addresses. What is in an image was written by code of
//! packages, and is only read where that code could run as well.

use std::fs::File;
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::fs::FileExt;
use std::sync::Arc;
use std::time::Duration;

use crate::lane::{image_file, seal};
use crate::model::policy::{Clock, Network, Tier};
use crate::supervisor::error::SupervisorError;
use crate::supervisor::job::Job;
use crate::supervisor::lane::{KnownImage, Lane, token};
use crate::supervisor::run::Run;
use crate::supervisor::session::SessionWatch;
use crate::supervisor::session_end::{SessionEnd, Teardown};
use crate::wire::{ImageUse, Import, Request};

/// Bytes of an image, most of which are never written. What needs more is loaded by each session.
const MOST: u64 = 384 << 20;
/// What takes longer to load is loaded by each session, whose limit may be another.
const PATIENCE: Duration = Duration::from_secs(20);
/// Packages that load in less CPU time are not worth an image.
const WORTH: Duration = Duration::from_millis(20);
/// How an image begins: a mark that is written last, and the CPU time that loading took, in nanoseconds.
const BEGINNING: usize = 16;

/// The image that a job's session can begin with. The first job that asks for it has it made.
pub(super) async fn image(run: &Run, lane: &mut Lane, job: &Job) -> Option<OwnedFd> {
    let imports = job.imports.as_ref()?;
    // Without a namespace each session has another number, which its memory knows.
    let can_be = run.tier() == Tier::A && run.options.setup.network == Network::Loopback;
    if !can_be {
        return None;
    }

    if !lane.images.iter().any(|known| known.imports == *imports) {
        if run.without_image.borrow().contains(imports) {
            return None;
        }
        let recorded = record(run, lane, job, imports).await.ok().flatten();
        let recorded = recorded.filter(|recorded| recorded.cost >= WORTH);
        if recorded.is_none() {
            run.without_image.borrow_mut().push(Arc::clone(imports));
        }
        let file = recorded.map(|recorded| recorded.file);
        lane.images.push(KnownImage { imports: Arc::clone(imports), file });
    }
    let known = lane.images.iter().find(|known| known.imports == *imports)?;
    known.file.as_ref()?.try_clone().ok().map(OwnedFd::from)
}

/// What a session has recorded.
struct Recorded {
    file: File,
    cost: Duration,
}

/// `None` where there is no image of them.
async fn record(
    run: &Run,
    lane: &mut Lane,
    job: &Job,
    imports: &Arc<[Import]>,
) -> Result<Option<Recorded>, SupervisorError> {
    let file = image_file(MOST).map_err(SupervisorError::Start)?;
    let request = Request {
        token: token()?,
        document: String::new(),
        neighbours: None,
        folders: String::new(),
        scratch: None,
        chance: job.chance,
        clock: Clock::Virtual,
        files: Vec::new(),
        steps: Vec::new(),
        image: ImageUse::Record,
        imports: imports.to_vec(),
    };
    let image = file.try_clone().map_err(SupervisorError::Start)?;
    let Some(watch) = SessionWatch::start(run, lane, &request, Some(image.into())).await? else {
        return Ok(None);
    };

    let end = watch.close_within(PATIENCE).await;
    let SessionEnd::Closed { traces, teardown: Teardown::ByItself, .. } = end else { return Ok(None) };
    // What it has written would be missing in the others.
    let is_silent = traces.stdout.text().is_empty() && traces.stderr.text().is_empty();
    if !is_silent {
        return Ok(None);
    }
    let Some(cost) = cost(&file).map_err(SupervisorError::Start)? else { return Ok(None) };
    let file = seal(&file).map_err(SupervisorError::Start)?;
    Ok(Some(Recorded { file, cost }))
}

/// `None` of a file that was not written to its end.
fn cost(file: &File) -> io::Result<Option<Duration>> {
    let mut beginning = [0; BEGINNING];
    file.read_exact_at(&mut beginning, 0)?;
    let [mark, cost] = [0, 8].map(|at| u64::from_ne_bytes(std::array::from_fn(|byte| beginning[at + byte])));
    Ok((mark != 0).then(|| Duration::from_nanos(cost)))
}
