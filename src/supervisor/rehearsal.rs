//! A session without snippets, in which a run learns what all its sessions load at their start.
//!
//! Code of packages may not run in a lane, and the modules of the standard library that it imports are most of its cost.

use crate::model::policy::{Chance, Clock, Launch};
use crate::supervisor::lane::{Lane, token};
use crate::supervisor::scratch;
use crate::supervisor::seen::{Burial, SessionEnd};
use crate::supervisor::session::Watch;
use crate::supervisor::{Progress, Run, SupervisorError};
use crate::wire::Request;

/// Every session is told the names, and code of packages may have made them up.
const MOST_NAMES: usize = 1000;
const LONGEST_NAME: usize = 80;

/// Starts a lane. The first one whose sessions have code of packages to run is tried out.
pub(super) async fn warm_lane(run: &Run, launch: Launch) -> Result<Lane, SupervisorError> {
    let mut lane = Lane::start(run, launch).await?;
    if !lane.has_start_code || run.preloaded.borrow().is_some() {
        return Ok(lane);
    }

    let end = rehearse(run, &mut lane, launch).await?;
    // A session that does not end by itself has nothing to teach, and its init shared the lane's memory.
    let Some(SessionEnd::Closed { traces, burial: Burial::ByItself, .. }) = end else {
        *run.preloaded.borrow_mut() = Some(Vec::new());
        drop(lane);
        return Lane::start(run, launch).await;
    };
    let text = traces.stdout.text();
    let names = text.lines().filter(|name| name.len() <= LONGEST_NAME).take(MOST_NAMES).map(str::to_owned);
    let names = names.collect();
    *run.preloaded.borrow_mut() = Some(names);
    Ok(lane)
}

/// `None` where it does not start. What is wrong then is told of the first session with snippets.
async fn rehearse(run: &Run, lane: &mut Lane, launch: Launch) -> Result<Option<SessionEnd>, SupervisorError> {
    let scratch = scratch::of_session(run).map_err(SupervisorError::Start)?;
    let request = Request {
        token: token()?,
        document: String::new(),
        neighbours: None,
        scratch: scratch.as_ref().map(|folder| folder.path().to_path_buf()),
        chance: Chance { launch, ..Chance::USUAL },
        clock: Clock::Real,
        preloaded: Vec::new(),
        steps: Vec::new(),
    };
    let end = match Watch::start(run, lane, &request).await {
        Ok(Some(watch)) => Some(watch.close().await),
        Ok(None) | Err(_) => None,
    };

    if let Some(scratch) = scratch
        && let Some(note) = scratch.remove_elsewhere().await
    {
        run.tell(Progress::Note(note));
    }
    Ok(end)
}
