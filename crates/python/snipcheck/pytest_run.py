"""One run of the executable, and what it says of each snippet: in a folder, where several processes can read it."""

import json
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

# Seconds between two looks at what has been written, and for a process to end that was told to.
PAUSE = 0.005
PATIENCE = 10


def ask(executable, words, root):
    """What a command says that runs nothing."""
    try:
        process = subprocess.run([executable, *words], cwd=root, env=environment(), capture_output=True, text=True)
    except OSError as error:
        raise pytest.UsageError(f"snipcheck: cannot start `{executable}`: {error.strerror}") from None
    # 1 is for documents with problems, which the run tells of.
    if process.returncode not in (0, 1):
        raise complaint(process.returncode, process.stderr)
    return json.loads(process.stdout)


def environment():
    """Snippets import what tests import, unless the caller says otherwise."""
    return {"SNIPCHECK_PYTHON": sys.executable, **os.environ}


def complaint(code, text):
    text = text.strip() or f"ended with exit code {code}"
    return pytest.UsageError(f"snipcheck: {text.removeprefix('error: ')}")


class Run:
    def __init__(self, folder: Path):
        self.folder = folder
        self.started = False
        self.choice = None
        self.results = {}
        self.problems = []
        self._process = None
        self._file = None
        self._half = b""

    # Who wants what: workers ask, their controller runs -------------------------------------------------------------

    def ask_for(self, choice):
        """All workers ask for the same."""
        mine = self.folder / f"choice-{os.getpid()}"
        mine.write_text(json.dumps(choice), encoding="utf-8")
        mine.rename(self.folder / "choice")

    def asked_for(self):
        try:
            return json.loads((self.folder / "choice").read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None

    def start(self, command, root, choice):
        """Starts it, and returns when it has said something or has ended; what it cannot do is wrong usage."""
        self.started, self.choice = True, choice
        with (self.folder / "results").open("wb") as out, (self.folder / "errors").open("wb") as errors:
            self._process = subprocess.Popen(
                command, cwd=root, env=environment(), stdin=subprocess.DEVNULL, stdout=out, stderr=errors
            )
        threading.Thread(target=self._wait, daemon=True).start()

        while not self.results:
            code = self._ended()
            if not self._read():
                if code is not None:
                    break
                time.sleep(PAUSE)
        if not self.results and code not in (None, 0, 1, 4):
            raise complaint(code, self._errors())

    def _wait(self):
        code = self._process.wait()
        ending = self.folder / "ending"
        try:
            ending.write_text(str(code))
            ending.rename(self.folder / "ended")
        except FileNotFoundError:
            # The folder goes when nobody wants to know any more.
            pass

    # What comes out -------------------------------------------------------------------------------------------------

    def result(self, name):
        """What became of a snippet, as soon as that is known; `None` if the run ended before."""
        while name not in self.results:
            code = self._ended()
            if not self._read():
                if code is not None:
                    return None
                time.sleep(PAUSE)
        return self.results[name]

    def problems_at(self, path, start, end):
        return [problem for problem in self.problems if problem["path"] == path and is_in(problem, [[start, end]])]

    def unplaced(self):
        """Problems that no chosen snippet fails for."""
        lines = self.choice["lines"] if self.choice else {}
        return [problem for problem in self.problems if not is_in(problem, lines.get(problem["path"], []))]

    def excuse(self, name):
        """Why there is no result."""
        code = self._ended()
        text = self._errors().strip()
        return f"snipcheck ended with exit code {code} and said nothing of {name}" + (f"\n{text}" if text else "")

    def finish(self):
        """Waits for the end if all that was asked for is known, else ends it."""
        if self._process is None:
            return
        if not self._is_complete():
            self._process.terminate()
        try:
            self._process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        while self._read():
            pass
        if self._file:
            self._file.close()

    def _is_complete(self):
        while self._read():
            pass
        return all(name in self.results for name in self.choice["runs"])

    def _ended(self):
        """The exit code. Nothing is written after it."""
        try:
            return int((self.folder / "ended").read_text())
        except FileNotFoundError:
            return None

    def _errors(self):
        return (self.folder / "errors").read_text(encoding="utf-8", errors="replace")

    def _read(self):
        """Reads what is new, and says whether there was something."""
        if self._file is None:
            try:
                self._file = (self.folder / "results").open("rb")
            except FileNotFoundError:
                return False
        text = self._file.read()
        *lines, self._half = (self._half + text).split(b"\n")
        for line in lines:
            event = json.loads(line)
            if event["event"] == "snippet":
                self.results[event["id"]] = event
            elif event["event"] == "problem":
                self.problems.append(event)
        return bool(text)


def is_in(problem, lines):
    return problem["line"] is not None and any(start <= problem["line"] <= end for start, end in lines)
