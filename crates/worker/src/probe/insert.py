"""Puts probes into code: what watched statements compute, or leave in a variable, is assigned to a probe.

`x = f()` becomes `probe[None] = x = f()`. No code can name a probe, so a text that no
other code has stands in its place until the code is compiled.
"""

import _ast
from types import CodeType

BLOCKS = ("body", "orelse", "finalbody", "handlers", "cases")


def insert(body, looks):
    """Inserts the names of probes into a list of statements.

    `looks` has, by line and column of a statement, triples: where the probe goes, its name, and the variable whose
    value it gets.
    """
    blocks = [body]
    while blocks:
        block = blocks.pop()
        probed = []
        for node in block:
            probed.extend(watched(node, looks_at(node, looks)))
            for field in BLOCKS:
                inner = getattr(node, field, None)
                if type(inner) is list:
                    blocks.append(inner)
        block[:] = probed


def looks_at(node, looks):
    return looks.get((getattr(node, "lineno", 0), getattr(node, "col_offset", 0)), ())


def watched(node, looks):
    """The statements that do what this one does, and report it."""
    values = [name for where, name, _ in looks if where == "value"]
    statements = valued(node, values) if values else [node]
    return [*beside(node, looks, "before"), *statements, *beside(node, looks, "after")]


def valued(node, names):
    if isinstance(node, _ast.Expr):
        if isinstance(node.value, _ast.Constant):
            # It may be a docstring, which only an expression can be.
            return [node, assign(probes(names, node.value), node.value, node)]
        return [assign(probes(names, node.value), node.value, node)]
    if isinstance(node, _ast.Assign):
        return [assign([*probes(names, node.value), *node.targets], node.value, node)]
    if isinstance(node, _ast.AnnAssign) and node.value is not None and node.simple:
        announced = _ast.AnnAssign(node.target, node.annotation, None, 1)
        targets = [*probes(names, node.value), stored(node.target)]
        return [assign(targets, node.value, node), placed(announced, node)]
    if isinstance(node, _ast.AugAssign) and isinstance(node.target, _ast.Name):
        return [node, assign(probes(names, node.target), loaded(node.target.id, node.target), node)]
    return [node]


def probes_after(node, looks):
    return beside(node, looks_at(node, looks), "after")


def beside(node, looks, side):
    return [guarded(name, of, node) for where, name, of in looks if where == side]


def guarded(name, of, at):
    """Assigns a variable to a probe, unless the variable is not bound."""
    value = placed(_ast.Constant(None), at) if of is None else loaded(of, at)
    handler = placed(_ast.ExceptHandler(None, None, [placed(_ast.Pass(), at)]), at)
    return placed(_ast.Try([assign(probes([name], at), value, at)], [handler], [], []), at)


def probes(names, at):
    return [probe(name, at) for name in names]


def probe(name, at):
    parts = placed(_ast.Constant(name), at), placed(_ast.Constant(None), at)
    return placed(_ast.Subscript(*parts, _ast.Store()), at)


def stored(target):
    return placed(_ast.Name(target.id, _ast.Store()), target)


def loaded(name, at):
    return placed(_ast.Name(name, _ast.Load()), at)


def assign(targets, value, at):
    return placed(_ast.Assign(targets, value), at)


def placed(node, at):
    node.lineno, node.col_offset = at.lineno, at.col_offset
    node.end_lineno, node.end_col_offset = at.end_lineno, at.end_col_offset
    return node


def bind(code, probes):
    """The code with probes in the place of their names."""
    constants = list(code.co_consts)
    for index, constant in enumerate(constants):
        if type(constant) is CodeType:
            constants[index] = bind(constant, probes)
        elif type(constant) is str:
            constants[index] = probes.get(constant, constant)
    return code.replace(co_consts=tuple(constants))


def operations(code, wanted):
    """Names of the operations that lines are compiled to."""
    from opcode import opname

    found = {line: [] for line in wanted}
    codes = [code]
    while codes:
        code = codes.pop()
        codes.extend(constant for constant in code.co_consts if type(constant) is CodeType)
        for start, end, line in code.co_lines():
            if line in found:
                found[line].extend(opname[number] for number in code.co_code[start:end:2])
    return list(found.items())
