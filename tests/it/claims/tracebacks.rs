//! Exceptions as documents show them: with and without a header, groups, notes, chains, suggestions, notebooks.

use crate::project::Project;

#[track_caller]
fn check(code: &str, output: &str, expected: &str) {
    let document = format!("```py\n{code}```\n\nOutput:\n\n```text\n{output}```\n");
    let project = Project::new(&[("a.md", &document)]);
    let run = project.json(&["a.md"]);
    let found = run.snippets()[0]["verdict"].clone();
    assert_eq!(found, expected, "{document}\n{}", run.stdout);
}

const HEADER: &str = "Traceback (most recent call last):\n  File \"x.py\", line 1, in <module>\n";

#[test]
fn syntax_errors() {
    let place = "  File \"x.py\", line 1\n    x = = 1\n        ^\n";
    check("x = = 1\n", &format!("{place}SyntaxError: invalid syntax\n"), "passed");
    check("x = = 1\n", &format!("{place}SyntaxError: unterminated string literal\n"), "failed");
    check("x = 1\n", &format!("{place}SyntaxError: invalid syntax\n"), "failed");
    check("for\n", &format!("{HEADER}SyntaxError: invalid syntax\n"), "passed");
    check("for\n", "SyntaxError: invalid syntax\n", "passed");
    check(
        "if True:\nprint(1)\n",
        "  File \"x.py\", line 2\n    print(1)\n    ^\nIndentationError: expected an indented block after 'if' statement on line 1\n",
        "passed",
    );
}

#[test]
fn groups() {
    let code = "raise ExceptionGroup('two', [ValueError('a'), ExceptionGroup('in', [KeyError('b')])])\n";
    let text = |member: &str| {
        format!(
            "  + Exception Group Traceback (most recent call last):\n  |   File \"x.py\", line 1, in <module>\n  |     raise x\n  \
             | ExceptionGroup: two (2 sub-exceptions)\n  +-+---------------- 1 ----------------\n    | ValueError: a\n    \
             +---------------- 2 ----------------\n    | ExceptionGroup: in (1 sub-exception)\n    \
             +-+---------------- 1 ----------------\n      | {member}\n      +------------------------------------\n"
        )
    };
    check(code, &text("KeyError: 'b'"), "passed");
    check(code, &text("KeyError: 'c'"), "failed");
    check(code, &text("IndexError: 'b'"), "failed");
    check("raise ExceptionGroup('two', [ValueError('a')])\n", &text("KeyError: 'b'"), "failed");
    check("print(1)\n", &text("KeyError: 'b'"), "failed");
}

#[test]
fn notes() {
    let code = "error = ValueError('warm')\nerror.add_note('Open a window')\nraise error\n";
    check(code, &format!("{HEADER}ValueError: warm\nOpen a window\n"), "passed");
    check(code, &format!("{HEADER}ValueError: warm\n"), "passed");
    check(code, &format!("{HEADER}ValueError: warm\nClose a window\n"), "failed");
    check(code, &format!("{HEADER}ValueError: cold\nOpen a window\n"), "failed");
    check("raise ValueError('warm')\n", &format!("{HEADER}ValueError: warm\nOpen a window\n"), "failed");
}

#[test]
fn chains() {
    let code = "try:\n    {}['x']\nexcept KeyError as error:\n    raise ValueError('no x') from error\n";
    let link = "\nThe above exception was the direct cause of the following exception:\n\n";
    check(code, &format!("{HEADER}KeyError: 'x'\n{link}{HEADER}ValueError: no x\n"), "passed");
    check(code, &format!("{HEADER}ValueError: no x\n"), "passed");
    check(code, &format!("{HEADER}KeyError: 'y'\n{link}{HEADER}ValueError: no x\n"), "failed");
    check(code, &format!("{HEADER}KeyError: 'x'\n{link}{HEADER}ValueError: no y\n"), "failed");
    check(
        "raise ValueError('no x')\n",
        &format!("{HEADER}KeyError: 'x'\n{link}{HEADER}ValueError: no x\n"),
        "failed",
    );
}

#[test]
fn notebooks() {
    let rule = "-".repeat(75);
    let head =
        format!("{rule}\nZeroDivisionError                         Traceback (most recent call last)\n");
    let stack = "Cell In[1], line 1\n----> 1 1 / 0\n\n";
    check("1 / 0\n", &format!("{head}{stack}ZeroDivisionError: division by zero\n"), "passed");
    check("1 / 0\n", &format!("{head}{stack}ZeroDivisionError: division of zero\n"), "failed");
    check("print('a')\n1 / 0\n", &format!("a\n{head}{stack}ZeroDivisionError: division by zero\n"), "passed");
    check("print('a')\n1 / 0\n", &format!("b\n{head}{stack}ZeroDivisionError: division by zero\n"), "failed");
    let older =
        "Traceback (most recent call last)\n<ipython-input-3-9e1622b385b6> in <module>\n----> 1 1 / 0\n\n";
    check("1 / 0\n", &format!("{older}ZeroDivisionError: division by zero\n"), "passed");
    check("1 / 0\n", &format!("{older}KeyError: division by zero\n"), "failed");
    check("x = 1\n", &format!("{head}{stack}ZeroDivisionError: division by zero\n"), "failed");
}

#[test]
fn suggestions() {
    let error = "NameError: name 'pritn' is not defined";
    check("pritn('x')\n", &format!("{HEADER}{error}. Did you mean: 'print'?\n"), "passed");
    check("pritn('x')\n", &format!("{HEADER}{error}\n"), "passed");
    check("pritn('x')\n", &format!("{HEADER}{error}. Did you mean: 'pint'?\n"), "failed");
    let attribute = "AttributeError: 'list' object has no attribute 'apend'";
    check("[].apend\n", &format!("{HEADER}{attribute}. Did you mean: 'append'?\n"), "passed");
    check("[].apend\n", &format!("{HEADER}{attribute}. Did you mean: 'extend'?\n"), "failed");
    check("pritn('x')  # NameError: name 'pritn' is not defined. Did you mean: 'print'?\n", "", "passed");
}
