//! The questions in their order, and what each key does.

use std::io;
use std::path::PathBuf;

use crate::document::Options;
use crate::model::problem::Problem;
use crate::model::snippet::{DocumentPath, Line};
use crate::report::{self, Color, counted};
use crate::review::decisions::Decisions;
use crate::review::item::{Decision, Item, Subject};
use crate::review::rows::{Row, rows};
use crate::review::screen::{Layout, View};
use crate::review::terminal::{Key, Terminal};

/// The keys below a question, in lines that fit on 80 columns.
const KEYS: [&str; 2] = [
    "a accept  c correct the document  r reject  s skip  e edit",
    "u undo  b back  v side by side or not  ? help  q quit",
];

const NOTHING_LEFT: [&str; 2] = ["u undo the last decision  b back", "q quit"];

const HELP: [&str; 16] = [
    "a   accept: what comes out is the snapshot from now on",
    "c   correct: what came out is written into the document, in the form that it has there",
    "r   reject: the output is wrong; it is thrown away, and snapshot and document stay",
    "s   skip: decide later",
    "e   edit: opens the document at the line in $VISUAL or $EDITOR, then runs it again",
    "",
    "u   undo: takes back the decision about what is shown, else the last one",
    "b   back: shows the question before",
    "v   view: changes below each other, or side by side",
    "↑ ↓ scroll, also j and k, page up and page down",
    "q   quit: what is decided stays decided",
    "",
    "Each decision is written at once, and whole. Keys that are pressed before a question is",
    "on the screen do not answer it.",
    "",
    "Any key goes back.",
];

/// How a round of questions came to its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    /// The person at the terminal wants to stop.
    Quit,
    /// Ctrl-C, or the wish of somebody else.
    Interrupted,
    /// A document is to be edited at a line of its present text.
    Edit(DocumentPath, Line),
}

/// Everything that waits, and what has been decided about it.
#[derive(Debug)]
pub(crate) struct Review {
    items: Vec<Item>,
    at: usize,
    /// The items about which something was decided, the last one last.
    history: Vec<usize>,
    decisions: Decisions,
    layout: Layout,
    scroll: usize,
    message: String,
    color: Color,
}

impl Review {
    pub(crate) fn new(items: Vec<Item>, root: PathBuf, options: Options, color: Color) -> Self {
        Self {
            items,
            at: 0,
            history: Vec::new(),
            decisions: Decisions::new(root, options),
            layout: Layout::default(),
            scroll: 0,
            message: String::new(),
            color,
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// How many items nobody has decided about.
    pub(crate) fn waiting(&self) -> usize {
        self.items.iter().filter(|item| item.waits()).count()
    }

    /// What was decided, in words: `2 accepted, 1 skipped`.
    pub(crate) fn tally(&self) -> String {
        let all = [Decision::Accepted, Decision::Corrected, Decision::Rejected, Decision::Skipped];
        let count = |decision| self.items.iter().filter(|item| item.decision == Some(decision)).count();
        let mut parts: Vec<String> = all
            .into_iter()
            .filter(|decision| count(*decision) > 0)
            .map(|decision| format!("{} {}", count(decision), decision.name()))
            .collect();

        let unseen = self.items.iter().filter(|item| item.decision.is_none()).count();
        if unseen > 0 || parts.is_empty() {
            parts.push(format!("{unseen} undecided"));
        }
        parts.join(", ")
    }

    /// Something to say before the next question.
    pub(crate) fn say(&mut self, message: String) {
        self.message = message;
    }

    /// What waits in a document that was read anew, in the place of what waited there before.
    pub(crate) fn replace(&mut self, path: &DocumentPath, new: Vec<Item>) {
        self.decisions.forget(path);
        let before = self.items.iter().take(self.at).filter(|item| item.path != *path).count();
        let first = self.items.iter().position(|item| item.path == *path).unwrap_or(self.items.len());
        let at_document = self.items.iter().take(first).filter(|item| item.path != *path).count();

        // What was decided about the document before cannot be taken back any more: its lines are others now. What stands
        // behind it moves.
        let (count, items) = (new.len(), &self.items);
        let moved = |index: usize| {
            let others = items.iter().take(index).filter(|item| item.path != *path).count();
            if others < at_document { others } else { others + count }
        };
        let kept = self.history.iter().filter(|index| items[**index].path != *path);
        self.history = kept.map(|index| moved(*index)).collect();
        self.items.retain(|item| item.path != *path);
        self.items.splice(at_document..at_document, new);
        self.at = if count > 0 { at_document } else { before };
        self.scroll = 0;
    }

    /// Asks until somebody wants to stop, or to edit.
    pub(crate) fn ask(&mut self, terminal: &Terminal) -> io::Result<Ending> {
        let mut is_new = true;
        loop {
            let rows = self.rows();
            if is_new {
                // The keys appear as soon as they count.
                Terminal::clear()?;
                self.draw(&rows, &["", ""])?;
                if Terminal::discard_typed()? == Key::Interrupt {
                    return Ok(Ending::Interrupted);
                }
            }
            self.draw(&rows, self.keys())?;

            let key = terminal.key()?;
            is_new = false;
            match key {
                Key::Interrupt => return Ok(Ending::Interrupted),
                Key::Letter('q') => return Ok(Ending::Quit),
                Key::Letter('?' | 'h') => {
                    self.help(terminal)?;
                    is_new = true;
                }
                Key::Letter('v') => {
                    self.layout = self.layout.other();
                    is_new = true;
                }
                Key::Up | Key::Letter('k') => self.scroll = self.scroll.saturating_sub(1),
                Key::Down | Key::Letter('j') => self.scroll_down(&rows, 1),
                Key::PageUp => self.scroll = self.scroll.saturating_sub(self.page(&rows)),
                Key::PageDown => self.scroll_down(&rows, self.page(&rows)),
                Key::Letter('e') => match self.items.get(self.at) {
                    Some(item) => {
                        return Ok(Ending::Edit(item.path.clone(), self.decisions.line_now(item)));
                    }
                    None => "there is nothing to edit here".clone_into(&mut self.message),
                },
                Key::Letter('b') => {
                    self.message.clear();
                    is_new = self.go(self.at.saturating_sub(1));
                }
                Key::Letter('u') => is_new = self.undo(),
                Key::Letter('a') => is_new = self.decide(Decision::Accepted),
                Key::Letter('c') => is_new = self.decide(Decision::Corrected),
                Key::Letter('r') => is_new = self.decide(Decision::Rejected),
                Key::Letter('s') if self.is_decided() => is_new = self.go_on(),
                Key::Letter('s') => is_new = self.decide(Decision::Skipped),
                Key::Resize => {}
                Key::Letter(_) | Key::Enter | Key::Backspace | Key::Escape | Key::Other => {
                    "no key of these; `?` says what each of them does".clone_into(&mut self.message);
                }
            }
        }
    }

    /// Makes a decision about what is shown. Returns whether another question is shown now.
    fn decide(&mut self, decision: Decision) -> bool {
        let Some(item) = self.items.get_mut(self.at) else {
            "nothing is left to decide".clone_into(&mut self.message);
            return false;
        };
        if let Some(made) = item.decision.filter(|made| *made != Decision::Skipped) {
            self.message = format!("it is {} already: `u` takes that back", made.name());
            return false;
        }
        if let Some(refusal) = item.refusal(decision) {
            refusal.clone_into(&mut self.message);
            return false;
        }
        if let Err(problem) = self.decisions.make(item, decision) {
            self.message = told(&problem);
            return false;
        }

        item.decision = Some(decision);
        self.message = format!("{} {}:{}", decision.name(), report::path(item.path.as_str()), item.line);
        self.history.retain(|index| *index != self.at);
        self.history.push(self.at);

        self.go_on()
    }

    /// Goes to the next question that is open.
    fn go_on(&mut self) -> bool {
        let later = self.items.iter().enumerate().skip(self.at + 1);
        let next = later.filter(|(_, item)| item.decision.is_none()).map(|(index, _)| index).next();
        self.go(next.unwrap_or(self.items.len()))
    }

    /// Whether what is shown was decided before, and nothing is left to decide about it.
    fn is_decided(&self) -> bool {
        let decision = self.items.get(self.at).and_then(|item| item.decision);
        decision.is_some_and(|decision| decision != Decision::Skipped)
    }

    /// Takes back the decision about what is shown, else the last one. Returns whether another question is shown now.
    fn undo(&mut self) -> bool {
        let here = Some(self.at).filter(|at| self.history.contains(at));
        let Some(index) = here.or_else(|| self.history.last().copied()) else {
            "nothing has been decided yet".clone_into(&mut self.message);
            return false;
        };
        let Some(item) = self.items.get_mut(index) else { return false };
        let Some(decision) = item.decision else { return false };

        if let Err(problem) = self.decisions.undo(item, decision) {
            self.message = told(&problem);
            return false;
        }
        item.decision = None;
        self.history.retain(|other| *other != index);
        self.message = format!("no longer {}", decision.name());
        self.go(index)
    }

    fn go(&mut self, index: usize) -> bool {
        let is_other = index != self.at;
        self.at = index;
        self.scroll = 0;
        is_other
    }

    fn rows(&mut self) -> Vec<Row> {
        let Some(item) = self.items.get(self.at) else {
            let done = format!("{}: {}", counted(self.items.len(), "question"), self.tally());
            return vec![Row::Heading("That was all.".to_owned()), Row::Heading(done)];
        };
        let hunks = match &item.subject {
            Subject::Claim { correction: Some(correction), .. } => self.decisions.preview(item, correction),
            Subject::Claim { correction: None, .. } | Subject::Snapshot(_) | Subject::Fence { .. } => {
                Ok(Vec::new())
            }
        };
        let hunks = hunks.unwrap_or_else(|problem| {
            self.message = told(&problem);
            Vec::new()
        });
        rows(item, &hunks)
    }

    fn keys(&self) -> &'static [&'static str] {
        if self.at < self.items.len() { &KEYS } else { &NOTHING_LEFT }
    }

    fn view<'a>(&'a self, rows: &'a [Row], keys: &'a [&'a str]) -> View<'a> {
        let (title, subtitle) = match self.items.get(self.at) {
            Some(item) => {
                let id = item.id.as_ref().map(|id| report::path(&id.0).into_owned()).unwrap_or_default();
                let place = report::path(item.path.as_str());
                let decided = item.decision.map_or_else(String::new, |made| format!(", {}", made.name()));
                let of = format!("{} of {}", self.at + 1, self.items.len());
                (format!("{of}  {place}:{}  {}{decided}", item.line, item.kind()), id)
            }
            None => ("snipcheck review".to_owned(), String::new()),
        };
        View {
            title,
            subtitle,
            rows,
            layout: self.layout,
            scroll: self.scroll,
            message: &self.message,
            keys,
            color: self.color,
        }
    }

    fn draw(&self, rows: &[Row], keys: &[&str]) -> io::Result<()> {
        Terminal::draw(&self.view(rows, keys).lines(Terminal::size()))
    }

    fn scroll_down(&mut self, rows: &[Row], count: usize) {
        let end = self.view(rows, self.keys()).end(Terminal::size());
        self.scroll = (self.scroll + count).min(end);
    }

    fn page(&self, rows: &[Row]) -> usize {
        self.view(rows, self.keys()).room(Terminal::size())
    }

    /// Shows what the keys do, until one is pressed.
    fn help(&mut self, terminal: &Terminal) -> io::Result<()> {
        self.message.clear();
        let rows: Vec<Row> = HELP.iter().map(|line| Row::Heading((*line).to_owned())).collect();
        loop {
            let view = View {
                title: "snipcheck review".to_owned(),
                subtitle: String::new(),
                layout: Layout::Unified,
                scroll: 0,
                ..self.view(&rows, &[])
            };
            Terminal::draw(&view.lines(Terminal::size()))?;
            if terminal.key()? != Key::Resize {
                return Ok(());
            }
        }
    }
}

/// A problem on one line.
fn told(problem: &Problem) -> String {
    let place = match problem.line {
        Some(line) => format!("{}:{line}", problem.path),
        None => problem.path.clone(),
    };
    let words = format!("{}: {}", report::path(&place), report::harmless(&problem.message));
    words.lines().next().unwrap_or_default().to_owned()
}
