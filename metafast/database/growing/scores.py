"""Selection of parents: weights for extreme and sparse cells (section 3.2).

Two clouds are scored, (C11, C12, C22) in linear and in logarithmic coordinates, because soft cells
are all close to each other in linear ones. A finer linear grid evens out the stiff part of the
cloud. The ranges of all grids come from the solid's stiffness, so a cell's node never changes and
is looked up once.
"""

from __future__ import annotations

import numpy as np
from scipy.ndimage import binary_closing, distance_transform_edt, gaussian_filter

from metafast._base.typing import BoolArray, FloatArray, IntArray
from metafast.material import Material
from metafast.properties.coordinates import PropertyCoordinates

NODES, FINE = 40, 100
_SPARSE, _BOUNDARY = 0.2, 0.8
_SHARES = {
    "fine": 0.28,
    "linear": 0.1,
    "log": 0.1,
    "linear extreme": 0.12,
    "log extreme": 0.1,
    "soft extreme": 0.2,
    "soft": 0.1,
}  # of the parents, by the way they are drawn
_DRAWS = 4  # extreme cells per random direction
_STIFF = 0.05  # least C11 and C22 of cells drawn on the fine grid, relative to the solid
_LEAST_MODULUS = 3e-5  # lower end of the logarithmic grid, relative to the solid


class ScoreGrid:
    """Linear and logarithmic unit coordinates for scoring cells."""

    def __init__(self, solid: Material) -> None:
        c11, c33 = solid.stiffness[0, 0], solid.stiffness[2, 2]
        low, high = np.array([0.0, -0.25, 0.0, 0.0]), np.array([1.0, 0.75, 1.0, 1.0])
        scale = np.array([c11, c11, c11, c33])
        self.linear = PropertyCoordinates("linear", low * scale, high * scale)
        shift = np.log([c11, 1.0, c11, c33])
        soft = np.log(_LEAST_MODULUS)
        self.log = PropertyCoordinates(
            "log",
            np.array([soft, -1.0, soft, soft]) + shift,
            np.array([0.0, 1.0, 0.0, 0.0]) + shift,
        )

    def place(self, properties: FloatArray) -> tuple[IntArray, FloatArray]:
        """Flat grid nodes (n, 3) and unit coordinates (n, 2, 4) of cells.

        Nodes are on the linear, the logarithmic and the fine linear grid; coordinates are linear
        and logarithmic.
        """
        linear, log = self.linear.to_unit(properties), self.log.to_unit(properties)
        nodes = [_nodes(linear, NODES), _nodes(log, NODES), _nodes(linear, FINE)]
        return np.stack(nodes, axis=1), np.stack([linear, log], axis=1)


def _nodes(unit: FloatArray, count: int) -> IntArray:
    index = np.clip(np.rint(unit[:, :3] * (count - 1)).astype(int), 0, count - 1)
    return np.asarray(np.ravel_multi_index(tuple(index.T), (count,) * 3))


def node_weights(count: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Weight of a cell at each node of a grid with `count` cells per node, and the node's depth.

    ``0.2/(smoothed density) + 0.8 exp(-distance to the boundary)/count``, each part normalised.
    """
    sparse = 1.0 / (gaussian_filter(count, 1.0, mode="constant") + 0.05)
    occupied = np.pad(count > 0, 2)
    inside = np.asarray(distance_transform_edt(occupied | binary_closing(occupied)))
    depth = inside[(slice(2, -2),) * count.ndim]
    full = np.maximum(count, 1.0)
    boundary = np.where(count > 0, np.exp(1.0 - depth) / full, 0.0)
    weights = _SPARSE * sparse / (count * sparse).sum()
    return weights + _BOUNDARY * boundary / (count * boundary).sum(), depth


def draw_parents(
    nodes: IntArray,
    unit: FloatArray,
    count: int,
    rng: np.random.Generator,
    ease: FloatArray | None = None,
) -> IntArray:
    """Rows (count,) of the cells to perturb.

    Parameters
    ----------
    nodes : (n, 3) array
        Grid nodes of all cells, from `ScoreGrid.place`.
    unit : (n, 2, 4) array
        Unit coordinates of all cells, from `ScoreGrid.place`.
    count : int
    rng : Generator
    ease : (n,) array, optional
        Factor on the weights; extreme cells are drawn without weights.
    """
    shares = np.array(list(_SHARES.values()))
    numbers = dict(zip(_SHARES, rng.multinomial(count, shares), strict=True))
    stiff = unit[:, 0, [0, 2]].min(axis=1) > _STIFF
    if ease is None:
        ease = np.ones(len(nodes))
    drawn = [_draw(_fine_weights(nodes[:, 2]) * stiff * ease, numbers["fine"], rng)]
    for k, kind in enumerate(("linear", "log")):
        filled = np.bincount(nodes[:, k], minlength=NODES**3).reshape((NODES,) * 3)
        weights, depth = node_weights(filled.astype(float))
        drawn.append(_draw(weights.ravel()[nodes[:, k]] * ease, numbers[kind], rng))
        outer = _one_per_node(nodes[:, k], depth.ravel() < 2.0, rng)
        directions = rng.standard_normal((numbers[f"{kind} extreme"], 4))
        drawn.append(outer[_extreme(unit[outer, k], directions, rng)])
    # towards lower C11 and C22 at once, with any C12
    directions = rng.standard_normal((numbers["soft extreme"], 4)) * [1.0, 0.5, 1.0, 0.0]
    directions[:, [0, 2]] = -np.abs(directions[:, [0, 2]])
    drawn.append(outer[_extreme(unit[outer, 1], directions, rng)])
    soft = nodes[:, 1] // NODES**2 * NODES + nodes[:, 1] % NODES  # ln C11 and ln C22
    filled = np.bincount(soft, minlength=NODES**2).reshape((NODES,) * 2)
    weights, _ = node_weights(filled.astype(float))
    drawn.append(_draw(weights.ravel()[soft] * ease, numbers["soft"], rng))
    return np.concatenate(drawn)


def _fine_weights(nodes: IntArray) -> FloatArray:
    """Weight (n,) of cells at nodes of the fine grid, larger where the grid is emptier."""
    filled = np.bincount(nodes, minlength=FINE**3).reshape((FINE,) * 3).astype(np.float32)
    density = gaussian_filter(filled, 1.0, mode="constant").ravel()[nodes]
    return np.asarray(1.0 / (density + 0.02), dtype=float)


def _one_per_node(nodes: IntArray, mask: BoolArray, rng: np.random.Generator) -> IntArray:
    """Row of a random cell at each occupied node of the mask."""
    order = rng.permutation(len(nodes))
    chosen = np.full(len(mask), -1)
    chosen[nodes[order]] = order
    return chosen[mask & (chosen >= 0)]


def _extreme(points: FloatArray, directions: FloatArray, rng: np.random.Generator) -> IntArray:
    """Rows (m,) of points (n, 4) far out along directions (m, 4), of which a quarter is used."""
    count = len(directions)
    reach = points @ directions[: -(-count // _DRAWS)].T
    # a random tie-break keeps one hull point from being drawn for every similar direction
    noise = rng.normal(0.0, 0.02, (_DRAWS, len(points), 1))
    return np.concatenate([(reach + shift).argmax(axis=0) for shift in noise])[:count]


def _draw(weights: FloatArray, count: int, rng: np.random.Generator) -> IntArray:
    """Rows (count,) drawn with replacement in proportion to weights (n,)."""
    cumulative = np.cumsum(weights)
    if not cumulative[-1] > 0:
        return np.asarray(rng.integers(0, len(weights), count))
    at = np.searchsorted(cumulative, rng.random(count) * cumulative[-1], side="right")
    return np.asarray(np.minimum(at, len(weights) - 1))
