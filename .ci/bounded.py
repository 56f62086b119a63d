"""Runs a command as some user, bounded in time, memory and processes, and sees all that descends from it.

This process becomes the one that orphans are given to, so that no descendant gets lost. It therefore runs one attack
at a time, and has no other children.
"""

import ctypes
import os
import resource
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from hostile import refuse_namespaces

PR_SET_CHILD_SUBREAPER = 36
# More processes than this are a breach in themselves.
PROCESSES = 1500
# What has ended may take this long until the last of its processes is gone.
GRACE_S = 3.0
POLL_S = 0.1
MIB = 1 << 20


class Account(NamedTuple):
    """Whose rights a command has, and whether namespaces are refused to it."""

    uid: int
    gid: int
    namespaces: bool

    def rights(self) -> dict:
        """For `Popen`. Only root can take other rights than its own."""
        return {"user": self.uid, "group": self.gid, "extra_groups": []} if os.geteuid() == 0 else {}


class Bounds(NamedTuple):
    seconds: float
    memory_mib: int
    # The soft limit of open files, None for that of the caller.
    descriptors: int | None = None


class Ran(NamedTuple):
    # None if a bound was passed, or if a watcher had seen enough.
    code: int | None
    out: str
    err: str
    seconds: float
    peak_mib: int
    # What went beyond its bounds or outlived the command.
    breaches: list[str]


# Called again and again with the standard output so far. True ends the command.
Watcher = Callable[[str], bool]


def adopt_orphans() -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "prctl")


def run(
    command: list[str],
    folder: Path,
    environment: dict[str, str],
    account: Account,
    bounds: Bounds,
    watcher: Watcher = lambda _: False,
) -> Ran:
    def begin() -> None:
        if bounds.descriptors is not None:
            _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
            resource.setrlimit(resource.RLIMIT_NOFILE, (bounds.descriptors, hard))
        if not account.namespaces:
            refuse_namespaces()

    breaches: list[str] = []
    peak, seen_enough = 0, False
    began = time.monotonic()
    # Files, as whatever outlives the command would keep a pipe open.
    with open(folder.parent / "out", "w+b") as out, open(folder.parent / "err", "w+b") as err:
        started = subprocess.Popen(
            command,
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=err,
            preexec_fn=begin,
            start_new_session=True,
            **account.rights(),
        )
        while started.poll() is None and not breaches and not seen_enough:
            time.sleep(POLL_S)
            pids = list(descendants())
            memory = sum(memory_mib(pid) for pid in pids)
            peak = max(peak, memory)
            seen_enough = watcher(text(out.name))
            if memory > bounds.memory_mib:
                breaches.append(f"more than {bounds.memory_mib} MiB of memory")
            elif len(pids) > PROCESSES:
                breaches.append(f"{len(pids)} processes")
            elif time.monotonic() - began > bounds.seconds:
                breaches.append(f"it had not ended after {bounds.seconds:.0f} s")
        code = started.poll()
        if code is not None:
            breaches += [f"`{name}` outlives the run" for name in outliving()]
        kill_descendants()
        started.wait()
        return Ran(code, text(out.name), text(err.name), time.monotonic() - began, peak, breaches)


def text(path: str) -> str:
    with open(path, "rb") as file:
        return file.read(16 * MIB).decode(errors="replace")


def outliving() -> list[str]:
    """Names of the descendants that are still there after a moment."""
    deadline = time.monotonic() + GRACE_S
    while (pids := list(descendants())) and time.monotonic() < deadline:
        time.sleep(POLL_S)
    return sorted({name(pid) for pid in pids})


def kill_descendants() -> None:
    deadline = time.monotonic() + 10
    while (pids := list(descendants())) and time.monotonic() < deadline:
        for pid in pids:
            try:
                os.kill(pid, signal.SIGKILL)
            except OSError:
                pass
        time.sleep(0.02)
        reap()


def reap() -> None:
    """Takes leave of orphans. What `subprocess` waits for, too, is left to it: it copes with the loss."""
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        pass


def descendants() -> Iterator[int]:
    """All living processes below this one, in namespaces of their own or not."""
    children: dict[int, list[int]] = {}
    for entry in os.listdir("/proc"):
        if entry.isdigit() and (fields := status(int(entry))) and fields[0] not in ("Z", "X"):
            children.setdefault(int(fields[1]), []).append(int(entry))
    left = [os.getpid()]
    while left:
        found = children.get(left.pop(), [])
        left += found
        yield from found


def status(pid: int) -> list[str]:
    """State, parent and so on: what stands in `/proc/PID/stat` after the name, which may contain anything."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()
    except OSError:
        return []


def memory_mib(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/status").read_text(errors="replace").splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) for line in lines if line.startswith(("RssAnon", "RssShmem"))) // 1024


def name(pid: int) -> str:
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return "?"
    return ascii(" ".join(word.decode(errors="replace").rpartition("/")[2] for word in words[:2])).strip("'")
