//! What runs right now, redrawn on a terminal while results are written elsewhere.

use std::io::{self, IsTerminal};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::event::{Event, Judged};
use crate::model::snippet::{DocumentPath, Line};
use crate::model::verdict::Verdict;
use crate::report::words::place;

/// How often elapsed times move on.
const TICK: Duration = Duration::from_millis(100);

const TEMPLATE: &str = "{spinner} {elapsed:>3} {bar:24} {pos}/{len}  {wide_msg}";

/// Gone from the terminal once it is dropped.
pub(crate) struct Progress {
    live: Option<Live>,
}

struct Live {
    bar: ProgressBar,
    news: Option<Sender<News>>,
    painter: Option<JoinHandle<()>>,
}

enum News {
    Started { path: DocumentPath, line: Line },
    Ended { path: DocumentPath, first: Line, last: Line, failed: usize },
}

struct Running {
    path: DocumentPath,
    line: Line,
    since: Instant,
}

impl Progress {
    pub(crate) fn silent() -> Self {
        Self { live: None }
    }

    /// On standard error; silent where that is no terminal.
    pub(crate) fn on_terminal() -> Self {
        if io::stderr().is_terminal() { Self::drawn_on(ProgressDrawTarget::stderr()) } else { Self::silent() }
    }

    fn drawn_on(target: ProgressDrawTarget) -> Self {
        let style = ProgressStyle::with_template(TEMPLATE).unwrap_or_else(|_| ProgressStyle::default_bar());
        let bar = ProgressBar::with_draw_target(Some(0), target).with_style(style.progress_chars("━╸─"));
        let (news, listen) = mpsc::channel();
        let copy = bar.clone();
        match thread::Builder::new().spawn(move || paint(&copy, &listen)) {
            Ok(painter) => Self { live: Some(Live { bar, news: Some(news), painter: Some(painter) }) },
            // Results do not depend on it.
            Err(_) => Self::silent(),
        }
    }

    pub(crate) fn record(&mut self, event: &Event) {
        let Some(live) = &mut self.live else { return };
        match event {
            Event::Planned(planned) => live.bar.set_length(planned.snippets as u64),
            Event::Running { path, line } => live.tell(News::Started { path: path.clone(), line: *line }),
            Event::Judged(judged) => live.judged(judged),
            Event::Finished(_) => self.live = None,
            Event::Problem(_)
            | Event::Accepted { .. }
            | Event::Orphaned { .. }
            | Event::Unread { .. }
            | Event::DocumentBegins { .. }
            | Event::DocumentOver { .. }
            | Event::Interrupted
            | Event::Note(_) => {}
        }
    }

    /// Clears the screen for as long as `write` needs it.
    pub(crate) fn aside<T>(&self, write: impl FnOnce() -> T) -> T {
        match &self.live {
            Some(live) => live.bar.suspend(write),
            None => write(),
        }
    }
}

impl Live {
    fn judged(&self, judged: &Judged) {
        let failed = match judged.verdict {
            Verdict::Skipped => return,
            Verdict::Failed => 1,
            Verdict::Passed | Verdict::Unreviewed => 0,
        };
        let path = judged.path.clone();
        self.tell(News::Ended { path, first: judged.location.start, last: judged.location.end, failed });
    }

    fn tell(&self, news: News) {
        if let Some(sender) = &self.news {
            // The painter ends only after this sender is gone.
            let _ = sender.send(news);
        }
    }
}

impl Drop for Live {
    fn drop(&mut self) {
        self.news = None;
        if let Some(painter) = self.painter.take() {
            // A painter that panicked has nothing left to draw.
            let _ = painter.join();
        }
        self.bar.finish_and_clear();
    }
}

fn paint(bar: &ProgressBar, news: &Receiver<News>) {
    let mut running: Vec<Running> = Vec::new();
    let mut failed = 0;
    loop {
        let starting = running.is_empty() && bar.position() == 0;
        bar.set_message(if starting { "starting".to_owned() } else { message(&running, failed) });
        bar.tick();
        match news.recv_timeout(TICK) {
            Ok(first) => {
                for one in std::iter::once(first).chain(news.try_iter()) {
                    failed += take_in(one, &mut running, bar);
                }
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return,
        }
    }
}

fn take_in(news: News, running: &mut Vec<Running>, bar: &ProgressBar) -> usize {
    match news {
        News::Started { path, line } => {
            running.retain(|other| other.path != path);
            running.push(Running { path, line, since: Instant::now() });
            0
        }
        News::Ended { path, first, last, failed } => {
            running.retain(|other| other.path != path || !(first..=last).contains(&other.line));
            bar.inc(1);
            failed
        }
    }
}

/// What has run longest comes first: it survives where the terminal is narrow.
fn message(running: &[Running], failed: usize) -> String {
    let failed = if failed > 0 { format!("{failed} failed  ") } else { String::new() };
    let running: Vec<String> = running
        .iter()
        .map(|Running { path, line, since }| {
            format!("{} {:.1}s", place(path.as_str(), line), since.elapsed().as_secs_f64())
        })
        .collect();
    failed + &running.join("  ")
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::sync::mpsc::{Sender, channel};
    use std::time::{Duration, Instant};

    use indicatif::{ProgressDrawTarget, TermLike};

    use super::Progress;
    use crate::event::Event;
    use crate::model::policy::Tier;
    use crate::model::snippet::{DocumentPath, Line};
    use crate::report::sample;

    /// Sends what is drawn.
    #[derive(Debug)]
    struct Screen(Sender<String>);

    impl TermLike for Screen {
        fn width(&self) -> u16 {
            80
        }
        fn move_cursor_up(&self, _: usize) -> io::Result<()> {
            Ok(())
        }
        fn move_cursor_down(&self, _: usize) -> io::Result<()> {
            Ok(())
        }
        fn move_cursor_right(&self, _: usize) -> io::Result<()> {
            Ok(())
        }
        fn move_cursor_left(&self, _: usize) -> io::Result<()> {
            Ok(())
        }
        fn write_line(&self, text: &str) -> io::Result<()> {
            self.write_str(text)
        }
        fn write_str(&self, text: &str) -> io::Result<()> {
            self.0.send(text.to_owned()).map_err(io::Error::other)
        }
        fn clear_line(&self) -> io::Result<()> {
            Ok(())
        }
        fn flush(&self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn what_runs_is_named_until_it_is_judged() {
        let (screen, drawn) = channel();
        let mut progress = Progress::drawn_on(ProgressDrawTarget::term_like(Box::new(Screen(screen))));
        let wait_for = |wanted: &str| {
            let deadline = Instant::now() + Duration::from_secs(10);
            while !drawn
                .recv_timeout(deadline - Instant::now())
                .expect("it is drawn in time")
                .contains(wanted)
            {}
        };
        wait_for("0/0  starting");
        progress.record(&sample::planned(Tier::A));
        for path in ["docs/guide.md", "docs/\x1b.md"] {
            progress.record(&Event::Running { path: DocumentPath(path.to_owned()), line: Line(5) });
        }
        wait_for("0/12  docs/guide.md:5 0.");
        progress.record(&sample::event(sample::raised()));
        wait_for("1/12  1 failed  docs/\\x1b.md:5 ");
        progress.record(&sample::finished(false));
        while let Ok(text) = drawn.try_recv() {
            assert!(!text.contains('\x1b'), "{text:?}");
        }
    }
}
