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
import signal
import subprocess
import sys
import tempfile
import warnings
from collections import Counter
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

# For one module. Those that take longer are left out.
SECONDS = 10


def main() -> int:
    snipcheck, floor, packages = sys.argv[1], int(sys.argv[2]), sys.argv[3:]
    with tempfile.TemporaryDirectory(prefix="snipcheck-doctests-") as folder:
        place = Path(folder)
        place.chmod(0o755)
        for package in packages:
            source = Path(importlib.import_module(package).__file__).parent
            shutil.copytree(source, place / package, ignore=shutil.ignore_patterns("tests"))
        files = [path.relative_to(place).as_posix() for path in sorted(place.rglob("*.py"))]
        files = [path for path in files if ">>>" in (place / path).read_text()]
        sys.path.insert(0, folder)
        os.chdir(folder)
        theirs, left = judged_by_doctest(files)
        ours = judged_by_snipcheck(snipcheck, [path for path in files if path not in left])
        for path, why in left.items():
            print(f"   not compared: {path}: {why}")
        return compare(theirs, ours, floor)


# What a docstring is called, and the words and the verdict of each of its examples, with the line where it is known.
Docstring = tuple[str, str]
Examples = list[tuple[str, str]]
Placed = list[tuple[int, str, str]]


def compare(theirs: dict[Docstring, Examples], ours: dict[Docstring, Placed], floor: int) -> int:
    both = sorted(theirs.keys() & ours.keys())
    counts = Counter(verdict for name in both for _, verdict in theirs[name])
    print(f"   {len(both)} docstrings, {sum(counts.values())} examples: {dict(counts)}")
    # One sees what a module has when it runs, the other what stands in its text.
    print(
        f"   {len(theirs) - len(both)} docstrings were made at run time, {len(ours) - len(both)} are not the module's"
    )
    wrong, elsewhere = [], 0
    for name in both:
        if theirs[name] != [example[1:] for example in ours[name]]:
            wrong.append(f"{'::'.join(name)}: doctest says {theirs[name]}, snipcheck {ours[name]}")
        elsewhere += any(not stands(name[0], line, words) for line, words, _ in ours[name])
    print(f"   {elsewhere} docstrings are at other lines, because of their escapes")
    if elsewhere > len(both) // 20:
        wrong.append(f"{elsewhere} docstrings are at other lines")
    if sum(counts.values()) < floor:
        wrong.append(f"there were {floor} examples before")
    for complaint in wrong[:40]:
        print(f"   WRONG: {complaint}")
    return 1 if wrong else 0


def stands(path: str, line: int, words: str) -> bool:
    """Whether the words are at that line. What doctest says of lines is wrong for whatever a decorator has wrapped."""
    found = Path(path).read_text().splitlines()[line - 1 :]
    first = words.splitlines()[0] if words else ">>>"
    return bool(found) and first.expandtabs() in found[0].expandtabs()


class Recorder(doctest.DocTestRunner):
    """Notes where examples show something, or should have."""

    def __init__(self) -> None:
        super().__init__()
        self.found: dict[str, Examples] = {}

    def note(self, test: doctest.DocTest, example: doctest.Example, verdict: str) -> None:
        if example.want or verdict == "broken":
            self.found.setdefault(test.name, []).append((example.want.removesuffix("\n"), verdict))

    def report_start(self, out, test, example) -> None:
        pass

    def report_success(self, out, test, example, got) -> None:
        self.note(test, example, "holds")

    def report_failure(self, out, test, example, got) -> None:
        self.note(test, example, "broken")

    def report_unexpected_exception(self, out, test, example, exc_info) -> None:
        self.note(test, example, "broken")


def judged_by_doctest(files: list[str]) -> tuple[dict[Docstring, Examples], dict[str, str]]:
    """The examples, and the modules that doctest cannot read as a whole."""
    examples, left = {}, {}
    for path in files:
        answer = in_a_process_of_its_own(path)
        if isinstance(answer, str):
            left[path] = answer
        else:
            examples.update({(path, name): [tuple(found) for found in answer[name]] for name in answer})
    return examples, left


def in_a_process_of_its_own(path: str) -> dict[str, Examples] | str:
    """As in a sandbox, nothing of one module reaches the next."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        signal.alarm(SECONDS)
        with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()), open(writer, "w") as answer:
            json.dump(examined(path), answer)
        os._exit(0)
    os.close(writer)
    with open(reader) as answer:
        text = answer.read()
    os.waitpid(child, 0)
    return json.loads(text) if text else "it ends its process, or takes too long"


def examined(path: str) -> dict[str, Examples] | str:
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
    return {test.removeprefix(name).removeprefix(".") or "__doc__": found for test, found in recorder.found.items()}


def judged_by_snipcheck(snipcheck: str, files: list[str]) -> dict[Docstring, Placed]:
    command = [snipcheck, "run", *files, "--format", "json", "--python", sys.prefix, "--timeout", "60"]
    done = subprocess.run(command, stdout=subprocess.PIPE)
    objects = [json.loads(line) for line in done.stdout.splitlines()]
    snippets = [found for found in objects if found["event"] == "snippet"]
    print(f"   run: {len(snippets)} blocks in {objects[-1]['wall_ms'] / 1000:.0f} s")
    examples = {}
    for snippet in snippets:
        claims = [claim for claim in snippet["claims"] if claim["kind"] == "doctest"]
        if claims:
            path, name = snippet["id"].split("::")
            examples[path, name] = [(claim["line"], claim["text"], claim["verdict"]) for claim in claims]
    return examples


if __name__ == "__main__":
    sys.exit(main())
