"""Statements whose values are told: what they compute is assigned to a witness first.

`x = f()` becomes `witness[None] = x = f()`. Code cannot name a witness, so its place is held by a text that nobody
else has, until the code is compiled.
"""

import _ast
from types import CodeType

BLOCKS = ("body", "orelse", "finalbody", "handlers", "cases")


def watch(body, names):
    """Changes a list of statements. `names` holds the stand-ins of witnesses by line and column."""
    blocks = [body]
    while blocks:
        block = blocks.pop()
        told = []
        for node in block:
            name = names.get((getattr(node, "lineno", 0), getattr(node, "col_offset", 0)))
            told.extend([node] if name is None else watched(node, name))
            for field in BLOCKS:
                inner = getattr(node, field, None)
                if type(inner) is list:
                    blocks.append(inner)
        block[:] = told


def watched(node, name):
    """The statements that do what this one does, and tell its value."""
    if isinstance(node, _ast.Expr):
        if isinstance(node.value, _ast.Constant):
            # It may be a docstring, which only an expression can be.
            return [node, assign([witness(name, node.value)], node.value, node)]
        return [assign([witness(name, node.value)], node.value, node)]
    if isinstance(node, _ast.Assign):
        return [assign([witness(name, node.value), *node.targets], node.value, node)]
    if isinstance(node, _ast.AnnAssign) and node.value is not None and node.simple:
        announced = _ast.AnnAssign(node.target, node.annotation, None, 1)
        targets = [witness(name, node.value), stored(node.target)]
        return [assign(targets, node.value, node), placed(announced, node)]
    if isinstance(node, _ast.AugAssign) and isinstance(node.target, _ast.Name):
        loaded = placed(_ast.Name(node.target.id, _ast.Load()), node.target)
        return [node, assign([witness(name, node.target)], loaded, node)]
    return [node]


def witness(name, at):
    parts = placed(_ast.Constant(name), at), placed(_ast.Constant(None), at)
    return placed(_ast.Subscript(*parts, _ast.Store()), at)


def stored(target):
    return placed(_ast.Name(target.id, _ast.Store()), target)


def assign(targets, value, at):
    return placed(_ast.Assign(targets, value), at)


def placed(node, at):
    node.lineno, node.col_offset = at.lineno, at.col_offset
    node.end_lineno, node.end_col_offset = at.end_lineno, at.end_col_offset
    return node


def seat(code, witnesses):
    """The code with witnesses where their names stand."""
    constants = list(code.co_consts)
    for index, constant in enumerate(constants):
        if type(constant) is CodeType:
            constants[index] = seat(constant, witnesses)
        elif type(constant) is str:
            constants[index] = witnesses.get(constant, constant)
    return code.replace(co_consts=tuple(constants))
