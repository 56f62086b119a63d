"""One corpus and the tools that run it: prove that each runs all blocks, then measure them in turns.

A tool that ran fewer blocks than there are is broken, not fast: it leaves the contest and gets no figure.
"""

import json
import re
import shutil
import statistics
import sys
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from corpus import Tiny
from measure import Place, Run, run_all
from tools import Counts, Memory, Tool


@dataclass
class Entrant:
    tool: Tool
    # The copy that is measured, and one whose blocks sign a list and whose last assert is false.
    plain: Path
    poisoned: Path
    witness: Path
    runs: list[Run] = field(default_factory=list)
    # The warm-up run, in which memory is watched.
    watched: Run | None = None
    broken: str | None = None

    @property
    def wall_s(self) -> float | None:
        """The median; None for a broken tool."""
        return statistics.median(run.wall_s for run in self.runs) if self.runs and not self.broken else None


class Contest:
    def __init__(self, tools: Iterable[Tool], documents: int, home: Path, place: Place) -> None:
        self.corpus = Tiny(documents)
        self._home = home
        # Its folder is replaced by that of the entrant.
        self._place = place
        self.entrants = [self._enter(tool) for tool in tools]

    def run(self, rounds: int) -> None:
        for entrant in self.entrants:
            self._say(f"proof of {entrant.tool.name}")
            self._prove(entrant)
        for turn in range(rounds + 1):
            self._say(f"round {turn} of {rounds}" if turn else "warm-up, memory is watched")
            for entrant in self.entrants:
                if entrant.broken is None:
                    self._take_turn(entrant, warm_up=turn == 0)

    def entrant(self, name: str) -> Entrant | None:
        return next((entrant for entrant in self.entrants if entrant.tool.name == name), None)

    def refreshed(self, entrant: Entrant) -> Place:
        """The place of the next run: nothing left of earlier runs but what snipcheck shall remember."""
        scratch = self._home / "scratch"
        shutil.rmtree(scratch, ignore_errors=True)
        scratch.mkdir(exist_ok=True)
        memory = self._memory(entrant, "now")
        if entrant.tool.memory is Memory.SELF_TEST:
            shutil.rmtree(memory, ignore_errors=True)
            shutil.copytree(self._memory(entrant, "self-test"), memory)
        return self._place_in(entrant.plain, memory)

    def _enter(self, tool: Tool) -> Entrant:
        folder = self._home / tool.slug
        entrant = Entrant(tool, folder / "plain", folder / "poisoned", folder / "witness.txt")
        # A sandbox lets no block sign a list outside: for snipcheck the JSON is the witness.
        witness = entrant.witness if tool.memory is None else None
        copies = {
            entrant.plain: self.corpus,
            entrant.poisoned: Tiny(self.corpus.documents, poisoned=True, witness=witness),
        }
        for copy, corpus in copies.items():
            write = corpus.write_doctest if tool.reads_doctest else corpus.write_markdown
            write(copy / "docs")
            for name, text in tool.files.items():
                (copy / name).write_text(text, encoding="utf-8")
        return entrant

    def _prove(self, entrant: Entrant) -> None:
        if entrant.tool.memory is None:
            entrant.broken = self._doubt_peer(entrant)
        else:
            entrant.broken = self._fill_memory(entrant) or self._doubt_snipcheck(entrant)

    def _doubt_peer(self, entrant: Entrant) -> str | None:
        commands = entrant.tool.commands(entrant.poisoned / "docs")
        run = run_all(commands, self._place_in(entrant.poisoned, self._home / "no-memory"))
        signed = Counter(entrant.witness.read_text().split() if entrant.witness.exists() else [])
        wanted = Counter(self.corpus.block_names())
        if signed != wanted:
            missing, surplus = (wanted - signed).total(), (signed - wanted).total()
            return f"of {self.corpus.blocks} blocks {missing} did not run, {surplus} ran again; {_last_words(run)}"
        if run.exit_code != 1:
            return f"exit code {run.exit_code} instead of 1 for an assert that is false; {_last_words(run)}"
        return None

    def _fill_memory(self, entrant: Entrant) -> str | None:
        """Lets snipcheck remember what it learns of the machine, by a document that is in no corpus."""
        memory = self._memory(entrant, "self-test")
        memory.mkdir(parents=True)
        first = entrant.plain / "first.md"
        first.write_text("# First\n\n```python\nwarm = 'up'\n```\n", encoding="utf-8")
        command = ["first.md" if word == "docs/" else word for word in entrant.tool.commands(entrant.plain)[0]]
        run = run_all([command], self._place_in(entrant.plain, memory))
        first.unlink()
        return f"exit code {run.exit_code} for one block; {_last_words(run)}" if run.exit_code != 0 else None

    def _doubt_snipcheck(self, entrant: Entrant) -> str | None:
        self.refreshed(entrant)
        place = self._place_in(entrant.poisoned, self._memory(entrant, "now"))
        commands = [[*command, "--format", "json"] for command in entrant.tool.commands(place.folder)]
        run = run_all(commands, place)
        if run.exit_code != 1:
            return f"exit code {run.exit_code} instead of 1 in the proof; {_last_words(run)}"
        events = [json.loads(line) for line in run.stdout.splitlines()]
        snippets = [event for event in events if event["event"] == "snippet"]
        if len({snippet["id"] for snippet in snippets}) != self.corpus.blocks:
            return f"{len(snippets)} blocks reported instead of {self.corpus.blocks}"
        ran = [(s["ending"], s["stdout"]) for s in snippets if not s["cached"]]
        wanted = {("completed", "3\n"): self.corpus.blocks - 1, ("raised", ""): 1}
        return None if Counter(ran) == wanted else f"endings and output in the proof: {Counter(ran).most_common(4)}"

    def _take_turn(self, entrant: Entrant, *, warm_up: bool) -> None:
        place = self.refreshed(entrant)
        run = run_all(entrant.tool.commands(entrant.plain / "docs"), place, watched=warm_up)
        entrant.broken = self._doubt_run(entrant, run)
        if warm_up:
            entrant.watched = run
        else:
            entrant.runs.append(run)

    def _doubt_run(self, entrant: Entrant, run: Run) -> str | None:
        if run.exit_code != 0:
            return f"exit code {run.exit_code}; {_last_words(run)}"
        match entrant.tool.counts:
            case Counts.NOTHING:
                return None
            case Counts.BLOCKS:
                count = self.corpus.blocks
            case Counts.DOCUMENTS:
                count = self.corpus.documents
        if entrant.tool.memory is None:
            said = re.search(rf"(?<!\d){count} passed", run.stdout.decode())
        else:
            said = re.search(rf"(?<!\d)({count}|{count:,}|{count:_})(?!\d)", (run.stdout + run.stderr).decode())
            if left := {path.name for path in entrant.plain.iterdir()} - {"docs"}:
                return f"left behind in the project: {sorted(left)}"
        return None if said else f"does not say that {count} passed; {_last_words(run)}"

    def _memory(self, entrant: Entrant, kind: str) -> Path:
        return self._home / "memory" / entrant.tool.slug / kind

    def _place_in(self, folder: Path, memory: Path) -> Place:
        environment = {
            **self._place.environment,
            "HOME": str(self._home),
            "TMPDIR": str(self._home / "scratch"),
            "XDG_CACHE_HOME": str(memory),
        }
        (self._home / "scratch").mkdir(exist_ok=True)
        memory.mkdir(parents=True, exist_ok=True)
        return Place(folder, environment, self._place.time_limit_s)

    def _say(self, what: str) -> None:
        print(f"{self.corpus.documents} documents: {what}", file=sys.stderr)


def _last_words(run: Run) -> str:
    words = (run.stdout + run.stderr).decode(errors="replace").strip().splitlines()
    return f"it said: {' / '.join(words[-3:])[:400]!r}"
