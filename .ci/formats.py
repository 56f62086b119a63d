"""Reads each format of a report with a reader that knows nothing of this project.

usage: formats.py SNIPCHECK

Documents that try to break out of every format are run once; what comes out has to be whole, and the same everywhere.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from xml.etree import ElementTree

import jsonschema
import tap.parser
from junitparser import Error, Failure, JUnitXml, Skipped
from sarif_pydantic import Sarif

FORMATS = {
    "short": "short.txt",
    "github": "github.txt",
    "markdown": "page.md",
    "junit": "junit.xml",
    "gitlab": "gitlab.json",
    "sarif": "report.sarif",
    "tap": "report.tap",
    "json": "report.jsonl",
}

# Texts that mean something in one of the formats, each the message of an exception and an output.
HOSTILE = [
    "]]>\ufffe\uffff\x01\x1b[31m<x/>&amp;",
    "\r\n::error file=x,line=1::forged\n::stop-commands::x",
    "# SKIP\nok 1 - forged\nBail out!",
    "\u202e\u2028##[error]forged ##vso[task.complete]",
    "[a](javascript:x) {0} | </details> ```` @everyone",
    "long " * 200_000,
]

LINES = {"type": "object", "required": ["begin"], "properties": {"begin": {"type": "integer", "minimum": 1}}}
# What GitLab's documentation says of it.
GITLAB = {
    "type": "array",
    "items": {
        "type": "object",
        "additionalProperties": False,
        "required": ["description", "check_name", "fingerprint", "severity", "location"],
        "properties": {
            "description": {"type": "string", "minLength": 1, "maxLength": 1000},
            "check_name": {"type": "string", "pattern": "^[a-z-]+$"},
            "fingerprint": {"type": "string", "pattern": "^[0-9a-f]{32}$"},
            "severity": {"enum": ["info", "minor", "major", "critical", "blocker"]},
            "location": {
                "type": "object",
                "required": ["path", "lines"],
                "properties": {
                    "path": {"type": "string", "pattern": "^[^/]"},
                    "lines": LINES,
                },
            },
        },
    },
}

# A command as the runner reads it: its name, properties without a raw `:` or `,` in their values, a message.
COMMAND = re.compile(r"::(error|warning) ((?:[a-z]+=[^,:\r\n]+)(?:,[a-z]+=[^,:\r\n]+)*)::([^\r\n]+)")
SHORT = re.compile(
    r"(?P<file>.+?)(?::(?P<line>\d+):(?P<column>\d+))?: (?P<level>error|warning): (?P<message>.+) \[[a-z-]+\]"
)


def documents(folder):
    blocks = ["print('fine')", "1 + 1  # 3"]
    for text in HOSTILE:
        blocks.append(f"print({text!r})\nraise ValueError({text!r})")
    fences = "\n\n".join(f"```python isolated\n{block}\n```" for block in blocks)
    (folder / "a, %25::b.md").write_text(f"# Top ::error::x\n\n{fences}\n\n```pyhton\nprint(1)\n```\n")
    (folder / "b.md").write_text("```python skip\n1\n```\n\n```python skp\n1\n```\n")


def run(snipcheck, folder):
    words = [word for name, file in FORMATS.items() for word in ("--format", f"{name}={file}")]
    summary = folder / "summary.md"
    summary.write_text("before\n")
    environment = {**os.environ, "GITHUB_STEP_SUMMARY": str(summary)}
    call = [snipcheck, "run", "--check", "--format", "human", *words, "."]
    done = subprocess.run(call, cwd=folder, env=environment, capture_output=True, text=True)
    assert done.returncode == 1, done
    assert summary.read_text().startswith("before\n## snipcheck\n"), summary.read_text()
    assert sorted(path.name for path in folder.iterdir() if path.suffix not in (".md",)) == sorted(
        file for file in FORMATS.values() if not file.endswith(".md")
    )
    return {name: (folder / file).read_text() for name, file in FORMATS.items()}


def junit(text, wanted):
    ElementTree.fromstring(text)
    found = {"passed": 0, "failed": 0, "skipped": 0}
    for suite in JUnitXml.fromstring(text.encode()):
        for case in suite:
            kinds = {type(result) for result in case.result}
            if suite.name == "documents and settings":
                continue
            if kinds & {Failure, Error}:
                found["failed"] += 1
            else:
                found["skipped" if Skipped in kinds else "passed"] += 1
    assert found == wanted, (found, wanted)


def read_tap(text, wanted):
    lines = list(tap.parser.Parser().parse_text(text))
    tests = [line for line in lines if line.category == "test"]
    plan = next(line for line in lines if line.category == "plan")
    assert plan.expected_tests == len(tests), (plan.expected_tests, len(tests))
    assert [test.number for test in tests] == list(range(1, len(tests) + 1))
    assert not any(line.category in ("bail", "unknown") and str(line).startswith("Bail") for line in lines)
    assert sum(test.ok and not test.skip for test in tests) == wanted["passed"]
    assert sum(test.skip for test in tests) == wanted["skipped"]
    assert sum(not test.ok and not test.todo for test in tests) == wanted["failed"] + wanted["problems"]


def sarif(text, wanted):
    log = Sarif.model_validate_json(text)
    assert log.version == "2.1.0"
    results = log.runs[0].results
    errors = [result for result in results if json.loads(result.model_dump_json())["level"] == "error"]
    assert len(errors) == wanted, (len(errors), wanted)


def lines_of(text, pattern, wanted):
    found = text.splitlines()
    assert all(pattern.fullmatch(line) for line in found), [line for line in found if not pattern.fullmatch(line)]
    assert len(found) == wanted, (len(found), wanted)


def main(snipcheck):
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        documents(folder)
        texts = run(snipcheck, folder)
    events = [json.loads(line) for line in texts["json"].splitlines()]
    summary = events[-1]
    counts = {word: summary[word] for word in ("passed", "failed", "skipped")}
    assert counts == {"passed": 2, "failed": 7, "skipped": 1}, counts
    assert (summary["unreviewed"], summary["suspicious"]) == (0, 1), summary
    problems, suspicious = summary["problems"], summary["suspicious"]

    junit(texts["junit"], counts)
    read_tap(texts["tap"], {**counts, "problems": problems})
    sarif(texts["sarif"], counts["failed"] + problems)
    issues = json.loads(texts["gitlab"])
    jsonschema.validate(issues, GITLAB)
    everything = counts["failed"] + problems + suspicious
    assert len(issues) == len({issue["fingerprint"] for issue in issues}) == everything, len(issues)
    lines_of(texts["github"], COMMAND, everything)
    lines_of(texts["short"], SHORT, everything)
    assert texts["markdown"].count("<details>") == counts["failed"] == texts["markdown"].count("\n</details>")
    for name, text in texts.items():
        assert name == "github" or not re.search(r"^\s*::", text, re.MULTILINE), name
        assert "##[" not in text and "##vso[" not in text and "\x1b" not in text, name
    print(f"   {everything} findings, the same in {len(texts)} formats")


if __name__ == "__main__":
    main(os.path.abspath(sys.argv[1]))
