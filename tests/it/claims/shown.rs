//! Output that documents show below their code, in every dialect: kept, broken, and never reached.

use serde_json::Value;

use crate::project::{Project, Run};

fn run(document: &str) -> Run {
    Project::new(&[("a.md", document)]).json(&["a.md"])
}

/// Of each claim its line, kind, verdict and what really happened.
fn claims(run: &Run) -> Vec<(u64, String, String, String)> {
    let snippets = run.snippets();
    let claims = snippets.iter().filter_map(|snippet| snippet["claims"].as_array()).flatten();
    let word = |value: &Value| value.as_str().unwrap_or("-").to_owned();
    claims
        .map(|claim| {
            let line = claim["line"].as_u64().unwrap();
            (line, word(&claim["kind"]), word(&claim["verdict"]), word(&claim["actual"]))
        })
        .collect()
}

#[track_caller]
fn check(document: &str, code: i32, expected: &[(u64, &str, &str, &str)]) {
    let run = run(document);
    let owned = |text: &&str| (*text).to_owned();
    let expected: Vec<_> = expected
        .iter()
        .map(|(line, kind, verdict, actual)| (*line, owned(kind), owned(verdict), owned(actual)))
        .collect();
    assert_eq!(claims(&run), expected, "{document}\n{run:?}");
    assert_eq!(run.code, code, "{run:?}");
}

#[test]
fn arrows_below_prints() {
    let document = "\
```py
def double(x):
    print(x * 2)
    #> 2
    #> 4

double(1)
double(2)
#> 4
print({3, 1, 2})
#> {1, 2, 3}
```
";
    check(
        document,
        0,
        &[(4, "shown", "holds", "2\n4"), (9, "shown", "holds", "4"), (11, "shown", "holds", "{1, 2, 3}")],
    );
    check("```py\nprint(1)\n#> 2\n```\n", 1, &[(3, "shown", "broken", "1")]);
    check(
        "```py\nif False:\n    print(1)\n    #> 1\n1 / 0\nprint(2)\n#> 2\n```\n",
        1,
        &[(4, "shown", "not-reached", "-"), (7, "shown", "not-reached", "-")],
    );
    let run = run("```py\nprint(object())\n#> <object object at 0x0123456789ab>\n```\n");
    assert_eq!(run.snippets()[0]["claims"][0]["verdict"], "holds", "{run:?}");
}

#[test]
fn strings_below_calls() {
    let listing = |line: u32| {
        format!(
            "# A page\n\nsome words\n\n```py\ndef f(x):\n    return x\nprint(' {line} RETURN_VALUE')\n\"\"\"\n 2 RETURN_VALUE\n\"\"\"\n```\n"
        )
    };
    check(&listing(7), 0, &[(10, "shown", "holds", " 2 RETURN_VALUE")]);
    check(&listing(8), 1, &[(10, "shown", "broken", " 3 RETURN_VALUE")]);
    check("```py\nprint('a', 'b', sep='\\n')\n'''\na\nb\n'''\n```\n", 0, &[(4, "shown", "holds", "a\nb")]);
    check("```py\n1 / 0\nprint('a')\n'''\na\n'''\n```\n", 1, &[(5, "shown", "not-reached", "-")]);
}

#[test]
fn blocks_of_comments() {
    check(
        "```py\nprint(1)\nprint(2)\n# Output:\n# 1\n# 2\n\nprint(3)\n# Prints:\n# 4\n```\n",
        1,
        &[(5, "shown", "holds", "1\n2"), (10, "shown", "broken", "3")],
    );
    check(
        "```py\nfor name in {'a', 'b'}:\n    print(name)\n# Unordered output:\n# b\n# a\n```\n"
            .replace("{'a', 'b'}", "'ab'")
            .as_str(),
        0,
        &[(5, "shown", "holds", "a\nb")],
    );
    check("```py\n1 / 0\nprint(1)\n# Output:\n# 1\n```\n", 1, &[(5, "shown", "not-reached", "-")]);
}

#[test]
fn blocks_below_the_code() {
    check("```py\nprint(1)\n```\n```\n1\n```\n", 0, &[(5, "shown", "holds", "1")]);
    check("```py\nprint(1)\n```\n\nOutput:\n\n```text\n2\n```\n", 1, &[(8, "shown", "broken", "1")]);
    check("```py\nprint(1)\nexit(1)\n```\n```\n2\n```\n", 1, &[(6, "shown", "broken", "1")]);
    check("```py\nprint(1)\n1 / 0\n```\n```\n1\n2\n```\n", 1, &[(6, "shown", "not-reached", "1")]);
    check(
        "```py\nprint('{\"a\": 1}')\n```\n```json\n{\n  \"a\": 1\n}\n```\n",
        0,
        &[(5, "shown", "holds", "{\"a\": 1}")],
    );
    check("```py\nx = [1]\nx\n```\n```\n[1]\n```\n", 0, &[(6, "shown", "holds", "[1]")]);
    check("```py\nprint(1)\n```\nand now a file:\n```\n2\n```\n", 0, &[]);
}

#[test]
fn output_that_is_labelled_as_code_does_not_run() {
    let run = run("```py\nprint([1])\n```\n\n**Output**\n\n```py\n[1]\n```\n\n```py\nprint(2)\n```\n");
    let snippets = run.snippets();
    let verdicts: Vec<&Value> = snippets.iter().map(|snippet| &snippet["verdict"]).collect();
    assert_eq!(verdicts, ["passed", "skipped", "passed"], "{run:?}");
    assert_eq!(snippets[1]["reasons"][0], "output of the snippet in line 1");
}

#[test]
fn comments_of_other_tools() {
    check(
        "```py\nprint('a  b')\n```\n<!--pytest-codeblocks:expected-output-ignore-whitespace-->\n```\na b\n```\n",
        0,
        &[(6, "shown", "holds", "a  b")],
    );
    check(
        "```py\nprint(1)\n```\n<!-- :expected-output -->\n```py\n2\n```\n",
        1,
        &[(6, "shown", "broken", "1")],
    );
    check(
        "```py\nprint('*a*')\n```\n<!-- OUTPUT:START -->\n*a*\n\n<!-- OUTPUT:END -->\n",
        0,
        &[(5, "shown", "holds", "*a*")],
    );
    check(
        "```{testcode}\nprint('a', 'b')\n```\n```{testoutput}\n:options: +ELLIPSIS\n\na ...\n```\n",
        0,
        &[(7, "shown", "holds", "a b")],
    );
}

#[test]
fn the_end_of_a_block() {
    check("```py\nprint('a b')\n\n# output\n\na b\n```\n", 0, &[(6, "shown", "holds", "a b")]);
    check("```py\nprint('a c')\n\n# output\n\na b\n```\n", 1, &[(6, "shown", "broken", "a c")]);
    check("```py\n1 / 0\n\n# output\n\na b\n```\n", 1, &[(6, "shown", "not-reached", "-")]);
}

#[test]
fn exceptions_that_are_shown() {
    let shown = |code: &str, error: &str| {
        format!(
            "```py\n{code}\n```\n```\nTraceback (most recent call last):\n  File \"x.py\", line 9\n{error}\n```\n"
        )
    };
    let code = "print(1)\nraise KeyError('a')";
    check(&shown(code, "KeyError: 'a'"), 0, &[(8, "traceback", "holds", "KeyError: 'a'")]);
    check(&shown(code, "KeyError: ..."), 0, &[(8, "traceback", "holds", "KeyError: 'a'")]);
    check(&shown(code, "KeyError: 'b'"), 1, &[(8, "traceback", "broken", "KeyError: 'a'")]);
    check(&shown("x = 1\ny = 2", "KeyError: 'b'"), 1, &[(8, "traceback", "broken", "-")]);
    check(&shown("x = 1\nexit()", "KeyError: 'b'"), 1, &[(8, "traceback", "broken", "-")]);
    check(
        "```py\n1 / 0\n```\n```pytb\nZeroDivisionError: division by zero\n```\n",
        0,
        &[(5, "traceback", "holds", "ZeroDivisionError: division by zero")],
    );
}

#[test]
fn redactions_hold_on_both_sides() {
    let project = Project::new(&[
        (
            "pyproject.toml",
            "[[tool.snipcheck.redactions]]\npattern = 'port [0-9]+'\nreplacement = 'port N'\n",
        ),
        ("a.md", "```py\nprint('port 81')\n#> port 80\n```\n"),
    ]);
    let run = project.json(&["a.md"]);
    assert_eq!(claims(&run), [(3, "shown".to_owned(), "holds".to_owned(), "port 81".to_owned())], "{run:?}");
}

#[test]
fn what_is_false_is_rewritten_in_its_form() {
    let document = |arrow: &str, text: &str, comment: &str, block: &str, rest: &str, error: &str| {
        format!(
            "```py\nprint(1)\n{arrow}\n```\n\n> ```py\n> print('a')\n> \"\"\"\n> {text}\n> \"\"\"\n> # Output:\n> # {comment}\n> ```\n> Output:\n> ```\n> {block}\n>\n> ```\n\n```py\nprint('x y')\n\n# output\n\n{rest}\n```\n\n```py\nraise KeyError('k')\n```\n```\nTraceback (most recent call last):\n  File \"x\", line 3\n{error}\n```\n"
        )
    };
    let stale = document("#> 2\n#> 3", "b", "b", "b", "old text", "ValueError");
    let project = Project::new(&[("a.md", &stale)]);
    let first = project.run(&["update", "--yes", "a.md"]);
    assert_eq!(first.code, 0, "{first:?}");
    assert_eq!(project.read("a.md"), document("#> 1", "a", "a", "a", "x y", "KeyError: 'k'"));
    let second = project.json(&["a.md"]);
    assert_eq!((second.code, &second.summary()["claims"]["holds"]), (0, &Value::from(6)), "{second:?}");
}
