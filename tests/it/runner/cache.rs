//! Sessions of which nothing has changed do not run again.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use serde_json::Value;

use crate::project::{Project, document, eventually};

/// Each snippet's verdict, and whether it ran now.
#[track_caller]
fn run(project: &Project, words: &[&str]) -> BTreeMap<String, (String, bool)> {
    let mode: &[&str] = if words.contains(&"--cache") { &[] } else { &["--cache", "auto"] };
    let run = project.json(&[mode, words].concat());
    assert_eq!(run.stderr, "", "{}", run.stdout);
    let snippets = run.events().into_iter().filter(|event| event["event"] == "snippet");
    snippets
        .map(|event: Value| {
            let text = |key: &str| event[key].as_str().unwrap().to_owned();
            (text("id"), (text("verdict"), !event["cached"].as_bool().unwrap()))
        })
        .collect()
}

/// Whether every snippet of a run was run, or none.
#[track_caller]
fn runs(project: &Project, words: &[&str]) -> bool {
    let found = run(project, words);
    let ran: Vec<bool> = found.values().map(|(_, ran)| *ran).collect();
    assert!(!ran.is_empty() && ran.iter().all(|other| *other == ran[0]), "{found:?}");
    ran[0]
}

fn entries(project: &Project) -> Vec<PathBuf> {
    let folders = fs::read_dir(project.memory().join("results")).into_iter().flatten();
    let files = folders.flat_map(|folder| fs::read_dir(folder.unwrap().path()).unwrap());
    let mut files: Vec<_> = files.map(|file| file.unwrap().path()).collect();
    files.sort();
    files
}

#[test]
fn what_has_not_changed_does_not_run() {
    let project = Project::document(&["x = 1\nprint(x)  # 1", "print(x + 1)\n```\n\nOutput:\n\n```text\n2"]);
    assert!(runs(&project, &["a.md"]));
    assert!(!runs(&project, &["a.md"]));
    let told = project.run(&["run", "--cache", "auto", "a.md"]);
    assert!(told.stdout.contains("\n  cached: 2 of 2\n"), "{}", told.stdout);

    // A change of any kind, of the document or of what is asked.
    project.write("a.md", project.read("a.md").replace("x = 1", "x = 1 "));
    assert!(runs(&project, &["a.md"]));
    assert!(!runs(&project, &["a.md"]));
    assert!(runs(&project, &["--limit", "tasks=20", "a.md"]));
    assert!(runs(&project, &["--env", "X=1", "a.md"]));
    assert!(runs(&project, &["--timeout", "9s", "a.md"]));
    assert!(!runs(&project, &["a.md"]));
}

#[test]
fn words_and_build_servers_decide() {
    let project = Project::document(&["print(1)"]);
    assert!(runs(&project, &["--cache", "read", "a.md"]));
    assert!(runs(&project, &["--cache", "off", "a.md"]));
    assert_eq!(entries(&project), [] as [PathBuf; 0]);
    assert!(runs(&project, &["a.md"]));
    assert!(!runs(&project, &["--cache", "read", "a.md"]));
    assert!(runs(&project, &["--cache", "off", "a.md"]));
    assert!(project.run(&["run", "-v", "a.md"]).stdout.contains("PASS"));
    assert!(!project.run(&["run", "a.md"]).stdout.contains("cached"));
    assert!(runs(&project, &["--check", "a.md"]));
    assert!(!runs(&project, &["--check", "--cache", "read", "a.md"]));
    assert!(runs(&project, &["--repeat", "2", "a.md"]));
}

/// What snippets say is judged by what is expected now.
#[test]
fn outcomes_are_judged_anew() {
    let project = Project::document(&["print(1)"]);
    assert!(runs(&project, &["a.md"]));
    let accepted = project.run(&["accept", "a.md"]);
    assert_eq!(accepted.code, 0, "{}", accepted.stdout);
    let snapshot = project.files().into_iter().find(|file| file.starts_with("expected/")).unwrap();
    project.write(&snapshot, project.read(&snapshot).replace("\n1\n", "\n2\n"));
    let found = run(&project, &["a.md"]);
    assert_eq!(found.values().collect::<Vec<_>>(), [&("failed".to_owned(), false)]);
}

#[test]
fn what_fails_or_is_left_early_runs_again() {
    for snippet in [
        "print(1)  # 2",
        "raise ValueError",
        "import os\nos._exit(0)",
        "while True: pass",
        "import subprocess\nprint(subprocess.run(['true']).returncode)",
    ] {
        let project = Project::document(&[snippet]);
        assert!(runs(&project, &["--timeout", "1s", "a.md"]), "{snippet}");
        assert!(runs(&project, &["--timeout", "1s", "a.md"]), "{snippet}");
    }
}

#[test]
fn files_of_the_project_count_for_those_who_may_read_them() {
    let project = Project::new(&[
        ("reads.md", &document(&["print(open('data.txt').read())"])),
        ("looks.md", &document(&["import os\nprint(os.path.exists('missing'))"])),
        ("imports.md", &document(&["import module\nprint(module.x)"])),
        ("alone.md", &document(&["import json\nprint(json.dumps([1]))"])),
        ("data.txt", "1"),
        ("module.py", "x = 1\n"),
    ]);
    let run = |words: &[&str]| {
        let found = run(&project, words);
        let ran = found.into_iter().filter(|(_, (verdict, ran))| {
            assert_eq!(verdict, "passed");
            *ran
        });
        ran.map(|(id, _)| id.split_once('.').unwrap().0.to_owned()).collect::<Vec<_>>()
    };
    let others = ["imports", "looks", "reads"];
    assert_eq!(run(&["."]).len(), 4);
    assert_eq!(run(&["."]), [] as [&str; 0]);

    project.write("data.txt", "2");
    assert_eq!(run(&["."]), others);
    project.write("missing", "");
    assert_eq!(run(&["."]), others);
    project.write("module.py", "x = 2\n");
    assert_eq!(run(&["."]), others);
    // It stands before the module of the library.
    project.write("json.py", "def dumps(value): return 'other'\n");
    assert_eq!(run(&["."]), ["alone", "imports", "looks", "reads"]);
    assert_eq!(run(&["."]), [] as [&str; 0]);
}

#[test]
fn a_broken_entry_is_none() {
    let project = Project::document(&["print(1)"]);
    assert!(runs(&project, &["a.md"]));
    let [entry] = &entries(&project)[..] else { panic!("{:?}", entries(&project)) };
    let whole = fs::read(entry).unwrap();
    let mut changed = whole.clone();
    *changed.last_mut().unwrap() ^= 1;
    for broken in [&b""[..], &whole[..20], &whole[..whole.len() - 1], &changed, b"[]"] {
        fs::write(entry, broken).unwrap();
        assert!(runs(&project, &["a.md"]), "{}", broken.len());
        assert!(!runs(&project, &["a.md"]));
    }
    fs::remove_file(entry).unwrap();
    fs::create_dir(entry).unwrap();
    assert!(runs(&project, &["a.md"]));
    assert!(runs(&project, &["a.md"]));
}

#[test]
fn the_folder_is_shown_and_emptied() {
    let project = Project::document(&["print(1)"]);
    let told = project.run(&["cache", "path"]);
    assert_eq!(told.stdout, format!("{}\n", project.memory().join("results").display()));
    let told = project.run(&["cache", "clear"]);
    assert!(told.stdout.starts_with("removed 0 bytes from `"), "{}", told.stdout);

    assert!(runs(&project, &["a.md"]));
    let folder = fs::metadata(project.memory().join("results")).unwrap();
    assert_eq!(folder.permissions().mode() & 0o777, 0o700);
    assert_eq!(project.run(&["cache", "prune"]).code, 0);
    assert!(!runs(&project, &["a.md"]));
    assert_eq!(project.run(&["cache", "clear"]).code, 0);
    assert!(runs(&project, &["a.md"]));

    let mut homeless = project.call(&["cache", "path"]);
    homeless.command().env_remove("HOME").env_remove("XDG_CACHE_HOME");
    let homeless = homeless.run();
    assert_eq!((homeless.code, &*homeless.stdout), (2, ""));
    assert!(
        homeless.stderr.starts_with("error: there is no folder for a cache\nhint: "),
        "{}",
        homeless.stderr
    );
}

/// Edits of documents in an order that is the same in every run: what is cached is what a run without a cache finds.
#[test]
fn verdicts_are_those_of_a_run_without_it() {
    let project = Project::new(&[]);
    let lines = [
        "x = 1",
        "x = 2",
        "print(x)  # 1",
        "print(x)  # 2",
        "y = x + 1",
        "print(y)  # 2",
        "del x",
        "import shared",
        "print(shared.z)  # 1",
        "assert x == 1",
        "print(open('data.txt').read())  # 1",
    ];
    let mut state = 7_u64;
    let mut draw = |below: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(state >> 33).unwrap() % below
    };
    let mut documents = vec![vec!["x = 1"; 3]; 6];
    project.write("data.txt", "1");
    project.write("shared.py", "z = 1\n");
    for round in 0..12 {
        for _ in 0..3 {
            let (document, snippet) = (draw(documents.len()), draw(3));
            documents[document][snippet] = lines[draw(lines.len())];
        }
        match draw(4) {
            0 => project.write("data.txt", ["1", "2"][draw(2)]),
            1 => project.write("shared.py", ["z = 1\n", "z = 2\n"][draw(2)]),
            _ => {}
        }
        for (number, snippets) in documents.iter().enumerate() {
            project.write(&format!("{number}.md"), document(snippets));
        }
        let verdicts = |words: &[&str]| -> Vec<(String, String)> {
            run(&project, words).into_iter().map(|(id, (verdict, _))| (id, verdict)).collect()
        };
        assert_eq!(verdicts(&["."]), verdicts(&["--cache", "off", "."]), "{round}");
    }
}

#[test]
fn a_killed_run_leaves_nothing_that_misleads() {
    let project = Project::new(&[]);
    for number in 0..40 {
        project.write(&format!("{number}.md"), document(&[&format!("print({number})  # {number}")]));
    }
    for _ in 0..6 {
        let running = project.call(&["run", "--cache", "auto", "."]).start();
        let before = entries(&project).len();
        eventually("more is kept, or all", || {
            let now = entries(&project).len();
            now > before || now >= 40
        });
        running.signal(nix::sys::signal::Signal::SIGKILL);
        running.finish();
    }
    let found = run(&project, &["."]);
    assert!(found.len() == 40 && found.values().all(|(verdict, _)| verdict == "passed"), "{found:?}");
}
