"""The tools, and what each one is set to do; runs none of them.

Every tool gets its own folder with the documents in `docs/` and the few files it needs beside them. None of
the peers isolates: all blocks run in the process of the tool, with its rights, and a block that hangs or
exits takes the run with it. `one interpreter per block` has a process for each block, but no sandbox.

Defaults that are the same for all pytest tools: no plug-in but the one that is measured, no cache, quiet.
They capture what a block prints, and compare it with nothing, as the documents show no output.
"""

import hashlib
import subprocess
import sys
import venv
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum, auto
from pathlib import Path

_HERE = Path(__file__).resolve().parent


class Counts(Enum):
    """What a tool says about how much it ran."""

    BLOCKS = auto()
    DOCUMENTS = auto()
    NOTHING = auto()


class Memory(Enum):
    """What snipcheck remembers when a measured run starts."""

    SELF_TEST = auto()


@dataclass(frozen=True)
class Tool:
    name: str
    commands: Callable[[Path], list[list[str]]]
    counts: Counts
    # Written beside `docs/`.
    files: dict[str, str] = field(default_factory=dict)
    # Only for small corpora, unless asked for.
    slow: bool = False
    # pytest is its runner.
    uses_pytest: bool = False
    # Has prompts in text files instead of fences.
    reads_doctest: bool = False
    # None for a peer.
    memory: Memory | None = None

    @property
    def slug(self) -> str:
        return "".join(letter if letter.isalnum() else "-" for letter in self.name)


def install(cache: Path) -> Path:
    """The interpreter of a virtual environment that holds the pinned peers, made if it is not there."""
    requirements = _HERE / "requirements.txt"
    pins = hashlib.sha256(requirements.read_bytes() + sys.executable.encode()).hexdigest()[:12]
    home = cache / f"venv-{sys.version_info.major}.{sys.version_info.minor}-{pins}"
    python = home / "bin" / "python"
    complete = home / "complete"
    if not complete.exists():
        print(f"installing the peers into {home}", file=sys.stderr)
        venv.create(home, clear=True, with_pip=True)
        install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement", requirements]
        subprocess.run([python, *install], check=True)
        complete.touch()
    return python


def snipcheck(binary: Path) -> list[Tool]:
    """The rows of snipcheck: the blocks of a document share a sandbox and a namespace unless the row says otherwise.

    There is no `expected/` and no settings file, so a block passes if it ran to its end.
    """

    def row(name: str, *flags: str, memory: Memory = Memory.SELF_TEST) -> Tool:
        return Tool(name, lambda _: [[str(binary), "run", *flags, "docs/"]], Counts.BLOCKS, memory=memory)

    return [
        row("snipcheck"),
        row("snipcheck --sandbox=off", "--sandbox=off"),
        row("snipcheck --share none", "--share", "none"),
    ]


def peers(python: Path) -> list[Tool]:
    return [
        # One process, all text files; the blocks of a file share a namespace. Its only sign is the exit code.
        Tool(
            "python -m doctest",
            lambda docs: [[str(python), "-m", "doctest", *sorted(f"docs/{path.name}" for path in docs.iterdir())]],
            Counts.NOTHING,
            reads_doctest=True,
        ),
        # A test for each block, each with a namespace of its own.
        _with_pytest(python, "pytest-codeblocks", "-p", "pytest_codeblocks.plugin", "--codeblocks"),
        # A test for each block; the blocks of a document share a namespace.
        _with_pytest(python, "Sybil", files={"conftest.py": _SYBIL}),
        # A test for each document, which runs its blocks one by one, each with a namespace of its own (memory=False).
        _with_pytest(python, "mktestdocs", counts=Counts.DOCUMENTS, files={"test_documents.py": _MKTESTDOCS}),
        # A test for each block, each with a namespace of its own.
        _with_pytest(python, "pytest-markdown-docs", "-p", "pytest_markdown_docs.plugin", "--markdown-docs"),
        # Writes a test module for each document, then pytest runs them: two processes, both are measured.
        _phmdoctest(python),
        # A test for each block, written to a file and imported with rewritten asserts; no lint, no print check.
        _with_pytest(
            python, "pytest-examples", "-p", "pytest_examples", files={"test_examples.py": _PYTEST_EXAMPLES}, slow=True
        ),
        # `python -c` for each block, one after the other.
        Tool(
            "one interpreter per block",
            lambda _: [[str(python), str(_HERE / "one_by_one.py"), "docs"]],
            Counts.BLOCKS,
            slow=True,
        ),
    ]


def _pytest(python: Path, *arguments: str) -> list[str]:
    # One line for a failure: with CPython 3.11 the frames that pytest-examples makes up cannot be formatted.
    return [str(python), "-m", "pytest", "-q", "--tb=line", "-p", "no:cacheprovider", *arguments]


def _with_pytest(
    python: Path,
    name: str,
    *arguments: str,
    counts: Counts = Counts.BLOCKS,
    files: dict[str, str] | None = None,
    slow: bool = False,
) -> Tool:
    # With a test module of our own that module is collected, else the documents are.
    tests = [file for file in files or {} if file.startswith("test_")]
    return Tool(
        name,
        lambda _: [_pytest(python, *arguments, *(tests or ["docs"]))],
        counts,
        files={"pytest.ini": "[pytest]\n", **(files or {})},
        slow=slow,
        uses_pytest=True,
    )


def _phmdoctest(python: Path) -> Tool:
    return Tool(
        "phmdoctest",
        lambda _: [[str(python), "-m", "phmdoctest", "phmdoctest.toml"], _pytest(python, "generated")],
        Counts.BLOCKS,
        files={"pytest.ini": "[pytest]\n", "phmdoctest.toml": _PHMDOCTEST},
        slow=True,
        uses_pytest=True,
    )


_SYBIL = """\
from sybil import Sybil
from sybil.parsers.markdown import PythonCodeBlockParser

pytest_collect_file = Sybil(parsers=[PythonCodeBlockParser()], pattern="*.md").pytest()
"""

_MKTESTDOCS = """\
from pathlib import Path

import pytest
from mktestdocs import check_md_file


@pytest.mark.parametrize("document", sorted(Path("docs").iterdir()), ids=str)
def test_document(document):
    check_md_file(document)
"""

_PYTEST_EXAMPLES = """\
import pytest
from pytest_examples import find_examples


EXAMPLES = sorted(find_examples("docs"), key=lambda example: (example.path, example.start_line))


@pytest.mark.parametrize("example", EXAMPLES, ids=str)
def test_example(example, eval_example):
    eval_example.run(example)
"""

_PHMDOCTEST = """\
[tool.phmdoctest]
markdown_globs = ["docs/*.md"]
exclude_globs = []
output_directory = "generated"
print = []
"""
