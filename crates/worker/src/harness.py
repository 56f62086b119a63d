"""The Python side of a session: streams, the namespace, threads. Shares its names with `start.py`.

Nothing of this module is visible to snippets but the objects it installs.
"""

import atexit
import builtins
import faulthandler
import gc
import io
import sys

# Only the worker uses it: no script finds it loaded at its start.
del sys.modules["faulthandler"]


class Raw(io.RawIOBase):
    """The descriptor under a text stream, unbuffered as with `python -u`."""

    def __init__(self, native, descriptor, name):
        self.write = native.write
        self._native = native
        self._descriptor = descriptor
        self.name = name
        self.mode = "wb"

    def writable(self):
        return True

    def fileno(self):
        return self._descriptor

    def flush(self):
        self._native.flush()


class ConsoleStream(io.TextIOWrapper):
    """What examples print to. As that of doctest it has no encoding."""

    encoding = None

    @classmethod
    def of(cls, stream):
        return cls(stream.buffer, encoding="utf-8", errors=stream.errors, newline="\n", write_through=True)


class Loader:
    """Gives `linecache` and `inspect` the code of the session on its document lines."""

    def __init__(self):
        self.parts = []

    def get_source(self, name):
        text = []
        for line, code in self.parts:
            text.extend([""] * (line - 1 - len(text)))
            text.extend(code.splitlines())
        return "\n".join(text) + "\n"


loader = Loader()


def show(document, line, code):
    """Adds the code of a snippet to the loader's, and drops the shorter text that `linecache` may remember."""
    loader.parts.append((line, code))
    linecache = sys.modules.get("linecache")
    if linecache is not None:
        linecache.cache.pop(document, None)


runner = None
# Folders for the front of `sys.path`.
folders = []
# The modules `__main__` whose place a fresh one has taken, the last one last.
mains = []
# What console examples print to, once there was one.
console_stream = None
# Display hooks of console examples, and of all other code.
console_hook = script_hook = sys.__displayhook__


# What the streams of the session are made of.
own_raw = {}


def stream(native, descriptor, name, errors):
    raw = Raw(native, descriptor, name)
    text = io.TextIOWrapper(raw, encoding="utf-8", errors=errors, newline="\n", write_through=True)
    text.mode = "w"
    return text


def install_streams(out, err):
    own_raw["stdout"] = out, 1, "<stdout>", "strict"
    own_raw["stderr"] = err, 2, "<stderr>", "backslashreplace"
    sys.stdout = sys.__stdout__ = stream(*own_raw["stdout"])
    sys.stderr = sys.__stderr__ = stream(*own_raw["stderr"])
    sys.breakpointhook = breakpoint_hook
    sys.excepthook = sys.__excepthook__
    for name in ("last_exc", "last_type", "last_value", "last_traceback"):
        vars(sys).pop(name, None)


def reopen():
    """Opens streams again that an earlier snippet has closed: `exit()` closes stdin."""
    if sys.__stdin__ is not None and sys.__stdin__.closed:
        sys.__stdin__ = stdin_again(sys.__stdin__.errors)
    for name in ("stdout", "stderr"):
        own = getattr(sys, f"__{name}__")
        if own is not None and own.closed:
            raw = own_raw[name]
            setattr(sys, f"__{name}__", stream(*raw))
    for name in ("stdin", "stdout", "stderr"):
        if getattr(getattr(sys, name), "closed", False):
            setattr(sys, name, getattr(sys, f"__{name}__"))


def stdin_again(errors):
    """As the interpreter opens it: closing it leaves the descriptor as it is."""
    try:
        text = open(0, encoding="utf-8", errors=errors, closefd=False)
    except OSError:
        # A snippet has closed the descriptor, which is the lowest one that is free now.
        text = open("/dev/null", encoding="utf-8", errors=errors)
    text.buffer.raw.name = "<stdin>"
    return text


def tell_stacks(signal, descriptor):
    """Upon the signal every thread writes down where it stands, even if it cannot run; the earlier handler follows."""
    faulthandler.register(signal, file=descriptor, all_threads=True, chain=True)


def breakpoint_hook(*args, **kwargs):
    raise EOFError("breakpoint() needs a terminal")


def namespace(main_file):
    """A fresh `__main__`, as a script has it."""
    main = type(sys)("__main__")
    main.__file__ = main_file
    main.__loader__ = loader
    main.__builtins__ = builtins
    main.__cached__ = None
    # Later versions make them where they are asked for.
    if sys.version_info < (3, 14):
        main.__annotations__ = {}
    sys.modules["__main__"] = main
    sys.argv = [main_file]
    return main.__dict__


def enter_fresh(main_file):
    mains.append(sys.modules.get("__main__"))
    return namespace(main_file)


def leave_fresh():
    sys.modules["__main__"] = mains.pop()


def enter_console():
    """What examples show of values is what the interpreter shows, unless an example says otherwise."""
    global script_hook, console_stream
    script_hook, sys.displayhook = sys.displayhook, console_hook
    if sys.stdout is sys.__stdout__:
        console_stream = console_stream or ConsoleStream.of(sys.__stdout__)
        sys.stdout = console_stream


def leave_console():
    global console_hook
    console_hook, sys.displayhook = sys.displayhook, script_hook
    if sys.stdout is console_stream:
        sys.stdout = sys.__stdout__


def flush():
    """Flushes streams that a snippet has put in the place of `sys.stdout` and `sys.stderr`."""
    for current in (sys.stdout, sys.stderr):
        if current is not None and current not in (sys.__stdout__, sys.__stderr__, console_stream):
            try:
                current.flush()
            except Exception:
                pass


def begin_warm_up():
    # The collection at its end looks at nothing older.
    gc.freeze()
    return sys.modules["__main__"], sys.argv


def end_warm_up(before):
    """Leaves nothing for a session to find."""
    sys.modules["__main__"], sys.argv = before
    loader.parts.clear()
    gc.collect()


def collector():
    return gc.isenabled(), gc.get_debug(), gc.get_threshold(), gc.callbacks[:]


def restore_collector(enabled, debug, thresholds, callbacks):
    """Undoes how a snippet has tuned the collector, so that later snippets find it as it was."""
    (gc.enable if enabled else gc.disable)()
    gc.set_debug(debug)
    gc.set_threshold(*thresholds)
    gc.callbacks[:] = callbacks


def set_environment(home, temporary):
    import os

    os.environ["HOME"] = home
    os.environ["TMPDIR"] = temporary


def enter():
    """What a session does first. It is confined already."""
    run_start_code()  # noqa: F821, which `start.py` defines
    sys.path[1:1] = folders


def run_coroutine(coroutine):
    """Drives a top-level `await` on the one loop of the session, as `python -m asyncio` does."""
    global runner
    if runner is None:
        runner = standard("asyncio").Runner()  # noqa: F821, which `standard.py` defines
    return runner.run(coroutine)


def run_inside(code, namespace):
    """Evaluates while the loop runs, for statements that make tasks and await them later."""

    async def inside():
        return eval(code, namespace)

    return run_coroutine(inside())


def close():
    """What the interpreter does at the end of a script, short of tearing itself down."""
    if runner is not None:
        runner.close()
    threading = loaded_threading()  # noqa: F821, which `threads.py` defines
    if threading is not None:
        threading._shutdown()
    atexit._run_exitfuncs()
