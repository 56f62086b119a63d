//! reStructuredText as Sphinx has it: its doctest directives, its settings, directives of its extensions.

use crate::documents::outlined::{check_list, check_run};
use crate::project::Project;

#[test]
fn its_default_flags_hold_in_its_directives_only() {
    let text = ".. doctest::\n\n   >>> list(range(20))\n   [0, 1, ..., 19]\n   >>> int('x')\n   Traceback (most recent call last):\n   \
                ValueError: another text\n   >>> True\n   1\n\n.. doctest::\n\n   >>> list(range(20))\n   [0, 1, ..., 18]\n\nWords.\n\n>>> list(range(20))\n[0, 1, ..., 19]\n";
    let broken = [
        "3 failed",
        "  4 holds",
        "  6 holds",
        "  9 broken",
        "13 failed",
        "  14 broken",
        "18 failed",
        "  19 broken",
    ];
    check_run(&[("a.rst", text)], &broken);

    let settings = "extensions = []\ndoctest_default_flags = doctest.NORMALIZE_WHITESPACE\n";
    check_run(
        &[
            ("docs/a.rst", ".. doctest::\n\n   >>> print('a   b')\n   a b\n   >>> 'abc'\n   'a...'\n"),
            ("docs/conf.py", settings),
        ],
        &["3 failed", "  4 holds", "  6 broken"],
    );
}

#[test]
fn options_of_its_directives_are_heeded() {
    let text = ".. testcode::\n\n   print('a    b')\n\n.. testoutput::\n   :hide:\n   :options: +NORMALIZE_WHITESPACE\n\n   a b\n\n\
                .. doctest::\n   :options: +NORMALIZE_WHITESPACE\n\n   >>> print('a    b')\n   a b\n\n\
                .. testcode::\n\n   1 / 0\n\n.. testoutput::\n\n   Traceback (most recent call last):\n     ...\n   ZeroDivisionError: whatever\n\n\
                .. doctest::\n   :options: +SKIP\n\n   >>> 1 / 0\n\n.. doctest::\n   :options: -ELLIPSIS\n\n   >>> 'abc'\n   'a...'\n\n\
                .. testcode::\n\n   1 / 0\n\n.. testoutput::\n\n   Traceback (most recent call last):\n     ...\n   KeyError: whatever\n";
    check_run(
        &[("a.rst", text)],
        &[
            "3 passed",
            "  9 holds",
            "14 passed",
            "  15 holds",
            "19 passed",
            "  25 holds",
            "30 passed",
            "35 failed",
            "  36 broken",
            "40 failed",
            "  46 broken",
        ],
    );
}

const GROUPS: &str = ".. testcode:: one\n\n   print('one')\n\n.. testcode:: two\n\n   print('two')\n\n.. testoutput:: one\n\n   one\n\n\
    .. testoutput:: two\n\n   three\n\n.. testcode:: other\n\n   print(value, everywhere)\n\n.. testoutput:: other\n\n   3 4\n\n\
    .. testsetup:: other\n\n   value = 3\n\n.. testsetup:: *\n\n   everywhere = 4\n";

#[test]
fn output_belongs_to_the_code_of_its_group_and_setup_runs_first() {
    check_run(
        &[("a.rst", GROUPS)],
        &[
            "3 passed",
            "  11 holds",
            "7 failed",
            "  15 broken",
            "19 passed",
            "  23 holds",
            "27 passed",
            "31 passed",
        ],
    );
}

#[test]
fn output_without_code_of_its_group_is_nobodys() {
    check_list(
        &[(
            "a.rst",
            ".. testcode:: one\n\n   print(1)\n\n.. testoutput:: two\n\n   2\n\n.. testoutput:: one\n\n   1\n",
        )],
        &["1 run", "5 other: language `testoutput`", "9 other: output of the snippet in line 1"],
    );
}

#[test]
fn its_global_setup_runs_once_and_first() {
    let setup = "extensions = ['sphinx.ext.doctest']\ndoctest_global_setup = '''\nfrom decimal import Decimal\nshelf = []\n'''\n";
    let text = ".. doctest::\n\n   >>> Decimal('1.10') + 1\n   Decimal('2.10')\n   >>> shelf.append('tea')\n\n>>> shelf\n['tea']\n\n\
                .. testcode:: alone\n\n   print(shelf)\n\n.. testoutput:: alone\n\n   []\n\n.. code-block:: python\n\n   print('no setup here')\n";
    check_run(
        &[("docs/guide/a.rst", text), ("docs/conf.py", setup)],
        &["3 passed", "  4 holds", "7 passed", "  8 holds", "12 passed", "  16 holds", "20 passed"],
    );
    let broken = "extensions = []\ndoctest_global_setup = '1 / 0'\n";
    let run = Project::new(&[("docs/a.rst", text), ("docs/conf.py", broken)]).run(&["run", "docs/a.rst"]);
    assert!(run.stdout.contains("docs/conf.py"), "{run:?}");
}

const UNLABELLED: &str =
    "reads like Python and has no label: put it below `.. code-block:: python`, or `text`";

#[test]
fn literal_blocks_of_python_are_told_from_others() {
    let python =
        "\n\n    from asyncio import run\n\n    async def main():\n        print(1)\n\n    run(main())\n\n";
    let others = "Words::\n\n    src/\n        app.py\n\nLog::\n\n    2024-01-01 started\n\nSettings::\n\n    name: shop\n";
    let other = "indented block, no language label";
    let rest = |first: u32| [0, 5, 9].map(|line| format!("{} other: {other}", first + line));

    let [one, two, three] = rest(12);
    check_list(
        &[("a.rst", &format!("Look::{python}{others}"))],
        &[&format!("3 suspicious: {UNLABELLED}"), &one, &two, &three],
    );

    let [one, two, three] = rest(14);
    let shown = format!(".. highlight:: python\n\nLook::{python}{others}");
    check_list(&[("a.rst", &shown)], &["5 run", &one, &two, &three]);
    check_run(&[("a.rst", &shown)], &["5 passed"]);
    check_list(
        &[("a.rst", shown.replace("python\n\nLook", "none\n\nLook").as_str())],
        &[&format!("5 other: {other}"), &one, &two, &three],
    );

    let settings = ("conf.py", "project = 'x'\nhighlight_language = 'python3'\n");
    check_list(&[("a.rst", &format!("Look::{python}")), settings], &["3 run"]);
    check_list(
        &[("a.rst", &format!(".. skip: next\n\nLook::{python}")), settings],
        &["5 skip: `skip: next` in line 1"],
    );
}

#[test]
fn directives_of_extensions_are_listed() {
    let text = ".. plot::\n\n   import matplotlib.pyplot as plt\n\n.. tabs::\n\n   .. code-tab:: python\n\n      print(1)  # 2\n\n\
                .. exec_code::\n   :hide_code:\n\n   1 / 0\n\n.. plot::\n\n   >>> 1 + 1\n   2\n\n.. unheard-of::\n\n   def f():\n       return 1\n\n\
                .. unheard-of::\n\n   Some words.\n\n.. plot:: script.py\n";
    check_list(
        &[("a.rst", text)],
        &[
            "1 other: language `plot`",
            "7 run",
            "11 other: language `exec_code`",
            "18 run",
            "21 other: language `unheard-of`",
        ],
    );
    check_run(&[("a.rst", text)], &["9 failed", "  9 broken", "18 passed", "  19 holds"]);
}

#[test]
fn a_directive_that_is_written_wrongly_is_no_comment() {
    let one = |text: &str| {
        format!("`{text}` is no directive: one colon follows its name, not two; readers do not see the code")
    };
    let text = ".. code-block: python\n\n   print(1)\n\n.. code: py\n\n   >>> 1\n   2\n\n..code-block:: python\n\n   print(2)\n\n.. code: remember this\n\n   words\n\n.. code-block :: python\n\n   print(3)\n";
    check_list(
        &[("a.rst", text)],
        &[
            &format!("1 suspicious: {}", one("code-block: python")),
            &format!("5 suspicious: {}", one("code: py")),
            "10 suspicious: `code-block:: python` is no directive: no blank stands between the dots and its name; readers do not see the code",
            "18 run",
        ],
    );
    assert_eq!(Project::new(&[("a.rst", text)]).run(&["run", "--check", "a.rst"]).code, 1);
}

#[test]
fn examples_are_skipped_on_windows_only() {
    let text = ".. doctest-skip:: win32\n\n   >>> 2 + 2\n   5\n\n.. doctest-skip::\n\n   >>> 3 + 3\n   7\n";
    check_run(&[("a.rst", text)], &["3 failed", "  4 broken", "8 skipped"]);
}

#[test]
fn settings_that_are_computed_from_literals_hold() {
    let settings = "import doctest, textwrap\nextensions = []\nname = 'sqrt'\nlang = 'python3'\nhighlight_language = lang\nflags = doctest.ELLIPSIS\n\
                    doctest_default_flags = flags | doctest.NORMALIZE_WHITESPACE\n\
                    doctest_global_setup = textwrap.dedent(f'''\n    from math import {name}\n''')\n";
    let text = ".. doctest::\n\n   >>> sqrt(4), 'a   b'\n   (2.0, 'a ...)\n\nCode::\n\n   import os\n   print(os.sep)\n";
    let run = check_run(
        &[("docs/a.rst", text), ("docs/conf.py", settings)],
        &["3 passed", "  4 holds", "8 passed"],
    );
    assert_eq!(run.stderr, "");
}

#[test]
fn a_setting_that_only_running_tells_is_said_once() {
    let settings = "extensions = []\n\ndoctest_global_setup = open('setup.py').read()\n";
    let text = ".. doctest::\n\n   >>> 1\n   1\n";
    let project = Project::new(&[("docs/a.rst", text), ("docs/b.rst", text), ("docs/conf.py", settings)]);
    let note = "note: docs/conf.py:3: `doctest_global_setup` is not read: what it is shows only where the file runs\n";
    let run = project.run(&["run", "docs/a.rst", "docs/b.rst"]);
    assert_eq!((run.code, run.stdout.matches(note).count()), (0, 1), "{run:?}");
    let run = project.run(&["list", "docs/a.rst", "docs/b.rst"]);
    assert_eq!((run.code, &*run.stderr), (0, note));
}
