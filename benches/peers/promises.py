"""The limits that snipcheck promises, and whether the figures keep them; measures nothing."""

from collections.abc import Sequence
from dataclasses import dataclass

from contest import Contest

# The promises are about 10,000 snippets in 1,000 documents; with fewer documents they inform, but do not bind.
PROMISED_DOCUMENTS = 1000
# An interpreter per block is too slow for that: 1,000 blocks must do.
_PER_BLOCK_DOCUMENTS = 100
# The factor of 3 is promised for these; it is shown for every tool that pytest runs.
_BINDING_PEERS = {"pytest-codeblocks", "Sybil"}

_KIB_PER_MIB = 1024


@dataclass(frozen=True)
class Promise:
    text: str
    # None if what it takes was not measured or is broken.
    measured: float | None
    unit: str
    holds: bool
    binding: bool

    @property
    def sentence(self) -> str:
        measured = "not measured" if self.measured is None else f"{self.measured:.3g} {self.unit}"
        kept = "holds" if self.holds else "DOES NOT HOLD"
        remark = "" if self.binding else " (does not bind)"
        return f"{kept}: {self.text}: {measured}{remark}"


def judge(contests: Sequence[Contest], first_s: dict[str, float | None]) -> list[Promise]:
    """Judges by the largest corpus; the slow interpreter per block by the largest that has it."""
    contest = contests[-1]
    binding = contest.corpus.documents >= PROMISED_DOCUMENTS

    def at_most(text: str, measured: float | None, limit: float, unit: str) -> Promise:
        holds = measured is not None and measured <= limit
        return Promise(f"{text}, at most {limit:g} {unit}", measured, unit, holds, binding)

    promises = [
        at_most("wall relative to python -m doctest", _ratio(contest, "snipcheck", "python -m doctest"), 1.25, "x"),
        *(
            _faster(contest, entrant.tool.name, "snipcheck", 3, binding and entrant.tool.name in _BINDING_PEERS)
            for entrant in contest.entrants
            if entrant.tool.uses_pytest
        ),
        at_most("a sandbox for each snippet (--share none)", _wall(contest, "snipcheck --share none"), 7, "s"),
        at_most("VmHWM of the supervisor", _own_peak_mib(contest, "snipcheck"), 50, "MiB"),
        *(
            at_most(f"first mention of a document ({way})", seconds and seconds * 1000, 100, "ms")
            for way, seconds in first_s.items()
        ),
    ]
    per_block = [contest for contest in contests if contest.entrant("one interpreter per block")]
    if per_block:
        contest = per_block[-1]
        binding = contest.corpus.documents >= _PER_BLOCK_DOCUMENTS
        promises.append(_faster(contest, "one interpreter per block", "snipcheck --share none", 15, binding))
    return promises


def _faster(contest: Contest, slow: str, fast: str, times: float, binding: bool) -> Promise:
    ratio = _ratio(contest, slow, fast)
    holds = ratio is not None and ratio >= times
    return Promise(f"{fast} is at least {times:g} times faster than {slow}", ratio, "x", holds, binding)


def _ratio(contest: Contest, over: str, under: str) -> float | None:
    dividend, divisor = _wall(contest, over), _wall(contest, under)
    return dividend / divisor if dividend and divisor else None


def _wall(contest: Contest, name: str) -> float | None:
    entrant = contest.entrant(name)
    return entrant.wall_s if entrant else None


def _own_peak_mib(contest: Contest, name: str) -> float | None:
    entrant = contest.entrant(name)
    if entrant is None or entrant.broken or entrant.watched is None:
        return None
    return entrant.watched.own_peak_kib / _KIB_PER_MIB
