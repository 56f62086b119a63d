//! Snapshots of several Pythons: a common one, and one of a version only where it differs.

use crate::project::{Project, Run};
use crate::pythons::Two;

struct Versions {
    project: Project,
    two: Two,
    words: String,
}

impl Versions {
    fn new(two: Two, code: &str) -> Self {
        let project = Project::new(&[("a.md", &document(code))]);
        Self { project, two, words: two.words() }
    }

    fn write(&self, code: &str) {
        self.project.write("a.md", document(code));
    }

    fn run(&self, words: &[&str]) -> Run {
        self.project.run(&[words, &["--python", &self.words]].concat())
    }

    /// The names of all files below `expected/`, and what the snapshots hold.
    fn snapshots(&self) -> Vec<(String, String)> {
        let files = self.project.files();
        let found = files.iter().filter_map(|file| file.strip_prefix("expected/a.md/"));
        let body = |file: &str| {
            let text = self.project.read(&format!("expected/a.md/{file}"));
            text.rsplit("---\n").next().unwrap().trim_end().to_owned()
        };
        found.map(|file| (file.to_owned(), body(file))).collect()
    }

    #[track_caller]
    fn has(&self, expected: &[(&str, &str)]) {
        let own = |name: &str| name.replace("NEW", &self.two.newer.version);
        let expected: Vec<_> = expected.iter().map(|(name, body)| (own(name), (*body).to_owned())).collect();
        assert_eq!(self.snapshots(), expected);
    }

    /// Code that prints one word in the older Python and another one in the newer one.
    fn differing(two: Two, old: &str, new: &str) -> String {
        format!("import sys\nprint('{new}' if sys.version_info.minor == {} else '{old}')", two.newer.minor)
    }
}

fn document(code: &str) -> String {
    format!("# Use\n\n```python\n{code}\n```\n")
}

#[test]
fn a_version_has_a_snapshot_of_its_own_where_it_differs() {
    let Some(two) = Two::of_machine("a_version_has_a_snapshot_of_its_own_where_it_differs") else { return };
    let versions = Versions::new(two, "print('same')");
    let accepted = versions.run(&["accept", "a.md"]);
    assert_eq!(accepted.code, 0, "{}", accepted.stdout);
    assert_eq!(accepted.stdout.matches("accepted a.md  use::1\n").count(), 1, "{}", accepted.stdout);
    versions.has(&[("use-1.snap", "same")]);

    versions.write(&Versions::differing(two, "old", "new"));
    let run = versions.run(&["accept", "a.md"]);
    assert_eq!(run.code, 0, "{}", run.stdout);
    let both = [("use-1.snap", "old"), ("use-1@NEW.snap", "new")];
    versions.has(&both);

    // Nothing is left to accept, in whatever order, and nothing fails: neither in both nor in one of them.
    let newer_first = format!("{},{}", two.newer.executable.display(), two.older.executable.display());
    for words in [
        ["accept", "a.md", "--python", versions.words.as_str()],
        ["accept", "a.md", "--python", newer_first.as_str()],
        ["run", "a.md", "--python", versions.words.as_str()],
        ["run", "a.md", "--python", two.newer.executable.to_str().unwrap()],
        ["run", "a.md", "--python", two.older.executable.to_str().unwrap()],
        ["accept", "a.md", "--python", two.newer.executable.to_str().unwrap()],
    ] {
        let run = versions.project.run(&words);
        assert_eq!((run.code, run.stdout.contains("accepted")), (0, false), "{words:?} {}", run.stdout);
        versions.has(&both);
    }
    assert_eq!(versions.run(&["run", "--check", "a.md"]).code, 0, "no snapshot of a version is an orphan");

    // What no longer differs needs no snapshot of its own.
    versions.write("print('same again')");
    assert_eq!(versions.run(&["accept", "a.md"]).code, 0);
    versions.has(&[("use-1.snap", "same again")]);
}

#[test]
fn a_difference_names_the_version() {
    let Some(two) = Two::of_machine("a_difference_names_the_version") else { return };
    let versions = Versions::new(two, "print('old')");
    versions.run(&["accept", "a.md"]);
    // The same code in a snapshot that holds in the older one only.
    let code = Versions::differing(two, "old", "new");
    versions.write(&code);
    let (older, newer) = (&two.older.version, &two.newer.version);

    let run = versions.run(&["run", "a.md"]);
    assert_eq!(run.code, 1);
    for part in [
        format!("  fails on {newer}, passes on {older}\n"),
        format!("  expected/a.md/use-1.snap: - accepted, + actual on {newer}\n  │ - old\n  │ + new\n"),
        format!("hint: `snipcheck accept a.md:4 --python {}` accepts the new output\n", versions.words),
    ] {
        assert!(run.stdout.contains(&part), "{part}{}", run.stdout);
    }

    // A review of it leaves the older one alone.
    versions.has(&[("use-1.snap", "old"), ("use-1@NEW.snap.new", "new")]);
    let pending = versions.project.run(&["pending"]);
    let shown = format!(
        "a.md:4  a.md::use::1\n  expected/a.md/use-1@{newer}.snap.new: - accepted, + waiting\n  │ - old\n  │ + new\n"
    );
    assert_eq!(pending.stdout, shown);
    versions.project.run(&["reject"]);
    versions.has(&[("use-1.snap", "old")]);
}

#[test]
fn reviews_of_both_together_are_right() {
    let Some(two) = Two::of_machine("reviews_of_both_together_are_right") else { return };
    let accept_all = |versions: &Versions| {
        for (name, _) in versions.snapshots() {
            if let Some(accepted) = name.strip_suffix(".new") {
                let folder = versions.project.path("expected/a.md");
                std::fs::rename(folder.join(&name), folder.join(accepted)).unwrap();
            }
        }
    };

    // The newer one stays as it was, the older one changes: accepting that alone would be false in the newer one.
    let versions = Versions::new(two, "print('was')");
    versions.run(&["accept", "a.md"]);
    versions.write(&Versions::differing(two, "now", "was"));
    assert_eq!(versions.run(&["run", "a.md"]).code, 1);
    versions.has(&[("use-1.snap", "was"), ("use-1.snap.new", "now"), ("use-1@NEW.snap.new", "was")]);
    accept_all(&versions);
    assert_eq!(versions.run(&["run", "a.md"]).code, 0);

    // Both change alike: one review is enough.
    let versions = Versions::new(two, "print('was')");
    versions.run(&["accept", "a.md"]);
    versions.write("print('now')");
    assert_eq!(versions.run(&["run", "a.md"]).code, 1);
    versions.has(&[("use-1.snap", "was"), ("use-1.snap.new", "now")]);
    accept_all(&versions);
    assert_eq!(versions.run(&["run", "a.md"]).code, 0);
}

#[test]
fn renamed_snippets_take_both_along() {
    let Some(two) = Two::of_machine("renamed_snippets_take_both_along") else { return };
    let code = Versions::differing(two, "old", "new");
    let versions = Versions::new(two, &code);
    versions.run(&["accept", "a.md"]);
    versions.project.write("a.md", document(&code).replace("# Use", "# Other"));

    let run = versions.run(&["run", "a.md"]);
    assert_eq!(run.code, 0, "{}", run.stdout);
    let run = versions.run(&["accept", "a.md"]);
    assert_eq!(run.code, 0, "{}", run.stdout);
    versions.has(&[("other-1.snap", "old"), ("other-1@NEW.snap", "new")]);
}

#[test]
fn snapshots_of_versions_become_orphans_with_their_snippet() {
    let Some(two) = Two::of_machine("snapshots_of_versions_become_orphans_with_their_snippet") else {
        return;
    };
    let versions = Versions::new(two, &Versions::differing(two, "old", "new"));
    versions.run(&["accept", "a.md"]);
    versions.project.write("a.md", "# Use\n\n```python\nx = 'gone'\n```\n\n".replace("# Use", "# Else"));
    let run = versions.run(&["run", "a.md"]);
    assert!(run.stdout.starts_with("2 orphaned snapshots: "), "{}", run.stdout);
    assert!(run.stdout.contains("passed, 2 orphaned snapshots\n"), "{}", run.stdout);
    versions.run(&["accept", "--prune", "a.md"]);
    versions.has(&[("else-1.snap", "[no output]")]);
}

#[test]
fn a_snippet_of_newer_pythons_has_a_common_snapshot() {
    let Some(two) = Two::of_machine("a_snippet_of_newer_pythons_has_a_common_snapshot") else { return };
    let text = format!("# Use\n\n```python requires=\"{}\"\nprint('new')\n```\n", two.newer.version);
    let versions = Versions::new(two, "");
    versions.project.write("a.md", text);
    assert_eq!(versions.run(&["accept", "a.md"]).code, 0);
    versions.has(&[("use-1.snap", "new")]);
    assert_eq!(versions.run(&["run", "--check", "a.md"]).code, 0);
}
