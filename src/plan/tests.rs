use std::collections::BTreeSet;
use std::time::{Duration, SystemTime};

use super::*;
use crate::config::{ChosenPlace, Point};
use crate::directive::Directives;
use crate::document::{CodeBlock, CodeBlockKind, Disposition};
use crate::model::snippet::{Form, Line, Location, Namespace, SnippetId};
use crate::model::verdict::Verdict;

/// Each word is a block of ten lines, the first at line 1: `name`, `name*` isolated, `name-` skipped, `|` a heading.
fn document(path: &str, words: &str) -> Document {
    let mut blocks = Vec::new();
    let mut section = 0;
    for word in words.split_whitespace() {
        if word == "|" {
            section += 1;
            continue;
        }

        let start = u32::try_from(blocks.len()).unwrap() * 10 + 1;
        let name = word.trim_end_matches(['*', '-']);
        blocks.push(CodeBlock {
            id: SnippetId(format!("{path}::{name}")),
            snapshot: name.to_owned(),
            location: Location { start: Line(start), code: Line(start + 1), end: Line(start + 4) },
            kind: CodeBlockKind::Fenced,
            info: "python".to_owned(),
            language: "python".to_owned(),
            content: "pass\n".to_owned(),
            disposition: if word.ends_with('-') {
                Disposition::Skip("asked".to_owned())
            } else {
                Disposition::Run
            },
            form: Form::default(),
            namespace: Namespace::default(),
            shown: Vec::new(),
            directives: Directives { isolated: word.ends_with('*'), ..Directives::default() },
            file: None,
            section,
            era: 0,
        });
    }
    Document {
        path: DocumentPath(path.to_owned()),
        source: "".into(),
        blocks,
        problems: Vec::new(),
        notes: Vec::new(),
    }
}

/// Sessions in brackets, context in parentheses, a `/` before what stays unrun.
fn drawn(plan: &Plan) -> String {
    let last = |id: &SnippetId| id.0.rsplit("::").next().unwrap_or_default().to_owned();
    let mut drawing = Vec::new();
    for session in &plan.sessions {
        let words = session.snippets.iter().map(|planned| match planned.purpose {
            Purpose::Judged => last(&planned.snippet.id),
            Purpose::Context => format!("({})", last(&planned.snippet.id)),
        });
        drawing.push(format!("[{}]", words.collect::<Vec<_>>().join(" ")));
    }
    drawing.extend(plan.unrun.iter().map(|unrun| format!("/{}", last(&unrun.fence.id))));
    drawing.join(" ")
}

fn at(lines: &[u32]) -> Selection {
    let place = |line: &u32| ChosenPlace {
        path: DocumentPath("a.md".to_owned()),
        point: Point::Lines { first: Line(*line), last: Line(*line) },
    };
    Selection { places: lines.iter().map(place).collect(), ..Selection::default() }
}

fn named(patterns: &[&str]) -> Selection {
    Selection {
        patterns: patterns.iter().map(|pattern| (*pattern).to_owned()).collect(),
        ..Selection::default()
    }
}

#[test]
fn sessions_and_context() {
    for (words, share, selection, expected) in [
        ("one two three", Share::Document, at(&[]), "[one two three]"),
        ("one two three", Share::None, at(&[]), "[one] [two] [three]"),
        ("one | two three | four", Share::Section, at(&[]), "[one] [two three] [four]"),
        ("one two* three", Share::Document, at(&[]), "[one three] [two]"),
        ("one two- three", Share::Document, at(&[]), "[one three] /two"),
        ("", Share::Document, at(&[]), ""),
        ("one two three", Share::Document, at(&[11]), "[(one) two]"),
        ("one two three", Share::Document, at(&[15, 25]), "[(one) two three]"),
        ("one two* three", Share::Document, at(&[25]), "[(one) three]"),
        ("one two* three", Share::Document, at(&[12]), "[two]"),
        ("one two- three", Share::Document, at(&[12]), "/two"),
        ("one two- three", Share::Document, at(&[21]), "[(one) three]"),
        ("one two three", Share::None, at(&[21]), "[three]"),
        ("one | two three", Share::Section, at(&[21]), "[(two) three]"),
        ("one two three", Share::Document, named(&["TWO"]), "[(one) two]"),
        ("one two three", Share::Document, named(&["two", "a.md::o"]), "[one two]"),
        ("one two three", Share::Document, named(&["four"]), ""),
    ] {
        let documents = [document("a.md", words)];
        let plan = build(&documents, &selection, share, &Memory::default());
        assert_eq!(drawn(&plan), expected, "{words} {share:?} {selection:?}");
        assert_eq!(plan.problems, [], "{words}");
    }
}

#[test]
fn a_line_outside_of_every_block_names_the_nearest() {
    for (words, line, hint) in [
        ("one two", 9, "the nearest one is `a.md::two` at lines 11 to 15"),
        ("one two", 6, "the nearest one is `a.md::one` at lines 1 to 5"),
        ("one two", 99, "the nearest one is `a.md::two` at lines 11 to 15"),
        ("", 1, "the document has none"),
    ] {
        let documents = [document("a.md", words), document("b.md", "other")];
        let plan = build(&documents, &at(&[line]), Share::Document, &Memory::default());
        assert_eq!(drawn(&plan), "[other]", "only the document that was named is narrowed");

        let problem = Problem {
            path: "a.md".to_owned(),
            line: Some(Line(line)),
            message: "no Python block at this line".to_owned(),
            hint: Some(hint.to_owned()),
        };
        assert_eq!(plan.problems, [problem]);
    }
}

#[test]
fn last_failed_runs_everything_where_nothing_is_known() {
    let documents = [document("a.md", "one two three")];
    let last_failed = Selection { history: History::LastFailed, ..Selection::default() };
    let mut memory = Memory::default();
    let plan = build(&documents, &last_failed, Share::Document, &memory);
    assert_eq!(drawn(&plan), "[one two three]");
    assert_eq!(plan.notes, ["no earlier run is remembered: `--last-failed` runs everything"]);

    let [one, two] = ["a.md::one", "a.md::two"].map(|id| SnippetId(id.to_owned()));
    memory.record(&one, Verdict::Passed, Duration::from_millis(1));
    let plan = build(&documents, &last_failed, Share::Document, &memory);
    assert_eq!(drawn(&plan), "[one two three]");
    assert_eq!(plan.notes, ["nothing here failed the last time: `--last-failed` runs everything"]);

    memory.record(&two, Verdict::Failed, Duration::from_millis(1));
    let plan = build(&documents, &last_failed, Share::Document, &memory);
    assert_eq!(drawn(&plan), "[(one) two]");
    assert_eq!(plan.notes, [""; 0]);
    assert_eq!(plan.judged(), 1);
}

#[test]
fn memory_survives_and_forgets_what_is_gone() {
    let cache = tempfile::tempdir().unwrap();
    let folder = cache.path().join("snipcheck/0123");
    let ids = ["a.md::one", "a.md::gone", "b.md::two"].map(|id| SnippetId(id.to_owned()));
    let mut memory = Memory::open(Some(folder.clone()));
    for id in &ids {
        memory.record(id, Verdict::Failed, Duration::from_secs(2));
    }
    memory.save(&[document("a.md", "one")]);

    let memory = Memory::open(Some(folder.clone()));
    let failed: Vec<&str> = memory.failed().unwrap().iter().map(|id| id.0.as_str()).collect();
    assert_eq!(failed, ["a.md::one", "b.md::two"], "a document that was not read keeps its failures");
    let documents = [document("c.md", "three"), document("a.md", "zero one")];
    let plan = build(&documents, &Selection::default(), Share::Document, &memory);
    assert_eq!(drawn(&plan), "[zero one] [three]", "longest first");
    assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 1, "no temporary file stays");

    std::fs::write(folder.join("runs.json"), "{\"failed\":").unwrap();
    assert_eq!(Memory::open(Some(folder)).failed(), None, "a broken file is no memory");
}

#[test]
fn projects_that_no_longer_run_are_forgotten() {
    let cache = tempfile::tempdir().unwrap();
    let known = |name: &str| cache.path().join(name).join("runs.json");
    let make = |name: &str, days: u64| {
        std::fs::create_dir_all(cache.path().join(name)).unwrap();
        std::fs::write(known(name), "{}").unwrap();
        let file = std::fs::File::options().write(true).open(known(name)).unwrap();
        file.set_modified(SystemTime::now() - Duration::from_hours(24 * days)).unwrap();
    };
    make("00000000000000aa", 91);
    make("not-a-project", 91);
    for number in 0..210 {
        make(&format!("1{number:015x}"), number % 90);
    }
    std::os::unix::fs::symlink(cache.path().join("not-a-project"), cache.path().join("00000000000000bb"))
        .unwrap();
    std::fs::write(cache.path().join("self-test.json"), "{}").unwrap();

    let own = "ffffffffffffffff";
    let mut memory = Memory::open(Some(cache.path().join(own)));
    memory.record(&SnippetId("a.md::one".to_owned()), Verdict::Failed, Duration::ZERO);
    memory.save(&[]);
    let left: BTreeSet<String> = std::fs::read_dir(cache.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    assert!(known(own).exists() && known("not-a-project").exists() && left.contains("self-test.json"));
    assert!(!left.contains("00000000000000aa") && left.contains("00000000000000bb"));
    assert_eq!(left.len(), 200 + 3, "{left:?}");
}

#[test]
fn a_memory_that_is_no_file_is_no_memory() {
    let cache = tempfile::tempdir().unwrap();
    let file = cache.path().join("runs.json");
    nix::unistd::mkfifo(&file, nix::sys::stat::Mode::S_IRWXU).unwrap();
    assert_eq!(Memory::open(Some(cache.path().to_owned())).failed(), None);
    std::fs::remove_file(&file).unwrap();
    std::fs::File::create(&file).unwrap().set_len(1 << 40).unwrap();
    assert_eq!(Memory::open(Some(cache.path().to_owned())).failed(), None);
}

#[test]
fn a_folder_that_cannot_be_written_is_no_error() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let mut memory = Memory::open(Some(file.path().join("below")));
    memory.record(&SnippetId("a.md::one".to_owned()), Verdict::Failed, Duration::ZERO);
    memory.save(&[]);
    assert_eq!(std::fs::read(file.path()).unwrap(), b"");
}
