"""Compares snipcheck with the tools that its users come from: usage: switch.py SNIPCHECK [--record] [TOOL...]

Each tool checks its own project of `fixtures/switch/` in its own way, snipcheck the same documents with the settings in
that project's `pyproject.toml`. Block by block both have to say the same, or `differences.json` says why not.
`verdicts.json` holds what the tool says, for a machine that cannot install it: `--record` writes it anew.
"""

import json
import shutil
import subprocess
import sys
import tempfile
import venv
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).parent
PROJECTS = HERE.parent / "fixtures" / "switch"
PYTEST = "pytest==8.4.2"
PACKAGES = {
    "doctest": [],
    "pytest": [],
    "sybil": ["sybil==10.1.0"],
    "sybil-myst": ["sybil==10.1.0"],
    "pytest-examples": ["pytest-examples==0.0.18"],
    "pytest-markdown-docs": ["pytest-markdown-docs==0.9.2"],
    "pytest-codeblocks": ["pytest_codeblocks==0.18.0"],
    "mktestdocs": ["mktestdocs==0.2.5"],
    "mktestdocs-memory": ["mktestdocs==0.2.5"],
    "phmdoctest": ["phmdoctest==1.4.0"],
    "pytest-blocks": [],
}
VERDICTS = {"passed": "pass", "unreviewed": "pass", "failed": "fail", "skipped": "skip"}


class Difference(NamedTuple):
    path: str
    line: int
    theirs: str
    ours: str


def main() -> int:
    words = [word for word in sys.argv[1:] if word != "--record"]
    snipcheck, tools = str(Path(words[0]).resolve()), words[1:] or list(PACKAGES)
    wrong = 0
    with tempfile.TemporaryDirectory(prefix="snipcheck-switch-") as place:
        Path(place).chmod(0o755)
        python = environment(Path(place) / "venv")
        for tool in tools:
            if not install(python, [PYTEST, *PACKAGES[tool]]):
                print(f"   {tool}: skipped: it cannot be installed here")
                continue
            project = Path(shutil.copytree(PROJECTS / tool, Path(place) / tool))
            theirs = verdicts(python, tool, project)
            if "--record" in sys.argv:
                (PROJECTS / tool / "verdicts.json").write_text(json.dumps(theirs, indent=2) + "\n")
            wrong += compare(tool, theirs, [snipcheck, python], project)
    return 1 if wrong else 0


def environment(folder: Path) -> str:
    venv.create(folder, with_pip=True)
    return str(folder / "bin" / "python")


def install(python: str, packages: list[str]) -> bool:
    command = [python, "-m", "pip", "install", "-q", "--disable-pip-version-check", *packages]
    return subprocess.run(command, stderr=subprocess.DEVNULL).returncode == 0


def verdicts(python: str, tool: str, project: Path) -> dict[str, dict[str, str]]:
    command = [python, str(HERE / "peers.py"), tool, str(project)]
    done = subprocess.run(command, stdout=subprocess.PIPE, timeout=60, check=True)
    return json.loads(done.stdout)


def compare(tool: str, theirs: dict[str, dict[str, str]], commands: list[str], project: Path) -> int:
    recorded = json.loads((PROJECTS / tool / "verdicts.json").read_text())
    listed = json.loads((project / "differences.json").read_text())
    documented = [Difference(*(entry[key] for key in Difference._fields)) for entry in listed]
    count, found = differences(theirs, blocks(*commands, project))
    wrong = [f"{told(difference)}" for difference in found if difference not in documented]
    wrong += [f"{told(difference)} was so, and is no more" for difference in documented if difference not in found]
    if recorded != theirs:
        wrong.append("verdicts.json is out of date: switch.py --record writes it")
    same = f"{count} blocks, the same verdicts"
    if found:
        same = f"{count} blocks, {count - len(found)} with the same verdict"
    known = f", documented differences: {len(documented)}" if documented else ""
    print(f"   {tool}: {same}{known}")
    for complaint in wrong:
        print(f"   WRONG: {tool}: {complaint}")
    return len(wrong)


def told(difference: Difference) -> str:
    path, line, theirs, ours = difference
    return f"{path}:{line}: they say {theirs}, snipcheck says {ours}"


def blocks(snipcheck: str, python: str, project: Path) -> list[tuple[str, int, int, str]]:
    """Path, first and last line, and verdict of every block that is Python for snipcheck."""
    command = [snipcheck, "list", "--format", "json"]
    listed = json.loads(subprocess.run(command, cwd=project, stdout=subprocess.PIPE, check=True).stdout)
    command = [snipcheck, "run", "--format", "json", "--python", python]
    done = subprocess.run(command, cwd=project, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    events = [json.loads(line) for line in done.stdout.splitlines()]
    verdict = {event["id"]: VERDICTS[event["verdict"]] for event in events if event["event"] == "snippet"}
    return [
        (block["path"], block["start_line"], block["end_line"], verdict[block["id"]])
        for block in listed
        if block["id"] in verdict
    ]


def differences(
    theirs: dict[str, dict[str, str]], blocks: list[tuple[str, int, int, str]]
) -> tuple[int, list[Difference]]:
    """A block fails with any of its examples. One that the other tool does not look at ought to be skipped."""
    left = {(path, int(line)): verdict for path, lines in theirs.items() for line, verdict in lines.items()}
    found = []
    for path, first, last, ours in blocks:
        inside = [place for place in left if place[0] == path and first <= place[1] <= last]
        seen = {left.pop(place) for place in inside}
        verdict = next((verdict for verdict in ("fail", "pass", "skip") if verdict in seen), "nothing")
        if verdict != ours and (verdict, ours) != ("nothing", "skip"):
            found.append(Difference(path, first, verdict, ours))
    missed = [(place, verdict) for place, verdict in left.items() if verdict != "skip"]
    found += [Difference(path, line, verdict, "nothing") for (path, line), verdict in missed]
    return len(blocks) + len(missed), sorted(found)


if __name__ == "__main__":
    sys.exit(main())
