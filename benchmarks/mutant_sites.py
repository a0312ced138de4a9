"""Places in a source where a mutant can differ: numbers, operators, comparisons, calls.

Python is changed in its syntax tree, C++ token by token. Docstrings, annotations, the text of
errors and the checks of arguments are left as they are.
"""

from __future__ import annotations

import ast
import copy
import re
from collections.abc import Iterator
from typing import NamedTuple

_OPERATORS: dict[type, type] = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult, ast.Pow: ast.Mult,
    ast.BitAnd: ast.BitOr, ast.BitOr: ast.BitAnd, ast.And: ast.Or, ast.Or: ast.And,
    ast.Lt: ast.GtE, ast.LtE: ast.Lt, ast.Gt: ast.LtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
}  # fmt: skip
_CALLS = {
    "max": "min", "min": "max", "argmax": "argmin", "argmin": "argmax", "sum": "mean",
    "mean": "sum", "maximum": "minimum", "minimum": "maximum", "exp": "expm1", "tanh": "arctan",
    "cumsum": "cumprod", "argsort": "argpartition", "square": "abs",
}  # fmt: skip
_DROPPED = ("abs", "sqrt", "log", "norm")  # functions of one argument that may be left out
_SIGNS = {ast.USub: "-", ast.Not: "not ", ast.Invert: "~"}
_LEFT = ("require_", "as_array", "_refuse")  # calls whose arguments are no part of an equation
_TOKENS = {
    "+": "-", "-": "+", "*": "/", "/": "*", "==": "!=", "<": ">=", "||": "&&", "&": "|",
    "std::min": "std::max", "std::fabs": "", "+=": "-=", "0.0": "1.0", "1.0": "2.0", "0.5": "1.0",
}  # fmt: skip
_TOKEN = re.compile(r"std::\w+|\+=|\+\+|--|->|==|\|\||&&|<=|>=|<<|[0-9]+\.[0-9]+|[-+*/<&]")


class Mutant(NamedTuple):
    """A change in words, and the source with it."""

    name: str
    source: str


def mutants_of_python(source: str, names: tuple[str, ...]) -> list[Mutant]:
    """Mutants of functions, methods ("Class.method") and constants of a module."""
    tree = ast.parse(source)
    found = []
    for name in names:
        places = list(_sites(_named(tree, name)))
        for k, (_, _, said) in enumerate(places):
            changed = copy.deepcopy(tree)
            _, change, _ = list(_sites(_named(changed, name)))[k]
            change()
            found.append(Mutant(f"{name}: {said}", ast.unparse(ast.fix_missing_locations(changed))))
    twice = {each.name for each in found if sum(each.name == other.name for other in found) > 1}
    counts: dict[str, int] = {}
    for k, each in enumerate(found):
        if each.name in twice:
            counts[each.name] = counts.get(each.name, 0) + 1
            found[k] = Mutant(f"{each.name} ({counts[each.name]})", each.source)
    return found


def _named(tree: ast.Module, name: str) -> ast.AST:
    """Definition of a function, a method or a constant."""
    *outer, last = name.split(".")
    body = tree.body
    for each in outer:
        (found,) = [n for n in body if isinstance(n, ast.ClassDef) and n.name == each]
        body = found.body
    for node in body:
        if isinstance(node, ast.FunctionDef) and node.name == last:
            return node
        targets = node.targets if isinstance(node, ast.Assign) else []
        names = [n for t in targets for n in (t.elts if isinstance(t, ast.Tuple) else [t])]
        if any(isinstance(n, ast.Name) and n.id == last for n in names):
            return node
    raise ValueError(f"there is no {name} in the module; mend the list of equations")


def _sites(node: ast.AST) -> Iterator[tuple[ast.AST, object, str]]:
    """Places below a node, each with the function that changes it and the change in words."""
    for parent in _walk(node):
        if isinstance(parent, ast.BinOp | ast.BoolOp | ast.AugAssign):
            new = _OPERATORS.get(type(parent.op))
            if new:
                yield _place(parent, "op", new())
        elif isinstance(parent, ast.Compare) and type(parent.ops[0]) in _OPERATORS:
            yield _place(parent, "ops", [_OPERATORS[type(parent.ops[0])](), *parent.ops[1:]])
        elif isinstance(parent, ast.Constant) and type(parent.value) in (int, float):
            yield _place(parent, "value", _other(parent.value))
        elif isinstance(parent, ast.Call):
            yield from _of_call(parent)
        for field, value in ast.iter_fields(parent):
            if isinstance(value, ast.UnaryOp) and type(value.op) in _SIGNS:
                yield _place(parent, field, value.operand)
            if isinstance(value, list):
                for k, each in enumerate(value):
                    if isinstance(each, ast.UnaryOp) and type(each.op) in _SIGNS:
                        yield _place(parent, field, [*value[:k], each.operand, *value[k + 1 :]])


def _of_call(call: ast.Call) -> Iterator[tuple[ast.AST, object, str]]:
    """Changes of the function that is called."""
    place = call.func
    field = "attr" if isinstance(place, ast.Attribute) else "id"
    name = getattr(place, field, "")
    if name in _CALLS:
        yield _place(place, field, _CALLS[name], call)
    elif name in _DROPPED and len(call.args) == 1 and not call.keywords:
        # the positive identity stands for the function that is left out
        said = f"{ast.unparse(call)} → {ast.unparse(call.args[0])}"
        yield call, lambda: _become_argument(call), said


def _become_argument(call: ast.Call) -> None:
    call.func = ast.parse("(lambda same: same)", mode="eval").body


def _place(node: ast.AST, field: str, new: object, shown: ast.AST | None = None):
    """A change of one field of a node."""
    whole = shown or node
    before, old = ast.unparse(whole), getattr(node, field)
    setattr(node, field, new)
    said = f"{before} → {ast.unparse(whole)}"
    setattr(node, field, old)
    return node, lambda: setattr(node, field, new), " ".join(said.split())


def _other(value: float) -> float:
    """Another number: half as much again, or one more."""
    return value + 1 if isinstance(value, int) or value == 0.0 else 1.5 * value


def _walk(node: ast.AST) -> Iterator[ast.AST]:
    """Nodes below a definition, without docstrings, annotations, decorators, errors and checks."""
    if isinstance(node, ast.FunctionDef):
        children: list[ast.AST] = list(node.body)
        if isinstance(children[0], ast.Expr) and isinstance(children[0].value, ast.Constant):
            children = children[1:]
    elif isinstance(node, ast.Raise | ast.JoinedStr | ast.Assert):
        return
    elif isinstance(node, ast.If) and isinstance(node.body[-1], ast.Raise):
        return  # a check of the arguments
    elif isinstance(node, ast.Subscript):
        children = [node.value]  # an index off by one fails at once
    elif isinstance(node, ast.Call) and ast.unparse(node.func).startswith(_LEFT):
        return
    elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith(".reshape"):
        children = [node.func]
    elif isinstance(node, ast.keyword) and node.arg in ("axis", "name", "weight", "kind", "dtype"):
        return
    elif isinstance(node, ast.AnnAssign):
        children = [node.value] if node.value else []
    else:
        children = list(ast.iter_child_nodes(node))
    yield node
    for child in children:
        yield from _walk(child)


def mutants_of_cpp(source: str, names: tuple[str, ...]) -> list[Mutant]:
    """Mutants of functions of a C++ file, token by token."""
    found = []
    for name in names:
        start = source.index("{", re.search(rf"\n[\w:]+ {name}\(", source).end())  # type: ignore[union-attr]
        end = source.index("\n}", start)
        for match in _TOKEN.finditer(source, start, end):
            new, line = _TOKENS.get(match[0]), source[: match.start()].count("\n")
            if new is None:
                continue
            text = source[: match.start()] + new + source[match.end() :]
            said = [t.split("\n")[line].split("//")[0].strip() for t in (source, text)]
            found.append(Mutant(f"{name}: {said[0]} → {said[1]}", text))
    return found
