//! Whatever a session says, it is judged and reported, and the rest of its document too.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};

use super::*;
use crate::config::{Claims, Share, Snapshots};
use crate::document;
use crate::event::Event;
use crate::expect::{Record, SnapshotStore, StoreOptions};
use crate::model::installation::Installation;
use crate::model::outcome::Outcome;
use crate::model::policy::Chance;
use crate::model::snippet::DocumentPath;
use crate::plan::{self, Memory, Selection};
use crate::report::{
    Color, Format, Options as ReportOptions, Progress as Shown, Remarks, Reporter, Verbosity,
};
use crate::run::event_sink::EventSink;
use crate::run::jobs::{Part, Pass};
use crate::run::verify::cold::Cold;
use crate::run::verify::document_judge::{Circumstances, DocumentJudge};
use crate::run::verify::held;
use crate::run::verify::other_seeds::OtherSeeds;
use crate::run::verify::pipeline::Pipeline;
use crate::run::verify::real_clock::RealClock;
use crate::run::verify::repeats::Repeats;
use crate::summary::Strictness;
use crate::supervisor::{Load, Progress, decoded_outcome};
use crate::wire::{Mark, Stack, Token, encode};

const TOKEN: Token = *b"0123456789abcdef";

/// Claims of every kind, from line 3 on.
const DOCUMENT: &str = "\
# Title

```python
import time
row = [3, 1]
print(row)  # [3, 1]
row.sort()  # [1, 3]
row  # [1, 3]
time.time()  # 3
row[9]  # IndexError
# row.x  # AttributeError
x = row  # refcount = 2
print(len(row))  # {2}
row[9]
print('after')  # after
```

Output:

```text
[3, 1]
{2}
```

```python
>>> 1 + 1
2
>>> print('a')
a
>>> 1 / 0
Traceback (most recent call last):
ZeroDivisionError: division by zero
```

```python raises=ValueError
raise ValueError('no')
```
";

fn number() -> impl Strategy<Value = u32> {
    prop_oneof![3 => 0..40_u32, 1 => select(vec![u32::MAX, u32::MAX - 1, 1 << 31]), 1 => any::<u32>()]
}

fn text() -> impl Strategy<Value = String> {
    let known = ["[3, 1]", "[1, 3]", "\n", "IndexError", "é漢🦀", "\u{202e}", "{2}", "a.md", "2", "", "\r\n"];
    let piece = prop_oneof![3 => select(known.to_vec()).prop_map(str::to_owned), 1 => any::<String>()];
    vec(piece, 0..5).prop_map(|pieces| pieces.concat())
}

fn span() -> impl Strategy<Value = Value> {
    prop_oneof![
        any::<u64>().prop_map(Value::from),
        Just(json!(u64::MAX)),
        Just(json!({"secs": u64::MAX, "nanos": u32::MAX})),
        Just(json!(-1)),
        Just(json!(1e300)),
    ]
}

fn exception() -> impl Strategy<Value = Value> {
    let frame = (text(), number(), any::<bool>()).prop_map(|(name, line, document)| {
        let file = if document { "a.md" } else { &name };
        json!({"file": file, "line": line, "function": name, "document": document})
    });
    let kinds = ["IndexError", "ZeroDivisionError", "ValueError", "SyntaxError", "", "a.b"];
    (select(kinds.to_vec()), text(), option::of(number()), vec(frame, 0..4), text()).prop_map(
        |(kind, message, line, frames, traceback)| {
            json!({"type": kind, "bases": [kind, "Exception"], "message": message, "line": line,
                   "frames": frames, "traceback": traceback, "operands": []})
        },
    )
}

fn blame() -> impl Strategy<Value = Value> {
    let kinds = [
        "wall",
        "cpu",
        "virtual",
        "memory",
        "processes",
        "output",
        "disk",
        "inodes",
        "descriptors",
        "signal",
        "exit",
        "interactive",
        "missing-package",
        "network",
    ];
    let limit = (select(kinds.to_vec()), any::<u64>());
    prop_oneof![
        Just(Value::Null),
        text().prop_map(|name| json!({"MissingPackage": {"name": name}})),
        text().prop_map(|why| json!({"Network": {"why": why}})),
        limit.prop_map(|(kind, used)| json!({"Limit": {"kind": kind, "used": used}})),
        Just(json!("Interactive")),
    ]
}

fn finished() -> impl Strategy<Value = Value> {
    let end = prop_oneof![
        Just(json!("Completed")),
        (exception(), blame())
            .prop_map(|(exception, blame)| json!({"Raised": {"exception": exception, "blame": blame}})),
        (any::<i32>(), any::<u64>()).prop_map(|(code, left)| json!({"Exited": {"code": code, "left": left}})),
    ];
    (end, option::of(text()), [span(), span(), span()], select(vec!["virtual", "real"]), vec(text(), 0..3))
        .prop_map(|(end, value, [wall, cpu, passed], clock, notes)| {
            json!({"Finished": {"end": end, "value": value, "wall": wall, "cpu": cpu, "clock": clock,
                                "passed": passed, "timed": true, "notes": notes}})
        })
}

fn fact() -> impl Strategy<Value = Value> {
    let look = prop_oneof![
        3 => select(vec!["Value", "Output", "Operations", "Size"]).prop_map(Value::from),
        1 => Just(json!({"State": {"name": "row", "attribute": null}})),
        1 => Just(json!({"References": {"name": "row"}})),
    ];
    let value = (number(), number(), look, option::of(text()), option::of(text())).prop_map(
        |(line, column, look, repr, text)| {
            json!({"Value": {"at": {"line": line, "column": column}, "look": look, "repr": repr, "text": text}})
        },
    );
    prop_oneof![
        3 => value,
        1 => (number(), option::of(exception()))
            .prop_map(|(line, exception)| json!({"Attempt": {"line": line, "exception": exception}})),
        1 => (number(), number(), exception()).prop_map(|(first, last, exception)| {
            json!({"Survived": {"first": first, "last": last, "exception": exception}})
        }),
        1 => (option::of(exception()), option::of(text())).prop_map(|(exception, headline)| {
            json!({"Example": {"exception": exception, "headline": headline}})
        }),
    ]
}

fn stuck() -> impl Strategy<Value = Value> {
    let frame =
        (number(), text()).prop_map(|(line, name)| format!("  File \"a.md\", line {line} in {name}\n"));
    let stacks = vec(frame, 0..5)
        .prop_map(|frames| format!("Process 1\nThread 0x1 (most recent call first):\n{}", frames.concat()));
    (select(vec!["Deadlocked", "Spent", "Ended"]), span(), any::<u64>(), stacks).prop_map(
        |(kind, passed, jumps, stacks)| {
            json!({"Stuck": {"kind": kind, "clock": "virtual", "passed": passed, "jumps": jumps,
                             "stacks": stacks}})
        },
    )
}

fn replies() -> impl Strategy<Value = Vec<u8>> {
    let frame = |reply: &Value| encode(&TOKEN, reply).expect("it is JSON");
    let seen = fact().prop_map(move |fact| frame(&json!({"Seen": fact})));
    let last = prop_oneof![
        4 => finished().prop_map(move |reply| frame(&reply)),
        2 => stuck().prop_map(move |reply| frame(&reply)),
        1 => any::<u8>().prop_map(move |code| frame(&json!({"Gone": {"status": {"Exit": code}}}))),
        1 => any::<i32>().prop_map(move |number| frame(&json!({"Gone": {"status": {"Signal": number}}}))),
        1 => (text(), text())
            .prop_map(move |(step, error)| frame(&json!({"Refused": {"step": step, "error": error}}))),
        1 => vec(any::<u8>(), 0..40),
    ];
    (vec(seen, 0..6), last).prop_map(|(seen, last)| [seen.concat(), last].concat())
}

fn output() -> impl Strategy<Value = Vec<u8>> {
    let written = (vec(number(), 0..4), number(), text()).prop_map(|(lines, length, text)| {
        let mut by = Stack::default();
        for line in lines {
            by.push(line);
        }
        let length = if length < 20 { u32::try_from(text.len()).expect("it is short") } else { length };
        [Mark::Written { by, length }.encode(&TOKEN), text.into_bytes()].concat()
    });
    let piece = prop_oneof![
        4 => written,
        1 => Just(Mark::Example.encode(&TOKEN)),
        1 => vec(any::<u8>(), 0..9),
    ];
    vec(piece, 0..8).prop_map(|pieces| pieces.concat())
}

fn outcome() -> impl Strategy<Value = Outcome> {
    (replies(), output(), output())
        .prop_map(|(replies, stdout, stderr)| decoded_outcome("a.md", &TOKEN, &replies, [&stdout, &stderr]))
}

/// Judges all snippets of the document by these outcomes and by what would follow, and reports in both formats.
fn tell(root: &Path, outcomes: &[Outcome], repetition: Repetition, audience: Audience<'_>) -> Summary {
    let document = document::parse(&DocumentPath("a.md".to_owned()), DOCUMENT, &document::Options::default());
    let documents = std::slice::from_ref(&document);
    let plan = plan::build(documents, &Selection::default(), Share::Section, &Memory::default());
    let expectations = jobs::expectations(&plan, Claims::Check, None);
    let parts = jobs::whole(&plan, &repetition.passes(Chance::USUAL));
    let (redactions, record) = (Vec::new(), Record::Never);
    let store = SnapshotStore::open(StoreOptions {
        root,
        snapshots: Snapshots::default(),
        claims: Claims::Check,
        redactions: &redactions,
        record,
        python: None,
        settled: BTreeSet::new(),
    });
    let store = store.expect("the folder is there");

    let mut memory = Memory::default();
    let sink = EventSink::new(audience, &mut memory);
    let circumstances = Circumstances { tier: Tier::A, conditions: repetition.conditions, python: None };
    let mut pipeline = Pipeline {
        plan: &plan,
        expectations: &expectations,
        judges: DocumentJudge::all(documents, &store, &plan, circumstances),
        cold: Cold::default(),
        repeats: Repeats::with_room(repetition, held::ROOM),
        real_clock: RealClock::with_room(held::ROOM),
        other_seeds: OtherSeeds::with_room(held::ROOM),
        reported: BTreeMap::new(),
        failures: BTreeMap::new(),
        cached: BTreeSet::new(),
        recorder: None,
        sink,
    };

    let mut next = outcomes.iter().cycle().cloned();
    let mut news = Vec::new();
    for (job, part) in parts.iter().enumerate() {
        for work in 0..part.snippets {
            let outcome = Box::new(next.next().expect("it cycles"));
            news.push(Progress::Done { job, work, outcome, load: Load::default() });
        }
    }
    pipeline.follow(news.into_iter(), &parts).expect("memory takes what is reported");
    // The passes that would follow: the same once more.
    for pass in [Pass::RealClock, Pass::OtherSeeds] {
        let again = pipeline.real_clock.parts(Chance::USUAL).into_iter();
        let again = again.chain(pipeline.other_seeds.parts(&[Chance::USUAL]));
        let parts: Vec<Part> = again.map(|part| Part { pass, ..part }).collect();
        let news: Vec<Progress> = (0..parts.len())
            .flat_map(|job| (0..parts[job].snippets).map(move |work| (job, work)))
            .map(|(job, work)| {
                let outcome = Box::new(outcomes[(job + work + 1) % outcomes.len()].clone());
                Progress::Done { job, work, outcome, load: Load::default() }
            })
            .collect();
        pipeline.follow(news.into_iter(), &parts).expect("memory takes what is reported");
    }
    pipeline.close().expect("memory takes what is reported");
    let summary = pipeline.sink.into_summary();
    assert_eq!(summary.passed + summary.failed + summary.unreviewed + summary.skipped, 3, "{summary:?}");
    summary
}

const BROKEN: &str = "snipcheck itself failed";

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn whatever_a_session_says_is_judged(
        outcomes in vec(outcome(), 1..5),
        varied in any::<bool>(),
        times in 1..3_usize,
    ) {
        let root = tempfile::tempdir().expect("there is a temporary folder");
        let report = |format| {
            let (base, verbosity, remarks) = (String::new(), Verbosity::Verbose, Remarks::Shown);
            let options = ReportOptions { base, in_repository: String::new(), verbosity, remarks, color: Color::Never, repeated: Vec::new(), installation: Installation::default() };
            Reporter::new(format, options, Shown::silent(), Vec::new())
        };
        let mut reporters = [report(Format::Human), report(Format::Json)];
        let conditions = if varied { Conditions::Varied } else { Conditions::Same };
        let summary = tell(root.path(), &outcomes, Repetition { times, conditions }, &mut |event| {
            if let Event::Problem(problem) = event {
                assert!(!problem.message.contains(BROKEN), "{problem:?}");
            }
            reporters.iter_mut().try_for_each(|reporter| reporter.record(event))
        });
        for reporter in reporters {
            reporter.finish(&summary, summary.exit_code(Strictness::Check)).expect("memory takes it");
        }
    }
}

#[test]
fn a_defect_of_ours_costs_one_snippet_its_judgment() {
    let root = tempfile::tempdir().expect("there is a temporary folder");
    let outcome = decoded_outcome("a.md", &TOKEN, &[], [&[], &[]]);
    let (mut lines, mut problems) = (Vec::new(), Vec::new());
    let summary = tell(root.path(), &[outcome], Repetition::ONCE, &mut |event| {
        match event {
            Event::Judged(judged) => {
                lines.push(judged.location.start);
                assert!(lines.len() != 2, "a defect, which this test makes");
            }
            Event::Problem(problem) => problems.push((problem.line, problem.message.clone())),
            _ => {}
        }
        Ok(())
    });
    assert_eq!(lines.len(), 3, "{lines:?}");
    let broken = "this snippet cannot be judged: snipcheck itself failed at it".to_owned();
    assert_eq!(problems, [(Some(lines[1]), broken)]);
    assert_eq!(summary.exit_code(Strictness::Check), 1);
}
