"""Lazy attributes of a package (PEP 562), listed by the stub beside its ``__init__.py``.

The stub is the one list of names: type checkers read its imports, and so does the package when it
runs, but imports each only when it is asked for.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any


def lazy_attributes(
    package: str, file: str
) -> tuple[Callable[[str], Any], Callable[[], list[str]], list[str]]:
    """``__getattr__``, ``__dir__`` and ``__all__`` of a package, from the stub of its file.

    Parameters
    ----------
    package : str
        Name of the package, its ``__name__``.
    file : str
        Path of its ``__init__.py``, its ``__file__``; ``__init__.pyi`` lies beside it. All its
        imports are of the form ``from module import name``; a name that is a module of `package`
        itself is imported as such, and is public only if the stub's ``__all__`` has it.
    """
    homes, public = _read_stub(Path(file).with_suffix(".pyi"))

    def get(name: str) -> Any:
        if name not in homes:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        home = homes[name]
        if home == package:
            return import_module(f"{package}.{name}")
        value = getattr(import_module(home), name)
        setattr(sys.modules[package], name, value)  # found without this function from now on
        return value

    def names() -> list[str]:
        return sorted({*vars(sys.modules[package]), *public})

    return get, names, public


def _read_stub(stub: Path) -> tuple[dict[str, str], list[str]]:
    """Module of each imported name, and the public names."""
    homes: dict[str, str] = {}
    public: list[str] = []
    for statement in ast.parse(stub.read_text(encoding="utf-8")).body:
        if isinstance(statement, ast.ImportFrom):
            assert statement.module, "absolute imports only"
            homes |= {alias.name: statement.module for alias in statement.names}
        elif isinstance(statement, ast.Assign):
            public = ast.literal_eval(statement.value)
    return homes, public
