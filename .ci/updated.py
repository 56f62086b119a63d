"""Checks what `update` makes of documents: usage: updated.py SNIPCHECK [CASES]

The documents are those of `snippets/` here, and those of each folder in CASES. Each is copied and updated twice: the
second time nothing may be left to write. What was true before must be true afterwards, and no character that a reader
does not see may be added.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from unicodedata import category

FORMATS = (".md", ".mdx", ".rst", ".txt")
PROJECT = Path(__file__).resolve().parent.parent
# Seconds for one command.
LIMIT = 300


def main() -> int:
    snipcheck = str(Path(sys.argv[1]).resolve())
    folders = [PROJECT / "snippets"]
    if len(sys.argv) > 2:
        cases = json.loads(Path(sys.argv[2], "manifest.json").read_text())
        # Without their packages nothing of these is true.
        folders += [Path(sys.argv[2], case["id"]) for case in cases if not case.get("needs")]
    with tempfile.TemporaryDirectory(prefix="snipcheck-updated-") as place, ThreadPoolExecutor(2) as pool:
        Path(place).chmod(0o755)
        jobs = [(snipcheck, folder, Path(place, str(number))) for number, folder in enumerate(folders)]
        found = list(pool.map(lambda job: updated(*job), jobs))
    wrong = [complaint for complaints, _ in found for complaint in complaints]
    written = sum(count for _, count in found)
    print(f"   {len(found)} folders, {written} documents updated")
    for complaint in wrong:
        print(f"   WRONG: {complaint}")
    return 1 if wrong else 0


def updated(snipcheck: str, folder: Path, copy: Path) -> tuple[list[str], int]:
    """What is wrong, and how many documents were written."""
    if folder.name == "snippets":
        # Their fixtures and snapshots are beside them.
        for name in ("snippets", "fixtures", "expected"):
            shutil.copytree(PROJECT / name, copy / name)
        shutil.copy(PROJECT / "pyproject.toml", copy)
    else:
        shutil.copytree(folder, copy)
        for path in [copy, *copy.rglob("*")]:
            path.chmod(path.stat().st_mode | 0o200)
    documents = [str(path.relative_to(copy)) for path in texts(copy, folder.name)]
    if not documents:
        return [], 0

    before, truths = contents(copy, documents), true_claims(snipcheck, copy, documents)
    run(snipcheck, copy, "update", *documents, "--yes")
    once, kept = contents(copy, documents), true_claims(snipcheck, copy, documents)
    run(snipcheck, copy, "update", *documents, "--yes")
    twice = contents(copy, documents)

    wrong = []
    for name in documents:
        if once[name] != twice[name]:
            wrong.append(f"{folder.name}/{name}: a second update changes it again")
        new = unseen(once[name]) - unseen(before[name])
        if new:
            wrong.append(f"{folder.name}/{name}: update writes {', '.join(map(repr, sorted(new)))}")
    lost = truths - kept
    for name, text in sorted(lost):
        # A claim whose words were corrected is another claim.
        if before[name] == once[name] or text in once[name]:
            wrong.append(f"{folder.name}/{name}: after an update this is true no longer: {text!r}")
    return wrong, sum(before[name] != once[name] for name in documents)


def texts(copy: Path, folder: str) -> list[Path]:
    within = copy / "snippets" if folder == "snippets" else copy
    return [path for path in sorted(within.rglob("*")) if path.suffix in FORMATS and path.is_file()]


def contents(copy: Path, documents: list[str]) -> dict[str, str]:
    return {name: (copy / name).read_text(encoding="utf-8", errors="replace") for name in documents}


def unseen(text: str) -> set[str]:
    return {letter for letter in text if letter not in "\n\r\t" and category(letter) in ("Cc", "Cf", "Co")}


def true_claims(snipcheck: str, copy: Path, documents: list[str]) -> Counter:
    """The document and the text of each claim that holds, as often as it is made."""
    done = run(snipcheck, copy, "run", *documents, "--format", "json")
    events = [json.loads(line) for line in done.splitlines() if line.startswith("{")]
    snippets = [event for event in events if event.get("event") == "snippet"]
    claims = [(snippet["path"], claim) for snippet in snippets for claim in snippet["claims"]]
    return Counter((path, claim["text"]) for path, claim in claims if claim["verdict"] == "holds")


def run(snipcheck: str, copy: Path, *words: str) -> str:
    variables = {
        name: value for name, value in os.environ.items() if name != "CI" and not name.startswith("SNIPCHECK_")
    }
    done = subprocess.run(
        [snipcheck, *words],
        cwd=copy,
        env=variables,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=LIMIT,
    )
    return done.stdout


if __name__ == "__main__":
    sys.exit(main())
