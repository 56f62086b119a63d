"""Measures snipcheck against its peers on the same blocks and judges what it promises. See README.md.

Exit code 1 if a binding promise does not hold or a tool did not run all blocks, unless --report-only is given.
"""

import argparse
import json
import os
import platform
import shutil
import statistics
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

import tools
from contest import Contest, Entrant
from corpus import BLOCKS_PER_DOCUMENT, DOCUMENT_NAME, write_extraction
from measure import Place, first_mention, run_all
from promises import Promise, judge

SMALL_DOCUMENTS = 100
_ROOT = Path(__file__).resolve().parents[2]


def main() -> int:
    options = _options()
    python = tools.install(options.cache)
    report: dict[str, object] = {"machine": _machine(), "rounds": options.rounds}
    with tempfile.TemporaryDirectory(prefix="snipcheck-peers-") as name:
        home = Path(name)
        # A sandbox that drops its user must still be able to read the documents.
        home.chmod(0o755)
        place = Place(home, _environment(python), options.time_limit)
        contests = [_contest(options, python, documents, place) for documents in sorted(options.documents)]
        report["corpora"] = [_figures(contest) for contest in contests]
        broken = any(entrant.broken for contest in contests for entrant in contest.entrants)
        promises: list[Promise] = []
        if options.snipcheck:
            first_s = _first_mentions(contests[-1], options.rounds)
            promises = judge(contests, first_s)
            report["first_mention_s"] = first_s
            report["promises"] = [asdict(promise) for promise in promises]
            report["list"] = extraction = _extraction(options, place)
            broken |= extraction["found"] != extraction["code_blocks"]
    if options.json:
        options.json.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    for promise in promises:
        print(promise.sentence)
    kept = all(promise.holds for promise in promises if promise.binding)
    return 0 if options.report_only or (kept and not broken) else 1


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    binary = _ROOT / "target" / "release" / "snipcheck"
    cache = Path(tempfile.gettempdir()) / "snipcheck-peers-cache"
    parser.add_argument("--snipcheck", type=Path, default=binary, metavar="FILE", help="the release build by default")
    parser.add_argument("--without-snipcheck", dest="snipcheck", action="store_const", const=None)
    parser.add_argument("--documents", type=int, nargs="+", default=[SMALL_DOCUMENTS, 1000], metavar="N")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--all", action="store_true", help="the slow peers on every corpus, not only on small ones")
    parser.add_argument("--extraction-mb", type=int, default=100, metavar="MB")
    parser.add_argument("--cache", type=Path, default=cache, help="where the peers are installed")
    parser.add_argument("--time-limit", type=float, default=900, metavar="SECONDS", help="for one run of one tool")
    parser.add_argument("--json", type=Path, metavar="FILE", help="saves the figures")
    parser.add_argument("--report-only", action="store_true", help="exit code 0 whatever the figures say")
    options = parser.parse_args()
    options.cache = options.cache.resolve()
    if min(options.rounds, options.extraction_mb, *options.documents) < 1:
        parser.error("rounds, documents and megabytes are at least 1")
    if options.snipcheck:
        options.snipcheck = options.snipcheck.resolve()
        if not options.snipcheck.exists():
            parser.error(f"`{options.snipcheck}` is not there: build it, or use --without-snipcheck")
    return options


def _environment(python: Path) -> dict[str, str]:
    """The same for all: the interpreter of the peers, nothing of the caller, `CI` above all."""
    return {
        "PATH": os.pathsep.join([str(python.parent), os.defpath]),
        "VIRTUAL_ENV": str(python.parent.parent),
        "LANG": "C.UTF-8",
        "TERM": "xterm-256color",
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
    }


def _machine() -> dict[str, object]:
    return {"python": platform.python_version(), "kernel": platform.release(), "cores": os.cpu_count()}


def _contest(options: argparse.Namespace, python: Path, documents: int, place: Place) -> Contest:
    home = place.folder / f"documents-{documents}"
    home.mkdir()
    chosen = tools.snipcheck(options.snipcheck, python) if options.snipcheck else []
    chosen += [tool for tool in tools.peers(python) if not tool.slow or options.all or documents <= SMALL_DOCUMENTS]
    contest = Contest(chosen, documents, home, place)
    contest.run(options.rounds)
    _print_table(contest)
    return contest


def _print_table(contest: Contest) -> None:
    reference = contest.entrant("snipcheck") or contest.entrant("python -m doctest")
    print(f"\n{contest.corpus.blocks:,} blocks in {contest.corpus.documents:,} documents")
    print("Median (min to max) of interleaved runs; memory of one run. Own: VmHWM of the process that was started;")
    print("largest: ru_maxrss, the largest of it and its descendants, never less than that of this script.")
    print("Ratio: wall relative to", reference.tool.name)
    row = "{:<27}{:>28}{:>28}{:>9}{:>13}{:>8}".format
    print(row("", "wall s", "CPU s", "own MiB", "largest MiB", "ratio"))
    for entrant in contest.entrants:
        if entrant.broken or entrant.watched is None:
            print(f"{entrant.tool.name:<27} BROKEN: {entrant.broken}")
            continue
        ratio = f"{entrant.wall_s / reference.wall_s:.2f}" if reference.wall_s else "-"
        wall = _spread([run.wall_s for run in entrant.runs])
        cpu = _spread([run.cpu_s for run in entrant.runs])
        own, largest = (peak / 1024 for peak in (entrant.watched.own_peak_kib, entrant.watched.largest_peak_kib))
        print(row(entrant.tool.name, wall, cpu, f"{own:.0f}", f"{largest:.0f}", ratio))
    print(flush=True)


def _spread(seconds: list[float]) -> str:
    return f"{statistics.median(seconds):.3f} ({min(seconds):.3f} to {max(seconds):.3f})"


def _figures(contest: Contest) -> dict[str, object]:
    return {
        "documents": contest.corpus.documents,
        "blocks": contest.corpus.blocks,
        "blocks_per_document": BLOCKS_PER_DOCUMENT,
        "tools": [_entrant_figures(entrant) for entrant in contest.entrants],
    }


def _entrant_figures(entrant: Entrant) -> dict[str, object]:
    return {
        "name": entrant.tool.name,
        "broken": entrant.broken,
        "wall_s": [run.wall_s for run in entrant.runs],
        "cpu_s": [run.cpu_s for run in entrant.runs],
        "own_peak_kib": entrant.watched.own_peak_kib if entrant.watched else None,
        "largest_peak_kib": entrant.watched.largest_peak_kib if entrant.watched else None,
    }


def _first_mentions(contest: Contest, rounds: int) -> dict[str, float | None]:
    """Median seconds until snipcheck names a document, with its self-test remembered; None if it failed to once."""
    entrant = contest.entrant("snipcheck")
    seen: dict[str, list[float | None]] = {"json": [], "terminal": []}
    for _ in range(0 if entrant.broken else rounds):
        for way, times in seen.items():
            (command,) = entrant.tool.commands(entrant.plain / "docs")
            command = [*command, "--format", "json"] if way == "json" else command
            place = contest.refreshed(entrant)
            times.append(first_mention(command, place, DOCUMENT_NAME, terminal=way == "terminal"))
    complete = {way: times for way, times in seen.items() if times and None not in times}
    for way, times in complete.items():
        print(f"first mention of a document ({way}): {_spread(times)} s")
    return {way: statistics.median(complete[way]) if way in complete else None for way in seen}


def _extraction(options: argparse.Namespace, place: Place) -> dict[str, object]:
    """`snipcheck list` from start to end, JSON included. How fast a document is parsed is for a bench in Rust."""
    home = place.folder / "extraction"
    code_blocks = write_extraction(home / "docs", options.extraction_mb)
    megabytes = sum(path.stat().st_size for path in (home / "docs").iterdir()) / 1e6
    place = Place(home, {**place.environment, "XDG_CACHE_HOME": str(home / "memory")}, place.time_limit_s)
    command = [str(options.snipcheck), "list", "docs/", "--format", "json"]
    listed = run_all([command], place, watched=True)
    found = len(json.loads(listed.stdout)) if listed.exit_code == 0 else 0
    wall_s = [run_all([command], place).wall_s for _ in range(options.rounds)]
    shutil.rmtree(home)
    print(f"list of {megabytes:.0f} MB: {_spread(wall_s)} s, {megabytes / statistics.median(wall_s):.0f} MB/s")
    if found != code_blocks:
        print(f"BROKEN: the list has {found} of {code_blocks} code blocks")
    return {
        "megabytes": megabytes,
        "code_blocks": code_blocks,
        "found": found,
        "wall_s": wall_s,
        "own_peak_kib": listed.own_peak_kib,
    }


if __name__ == "__main__":
    sys.exit(main())
