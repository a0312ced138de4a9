"""Supported parts of a body, and the displacements prescribed to their nodes.

Parts are sets of solid pixels joined by edges; pixels that touch only at a corner have nodes of
their own there and do not join (`metafast.structure.nodes`). A part floats and is removed if its
own prescribed displacements and springs leave a rigid motion free. A component prescribed at a
single macro node acts on the largest part in reach, and so a spring holds. A value prescribed to a
place acts on all solid with a node there.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.ndimage import label

from metafast._base.typing import AnyArray, BoolArray, FloatArray, IntArray
from metafast.problems.problem import Problem
from metafast.structure.nodes import corner_contacts, node_codes
from metafast.structure.prescribed import Point, point, segments, spring_ends
from metafast.structure.rigid import held, is_rigid, parts_at


class NotCarriedError(ValueError):
    """No part of the body is held by the supports, or none is loaded."""


@dataclass(frozen=True, eq=False)
class Supported:
    """The held parts of a body and the displacements prescribed to their nodes.

    Attributes
    ----------
    solid : (ny, nx) bool array
        Pixels of the held parts.
    prescribed : (ny+1, nx+1, 2) float array
        Displacement where it is prescribed to a node of `solid`, NaN elsewhere.
    removed_parts, removed_pixels : int
        Floating parts and their pixels.
    anchors : (a, 3) int array
        Row, column and component of nodes that hold, statically determinate, the parts that only
        springs hold; for each, the pixel to the lower right of the node is solid.
    """

    solid: BoolArray
    prescribed: FloatArray
    removed_parts: int
    removed_pixels: int
    anchors: IntArray


def support(solid: BoolArray, problem: Problem, side: int) -> Supported:
    """Apply the supports of a problem to the pixels and remove floating parts.

    Parameters
    ----------
    solid : (ny, nx) bool array
        Solid pixels, row 0 at the top.
    problem : Problem
        A problem of ny/side x nx/side cells.
    side : int
        Pixels per cell side.

    Raises
    ------
    NotCarriedError
        If no part is held, or none is loaded although the supports move against each other.
    """
    parts, count = label(solid)
    prescribed, single = segments(problem, side)
    prescribed[~touched(solid)] = np.nan
    points = [point(problem, parts, side, *node) for node in np.argwhere(single)]
    points += spring_ends(problem, parts, side)
    alive, chosen = _held_parts(parts, count, np.argwhere(np.isfinite(prescribed)), points)
    if not alive.any():
        raise NotCarriedError(
            f"no part of the structure is held by the supports of problem {problem.name!r}: "
            f"{count} part(s), each with a free rigid motion. Solid pixels must reach the "
            "prescribed macro nodes and join them edge to edge; check the pixels' orientation "
            "(row 0 is the top) and the cells along the supports"
        )
    for p, part in chosen.items():
        if not part:
            kind, reach = ("spring", "half a") if p.is_spring else ("support", "one")
            raise NotCarriedError(
                f"the {kind} of component {p.component} at macro node {p.macro} has no held solid "
                f"pixel within {reach} cell; put a cell with solid pixels there"
            )
        place = (*p.nearest[part], p.component)
        if np.isnan(prescribed[place]) and not p.is_spring:
            prescribed[place] = p.value
    kept = alive[parts]
    prescribed[~touched(kept)] = np.nan
    _require_load(problem, prescribed, parts, alive)
    return Supported(
        solid=kept,
        prescribed=prescribed,
        removed_parts=count - int(np.count_nonzero(alive)),
        removed_pixels=int(np.count_nonzero(solid) - np.count_nonzero(kept)),
        anchors=_anchors(problem, parts, alive, prescribed),
    )


def _held_parts(
    parts: AnyArray, count: int, nodes: IntArray, points: list[Point]
) -> tuple[BoolArray, dict[Point, int]]:
    """Held parts (count + 1,), and the part that takes each single support, 0 for none.

    A part that floats takes no support, which may then hold another one: repeated until no part
    changes.
    """
    alive = np.ones(count + 1, bool)
    alive[0] = False
    # First drop parts that could not be held even with every support in reach, so that a speck
    # next to the body does not take the body's support.
    reachable = [np.r_[node, p.component] for p in points for node in p.nearest.values()]
    alive &= held(parts, count, _stack(nodes, reachable))
    sizes = np.bincount(parts.ravel(), minlength=count + 1)
    while True:
        chosen = {p: _largest(p, alive, sizes) for p in points}
        taken = [np.r_[p.nearest[part], p.component] for p, part in chosen.items() if part]
        still = alive & held(parts, count, _stack(nodes, taken))
        if (still == alive).all():
            return alive, chosen
        alive = still


def _largest(supported: Point, alive: BoolArray, sizes: IntArray) -> int:
    """Largest part in reach of the support that may still be held, 0 if there is none."""
    return max((p for p in supported.nearest if alive[p]), key=lambda p: int(sizes[p]), default=0)


def _stack(nodes: IntArray, more: list[IntArray]) -> IntArray:
    return np.concatenate([nodes, np.array(more).reshape(-1, 3).astype(nodes.dtype)])


def touched(solid: BoolArray) -> BoolArray:
    """Nodes with a solid pixel."""
    touched = np.zeros((solid.shape[0] + 1, solid.shape[1] + 1), bool)
    for rows in (slice(None, -1), slice(1, None)):
        for cols in (slice(None, -1), slice(1, None)):
            touched[rows, cols] |= solid
    return touched


def _require_load(
    problem: Problem, prescribed: FloatArray, parts: AnyArray, alive: BoolArray
) -> None:
    """Raise NotCarriedError if the supports strain no part although they move.

    Springs and forces strain a body that its supports move as a rigid one.
    """
    if problem.has_forces or problem.springs is not None:
        return
    macro = np.argwhere(problem.fixed)
    if is_rigid(macro, problem.prescribed[problem.fixed]):
        return
    nodes = np.argwhere(np.isfinite(prescribed))
    values = prescribed[tuple(nodes.T)]
    position, part = parts_at(parts, nodes)
    for p in np.flatnonzero(alive):
        mine = position[part == p]
        if not is_rigid(nodes[mine], values[mine]):
            return
    raise NotCarriedError(
        f"nothing carries load between the supports of problem {problem.name!r}: each of the "
        f"{int(alive.sum())} held part(s) is only moved as a rigid body. Solid pixels must join, "
        "edge to edge, supports that move against each other"
    )


def _anchors(
    problem: Problem, parts: AnyArray, alive: BoolArray, prescribed: FloatArray
) -> IntArray:
    """Anchors (a, 3) of the parts that only springs hold."""
    found: list[tuple[int, int, int]] = []
    if problem.springs is not None:
        by_supports = held(parts, len(alive) - 1, np.argwhere(np.isfinite(prescribed)))
        contact = corner_contacts(node_codes(alive[parts]))[:-1, :-1]
        for part in np.flatnonzero(alive & ~by_supports):
            nodes = np.argwhere((parts == part) & ~contact)
            far = nodes[int(np.square(nodes - nodes[0]).sum(axis=1).argmax())]
            turn = 1 if abs(far[1] - nodes[0, 1]) >= abs(far[0] - nodes[0, 0]) else 0
            found += [(*nodes[0], 0), (*nodes[0], 1), (*far, turn)]
    free = [anchor for anchor in found if np.isnan(prescribed[anchor])]
    return np.array(free, dtype=np.int64).reshape(-1, 3)
