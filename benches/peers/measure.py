"""Runs one command and measures it: wall, CPU, memory, time to the first mention of a document.

Knows neither tools nor corpora. Linux only: memory comes from `/proc`.

Memory has two figures, because `ru_maxrss` of `wait4` is not the peak of the process alone: it is the
largest of the process and all descendants that were waited for, and never less than the peak of this
script, whose memory the child had until its exec. `VmHWM` of `/proc/PID/status` begins anew at the exec
and belongs to the one process: it is the figure for the supervisor.
"""

import fcntl
import os
import pty
import re
import signal
import struct
import subprocess
import tempfile
import termios
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO

_WATCH_INTERVAL_S = 0.002
_TERMINAL_SIZE = struct.pack("HHHH", 40, 120, 0, 0)

Command = Sequence[str]
_Stream = int | IO[bytes]


@dataclass(frozen=True)
class Place:
    """Where a command runs, with which environment and for how long at most."""

    folder: Path
    environment: dict[str, str]
    time_limit_s: float


@dataclass(frozen=True)
class Run:
    exit_code: int
    wall_s: float
    # User and system time of the process and of all descendants that were waited for.
    cpu_s: float
    # VmHWM; 0 if nobody watched.
    own_peak_kib: int
    # ru_maxrss; see above.
    largest_peak_kib: int
    stdout: bytes
    stderr: bytes

    def followed_by(self, later: "Run") -> "Run":
        return replace(
            later,
            wall_s=self.wall_s + later.wall_s,
            cpu_s=self.cpu_s + later.cpu_s,
            own_peak_kib=max(self.own_peak_kib, later.own_peak_kib),
            largest_peak_kib=max(self.largest_peak_kib, later.largest_peak_kib),
        )


def run_all(commands: Sequence[Command], place: Place, *, watched: bool = False) -> Run:
    """Runs the commands one after the other as one piece of work, up to the first that fails.

    A watched run looks at `/proc` all the time: its times are not to be used.
    """
    total = None
    for command in commands:
        run = _run(command, place, watched)
        total = run if total is None else total.followed_by(run)
        if total.exit_code != 0:
            break
    if total is None:
        raise ValueError("no command")
    return total


def first_mention(command: Command, place: Place, name: str, *, terminal: bool) -> float | None:
    """Seconds from the start until stdout (or the terminal) names what matches `name`; None if it never does.

    The command is left to end by itself; one that fails has mentioned nothing.
    """
    ours, theirs = pty.openpty() if terminal else os.pipe()
    if terminal:
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, _TERMINAL_SIZE)
    wanted = re.compile(name.encode())
    start = time.perf_counter()
    process = _start(command, place, stdout=theirs, stderr=theirs if terminal else subprocess.DEVNULL)
    os.close(theirs)
    mentioned_s = None
    tail = b""
    with _time_limit(process, place.time_limit_s):
        for chunk in _chunks(ours):
            tail = tail[-200:] + chunk
            if mentioned_s is None and wanted.search(tail):
                mentioned_s = time.perf_counter() - start
        exit_code = process.wait()
    os.close(ours)
    return mentioned_s if exit_code == 0 else None


def _run(command: Command, place: Place, watched: bool) -> Run:
    with tempfile.TemporaryFile() as stdout, tempfile.TemporaryFile() as stderr:
        start = time.perf_counter()
        process = _start(command, place, stdout=stdout, stderr=stderr)
        with _time_limit(process, place.time_limit_s):
            own_peak_kib = _watch_peak_kib(process.pid) if watched else 0
            _, status, usage = os.wait4(process.pid, 0)
            wall_s = time.perf_counter() - start
            # Popen must not wait for, or signal, a process that is gone.
            process.returncode = os.waitstatus_to_exitcode(status)
        stdout.seek(0)
        stderr.seek(0)
        return Run(
            exit_code=process.returncode,
            wall_s=wall_s,
            cpu_s=usage.ru_utime + usage.ru_stime,
            own_peak_kib=own_peak_kib,
            largest_peak_kib=usage.ru_maxrss,
            stdout=stdout.read(),
            stderr=stderr.read(),
        )


def _start(command: Command, place: Place, *, stdout: _Stream, stderr: _Stream) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        command,
        cwd=place.folder,
        env=place.environment,
        stdin=subprocess.DEVNULL,
        start_new_session=True,
        stdout=stdout,
        stderr=stderr,
    )


@contextmanager
def _time_limit(process: subprocess.Popen[bytes], seconds: float) -> Iterator[None]:
    def end() -> None:
        if process.returncode is None:
            os.killpg(process.pid, signal.SIGKILL)

    timer = threading.Timer(seconds, end)
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _watch_peak_kib(pid: int) -> int:
    """Follows VmHWM, which only grows, until the process is a zombie and has none."""
    peak_kib = 0
    while found := re.search(r"^VmHWM:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text(), re.MULTILINE):
        peak_kib = int(found[1])
        time.sleep(_WATCH_INTERVAL_S)
    return peak_kib


def _chunks(descriptor: int) -> Iterator[bytes]:
    while True:
        try:
            chunk = os.read(descriptor, 65536)
        except OSError:
            # A terminal whose last writer is gone says EIO instead of end-of-file.
            return
        if not chunk:
            return
        yield chunk
