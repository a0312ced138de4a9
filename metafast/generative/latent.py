"""Latent space: property arrows, walks, interpolation, samples and maps (sections 3.3 and 4.1).

Walks return decoded, repaired and homogenized cells: properties along a path are those of the
binary cells, never the regressor's.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.spatial import cKDTree

from metafast._base.checks import (
    require_array,
    require_count,
    require_flag,
    require_number,
    require_progress,
)
from metafast._base.memory import require_memory
from metafast._base.progress import Progress, silent
from metafast._base.typing import FloatArray, IntArray
from metafast.generative.arrows import high_and_low, property_arrow
from metafast.generative.climbing import ascend_property
from metafast.generative.decoding import DecodedCells, binarise, decode_cells
from metafast.generative.rising import read_rising
from metafast.generative.vae import (
    CellVAE,
    require_model,
)
from metafast.properties.names import PROPERTIES, require_name

__all__ = [
    "PROPERTIES",
    "DecodedCells",
    "SimilarCells",
    "ascend",
    "decode_cells",
    "high_and_low",
    "interpolate",
    "principal_map",
    "property_arrow",
    "sample",
    "traverse",
]


def traverse(
    vae: CellVAE,
    start: Any,
    direction: Any,
    length: float,
    steps: int,
    *,
    join: bool = False,
    rising: str | None = None,
) -> DecodedCells:
    """Cells along a straight walk from `start` (Figs. 7, 9 and 10).

    Parameters
    ----------
    vae : CellVAE
    start, direction : (latent,) array
    length : float
        Length of the whole walk, in units of `direction`; the prior has standard deviation 1.
    steps : int
        Number of cells, both ends included.
    join : bool
        Join cells that are in pieces. Mirror-symmetric cells are then all connected, but a bar
        more or less makes a property jump. Without joining, cells in pieces have next to no
        stiffness, and properties rise more steadily.
    rising : {"C11", "C12", "C22", "C33", "poisson", "anisotropy"}, optional
        Property that should rise along `direction` from cell to cell, as in `property_arrow`. The
        points stay on the line, but each cell is read at the threshold, and joined if need be, at
        which the walk is whole and rises, where there is one (`read_rising`). By default one
        threshold serves all cells, as in the paper.

    Raises
    ------
    ValueError
        If start or direction is no latent point, or an option is out of range.
    """
    require_model(vae)
    require_flag("join", join)
    reach = require_number("length", length)
    along = np.linspace(0.0, reach, require_count("steps", steps))
    first, way = (_point(vae, n, v) for n, v in (("start", start), ("direction", direction)))
    points = first + along[:, None] * way
    if rising is None:
        return decode_cells(vae, points, walk=True, join=join)
    return read_rising(vae, points, require_name(rising), falling=reach < 0.0)


def interpolate(
    vae: CellVAE, first: Any, last: Any, steps: int, *, join: bool = False
) -> DecodedCells:
    """Cells on the straight line between two latent points (section 3.3).

    Parameters
    ----------
    vae : CellVAE
    first, last : (latent,) array
    steps : int
        Number of cells, both ends included.
    join : bool
        As in `traverse`.
    """
    require_model(vae)
    require_flag("join", join)
    a, b = _point(vae, "first", first), _point(vae, "last", last)
    return traverse(vae, a, b - a, 1.0, steps, join=join)


def ascend(
    vae: CellVAE,
    starts: Any,
    name: str,
    length: float = 1.5,
    steps: int = 4,
    *,
    join: bool = True,
    progress: Progress = silent,
) -> list[DecodedCells]:
    """Walks along which a property rises from cell to cell, one from each start.

    The walk follows the derivative of the property by the latent point, from homogenization of the
    grey decoded cell. A cell joins the walk if it is in one piece, carries load in both directions,
    and its recomputed property is higher than the last cell's. Each cell takes the highest
    threshold at which it is in one piece.

    Two directions are tried. The first is the derivative without the component that lowers the
    product of C11 and C22, which would tear the cell; the second is the derivative itself. If
    neither leads to a higher cell, the last cell is encoded again and both are tried from there.

    Parameters
    ----------
    vae : CellVAE
    starts : (m, latent) array
    name : {"C11", "C12", "C22", "C33", "poisson", "anisotropy"}
        As in `property_arrow`.
    length : float
        Sets the spacing of the cells, in standard deviations of the prior: the next cell is
        searched from 0.6 to 3 times ``|length| / (steps - 1)`` along the way. It is mostly found
        early, so the walk is rather shorter. If negative, the property falls.
    steps : int
        Number of cells, the start's own included; at least two.
    join : bool
        Join cells that no threshold gives in one piece. Without joining, walks end earlier.
    progress : callable, optional
        Called as ``progress("climbing", walks done, m)``.

    Returns
    -------
    list of m DecodedCells
        At most `steps` cells each, beginning with the start's own. If that one is not connected,
        any connected cell counts as higher. A walk has fewer cells where no higher one was found,
        as at the limits of what cells can have.

    Raises
    ------
    ValueError
        If starts is not (m, latent) of finite numbers, the name is unknown, the length zero, steps
        below two, or the model's void too soft for displacements (below 1e-10 of the solid).
    """
    require_model(vae)
    require_flag("join", join)
    require_progress(progress)
    points = require_array("starts", starts, finite=True)
    if points.ndim != 2 or points.shape[1] != vae.latent:
        raise ValueError(f"starts has shape {points.shape}; (m, {vae.latent}) is needed")
    require_name(name)
    count, reach = require_count("steps", steps, 2), require_number("length", length)
    if reach == 0.0:
        raise ValueError("length is 0; give a positive one to ascend, a negative one to descend")
    return ascend_property(vae, points, name, reach, count, join=join, progress=progress)


def sample(
    vae: CellVAE,
    count: int,
    *,
    seed: int = 0,
    rounds: int = 3,
    join: bool = True,
    progress: Progress = silent,
) -> DecodedCells:
    """Random cells (Fig. 6c).

    Parameters
    ----------
    vae : CellVAE
    count : int
        Number of cells.
    seed : int
        Seed of the points, which are drawn from the prior as in the paper.
    rounds : int
        Number of moves towards cells; 0 keeps the points. Many points lie between the cells that
        the model knows and are decoded to something blurred or in pieces. Each round decodes,
        repairs, joins and encodes, which moves a point to where such a cell is: a step of the
        Markov chain of a denoising autoencoder (Bengio et al. 2013).
    join : bool
        Join cells at the final points that are in pieces.
    progress : callable, optional
        Called as ``progress("sampling", rounds done, rounds)``.

    Raises
    ------
    ValueError
        If count, seed or rounds is out of range.
    """
    require_model(vae)
    require_flag("join", join)
    require_progress(progress)
    rounds = require_count("rounds", rounds, 0)
    rng = np.random.default_rng(require_count("seed", seed, 0))
    count = require_count("count", count)
    require_memory(16 * count * vae.shape[0] * vae.shape[1], f"{count:,} cells", "draw fewer")
    z = rng.standard_normal((count, vae.latent))
    for k in range(rounds):
        z = vae.encode(binarise(vae.decode(z), vae.quarter, walk=False, join=True).cells)
        progress("sampling", k + 1, rounds)
    return decode_cells(vae, z, join=join)


def principal_map(z: Any, fitted: int = 20_000) -> FloatArray:
    """First two principal components (n, 2) of latent points (n, latent), for maps (Fig. 8).

    Parameters
    ----------
    z : (n, latent) array
    fitted : int
        Approximate number of points that the components are fitted to.
    """
    points = require_array("z", z, finite=True)
    if points.ndim != 2 or min(points.shape) < 2:
        raise ValueError(
            f"z has shape {points.shape}; (n, latent) with two points and two dimensions at least "
            "is needed"
        )
    step = max(1, len(points) // require_count("fitted", fitted, 2))
    from sklearn.decomposition import PCA  # takes half a second to import

    return np.asarray(PCA(2).fit(points[::step]).transform(points))


class SimilarCells:
    """Search for the cells nearest in latent space, which are similar in shape (section 3.3).

    Parameters
    ----------
    z : (n, latent) array
    """

    def __init__(self, z: Any) -> None:
        points = require_array("z", z, finite=True)
        if points.ndim != 2 or 0 in points.shape:
            raise ValueError(f"z has shape {points.shape}; non-empty (n, latent) is needed")
        self._tree = cKDTree(points)

    def nearest(self, z: Any, k: int = 1) -> tuple[IntArray, FloatArray]:
        """Rows and distances (m, k) of the cells nearest to points (m, latent), nearest first.

        Raises
        ------
        ValueError
            If there are fewer than k cells.
        """
        k = require_count("k", k)
        if k > self._tree.n:
            raise ValueError(f"k is {k} but there are {self._tree.n} cells; lower k")
        points = np.atleast_2d(require_array("z", z, finite=True))
        if points.ndim != 2 or points.shape[1] != self._tree.m:
            raise ValueError(f"z has shape {points.shape}; (m, {self._tree.m}) is needed")
        distance, rows = self._tree.query(points, k=[*range(1, k + 1)], workers=-1)
        return np.asarray(rows), np.asarray(distance)


def _point(vae: CellVAE, name: str, value: Any) -> FloatArray:
    point = require_array(name, value, finite=True)
    if point.shape != (vae.latent,):
        raise ValueError(f"{name} has shape {point.shape}; ({vae.latent},) is needed")
    return point
