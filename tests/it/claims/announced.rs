//! Exceptions that a document announces: beside the statement, below it, in strings, without a name, and for exits.

use crate::project::Project;

/// Line and verdict of each claim, then the snippet's verdict.
#[track_caller]
fn check(code: &str, claims: &[(u64, &str)], expected: &str) {
    let document = format!("```py\n{code}```\n");
    let project = Project::new(&[("a.md", &document)]);
    let run = project.json(&["a.md"]);
    let snippet = &run.snippets()[0];
    assert_eq!(snippet["verdict"], expected, "{code}\n{}", run.stdout);

    let found = snippet["claims"].as_array().unwrap().iter();
    let line = |claim: &serde_json::Value| claim["line"].as_u64().unwrap() - 1;
    let found: Vec<_> = found.map(|claim| (line(claim), claim["verdict"].as_str().unwrap())).collect();
    for claim in claims {
        assert!(found.contains(claim), "{code}\n{claim:?} {found:?}");
    }
}

#[test]
fn lines_below_announce_exceptions() {
    for below in [
        "# ValueError: invalid literal for int() with base 10: 'x'",
        "# raises ValueError",
        "# Raises a ValueError!",
        "#> ValueError: invalid literal for int() with base 10: 'x'",
        "# Traceback (most recent call last):\n#   ...\n# ValueError: invalid literal for int() with base 10: 'x'",
        "\"\"\"\nTraceback (most recent call last):\n  ...\nValueError: invalid literal for int() with base 10: 'x'\n\"\"\"",
        "'''\nValueError: invalid literal for int() with base 10: 'x'\n'''",
        "# Output:\n# ValueError: invalid literal for int() with base 10: 'x'",
        "# raises an error",
    ] {
        check(&format!("int('x')\n{below}\nprint('on')  # on\n"), &[], "passed");
    }
}

#[test]
fn another_exception_below_announces_nothing() {
    for below in [
        "# KeyError: 'x'",
        "#> KeyError: 'x'",
        "# ValueErrors are errors, too",
        "\"\"\"\nKeyError: 'x'\n\"\"\"",
        "\n# ValueError",
    ] {
        check(&format!("int('x')\n{below}\n"), &[], "failed");
    }
    check(
        "int('x')\n#> ValueError: invalid literal for int() with base 8: 'x'\n",
        &[(2, "broken")],
        "failed",
    );
    check("int('7')\n# ValueError: invalid literal\n", &[(2, "broken")], "failed");
    check("int('7')\n#> ValueError: invalid literal\n", &[(2, "broken")], "failed");
    // It may be a heading for what is below it.
    check("x = len('7')\n# KeyError\n{}['x']  # KeyError\n", &[], "passed");
}

#[test]
fn errors_without_names() {
    for comment in [
        "raises an exception",
        "Exception: invalid literal",
        "Exception",
        "raises an error",
        "This will raise an error!",
        "throws an exception (no number)",
    ] {
        check(
            &format!("int('x')  # {comment}\nprint('on')  # on\n"),
            &[(1, "holds"), (2, "holds")],
            "passed",
        );
        check(&format!("int('7')  # {comment}\n"), &[(1, "broken")], "failed");
    }
    // What surrounds the statement is to blame.
    check("client.get('x')  # raises an error\n", &[(1, "not-reached")], "failed");
    check("import not_there_at_all  # raises an error\n", &[], "failed");
}

#[test]
fn exits() {
    for comment in
        ["SystemExit: 2", "SystemExit", "SystemExit(2)", "exits with code 2", "raises SystemExit: 2 (usage)"]
    {
        check(
            &format!("import sys\nsys.exit(2)  # {comment}\nprint('on')  # on\n"),
            &[(2, "holds"), (3, "holds")],
            "passed",
        );
        check(&format!("import sys\nsys.stdin.isatty()  # {comment}\nsys.exit(3)\n"), &[], "failed");
    }
    for comment in ["SystemExit: 3", "exits with code 1", "raises ValueError", "raises an error"] {
        check(&format!("import sys\nsys.exit(2)  # {comment}\n"), &[], "failed");
    }
    check("import sys\nsys.exit('bye')  # SystemExit: bye\n", &[(2, "holds")], "passed");
    check("import sys\nsys.exit('bye')  # SystemExit: hello\n", &[], "failed");
    check("import sys\nsys.exit(4)\n# SystemExit: 4\n", &[], "passed");
    let usage =
        "import argparse\nargparse.ArgumentParser(prog='tea').parse_args(['--rum'])  # SystemExit: 2\n";
    check(usage, &[(2, "holds")], "passed");
}

#[test]
fn lines_that_do_not_compile() {
    check("x = = 1  # SyntaxError\n", &[], "passed");
    check("x = 1\nx = = 2  # SyntaxError: invalid syntax\nprint(x)  # 1\n", &[(3, "holds")], "passed");
    check("1 = x  # SyntaxError\n2x = 1  # SyntaxError\nprint('on')  # on\n", &[(3, "holds")], "passed");
    check("return 1  # SyntaxError: 'return' outside function\n", &[], "passed");
    check("x = = 1  # TypeError\n", &[], "failed");
    check("x = 1  # SyntaxError\n", &[(1, "broken")], "failed");
    check("x = 1  # SyntaxError\ny = = 1\n", &[], "failed");
}

#[test]
fn a_tag_that_lets_a_cell_fail_is_a_permission() {
    let cell = |code: &str| format!("```{{code-cell}} ipython3\n:tags: [raises-exception]\n\n{code}\n```\n");
    let quarto = |code: &str| format!("```{{python}}\n#| error: true\n{code}\n```\n");
    for document in [cell("print(1)"), cell("1 / 0"), quarto("print(1)"), quarto("1 / 0")] {
        let project = Project::new(&[("a.md", &document)]);
        let run = project.json(&["a.md"]);
        assert_eq!((run.code, run.snippets().len()), (0, 1), "{document}\n{}", run.stdout);
    }
    // The tag permits an exception, and not a false comment.
    let project = Project::new(&[("a.md", &cell("print(1)  # 2"))]);
    assert_eq!(project.json(&["a.md"]).code, 1);
}
