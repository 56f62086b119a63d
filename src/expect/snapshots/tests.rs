//! Every state of a snapshot on the disk.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::Path;

use tempfile::TempDir;

use crate::config::{Claims, Snapshots};
use crate::expect::snapshots::document::Review;
use crate::expect::test_data::{completed, ended, printed, raised, snippet};
use crate::expect::{Record, Recorded, Scope, SnapshotStore, StoreOptions, pending, reject};
use crate::model::outcome::{Ending, Outcome};
use crate::model::reason::Reason;
use crate::model::snippet::{DocumentPath, Snippet};
use crate::model::verdict::Verdict::{Failed, Passed, Unreviewed};

const ACCEPT: Record = Record::Accept { errors: false, prune: false };
const PRUNE: Record = Record::Accept { errors: false, prune: true };
const ERRORS: Record = Record::Accept { errors: true, prune: false };
const HOME: &str = "expected/docs/a.md/one-1.snap";
const WAITING: &str = "expected/docs/a.md/one-1.snap.new";

struct Project {
    folder: TempDir,
    snapshots: Snapshots,
}

impl Project {
    fn new(snapshots: Snapshots) -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("docs")).unwrap();
        fs::write(folder.path().join("docs/a.md"), "").unwrap();
        Self { folder, snapshots }
    }

    fn root(&self) -> &Path {
        self.folder.path()
    }

    fn open(&self, record: Record) -> SnapshotStore {
        let options = StoreOptions {
            root: self.root(),
            snapshots: self.snapshots,
            claims: Claims::Check,
            redactions: &[],
            record,
            python: None,
            settled: BTreeSet::new(),
        };
        SnapshotStore::open(options).unwrap()
    }

    #[track_caller]
    fn review(&self, record: Record, snippet: &Snippet, outcome: &Outcome) -> Review {
        self.open(record).document(&snippet.path, &[snippet]).review(snippet, outcome, Vec::new())
    }

    fn orphans(&self, record: Record, snippets: &[&Snippet]) -> (Vec<String>, Vec<String>) {
        let orphans = self.open(record).document(&one().path, snippets).orphans();
        assert_eq!(orphans.problems, []);
        (orphans.left, orphans.removed)
    }

    /// Every file below `expected/`.
    fn files(&self) -> Vec<String> {
        let mut files = Vec::new();
        let mut open = vec!["expected".to_owned()];
        while let Some(folder) = open.pop() {
            for entry in fs::read_dir(self.root().join(&folder)).into_iter().flatten() {
                let entry = entry.unwrap();
                let name = format!("{folder}/{}", entry.file_name().into_string().unwrap());
                if entry.file_type().unwrap().is_dir() { open.push(name) } else { files.push(name) }
            }
        }
        files.sort();
        files
    }
}

fn one() -> Snippet {
    snippet("docs/a.md", "one-1", "print(1)\n")
}

#[test]
fn new_output_waits_for_a_review_where_one_is_required() {
    let project = Project::new(Snapshots::Required);
    let review = project.review(Record::Never, &one(), &printed("1\n"));
    assert_eq!((review.judgment.verdict, review.recorded), (Unreviewed, Recorded::Nothing));
    assert!(project.files().is_empty());

    let review = project.review(Record::Pending, &one(), &printed("1\n"));
    assert_eq!((review.judgment.verdict, review.recorded), (Unreviewed, Recorded::Pending));
    assert_eq!(project.files(), [WAITING]);
    let waiting = pending(project.root()).unwrap();
    assert_eq!(waiting[0].document, Some(DocumentPath("docs/a.md".to_owned())));

    let review = project.review(ACCEPT, &one(), &printed("1\n"));
    assert_eq!((review.judgment.verdict, review.recorded), (Passed, Recorded::Accepted));
    assert_eq!(review.judgment.difference, None);
    assert_eq!(project.files(), [HOME]);
    let metadata = fs::metadata(project.root().join(HOME)).unwrap();
    assert_eq!(metadata.permissions().mode() & 0o600, 0o600);

    let review = project.review(Record::Pending, &one(), &printed("1\n"));
    assert_eq!((review.judgment.verdict, review.recorded), (Passed, Recorded::Nothing));
    let review = project.review(ACCEPT, &one(), &printed("1\n"));
    assert_eq!(review.recorded, Recorded::Nothing);
    assert_eq!(fs::metadata(project.root().join(HOME)).unwrap().ino(), metadata.ino());
}

#[test]
fn optional_snapshots_leave_no_trace_until_accepted() {
    let project = Project::new(Snapshots::Optional);
    let review = project.review(Record::Pending, &one(), &printed("1\n"));
    assert_eq!((review.judgment.verdict, review.recorded), (Passed, Recorded::Nothing));
    assert!(project.files().is_empty());
    assert_eq!(project.review(ACCEPT, &one(), &printed("1\n")).recorded, Recorded::Accepted);
}

#[test]
fn a_change_is_pending_until_it_is_gone() {
    let project = Project::new(Snapshots::Optional);
    project.review(ACCEPT, &one(), &printed("1\n"));
    let review = project.review(Record::Never, &one(), &printed("2\n"));
    assert_eq!((review.judgment.verdict, review.recorded), (Failed, Recorded::Nothing));
    let review = project.review(Record::Pending, &one(), &printed("2\n"));
    assert_eq!((review.judgment.verdict, review.recorded), (Failed, Recorded::Pending));
    assert_eq!(project.files(), [HOME, WAITING]);

    project.review(Record::Never, &one(), &printed("1\n"));
    assert_eq!(project.files(), [HOME, WAITING]);
    project.review(Record::Pending, &one(), &ended(Ending::NotRun, None));
    assert_eq!(project.files(), [HOME, WAITING]);
    project.review(Record::Pending, &one(), &printed("1\n"));
    assert_eq!(project.files(), [HOME]);

    project.review(Record::Pending, &one(), &printed("2\n"));
    reject(project.root(), &pending(project.root()).unwrap()).unwrap();
    assert_eq!(project.files(), [HOME]);
}

#[test]
fn exceptions_need_a_word() {
    let project = Project::new(Snapshots::Required);
    let outcome = raised("KeyError", "'b'");
    assert_eq!(project.review(Record::Pending, &one(), &outcome).recorded, Recorded::Nothing);
    assert_eq!(project.review(ACCEPT, &one(), &outcome).recorded, Recorded::NeedsErrors);
    assert!(project.files().is_empty());
    assert_eq!(project.review(ERRORS, &one(), &outcome).recorded, Recorded::Accepted);
    assert_eq!(project.review(Record::Never, &one(), &outcome).judgment.verdict, Passed);
    assert_eq!(project.review(Record::Never, &one(), &raised("KeyError", "'c'")).judgment.verdict, Failed);

    let project = Project::new(Snapshots::Required);
    let mut announced = one();
    announced.directives.raises = Some("LookupError".to_owned());
    let mut outcome = outcome;
    outcome.exception.as_mut().unwrap().bases.push("LookupError".to_owned());
    assert_eq!(project.review(ACCEPT, &announced, &outcome).recorded, Recorded::Accepted);
    let outcome = ended(Ending::TimedOut, None);
    assert_eq!(project.review(ERRORS, &one(), &outcome).recorded, Recorded::Refused);
}

#[test]
fn broken_snapshots_fail_until_accepted_anew() {
    let project = Project::new(Snapshots::Optional);
    project.review(ACCEPT, &one(), &printed("1\n"));
    fs::write(project.root().join(HOME), "---\nsource: a\n<<<<<<< HEAD\n---\n1\n").unwrap();
    let review = project.review(Record::Pending, &one(), &printed("1\n"));
    assert_eq!((review.judgment.verdict, review.recorded), (Failed, Recorded::Nothing));
    insta::assert_debug_snapshot!(review.problems, @r#"
    [
        Problem {
            path: "expected/docs/a.md/one-1.snap",
            line: Some(
                Line(
                    3,
                ),
            ),
            message: "expected `key: value` in the head of the snapshot",
            hint: Some(
                "restore it from version control, or write it anew with `snipcheck accept`",
            ),
        },
    ]
    "#);
    let review = project.review(ACCEPT, &one(), &printed("1\n"));
    assert_eq!((review.judgment.verdict, review.problems), (Passed, Vec::new()));

    fs::remove_file(project.root().join(HOME)).unwrap();
    fs::create_dir(project.root().join(HOME)).unwrap();
    let review = project.review(ACCEPT, &one(), &printed("1\n"));
    assert_eq!(review.judgment.verdict, Failed);
    let messages: Vec<_> = review.problems.iter().map(|problem| problem.message.as_str()).collect();
    assert_eq!(messages, ["expected a file, but `expected/docs/a.md/one-1.snap` is a folder"]);
}

#[test]
fn unclaimed_snapshots_are_reported_and_pruned() {
    let project = Project::new(Snapshots::Optional);
    let other = snippet("docs/a.md", "two-1", "print(2)\n");
    project.review(ACCEPT, &one(), &printed("1\n"));
    project.review(ACCEPT, &other, &printed("2\n"));
    project.review(Record::Pending, &other, &printed("3\n"));
    assert_eq!(project.orphans(Record::Pending, &[&one(), &other]), (Vec::new(), Vec::new()));
    let unclaimed: Vec<_> = ["", ".new"].map(|end| format!("expected/docs/a.md/two-1.snap{end}")).into();
    assert_eq!(project.orphans(ACCEPT, &[&one()]), (unclaimed.clone(), Vec::new()));
    assert_eq!(project.orphans(PRUNE, &[&one()]), (Vec::new(), unclaimed));
    assert_eq!(project.files(), [HOME]);
}

#[test]
fn snapshots_of_vanished_documents_are_orphans_of_the_project() {
    let project = Project::new(Snapshots::Optional);
    project.review(ACCEPT, &one(), &printed("1\n"));
    let foreign = project.root().join("expected/other/x.snap");
    fs::create_dir(foreign.parent().unwrap()).unwrap();
    fs::write(&foreign, "---\nsource: tests/x.rs\n---\n1\n").unwrap();
    assert!(project.open(PRUNE).finish(Scope::Project).left.is_empty());
    fs::remove_file(project.root().join("docs/a.md")).unwrap();
    assert!(project.open(PRUNE).finish(Scope::Part).removed.is_empty());
    assert_eq!(project.open(Record::Never).finish(Scope::Project).left, [HOME]);
    assert_eq!(project.open(PRUNE).finish(Scope::Project).removed, [HOME]);
    assert_eq!(project.files(), ["expected/other/x.snap"]);
    assert!(!project.root().join("expected/docs").exists());
}

#[test]
fn a_renamed_snippet_finds_its_snapshot_by_its_code() {
    let project = Project::new(Snapshots::Required);
    project.review(ACCEPT, &one(), &printed("1\n"));
    let renamed = snippet("docs/a.md", "uno-1", "print(1)\n");
    let review = project.review(Record::Never, &renamed, &printed("1\n"));
    assert_eq!(review.judgment.verdict, Passed);
    assert_eq!(review.judgment.reasons, [Reason::EarlierName { file: HOME.to_owned() }]);
    assert_eq!(project.review(Record::Never, &renamed, &printed("2\n")).judgment.verdict, Failed);
    assert_eq!(project.orphans(PRUNE, &[&renamed]).0, [HOME]);
    assert_eq!(project.review(ACCEPT, &renamed, &printed("1\n")).recorded, Recorded::Moved);
    assert_eq!(project.files(), ["expected/docs/a.md/uno-1.snap"]);
}

#[test]
fn a_renamed_document_finds_its_snapshots() {
    let project = Project::new(Snapshots::Required);
    project.review(ACCEPT, &one(), &printed("1\n"));
    fs::rename(project.root().join("docs/a.md"), project.root().join("docs/b.md")).unwrap();
    let renamed = snippet("docs/b.md", "one-1", "print(1)\n");
    assert_eq!(project.review(Record::Never, &renamed, &printed("1\n")).judgment.verdict, Passed);
    let other = snippet("docs/b.md", "two-1", "print(1)\n");
    assert_eq!(project.review(Record::Never, &other, &printed("1\n")).judgment.verdict, Unreviewed);
    let expectations = project.open(ACCEPT);
    let review =
        expectations.document(&renamed.path, &[&renamed]).review(&renamed, &printed("1\n"), Vec::new());
    assert_eq!(review.recorded, Recorded::Moved);
    assert!(expectations.finish(Scope::Project).left.is_empty());
    assert_eq!(project.files(), ["expected/docs/b.md/one-1.snap"]);
    assert!(!project.root().join("expected/docs/a.md").exists());
}

#[test]
fn symbolic_links_are_refused() {
    let project = Project::new(Snapshots::Required);
    let outside = tempfile::tempdir().unwrap();
    fs::create_dir_all(project.root().join("expected")).unwrap();
    symlink(outside.path(), project.root().join("expected/docs")).unwrap();
    let expectations = project.open(ACCEPT);
    let snippet = one();
    let shelf = expectations.document(&snippet.path, &[&snippet]);
    assert_eq!(shelf.problems[0].message, "expected a folder, but `expected/docs` is a symbolic link");
    assert_eq!(shelf.review(&snippet, &printed("1\n"), Vec::new()).recorded, Recorded::Nothing);

    fs::remove_file(project.root().join("expected/docs")).unwrap();
    fs::create_dir_all(project.root().join("expected/docs/a.md")).unwrap();
    let secret = outside.path().join("secret");
    fs::write(&secret, "---\nsource: a\n---\nsecret\n").unwrap();
    symlink(&secret, project.root().join(HOME)).unwrap();
    let review = project.review(ACCEPT, &snippet, &printed("1\n"));
    assert_eq!((review.judgment.verdict, review.judgment.difference), (Failed, None));
    assert_eq!(review.problems.len(), 1);
    assert_eq!(fs::read_to_string(&secret).unwrap(), "---\nsource: a\n---\nsecret\n");

    fs::remove_dir_all(project.root().join("expected")).unwrap();
    symlink(outside.path(), project.root().join("expected")).unwrap();
    let expectations = project.open(ACCEPT);
    let problem = expectations.problem.as_ref().unwrap();
    assert_eq!(problem.message, "expected a folder, but `expected` is a symbolic link");
    let shelf = expectations.document(&snippet.path, &[&snippet]);
    assert_eq!(shelf.review(&snippet, &printed("1\n"), Vec::new()).recorded, Recorded::Nothing);
    assert_eq!(expectations.finish(Scope::Project).problems, []);
    assert_eq!(fs::read_dir(outside.path()).unwrap().count(), 1);
}

#[test]
fn what_cannot_be_written_is_named() {
    let project = Project::new(Snapshots::Optional);
    fs::create_dir_all(project.root().join("expected/docs")).unwrap();
    let expectations = project.open(ACCEPT);
    let snippet = one();
    let shelf = expectations.document(&snippet.path, &[&snippet]);
    fs::write(project.root().join("expected/docs/a.md"), "in the way").unwrap();
    let review = shelf.review(&snippet, &completed(), Vec::new());
    assert_eq!((review.judgment.verdict, review.recorded), (Passed, Recorded::Nothing));
    assert_eq!(review.problems[0].message, "expected a folder, but `expected/docs/a.md` is a file");
}

#[test]
fn hostile_documents_stay_inside() {
    let project = Project::new(Snapshots::Optional);
    let long = "x/".repeat(2000) + "a.md";
    let mut homes = Vec::new();
    for path in ["../../a.md", "/etc/a.md", "a/../../../b.md", "a//b.md", "./a.md", "a\0.md", "", &long] {
        let snippet = snippet(path, "one-1", "print(1)\n");
        assert_eq!(
            project.review(ACCEPT, &snippet, &printed("1\n")).recorded,
            Recorded::Accepted,
            "{path:?}"
        );
        assert_eq!(project.review(ACCEPT, &snippet, &printed("1\n")).recorded, Recorded::Nothing, "{path:?}");
        homes = project.files();
    }
    assert_eq!(homes.len(), 8);
    assert!(homes.iter().all(|home| home.starts_with("expected/elsewhere/")), "{homes:?}");
    assert!(project.open(Record::Never).finish(Scope::Project).left.is_empty());
}
