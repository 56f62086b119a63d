"""The module whose docstrings run. Shares its names with `harness.py`."""

import os
import sys

# What relative imports say that reach out of the package.
BEYOND = (
    "attempted relative import with no known parent package",
    "attempted relative import beyond top-level package",
)


def copied(name, folder, above):
    """The names of a module of the project, and the future statements that are in force for them.

    `above` of the folders that `folder` ends with may be namespace packages (PEP 420).
    """
    __future__ = standard("__future__")  # noqa: F821, which `standard.py` defines
    names = imported(name, folder, above).__dict__.copy()

    flags = 0
    for feature in __future__.all_feature_names:
        value = getattr(__future__, feature)
        if names.get(feature) is value:
            flags |= value.compiler_flag
    return names, flags


def imported(name, folder, above):
    """The module under the first of its names that is its own.

    A folder without `__init__.py` is a package where the module says so: by an import from it, or by the name of one of
    the standard library's, which is taken.
    """
    import_module = standard("importlib").import_module  # noqa: F821
    file = os.path.join(folder, *name.split("."))
    first, complaint = None, None
    for dotted, place in names_of(name, folder, above):
        # The module's own folder at the front of `sys.path` could hide the standard library by an `operator.py`.
        sys.path[:] = [place, *(other for other in sys.path if other not in ("", place))]
        try:
            module = import_module(dotted)
        except ImportError as error:
            if complaint is None or is_in_package(complaint, file):
                complaint = error
            if dotted == name and not is_in_package(error, file):
                break
            continue

        if os.path.splitext(getattr(module, "__file__", None) or "")[0] in (file, os.path.join(file, "__init__")):
            return module
        first = first or module

    if first is None:
        raise complaint
    return first


def names_of(name, folder, above):
    """Pairs of a name and the folder in which it is found."""
    names = [(name, folder)]
    for _ in range(above):
        folder, package = os.path.split(folder)
        name = f"{package}.{name}"
        names.append((name, folder))

    plain = names[0][0].partition(".")[0]
    return [*names[1:], names[0]] if plain in sys.stdlib_module_names else names


def is_in_package(error, file):
    """Whether an import has failed that would work if a folder of this path were a package."""
    package = (error.name or "").partition(".")[0]
    return str(error) in BEYOND or package in file.split(os.sep)[:-1]
