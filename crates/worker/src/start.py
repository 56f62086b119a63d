"""The start of the interpreter as `site` has it, in two parts.

A lane computes what `site` reads out of texts: `sys.path`, the prefix, `exit`. What packages have put there to be run
(`import` lines of `.pth` files, `sitecustomize`, `usercustomize`) runs in each session, which has no rights and shares
nothing. In a lane it would have the lane's rights and a say in every session.
"""

import _frozen_importlib_external as finders
import io
import os
import stat
import sys

# Bytes of a text that people and installers write. A longer one, or one without an end, would stop a lane.
MOST_BYTES = 1 << 20
# A line that is longer is compiled where it runs: nesting without end would break a lane.
LONGEST_LINE = 4096

# The `.pth` files with `import` lines: what `site` knew of each, and how long `sys.path` was at each line.
started_files = []
# Whether a module may be there that `site` imports at last.
customized = False
# What `site` has written to stderr.
complaints = ""
# `PYTHONPATH`, for sessions alone: a lane would import from its folders.
search_path = ""
# Where the standard library is, and what a lane has loaded before its first session.
library = []
loaded = set()
# Modules of the standard library that do something when they are imported.
LIVELY = {"antigravity", "idlelib", "this", "turtledemo"}


def prepare_start(executable, prefix, variable):
    """In the lane, started with `-S`. `executable` is that of an environment of the project, which the lane is not."""
    global complaints, customized, search_path
    # With `-S` it does nothing until `main` is called. It is the base's and remembers the base's prefix.
    import site

    # What `subprocess` and snippets find is a usual start. CPython 3.13 gives `linecache` the text behind `-c`.
    sys.orig_argv.remove("-S")
    sys.modules.pop("linecache", None)
    library.extend(sys.path[1:])
    if variable is not None:
        os.environ["PYTHONPATH"] = search_path = variable
    if executable is not None:
        sys.executable = executable
        sys.prefix = sys.exec_prefix = prefix

    stderr, sys.stderr = sys.stderr, io.StringIO()
    try:
        without_script_folder(compute_site, site)
    finally:
        complaints = sys.stderr.getvalue()
        sys.stderr = stderr

    list_search_path()
    customized = bool(started_files or search_path or any(map(may_have, ["sitecustomize", "usercustomize"])))
    loaded.update(sys.modules)


def list_search_path():
    """In the lane: else every session would list the folders of its search path at its first import."""
    for place in filter(os.path.isdir, sys.path):
        # No module has this name, so the finder reads the names in the folder and nothing else.
        finders.PathFinder.find_spec("-", [place])


def omit_start_code():
    """Sessions begin without whatever packages have put there to be run."""
    global customized, complaints
    started_files.clear()
    customized, complaints = False, ""


def without_script_folder(action, *arguments):
    # At a start `site` comes before the script's folder, which it would make absolute.
    first = sys.path[:1]
    del sys.path[:1]
    try:
        action(*arguments)
    except BaseException:
        standard("traceback").print_exc()  # noqa: F821, which `standard.py` defines
    finally:
        sys.path[:0] = first


def compute_site(site):
    refuse_settings()
    stand_ins = {
        "addpackage": PackageReader(site.addpackage),
        "execsitecustomize": lambda: None,
        "execusercustomize": lambda: None,
    }
    originals = {name: getattr(site, name) for name in stand_ins}
    vars(site).update(stand_ins)
    try:
        site.main()
    finally:
        vars(site).update(originals)


def refuse_settings():
    """`site` reads the first of them that is a file, and a file may be endless."""
    folder = os.path.dirname(os.path.abspath(sys.executable))
    for place in (folder, os.path.dirname(folder)):
        path = os.path.join(place, "pyvenv.cfg")
        if os.path.isfile(path) and not is_small_file(path):
            raise OSError(f"expected a file of at most {MOST_BYTES} bytes: {path}")


def is_small_file(path):
    """Files of `/proc` say that they are empty, and may have no end."""
    status = os.stat(path)
    return stat.S_ISREG(status.st_mode) and 0 < status.st_size <= MOST_BYTES


class PackageReader:
    """`site.addpackage`, which reads a `.pth` file, but notes the `import` lines in place of running them."""

    def __init__(self, read):
        self.read = read
        self.lines = []

    def __call__(self, folder, name, known_paths):
        path = os.path.join(folder, name)
        # What is not there, or empty, has nothing to say.
        if not os.path.exists(path) or os.path.isfile(path) and not os.path.getsize(path):
            return known_paths
        if not is_small_file(path):
            self.report(f"Ignored {path}: expected a file of at most {MOST_BYTES} bytes, remove it\n")
            return known_paths

        self.lines = []
        # A global of `site` is found before the builtin.
        self.read.__globals__["exec"] = self.note
        try:
            known_paths = self.read(folder, name, known_paths)
        finally:
            del self.read.__globals__["exec"]
        if self.lines:
            started_files.append((folder, name, known_paths, self.lines, len(sys.path)))
        return known_paths

    def report(self, text):
        # `site` reads the packages of an environment twice.
        if text not in sys.stderr.getvalue():
            sys.stderr.write(text)

    def note(self, line):
        number = sys._getframe(1).f_locals["n"] + (sys.version_info < (3, 13))
        code = line
        if len(line) <= LONGEST_LINE:
            try:
                code = compile(line, "<string>", "exec")
            except Exception:
                # Sessions will say what is wrong with the line.
                pass
        self.lines.append((number, code, len(sys.path)))


def may_have(module):
    """Whether a module may be found. Only folders are asked: reading zip files of strangers is not for a lane."""
    places = [place for place in sys.path if os.path.exists(place)]
    folders = [place for place in places if os.path.isdir(place)]
    return len(folders) < len(places) or finders.PathFinder.find_spec(module, folders) is not None


def has_start_code():
    return customized


def preload(names):
    """In the lane: what all sessions would load for their start code, without a look at folders of packages."""
    whole = sys.path[:]
    sys.path[:] = library
    try:
        for name in names:
            parts = name.split(".")
            is_known = parts[0] in sys.stdlib_module_names and parts[0] not in LIVELY
            if is_known and parts[-1] != "__main__" and name not in sys.modules:
                try:
                    __import__(name)
                except Exception:
                    pass
    finally:
        sys.path[:] = whole


def print_loaded():
    """In a session without snippets: the modules that `preload` may load, if they are those of the standard library."""
    for name, module in list(sys.modules.items()):
        origin = getattr(getattr(module, "__spec__", None), "origin", None) or ""
        homes = [os.path.join(folder, *name.split(".")) for folder in library]
        if name not in loaded and (origin in ("built-in", "frozen") or origin.startswith(tuple(homes))):
            print(name, file=sys.__stdout__)


def run_start_code():
    """In a session: what the lane has left out, each line with `sys.path` as long as it was."""
    if complaints:
        sys.stderr.write(complaints)
    if customized:
        without_script_folder(run_foreign, sys.modules["site"])


def run_foreign(site):
    folders = [os.path.abspath(folder) for folder in search_path.split(os.pathsep) if folder]
    sys.path[:0] = folders
    if started_files:
        run_lines(site, len(folders))
    site.execsitecustomize()
    if site.ENABLE_USER_SITE:
        site.execusercustomize()


def run_lines(site, begin):
    _, _, _, lines, _ = started_files[0]
    _, _, done = lines[0]
    whole = sys.path[begin:]
    del sys.path[begin + done :]

    # `import` lines look at the variables of the frame above theirs, and see the globals of `site`.
    run = type(run_line)(run_line.__code__, vars(site))
    try:
        for folder, name, known_paths, lines, end in started_files:
            path = os.path.join(folder, name)
            for number, line, length in lines:
                sys.path.extend(whole[done:length])
                done = length
                try:
                    run(folder, name, known_paths, path, line)
                except Exception as error:
                    report_line(path, number, error)
                    # The remainder of the file is ignored.
                    done = end
                    break
    finally:
        sys.path.extend(whole[done:])


def run_line(sitedir, name, known_paths, fullname, line):
    exec(line)


def report_line(path, number, error):
    """As `site` does."""
    text = "".join(standard("traceback").format_exception(error))  # noqa: F821
    indented = "".join(f"  {line}\n" for line in text.splitlines())
    print(f"Error processing line {number} of {path}:\n\n{indented}\nRemainder of file ignored", file=sys.stderr)
