"""Loading packages for an image: the memory of this process, with which later sessions begin.

What an import does to the kernel's part of the process, or to files, is in no memory: those sessions would lack it.
"""

import os
import sys


def load_packages(imports):
    """Runs start code and imports. Returns the modules that are loaded then and were not in the lane, one a line."""
    modules = set(sys.modules)
    enter()  # noqa: F821, which `harness.py` defines
    for module, name in imports:
        try:
            load(module, name)
        except ModuleNotFoundError as error:
            # It may be one of the document's own.
            if error.name != module.partition(".")[0]:
                raise

    flush()  # noqa: F821, which `harness.py` defines
    loaded = {module.partition(".")[0] for module in sys.modules} - modules
    return "".join(f"{module}\n" for module in sorted(loaded))


def load(module, name):
    """As an import statement at the top level does."""
    __import__(module)
    if name is not None:
        found = __import__(module, {"__name__": "__main__"}, {}, [name])
        # A name that is not there is the document's to complain of.
        getattr(found, name, None)


def surroundings():
    """What belongs to this process and is not in its memory."""
    with open("/proc/self/status") as lines:
        status = dict(line.rstrip("\n").split(":", 1) for line in lines)
    places = ["/tmp", "/dev/shm", "/var/tmp", os.environ.get("HOME", "/"), os.getcwd()]
    return {
        "threads": status["Threads"],
        "blocked signals": status["SigBlk"],
        "the mask for new files": status["Umask"],
        "descriptors": sorted(os.listdir("/proc/self/fd")),
        "processes": sorted(name for name in os.listdir("/proc") if name.isdigit()),
        "the working directory": os.getcwd(),
        "files": [sorted(os.listdir(place)) for place in places if os.path.isdir(place)],
    }


def compare_surroundings(before):
    """Raises where a session that begins with this memory would miss something."""
    after = surroundings()
    changed = [what for what, known in before.items() if known != after[what]]
    if changed:
        raise RuntimeError(f"loading changes {', '.join(changed)}")
