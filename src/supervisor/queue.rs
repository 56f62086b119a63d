//! The jobs that wait, by the lanes that can run them as they are.

use std::collections::VecDeque;

use crate::model::policy::Launch;
use crate::supervisor::job::Job;

/// In the order in which a launch was first asked for. There are few of them.
#[derive(Debug, Default)]
pub(super) struct Queue(Vec<(Launch, VecDeque<Job>)>);

impl Queue {
    pub(super) fn add(&mut self, job: Job) {
        let launch = job.chance.launch;
        match self.0.iter_mut().find(|(known, _)| *known == launch) {
            Some((_, jobs)) => jobs.push_back(job),
            None => self.0.push((launch, VecDeque::from([job]))),
        }
    }

    /// The next one for lanes of this launch; where there is none, of the launch with the most to do.
    pub(super) fn take(&mut self, launch: Launch) -> Option<Job> {
        let jobs = match self.0.iter().position(|(known, jobs)| *known == launch && !jobs.is_empty()) {
            Some(at) => &mut self.0[at].1,
            None => self.0.iter_mut().map(|(_, jobs)| jobs).rev().max_by_key(|jobs| jobs.len())?,
        };
        jobs.pop_front()
    }

    pub(super) fn clear(&mut self) {
        self.0.clear();
    }
}
