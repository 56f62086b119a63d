"""Documents as files of pytest, snippets as items: what a run of pytest collects, and what becomes of it."""

import json
import os
import shlex
import shutil
import tempfile
import tomllib
from pathlib import Path

import pytest

from snipcheck.executable import NotFound, find
from snipcheck.pytest_run import Run, ask

# Endings of documents that are read when they are named, wherever they are. Modules are the settings' to name: a file
# of tests with docstrings is no document.
NAMED = {".md", ".markdown", ".rst", ".txt"}
# Arguments that a command can have on any system, in bytes, with room for the environment.
LONGEST = 1 << 20


class Documents:
    """What one process of pytest knows of documents. With pytest-xdist the controller lists them and runs their
    snippets, once; workers collect what it has listed, and read what came out.
    """

    def __init__(self, config):
        self.config = config
        self.from_controller = getattr(config, "workerinput", {}).get("snipcheck")
        # Blocks by the path of their document.
        self.listed = {}
        self.folder = None
        self.run = None

    # Collecting -----------------------------------------------------------------------------------------------------

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionstart(self, session):
        if self.from_controller:
            self._obey(json.loads(self.from_controller))
        else:
            self._list()
        if getattr(getattr(self.config, "args_source", None), "name", "") == "TESTPATHS":
            self._add_documents()

    def _list(self):
        try:
            self.executable = find()
        except NotFound as error:
            raise pytest.UsageError(f"snipcheck: {error}") from None
        self.root = project(self.config.rootpath)
        self.folder = Path(tempfile.mkdtemp(prefix="snipcheck-pytest-"))
        self.run = Run(self.folder)

        blocks = ask(self.executable, ["list", "--format", "json"], self.root)
        # What the settings name is a document already.
        known = {self._path(block) for block in blocks}
        named = [str(path) for path in self._named() if path not in known]
        if named:
            blocks += ask(self.executable, ["list", "--format", "json", *named], self.root)
        self._sort(blocks)

    def _obey(self, controller):
        self.root, self.executable = Path(controller["root"]), Path(controller["executable"])
        self.run = Run(Path(controller["folder"]))
        self._sort(controller["blocks"])

    def _sort(self, blocks):
        for block in blocks:
            # Other languages are none of pytest's business.
            if block["disposition"] != "other":
                self.listed.setdefault(self._path(block), []).append(block)

    def _path(self, block):
        return Path(os.path.abspath(self.root / block["path"]))

    def _named(self):
        """Documents among the arguments."""
        for argument in self.config.args:
            path = Path(os.path.abspath(self.config.invocation_params.dir / argument.split("::")[0]))
            if path.suffix.lower() in NAMED and path.is_file():
                yield path

    def _add_documents(self):
        """`testpaths` says where tests are; where documents are is said elsewhere."""
        places = [Path(os.path.abspath(self.config.rootpath / argument)) for argument in self.config.args]
        for path in self.listed:
            if not any(path.is_relative_to(place) for place in places):
                self.config.args.append(str(path))

    @pytest.hookimpl(hookwrapper=True)
    def pytest_collect_file(self, file_path, parent):
        outcome = yield
        blocks = self.listed.get(file_path)
        if blocks:
            document = Document.from_parent(parent, path=file_path)
            document.blocks, document.documents = blocks, self
            # One set of examples is checked once: prompts are judged here as doctest judges them.
            others = [other for other in outcome.get_result() or [] if type(other).__module__ != "_pytest.doctest"]
            outcome.force_result([document, *others])

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_modifyitems(self, config, items):
        """Arguments that overlap name a snippet more than once."""
        if config.getoption("keepduplicates"):
            return
        seen = set()
        kept = []
        for item in items:
            if isinstance(item, Snippet):
                if item.nodeid in seen:
                    continue
                seen.add(item.nodeid)
            kept.append(item)
        items[:] = kept

    # Running --------------------------------------------------------------------------------------------------------

    def pytest_collection_finish(self, session):
        """Tells whoever runs the snippets which of them."""
        if self.from_controller:
            self.run.ask_for(self._choice(session))

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node):
        blocks = [block for blocks in self.listed.values() for block in blocks]
        told = {
            "root": str(self.root),
            "executable": str(self.executable),
            "folder": str(self.folder),
            "blocks": blocks,
        }
        node.workerinput["snipcheck"] = json.dumps(told)

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, node, ids):
        choice = self.run.asked_for()
        if choice and choice["words"]:
            self._start(choice)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_protocol(self, item, nextitem):
        if isinstance(item, Snippet) and not self.from_controller:
            self._start(self._choice(item.session))

    def _start(self, choice):
        if not self.run.started:
            flags = [*self.config.getini("snipcheck_args")]
            for words in self.config.getoption("snipcheck_args"):
                flags += shlex.split(words)
            self.run.start([self.executable, "run", "--format", "json", *flags, *choice["words"]], self.root, choice)

    def _choice(self, session):
        """Words that name the snippets to run, and where these stand."""
        chosen = {}
        for item in session.items:
            if isinstance(item, Snippet):
                chosen.setdefault(item.path, {})[item.block["id"]] = item.block
        words, whole, runs, lines = [], [], [], {}
        for path, blocks in chosen.items():
            document = word(next(iter(blocks.values()))["path"])
            whole.append(document)
            words += [document] if len(blocks) == len(self.listed[path]) else [word(name) for name in blocks]
            runs += [name for name, block in blocks.items() if block["disposition"] == "run"]
            for block in blocks.values():
                lines.setdefault(block["path"], []).append([block["start_line"], block["end_line"]])
        if sum(len(os.fsencode(word)) + 9 for word in words) > LONGEST:
            words = whole
        return {"words": words, "runs": runs, "lines": lines}

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_makereport(self, item, call):
        outcome = yield
        if not isinstance(item, Snippet):
            return
        report = outcome.get_result()
        if call.when == "call" and item.seconds is not None:
            # Not how long this process has waited for it.
            report.duration = item.seconds
        if report.skipped and isinstance(report.longrepr, tuple):
            report.longrepr = (str(item.path), item.block["start_line"], report.longrepr[2])

    # The end --------------------------------------------------------------------------------------------------------

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session, exitstatus):
        if self.from_controller or self.folder is None:
            return
        self.run.finish()
        shutil.rmtree(self.folder, ignore_errors=True)
        if self.run.unplaced() and exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter):
        if self.from_controller:
            return
        problems = self.run.unplaced() if self.run else []
        if problems:
            terminalreporter.section("problems of documents", red=True)
            for problem in problems:
                terminalreporter.line(described(problem))


class Branch:
    """What has snippets below it. Names are those of ids, part by part, so that an id can be given to pytest."""

    def collect(self):
        leaves, sections = [], {}
        for block in self.blocks:
            inner = inner_name(block, self.depth)
            name, _, below = inner.partition("::")
            if below:
                section = sections.get(name)
                if section is None:
                    section = sections[name] = Section.from_parent(self, name=name)
                    section.blocks, section.documents, section.depth = [], self.documents, self.depth + 1
                    leaves.append(section)
                section.blocks.append(block)
            else:
                snippet = Snippet.from_parent(self, name=name)
                snippet.block, snippet.documents = block, self.documents
                snippet.add_marker("snipcheck")
                leaves.append(snippet)
        return leaves


class Document(Branch, pytest.File):
    depth = 0


class Section(Branch, pytest.Collector):
    pass


class Failed(Exception):
    """A snippet that does not do what its document promises, in words for people."""


class Snippet(pytest.Item):
    seconds = None

    def runtest(self):
        block = self.block
        result = self.documents.run.result(block["id"])
        problems = self.documents.run.problems_at(block["path"], block["start_line"], block["end_line"])
        if problems:
            raise Failed("\n".join(map(described, problems)))
        if result is None:
            self._without_result()
        self.seconds = result["wall_ms"] / 1000

        verdict, reasons = result["verdict"], result["reasons"]
        if verdict == "failed":
            raise Failed(result["text"].rstrip() + self._consequence(result))
        if verdict == "unreviewed" and self._is_strict():
            hint = f"hint: `snipcheck accept '{block['id']}'` accepts what it does now"
            raise Failed("\n".join([f"UNREVIEWED {block['id']}", *(f"  {reason}" for reason in reasons), f"  {hint}"]))
        if verdict == "skipped":
            self._skip(reasons[0] if reasons else block["reason"])

    def _without_result(self):
        if self.block["disposition"] != "run":
            self._skip(self.block["reason"])
        raise Failed(self.documents.run.excuse(self.block["id"]))

    def _skip(self, reason):
        if self.block["disposition"] == "suspicious" and self._is_strict():
            raise Failed(f"SUSPICIOUS {self.block['path']}:{self.block['start_line']}\n  {reason}")
        pytest.skip(reason)

    def _consequence(self, result):
        line = result["builds_on"]
        return "" if line is None else f"\n  note: it builds on {result['path']}:{line}, which failed"

    def _is_strict(self):
        """As the executable has it: `--check`, and `CI`."""
        arguments = " ".join([*self.config.getini("snipcheck_args"), *self.config.getoption("snipcheck_args")])
        return "--check" in arguments.split() or os.environ.get("CI", "").lower() not in ("", "0", "false")

    def repr_failure(self, excinfo, style=None):
        if isinstance(excinfo.value, Failed):
            return Shown(str(excinfo.value), self)
        return super().repr_failure(excinfo)

    def reportinfo(self):
        return self.path, self.block["start_line"] - 1, f"snippet {self.block['id']}"


class Shown:
    """A failure as pytest prints it, with one line of it for summaries."""

    def __init__(self, text, item):
        self.text = text
        self.reprcrash = Crash(str(item.path), item.block["start_line"], headline(text))

    def toterminal(self, terminal):
        for line in self.text.splitlines():
            terminal.line(line, red=line.startswith(("FAIL ", "UNREVIEWED ", "SUSPICIOUS ", "error: ")))

    def __str__(self):
        return self.text


class Crash:
    def __init__(self, path, line, message):
        self.path, self.lineno, self.message = path, line, message

    def __str__(self):
        return f"{self.path}:{self.lineno}: {self.message}"


def headline(text):
    """The first line below the title, or what an excerpt says below its line."""
    lines = text.splitlines()
    for line in lines[1:]:
        _, mark, label = line.partition("^ ")
        if mark:
            return label.strip()
        if line.strip() and not line.lstrip().startswith(("-->", "|")) and "|" not in line[:12]:
            return line.strip()
    return lines[0] if lines else ""


def inner_name(block, depth):
    """What an id has below its document, without the sections above."""
    name = block["id"].removeprefix(block["path"] + "::")
    return name.split("::", depth)[-1]


def word(name):
    """A word of the command line that is no flag."""
    return f"./{name}" if name.startswith("-") else name


def described(problem):
    place = problem["path"] if problem["line"] is None else f"{problem['path']}:{problem['line']}"
    hint = f"\n  hint: {problem['hint']}" if problem["hint"] else ""
    return f"error: {problem['message']}\n  --> {place}{hint}"


def project(folder):
    """Where the settings are that count here, else the folder itself: ids begin there."""
    for place in (folder, *folder.parents):
        try:
            settings = tomllib.loads((place / "pyproject.toml").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            continue
        if "snipcheck" in settings.get("tool", {}):
            return place
    return folder
