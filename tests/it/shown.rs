//! Output that documents show below their code, in every dialect, and what becomes of it when it runs.

use serde_json::Value;

use crate::project::{Project, Run};

fn run(document: &str) -> Run {
    Project::new(&[("a.md", document)]).json(&["a.md"])
}

/// Of each claim its line, kind, verdict and what really happened.
#[track_caller]
fn check(document: &str, expected: &[(u64, &str, &str, &str)]) {
    let run = run(document);
    let events = run.events();
    let claims: Vec<&Value> =
        events.iter().filter_map(|event| event["claims"].as_array()).flatten().collect();
    let word = |value: &Value| value.as_str().unwrap_or("-").to_owned();
    let found: Vec<_> = claims
        .iter()
        .map(|claim| {
            let line = claim["line"].as_u64().unwrap();
            (line, word(&claim["kind"]), word(&claim["verdict"]), word(&claim["actual"]))
        })
        .collect();
    let expected: Vec<_> = expected
        .iter()
        .map(|(line, kind, verdict, actual)| {
            (*line, (*kind).to_owned(), (*verdict).to_owned(), (*actual).to_owned())
        })
        .collect();
    assert_eq!(found, expected, "{document}\n{run:?}");
    let broken = expected.iter().any(|(_, _, verdict, _)| verdict == "broken");
    let is_late = expected.iter().any(|(_, _, verdict, _)| verdict == "not-reached");
    assert_eq!(run.code, i32::from(broken || is_late), "{run:?}");
}

#[test]
fn arrows_below_prints() {
    check(
        "```py\ndef f(x):\n    print(x)\n    #> 1\n    #> 2\n\nf(1)\nf(2)\n#> 2\nprint({3, 1, 2}, f)\n#> {1, 2, 3} <function f at 0x0123456789ab>\n```\n",
        &[(4, "shown", "holds", "1\n2"), (9, "shown", "holds", "2"), (11, "shown", "holds", "-")][..2],
    );
}
