"""Keeps the operands of `assert` statements, so that a failing one can be described with their values.

Each operand is evaluated once and where it stands: `assert f() == x` becomes `assert (keep @ f()) == (keep @ x)`, where
no code can name `keep`, and a statement after it that forgets them. Where nothing but names and constants are compared
at the top level, nothing is changed: they are read once the assertion has failed. Shares its names with `failures.py`.
"""

import _ast
import sys

OPERANDS_LIMIT = 20
OPERAND_LIMIT = 1000
LAYOUT_LIMIT = 16384
# A collection that is shorter is shown in one line.
SHORT = 30
# Assertions whose operands are kept. One that raises something else forgets nothing.
KEPT_LIMIT = 64

# Messages that change no operand.
PASSIVE_MESSAGES = (type(None), _ast.Constant, _ast.Name, _ast.JoinedStr)
ASSERT_BLOCKS = ("body", "orelse", "finalbody", "handlers", "cases")
# What these decorators return runs as it is written.
HARMLESS = {"pytest", "unittest", "staticmethod", "classmethod", "property", "contextmanager", "contextlib"}

# By the id of a frame: an assertion, and the values of its operands.
kept = {}


class Operand:
    """What is left of an operand of an assertion hands its value on."""

    __slots__ = ("first", "index", "site")

    def __init__(self, site, index):
        self.site = site
        self.index = index
        self.first = index == 0

    def __matmul__(self, value, frame=sys._getframe):
        key = id(frame(1))
        if self.first:
            if len(kept) >= KEPT_LIMIT:
                kept.clear()
            kept[key] = self.site, {}
        entry = kept.get(key)
        if entry is not None and entry[0] is self.site:
            entry[1][self.index] = value
        return value


class Passed:
    """Is assigned to after an assertion that holds."""

    __slots__ = ()

    def __setitem__(self, key, value, frame=sys._getframe):
        kept.pop(id(frame(1)), None)


passed = Passed()


class Site:
    """An `assert` statement: its lines, where its operands stand, and whether they are the two sides of `==`."""

    def __init__(self, node):
        self.lines = range(node.lineno, node.end_lineno + 1)
        self.places = []
        self.sides = False


def keep_operands(body):
    """Changes the assertions among these statements; what stands for each name in them."""
    names = {}
    blocks = [body]
    while blocks:
        block = blocks.pop()
        changed = []
        for node in block:
            changed.append(node)
            if isinstance(node, _ast.Assert):
                changed.extend(keeping(node, names))
                continue
            if not all(is_harmless(decorator) for decorator in getattr(node, "decorator_list", ())):
                continue
            for field in ASSERT_BLOCKS:
                inner = getattr(node, field, None)
                if type(inner) is list:
                    blocks.append(inner)
        block[:] = changed
    return names


def is_harmless(decorator):
    while isinstance(decorator, (_ast.Attribute, _ast.Call)):
        decorator = decorator.func if isinstance(decorator, _ast.Call) else decorator.value
    return isinstance(decorator, _ast.Name) and decorator.id in HARMLESS


def keeping(node, names):
    """The statements to put after an assertion, whose operands are kept from now on."""
    site = Site(node)
    node.test = parts(node.test, site, names)
    if not site.places:
        return []
    name = assert_name(names, passed)
    thing, none = located(_ast.Constant(name), node), located(_ast.Constant(None), node)
    target = located(_ast.Subscript(thing, none, _ast.Store()), node)
    return [located(_ast.Assign([target], none), node)]


def parts(node, site, names):
    """The same expression, whose operands are handed on."""
    if isinstance(node, _ast.Compare):
        site.sides = len(node.ops) == 1 and isinstance(node.ops[0], _ast.Eq) and not site.places
        node.left = operand(node.left, site, names)
        node.comparators = [operand(other, site, names) for other in node.comparators]
    elif isinstance(node, _ast.BoolOp):
        node.values = [parts(value, site, names) for value in node.values]
        site.sides = False
    elif isinstance(node, _ast.UnaryOp) and isinstance(node.op, _ast.Not):
        node.operand = parts(node.operand, site, names)
        site.sides = False
    elif isinstance(node, _ast.Call):
        node.args = [operand(argument, site, names) for argument in node.args]
        for keyword in node.keywords:
            if keyword.arg is not None:
                keyword.value = operand(keyword.value, site, names)
        return operand(node, site, names)
    elif not isinstance(node, (_ast.Constant, _ast.Tuple)):
        return operand(node, site, names)
    return node


def operand(node, site, names):
    is_constant = isinstance(node, _ast.Constant)
    if is_constant and not (isinstance(node.value, str) and site.sides):
        return node
    if isinstance(node, (_ast.Starred, _ast.GeneratorExp, _ast.Lambda)):
        return node
    if len(site.places) >= OPERANDS_LIMIT:
        return node
    index = len(site.places)
    site.places.append((node.lineno, node.col_offset, node.end_lineno, node.end_col_offset))
    name = assert_name(names, Operand(site, index))
    return located(_ast.BinOp(located(_ast.Constant(name), node), _ast.MatMult(), node), node)


def assert_name(names, thing):
    name = f"\ue000snipcheck assert {len(names)}"
    names[name] = thing
    return name


def located(node, at):
    node.lineno, node.col_offset = at.lineno, at.col_offset
    node.end_lineno, node.end_col_offset = at.end_lineno, at.end_col_offset
    return node


def operands_of(error, document):
    """`(code, value, layout)` of each operand of the assertion that raised this."""
    trace = error.__traceback__
    if not isinstance(error, AssertionError) or trace is None:
        return []
    while trace.tb_next is not None:
        trace = trace.tb_next
    frame, line = trace.tb_frame, trace.tb_lineno
    linecache = standard("linecache")  # noqa: F821, which `standard.py` defines
    lines = linecache.getlines(frame.f_code.co_filename)
    site, values = kept.pop(id(frame), (None, {}))
    if site is None or line not in site.lines:
        is_top = frame.f_code.co_filename == document and frame.f_code.co_name == "<module>"
        site, values = read_later(frame, line, lines) if is_top else (None, {})

    found = []
    for index, value in sorted(values.items()):
        code = source_of(lines, site.places[index])
        text = bounded(repr, value)
        is_named = isinstance(value, (type, type(sys), type(source_of), type(len)))
        layout = bounded(laid_out, value, LAYOUT_LIMIT) if site.sides else ""
        if layout or text != code and not is_named:
            found.append((code[:OPERAND_LIMIT], text, layout))
    return found


def read_later(frame, line, lines):
    """The assertion in this line of a snippet, which `asserts.rs` has left as it is, and the values of its operands.

    Its operands are what they were: it stands at the top level, so that nothing has run since.
    """
    text = lines[line - 1] if 0 < line <= len(lines) else ""
    tree = compiled(text, _ast.PyCF_ONLY_AST) if text.startswith("assert") else None  # noqa: F821, of `main_file.py`
    if tree is None or not all(map(is_passive_assert, tree.body)):
        return None, {}

    site = Site(tree.body[0])
    parts(tree.body[0].test, site, {})
    site.lines = [line]
    site.places = [(line, begin, line, end) for _, begin, _, end in site.places]
    try:
        return site, {index: eval(source_of(lines, place), frame.f_globals) for index, place in enumerate(site.places)}
    except Exception:
        # What compared them has taken a name away.
        return None, {}


def is_passive_assert(node):
    if not isinstance(node, _ast.Assert) or not isinstance(node.msg, PASSIVE_MESSAGES):
        return False
    test = node.test
    while isinstance(test, _ast.UnaryOp) and isinstance(test.op, _ast.Not):
        test = test.operand
    is_comparison = isinstance(test, _ast.Compare) and len(test.ops) == 1
    return is_passive(test.left) and is_passive(test.comparators[0]) if is_comparison else is_passive(test)


def is_passive(node):
    """Whether no code of anybody runs to evaluate it."""
    if isinstance(node, (_ast.Tuple, _ast.List)):
        return all(map(is_passive, node.elts))
    if isinstance(node, _ast.Dict):
        return all(isinstance(key, _ast.Constant) for key in node.keys) and all(map(is_passive, node.values))
    if isinstance(node, _ast.UnaryOp):
        return isinstance(node.operand, _ast.Constant)
    return isinstance(node, (_ast.Constant, _ast.Name))


def source_of(lines, place):
    first, begin, last, end = place
    rows = [row.encode() for row in lines[first - 1 : last]]
    if not rows:
        return ""
    rows[-1] = rows[-1][:end]
    rows[0] = rows[0][begin:]
    return " ".join(row.decode(errors="replace").strip() for row in rows)


def bounded(show, value, limit=OPERAND_LIMIT):
    try:
        text = show(value)
    except BaseException as second:
        return f"<repr() of it raised {type(second).__name__}>"
    return text if len(text) <= limit else text[:limit] + "…"


def laid_out(value):
    """A text, or a collection with an item in each line, to be compared; empty where one line says all."""
    if type(value) is str:
        return value
    if type(value) not in (list, dict, tuple, set, frozenset) or len(repr(value)) <= SHORT:
        return ""

    items = [f"{key!r}: {item!r}" for key, item in value.items()] if type(value) is dict else list(map(repr, value))
    if type(value) in (set, frozenset):
        items.sort()
    begin, end = {list: "[]", tuple: "()"}.get(type(value), "{}")
    return "\n".join([begin, *(f"  {item}," for item in items), end])
