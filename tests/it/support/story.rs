//! A report in JSON as one short line for each snippet: all that can be observed of it but times.

use std::fmt::Write;

use serde_json::Value;

use crate::project::{Project, Run};

/// Runs one document of these snippets and compares the whole story.
#[track_caller]
pub(crate) fn check(snippets: &[&str], expected: &[&str]) {
    let project = Project::document(snippets);
    let files = project.files();
    let run = project.json(&["a.md"]);
    run.tells(expected);
    assert_eq!(project.files(), files, "files left behind");
}

impl Run {
    /// Snippets and problems in order; nothing on stderr; the exit code that the summary names and verdicts imply.
    /// Documents end in any order: snippets are compared by the names of theirs.
    #[track_caller]
    pub(crate) fn tells(&self, expected: &[&str]) {
        let mut events = self.events();
        let mut snippets: Vec<&mut Value> =
            events.iter_mut().filter(|event| event["event"] == "snippet").collect();
        let mut sorted: Vec<Value> = snippets.iter().map(|snippet| (**snippet).clone()).collect();
        sorted.sort_by_key(|snippet| snippet["path"].as_str().map(str::to_owned));
        for (place, snippet) in snippets.iter_mut().zip(sorted) {
            **place = snippet;
        }
        let story: Vec<String> = events.iter().filter_map(told).collect();
        assert!(
            story == expected,
            "told:\n  {}\nexpected:\n  {}\nstderr: {}",
            story.join("\n  "),
            expected.join("\n  "),
            self.stderr
        );
        assert_eq!(self.stderr, "");
        let summary = events.last().expect("there is a summary");
        assert_eq!(summary["event"], "summary");
        assert_eq!(summary["exit_code"], self.code, "{summary}");
        let failed = story.iter().any(|line| line.starts_with("failed") || line.starts_with("problem"));
        assert!(self.code >= i32::from(failed), "exit code {} although {story:?}", self.code);
        for verdict in ["passed", "failed", "unreviewed", "skipped"] {
            let count = events.iter().filter(|event| event["verdict"] == verdict).count();
            assert_eq!(summary[verdict], count, "{verdict} in {summary}");
        }
    }

    /// The objects of snippets.
    #[track_caller]
    pub(crate) fn snippets(&self) -> Vec<Value> {
        self.events().into_iter().filter(|event| event["event"] == "snippet").collect()
    }

    #[track_caller]
    pub(crate) fn summary(&self) -> Value {
        self.events().pop().expect("there is a summary")
    }
}

fn told(event: &Value) -> Option<String> {
    match event["event"].as_str()? {
        "snippet" => Some(snippet(event)),
        "problem" => Some(problem(event)),
        "summary" => None,
        other => panic!("unknown event {other}"),
    }
}

/// `passed completed | value 2 | stdout 1⏎ | - a reason`
fn snippet(event: &Value) -> String {
    let word = |key: &str| event[key].as_str().unwrap_or_default();
    let mut line = format!("{} {}", word("verdict"), word("ending"));
    let mut expected_reason = None;
    if let Some(cause) = event["cause"].as_object() {
        write!(line, " | cause {}", cause["kind"].as_str().unwrap()).unwrap();
        if cause["kind"] == "exit" {
            write!(line, " {}", cause["used"]).unwrap();
        }
        if let (Some(limit), Some(unit)) = (cause["limit"].as_f64(), cause["unit"].as_str()) {
            write!(line, " over {limit} {unit}").unwrap();
        }
        if let Some(detail) = cause["detail"].as_str() {
            write!(line, " ({detail})").unwrap();
        }
    }
    if let Some(exception) = event["exception"].as_object() {
        let (kind, message) = (exception["type"].as_str().unwrap(), exception["message"].as_str().unwrap());
        let headline = if message.is_empty() { kind.to_owned() } else { format!("{kind}: {message}") };
        write!(line, " | {} @{}", shown(&headline), exception["line"]).unwrap();
        expected_reason = Some(format!("raised `{headline}`"));
    }
    for key in ["value", "stdout", "stderr"] {
        if !word(key).is_empty() {
            write!(line, " | {key} {}", shown(word(key))).unwrap();
        }
    }
    // A reason that only repeats the exception tells nothing new.
    for reason in event["reasons"].as_array().unwrap().iter().filter_map(Value::as_str) {
        if Some(reason) != expected_reason.as_deref() {
            write!(line, " | - {reason}").unwrap();
        }
    }
    line
}

fn problem(event: &Value) -> String {
    let word = |key: &str| event[key].as_str().unwrap_or_default();
    let mut line = format!("problem {}", word("path"));
    if let Some(number) = event["line"].as_u64() {
        write!(line, ":{number}").unwrap();
    }
    write!(line, " {}", word("message")).unwrap();
    if !word("hint").is_empty() {
        write!(line, " | hint {}", word("hint")).unwrap();
    }
    line
}

fn shown(text: &str) -> String {
    text.replace('\n', "⏎")
}
