"""What another tool says of its documents, in that tool's own environment: usage: peers.py TOOL FOLDER

Prints one JSON object: of each document the lines where its blocks begin (a prompt's own line for `>>>`), and for each
`pass`, `fail` or `skip`. What a tool does not look at is not in it.
"""

import contextlib
import doctest
import importlib
import io
import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

Verdict = tuple[str, int, str]


def prompts(folder: Path) -> Iterator[Verdict]:
    """`python -m doctest`: text files are read, modules are imported."""
    sys.path.insert(0, str(folder))
    module = importlib.import_module("pantry")
    text = (folder / "pantry.txt").read_text()
    files = [doctest.DocTestParser().get_doctest(text, {}, "pantry.txt", "pantry.txt", 0)]
    for test in files + doctest.DocTestFinder().find(module):
        runner = Recorder(verbose=False)
        with contextlib.redirect_stdout(io.StringIO()):
            runner.run(test)
        yield from of_examples(Path(test.filename).name, test, runner.wrong)


class Recorder(doctest.DocTestRunner):
    wrong: set[int]

    def run(self, test, *rest, **named):
        self.wrong = set()
        return super().run(test, *rest, **named)

    def report_failure(self, out, test, example, got):
        self.wrong.add(example.lineno)

    def report_unexpected_exception(self, out, test, example, exc_info):
        self.wrong.add(example.lineno)


def of_examples(path: str, test: doctest.DocTest, wrong: set[int]) -> Iterator[Verdict]:
    for example in test.examples:
        skipped = example.options.get(doctest.SKIP, False)
        verdict = "skip" if skipped else "fail" if example.lineno in wrong else "pass"
        yield path, first_line(test) + example.lineno, verdict


def first_line(test: doctest.DocTest) -> int:
    """Counted from 1. Of properties and of `__test__` doctest does not know it."""
    if test.lineno is not None:
        return test.lineno + 1
    example = test.examples[0]
    lines = [line.strip() for line in Path(test.filename).read_text().splitlines()]
    return lines.index(f">>> {example.source.strip()}") + 1 - example.lineno


class Plugin:
    """Hears from pytest what became of each item, and keeps the failure to itself."""

    def __init__(self, place: Callable):
        self.place = place
        self.found: list[Verdict] = []

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_setup(self, item):
        try:
            yield
        except pytest.skip.Exception as skipped:
            self.found.extend(self.place(item, "skip", skipped))
            raise

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item):
        calls, error = watched(item), None
        try:
            yield
        except BaseException as raised:  # noqa: B036 (pytest's own skips are no Exception)
            error = raised
        # Where classes of unittest leave theirs.
        if getattr(item, "_excinfo", None):
            error = item._excinfo.pop().value
        skipped = type(error).__name__ in ("Skipped", "SkipTest") or calls == []
        expected = item.get_closest_marker("xfail") is not None
        verdict = "skip" if skipped else "fail" if error and not expected else "pass"
        self.found.extend(self.place(item, verdict, error))


def watched(item) -> list | None:
    """The calls of an example's evaluator: what is skipped without a reason counts as passed, and was not called."""
    if not hasattr(item, "example"):
        return None
    calls, evaluator = [], item.example.region.evaluator

    def evaluate(example):
        calls.append(example)
        return evaluator(example)

    if not isinstance(item.example.parsed, tuple):
        item.example.region.evaluator = evaluate
        return calls
    return None


def pytest_run(folder: Path, arguments: list[str], place: Callable) -> Iterator[Verdict]:
    plugin = Plugin(place)
    with contextlib.redirect_stdout(io.StringIO()) as told:
        code = pytest.main(["-p", "no:cacheprovider", "--rootdir", str(folder), *arguments, str(folder)], [plugin])
    if code not in (0, 5) or not plugin.found:
        raise SystemExit(told.getvalue())
    yield from plugin.found


def pytest_prompts(folder: Path) -> Iterator[Verdict]:
    def place(item, _verdict, error):
        wrong = {failure.example.lineno for failure in getattr(error, "failures", [])}
        yield from of_examples(item.path.name, item.dtest, wrong)

    options = ["--doctest-modules", "--doctest-glob=*.md", "--doctest-continue-on-failure"]
    return pytest_run(folder, options, place)


def sybil(folder: Path) -> Iterator[Verdict]:
    def place(item, verdict, _error):
        example = item.example
        line = example.document.text.splitlines()[example.line - 1]
        # The directives are items as well.
        if isinstance(example.parsed, (str, doctest.Example)) and "clear-namespace" not in line:
            yield item.path.name, example.line, verdict

    return pytest_run(folder, [], place)


def pytest_examples(folder: Path) -> Iterator[Verdict]:
    def place(item, verdict, _error):
        example = item.callspec.params["example"]
        yield example.path.name, example.start_line, verdict

    return pytest_run(folder, [], place)


def pytest_markdown_docs(folder: Path) -> Iterator[Verdict]:
    def place(item, verdict, _error):
        yield item.path.name, item.start_line, verdict

    return pytest_run(folder, ["--markdown-docs"], place)


def pytest_codeblocks(folder: Path) -> Iterator[Verdict]:
    """Blocks that go on with the one above are a part of it."""
    found = {}

    def place(item, verdict, _error):
        found[item.obj.lineno] = verdict
        yield item.path.name, item.obj.lineno, verdict

    yield from pytest_run(folder, ["--codeblocks"], place)
    lines = (folder / "guide.md").read_text().splitlines()
    for number, line in enumerate(lines, start=1):
        if "pytest-codeblocks:cont-" in line:
            head = max(place for place in found if place < number)
            block = next(place for place, text in enumerate(lines, start=1) if place > number and "```" in text)
            yield "guide.md", block, found[head]


def mktestdocs(folder: Path) -> Iterator[Verdict]:
    """It stops at the first error, so blocks are handed over one at a time."""
    from mktestdocs.__main__ import check_raw_string

    for line, block in mktestdocs_blocks(folder):
        yield "guide.md", line, attempt(check_raw_string, f"```python\n{block}```")


def mktestdocs_memory(folder: Path) -> Iterator[Verdict]:
    from mktestdocs import check_md_file

    verdict = attempt(check_md_file, folder / "guide.md", memory=True)
    for line, _block in mktestdocs_blocks(folder):
        yield "guide.md", line, verdict


def mktestdocs_blocks(folder: Path) -> Iterator[tuple[int, str]]:
    from mktestdocs.__main__ import grab_code_blocks

    text = (folder / "guide.md").read_text()
    lines = [number for number, line in enumerate(text.splitlines(), start=1) if line.strip() == "```python"]
    return zip(lines, grab_code_blocks(text), strict=True)


def attempt(check: Callable, *rest, **named) -> str:
    with contextlib.redirect_stdout(io.StringIO()):
        try:
            check(*rest, **named)
        except (Exception, SystemExit):
            return "fail"
    return "pass"


def phmdoctest(folder: Path) -> Iterator[Verdict]:
    """Tests are written to a file, in whose names the lines of the blocks are."""

    def place(item, verdict, _error):
        path = f"{item.path.stem.removeprefix('test_')}.md"
        line = re.search(r"_(?:code|line)_(\d+)", item.name)
        yield path, int(line[1]) - 1 if line else labelled(folder / path, item.name), verdict

    def labelled(document, name):
        lines = document.read_text().splitlines()
        label = lines.index(f"<!--phmdoctest-label {name}-->")
        return lines.index("```python", label) + 1

    with tempfile.TemporaryDirectory() as tests:
        for document in folder.glob("*.md"):
            words = [str(document), "--outfile", f"{tests}/test_{document.stem}.py"]
            subprocess.run([sys.executable, "-m", "phmdoctest", *words], check=True, stdout=subprocess.DEVNULL)
        yield from pytest_run(Path(tests), ["--doctest-modules"], place)


def pytest_blocks(folder: Path) -> Iterator[Verdict]:
    """Each block is written to a test file of its own, with what stands above it."""
    lines = (folder / "guide.md").read_text().splitlines()
    starts = [number for number, line in enumerate(lines, start=1) if line == "```python"]
    found = {}

    def place(item, verdict, _error):
        found.setdefault(int(item.path.stem.rpartition("_")[2]), []).append(verdict)
        yield "guide.md", 0, verdict

    with tempfile.TemporaryDirectory() as tests:
        for start in starts:
            code = "\n".join(lines[start : lines.index("```", start)])
            Path(tests, f"test_{start}.py").write_text(code + "\n")
        list(pytest_run(Path(tests), ["--continue-on-collection-errors"], place))
    for start, verdicts in found.items():
        yield "guide.md", start, next(verdict for verdict in ("fail", "pass", "skip") if verdict in verdicts)


TOOLS = {
    "doctest": prompts,
    "pytest": pytest_prompts,
    "sybil": sybil,
    "sybil-myst": sybil,
    "pytest-examples": pytest_examples,
    "pytest-markdown-docs": pytest_markdown_docs,
    "pytest-codeblocks": pytest_codeblocks,
    "mktestdocs": mktestdocs,
    "mktestdocs-memory": mktestdocs_memory,
    "phmdoctest": phmdoctest,
    "pytest-blocks": pytest_blocks,
}


def main() -> None:
    tool, folder = sys.argv[1], Path(sys.argv[2]).resolve()
    os.chdir(folder)
    sys.dont_write_bytecode = True
    found: dict[str, dict[int, str]] = {}
    for path, line, verdict in sorted(TOOLS[tool](folder)):
        found.setdefault(path, {})[line] = verdict
    print(json.dumps(found))


if __name__ == "__main__":
    main()
