"""Statements that are looked at: what they compute, or leave behind, is assigned to a probe.

`x = f()` becomes `probe[None] = x = f()`. Code cannot name a probe, so its place is held by a text that nobody
else has, until the code is compiled.
"""

import _ast
from types import CodeType

BLOCKS = ("body", "orelse", "finalbody", "handlers", "cases")


def watch(body, looks):
    """Changes a list of statements. `looks` holds, by line and column, where to look, the stand-in, and at what."""
    blocks = [body]
    while blocks:
        block = blocks.pop()
        told = []
        for node in block:
            told.extend(watched(node, looks_at(node, looks)))
            for field in BLOCKS:
                inner = getattr(node, field, None)
                if type(inner) is list:
                    blocks.append(inner)
        block[:] = told


def looks_at(node, looks):
    return looks.get((getattr(node, "lineno", 0), getattr(node, "col_offset", 0)), ())


def watched(node, looks):
    """The statements that do what this one does, and tell of it."""
    values = [name for where, name, _ in looks if where == "value"]
    told = valued(node, values) if values else [node]
    return [*beside(node, looks, "before"), *told, *beside(node, looks, "behind")]


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


def behind(node, looks):
    return beside(node, looks_at(node, looks), "behind")


def beside(node, looks, side):
    return [guarded(name, of, node) for where, name, of in looks if where == side]


def guarded(name, of, at):
    """The name that is looked at may not be bound."""
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


def seat(code, probes):
    """The code with probes where their names stand."""
    constants = list(code.co_consts)
    for index, constant in enumerate(constants):
        if type(constant) is CodeType:
            constants[index] = seat(constant, probes)
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
