"""The runner's own imports. Shares its names with `harness.py`.

What a snippet finds first may be called like a module of the standard library: a `traceback.py` beside the document. It
is the snippet's, and the runner neither runs it nor loads anything in its place.
"""

import os
import sys


def standard(name):
    """The module of the standard library."""
    module = sys.modules.get(name)
    if module is not None and not is_foreign(name, module):
        return module

    hidden = {name: module for name, module in list(sys.modules.items()) if is_foreign(name, module)}
    for other in hidden:
        del sys.modules[other]
    loaded_before = set(sys.modules)
    places, sys.path = sys.path, library[:]  # noqa: F821, which `start.py` defines
    try:
        __import__(name)
        return sys.modules[name]
    finally:
        sys.path = places
        for other in [other for other in sys.modules if other not in loaded_before]:
            if is_shadowed(other, places):
                del sys.modules[other]
        sys.modules.update(hidden)


def is_foreign(name, module):
    """Whether a module has the name of one of the library's and is another."""
    if name.partition(".")[0] not in sys.stdlib_module_names:
        return False
    file = getattr(module, "__file__", None)
    if not isinstance(file, str):
        return False
    places = file.split(os.sep)
    is_package = "site-packages" in places or "dist-packages" in places
    return is_package or not any(file.startswith(folder + os.sep) for folder in library)  # noqa: F821


def is_shadowed(name, places):
    """Whether a snippet that imports the name would find another module."""
    top = name.partition(".")[0]
    for place in places:
        if place in library:  # noqa: F821
            return False
        path = os.path.join(place, top)
        if os.path.isfile(path + ".py") or os.path.isfile(os.path.join(path, "__init__.py")):
            return True
    return False
