"""The plugin in a real pytest: `bash .ci/run wheel` installs it, and runs this with it."""

import json
import os
import re
import shutil
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

pytest_plugins = ["pytester"]

README = """\
# Prices

```python
prices = {"tea": 3.5}
print(prices["tea"])  # 3.5
```

```python
print(prices["tea"] * 2)  # 8.0
```

## Later

```python skip="needs a till"
import till
```

```python id=total
sum(prices.values())  # 3.5
```

```bash
ls
```
"""
GUIDE = """\
# Guide

```python
1 / 0
```
"""
IDS = [
    "README.md::prices::1",
    "README.md::prices::2",
    "README.md::later::1",
    "README.md::total",
    "docs/guide.md::guide::1",
]
# What an installation has besides this plugin.
xdist = pytest.mark.skipif(
    not any(Path(folder, "xdist").is_dir() for folder in sys.path), reason="pytest-xdist is not installed"
)


@pytest.fixture
def project(pytester, monkeypatch):
    monkeypatch.delenv("CI", raising=False)
    pytester.path.joinpath("docs").mkdir()
    pytester.path.joinpath("README.md").write_text(README)
    pytester.path.joinpath("docs/guide.md").write_text(GUIDE)
    pytester.makepyfile(test_own="def test_own(): pass")
    return pytester


def run(project, *words):
    return project.runpytest_subprocess("--snipcheck", *words)


def verdicts(result):
    """What `-v` says of each item."""
    lines = [re.match(r"(\S+::\S+) (PASSED|FAILED|SKIPPED)\b", line) for line in result.outlines]
    return {line[1]: line[2] for line in lines if line}


def installation(project, monkeypatch):
    """A copy of the package, which comes first."""
    folder = project.mkdir("installed")
    shutil.copytree(Path(__import__("snipcheck").__file__).parent, folder / "snipcheck")
    folder.joinpath("bin").mkdir()
    before = [folder, *filter(None, [os.environ.get("PYTHONPATH")])]
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(map(str, before)))
    return folder


# Collecting ---------------------------------------------------------------------------------------------------------


def test_nothing_happens_without_being_asked(project):
    result = project.runpytest_subprocess("-v")
    result.assert_outcomes(passed=1)
    assert "snippets" not in result.stdout.str()


def test_a_run_that_does_not_ask_imports_nothing(project):
    project.makeconftest(
        """
        import sys
        def pytest_sessionfinish():
            print("loaded:", sorted(name for name in sys.modules if name.startswith("snipcheck")))
        """
    )
    result = project.runpytest_subprocess("-s")
    result.stdout.fnmatch_lines(["*loaded: [[]'snipcheck', 'snipcheck.pytest_plugin'[]]"])


def test_items_have_the_ids_of_the_list(project):
    result = run(project, "--collect-only", "-q")
    lines = [line for line in result.outlines if "::" in line]
    assert sorted(lines) == sorted([*IDS, "test_own.py::test_own"])


def test_nothing_runs_to_collect(project):
    project.path.joinpath("README.md").write_text("```python\nopen('/nowhere', 'w')\n```\n")
    run(project, "--collect-only", "README.md").assert_outcomes()


@pytest.mark.parametrize("setting", ["snipcheck = true", "addopts = --snipcheck"])
def test_the_settings_can_ask(project, setting):
    project.makeini(f"[pytest]\n{setting}\n")
    project.runpytest_subprocess().assert_outcomes(passed=3, failed=2, skipped=1)


@pytest.mark.parametrize("name", IDS)
def test_an_id_selects_its_snippet(project, name):
    assert list(verdicts(run(project, "-v", name))) == [name]


def test_a_snippet_is_chosen_with_what_it_builds_on(project):
    result = run(project, "-v", "README.md::total")
    assert verdicts(result) == {"README.md::total": "PASSED"}


def test_words_choose(project):
    assert list(verdicts(run(project, "-v", "-k", "guide"))) == ["docs/guide.md::guide::1"]
    assert list(verdicts(run(project, "-v", "-m", "snipcheck", "-k", "total"))) == ["README.md::total"]
    assert list(verdicts(run(project, "-v", "-m", "not snipcheck"))) == ["test_own.py::test_own"]


def test_a_document_that_is_named_need_not_be_one_of_the_project(project):
    project.path.joinpath("NOTES.md").write_text("```python\nprint(1)  # 1\n```\n")
    assert "NOTES.md" not in run(project, "--collect-only", "-q").stdout.str()
    run(project, "NOTES.md").assert_outcomes(passed=1)


def test_documents_stand_beside_testpaths(project):
    project.mkdir("tests").joinpath("test_inner.py").write_text("def test_inner(): pass\n")
    project.makeini("[pytest]\ntestpaths = tests docs\n")
    result = run(project, "-v")
    assert sorted(verdicts(result)) == sorted([*IDS, "tests/test_inner.py::test_inner"])


def test_settings_above_the_root_of_pytest_count(project):
    project.path.joinpath("pyproject.toml").write_text('[tool.snipcheck]\npaths = ["inner/notes.md"]\n')
    inner = project.mkdir("inner")
    inner.joinpath("pytest.ini").write_text("[pytest]\n")
    inner.joinpath("notes.md").write_text("```python\nprint(1)  # 2\n```\n")
    result = run(project, "-v", "--rootdir", str(inner), "-c", str(inner / "pytest.ini"), str(inner))
    assert list(verdicts(result)) == ["inner/notes.md::top::1"]
    result.stdout.fnmatch_lines(["*rerun: snipcheck run inner/notes.md:2"])


@pytest.mark.parametrize(
    "words", [["README.md", "README.md"], ["README.md", "."], [".", "README.md"], ["README.md", IDS[0]]]
)
def test_no_snippet_is_collected_twice(project, words):
    names = [line for line in run(project, "--collect-only", "-q", *words).outlines if line.startswith("README.md::")]
    assert IDS[0] in names
    assert len(names) == len(set(names))


@pytest.mark.parametrize("words", [["--doctest-glob=*.rst"], ["docs/page.rst"], ["--doctest-modules"]])
def test_doctest_leaves_it_what_it_reads(project, words):
    prompts = ">>> 1 + 1\n2\n"
    project.path.joinpath("docs/page.rst").write_text(prompts)
    project.path.joinpath("other.txt").write_text(prompts)
    project.path.joinpath("page.py").write_text(
        f'def double():\n    """Doubles.\n\n    {prompts[:-3]}\n    2\n    """\n'
    )
    project.path.joinpath("pyproject.toml").write_text('[tool.snipcheck]\npaths = ["docs/page.rst", "page.py"]\n')
    names = [line for line in run(project, "--collect-only", "-q", *words).outlines if "::" in line]
    assert [name for name in names if "page.rst" in name] == ["docs/page.rst::top::1"]
    assert [name for name in names if "page.py" in name] in (["page.py::double"], [])


def test_doctest_keeps_what_it_alone_reads(project):
    project.path.joinpath("other.txt").write_text(">>> 1 + 1\n2\n")
    result = run(project, "-v", "--doctest-glob=*.txt")
    assert verdicts(result) == {
        IDS[0]: "PASSED",
        IDS[1]: "FAILED",
        IDS[2]: "SKIPPED",
        IDS[3]: "PASSED",
        IDS[4]: "FAILED",
        "other.txt::other.txt": "PASSED",
        "test_own.py::test_own": "PASSED",
    }


# What came out ------------------------------------------------------------------------------------------------------


def test_failures_say_what_snipcheck_says(project):
    result = run(project, "README.md")
    result.assert_outcomes(passed=2, failed=1, skipped=1)
    result.stdout.fnmatch_lines(
        [
            "*_ snippet README.md::prices::2 _*",
            "FAIL README.md:9  prices::2",
            "*^^^ it is `7.0`",
            "  hint: `snipcheck update README.md:9` writes*",
            "  rerun: snipcheck run README.md:9",
            "FAILED README.md::prices::2 - it is `7.0`",
        ]
    )
    assert "pytest_documents.py" not in result.stdout.str()


def test_what_fails_for_another_snippet_says_so(project):
    project.path.joinpath("README.md").write_text(
        "```python\nraise ValueError\nx = 1\n```\n\n```python\nprint(x)\n```\n"
    )
    result = run(project, "README.md")
    result.stdout.fnmatch_lines(["*NameError*", "*note: it builds on README.md:2, which failed"])


def test_skips_say_why_and_where(project):
    result = run(project, "-rs", "README.md")
    result.stdout.fnmatch_lines(["SKIPPED [[]1[]] README.md:14: skip in the info string: needs a till"])


def test_only_skips_are_no_failure(project):
    result = run(project, "README.md::later::1")
    result.assert_outcomes(skipped=1)
    assert result.ret == 0


def test_the_first_failure_can_end_it(project):
    result = run(project, "-x", "README.md", "docs")
    result.assert_outcomes(passed=1, failed=1)


def test_a_run_is_ended_with_pytest(project):
    body = "while True: pass"
    text = f"```python\n1 / 0\n```\n\n```python timeout=10s\n{body}\n```\n"
    project.path.joinpath("README.md").write_text(text)
    result = run(project, "-x", "README.md")
    result.assert_outcomes(failed=1)
    assert result.duration < 8


def test_what_failed_runs_again(project):
    run(project).assert_outcomes(passed=3, failed=2, skipped=1)
    again = run(project, "-v", "--lf")
    assert verdicts(again) == {IDS[1]: "FAILED", IDS[4]: "FAILED"}
    project.path.joinpath("docs/guide.md").write_text(GUIDE.replace("1 / 0", "1 / 1"))
    assert run(project, "-v", "--lf").parseoutcomes()["passed"] == 1
    assert verdicts(run(project, "-v", "--lf")) == {IDS[1]: "FAILED"}


def test_reports_in_xml_have_times_and_texts(project):
    run(project, "--junitxml=report.xml")
    cases = list(ElementTree.parse(project.path / "report.xml").iter("testcase"))
    by_name = {f"{case.get('classname')}.{case.get('name')}": case for case in cases}
    failed = by_name["README.md.prices.2"].find("failure")
    assert failed.get("message") == "it is `7.0`"
    assert failed.text.startswith("FAIL README.md:9  prices::2\n")
    skipped = by_name["README.md.later.1"].find("skipped")
    assert skipped.get("message") == "skip in the info string: needs a till"
    assert 0 < sum(float(case.get("time")) for case in cases) < 5


def test_a_build_server_is_strict(project, monkeypatch):
    project.path.joinpath("pyproject.toml").write_text('[tool.snipcheck]\nsnapshots = "required"\n')
    project.path.joinpath("README.md").write_text("```python\nprint(1)\n```\n\n```pytohn\nprint(1)\n```\n")
    run(project, "README.md").assert_outcomes(passed=1, skipped=1)
    monkeypatch.setenv("CI", "true")
    result = run(project, "README.md")
    result.assert_outcomes(failed=2)
    result.stdout.fnmatch_lines(["UNREVIEWED README.md::*", "  hint: `snipcheck accept *", "SUSPICIOUS README.md:5"])


def test_problems_fail_where_they_are(project):
    project.path.joinpath("README.md").write_text("```python skp\n1\n```\n")
    result = run(project, "README.md")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["error: unknown directive `skp`", "  --> README.md:1", "  hint: did you mean `skip`?"])


def test_problems_of_no_snippet_fail_the_run(project):
    project.path.joinpath("README.md").write_text("---\nsnipcheck:\n  skp: true\n---\n\n```python\n1\n```\n")
    result = run(project, "README.md")
    result.assert_outcomes(passed=1)
    assert result.ret == 1
    result.stdout.fnmatch_lines(["*problems of documents*", "error: *skp*", "  --> README.md:*"])


def test_flags_are_handed_on(project):
    project.path.joinpath("README.md").write_text("```python\nwhile True: pass\n```\n")
    result = run(project, "--snipcheck-args=--timeout 300ms", "README.md")
    result.stdout.fnmatch_lines(["*timed out*0.3*", "*rerun: snipcheck run README.md:2 --timeout 300ms"])
    project.makeini("[pytest]\nsnipcheck_args = --timeout 200ms\n")
    run(project, "README.md").stdout.fnmatch_lines(["*rerun: snipcheck run README.md:2 --timeout 200ms"])


def test_snippets_have_the_python_of_the_tests(project):
    text = f"```python\nimport pytest, sys\nprint(sys.prefix)  # {sys.prefix}\n```\n"
    project.path.joinpath("README.md").write_text(text)
    run(project, "README.md").assert_outcomes(passed=1)


def test_names_are_taken_literally(project):
    for name in ["-dash.md", "a b.md", "[x].md", "é.md"]:
        project.path.joinpath("docs", name).write_text(
            "# One & two\n\n```python\nprint(1)  # 1\n```\n\n```python\n2 / 0\n```\n"
        )
    run(project, "docs", "-k", "not guide").assert_outcomes(passed=4, failed=4)
    run(project, "docs", "-k", "two and 1 and not guide").assert_outcomes(passed=4)
    assert run(project, "--lf", "-k", "not guide").parseoutcomes()["failed"] == 4


# With pytest-xdist --------------------------------------------------------------------------------------------------


@xdist
@pytest.mark.parametrize("way", ["load", "loadfile", "worksteal", "each"])
def test_workers_share_a_run(project, way):
    times = 2 if way == "each" else 1
    result = run(project, "-n2", f"--dist={way}", *(["--tx=2*popen"] if way == "each" else []))
    result.assert_outcomes(passed=3 * times, failed=2 * times, skipped=times)
    result.stdout.fnmatch_lines(["FAIL README.md:9  prices::2", "*^^^ it is `7.0`"])


@xdist
def test_workers_start_one_executable(project, monkeypatch):
    wrapper = installation(project, monkeypatch) / "bin/snipcheck"
    real = __import__("snipcheck.executable").executable.find()
    wrapper.write_text(f'#!/bin/sh\necho "$@" >> {project.path}/calls\nexec {real} "$@"\n')
    wrapper.chmod(0o755)
    run(project, "-n3", "-k", "prices or guide").assert_outcomes(passed=1, failed=2)
    calls = project.path.joinpath("calls").read_text().splitlines()
    assert calls == [
        "list --format json",
        "run --format json README.md::prices::1 README.md::prices::2 docs/guide.md",
    ]


@xdist
def test_workers_stop_at_a_failure(project):
    assert run(project, "-n2", "-x").parseoutcomes()["failed"] >= 1


@xdist
def test_problems_are_told_once(project):
    project.path.joinpath("README.md").write_text("---\nsnipcheck:\n  skp: true\n---\n\n```python\n1\n```\n")
    result = run(project, "-n2", "README.md")
    result.assert_outcomes(passed=1)
    assert (result.ret, result.stdout.str().count("problems of documents")) == (1, 1)


# What it cannot do --------------------------------------------------------------------------------------------------


def usage(result, *lines):
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert "Traceback" not in result.stdout.str() + result.stderr.str()
    result.stderr.fnmatch_lines(list(lines))
    assert result.stderr.str().count("ERROR") == 1


@pytest.mark.parametrize("words", [[], pytest.param(["-n2"], marks=xdist)])
def test_wrong_settings_are_wrong_usage(project, words):
    project.path.joinpath("pyproject.toml").write_text("[tool.snipcheck]\npats = []\n")
    usage(run(project, *words), "ERROR: snipcheck: *unknown key `pats`*", "*did you mean `paths`?*")


@pytest.mark.parametrize("words", [[], pytest.param(["-n2"], marks=xdist)])
def test_wrong_flags_are_wrong_usage(project, words):
    usage(run(project, "--snipcheck-args=--tmeout 3s", *words), "ERROR: snipcheck: *--tmeout*")


@pytest.mark.parametrize("words", [[], pytest.param(["-n2"], marks=xdist)])
def test_a_missing_interpreter_is_wrong_usage(project, monkeypatch, words):
    monkeypatch.setenv("SNIPCHECK_PYTHON", "/nowhere/python")
    usage(run(project, *words), "ERROR: snipcheck: *names no Python: `/nowhere/python` does not exist*")


def test_a_missing_executable_is_wrong_usage(project, monkeypatch):
    executable = installation(project, monkeypatch) / "snipcheck/executable.py"
    executable.write_text(executable.read_text().replace('NAME = "snipcheck"', 'NAME = "no-snipcheck"'))
    usage(run(project), "ERROR: snipcheck: no executable `no-snipcheck` is installed beside this package*", "hint: *")


def test_a_defect_fails_what_it_leaves_open(project, monkeypatch):
    fake = installation(project, monkeypatch) / "bin/snipcheck"
    blocks = [
        {"id": name, "path": name.split("::")[0], "start_line": 1, "end_line": 3, "disposition": "run", "reason": None}
        for name in IDS
    ]
    passed = {"event": "snippet", "id": IDS[0], "path": "README.md", "line": 2, "verdict": "passed", "reasons": []}
    passed |= {"wall_ms": 1.0, "text": None, "builds_on": None}
    fake.write_text(
        f"#!{sys.executable}\nimport sys\n"
        f"if sys.argv[1] == 'list':\n    print({json.dumps(blocks)!r})\n    sys.exit()\n"
        f"print({json.dumps(passed)!r})\nsys.exit('the moon is full')\n"
    )
    fake.chmod(0o755)
    result = run(project)
    result.assert_outcomes(passed=2, failed=4)
    result.stdout.fnmatch_lines([f"snipcheck ended with exit code 1 and said nothing of {IDS[1]}", "the moon is full"])
