"""Runs snipcheck over long documents from elsewhere: usage: seeds.py SNIPCHECK FOLDER FLOOR

What `list` counts is known; `run` must give the same verdicts twice, but for what time decides, and FLOOR snippets
must complete.
"""

import json
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

BLOCKS = 325
PYTHON = [94, 79, 107, 4]
SUSPICIOUS = 3


def main() -> int:
    snipcheck, folder, floor = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
    with tempfile.TemporaryDirectory(prefix="snipcheck-seeds-") as place:
        Path(place).chmod(0o755)
        names = [shutil.copy(seed, place).rsplit("/", 1)[-1] for seed in sorted(folder.glob("*.md"))]
        wrong = listed(snipcheck, place, names)
        first = run(snipcheck, place, names)
        second = run(snipcheck, place, names)
    endings = Counter(snippet["ending"] for snippet in first.values())
    print("   " + ", ".join(f"{count} {ending}" for ending, count in endings.most_common()))
    for name, snippet in first.items():
        if snippet["ending"] in ("timed-out", "killed", "deadlocked"):
            print(f"   {snippet['ending']}: {name}: {'; '.join(snippet['reasons'])}")
    completed = min(sum(s["ending"] == "completed" for s in found.values()) for found in (first, second))
    if completed < floor:
        wrong.append(f"{completed} snippets completed, {floor} did before")
    for name, snippet in first.items():
        again = second.get(name, {})
        if verdict(snippet) != verdict(again):
            difference = f"{name}: {story(snippet)}, then {story(again)}"
            # A busy machine makes slow snippets late, and what follows a late one may not run.
            if {snippet["ending"], again.get("ending")} & {"timed-out", "not-run"}:
                print(f"   unsteady: {difference}")
            else:
                wrong.append(difference)
    for complaint in wrong:
        print(f"   WRONG: {complaint}")
    return 1 if wrong else 0


def listed(snipcheck: str, place: str, names: list[str]) -> list[str]:
    done = subprocess.run([snipcheck, "list", *names, "--format", "json"], cwd=place, capture_output=True, check=True)
    blocks = json.loads(done.stdout)
    python = Counter(block["path"] for block in blocks if block["language"] == "python")
    found = (len(blocks), [python[name] for name in names], sum(b["disposition"] == "suspicious" for b in blocks))
    print(f"   {found[0]} blocks, {sum(found[1])} of them Python {found[1]}, {found[2]} suspicious")
    return [] if found == (BLOCKS, PYTHON, SUSPICIOUS) else [f"list should find {(BLOCKS, PYTHON, SUSPICIOUS)}"]


def verdict(snippet: dict) -> tuple:
    return snippet.get("verdict"), snippet.get("ending")


def story(snippet: dict) -> str:
    reasons = "; ".join(snippet.get("reasons", []))
    return " ".join(filter(None, [snippet.get("verdict", "missing"), snippet.get("ending"), f"({reasons})"]))


def run(snipcheck: str, place: str, names: list[str]) -> dict[str, dict]:
    # Claims are another matter, and those about order would run again, in real time.
    # Processes that fork from a grown interpreter come near the usual limit, some days above it.
    words = [snipcheck, "run", *names, "--format", "json", "--claims", "off", "--limit", "memory=1GiB"]
    done = subprocess.run(words, cwd=place, stdout=subprocess.PIPE)
    objects = [json.loads(line) for line in done.stdout.splitlines()]
    summary = objects[-1]
    print(f"   run: {summary['passed']} passed, {summary['failed']} failed in {summary['wall_ms'] / 1000:.0f} s")
    return {found["id"]: found for found in objects if found["event"] == "snippet"}


if __name__ == "__main__":
    sys.exit(main())
