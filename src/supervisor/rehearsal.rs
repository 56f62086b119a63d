//! A session without snippets, in which a run learns what all its sessions load at their start.
//!
//! Code of packages may not run in a lane, and the modules of the standard library that it imports are most of its cost.

use crate::model::policy::{Chance, Clock, Launch};
use crate::supervisor::error::SupervisorError;
use crate::supervisor::lane::{Lane, token};
use crate::supervisor::run::Run;
use crate::supervisor::session::SessionWatch;
use crate::supervisor::session_end::{SessionEnd, Teardown};
use crate::wire::{ImageUse, Request};

/// Every session is told the names, and code of packages may have made them up.
const MOST_NAMES: usize = 1000;
const LONGEST_NAME: usize = 80;

/// Starts a lane. In a run that rehearses, the first one whose sessions have code of packages to run is tried out; all that serve sessions come to
/// their first one in the same way, so that objects have the same addresses in each of them.
pub(super) async fn warm_lane(run: &Run, launch: Launch) -> Result<Lane, SupervisorError> {
    loop {
        let is_known = run.preloaded.borrow().is_some();
        let mut lane = Lane::start(run, launch).await?;
        if !lane.has_start_code || is_known || !run.options.rehearse {
            return Ok(lane);
        }

        // Another lane may have been tried out meanwhile.
        if run.preloaded.borrow().is_none() {
            let modules = match rehearse(run, &mut lane, launch).await? {
                Some(SessionEnd::Closed { traces, teardown: Teardown::ByItself, .. }) => {
                    let text = traces.stdout.text();
                    let names = text.lines().filter(|name| name.len() <= LONGEST_NAME).take(MOST_NAMES);
                    names.map(str::to_owned).collect()
                }
                // A session that does not end by itself has nothing to teach.
                Some(_) | None => Vec::new(),
            };
            run.preloaded.borrow_mut().get_or_insert(modules);
        }
    }
}

/// `None` where it does not start. What is wrong then is told of the first session with snippets.
async fn rehearse(run: &Run, lane: &mut Lane, launch: Launch) -> Result<Option<SessionEnd>, SupervisorError> {
    let scratch = run.session_scratch().map_err(SupervisorError::Start)?;
    let request = Request {
        token: token()?,
        document: String::new(),
        neighbours: None,
        folders: String::new(),
        scratch: scratch.as_ref().map(|folder| folder.path().to_path_buf()),
        chance: Chance { launch, ..Chance::USUAL },
        clock: Clock::Real,
        files: Vec::new(),
        steps: Vec::new(),
        image: ImageUse::None,
        imports: Vec::new(),
    };
    let end = match SessionWatch::start(run, lane, &request, None).await {
        Ok(Some(watch)) => Some(watch.close().await),
        Ok(None) | Err(_) => None,
    };

    run.remove_scratch(scratch).await;
    Ok(end)
}
