//! A supervisor in a thread of its own.

use std::io;
use std::sync::mpsc::{Receiver, channel};
use std::thread::{self, JoinHandle};

use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

use crate::model::policy::{Network, Tier};
use crate::supervisor::{self, Job, Options, Progress, SupervisorError};

pub(super) struct Supervision {
    jobs: Option<UnboundedSender<Job>>,
    news: Receiver<Vec<Progress>>,
    thread: JoinHandle<()>,
}

impl Supervision {
    pub(super) fn start(options: Options) -> Result<Self, SupervisorError> {
        let (jobs, arriving) = unbounded_channel();
        let (progress, news) = channel();
        let execute = move || supervisor::execute(options, arriving, progress);
        let thread = thread::Builder::new().spawn(execute).map_err(SupervisorError::Start)?;
        Ok(Self { jobs: Some(jobs), news, thread })
    }

    /// Gives the supervisor all jobs that it will ever get.
    pub(super) fn feed(&mut self, jobs: Vec<Job>) {
        let Some(sender) = self.jobs.take() else { return };
        for job in jobs {
            // A supervisor that has ended says why as its last word.
            let _ = sender.send(job);
        }
    }

    /// Waits for news. Nothing comes from a supervisor that has ended.
    pub(super) fn next_news(&self) -> Vec<Progress> {
        self.news.recv().unwrap_or_default()
    }

    pub(super) fn news(&self) -> impl Iterator<Item = Progress> {
        self.news.iter().flatten()
    }

    pub(super) fn join(self) -> Result<(), SupervisorError> {
        let joined = self.thread.join();
        joined.map_err(|_| SupervisorError::Start(io::Error::other("the supervisor broke off")))
    }
}

/// Whether sessions can do nothing to the machine or to the network that would be done twice if they ran again.
pub(super) fn contained(options: &Options) -> bool {
    let has_sandbox = options.tiers.iter().all(|tier| match tier {
        Tier::A | Tier::B => true,
        Tier::Off => false,
    });
    has_sandbox && options.setup.network == Network::Loopback
}
