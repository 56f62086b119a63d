//! Waits for what happens next, and puts together what belongs together.

use std::collections::{BTreeSet, VecDeque};
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};

use crate::watch::folders::Folders;
use crate::watch::news::{Key, News, Stroke};

/// The time without news after which a change is over: an editor writes a file in several steps.
const QUIET: Duration = Duration::from_millis(30);
/// No change is waited for longer.
const LONGEST: Duration = Duration::from_secs(1);

/// What happened.
#[derive(Debug)]
pub(crate) enum Happening {
    Change(Dirty),
    Key(Stroke),
    /// Nobody will type any more.
    InputEnded,
    /// Nothing in the time that was given.
    Nothing,
}

/// Where something may have changed.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Dirty {
    /// Files, and folders with or without what is in them.
    Places(BTreeSet<PathBuf>),
    Everything,
}

/// The end of the channel at which somebody waits.
#[derive(Debug)]
pub(crate) struct Inbox {
    news: Receiver<News>,
    /// Whoever types gets one of these.
    pub(super) sender: Sender<News>,
    /// Came while something else was collected.
    later: VecDeque<Happening>,
}

impl Inbox {
    pub(crate) fn new() -> Self {
        let (sender, news) = channel();
        Self { news, sender, later: VecDeque::new() }
    }

    /// Folders that tell this inbox of changes.
    pub(crate) fn folders(&self) -> Folders {
        Folders::new(self.sender.clone())
    }

    /// The next thing that happens, or happened while nobody asked.
    pub(crate) fn next(&mut self, patience: Duration) -> Happening {
        if let Some(happening) = self.later.pop_front() {
            return happening;
        }
        match self.news.recv_timeout(patience) {
            // This inbox has a sender itself: the channel stays open.
            Err(_) => Happening::Nothing,
            Ok(News::Key(stroke)) => Happening::Key(stroke),
            Ok(News::InputEnded) => Happening::InputEnded,
            Ok(first @ (News::Touched(_) | News::Lost)) => self.change(first),
        }
    }

    /// Whether somebody has asked for the end.
    pub(crate) fn is_quit(&mut self) -> bool {
        let quits = |stroke: &Stroke| stroke.key == Key::Quit;
        let mut is_quit =
            self.later.iter().any(|later| matches!(later, Happening::Key(stroke) if quits(stroke)));
        while let Ok(news) = self.news.try_recv() {
            is_quit |= matches!(news, News::Key(stroke) if quits(&stroke));
        }
        is_quit
    }

    /// Collects until nothing more happens.
    fn change(&mut self, first: News) -> Happening {
        let began = Instant::now();
        let mut dirty = Dirty::Places(BTreeSet::new());
        let mut next = Some(first);
        while let Some(news) = next {
            match news {
                News::Touched(paths) => dirty.add(paths),
                News::Lost => dirty = Dirty::Everything,
                News::Key(stroke) => self.later.push_back(Happening::Key(stroke)),
                News::InputEnded => self.later.push_back(Happening::InputEnded),
            }
            let left = LONGEST.saturating_sub(began.elapsed());
            next = if left.is_zero() { None } else { self.news.recv_timeout(QUIET.min(left)).ok() };
        }
        Happening::Change(dirty)
    }
}

impl Dirty {
    fn add(&mut self, paths: Vec<PathBuf>) {
        match self {
            Self::Places(places) => places.extend(paths),
            Self::Everything => {}
        }
    }
}
