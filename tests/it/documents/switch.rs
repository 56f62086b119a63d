//! Documents of other tools: what those tools say of each block, we say too, or `differences.json` tells why not.
//!
//! The verdicts are those tools' own, recorded by `.ci/switch.py`, which also asks them anew.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use regex::Regex;
use serde_json::Value;

use crate::project::{Project, VERSION};

/// Document, first line of the block, what the tool says, what we say.
type Difference = (String, u64, String, String);

#[track_caller]
fn agrees_with(tool: &str) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/switch").join(tool);
    let project = copy(&folder);
    let [theirs, documented] = ["verdicts.json", "differences.json"].map(|name| json(&project.read(name)));
    let mut theirs = verdicts(&theirs);
    let mut differences = Vec::new();
    for (path, lines, ours) in blocks(&project) {
        let inside: Vec<_> = theirs.range((path.clone(), lines.0)..=(path.clone(), lines.1)).collect();
        let said = |verdict: &str| inside.iter().any(|(_, said)| *said == verdict);
        let verdict = ["fail", "pass", "skip"].into_iter().find(|verdict| said(verdict)).unwrap_or("nothing");
        if verdict != ours && (verdict, &*ours) != ("nothing", "skip") {
            differences.push((path.clone(), lines.0, verdict.to_owned(), ours));
        }
        theirs.retain(|(of, line), _| *of != path || !(lines.0..=lines.1).contains(line));
    }
    theirs.retain(|_, verdict| verdict != "skip");
    differences
        .extend(theirs.into_iter().map(|((path, line), said)| (path, line, said, "nothing".to_owned())));
    differences.sort();
    assert_eq!(differences, known(&documented), "{tool}: document, line, they say, we say");
}

fn copy(folder: &Path) -> Project {
    let project = Project::new(&[]);
    for path in files(folder) {
        let name = path.strip_prefix(folder).unwrap().to_str().unwrap();
        project.write(name, fs::read(&path).unwrap());
    }
    project
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

#[track_caller]
fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

fn verdicts(documents: &Value) -> BTreeMap<(String, u64), String> {
    let mut verdicts = BTreeMap::new();
    for (path, lines) in documents.as_object().unwrap() {
        for (line, verdict) in lines.as_object().unwrap() {
            verdicts.insert((path.clone(), line.parse().unwrap()), text(verdict));
        }
    }
    assert!(!verdicts.is_empty());
    verdicts
}

/// Of every Python block its document, its lines and our verdict.
fn blocks(project: &Project) -> Vec<(String, (u64, u64), String)> {
    let snippets = project.json(&[]).snippets();
    let listed = json(&project.run(&["list", "--format", "json"]).stdout);
    let judged = |block: &Value| {
        let snippet = snippets.iter().find(|snippet| snippet["id"] == block["id"])?;
        let verdict = match snippet["verdict"].as_str()? {
            "passed" | "unreviewed" => "pass",
            "failed" => "fail",
            "skipped" => "skip",
            other => panic!("{other}"),
        };
        let lines = (block["start_line"].as_u64()?, block["end_line"].as_u64()?);
        Some((text(&block["path"]), lines, verdict.to_owned()))
    };
    listed.as_array().unwrap().iter().filter_map(judged).collect()
}

fn known(documented: &Value) -> Vec<Difference> {
    let difference = |entry: &Value| {
        assert!(!text(&entry["why"]).is_empty());
        (text(&entry["path"]), entry["line"].as_u64().unwrap(), text(&entry["theirs"]), text(&entry["ours"]))
    };
    let mut known: Vec<Difference> = documented.as_array().unwrap().iter().map(difference).collect();
    known.sort();
    known
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

const PAGES: [&str; 8] = [
    "doctest",
    "pytest",
    "sybil",
    "pytest-examples",
    "pytest-markdown-docs",
    "pytest-codeblocks",
    "mktestdocs",
    "phmdoctest",
];

/// What a page shows of a run is what that run shows, but for times and the version of Python.
#[track_caller]
fn page_shows_runs_of(tool: &str) {
    let sources = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = fs::read_to_string(sources.join("docs/switching").join(tool).with_extension("md")).unwrap();
    let project = copy(&sources.join("fixtures/switch").join(tool));
    let sessions: Vec<&str> = page.split("```console\n$ snipcheck ").skip(1).collect();
    assert!(!sessions.is_empty(), "{tool}");
    for session in sessions {
        let (arguments, shown) = session.split_once("\n```").unwrap().0.split_once('\n').unwrap();
        let arguments: Vec<&str> = arguments.split(' ').collect();
        assert_eq!(timeless(&project.run(&arguments).stdout), timeless(shown), "{tool}");
    }
}

fn timeless(report: &str) -> String {
    let lines = report.trim_end().lines();
    let without = |line: &str| match (line.find("[  "), line.find("s]")) {
        (Some(start), Some(end)) if start < end => format!("{}{}", &line[..start], &line[end + 2..]),
        _ => match line.strip_prefix("  python: CPython ") {
            Some(python) => format!("  python: {}", python.split_once(", ").unwrap().1),
            None => line.to_owned(),
        },
    };
    let report = lines.map(without).collect::<Vec<_>>().join("\n");

    // CPython 3.12 alone marks the whole of an `assert`.
    if &*VERSION == "3.12" { MARK.replace_all(&report, "").into_owned() } else { report }
}

/// The column of an arrow, and carets below a line.
static MARK: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"(?m):\d+$| +\^+").unwrap());

#[test]
fn pages_show_what_happens() {
    for page in PAGES {
        page_shows_runs_of(page);
    }
}

/// The pages are documents in the dialect that they are about.
#[test]
fn pages_hold() {
    let project = copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/switching"));
    let run = project.run(&["run", "."]);
    assert_eq!((run.code, &*run.stderr), (0, ""), "{}", run.stdout);
}

#[test]
fn doctest() {
    agrees_with("doctest");
}

#[test]
fn pytest() {
    agrees_with("pytest");
}

#[test]
fn sybil() {
    agrees_with("sybil");
}

#[test]
fn sybil_in_myst() {
    agrees_with("sybil-myst");
}

#[test]
fn pytest_examples() {
    agrees_with("pytest-examples");
}

#[test]
fn pytest_markdown_docs() {
    agrees_with("pytest-markdown-docs");
}

#[test]
fn pytest_codeblocks() {
    agrees_with("pytest-codeblocks");
}

#[test]
fn mktestdocs() {
    agrees_with("mktestdocs");
}

#[test]
fn mktestdocs_with_memory() {
    agrees_with("mktestdocs-memory");
}

#[test]
fn phmdoctest() {
    agrees_with("phmdoctest");
}
