"""The fresh folder in which an attack runs, and what its report says."""

import json
import os
import re
import shutil
import sys
from collections.abc import Callable
from enum import Enum
from pathlib import Path
from typing import NamedTuple

import bounded
from bounded import Account, Bounds, Ran, Watcher

PATH = "/usr/local/bin:/usr/bin:/bin"
USUAL = Bounds(seconds=60, memory_mib=2048)


class Who(Enum):
    ANYBODY = "anybody"
    ORDINARY = "an ordinary user"
    ROOT = "root"
    ROOT_WITH_READABLE_PYTHON = "root, whose Python every user can read"


class Place(NamedTuple):
    """A fresh folder with all that one attack needs."""

    folder: Path
    snipcheck: Path
    case: Path
    account: Account

    @property
    def project(self) -> Path:
        return self.folder / "project"

    def document(self, name: str, text: str) -> None:
        path = self.project / name
        path.write_text(text)
        os.chown(path, self.account.uid, self.account.gid)

    def attack(self, name: str = "case.md") -> str:
        """Makes the attack a document, and gives its text."""
        text = self.case.read_text()
        self.document(name, text)
        return text

    def run(self, words: list[str], bounds: Bounds = USUAL, before: tuple[str, ...] = (), **more: str) -> Ran:
        command = [*before, str(self.snipcheck), *words]
        return bounded.run(command, self.project, self.environment(**more), self.account, bounds)

    def script(self, bounds: Bounds = USUAL, watcher: Watcher = lambda _: False, **more: str) -> Ran:
        command = ["bash", str(self.case), str(self.snipcheck)]
        environment = self.environment(PY=self.python(), **more)
        return bounded.run(command, self.project, environment, self.account, bounds, watcher)

    def environment(self, **more: str) -> dict[str, str]:
        variables = {
            "PATH": PATH if shutil.which("python3", path=PATH) else f"{PATH}:{Path(sys.executable).parent}",
            "HOME": str(self.folder / "home"),
            "TMPDIR": str(self.folder / "tmp"),
            "LANG": "C.UTF-8",
            "PROJECT": str(self.folder),
            "NONS": str(self.folder / "bin" / "tools_nons.py"),
        }
        return variables | more

    def python(self) -> str:
        """The interpreter that runs snippets where nothing else is said."""
        ran = self.run(["doctor"])
        found = re.search(r"^python: .*\n  (/[^\s,]+)", ran.out, re.MULTILINE)
        return found[1] if found else sys.executable


Observe = Callable[[Place], list[str]]


class Attack(NamedTuple):
    id: str
    title: str
    observe: Observe
    who: Who = Who.ANYBODY
    tiers: tuple[str, ...] = ("a", "b")
    # Programs without which it would seem to be held.
    needs: tuple[str, ...] = ()
    # It takes what others of the same user need as well.
    lonely: bool = False


def events(ran: Ran, kind: str) -> list[dict]:
    found = []
    for line in ran.out.splitlines():
        try:
            event = json.loads(line)
        except ValueError:
            continue
        if isinstance(event, dict) and event.get("event") == kind:
            found.append(event)
    return found


def sound(ran: Ran) -> list[str]:
    """A run that reports, whatever came of its snippets."""
    if ran.breaches:
        return ran.breaches
    if ran.code not in (0, 1) or not events(ran, "summary"):
        return [f"no report: exit code {ran.code}: {ran.err[-200:]}"]
    return []


def passed(ran: Ran, path: str) -> list[str]:
    """Complaints unless all snippets of a document passed."""
    snippets = [event for event in events(ran, "snippet") if event["path"] == path]
    wrong = [
        f"{event['id']}: {event['ending']}: {event['reasons']}" for event in snippets if event["verdict"] != "passed"
    ]
    return wrong if snippets else [f"no word of {path}"]


def fences(text: str) -> list[str]:
    return re.findall(r"^(`{3,}[^\n]*\n.*?^`{3,})$", text, re.MULTILINE | re.DOTALL)
