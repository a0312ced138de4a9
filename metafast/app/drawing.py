"""A drawn problem as the text of a problem file, which runs on the command line too."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np
from scipy.interpolate import PchipInterpolator

from metafast._base.checks import require_choice, require_count, require_number
from metafast._base.typing import FloatArray

Hold = Literal["free", "held", "rolling", "pushed", "pushed and rolling"]
HOLDS: tuple[Hold, ...] = get_args(Hold)
LONGEST = 200  # cells along a side: a curve is one table of the file for each node
_DIGITS = 6  # of a displacement in the file, in cell widths
# component across a side, and the sign of a push into the body
_SIDES = {"left": (0, 1.0), "right": (0, -1.0), "bottom": (1, 1.0)}


@dataclass(frozen=True)
class Side:
    """What happens to a side of the body.

    Parameters
    ----------
    hold : {"free", "held", "rolling", "pushed", "pushed and rolling"}
        held: it does not move; rolling: it moves along itself only; pushed: it is moved into the
        body, and not along itself; pushed and rolling: it may move along itself too.
    push : float
        Displacement into the body in cell widths; outward if negative.
    """

    hold: Hold = "free"
    push: float = 0.0

    def __post_init__(self) -> None:
        require_choice("hold", self.hold, HOLDS)
        require_number("push", self.push)

    def displacement(self, side: str) -> dict[str, float]:
        """Prescribed displacements by component, u_x and u_y; nothing where it is free."""
        if self.hold == "free":
            return {}
        across, inward = _SIDES[side]
        names = ("u_x", "u_y")
        moved = inward * self.push if self.hold.startswith("pushed") else 0.0
        found = {names[across]: moved + 0.0}
        if not self.hold.endswith("rolling"):
            found[names[1 - across]] = 0.0
        return dict(sorted(found.items()))


@dataclass(frozen=True, eq=False)
class Drawing:
    """A rectangular body, what happens to its sides, and where its top is wanted.

    Parameters
    ----------
    rows, cols : int
        Cells, at most 200 each.
    left, right, bottom : Side
    rise : str or (n, 2) array
        Displacement u_y of the top in cell widths: an expression in x and L as in problem files, or
        points x, u_y of a curve that goes through them without overshooting.
    absent : set of (row, column)
        Cells that are not there, row 0 at the top.
    cell_size, thickness : float
        In mm.
    name : str

    Raises
    ------
    ValueError
        If a size is out of range, or there are fewer than two points at different x.
    """

    rows: int
    cols: int
    left: Side
    right: Side
    bottom: Side
    rise: str | FloatArray
    absent: frozenset[tuple[int, int]] = frozenset()
    cell_size: float = 10.0
    thickness: float = 5.0
    name: str = "drawing"

    def __post_init__(self) -> None:
        for name in ("rows", "cols"):
            count = require_count(name, getattr(self, name))
            if count > LONGEST:
                raise ValueError(
                    f"{name} is {count}; a drawn body has at most {LONGEST} cells along a side: "
                    "write a problem file for a larger one"
                )
        for name in ("cell_size", "thickness"):
            require_number(name, getattr(self, name), above=0.0)
        if not isinstance(self.rise, str):
            curve_through(self.rise, np.zeros(1))

    def text(self, options: Mapping[str, Any] | None = None) -> str:
        """The problem file.

        Parameters
        ----------
        options : mapping, optional
            Options of the design, for the table ``[design]``.
        """
        parts = [
            "# Drawn in metafast app; run it with: metafast design FILE.toml --output FOLDER",
            f"name = {_quoted(self.name)}",
            f"\n[size]\nrows = {self.rows}\ncols = {self.cols}",
            f'cell_size = "{float(self.cell_size)!r}mm"\nthickness = "{float(self.thickness)!r}mm"',
        ]
        if self.absent:
            boxes = [
                f"  {{ box = {{ x = [{c}, {c + 1}], y = [{y}, {y + 1}] }} }},"
                for y, c in sorted((self.rows - 1 - r, c) for r, c in self.absent)
            ]
            parts.append("\n".join(["\n[body]", "without = [", *boxes, "]"]))
        for side in _SIDES:
            moved = getattr(self, side).displacement(side)
            if moved:
                lines = [f"{name} = {value!r}" for name, value in moved.items()]
                parts.append("\n".join(["\n[[supports]]", f'place = "{side}"', *lines]))
        parts += self._targets()
        if options:
            lines = [f"{name} = {_value(value)}" for name, value in options.items()]
            parts.append("\n".join(["\n[design]", *lines]))
        return "\n".join(parts) + "\n"

    def _targets(self) -> list[str]:
        """Tables of the targets; corners whose u_y a support has are left to it."""
        first = int("u_y" in self.left.displacement("left"))
        last = self.cols - int("u_y" in self.right.displacement("right"))
        if isinstance(self.rise, str):
            place = f'{{ side = "top", from = {first}, to = {last} }}'
            return [f"\n[[targets]]\nplace = {place}\nu_y = {_quoted(self.rise)}"]
        top = [0, *(int((0, c) not in self.absent) for c in range(self.cols)), 0]
        x = np.array([c for c in range(first, last + 1) if top[c] or top[c + 1]], dtype=float)
        values = np.round(curve_through(self.rise, x), _DIGITS) + 0.0
        return [
            f'\n[[targets]]\nplace = {{ node = [{node:g}, "H"] }}\nu_y = {value!r}'
            for node, value in zip(x.tolist(), values.tolist(), strict=True)
        ]


def curve_through(points: Any, x: FloatArray) -> FloatArray:
    """Values (m,) at x (m,) of the curve through points (n, 2), constant beyond them.

    Between its points the curve is as monotone as they are (Fritsch and Carlson 1980). Of points at
    the same x the last one counts.
    """
    given = np.asarray(points, dtype=float).reshape(-1, 2)
    given = given[np.isfinite(given).all(axis=1)]
    distinct = dict(given.tolist())
    if len(distinct) < 2:
        raise ValueError(
            f"{len(distinct)} points of the curve came; two at different x are needed: add some"
        )
    at = np.array(sorted(distinct))
    curve = PchipInterpolator(at, [distinct[each] for each in at.tolist()])
    return np.asarray(curve(np.clip(x, at[0], at[-1])))


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return _quoted(value) if isinstance(value, str) else repr(value)


def _quoted(text: str) -> str:
    """A basic string of TOML, on one line."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(_character(each) for each in escaped) + '"'


def _character(each: str) -> str:
    code = ord(each)
    return f"\\u{code:04x}" if code < 32 or code == 127 else each
