"""Describes exceptions, and finds what they are really about. Shares its names with `harness.py`."""

import errno
import sys

TRACEBACK_LIMIT = 65536
MESSAGE_LIMIT = 16384
FRAMES_LIMIT = 200
NAME_LIMIT = 1000
NAMES_LIMIT = 100

NO_NETWORK = "a network beyond loopback"

# `asserts.py`, which is loaded afterwards, defines it.
operands_of = None

# Which networks the session has: "" for all of the machine's, "loopback", "none".
networks = ""


def set_networks(word):
    global networks
    networks = word


def describe(error, document):
    """`(kind, bases, message, line, frames, traceback, blame, operands)` of an exception."""
    frames = []
    start = None
    line = None
    trace = error.__traceback__
    while trace is not None:
        code = trace.tb_frame.f_code
        inside = code.co_filename == document
        if inside and start is None:
            start = trace
        if start is not None:
            names = code.co_filename[:NAME_LIMIT], code.co_qualname[:NAME_LIMIT]
            frames.append((names[0], trace.tb_lineno or 0, names[1], inside))
            if inside:
                line = trace.tb_lineno
        trace = trace.tb_next

    if isinstance(error, SyntaxError) and error.filename == document:
        line = error.lineno
    if len(frames) > FRAMES_LIMIT:
        frames = frames[: FRAMES_LIMIT // 2] + frames[-FRAMES_LIMIT // 2 :]
    return (
        *kind_of(error),
        line,
        frames,
        formatted(error, start)[:TRACEBACK_LIMIT],
        blame(error),
        operands_of(error, document),
    )


def kind_of(error):
    bases = [qualified(base)[:NAME_LIMIT] for base in own(type(error), "__mro__")[:-1][:NAMES_LIMIT]]
    return bases[0], bases, message(error)[:MESSAGE_LIMIT]


def headline(error):
    lines = standard("traceback").format_exception_only(type(error), error)  # noqa: F821, which `standard.py` defines
    return "".join(lines)[:TRACEBACK_LIMIT]


def own(kind, name):
    """An attribute of a class that its metaclass cannot intercept."""
    return type.__dict__[name].__get__(kind)


def qualified(kind):
    try:
        module = own(kind, "__module__")
    except AttributeError:
        module = None
    name = own(kind, "__qualname__")
    return name if module in ("builtins", "__main__") or not isinstance(module, str) else f"{module}.{name}"


def message(error):
    try:
        return str(error)
    except BaseException as second:
        return f"<str() of it raised {type(second).__name__}>"


def formatted(error, trace):
    traceback = standard("traceback")  # noqa: F821
    try:
        text = "".join(traceback.TracebackException(type(error), error, trace, compact=True).format())
        hint = suggestion(error) if sys.version_info < (3, 12) else ""
        return f"{text.removesuffix(chr(10))}{hint}\n" if hint else text
    except BaseException as second:
        return f"{type(error).__name__}: <formatting it raised {type(second).__name__}>\n"


def suggestion(error):
    """`. Did you mean: 'x'?`: before Python 3.12 only the display of uncaught exceptions knows it."""
    if not isinstance(error, (NameError, AttributeError)) or getattr(error, "__notes__", None):
        return ""
    import io

    stderr, sys.stderr = sys.stderr, io.StringIO()
    try:
        sys.__excepthook__(type(error), error, error.__traceback__)
        shown = sys.stderr.getvalue()
    finally:
        sys.stderr = stderr
    last = shown.rstrip("\n").rpartition("\n")[2]
    _, mark, name = last.rpartition(". Did you mean: ")
    return mark + name[:NAME_LIMIT]


SHORTAGES = {
    errno.ENOSPC: "space",
    errno.EDQUOT: "space",
    errno.EFBIG: "file",
    errno.EMFILE: "descriptors",
    errno.ENFILE: "descriptors",
    errno.EAGAIN: "tasks",
    errno.ENOMEM: "memory",
}
UNREACHABLE = {errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN}


def blame(error):
    """`(kind, name)` where the environment is at fault rather than the code."""
    if isinstance(error, ModuleNotFoundError) and error.name:
        package = error.name.partition(".")[0]
        if package not in sys.stdlib_module_names and not importable(package):
            return ("missing-package", package[:NAME_LIMIT])
    if isinstance(error, EOFError) and str(error) in ("EOF when reading a line", "breakpoint() needs a terminal"):
        return ("interactive", "")
    if type(error).__name__ == "BdbQuit":
        return ("interactive", "")
    for link in chain(error):
        word = shortage(link)
        if word:
            return word
    return ("", "")


def chain(error):
    """The exception and those that led to it, as far as a traceback would show them."""
    seen = []
    while error is not None and len(seen) < 20 and all(error is not link for link in seen):
        seen.append(error)
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return seen


def shortage(error):
    """A word for what the code wanted more of than its sandbox has, and a reason where the word needs one."""
    if isinstance(error, MemoryError):
        return ("memory", "")
    if isinstance(error, RuntimeError) and str(error) == "can't start new thread":
        return ("tasks", "")
    if not isinstance(error, OSError):
        return None
    resolver = sys.modules.get("_socket")
    if resolver is not None and isinstance(error, resolver.gaierror):
        unknown = (resolver.EAI_AGAIN, resolver.EAI_FAIL, resolver.EAI_NONAME)
        return ("network", NO_NETWORK) if networks and error.errno in unknown else None
    if networks == "none" and error.errno == errno.EAFNOSUPPORT:
        return ("network", "sockets and loopback")
    if networks and error.errno in UNREACHABLE:
        return ("network", NO_NETWORK)
    word = SHORTAGES.get(error.errno)
    return word and (word, "")


def importable(package):
    find_spec = standard("importlib.util").find_spec  # noqa: F821
    try:
        return find_spec(package) is not None
    except (ImportError, ValueError, AttributeError):
        return False


def exit_code(error):
    """The process's exit code for a `SystemExit`, whose text goes to stderr as a script's would."""
    code = error.code
    if code is None:
        return 0
    if isinstance(code, int):
        return code & 0xFF
    print(code, file=sys.stderr)
    return 1
