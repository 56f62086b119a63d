"""Compares snipcheck with the standard library's doctest, example by example: doctests.py SNIPCHECK FLOOR PACKAGES

Both read copies of installed packages, whose docstrings are full of examples. Each has to find the same ones at the
same lines, and has to say the same of them. At least FLOOR examples have to be compared, or nothing is proved.
"""

import doctest
import importlib
import io
import json
import os
import shutil
import subprocess
import sys
import tempfile
import warnings
from collections import Counter
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

Place = tuple[str, int]


def main() -> int:
    snipcheck, floor, packages = sys.argv[1], int(sys.argv[2]), sys.argv[3:]
    with tempfile.TemporaryDirectory(prefix="snipcheck-doctests-") as folder:
        place = Path(folder)
        place.chmod(0o755)
        for package in packages:
            source = Path(importlib.import_module(package).__file__).parent
            shutil.copytree(source, place / package, ignore=shutil.ignore_patterns("__pycache__", "tests"))
        files = [path.relative_to(place).as_posix() for path in sorted(place.rglob("*.py"))]
        files = [path for path in files if ">>>" in (place / path).read_text()]
        sys.path.insert(0, folder)
        os.chdir(folder)
        theirs, left = judged_by_doctest(files)
        ours = judged_by_snipcheck(snipcheck, [path for path in files if path not in left])
    counts = Counter(theirs.values())
    print(f"   {len(files) - len(left)} modules, {len(theirs)} examples: {dict(counts)}")
    for path, why in left.items():
        print(f"   not compared: {path}: {why}")
    wrong = [place for place in sorted({*theirs, *ours}) if theirs.get(place) != ours.get(place)]
    for path, line in wrong[:40]:
        both = f"doctest says {theirs.get((path, line))}, snipcheck {ours.get((path, line))}"
        print(f"   WRONG: {path}:{line}: {both}")
    if len(theirs) < floor:
        print(f"   WRONG: {len(theirs)} examples, there were {floor} before")
    return 1 if wrong or len(theirs) < floor else 0


class Recorder(doctest.DocTestRunner):
    """Notes where examples show something, or should have."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[int, str]] = []

    def note(self, test: doctest.DocTest, example: doctest.Example, verdict: str) -> None:
        if example.want or verdict == "broken":
            lines = example.source.count("\n") if example.want else 0
            self.found.append(((test.lineno or 0) + example.lineno + lines + 1, verdict))

    def report_start(self, out, test, example) -> None:
        pass

    def report_success(self, out, test, example, got) -> None:
        self.note(test, example, "holds")

    def report_failure(self, out, test, example, got) -> None:
        self.note(test, example, "broken")

    def report_unexpected_exception(self, out, test, example, exc_info) -> None:
        self.note(test, example, "broken")


def judged_by_doctest(files: list[str]) -> tuple[dict[Place, str], dict[str, str]]:
    """The verdicts, and the modules that doctest cannot read as a whole."""
    verdicts, left = {}, {}
    for path in files:
        answer = in_a_process_of_its_own(path)
        if isinstance(answer, str):
            left[path] = answer
        else:
            verdicts.update({(path, line): verdict for line, verdict in answer})
    return verdicts, left


def in_a_process_of_its_own(path: str) -> list[tuple[int, str]] | str:
    """As in a sandbox, nothing of one module reaches the next."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()), open(writer, "w") as answer:
            json.dump(examined(path), answer)
        os._exit(0)
    os.close(writer)
    with open(reader) as answer:
        text = answer.read()
    os.waitpid(child, 0)
    return json.loads(text) if text else "it ends the process"


def examined(path: str) -> list[tuple[int, str]] | str:
    warnings.simplefilter("ignore")
    name = path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
    recorder = Recorder()
    try:
        tests = doctest.DocTestFinder(exclude_empty=True).find(importlib.import_module(name))
        tests.sort(key=lambda test: test.lineno or 0)
        for test in tests:
            recorder.run(test, out=lambda text: None)
    except BaseException as error:
        return f"{type(error).__name__}: {error}".splitlines()[0]
    return recorder.found


def judged_by_snipcheck(snipcheck: str, files: list[str]) -> dict[Place, str]:
    command = [snipcheck, "run", *files, "--format", "json", "--python", sys.prefix, "--timeout", "60"]
    done = subprocess.run(command, stdout=subprocess.PIPE)
    objects = [json.loads(line) for line in done.stdout.splitlines()]
    snippets = [found for found in objects if found["event"] == "snippet"]
    print(f"   run: {len(snippets)} blocks in {objects[-1]['wall_ms'] / 1000:.0f} s")
    return {
        (snippet["path"], claim["line"]): claim["verdict"]
        for snippet in snippets
        for claim in snippet["claims"]
        if claim["verdict"] != "remark"
    }


if __name__ == "__main__":
    sys.exit(main())
