"""Writes the documents that the tools are run on; knows no tool.

Everything is deterministic: the same arguments give the same bytes.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

BLOCKS_PER_DOCUMENT = 10
DOCUMENT_NAME = r"page-\d{5}"


@dataclass(frozen=True)
class Tiny:
    """A corpus of documents with ten blocks of three statements each."""

    documents: int
    # The last assert of the last document is false.
    poisoned: bool = False
    # Every block appends its name to this file.
    witness: Path | None = None

    @property
    def blocks(self) -> int:
        return self.documents * BLOCKS_PER_DOCUMENT

    def block_names(self) -> list[str]:
        return [f"{page}-{step}" for page in range(self.documents) for step in range(BLOCKS_PER_DOCUMENT)]

    def write_markdown(self, folder: Path) -> None:
        for page in range(self.documents):
            steps = "\n".join(
                f"## Step {step}\n\nThe sum is taken and shown.\n\n```python\n{block}\n```\n"
                for step, block in enumerate(self._blocks(page))
            )
            _write(folder / f"page-{page:05}.md", f"# Page {page}\n\n{steps}")

    def write_doctest(self, folder: Path) -> None:
        """The same statements with prompts; doctest also compares what `print` wrote."""
        for page in range(self.documents):
            steps = "\n".join(
                f"Step {step}\n\nThe sum is taken and shown.\n\n{_with_prompts(block)}\n3\n"
                for step, block in enumerate(self._blocks(page))
            )
            _write(folder / f"page-{page:05}.txt", f"Page {page}\n\n{steps}")

    def _blocks(self, page: int) -> Iterator[str]:
        for step in range(BLOCKS_PER_DOCUMENT):
            last = (page, step) == (self.documents - 1, BLOCKS_PER_DOCUMENT - 1)
            lines = ["x = 1 + 2", "assert x == 3", "print(x)"]
            if self.poisoned and last:
                lines[1] = "assert x == 4"
            if self.witness is not None:
                sign = f'    _ = witness.write("{page}-{step}\\n")'
                lines[:0] = [f'with open({str(self.witness)!r}, "a") as witness:', sign]
            yield "\n".join(lines)


def write_extraction(folder: Path, megabytes: int) -> int:
    """Writes about `megabytes` of varied Markdown in files of 1 MB; returns the number of code blocks."""
    chance = random.Random(20240229)
    sections = [_section(chance) for _ in range(600)]
    code_blocks = 0
    for part in range(megabytes):
        pieces = [f"# Volume {part}\n"]
        size = 0
        while size < 1_000_000:
            title, body, blocks = chance.choice(sections)
            piece = f"\n## {title} {len(pieces)}\n\n{body}"
            pieces.append(piece)
            size += len(piece.encode())
            code_blocks += blocks
        _write(folder / f"volume-{part:03}.md", "".join(pieces))
    return code_blocks


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8", newline="\n")


def _with_prompts(block: str) -> str:
    return "\n".join(("... " if line.startswith(" ") else ">>> ") + line for line in block.splitlines())


_THINGS = ("the ledger", "a kettle", "the night train", "every parcel", "the lighthouse", "a sparse index", "the café")
_DEEDS = ("waits for", "is compared with", "hands over", "outlives", "is weighed against", "keeps a copy of", "forgets")
_ENDS = (
    "until the `queue` is *empty*.",
    "before anybody asks, which is the **whole point**.",
    "and returns a [receipt](https://example.org/receipts/7 'kept for a year').",
    "unless the flag `--dry` was given; then nothing moves.",
    "in the order of arrival — never by size.",
    "as long as 3 < 4 & the roof holds.",
    "twice: once for the record and once for _good measure_.",
    "even where the label reads ![a small map](map.png).",
)


_CODE = (
    """\
NAME = list(range(COUNT))
print(len(NAME))  # COUNT
""",
    """\
def total(NAME):
    # Every second one is a spare.
    return sum(NAME[::2])


print(total([COUNT, 1, 2]))
""",
    """\
from collections import Counter

NAME = Counter("abracadabra" * COUNT)
for letter, seen in NAME.most_common(2):
    print(f"{letter}: {seen}")
""",
)


def _sentence(chance: random.Random) -> str:
    words = (chance.choice(_THINGS), chance.choice(_DEEDS), chance.choice(_THINGS), chance.choice(_ENDS))
    text = " ".join(words)
    return text[0].upper() + text[1:]


def _paragraph(chance: random.Random) -> str:
    lines = [_sentence(chance) for _ in range(chance.randint(2, 6))]
    return "\n".join(lines) + "\n"


def _python(chance: random.Random) -> str:
    name = chance.choice(("crates", "stations", "letters", "lamps"))
    count = str(chance.randint(3, 90))
    return chance.choice(_CODE).replace("NAME", name).replace("COUNT", count)


def _indented(text: str, margin: str) -> str:
    return "".join(margin + line if line.strip() else margin.rstrip() + "\n" for line in text.splitlines(True))


def _section(chance: random.Random) -> tuple[str, str, int]:
    """A title, Markdown below it, and the number of code blocks therein."""
    fence = f"```python\n{_python(chance)}```\n"
    parts = {
        "list": "".join(f"- {_sentence(chance)}\n" for _ in range(4)),
        "nested": f"1. {_sentence(chance)}\n   - {_sentence(chance)}\n2. {_sentence(chance)}\n",
        "quote": _indented(_paragraph(chance), "> "),
        "table": f"| load | note |\n| --- | --- |\n| {chance.randint(1, 99)} | {_sentence(chance)} |\n",
        "fence": fence,
        "titled": fence.replace("```python", '```python title="parcel.py"').replace("```", "~~~~"),
        "shell": f"```console\n$ sort --reverse parcels-{chance.randint(1, 9)}.txt\n```\n",
        "bare": f"```\nno language, {chance.randint(1, 9)} lines\n```\n",
        "item": f"* {_sentence(chance)}\n\n{_indented(fence, '  ')}",
        "quoted": _indented(f"{_paragraph(chance)}\n{fence}", "> "),
    }
    with_code = {"fence", "titled", "shell", "bare", "item", "quoted"}
    chosen = chance.sample(sorted(parts), chance.randint(2, 4))
    body = "\n".join(_paragraph(chance) + "\n" + parts[name] for name in chosen)
    title = f"How {chance.choice(_THINGS)} {chance.choice(_DEEDS)} {chance.choice(_THINGS)}"
    return title, body, len(with_code.intersection(chosen))
