"""Compares CPython's own tests on the virtual clock with the same tests outside: clock.py SNIPCHECK PYTHON [MODULE...]

PYTHON is the one that SNIPCHECK was built for, with its `test` package. Each module runs twice: as a program, and as
the snippet of a document. Test by test both have to come to the same, or `DIFFERENCES` says why not. Without modules it
is the short form, with `all` every module that waits for anything.
"""

import json
import subprocess
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

RUNNER = Path(__file__).with_name("each_test.py").read_text()
MARK = "@@ "
SECONDS = 600
LIMITS = ("memory=4GiB", "disk=1GiB", "output=64MiB", "tasks=512", "descriptors=1024", "cpu=600s")

SHORT = ("test_sched", "test_queue")
ALL = (
    "test_time",
    "test_thread",
    "test_threading",
    "test_threading_local",
    "test_threadsignals",
    "test_queue",
    "test_sched",
    "test_selectors",
    "test_select",
    "test_poll",
    "test_epoll",
    "test_signal",
    "test_timeout",
    "test_socket",
    "test_timeit",
    "test_datetime",
    "test_concurrent_futures",
    "test_asyncio.test_base_events",
    "test_asyncio.test_events",
    "test_asyncio.test_futures",
    "test_asyncio.test_locks",
    "test_asyncio.test_queues",
    "test_asyncio.test_runners",
    "test_asyncio.test_selector_events",
    "test_asyncio.test_streams",
    "test_asyncio.test_subprocess",
    "test_asyncio.test_taskgroups",
    "test_asyncio.test_tasks",
    "test_asyncio.test_threads",
    "test_asyncio.test_timeouts",
    "test_asyncio.test_unix_events",
    "test_asyncio.test_waitfor",
    "multiprocessing_fork",
    "multiprocessing_spawn",
    "multiprocessing_forkserver",
    "test_multiprocessing_main_handling",
    "test_subprocess",
    "test_socketserver",
    "test_eintr",
)
# Modules of ours that make tests of `multiprocessing` for one way to start a process, as CPython's own do, which not
# every installation has.
STARTS = {f"multiprocessing_{way}": way for way in ("fork", "spawn", "forkserver")}

DIFFERENCES: dict[str, str] = {}


class Test(NamedTuple):
    outcome: str
    detail: str
    took: float


class Ran(NamedTuple):
    """What came of a module: of each test, and how long it took by this clock and by its own."""

    tests: dict[str, Test]
    seconds: float
    own: float


def main() -> int:
    snipcheck, python, asked = Path(sys.argv[1]).resolve(), sys.argv[2], sys.argv[3:]
    modules = ALL if asked == ["all"] else asked or SHORT
    with tempfile.TemporaryDirectory(prefix="snipcheck-clock-") as folder:
        place = Path(folder)
        place.chmod(0o755)
        unexplained = 0
        with ThreadPoolExecutor(2) as sides:
            for module in modules:
                ways = (lambda *words: outside(place, python, *words)), (lambda *words: inside(place, snipcheck, *words))
                theirs, ours = sides.map(lambda way: whole(way, module if module in STARTS else f"test.{module}"), ways)
                unexplained += compare(module, theirs, ours)
    return 1 if unexplained else 0


def compare(module: str, theirs: Ran, ours: Ran) -> int:
    counts = Counter(test.outcome for test in theirs.tests.values())
    print(
        f"   {module}: {len(theirs.tests)} tests, {dict(counts)}, {theirs.seconds:.1f} s outside, "
        f"{ours.seconds:.1f} s inside for {ours.own:.1f} s of its clock", flush=True
    )
    unexplained = 0
    for name in sorted(theirs.tests.keys() | ours.tests.keys()):
        their, our = (side.tests.get(name, Test("missing", "", 0.0)) for side in (theirs, ours))
        if our.took > 2 * their.took + 1:
            print(f"   LONG: {name}: {their.took:.1f} s outside, {our.took:.1f} s inside", flush=True)
        if their.outcome != our.outcome and not explained(name):
            unexplained += 1
            print(f"   DIFFERS: {name}: {their.outcome} outside, {our.outcome} inside", flush=True)
            for line in (their.detail + our.detail).splitlines()[-12:]:
                print(f"      {line}", flush=True)
    return unexplained


def explained(test: str) -> bool:
    return any(test == name or name.endswith("*") and test.startswith(name[:-1]) for name in DIFFERENCES)


def whole(way, module: str) -> Ran:
    """Runs a module; what comes behind a test that ends everything is run for itself."""
    tests, own, began = {}, 0.0, time.monotonic()
    for _ in range(20):
        told, ending = way(module, sorted(tests))
        running = None
        for line in told:
            match line:
                case {"began": test}:
                    running = test
                case {"test": test, "outcome": outcome, "detail": detail, "took": took}:
                    tests[test] = Test(outcome, detail, took)
                    running = None if test == running else running
                case {"ended": _, "took": took}:
                    own += took
                    return Ran(tests, time.monotonic() - began, own)
        tests[running or f"{module} (before its first test)"] = Test(ending, "", 0.0)
        if running is None:
            break
    return Ran(tests, time.monotonic() - began, own)


def write(folder: str, module: str, name: str, text: str) -> None:
    place = Path(folder)
    place.chmod(0o755)
    (place / name).write_text(text)
    if module in STARTS:
        (place / f"{module}.py").write_text(
            "from test._test_multiprocessing import install_tests_in_module_dict\n"
            f"install_tests_in_module_dict(globals(), {STARTS[module]!r})\n"
        )


def program(module: str, known: list[str]) -> str:
    return f"{RUNNER}\n\nif __name__ == '__main__':\n    run({module!r}, {known!r})\n"


def outside(place: Path, python: str, module: str, known: list[str]) -> tuple[list[dict], str]:
    with tempfile.TemporaryDirectory(dir=place) as folder:
        write(folder, module, "program.py", program(module, known))
        try:
            done = subprocess.run(
                [python, "program.py"], cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, timeout=SECONDS
            )
        except subprocess.TimeoutExpired as error:
            return told(error.stdout.decode(errors="replace")), "timed-out"
        print(done.stderr.decode()[-500:]) if not done.stdout else 0
        return told(done.stdout.decode(errors="replace")), f"ended with {done.returncode}"


def inside(place: Path, snipcheck: Path, module: str, known: list[str]) -> tuple[list[dict], str]:
    with tempfile.TemporaryDirectory(dir=place) as folder:
        write(folder, module, "page.md", f"# Tests\n\n````python\n{program(module, known)}````\n")
        command = [snipcheck, "run", "--format", "json", "--claims", "off", "--timeout", f"{SECONDS}s"]
        command += [word for limit in LIMITS for word in ("--limit", limit)]
        done = subprocess.run([*command, "page.md"], cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
        events = [json.loads(line) for line in done.stdout.splitlines()]
        snippet = next(event for event in events if event["event"] == "snippet")
        cause = snippet["cause"] or snippet["exception"] or {}
        ending = f"{snippet['ending']} {cause.get('kind') or cause.get('message', '')}".strip()
        return told(snippet["stdout"]), ending


def told(text: str) -> list[dict]:
    return [json.loads(line.removeprefix(MARK)) for line in text.splitlines() if line.startswith(MARK)]


if __name__ == "__main__":
    sys.exit(main())
