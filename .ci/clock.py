"""Compares CPython's own tests on the virtual clock with the same tests outside: clock.py SNIPCHECK PYTHON [MODULE...]

PYTHON is the one that SNIPCHECK was built for. Each module of its `test` package runs twice: as a program, and as the
snippet of a document. Test by test both have to come to the same, or `DIFFERENCES` says why not. What differs is looked
at again by itself, as many of these tests depend on chance outside, too. Without modules it is the short form, with
`all` it is every module that waits for anything.
"""

import json
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from fnmatch import fnmatchcase
from pathlib import Path
from typing import NamedTuple

RUNNER = Path(__file__).with_name("each_test.py").read_text()
MARK = "@@ "
SECONDS = 600
LIMITS = ("memory=4GiB", "disk=1GiB", "output=64MiB", "tasks=512", "descriptors=1024", "cpu=600s")
# Tests that end everything are survived so often in a module.
DEATHS = 20
# The short form compares more than this.
FLOOR = 480

SHORT = (
    "test_asyncio.test_locks",
    "test_asyncio.test_queues",
    "test_asyncio.test_runners",
    "test_asyncio.test_streams",
    "test_asyncio.test_taskgroups",
    "test_asyncio.test_timeouts",
    "test_asyncio.test_waitfor",
    "test_epoll",
    "test_sched",
    "test_select",
    "test_thread",
    "test_threading.ConditionTests",
    "test_threading.EventTests",
    "test_threading.SemaphoreTests",
    "test_threading.ThreadTests",
    "test_threading.TimerTests",
    "test_threadsignals",
    "test_time",
    "multiprocessing_fork.WithProcessesTestCondition",
    "multiprocessing_fork.WithProcessesTestQueue",
    "multiprocessing_spawn.WithProcessesTestEvent",
)
ALL = (
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
    "test_concurrent_futures",
    "test_datetime",
    "test_eintr",
    "test_epoll",
    "test_multiprocessing_main_handling",
    "test_poll",
    "test_queue",
    "test_sched",
    "test_select",
    "test_selectors",
    "test_signal",
    "test_socket",
    "test_socketserver",
    "test_subprocess",
    "test_thread",
    "test_threading",
    "test_threading_local",
    "test_threadsignals",
    "test_time",
    "test_timeit",
    "test_timeout",
    "multiprocessing_fork",
    "multiprocessing_spawn",
    "multiprocessing_forkserver",
)
# Modules of ours with the tests of `multiprocessing` for one way to start a process. CPython's own are not installed
# everywhere.
STARTS = {f"multiprocessing_{way}": way for way in ("fork", "spawn", "forkserver")}

DIFFERENCES = {
    "*.GeneralModuleTests.test_sethostname": "root can rename the machine, a session cannot",
    "*.TestSelectorUtils.test_set_nodelay": "sockets of a session send at once",
    "*.TimeTestCase.test_monotonic_settime": "root can set the clock of the machine, a session cannot",
    "*.POSIXProcessTestCase.test_extra_groups": "a session has one group",
    "*.POSIXProcessTestCase.test_group": "a session has one group",
    "*.POSIXProcessTestCase.test_preexec_fork_failure": "root has no limit of processes, a session has one",
    "*.POSIXProcessTestCase.test_user": "a session has one user",
    "test.test_socket.*UDPLITE*": "a session has no UDP-Lite",
    "test.test_socket.*VSOCK*": "a session cannot reach the host of a virtual machine",
    "test.test_subprocess.*.test_no_leaking": "there are more than 1026 descriptors outside",
}


class Test(NamedTuple):
    outcome: str
    detail: str
    took: float


class Ran(NamedTuple):
    """What came of a module: of each test, and how long it took by this clock and by its own."""

    tests: dict[str, Test]
    seconds: float
    own: float


class Session(NamedTuple):
    """What one process or one session said, and how it ended."""

    said: list[dict]
    ending: str


# Runs a module, less the tests of some names.
Way = Callable[[str, list[str]], Session]


def main() -> int:
    # Background jobs of a shell ignore it, and so would the tests outside.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    snipcheck, python, asked = Path(sys.argv[1]).resolve(), sys.argv[2], sys.argv[3:]
    modules = ALL if asked == ["all"] else asked or SHORT
    compared, wrong = 0, 0
    with tempfile.TemporaryDirectory(prefix="snipcheck-clock-") as folder, ThreadPoolExecutor(2) as sides:
        place = Path(folder)
        place.chmod(0o755)

        def both(module: str) -> list[Ran]:
            def outside(module: str, known: list[str]) -> Session:
                return program(place, python, module, known)

            def inside(module: str, known: list[str]) -> Session:
                return page(place, snipcheck, module, known)

            return list(sides.map(lambda way: whole(way, module), (outside, inside)))

        for module in modules:
            name = module if module.partition(".")[0] in STARTS else f"test.{module}"
            theirs, ours = both(name)
            if any("_FailedTest" in test for test in theirs.tests):
                print(f"   {module}: this Python does not have it", flush=True)
                continue
            compared += len(theirs.tests)
            passed = sum(test.outcome == "passed" for test in theirs.tests.values())
            print(
                f"   {module}: {len(theirs.tests)} tests, {passed} pass; {theirs.seconds:.1f} s outside, "
                f"{ours.seconds:.1f} s inside for {ours.own:.1f} s of its clock",
                flush=True,
            )
            wrong += sum(differs(name, both) for name in different(theirs, ours))
    print(f"   {compared} tests, {wrong} differ without a reason")
    return 1 if wrong or modules is SHORT and compared < FLOOR else 0


def different(theirs: Ran, ours: Ran) -> list[str]:
    names = sorted(theirs.tests.keys() | ours.tests.keys())
    return [name for name in names if outcome(theirs, name) != outcome(ours, name)]


def outcome(ran: Ran, test: str) -> str:
    return ran.tests[test].outcome if test in ran.tests else "missing"


def differs(test: str, both: Callable[[str], list[Ran]]) -> bool:
    """Whether what has differed once has no reason, and differs again."""
    reason = next((why for name, why in DIFFERENCES.items() if fnmatchcase(test, name)), None)
    if reason is not None:
        print(f"   listed: {test}: {reason}", flush=True)
        return False
    theirs, ours = both(test)
    # What belongs to a whole class cannot be looked at by itself.
    same = outcome(theirs, test) == outcome(ours, test) != "missing"
    print(f"   {'ONCE' if same else 'DIFFERS'}: {test}", flush=True)
    for side, ran in (("outside", theirs), ("inside", ours)):
        print(f"      {side}: {outcome(ran, test)}", flush=True)
        for line in ran.tests[test].detail.splitlines()[-12:] if test in ran.tests else ():
            print(f"         {line}", flush=True)
    return not same


def whole(way: Way, module: str) -> Ran:
    """Runs a module. What comes after a test that ends everything runs by itself."""
    tests, own, began = {}, 0.0, time.monotonic()
    for _ in range(DEATHS):
        session = way(module, sorted(tests))
        running = None
        for line in session.said:
            match line:
                case {"began": test}:
                    running = test
                case {"test": test, "outcome": outcome, "detail": detail, "took": took}:
                    tests[test] = Test(outcome, detail, took)
                    running = None if test == running else running
                case {"ended": _, "took": took}:
                    own += took
                    return Ran(tests, time.monotonic() - began, own)
        tests[running or f"{module}, before its first test"] = Test(session.ending, "", 0.0)
        if running is None:
            break
    return Ran(tests, time.monotonic() - began, own)


def program(place: Path, python: str, module: str, known: list[str]) -> Session:
    with tempfile.TemporaryDirectory(dir=place) as folder:
        write(folder, module, "program.py", code(module, known))
        command = [python, "program.py"]
        try:
            done = subprocess.run(
                command, cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, timeout=SECONDS
            )
        except subprocess.TimeoutExpired as error:
            return Session(told(error.stdout.decode(errors="replace")), "it timed out")
        return Session(told(done.stdout.decode(errors="replace")), f"it ended with {done.returncode}")


def page(place: Path, snipcheck: Path, module: str, known: list[str]) -> Session:
    with tempfile.TemporaryDirectory(dir=place) as folder:
        write(folder, module, "page.md", f"# Tests\n\n````python\n{code(module, known)}````\n")
        command = [snipcheck, "run", "--format", "json", "--claims", "off", "--timeout", f"{SECONDS}s"]
        command += [word for limit in LIMITS for word in ("--limit", limit)]
        done = subprocess.run([*command, "page.md"], cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
        events = [json.loads(line) for line in done.stdout.splitlines()]
        snippet = next(event for event in events if event["event"] == "snippet")
        if snippet["clock"] != "virtual":
            sys.exit(f"the clock of the session was {snippet['clock']}")
        why = snippet["cause"] or snippet["exception"] or {}
        return Session(told(snippet["stdout"]), f"{snippet['ending']} {why.get('kind', why.get('message', ''))}")


def write(folder: str, module: str, name: str, text: str) -> None:
    place = Path(folder)
    place.chmod(0o755)
    (place / name).write_text(text)
    start = module.partition(".")[0]
    if start in STARTS:
        (place / f"{start}.py").write_text(
            "from test._test_multiprocessing import install_tests_in_module_dict\n"
            f"install_tests_in_module_dict(globals(), {STARTS[start]!r})\n"
        )


def code(module: str, known: list[str]) -> str:
    return f"{RUNNER}\n\nif __name__ == '__main__':\n    run({module!r}, {known!r})\n"


def told(text: str) -> list[dict]:
    return [json.loads(line.removeprefix(MARK)) for line in text.splitlines() if line.startswith(MARK)]


if __name__ == "__main__":
    sys.exit(main())
