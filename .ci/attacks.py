"""Runs the attacks beside this project: attacks.py SNIPCHECK FOLDER [--user NAME] [--without-namespaces] [ID...]

Each is a document or a shell script. `.ci/observed.py` knows in which sandboxes and as whom each makes sense, and what
must not happen. Root runs them as itself, or as the user that is named, who must be able to read SNIPCHECK's Python.
Each runs in a process of its own: this program again, with `--alone`.
"""

import os
import pwd
import shutil
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

from bounded import Account, adopt_orphans, kill_descendants
from observed import ATTACKS
from place import PATH, Attack, Place, Who, events

# Attacks that may still get through. Every other one has to be held.
OPEN: frozenset[str] = frozenset()
# Side by side: they wait more than they compute.
WORKERS = 3
# For one of them, whatever its own bounds say.
SECONDS = 150


class Words(NamedTuple):
    snipcheck: Path
    folder: Path
    user: str | None
    namespaces: bool
    alone: bool
    ids: list[str]

    def again(self, attack: str) -> list[str]:
        words = [sys.executable, "-B", __file__, str(self.snipcheck), str(self.folder), "--alone", attack]
        words += ["--user", self.user] if self.user else []
        return words + ([] if self.namespaces else ["--without-namespaces"])


def main() -> int:
    words = parsed(sys.argv[1:])
    if not words.folder.is_dir():
        print(f"   skipped: there is no {words.folder}")
        return 0
    adopt_orphans()
    if words.alone:
        return alone(words, words.ids[0])
    tier = tier_of(words)
    if tier is None:
        return 1
    chosen = []
    for attack in ATTACKS:
        if words.ids and attack.id not in words.ids:
            continue
        why = excuse(attack, words, tier)
        if why is None:
            chosen.append(attack)
        elif words.namespaces:
            print(f"   {attack.id} {attack.title}: skipped: {why}")
    for path in sorted(words.folder.glob("[0-9][0-9]_*")):
        if path.name[:2] not in {attack.id for attack in ATTACKS}:
            print(f"   {path.name}: skipped: nobody has written down what to look for")
    return told(words, chosen)


def parsed(words: list[str]) -> Words:
    options = {"--without-namespaces", "--alone"}
    given = options.intersection(words)
    words = [word for word in words if word not in options]
    user = None
    if "--user" in words:
        at = words.index("--user")
        user = words[at + 1]
        del words[at : at + 2]
    snipcheck, folder, *ids = words
    return Words(
        Path(snipcheck).resolve(),
        Path(folder).resolve(),
        user,
        "--without-namespaces" not in given,
        "--alone" in given,
        ids,
    )


def told(words: Words, chosen: list[Attack]) -> int:
    """Runs attacks side by side, those that would disturb others at the end, and tells what came of each."""

    def result(attack: Attack) -> int:
        began = time.monotonic()
        try:
            done = subprocess.run(
                words.again(attack.id), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=SECONDS
            )
        except subprocess.TimeoutExpired:
            done = subprocess.CompletedProcess([], 1, b"it had to be ended\n")
        lines = done.stdout.decode(errors="replace").splitlines() or ["nothing was said"]
        if done.returncode == 0:
            verdict = "held" + ("" if attack.id not in OPEN else ", and may be taken from the list of open ones")
        else:
            verdict = "NOT HELD" + ("" if attack.id not in OPEN else ", as known")
        print(f"   {attack.id} {attack.title}: {verdict} ({time.monotonic() - began:.0f} s)", flush=True)
        for line in lines if done.returncode else []:
            # What snippets wrote must not reach the log of a build server as it is.
            print(f"      {ascii(line)[1:-1][:300]}", flush=True)
        return done.returncode

    codes = {}
    for attacks, workers in (([a for a in chosen if not a.lonely], WORKERS), ([a for a in chosen if a.lonely], 1)):
        with ThreadPoolExecutor(workers) as pool:
            codes |= dict(zip((attack.id for attack in attacks), pool.map(result, attacks), strict=True))
    # One that had to be ended may have left something.
    kill_descendants()
    held = sum(code == 0 for code in codes.values())
    wrong = [id for id, code in codes.items() if code and id not in OPEN]
    print(f"   {held} of {len(codes)} held" + (f", but not: {' '.join(wrong)}" if wrong else ""))
    return 1 if wrong else 0


def excuse(attack: Attack, words: Words, tier: str) -> str | None:
    """Why an attack makes no sense here."""
    root = os.geteuid() == 0
    if not list(words.folder.glob(f"{attack.id}_*")):
        return "it is not there"
    if tier not in attack.tiers:
        return f"it is for tier {' and '.join(attack.tiers).upper()}"
    if missing := [program for program in attack.needs if shutil.which(program, path=PATH) is None]:
        return f"there is no {' '.join(missing)}"
    match attack.who:
        case Who.ANYBODY:
            return None
        case Who.ORDINARY:
            return "it is for an ordinary user" if root and not words.user else None
        case Who.ROOT:
            return None if root and not words.user else "it is for root"
        case Who.ROOT_WITH_READABLE_PYTHON:
            return None if root and words.user else "it is for root, with a Python that others can read"


# One attack -----------------------------------------------------------------------------------------------------


def alone(words: Words, id: str) -> int:
    attack = next(attack for attack in ATTACKS if attack.id == id)
    with tempfile.TemporaryDirectory(prefix="snipcheck-attack-", ignore_cleanup_errors=True) as folder:
        complaints = attack.observe(prepared(Path(folder), words, attack))
    for complaint in complaints:
        print(complaint)
    return 1 if complaints else 0


def prepared(folder: Path, words: Words, attack: Attack | None) -> Place:
    """A folder for one attack: a copy of the executable under a name of its own, a home, a project, a place for
    temporary files. Nothing of it is hidden from another user."""
    folder.chmod(0o755)
    as_root = attack is not None and attack.who in (Who.ROOT, Who.ROOT_WITH_READABLE_PYTHON)
    if words.user and not as_root:
        entry = pwd.getpwnam(words.user)
        account = Account(entry.pw_uid, entry.pw_gid, words.namespaces)
    else:
        account = Account(os.geteuid(), os.getegid(), words.namespaces)
    snipcheck = folder / "bin" / "snipcheck"
    snipcheck.parent.mkdir()
    shutil.copy(words.snipcheck, snipcheck)
    case = next(iter(words.folder.glob(f"{attack.id}_*"))) if attack else words.snipcheck
    if attack:
        case = Path(shutil.copy(case, folder / "bin" / case.name))
        case.chmod(0o755)
    # What refuses namespaces within scripts looks for its filter in a project.
    (folder / ".ci").mkdir()
    shutil.copy(Path(__file__).with_name("hostile.py"), folder / ".ci")
    for tool in words.folder.glob("tools_*.py"):
        shutil.copy(tool, folder / "bin")
    for name in ("home", "project", "tmp"):
        (folder / name).mkdir()
        os.chown(folder / name, account.uid, account.gid)
    return Place(folder, snipcheck, case, account)


def tier_of(words: Words) -> str | None:
    """The tier in which a harmless document passes here. Without one nothing else would mean anything."""
    with tempfile.TemporaryDirectory(prefix="snipcheck-attack-", ignore_cleanup_errors=True) as folder:
        place = prepared(Path(folder), words, None)
        place.document("harmless.md", "# Harmless\n\n```python\nprint('hello')\n```\n")
        ran = place.run(["run", ".", "--format", "json"])
        found = events(ran, "snippet")
    if ran.code != 0 or len(found) != 1 or found[0]["stdout"] != "hello\n" or ran.breaches:
        print(f"   WRONG: a harmless document does not pass: exit code {ran.code}, {ran.breaches}")
        print(f"      {ascii(ran.err[-300:])}")
        return None
    tier = found[0]["sandbox"]
    if not words.namespaces and tier != "b":
        print(f"   WRONG: namespaces are refused, and still the sandbox is {tier}")
        return None
    return tier


if __name__ == "__main__":
    sys.exit(main())
