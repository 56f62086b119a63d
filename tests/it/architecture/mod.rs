//! The rules of the house: which room may know which, and what may be named where.

mod imports;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Whom each room knows. A change is a change of the architecture, and a commit of its own.
const EDGES: &[(&str, &[&str])] = &[
    ("cache", &["model", "safe_fs", "supervisor", "syntax", "wire"]),
    ("cli", &["config", "model", "report", "summary"]),
    ("clock", &[]),
    (
        "commands",
        &[
            "cache", "cli", "config", "document", "event", "expect", "failure", "model", "plan", "report",
            "review", "run", "summary", "update", "watch",
        ],
    ),
    ("config", &["directive", "model", "safe_fs", "summary"]),
    ("directive", &["model", "syntax"]),
    ("document", &["directive", "model", "safe_fs", "syntax"]),
    ("event", &["model", "variation"]),
    ("expect", &["config", "directive", "event", "model", "safe_fs", "syntax", "unseen"]),
    ("failure", &["config", "expect", "model", "report", "run", "sandbox", "supervisor"]),
    ("interpose", &["clock"]),
    ("lane", &["model", "safe_fs", "sandbox", "wire"]),
    ("lib", &["cli", "commands", "config", "lane", "supervisor"]),
    ("main", &[]),
    ("model", &[]),
    ("plan", &["config", "directive", "document", "model", "safe_fs"]),
    ("report", &["event", "model", "summary", "unseen", "variation"]),
    ("review", &["document", "expect", "model", "report", "update"]),
    (
        "run",
        &[
            "cache",
            "config",
            "document",
            "event",
            "expect",
            "lane",
            "model",
            "plan",
            "report",
            "safe_fs",
            "sandbox",
            "summary",
            "supervisor",
            "syntax",
            "variation",
            "wire",
        ],
    ),
    ("safe_fs", &[]),
    ("sandbox", &["clock", "model", "wire"]),
    ("summary", &["event", "model"]),
    ("supervisor", &["lane", "model", "safe_fs", "sandbox", "wire"]),
    ("syntax", &[]),
    ("unseen", &[]),
    ("update", &["document", "model", "safe_fs", "unseen"]),
    ("variation", &["model"]),
    ("watch", &["document"]),
    ("wire", &["model"]),
    ("worker", &["clock", "model", "safe_fs", "sandbox", "wire"]),
];

/// Crates and paths, the rooms that may name them, and why.
const HOMES: &[(&str, &[&str])] = &[
    ("pyo3", &["worker"]),
    ("rayon", &["document"]),
    // `run` holds the sending end of the channel through which the supervisor gets its jobs.
    ("tokio", &["run", "supervisor"]),
    // What `sandbox` may do with it is the matter of a test below.
    ("std::env", &["config", "lane", "sandbox"]),
    ("process::exit", &[]),
    ("println!", &[]),
    ("eprintln!", &[]),
    ("dbg!", &[]),
];

const NAMELESS: [&str; 6] = ["utils", "helpers", "common", "misc", "manager", "types"];

struct File {
    path: PathBuf,
    room: String,
    code: String,
}

/// Every file of Rust below a folder of the repository; its room is the first part of its path.
fn files(folder: &str) -> Vec<File> {
    let top = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let mut open = vec![top.clone()];
    let mut files = Vec::new();
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
            let path = entry.path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs" || extension == "py") {
                let inner = path.strip_prefix(&top).unwrap();
                let first = inner.components().next().unwrap().as_os_str().to_str().unwrap();
                let room = first.trim_end_matches(".rs").to_owned();
                files.push(File { code: fs::read_to_string(&path).unwrap(), path: inner.to_owned(), room });
            }
        }
    }
    assert!(!files.is_empty());
    files
}

/// Every file of the program. A crate of the workspace is a room, too: its paths are read as if it were a module.
fn sources() -> Vec<File> {
    let mut all = files("src");
    for mut file in files("crates") {
        let mut parts = file.path.components().map(|part| part.as_os_str().to_str().unwrap());
        let (room, Some("src")) = (file.room.clone(), parts.nth(1)) else { continue };
        let inner = parts.collect::<PathBuf>();
        let inner = if inner == Path::new("lib.rs") { PathBuf::from("mod.rs") } else { inner };
        file.path = Path::new(&room).join(inner);
        file.code = file.code.replace("crate::", &format!("crate::{room}::"));
        for (other, _) in EDGES {
            let named = format!("snipcheck_{other}");
            file.code = file.code.replace(&format!("{named}::"), &format!("crate::{other}::"));
            file.code = file.code.replace(&format!("use {named} as"), &format!("use crate::{other} as"));
        }
        all.push(file);
    }
    all
}

impl File {
    /// Lines of code with their numbers, without comments.
    fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        let lines = self.code.lines().enumerate().map(|(index, line)| (index + 1, line));
        lines.filter(|(_, line)| !line.trim_start().starts_with("//"))
    }

    /// The rooms behind every `crate::`, in imports and elsewhere; as [`sources`] has it, crates are behind one, too.
    fn rooms(&self) -> BTreeSet<String> {
        let mut rooms = BTreeSet::new();
        let code = self.lines().map(|(_, line)| line).collect::<Vec<_>>().join("\n");
        for (at, _) in code.match_indices("crate::") {
            let rest = &code[at + "crate::".len()..];
            let list =
                rest.strip_prefix('{').and_then(|list| list.split_once('}')).map_or(rest, |(list, _)| list);
            let many = rest.starts_with('{');
            for name in list.split(',').take(if many { usize::MAX } else { 1 }) {
                let end = |letter: char| !letter.is_ascii_alphanumeric() && letter != '_';
                let name = name.trim().split(end).next().unwrap_or_default();
                rooms.insert(name.to_owned());
            }
        }
        rooms.remove(&self.room);
        rooms.remove("");
        rooms
    }
}

#[test]
fn rooms_know_only_whom_they_may() {
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for file in
        sources().iter().filter(|file| file.path.extension().is_some_and(|extension| extension == "rs"))
    {
        // `lib.rs` names its rooms without `crate::`.
        let rooms = if file.room == "lib" { file.first_parts() } else { file.rooms() };
        found.entry(file.room.clone()).or_default().extend(rooms);
    }
    let allowed: BTreeMap<String, BTreeSet<String>> = EDGES
        .iter()
        .map(|(room, known)| ((*room).to_owned(), known.iter().map(|&known| known.to_owned()).collect()))
        .collect();
    for (room, known) in &found {
        let Some(allowed) = allowed.get(room) else { panic!("`{room}` is not in the table") };
        let surplus: Vec<_> = known.difference(allowed).collect();
        assert!(surplus.is_empty(), "`{room}` must not know {surplus:?}");
        let unused: Vec<_> = allowed.difference(known).collect();
        assert!(unused.is_empty(), "`{room}` may know {unused:?} and does not: take it out of the table");
    }
    let gone: Vec<_> = allowed.keys().filter(|room| !found.contains_key(*room)).collect();
    assert!(gone.is_empty(), "{gone:?} are in the table and nowhere else");
}

impl File {
    fn first_parts(&self) -> BTreeSet<String> {
        let own: Vec<&str> =
            self.lines().filter_map(|(_, line)| line.split("mod ").nth(1)?.strip_suffix(';')).collect();
        let used = |room: &&str| self.lines().any(|(_, line)| line.contains(&format!("{room}::")));
        own.into_iter().filter(used).map(str::to_owned).collect()
    }
}

#[test]
fn the_table_has_no_circle_among_the_nouns() {
    let edges: BTreeMap<&str, &[&str]> = EDGES.iter().copied().collect();
    for (start, _) in EDGES {
        let mut reached = BTreeSet::new();
        let mut open: Vec<&str> = edges[start].to_vec();
        while let Some(room) = open.pop() {
            assert_ne!(room, *start, "`{start}` knows itself in the end");
            if reached.insert(room) {
                open.extend(edges[room]);
            }
        }
    }
}

#[test]
fn each_technology_has_its_home() {
    for file in sources() {
        for (number, line) in file.lines() {
            for (word, homes) in HOMES {
                let named = line.match_indices(word).any(|(at, _)| {
                    let before = line[..at].chars().next_back();
                    !before.is_some_and(|letter| letter.is_alphanumeric() || letter == '_' || letter == '"')
                });
                assert!(
                    !named || homes.contains(&file.room.as_str()),
                    "`{word}` in {}:{number}, its home is {homes:?}: {line}",
                    file.path.display()
                );
            }
        }
    }
}

#[test]
fn only_the_channel_of_jobs_takes_tokio_out_of_its_home() {
    for file in files("src").iter().filter(|file| file.room == "run") {
        for (_, line) in file.lines().filter(|(_, line)| line.contains("tokio")) {
            let channel = "use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};";
            assert_eq!(line, channel, "{}", file.path.display());
        }
    }
}

/// It enters the root and the folders that it has made, asks which file runs, and reads nothing.
#[test]
fn the_sandbox_asks_the_environment_nothing() {
    for file in sources().iter().filter(|file| file.room == "sandbox") {
        for (_, line) in file.lines().filter(|(_, line)| line.contains("env::")) {
            let known = ["std::env::set_current_dir(", "std::env::current_exe("];
            assert!(known.iter().any(|call| line.contains(call)), "{}: {line}", file.path.display());
        }
    }
}

#[test]
fn files_are_short() {
    for folder in ["src", "crates", "tests", "benches"] {
        for file in files(folder) {
            let lines = file.code.lines().filter(|line| !line.trim().is_empty()).count();
            assert!(lines <= 400, "{folder}/{} has {lines} lines that are not blank", file.path.display());
        }
    }
}

#[test]
fn rooms_have_names() {
    for folder in ["src", "crates", "tests"] {
        for file in files(folder) {
            let parts =
                file.path.components().map(|part| part.as_os_str().to_str().unwrap().trim_end_matches(".rs"));
            for part in parts {
                assert!(!NAMELESS.contains(&part), "{folder}/{}", file.path.display());
            }
        }
    }
}

/// Tables of a room's tests speak for themselves.
#[test]
fn every_file_says_what_it_is_for() {
    for folder in ["src", "crates", "tests", "benches"] {
        for file in files(folder) {
            let is_table = file.path.ends_with("tests.rs");
            let is_rust = file.path.extension().is_some_and(|extension| extension == "rs");
            let says = file.code.starts_with("//! ");
            assert!(is_table || !is_rust || says, "{folder}/{}", file.path.display());
        }
    }
}
