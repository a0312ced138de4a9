"""Displacement of the targets extrapolated to a mesh without end (Richardson).

Bilinear elements of side h are too stiff in thin members by a share that falls with h^p::

    u = u_b + (u_b - u_a) / ((b/a)^p - 1)        a < b elements per pixel side

Members that bend have p = 2, corners of pixels with their singular stress p close to 1. Three
levels in equal ratios show p; with two it is assumed to be 1, as porous bodies show it, and the
figure for p = 2 tells what hangs on that.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from metafast._base.typing import FloatArray, Kinematics
from metafast.problems import Problem
from metafast.verification.readings import rrmse_of_read

ASSUMED, _MOST = 1.0, 2.0


@dataclass(frozen=True)
class Extrapolation:
    """Figures of one kinematics and law on a mesh without end.

    Attributes
    ----------
    kinematics : {"linear", "finite"}
    law : str
    levels : tuple of int
        Elements per pixel side of the meshes that it was made from.
    order : float
        Order of convergence p.
    is_observed : bool
        Whether three meshes showed the order, which is kept between 1 and 2; assumed otherwise.
    rrmse : float
        RRMSE of the extrapolated affine fits.
    node_rrmse : float
        RRMSE of the extrapolated displacement at the macro nodes themselves.
    second_order_rrmse : float
        As `rrmse`, if the order were 2.
    """

    kinematics: Kinematics
    law: str
    levels: tuple[int, ...]
    order: float
    is_observed: bool
    rrmse: float = float("inf")
    node_rrmse: float = float("inf")
    second_order_rrmse: float = float("inf")


def extrapolate(
    problem: Problem,
    kinematics: Kinematics,
    law: str,
    fits: dict[int, FloatArray],
    nodes: dict[int, FloatArray],
) -> Extrapolation | None:
    """Extrapolate from the two finest meshes; None if there are not two.

    Parameters
    ----------
    problem : Problem
    kinematics, law : str
    fits, nodes : dict of int to (rows+1, cols+1, 2) array
        Both readings of the macro displacement by elements per pixel side.
    """
    levels = sorted(fits)[-3:]
    if len(levels) < 2:
        return None
    observed = _observed_order(problem, levels, fits)
    order = ASSUMED if observed is None else observed
    coarse, fine = levels[-2:]
    pairs = [(fits[coarse], fits[fine]), (nodes[coarse], nodes[fine])]
    limit, node_limit = (_limit(a, b, fine / coarse, order) for a, b in pairs)
    second = _limit(*pairs[0], fine / coarse, _MOST)
    return Extrapolation(
        kinematics,
        law,
        tuple(levels if observed is not None else levels[-2:]),
        order,
        observed is not None,
        _rrmse(problem, limit),
        rrmse_of_read(problem, node_limit)[0],
        _rrmse(problem, second),
    )


def _rrmse(problem: Problem, displacement: FloatArray) -> float:
    value = problem.rrmse(displacement)
    return value if np.isfinite(value) else float("inf")


def _limit(coarse: FloatArray, fine: FloatArray, ratio: float, order: float) -> FloatArray:
    return np.asarray(fine + (fine - coarse) / (ratio**order - 1.0))


def _observed_order(
    problem: Problem, levels: list[int], fits: dict[int, FloatArray]
) -> float | None:
    """Order that three meshes in equal ratios show, kept between 1 and 2."""
    if len(levels) < 3 or levels[1] ** 2 != levels[0] * levels[2]:
        return None
    a, b, c = (fits[level][problem.wanted] for level in levels)
    changes = np.linalg.norm(b - a), np.linalg.norm(c - b)
    if not (np.isfinite(changes).all() and min(changes) > 0.0):
        return None
    order = np.log(changes[0] / changes[1]) / np.log(levels[1] / levels[0])
    return float(np.clip(order, ASSUMED, _MOST))
