"""Contents of a problem file."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from metafast._base.one_line import one_line
from metafast.material import Material
from metafast.problems.problem import Problem


@dataclass(frozen=True)
class ProblemSource:
    """Text of a problem file, the files that it names, and what was changed when it was read.

    Attributes
    ----------
    name : str
        Name of the file; empty for a problem that is from no file.
    text : str
    changes : dict of str to float
        Rows, columns and parameters that were given in place of the file's.
    files : dict of str to bytes
        Contents of the pictures, drawings and tables that it names.
    """

    name: str = ""
    text: str = ""
    changes: dict[str, float | str] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, eq=False)
class ProblemFile:
    """Contents of a problem file.

    Attributes
    ----------
    problem : Problem
    options : dict of str to value
        Options of the design that the file sets.
    material : Material or None
        Young's modulus in MPa.
    cell_size, thickness : float or None
        Side of a cell and thickness of the body in mm.
    source : ProblemSource
        The text, as it was read.
    """

    problem: Problem
    options: dict[str, Any]
    material: Material | None
    cell_size: float | None
    thickness: float | None
    source: ProblemSource

    __repr__ = one_line

    @property
    def text(self) -> str:
        """Text of the file."""
        return self.source.text
