"""Expressions of a problem file, such as "rise*sin(pi*x/L)", evaluated by simpleeval.

Only numbers, names, arithmetic, comparisons and a list of functions pass: no attributes, no
strings, no keywords. Numbers are floats, so no expression can take long or fill the memory.
"""

from __future__ import annotations

import ast
import operator
import warnings
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from simpleeval import FunctionNotDefined, InvalidExpression, NameNotDefined, SimpleEval

from metafast._base.typing import FloatArray
from metafast.problems.file.faults import nearest

_LONGEST = 1000  # characters
CONSTANTS = {"pi": float(np.pi), "e": float(np.e)}


def _fixed(function: Callable[..., Any], arguments: int) -> Callable[..., Any]:
    """A NumPy function of so many arguments: a further one would be written to."""

    def call(*values: Any) -> Any:
        if len(values) != arguments:
            raise TypeError(f"{len(values)} arguments came, {arguments} needed")
        return function(*values)

    return call


_ONE = {"abs": np.abs, "round": np.rint} | {
    name: getattr(np, name)
    for name in (
        *("sin", "cos", "tan", "arcsin", "arccos", "arctan", "sinh", "cosh", "tanh"),
        *("exp", "log", "sqrt", "sign", "floor", "ceil"),
    )
}
FUNCTIONS: dict[str, Callable[..., Any]] = {
    **{name: _fixed(function, 1) for name, function in _ONE.items()},
    "arctan2": _fixed(np.arctan2, 2),
    "hypot": _fixed(np.hypot, 2),
    "min": _fixed(np.minimum, 2),
    "max": _fixed(np.maximum, 2),
    "where": _fixed(np.where, 3),
}
_OPERATORS: dict[type, Callable[..., Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Mod: operator.mod,
    ast.Pow: operator.pow,
    ast.USub: operator.neg,
    ast.UAdd: operator.pos,
    ast.Not: np.logical_not,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}
_NODES = (ast.Expr, ast.Name, ast.UnaryOp, ast.BinOp, ast.Call)


class _Arithmetic(SimpleEval):  # type: ignore[misc]
    """Arithmetic of floats and arrays, and nothing else of Python."""

    def __init__(self, names: Mapping[str, Any]) -> None:
        super().__init__(operators=_OPERATORS, functions=FUNCTIONS, names=dict(names))
        handlers: dict[type, Callable[..., Any]] = vars(self)["nodes"]
        self.nodes = {kind: handlers[kind] for kind in _NODES} | {
            ast.Constant: self._number,
            ast.Compare: self._comparison,
            ast.BoolOp: self._condition,
        }

    def _number(self, node: ast.Constant) -> float:
        if isinstance(node.value, bool) or not isinstance(node.value, int | float):
            raise InvalidExpression(f"{node.value!r} is no number")
        return float(node.value)

    def _comparison(self, node: ast.Compare) -> Any:
        values = [self._eval(each) for each in (node.left, *node.comparators)]
        pairs = zip(node.ops, values[:-1], values[1:], strict=True)
        return np.logical_and.reduce(
            np.broadcast_arrays(*(_OPERATORS[type(sign)](a, b) for sign, a, b in pairs))
        )

    def _condition(self, node: ast.BoolOp) -> Any:
        both = np.logical_and if isinstance(node.op, ast.And) else np.logical_or
        return both.reduce(np.broadcast_arrays(*(self._eval(each) for each in node.values)))


def evaluate(text: str, names: Mapping[str, Any]) -> Any:
    """Value of an expression: a number or an array; NaN and infinity where it is not defined.

    Parameters
    ----------
    text : str
    names : mapping of str to float or array
        Names that it may use beside `CONSTANTS` and `FUNCTIONS`.

    Raises
    ------
    ValueError
        If it is no arithmetic, or uses a name or a function that is not known.
    """
    if len(text) > _LONGEST:
        raise ValueError(f"the expression has {len(text)} characters; {_LONGEST} are the most")
    known, shown = {**CONSTANTS, **names}, shorten(text)
    try:
        with np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("error")  # several statements, or an assignment
            value = np.asarray(_Arithmetic(known).eval(text))
    except NameNotDefined as error:
        cure = nearest(error.name, known)
        raise ValueError(f"{error.name!r} in {shown} is no name; {cure}") from None
    except FunctionNotDefined as error:
        name = error.func_name
        raise ValueError(
            f"{name!r} in {shown} is no function; {nearest(name, FUNCTIONS)}"
        ) from None
    except (ArithmeticError, MemoryError):
        raise ValueError(
            f"{shown} has no finite value; use smaller numbers, and no 0 below"
        ) from None
    except SyntaxError as error:
        reason = str(error.msg).split("(")[0].strip()
        raise ValueError(f"{shown} is no expression: {reason}; mend it") from None
    except (InvalidExpression, TypeError, ValueError, KeyError, Warning, RecursionError):
        raise ValueError(
            f"{shown} is no arithmetic; use numbers, names, + - * / ** %, comparisons, and, or, "
            "not, and functions as in sin(x) or where(x < 2, 0, 1)"
        ) from None
    if value.dtype.kind not in "bif":
        raise ValueError(f"{shown} is no real number; write functions as in sin(x)")
    return value


def shorten(text: object) -> str:
    """A value as it is written in Python, cut to fit a message."""
    shown = repr(text)
    return shown if len(shown) <= 60 else f"{shown[:57]}..."


def number(text: float | str, names: Mapping[str, Any]) -> float:
    """One finite number, given itself or as an expression without x and y."""
    value = np.asarray(float(text)) if not isinstance(text, str) else evaluate(text, names)
    if value.ndim or not np.isfinite(value):
        raise ValueError(f"{shorten(text)} is no finite number; change it")
    return float(value)


def values_at(text: float | str, names: Mapping[str, Any], count: int) -> FloatArray:
    """A finite number for each of `count` nodes, from a number or an expression in x and y."""
    value = np.asarray(float(text)) if not isinstance(text, str) else evaluate(text, names)
    values = np.array(np.broadcast_to(value, (count,)), dtype=float)
    bad = ~np.isfinite(values)
    if bad.any():
        k = int(np.flatnonzero(bad)[0])
        at = f"x = {names['x'][k]:g}, y = {names['y'][k]:g}"
        raise ValueError(
            f"{shorten(text)} is {values[k]} at {at}; change it so that it is a finite number at "
            "every node of the place"
        )
    return values
