//! Comments beside code: what holds, what is false, what is only prose, and what becomes of each.

use serde_json::Value;

use crate::project::{Project, Run};

/// Line, kind and verdict of each claim of the first snippet, remarks too.
#[track_caller]
fn check(code: &str, expected: &[(u64, &str, &str)]) {
    let project = Project::document(&[code]);
    let run = project.json(&["--show-remarks", "--claims=report", "a.md"]);
    let claims = claims(&run);
    let found: Vec<_> = claims
        .iter()
        .map(|claim| {
            let word = |key: &str| claim[key].as_str().unwrap_or_default();
            // The first line of code is the second of the document.
            (claim["line"].as_u64().unwrap() - 1, word("kind"), word("verdict"))
        })
        .collect();
    assert_eq!(found, expected, "{}", run.stdout);
}

#[track_caller]
fn claims(run: &Run) -> Vec<Value> {
    let events = run.events();
    let snippets = events.iter().filter(|event| event["event"] == "snippet");
    snippets.flat_map(|snippet| snippet["claims"].as_array().unwrap().clone()).collect()
}

#[test]
fn what_a_line_prints() {
    check(
        "print(3)  # 3\nprint(3)  # 4\nprint('a')  # 'a' (quoted)\nprint('a')  # a\nprint('a')  # the first\n",
        &[
            (1, "output", "holds"),
            (2, "output", "broken"),
            (3, "output", "holds"),
            (4, "output", "holds"),
            (5, "remark", "remark"),
        ],
    );
}

#[test]
fn what_a_function_prints_belongs_to_its_caller_too() {
    check(
        "def f(x):\n    print(x)  # 1\nf(1)  # 1\nf(2)  # 3\n",
        &[(2, "output", "holds"), (3, "output", "holds"), (4, "output", "broken")],
    );
}

#[test]
fn what_a_loop_prints() {
    check(
        "for x in range(3):\n    print(x)  # 0, 1, 2\nfor x in range(2):\n    print(x)\n# 0\n# 1\n",
        &[(2, "output", "holds"), (5, "output", "holds")],
    );
}

#[test]
fn values_and_bindings() {
    check(
        "len('abc')  # 3\nlen('abc')  # 4\nx = len('abc')  # 3\ny = x + 1  # 5\nz = 'abc'  # 5\n[x, y]  # [3, 4]\n",
        &[
            (1, "value", "holds"),
            (2, "value", "broken"),
            (3, "binding", "holds"),
            (4, "binding", "broken"),
            (5, "remark", "remark"),
            (6, "value", "holds"),
        ],
    );
}

#[test]
fn announced_exceptions_end_nothing() {
    check(
        "{}['x']  # KeyError\nint('x')  # raises ValueError!\nlen(3)  # Error: no length\nprint(1)  # 1\n\
         int('3')  # ValueError\nint('3')  # no ValueError here\nx = [KeyError('b')]\nx[0]  # KeyError('b')\n",
        &[
            (1, "exception", "holds"),
            (2, "exception", "holds"),
            (3, "exception", "holds"),
            (4, "output", "holds"),
            (5, "exception", "broken"),
            (6, "remark", "remark"),
            (8, "value", "holds"),
        ],
    );
}

#[test]
fn what_follows_an_exception_is_never_false() {
    check(
        "print(1)  # 1\nraise ValueError\nprint(2)  # 3\nlen('a')  # 2\nint('x')  # ValueError\nprint(4)  # later\n",
        &[
            (1, "output", "holds"),
            (3, "output", "not-reached"),
            (4, "value", "not-reached"),
            (5, "exception", "holds"),
            (6, "remark", "remark"),
        ],
    );
}

#[test]
fn reprs_are_compared_as_a_reader_would() {
    check(
        "class P: pass\nprint(P())  # <P object at 0x7f00>\nprint(P)  # <class 'P'>\n\
         print({3, 1, 2})  # {1, 2, 3}\nprint({'b': 1, 'a': 2})  # {'a': 2, 'b': 1}\n\
         print(list(range(9)))  # [0, 1, ..., 8]\nprint(1000000)  # 1_000_000\n",
        &[
            (2, "output", "holds"),
            (3, "output", "holds"),
            (4, "output", "holds"),
            (5, "output", "holds"),
            (6, "output", "holds"),
            (7, "output", "holds"),
        ],
    );
}

#[test]
fn prose_is_never_false() {
    check(
        "x = [1]  # a list\nx.append(2)  # [1, 2, 3]\nx.pop()  # the last\nprint(x)  # 3 rows or so\nprint(len(x), 'is')  # 5 to 9\n\
         # x.y  # no attribute\nprint(x)\n# [step] done\nprint('ready')  # (1)\n",
        &[
            (1, "remark", "remark"),
            (2, "remark", "remark"),
            (3, "remark", "remark"),
            (4, "remark", "remark"),
            (5, "remark", "remark"),
            (6, "remark", "remark"),
            (8, "remark", "remark"),
        ],
    );
}

#[test]
fn values_of_uncommented_code_are_left_alone() {
    check(
        "class Loud:\n    def __repr__(self): print('seen'); return '1'\nLoud()  # something\nLoud()\nprint(2)  # 2\n",
        &[(3, "remark", "remark"), (5, "output", "holds")],
    );
}

#[test]
fn a_false_claim_fails_its_snippet() {
    let project = Project::document(&["x = 1\nprint(x)  # 2 (two)\n\nprint(x)  # 1\nint('1')  # ValueError"]);
    let run = project.run(&["run", "a.md"]);
    assert_eq!((run.code, &*run.stderr), (1, ""));
    let shown = run.stdout.split_once("FAIL a.md").unwrap().1;
    insta::with_settings!({filters => [(r"\d+\.\d{3}s", "0.000s"), (r"CPython \S+,", "[python],")]}, {
        insta::assert_snapshot!(shown);
    });
}

#[test]
fn reported_claims_fail_nothing() {
    let project = Project::document(&["print(1)  # 2"]);
    let run = project.run(&["run", "--claims=report", "a.md"]);
    assert_eq!(run.code, 0, "{}", run.stdout);
    assert!(
        run.stdout.contains("1 false claim: reported, not failed\n  a.md:2  2, but it is `1`\n"),
        "{run:?}"
    );
    assert!(run.stdout.contains("\n  claims: 1 broken\n"), "{run:?}");
}

#[test]
fn claims_can_be_left_unread() {
    let project = Project::document(&["print(1)  # 2", "```pycon\n>>> 1\n2\n```"]);
    project.write("pyproject.toml", "[tool.snipcheck]\nclaims = 'off'\n");
    let run = project.json(&["--show-remarks", "a.md"]);
    assert_eq!((run.code, claims(&run)), (0, Vec::new()), "{}", run.stdout);
    assert_eq!(project.json(&["--claims=check", "a.md"]).code, 1);
}

#[test]
fn remarks_are_shown_on_request() {
    let project = Project::document(&["x = 1  # one\nprint(x)  # 1"]);
    assert_eq!(claims(&project.json(&["a.md"])).len(), 1);
    let run = project.json(&["--show-remarks", "a.md"]);
    assert_eq!(claims(&run)[0]["text"], "one");
    let counts = &run.events().pop().unwrap()["claims"];
    assert_eq!((&counts["holds"], &counts["remarks"]), (&Value::from(1), &Value::from(1)));
    let human = project.run(&["run", "--show-remarks", "a.md"]);
    assert!(human.stdout.contains("  remark              a.md:2  one\n"), "{}", human.stdout);
}

#[test]
fn accepted_claims_are_known_to_be_false() {
    let project = Project::document(&["print(1)  # 2"]);
    assert_eq!(project.run(&["run", "a.md"]).code, 1);
    assert_eq!(project.run(&["accept", "--claims", "report", "a.md"]).code, 0);
    let snapshot = project.read("expected/a.md/top-1.snap");
    assert!(snapshot.contains(": \"2, but it is 1\"\n---\n1\n"), "{snapshot}");
    // Lines may move.
    project.write("a.md", "text\n\n```python\nprint(1)  # 2\n```\n");
    let run = project.json(&["a.md"]);
    assert_eq!((run.code, &claims(&run)[0]["accepted"]), (0, &Value::from(true)), "{}", run.stdout);
    let human = project.run(&["run", "a.md"]);
    assert!(human.stdout.contains("claims: 1 known to be false\n"), "{}", human.stdout);
    let before = project.read("expected/a.md/top-1.snap");
    assert_eq!(project.run(&["accept", "--claims", "report", "a.md"]).code, 0);
    assert_eq!(project.read("expected/a.md/top-1.snap"), before);
}

#[test]
fn what_the_document_contradicts_is_not_accepted_in_passing() {
    let project = Project::document(&["print(1)  # 2"]);
    let run = project.run(&["accept", "a.md"]);
    assert_eq!(run.code, 1, "{}", run.stdout);
    let told = "not accepted, because the document says something else: `snipcheck update` corrects the document, \
                `--claims report` accepts it as known to be false\n";
    assert!(run.stdout.contains(told), "{}", run.stdout);
    assert!(!project.files().iter().any(|file| file.contains("expected")), "{:?}", project.files());
}

#[test]
fn what_was_accepted_covers_nothing_else() {
    let project = Project::document(&["print(1)  # 2"]);
    assert_eq!(project.run(&["accept", "--claims", "report", "a.md"]).code, 0);
    project.write("a.md", "```python\nprint(1)  # 3\n```\n");
    assert_eq!(project.run(&["run", "a.md"]).code, 1);
    assert_eq!(project.run(&["accept", "--claims", "report", "a.md"]).code, 0);
    assert_eq!(project.run(&["run", "a.md"]).code, 0);
    project.write("a.md", "```python\nprint(1)  # 1\n```\n");
    assert_eq!(project.run(&["run", "a.md"]).code, 0);
}

#[test]
fn hostile_comments_are_prose() {
    let deep = "[".repeat(50_000);
    let code = format!(
        "print(1)  # {deep}\nprint(1)  # {}\nprint(1)  # {}\n",
        "<".repeat(50_000),
        "1,".repeat(50_000)
    );
    check(&code, &[(1, "remark", "remark"), (2, "remark", "remark"), (3, "remark", "remark")]);
}
