//! What a failure says: where it is, what differs, what to do next.

use crate::project::{Project, Run, document};

#[track_caller]
fn says(run: &Run, wanted: &[&str], unwanted: &[&str]) {
    for text in wanted {
        assert!(run.stdout.contains(text), "no {text:?} in\n{}", run.stdout);
    }
    for text in unwanted {
        assert!(!run.stdout.contains(text), "{text:?} in\n{}", run.stdout);
    }
}

#[track_caller]
fn check(code: &str, wanted: &[&str], unwanted: &[&str]) {
    let run = Project::document(&[code]).run(&["run", "a.md"]);
    assert_eq!(run.code, 1, "{}", run.stdout);
    says(&run, wanted, unwanted);
}

#[test]
fn a_failing_assert_shows_its_operands() {
    check(
        "kettles = 41 * 3\nassert kettles == 124",
        &["  `kettles` is `123`\n", "3 | assert kettles == 124\n"],
        &[],
    );
    check("cups = ['a']\nassert 'b' in cups and len(cups) > 1", &["  `cups` is `['a']`\n"], &["`len(cups)`"]);
    check("def warm(t):\n    return t > 60\nassert warm(40)", &["  `warm(40)` is `False`\n"], &[]);
    check(
        "def check(n):\n    assert 0 == (check(n - 1) if n else 0) + n\n    return n\ncheck(2)",
        &["  `(check(n - 1) if n else 0) + n` is `1`\n"],
        &[],
    );
}

#[test]
fn operands_that_are_names_are_read_when_an_assert_has_failed() {
    check(
        "cups = ['a']\nassert cups == ['a', -1], f'got {cups}'  # all of them",
        &["  `cups` is `['a']`\n"],
        &["`['a', -1]`"],
    );
    check("pot = 1\nassert pot is not None\nassert pot in (2, 3)", &["  `pot` is `1`\n"], &["`None`"]);
    check("import dis\nlid = 1\nassert not lid", &["  `lid` is `1`\n"], &[]);
    check("kettle = 'on'\nassert  ( kettle , 1 )==('off', 2)", &["  `( kettle , 1 )` is `('on', 1)`\n"], &[]);

    // What compares them may take them away, and is not run again.
    let cup = "class Cup:\n    def __eq__(self, other):\n        global cup\n        print('compared')\n        del cup\n\
               cup = Cup()\nassert cup == 3";
    let run = Project::document(&[cup]).run(&["run", "a.md"]);
    says(&run, &["8 | assert cup == 3\n", "  stdout:\n  │ compared\n  rerun"], &["`cup` is"]);
}

#[test]
fn asserts_of_names_are_compiled_as_they_are() {
    let code = "import sys\ncups = 3\nassert cups == 3, 'few'\n\
                kinds = {type(each).__name__ for each in sys._getframe().f_code.co_consts}\n\
                if not kinds <= {'NoneType', 'int', 'str', 'tuple', 'code'}:\n    raise ValueError(kinds)\n";
    let run = Project::document(&[code]).run(&["run", "a.md"]);
    assert_eq!(run.code, 0, "{}", run.stdout);
}

#[test]
fn two_sides_of_an_assert_are_compared_by_lines() {
    check(
        "text = 'one\\ntwo\\nthree'\nassert text == 'one\\n2\\nthree'",
        &["  - left, + right\n  │   one\n  │ - two\n  │ + 2\n  │   three\n"],
        &[],
    );
    let teas = "{'green': [70, 2], 'black': [95, 4], 'white': [75, 3], 'herbs': [100, 7]}";
    let code = format!("teas = {teas}\nassert teas == {}", teas.replace("75", "76"));
    check(&code, &["  │ -   'white': [75, 3],\n  │ +   'white': [76, 3],\n"], &[]);
}

#[test]
fn an_assert_in_a_test_shows_its_operands() {
    let case = "import unittest\nclass TestTea(unittest.TestCase):\n    def test_it(self):\n        cups = 3\n        assert cups == 4";
    check(case, &["  `cups` is `3`\n"], &[]);
}

#[test]
fn operands_are_evaluated_once_and_where_they_stand() {
    let counted = "count = 0\ndef tick():\n    global count\n    count += 1\n    return count\n\
                   assert tick() == 1 and tick() == 2\nassert tick() == 3, 'unused'\n\
                   try:\n    assert tick() == 5, tick()\nexcept AssertionError as error:\n    print(error, count)  # 5 5\n";
    let released = "import weakref\nclass Cup:\n    pass\ncup = Cup()\ngone = weakref.ref(cup)\nassert cup is not None\n\
                    del cup\nprint(gone())  # None\n";
    let loops =
        "import asyncio\nasync def brew():\n    return 3\nassert await brew() == 3\nprint('done')  # done\n";
    let run = Project::document(&[counted, released, loops]).run(&["run", "a.md"]);
    assert_eq!(run.code, 0, "{}", run.stdout);

    check(
        "cups = {'a': {}}\nassert cups['a']['b'] == 1",
        &["3 | assert cups['a']['b'] == 1\n  |        ^^^^^^^^^^^^^^ KeyError: 'b'"],
        &["`cups"],
    );
    let prompt = Project::new(&[(
        "a.md",
        "```pycon\n>>> cups = 3\n>>> assert cups == 3\n>>> assert cups == 4, 'few'\nTraceback (most recent call last):\n    ...\nAssertionError: few\n```\n",
    )]);
    assert_eq!(prompt.run(&["run", "a.md"]).code, 0);
}

#[test]
fn errors_have_the_columns_and_suggestions_of_python() {
    check(
        "teas = {'a': {'b': {}}}\nprint(teas['a']['b']['c'], len(teas))",
        &["  |       ^^^^^^^^^^^^^^^^^^^ KeyError: 'c'"],
        &[],
    );
    check(
        "kettle = 1\nprint(kettel)",
        &["  |       ^^^^^^ NameError: name 'kettel' is not defined. Did you mean: 'kettle'?"],
        &[],
    );
    check("import math\nmath.sqr(2)", &["has no attribute 'sqr'. Did you mean: 'sqrt'?"], &[]);
}

#[test]
fn modules_are_not_taken_for_distributions() {
    let project = Project::new(&[
        ("pyproject.toml", "[project]\nname = 'tea-shelf'\n"),
        ("src/kettles/__init__.py", ""),
        (
            "a.md",
            &document(&[
                "import sklearn",
                "import colections",
                "import kettles",
                "import tea_shelf",
                "import xyzzy_q",
                "from google.cloud import storage",
            ]),
        ),
    ]);
    let run = project.run(&["run", "a.md"]);
    says(
        &run,
        &[
            "pip install scikit-learn\n",
            "did you mean `collections`?\n",
            "this project's own package",
            "no package is known under this name\n",
            "pip install google-cloud-storage\n",
        ],
        &[
            "install sklearn",
            "install colections",
            "install kettles",
            "install tea",
            "install xyzzy_q",
            "install google\n",
        ],
    );

    project.write("uv.lock", "");
    says(&project.run(&["run", "a.md"]), &["  uv add scikit-learn\n"], &["pip install"]);
}

#[test]
fn consequences_are_counted_apart() {
    let project = Project::document(&[
        "import not_there_at_all\nshelf = not_there_at_all.Shelf()",
        "print(shelf.items)",
        "more = list(shelf)",
        "print(more)",
        "print(unknown)",
    ]);
    let run = project.run(&["run", "a.md"]);
    assert_eq!(run.code, 1);
    says(
        &run,
        &[
            "3 snippets build on a.md:2: they lack names\n  a.md:7\n  a.md:11\n  a.md:15\n",
            "NameError: name 'unknown'",
            "5 failed (1 for missing packages, 3 building on others)",
        ],
        &["NameError: name 'shelf'", "NameError: name 'more'"],
    );
    let snippets = project.json(&["a.md"]).snippets();
    let roots: Vec<_> = snippets.iter().map(|snippet| snippet["builds_on"].as_u64()).collect();
    assert_eq!(roots, [None, Some(2), Some(2), Some(2), None]);
}

#[test]
fn code_for_something_else_is_named_as_that() {
    check(
        "!pip install numpy",
        &[
            "line 2 is for IPython, not for Python: `!pip install numpy`\n",
            "hint: label the block `ipython`, or skip it",
        ],
        &[],
    );
    check("x = 1\n%matplotlib inline", &["line 3 is for IPython, not for Python"], &[]);
    check(
        "pip install tea",
        &["line 2 is a command for a shell, not for Python", "hint: label the block `console`"],
        &[],
    );
    check("x = = 1", &["SyntaxError"], &["IPython", "shell", "needs Python"]);
}

#[test]
fn syntax_of_a_newer_python_is_named_as_that() {
    let run = Project::document(&["tea = t'{1}'"]).run(&["run", "a.md"]);
    assert_eq!(
        run.code == 1,
        run.stdout.contains("needs Python 3.14, and this is Python 3."),
        "{}",
        run.stdout
    );
}

#[test]
fn what_to_do_next_is_said() {
    check(
        "print(3 + 5)  # 9",
        &["hint: `snipcheck update a.md:2` writes what really happens into the document\n"],
        &[],
    );
    check("raise ValueError('no')", &["rerun: snipcheck run a.md:2\n"], &["snipcheck update"]);
    check("```python timeout=200ms\nwhile True: pass", &["--timeout"], &[]);
    check(
        "input('tea? ')",
        &[
            "hint: `skip=\"somebody has to type\"` leaves it out; a fixture can define another `input`: `setup=name`\n",
        ],
        &[],
    );
    check("import socket\nsocket.getaddrinfo('tea.example', 80)", &["hint: `--network host`"], &[]);
    check("x = bytearray(1 << 40)", &["--limit memory="], &[]);
    let project = Project::document(&["print(1)"]);
    assert_eq!(project.run(&["accept", "a.md"]).code, 0);
    project.write("a.md", "```python\nprint(2)\n```\n");
    says(&project.run(&["run", "a.md"]), &["hint: `snipcheck accept a.md:2` accepts the new output\n"], &[]);
}

#[test]
fn a_wrong_block_is_compared_line_by_line() {
    let source = "```python\nprint('a1\\nb2\\nc3\\nd4')\n```\n\n```text\na1\nb2\nd4\n```\n";
    let run = Project::new(&[("a.md", source)]).run(&["run", "a.md"]);
    says(&run, &["  a.md:8: - document, + actual\n  │   a1\n  │   b2\n  │ + c3\n  │   d4\n"], &["stdout:"]);

    let source = "```python\nprint([{'kind': 'tea', 'loc': ('cup',), 'url': 'https://tea.example/2.14/x'}])\n\"\"\"\n[\n    {\n        'kind': 'tea',\n        'loc': ('cup',),\n        'url': 'https://tea.example/2/x',\n    }\n]\n\"\"\"\n```\n";
    let run = Project::new(&[("a.md", source)]).run(&["run", "a.md"]);
    says(
        &run,
        &[
            "line 8 says `        'url': 'https://tea.example/2/x',`, but it is `'url': 'https://tea.example/2.14/x'`",
        ],
        &[],
    );
}

#[test]
fn examples_get_advice_only_where_it_helps() {
    let check = |text: &str, wanted: &[&str], unwanted: &[&str]| {
        let project = Project::new(&[("a.md", &format!("```pycon\n{text}```\n"))]);
        let run = project.run(&["run", "a.md"]);
        assert_eq!(run.code, 1, "{}", run.stdout);
        says(&run, wanted, unwanted);
    };
    check(">>> object()\n<list object at 0x7f0011223344>\n", &[], &["+ELLIPSIS"]);
    check(">>> object()\n<object object at 0x7f0011223344>\n", &["+ELLIPSIS"], &[]);
    check(">>> shelf.sort()\n", &["line 2 shows no output, but it raises `NameError"], &["says nothing"]);
    check(
        ">>> print('a\\tb')\na\tb\n",
        &["hint: tabs of an example count as blanks", "+NORMALIZE_WHITESPACE", "it is `a\\tb`"],
        &[],
    );
    check(">>> print('a b')\na c\n", &[], &["+NORMALIZE_WHITESPACE"]);
}

#[test]
fn headings_name_snippets_in_their_own_letters() {
    let project = Project::new(&[(
        "a.md",
        "# 価格\n\n```python\nprint(1)  # 1\n```\n\n# Größe\n\n```python\nprint(2)\n```\n",
    )]);
    let run = project.run(&["run", "a.md", "-k", "価格", "-v"]);
    assert_eq!(run.code, 0, "{}", run.stdout);
    says(&run, &["a.md:4  価格::1\n", "1 snippet in"], &[]);
    assert_eq!(project.run(&["run", "a.md::größe::1"]).code, 0);
    assert_eq!(project.run(&["accept", "a.md"]).code, 0);
    let files = project.files();
    assert!(files.iter().any(|file| file == "expected/a.md/größe-1.snap"), "{files:?}");
}
