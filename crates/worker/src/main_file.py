"""What a child process runs that imports `__main__` again. Shares its names with `harness.py`."""

import _ast
import os

# `inspect.CO_COROUTINE`.
COROUTINE = 0x0080

# Names of a script that nobody else in its folder may have.
SCRIPT_NAMES = ["main.py", "snippet.py"]


def main_path(home, taken):
    """Where the session's script would be, and the document's folder: it finds the document's neighbours by `__file__`.

    `taken` are names of files that are still to come.
    """
    folder = os.getcwd()
    free = [name for name in SCRIPT_NAMES if name not in taken and not os.path.lexists(os.path.join(folder, name))]
    return os.path.join(folder, free[0]) if free else os.path.join(home, SCRIPT_NAMES[0]), folder


def for_children(code, failed, ended):
    """The code without what a child process cannot run, and the future features that it asks for.

    Left out are statements that have raised (`failed`, by first lines), all from the one that ended the snippet
    (a line of it is `ended`), those that await at the top level, and the future statements, which a file has at its
    beginning. Lines keep their numbers.
    """
    body = compiled(code, _ast.PyCF_ONLY_AST | _ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    if body is None:
        return "\n" * code.count("\n"), []
    body = body.body

    lines = code.encode("utf-8", "surrogatepass").split(b"\n")
    features = []
    may_await = "await" in code or "async" in code
    # From the end, so that the columns of what comes before stay as they are.
    for node in reversed(body):
        is_future = type(node).__name__ == "ImportFrom" and node.module == "__future__"
        if is_future:
            features.extend(alias.name for alias in node.names)
        has_failed = node.lineno in failed or ended is not None and node.end_lineno >= ended
        if is_future or has_failed or may_await and awaits(node):
            leave_out(lines, node)
    return b"\n".join(lines).decode("utf-8", "surrogatepass"), features


def compiled(code, flags):
    """`None` for what does not compile. Warnings are for the snippet itself."""
    with standard("warnings").catch_warnings(action="ignore"):  # noqa: F821, which `standard.py` defines
        try:
            return compile(code, SCRIPT_NAMES[0], "exec", flags, True)
        except (SyntaxError, ValueError, MemoryError, RecursionError):
            return None


def awaits(node):
    """Whether a statement awaits at the top level, or cannot stand there."""
    code = compiled(_ast.Module([node], []), _ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    return code is None or bool(code.co_flags & COROUTINE)


def leave_out(lines, node):
    """Puts `pass` in the place of a statement, with whatever shares its lines left as it is."""
    decorators = getattr(node, "decorator_list", ())
    first, column = min([(node.lineno, node.col_offset), *((place.lineno, 0) for place in decorators)])
    last = node.end_lineno
    before, after = lines[first - 1][:column], lines[last - 1][node.end_col_offset :]
    lines[first - 1 : last] = [b""] * (last - first + 1)
    lines[first - 1] = before
    lines[last - 1] += b"pass" + after
