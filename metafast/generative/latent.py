"""What the latent space can do: arrows, walks, interpolation, samples, maps (sections 3.3 and 4.1).

Everything that a walk returns is decoded, repaired and homogenized: properties along a path are
those of the binary cells, never the regressor's.
"""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from scipy.spatial import cKDTree
from sklearn.decomposition import PCA

from metafast._base.checks import require_array, require_count, require_number, require_properties
from metafast._base.typing import BoolArray, FloatArray, IntArray
from metafast.generative.climbing import climb
from metafast.generative.decoding import DecodedCells, decode_cells
from metafast.generative.reading import read_cells
from metafast.generative.vae import CellVAE
from metafast.properties.names import PROPERTIES, require_name, value_of

__all__ = [
    "PROPERTIES",
    "SimilarCells",
    "anisotropy_arrow",
    "climb",
    "interpolate",
    "principal_map",
    "property_arrow",
    "sample",
    "traverse",
]

_SHARE = 0.3  # section 4.1: top and bottom 30 %
_RATIO = 2.0  # section 4.1: C22/C11 or C11/C22 above it is anisotropic


def property_arrow(
    z: Any, properties: Any, name: str, *, method: Literal["means", "slope"] = "means"
) -> FloatArray:
    """Unit vector from cells with little of a property to those with much (Fig. 9).

    Parameters
    ----------
    z : (n, latent) array
    properties : (n, 4) array
        C11, C12, C22, C33 of the same cells.
    name : {"C11", "C12", "C22", "C33", "poisson", "anisotropy"}
        "poisson" is C12/C22, Poisson's ratio under stress along 1; "anisotropy" points from cells
        with C11/C22 above 2 to cells with C22/C11 above 2 (Fig. 10).
    method : {"means", "slope"}
        "means", the paper's: mean of the 30 % with most minus mean of the 30 % with least. It also
        follows what goes along with the property in these cells. "slope" is the direction in which
        the property rises fastest, by least squares; of anisotropy its logarithm.

    Returns
    -------
    (latent,) array
        Of length 1.

    Raises
    ------
    ValueError
        If the name or the method is unknown or there are too few cells.
    """
    points, values = require_array("z", z), require_properties(properties)
    if points.ndim != 2 or len(points) != len(values):
        raise ValueError(
            f"z has shape {points.shape} but there are {len(values)} rows of properties"
        )
    if method not in ("means", "slope"):
        raise ValueError(f"method is {method!r}; use 'means' or 'slope'")
    value, high, low = _much_and_little(values, name)
    if not high.any() or not low.any():
        raise ValueError(f"no cells with much or with little {name} among {len(values)}; give more")
    if method == "slope":
        centred = points - points.mean(axis=0)
        arrow = np.linalg.lstsq(centred, value - value.mean(), rcond=None)[0]
    else:
        arrow = points[high].mean(axis=0) - points[low].mean(axis=0)
    length = float(np.linalg.norm(arrow))
    if length == 0.0:
        raise ValueError(f"cells with much and with little {name} have the same mean in z")
    return np.asarray(arrow / length)


def _much_and_little(c: FloatArray, name: str) -> tuple[FloatArray, BoolArray, BoolArray]:
    """A property (n,) of cells, and which have much and little of it."""
    value = value_of(c, require_name(name))
    if name == "anisotropy":
        return value, value > np.log(_RATIO), value < -np.log(_RATIO)
    high = value >= np.quantile(value, 1.0 - _SHARE)
    return value, high, value <= np.quantile(value, _SHARE)


def anisotropy_arrow(z: Any, properties: Any) -> FloatArray:
    """`property_arrow` of "anisotropy": towards cells that are stiffer along 2 (Fig. 10)."""
    return property_arrow(z, properties, "anisotropy")


def traverse(
    vae: CellVAE, start: Any, direction: Any, length: float, steps: int, *, join: bool = False
) -> DecodedCells:
    """Cells along a straight walk from `start` (Figs. 7, 9 and 10).

    Parameters
    ----------
    vae : CellVAE
    start, direction : (latent,) array
    length : float
        Of the whole walk, in units of `direction`; the prior has standard deviation 1.
    steps : int
        Cells, both ends included.
    join : bool
        Join cells that are in pieces. Mirror-symmetric ones are all whole then, but a bar more or
        less makes a property jump: without, cells in pieces have next to no stiffness and walks
        rise more steadily.
    """
    reach = require_number("length", length)
    along = np.linspace(0.0, reach, require_count("steps", steps))
    first, way = (_point(vae, n, v) for n, v in (("start", start), ("direction", direction)))
    return decode_cells(vae, first + along[:, None] * way, walk=True, join=join)


def interpolate(
    vae: CellVAE, first: Any, last: Any, steps: int, *, join: bool = False
) -> DecodedCells:
    """Cells on the straight line between two points (section 3.3); `join` as in `traverse`."""
    a, b = _point(vae, "first", first), _point(vae, "last", last)
    return traverse(vae, a, b - a, 1.0, steps, join=join)


def sample(
    vae: CellVAE, count: int, seed: int = 0, *, rounds: int = 3, join: bool = True
) -> DecodedCells:
    """Random cells (Fig. 6c).

    Parameters
    ----------
    vae : CellVAE
    count : int
    seed : int
    rounds : int
        The points are drawn from the prior, as in the paper. Many lie between the cells that the
        model knows, and are decoded to something blurred or in pieces. Each round decodes, repairs,
        joins and encodes again, which moves a point to where such a cell is: steps of the Markov
        chain of a denoising autoencoder (Bengio et al. 2013). 0 leaves the points where they are.
    join : bool
        Join the cells at the final points that are in pieces.
    """
    rounds = require_count("rounds", rounds, 0)
    rng = np.random.default_rng(seed)
    z = rng.standard_normal((require_count("count", count), vae.latent))
    for _ in range(rounds):
        z = vae.encode(read_cells(vae.decode(z), vae.quarter, walk=False, join=True)[0])
    return decode_cells(vae, z, join=join)


def principal_map(z: Any, fitted: int = 20_000) -> FloatArray:
    """First two principal components (n, 2) of latent points, for maps (Fig. 8)."""
    points = require_array("z", z)
    step = max(1, len(points) // fitted)
    return np.asarray(PCA(2).fit(points[::step]).transform(points))


class SimilarCells:
    """Cells that are near in latent space, which is near in shape (section 3.3).

    Parameters
    ----------
    z : (n, latent) array
    """

    def __init__(self, z: Any) -> None:
        self._tree = cKDTree(require_array("z", z))

    def nearest(self, z: Any, k: int = 1) -> tuple[IntArray, FloatArray]:
        """Rows and distances (m, k) of the cells nearest to points (m, latent), nearest first."""
        k = require_count("k", k)
        if k > self._tree.n:
            raise ValueError(f"k is {k} but there are {self._tree.n} cells; lower k")
        distance, rows = self._tree.query(np.atleast_2d(z), k=[*range(1, k + 1)], workers=-1)
        return np.asarray(rows), np.asarray(distance)


def _point(vae: CellVAE, name: str, value: Any) -> FloatArray:
    point = require_array(name, value)
    if point.shape != (vae.latent,):
        raise ValueError(f"{name} has shape {point.shape}; ({vae.latent},) is needed")
    return point
