//! What `run` and `list` say of a document, one short line for each claim, snippet and block.

use serde_json::Value;

use crate::project::{Project, Run};

/// The first line of each snippet and its verdict, each followed by the lines of its claims and theirs.
pub(crate) fn verdicts(run: &Run) -> Vec<String> {
    let mut found = Vec::new();
    for snippet in run.snippets() {
        found.push(format!("{} {}", snippet["line"], snippet["verdict"].as_str().unwrap()));
        let claims = snippet["claims"].as_array().unwrap().iter();
        found.extend(
            claims.map(|claim| format!("  {} {}", claim["line"], claim["verdict"].as_str().unwrap())),
        );
    }
    found
}

/// Runs one document of a project, and compares what [`verdicts`] says.
#[track_caller]
pub(crate) fn check_run(files: &[(&str, &str)], expected: &[&str]) -> Run {
    let run = Project::new(files).json(&[files[0].0]);
    assert_eq!(verdicts(&run), expected, "{run:?}");
    run
}

/// The first line of each block of a document, and what becomes of it.
#[track_caller]
pub(crate) fn check_list(files: &[(&str, &str)], expected: &[&str]) {
    let run = Project::new(files).run(&["list", "--format", "json", files[0].0]);
    let blocks: Vec<Value> = serde_json::from_str(&run.stdout).unwrap();
    let found: Vec<String> = blocks
        .iter()
        .map(|block| {
            let reason = block["reason"].as_str().map_or_else(String::new, |reason| format!(": {reason}"));
            format!("{} {}{reason}", block["start_line"], block["disposition"].as_str().unwrap())
        })
        .collect();
    assert_eq!(found, expected);
}
