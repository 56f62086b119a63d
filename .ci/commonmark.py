"""Compares snipcheck with the specifications of Markdown, example by example: commonmark.py SNIPCHECK

Every example of CommonMark and of GitHub's dialect becomes a document. Its code blocks have to be those of the HTML
that the specification shows beside it: as many, with the same contents and the same language.
"""

import hashlib
import html
import json
import re
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

# A parser whose source package holds both texts for its own tests.
PACKAGE = "marko==2.2.1"
# File name, version, number of examples.
SPECIFICATIONS = [("commonmark", "0.31.2", 652), ("gfm", "0.29", 672)]
EXAMPLE = re.compile(r"^`{32} example[^\n]*\n(.*?)^\.\n(.*?)^`{32}$", re.MULTILINE | re.DOTALL)
ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")

# Fingerprint of its content, language.
CodeBlock = tuple[str, str]


def main() -> int:
    wrong = []
    with tempfile.TemporaryDirectory(prefix="snipcheck-commonmark-") as place:
        texts = specifications(Path(place))
        if texts is None:
            print(f"   skipped: {PACKAGE} cannot be had here")
            return 0
        for name, version, count in SPECIFICATIONS:
            wrong += compare(Path(sys.argv[1]).resolve(), Path(place) / name, f"{name} {version}", texts[name])
            found = len(EXAMPLE.findall(texts[name]))
            if found != count or not re.search(rf"^version: '?{re.escape(version)}'?$", texts[name], re.MULTILINE):
                wrong.append(f"{name}: expected {count} examples of version {version}, found {found} of some version")
    for complaint in wrong:
        print(f"   WRONG: {complaint}")
    return 1 if wrong else 0


def specifications(place: Path) -> dict[str, str] | None:
    command = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--no-binary", ":all:", "-d", str(place)]
    if subprocess.run([*command, PACKAGE], capture_output=True, timeout=300).returncode != 0:
        return None
    (package,) = place.glob("*.tar.gz")
    with tarfile.open(package) as archive:
        found = {Path(member.name).stem: member for member in archive if "/tests/spec/" in member.name}
        return {name: archive.extractfile(found[name]).read().decode() for name, _, _ in SPECIFICATIONS}


def compare(snipcheck: Path, folder: Path, title: str, text: str) -> list[str]:
    examples = [[side.replace("→", "\t") for side in example] for example in EXAMPLE.findall(text)]
    folder.mkdir()
    for number, (markdown, _) in enumerate(examples, start=1):
        (folder / f"{number:04}.md").write_text(markdown, newline="")
    found = {number: [] for number in range(1, len(examples) + 1)}
    for block in listed(snipcheck, folder):
        found[int(block["path"].removesuffix(".md"))].append((block["sha256"], language(block["info"])))
    wrong, blocks, right = [], 0, 0
    for number, (markdown, expected) in enumerate(examples, start=1):
        theirs = list(CodeBlocks.of(expected))
        blocks += len(theirs)
        right += sum(ours == other for ours, other in zip(found[number], theirs, strict=False))
        if found[number] != theirs:
            wrong.append(f"{title}, example {number}: {markdown!r}: {found[number]}, expected {theirs}")
    print(f"   {title}: {len(examples)} examples, {right} of {blocks} code blocks as specified, {len(wrong)} differ")
    return wrong


def listed(snipcheck: Path, folder: Path) -> list[dict]:
    done = subprocess.run([snipcheck, "list", ".", "--format", "json"], cwd=folder, stdout=subprocess.PIPE, check=True)
    # Fences in HTML are text by the specification, and listed for the sake of authors who did not mean that.
    return [block for block in json.loads(done.stdout) if "right below an HTML tag" not in (block["reason"] or "")]


def language(info: str) -> str:
    """The first word as it reaches the HTML, where escapes and entities mean what they stand for."""
    return html.unescape(ESCAPED.sub(r"\1", info)).split(" ")[0] if info else ""


class CodeBlocks(HTMLParser):
    """Finds `<pre><code class="language-x">`. Other `<pre>` are the example's own HTML, which has attributes."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[CodeBlock] = []
        self.before = ""
        self.language = ""
        self.content: list[str] | None = None

    @classmethod
    def of(cls, text: str) -> Iterator[CodeBlock]:
        blocks = cls()
        blocks.feed(text)
        blocks.close()
        return iter(blocks.found)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        if (self.before, tag) == ("pre", "code"):
            self.language = (dict(attributes).get("class") or "").removeprefix("language-")
            self.content = []
        self.before = "" if attributes else tag

    def handle_endtag(self, tag: str) -> None:
        if tag == "code" and self.content is not None:
            content = "".join(self.content).encode()
            self.found.append((hashlib.sha256(content).hexdigest(), self.language))
            self.content = None
        self.before = ""

    def handle_data(self, data: str) -> None:
        if self.content is not None:
            self.content.append(data)
        self.before = ""


if __name__ == "__main__":
    sys.exit(main())
