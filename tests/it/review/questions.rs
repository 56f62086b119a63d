//! What each key does, and what the screen shows.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use nix::sys::signal::{Signal, kill};

use crate::project::Project;
use crate::terminal::Session;

pub(super) const SNAP: &str = "expected/tea.md/brew-1.snap";
pub(super) const NEW: &str = "expected/tea.md/brew-1.snap.new";
const WIDE: (u16, u16) = (80, 24);
/// The last of the keys: they appear when a question can be answered.
pub(super) const READY: &str = "q quit";

const ACCEPTED: &str =
    "# Brew\n\n```python\nprint('green tea')\n```\n\n# Sums\n\n```python\n1 + 1  # 2\n2 + 2  # 4\n```\n";

/// An output that has changed, two sums that are wrong, and a block that looks like code.
pub(super) fn kettle() -> Project {
    let project = Project::new(&[("tea.md", ACCEPTED)]);
    assert_eq!(project.run(&["accept", "tea.md:4"]).code, 0);
    let text = ACCEPTED.replace("green", "black").replace("# 2", "# 3").replace("# 4", "# 5");
    project.write("tea.md", text + "\n```pyhton\nprint('typo')\n```\n");
    project
}

pub(super) fn review(project: &Project, words: &[&str], size: (u16, u16)) -> Session {
    let mut call = project.call(&[&["review", "--color", "never"], words].concat());
    Session::start(call.command(), size)
}

#[test]
fn an_output_is_accepted_and_taken_back() {
    let project = kettle();
    let before = project.read(SNAP);
    let mut session = review(&project, &["tea.md"], WIDE);
    session.wait_for(&["1 of 4  tea.md:4  changed output", "- green tea", "+ black tea", READY]);
    session.press("a");
    session.wait_for(&["2 of 4  tea.md:10", "accepted tea.md:4", READY]);
    assert!(project.read(SNAP).ends_with("\nblack tea\n") && !project.path(NEW).exists());

    session.press("u");
    session.wait_for(&["1 of 4", "no longer accepted", READY]);
    assert_eq!(project.read(SNAP), before);
    assert!(project.read(NEW).ends_with("\nblack tea\n"));

    session.press("r");
    session.wait_for(&["2 of 4", "rejected tea.md:4", READY]);
    assert!(project.read(SNAP) == before && !project.path(NEW).exists());
    session.press("q");
    let end = session.finish();
    assert!(end.is_restored && end.text.contains("1 rejected, 3 undecided"), "{}", end.text);
    assert_eq!(end.code, 1);
}

#[test]
fn words_of_the_document_are_corrected_one_by_one() {
    let project = kettle();
    let before = project.read("tea.md");
    let mut session = review(&project, &["tea.md:10"], WIDE);
    let shown = session.wait_for(&["1 of 2  tea.md:10  the document says otherwise", READY]);
    assert!(shown.contains("   10 - 1 + 1  # 3\n      + 1 + 1  # 2"), "{shown}");
    session.press("c");
    session.wait_for(&["2 of 2  tea.md:11", "corrected tea.md:10", READY]);
    assert_eq!(project.read("tea.md"), before.replace("# 3", "# 2"));

    session.press("c");
    session.wait_for(&["That was all.", "2 corrected", READY]);
    assert_eq!(project.read("tea.md"), before.replace("# 3", "# 2").replace("# 5", "# 4"));

    session.press("b");
    session.wait_for(&["2 of 2", READY]);
    session.press("b");
    session.wait_for(&["1 of 2", READY]);
    session.press("u");
    session.wait_for(&["1 of 2", "no longer corrected"]);
    assert_eq!(project.read("tea.md"), before.replace("# 5", "# 4"));
    session.press("a");
    session.wait_for(&["no snapshot waits here"]);
    session.press("r");
    session.wait_for(&["That was all.", READY]);
    session.press("q");
    let end = session.finish();
    assert!(end.code == 0 && end.text.contains("1 corrected, 1 rejected"), "{}", end.text);
}

#[test]
fn keys_that_were_typed_ahead_answer_nothing() {
    let project = kettle();
    let mut session = review(&project, &["tea.md"], WIDE);
    // Before there is a question at all, and several for one.
    session.press("aaaaaacccrrrr");
    session.wait_for(&["1 of 4", READY]);
    assert!(project.path(NEW).exists());
    session.press("acrccc");
    session.wait_for(&["2 of 4", READY]);
    assert_eq!(project.read("tea.md").matches("# 3").count(), 1);
    session.press("q");
    let end = session.finish();
    assert!(end.text.contains("1 accepted, 3 undecided"), "{}", end.text);
}

#[test]
fn views_sizes_and_help() {
    let project = kettle();
    let mut session = review(&project, &["tea.md"], WIDE);
    session.wait_for(&["1 of 4", READY]);
    session.press("v");
    session.wait_for(&[&format!("{:<38} │ + black tea", "      - green tea")]);
    session.resize(40, 12);
    let shown = session.wait_for(&["lines 1 to 5 of", "c correct the document"]);
    assert!(shown.lines().all(|line| line.chars().count() <= 40), "{shown}");
    session.press("j");
    session.wait_for(&["lines 2 to 6 of"]);
    session.resize(100, 30);
    session.wait_for(&["1 of 4", "─".repeat(100).as_str()]);
    session.press("?");
    session.wait_for(&["a   accept:", "Any key goes back."]);
    session.press("x");
    session.wait_for(&["1 of 4", READY]);
    session.press("q");
    assert_eq!(session.finish().code, 1);
}

#[test]
fn an_editor_opens_at_the_line_and_the_document_runs_again() {
    let project = kettle();
    let editor = project.home().join("editor");
    fs::write(&editor, "#!/bin/sh\necho \"$@\" > \"$HOME/told\"\nsed -i '1i new words' \"$2\"\n").unwrap();
    fs::set_permissions(&editor, fs::Permissions::from_mode(0o755)).unwrap();
    let vi = project.home().join("vi");
    fs::rename(&editor, &vi).unwrap();

    let mut call = project.call(&["review", "--color", "never", "tea.md:10"]);
    call.command().env("EDITOR", format!("'{}'", vi.display()));
    let mut session = Session::start(call.command(), WIDE);
    // It has the terminal open, too.
    drop(call);
    session.wait_for(&["1 of 2  tea.md:10", READY]);
    session.press("c");
    session.wait_for(&["2 of 2  tea.md:11", READY]);
    session.press("e");
    session.wait_for(&["1 of 3  tea.md:5", "tea.md ran again: 3 questions there", READY]);
    let told = fs::read_to_string(project.home().join("told")).unwrap();
    assert_eq!(told, format!("+11 {}\n", project.path("tea.md").display()));
    session.press("q");
    session.finish();
}

#[test]
fn control_characters_are_spelt_out() {
    let project = Project::document(&["print('\\x1b[2J\\u202eevil\\x07')"]);
    let mut session = review(&project, &["--snapshots", "required", "a.md"], WIDE);
    let shown = session.wait_for(&["new output", READY]);
    assert!(shown.contains("+ \\u{1b}[2J\\u{202e}evil\\u{7}"), "{shown}");
    session.press("q");
    session.finish();
}

#[test]
fn the_terminal_comes_back_whatever_ends_it() {
    for signal in [None, Some(Signal::SIGINT), Some(Signal::SIGTERM)] {
        let project = kettle();
        let mut session = review(&project, &["tea.md"], WIDE);
        assert!(session.is_cooked());
        session.wait_for(&["1 of 4", READY]);
        assert!(!session.is_cooked());
        match signal {
            None => session.press("\x03"),
            Some(signal) => kill(session.pid(), signal).unwrap(),
        }
        let end = session.finish();
        assert!(end.is_restored && end.code == 130, "{signal:?}: {} {}", end.code, end.text);
        assert!(project.path(NEW).exists());
    }
}

#[test]
fn a_document_that_somebody_else_changes_stays_theirs() {
    let project = kettle();
    let mut session = review(&project, &["tea.md:10"], WIDE);
    session.wait_for(&["1 of 2", READY]);
    let theirs = project.read("tea.md") + "theirs\n";
    project.write("tea.md", &theirs);
    session.press("c");
    session.wait_for(&["changed since its snippets ran"]);
    assert_eq!(project.read("tea.md"), theirs);
    session.press("q");
    session.finish();
}

#[test]
fn without_a_terminal_one_sentence_says_what_to_do() {
    let run = kettle().run(&["review"]);
    run.assert(
        2,
        "",
        "error: `snipcheck review` asks at a terminal, and this is none\n  hint: `snipcheck pending` shows what waits; \
         `accept`, `reject` and `update --yes` take ids, lines and `-k`\n",
    );
}

#[test]
fn nothing_to_review_is_said() {
    let project = Project::document(&["1 + 1  # 2"]);
    let end = review(&project, &["a.md"], WIDE).finish();
    assert!(end.code == 0 && end.text.contains("nothing waits for a review"), "{}", end.text);
}
