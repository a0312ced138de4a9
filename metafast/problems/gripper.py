"""Gripper: a compliant mechanism that closes its jaws when it is pulled.

    held  ############          F  input force to the left, against a spring
    held  ############          -- slot between the jaws, absent cells
          ############
    F <-  ########--------      The lower corner of the upper jaw's tip moves down, the upper corner
          ########--------      of the lower jaw's tip up, each against a spring in place of the
          ############          workpiece.
    held  ############

Input force, workpiece and springs are those that topology optimisation of compliant mechanisms uses
(Sigmund 1997); here, the output is to move by a given amount.

O. Sigmund, On the design of compliant mechanisms using topology optimization, Mechanics of
Structures and Machines 25 (1997) 493-524.
"""

from __future__ import annotations

import numpy as np

from metafast._base.checks import require_count, require_number
from metafast.problems.body import CellKind
from metafast.problems.problem import Problem
from metafast.problems.supports import require_size


def gripper(
    rows: int = 6,
    cols: int = 10,
    *,
    amplitude: float = 0.1,
    force: float = 0.05,
    slot: int | None = None,
    input_spring: float = 0.05,
    output_spring: float = 0.02,
) -> Problem:
    """Gripper of `rows` x `cols` cells whose jaws close as its left middle is pulled.

    The left side is held over a third of its height at both ends. The slot between the jaws is two
    cells high.

    Parameters
    ----------
    rows, cols : int
        Cells from top to bottom, an even number, and from left to right.
    amplitude : float
        Displacement of each jaw toward the other one, in cell widths.
    force : float
        Pull to the left per thickness, in units of E times a cell's width.
    slot : int, optional
        Length of the jaws in cells; by default two fifths of the columns.
    input_spring, output_spring : float
        Stiffness of the springs at the input and at each jaw per thickness, in units of E.

    Returns
    -------
    Problem

    Raises
    ------
    ValueError
        If an argument is out of range.
    """
    rows, cols = require_count("rows", rows, 4), require_count("cols", cols, 3)
    require_size(rows, cols)
    if rows % 2:
        raise ValueError(f"rows is {rows}; an even number is needed, for a node in the middle")
    jaws = max(1, 2 * cols // 5) if slot is None else require_count("slot", slot)
    if jaws >= cols:
        raise ValueError(f"slot is {jaws} cells long in a body of {cols}; at most cols - 1 fit")
    stroke, pull = require_number("amplitude", amplitude), require_number("force", force)
    middle, held = rows // 2, max(1, rows // 3)
    body = np.full((rows, cols), int(CellKind.DESIGNED))
    body[middle - 1 : middle + 1, cols - jaws :] = CellKind.ABSENT
    prescribed = np.full((rows + 1, cols + 1, 2), np.nan)
    prescribed[:held, 0] = prescribed[-held:, 0] = 0.0
    forces, springs = np.zeros((2, rows + 1, cols + 1, 2))
    forces[middle, 0, 0] = -pull
    springs[middle, 0, 0] = require_number("input_spring", input_spring, above=0.0, closed=True)
    stiffness = require_number("output_spring", output_spring, above=0.0, closed=True)
    springs[[middle - 1, middle + 1], -1, 1] = stiffness
    target = np.full_like(prescribed, np.nan)
    target[middle - 1, -1, 1], target[middle + 1, -1, 1] = -stroke, stroke
    return Problem("gripper", prescribed, target, body, forces=forces, springs=springs)
