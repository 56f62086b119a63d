//! Comments that say how a statement goes: that it works, how long it takes, what comes out in words.

use crate::project::Project;

/// Line and verdict of each claim of the first snippet, remarks too.
#[track_caller]
fn check(code: &str, expected: &[(u64, &str)]) {
    let project = Project::document(&[code]);
    let run = project.json(&["--show-remarks", "--claims=report", "a.md"]);
    let events = run.events();
    let snippets = events.iter().filter(|event| event["event"] == "snippet");
    let claims: Vec<_> = snippets.flat_map(|snippet| snippet["claims"].as_array().unwrap()).collect();
    let found: Vec<_> = claims
        .iter()
        // The first line of code is the second of the document.
        .map(|claim| (claim["line"].as_u64().unwrap() - 1, claim["verdict"].as_str().unwrap()))
        .collect();
    assert_eq!(found, expected, "{}", run.stdout);
}

#[test]
fn what_is_said_to_work_must_not_raise() {
    check(
        "len('a')  # OK\nlen(3)  # works!\nlen('b')  # OK\n",
        &[(1, "holds"), (2, "broken"), (3, "not-reached")],
    );
    check("def f(x):\n    len(x)  # works (a list has one)\nf([])\n", &[(2, "holds")]);
    check("def f(x):\n    len(x)  # works\n", &[(2, "remark")]);
}

#[test]
fn what_is_missing_breaks_no_claim() {
    check("load()  # OK\n", &[(1, "not-reached")]);
    check("import nowhere_to_be_found\nlen('')  # OK\n", &[(2, "not-reached")]);
    check("print(load())  # 3\n", &[(1, "not-reached")]);
}

#[test]
fn a_value_where_it_raises_is_broken() {
    check("print(max(()))  # 3\n", &[(1, "broken")]);
    check("x = max(())  # 3\n", &[(1, "broken")]);
    check("max(())  # the largest\n", &[(1, "remark")]);
}

#[test]
fn nothing_holds_in_code_that_cannot_be_compiled() {
    check("len('a')  # OK\nint('a')  # ValueError\n---\n", &[(1, "not-reached"), (2, "not-reached")]);
}

#[test]
fn values_at_the_end_of_sentences() {
    check(
        "def f(x): return x\nx = f('ab')  # no error, returns 'ab'\nx = f('ab')  # fine! Returns 'abc'\nx = f(1)  # the one that returns 3\n",
        &[(2, "holds"), (3, "broken"), (4, "remark")],
    );
}

#[test]
fn types_in_words() {
    check(
        "x = int('3')  # Type: int\ny = 'a'  # the checker infers: str\nz = int('3')  # Type: str\n",
        &[(1, "holds"), (2, "holds"), (3, "remark")],
    );
}

#[test]
fn identities_and_durations_are_of_their_machine() {
    check(
        "print(id([]))  # 140234567890 (an address)\nprint(2 ** 9)  # ~0.3 seconds\nprint('took 0.012s')  # Prints: took 1.5s\n",
        &[(1, "unstable"), (2, "unstable"), (3, "unstable")],
    );
}

#[test]
fn values_of_a_loop() {
    check(
        "for word in 'ab':\n    letter = word.upper()  # 'A', 'B'\n    letter = word.upper()  # 'A', 'C'\n",
        &[(2, "holds"), (3, "broken")],
    );
    check("for x in range(2):\n    pair = x, x + 1  # 1, 2\n", &[(2, "holds")]);
}

#[test]
fn exceptions_of_functions_that_end_a_snippet() {
    check("def f():\n    int('a')  # ValueError\nf()\n", &[(2, "holds")]);
}

#[test]
fn caught_exceptions_are_seen_by_what_their_handlers_print() {
    check(
        "try:\n    int('a')  # ValueError\nexcept ValueError as error:\n    print(error)\n",
        &[(2, "holds")],
    );
    check("try:\n    int('a')  # Raises error!\nexcept ValueError:\n    print('no')\n", &[(2, "holds")]);
    check("try:\n    int('3')  # ValueError\nexcept ValueError:\n    print('no')\n", &[(2, "remark")]);
    check("try:\n    int('a')  # KeyError\nexcept ValueError:\n    print('no')\n", &[(2, "remark")]);
}

#[test]
fn an_error_without_a_name() {
    check("x = int('3')  # Raises error!\n", &[(1, "broken")]);
    check("x = int('a')  # Raises an error\n", &[(1, "holds")]);
    check("x = load('a')  # Raises an error\n", &[(1, "not-reached")]);
}
