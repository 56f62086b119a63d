"""The files that a document shows under their names, as modules. Shares its names with `harness.py`."""

import os
import sys

# The text of each, by its path.
titled_texts = {}


def titled_file(path, name, text):
    """Lets a file be imported that has just been written, and anew what was imported before."""
    titled_texts[path] = text
    for finder in list(sys.path_importer_cache.values()):
        # A folder's time may be the same as before.
        if hasattr(finder, "invalidate_caches"):
            finder.invalidate_caches()
    linecache = sys.modules.get("linecache")
    if linecache is not None:
        linecache.cache.pop(path, None)
    if not name.endswith(".py"):
        return

    dotted = name.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
    stale = [module for module in list(sys.modules) if is_stale(module, dotted, path)]
    while stale:
        module = stale.pop()
        if module in sys.modules:
            forget(module)
            stale.extend(other for other in list(sys.modules) if builds_on(other, module.rpartition(".")[2]))


def is_stale(module, dotted, path):
    """Whether a loaded module is the file's, or one of the same name that the file comes before."""
    file = getattr(sys.modules[module], "__file__", None)
    is_own = isinstance(file, str) and os.path.abspath(file) == path
    # Of a package that is installed only the modules of the document are the file's.
    is_replaced = "." not in dotted and (module == dotted or module.startswith(dotted + "."))
    return module != "__main__" and (is_own or is_replaced)


def builds_on(module, name):
    """Whether a loaded module is another of the document's files and names this one."""
    file = getattr(sys.modules[module], "__file__", None)
    text = titled_texts.get(os.path.abspath(file)) if isinstance(file, str) and module != "__main__" else None
    if text is None:
        return False
    words = "".join(letter if letter.isalnum() or letter == "_" else " " for letter in text).split()
    return name in words


def forget(module):
    """Drops a module, also as an attribute of its package, where an import would find it."""
    loaded = sys.modules.pop(module)
    package, _, name = module.rpartition(".")
    names = getattr(sys.modules.get(package), "__dict__", {})
    if names.get(name) is loaded:
        del names[name]
