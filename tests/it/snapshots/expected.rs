//! Checkouts that try to make the runner write outside of them, or lose a snapshot.

use std::fs::{self, File};
use std::os::unix::fs::symlink;
use std::process::Command;

use nix::sys::stat::Mode;
use nix::unistd::mkfifo;

use crate::project::{EXECUTABLE, Project, document};

const HOME: &str = "expected/a.md/top-1.snap";
const WAITING: &str = "expected/a.md/top-1.snap.new";
const HINT: &str = "move it away: snapshots are plain files in plain folders";

/// An accepted snapshot, and a folder outside that holds what looks like one.
fn project() -> Project {
    let project = Project::new(&[("a.md", &document(&["print('one')"]))]);
    project.run(&["accept", "a.md"]);
    project.write("a.md", document(&["print('two')"]));
    fs::create_dir_all(project.home().join("elsewhere/a.md")).unwrap();
    fs::copy(project.path(HOME), project.home().join("elsewhere/a.md/top-1.snap")).unwrap();
    project
}

fn elsewhere(project: &Project) -> Vec<String> {
    let mut names = Vec::new();
    let mut open = vec![project.home().join("elsewhere")];
    while let Some(folder) = open.pop() {
        for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if path.is_dir() {
                open.push(path.clone());
            }
            names.push(format!("{} {:?}", path.display(), fs::read_to_string(&path).ok()));
        }
    }
    names
}

#[track_caller]
fn refused(project: &Project, path: &str, message: &str) {
    let (outside, files) = (elsewhere(project), project.files());
    for arguments in [
        &["run", "a.md"][..],
        &["run", "--check", "a.md"],
        &["accept", "a.md"],
        &["accept", "--prune", "a.md"],
    ] {
        let run = project.run(arguments);
        assert_eq!((run.code, &*run.stderr), (1, ""), "{arguments:?}: {}", run.stdout);
        let problem = format!("error: {message}\n  --> {path}\n  hint: {HINT}\n");
        assert_eq!(run.stdout.matches(&problem).count(), 1, "{arguments:?}: {}", run.stdout);
        assert_eq!(elsewhere(project), outside, "{arguments:?}");
        assert_eq!(project.files(), files, "{arguments:?}");
    }
}

#[test]
fn folders_of_snapshots_are_no_links() {
    for (link, target) in [("expected", "../elsewhere"), ("expected/a.md", "../../elsewhere/a.md")] {
        let project = project();
        fs::remove_dir_all(project.path(link)).unwrap();
        symlink(target, project.path(link)).unwrap();
        refused(&project, link, &format!("expected a folder, but `{link}` is a symbolic link"));
        let run = project.run(&["reject", "a.md"]);
        assert_eq!(run.stdout, "");
        assert_eq!(elsewhere(&project).len(), 2);
    }
}

#[test]
fn snapshots_are_files() {
    for (name, make) in [
        ("symbolic link", (|project| symlink("/etc/passwd", project.path(HOME)).unwrap()) as fn(&Project)),
        ("special file", |project| mkfifo(&project.path(HOME), Mode::S_IRWXU).unwrap()),
        ("folder", |project| project.write(&format!("{HOME}/inner"), "")),
    ] {
        let project = project();
        fs::remove_file(project.path(HOME)).unwrap();
        make(&project);
        refused(&project, HOME, &format!("expected a file, but `{HOME}` is a {name}"));
    }
}

#[test]
fn giant_snapshots_are_not_read() {
    let project = project();
    File::create(project.path(HOME)).unwrap().set_len(20 << 30).unwrap();
    let run = project.json(&["a.md"]);
    let hint = "hint restore it from version control, or write it anew with `snipcheck accept`";
    let unread = "failed completed | stdout two⏎ | - its snapshot `expected/a.md/top-1.snap` cannot be read";
    run.tells(&[&format!("problem {HOME} cannot read the snapshot: longer than 64 MiB | {hint}"), unread]);
    assert_eq!(run.code, 1);
    project.run(&["accept", "a.md"]);
    assert!(project.read(HOME).ends_with("two\n"));
}

#[test]
fn what_waits_for_a_review_is_not_written_through_a_link() {
    let project = project();
    let victim = project.home().join("victim");
    fs::write(&victim, "mine").unwrap();
    symlink(&victim, project.path(WAITING)).unwrap();
    let run = project.run(&["run", "a.md"]);
    assert!(
        run.stdout.contains(&format!("expected a file, but `{WAITING}` is a symbolic link")),
        "{}",
        run.stdout
    );
    assert_eq!(run.code, 1);
    // The link goes, what it leads to stays.
    project.run(&["reject"]).assert(0, &format!("rejected {WAITING}\n"), "");
    assert_eq!(fs::read_to_string(&victim).unwrap(), "mine");
    assert_eq!(project.run(&["run", "a.md"]).code, 1);
    assert!(project.read(WAITING).ends_with("two\n"));
}

/// As on a full disk: there is room for a part of the new one.
#[test]
fn a_write_that_breaks_off_leaves_the_old_snapshot_whole() {
    let project = project();
    let (old, files) = (project.read(HOME), project.files());
    project.write("a.md", document(&["print('two' * 1000)"]));
    let script = r#"trap "" XFSZ; ulimit -S -f 1; exec "$0" accept a.md"#;
    let output = Command::new("sh")
        .args(["-c", script, &*EXECUTABLE])
        .current_dir(project.root())
        .env_clear()
        .env("PATH", crate::project::search_path())
        .env("HOME", project.home())
        .output()
        .unwrap();
    let stdout = String::from_utf8(output.stdout).unwrap();
    assert!(
        stdout.contains(&format!("error: cannot write `{HOME}`: File too large (os error 27)")),
        "{stdout}"
    );
    assert_eq!(output.status.code(), Some(1));
    assert_eq!((project.read(HOME), project.files()), (old, files));
}
