"""Curved arrows: walks along which a property rises, whatever way that is (section 4.1).

A straight arrow is one direction for the whole latent space, but of Poisson's ratio, say, a linear
function explains a tenth. So here the direction is the derivative at the point, and a cell joins
the walk only if its own, recomputed property is higher than that of the one before.
"""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import numpy as np

from metafast._base.checks import require_array, require_count, require_number
from metafast._base.progress import Progress, silent
from metafast._base.typing import BoolArray, FloatArray
from metafast.generative.decoding import DecodedCells, decode_cells
from metafast.generative.sensitivities import property_sensitivities
from metafast.generative.vae import CellVAE
from metafast.properties.names import PROPERTIES, derivative_of, require_name, value_of

_TOGETHER = 256  # walks that advance at once
_MOVES = 5  # to a spacing; at each the direction is new
_LEAST, _MOST = 0.6, 3.0  # how far the next cell is looked for, in spacings
_RISE = 1e-6  # that counts, of ratios or in units of E; what is softer carries nothing
_SOFT = 1e-3  # stiffness in units of E, below which a cell's relative changes count less
_WAYS = 4  # keeping the cell stiff, steepest; both again from where the encoder sees the cell
_ENCODED = 2
_CELL = [field.name for field in fields(DecodedCells)].index("cells")


def climb(
    vae: CellVAE,
    starts: Any,
    name: str,
    length: float = 1.5,
    steps: int = 4,
    *,
    join: bool = True,
    progress: Progress = silent,
) -> list[DecodedCells]:
    """Walks to whole cells with ever more of a property, one from each start.

    The direction is the derivative of the property by the latent point, from homogenization of
    the grey decoded cell, and follows the point. What lowers the product of C11 and C22 is first
    taken out of it, lest the cell be torn; only where no cell is found so is the direction the
    derivative itself, and where there is none either, both are tried again from the last cell
    encoded anew. A cell belongs to the walk if it is in one piece, carries load in both directions,
    and its recomputed property is higher than that of the cell before. Each is read at the highest
    threshold at which it is whole by itself.

    Parameters
    ----------
    vae : CellVAE
    starts : (m, latent) array
    name : {"C11", "C12", "C22", "C33", "poisson", "anisotropy"}
        As in `property_arrow`.
    length : float
        Says how far apart cells are, in standard deviations of the prior: the next is looked for
        along the way from 0.6 to 3 times ``|length| / (steps - 1)``, and mostly found soon, so
        that the walk is rather shorter. If negative, the property falls.
    steps : int
        Cells, the start's own included; at least two.
    join : bool
        Join cells that no threshold gives in one piece. If not, walks end earlier.
    progress : callable, optional
        Called as ``progress("climbing", walks done, m)``.

    Returns
    -------
    list of m DecodedCells
        Each of at most `steps` cells, first the start's own. If that one is not whole, any whole
        one counts as higher. There are fewer cells where none higher was found, as at the ends of
        what cells can have.

    Raises
    ------
    ValueError
        If starts is not (m, latent) of finite numbers, the name is unknown, the length zero, steps
        below two, or the model's void too soft for displacements (below 1e-10 of the solid).
    """
    points = require_array("starts", starts)
    if points.ndim != 2 or points.shape[1] != vae.latent:
        raise ValueError(f"starts has shape {points.shape}; (m, {vae.latent}) is needed")
    require_name(name)
    count, reach = require_count("steps", steps, 2), require_number("length", length)
    if reach == 0.0:
        raise ValueError("length is 0; give one above it to climb, one below it to descend")
    walks: list[DecodedCells] = []
    for k in range(0, len(points), _TOGETHER):
        walks += _climb_together(vae, points[k : k + _TOGETHER], name, reach, count, join)
        progress("climbing", len(walks), len(points))
    return walks


def _climb_together(
    vae: CellVAE, starts: FloatArray, name: str, reach: float, count: int, join: bool
) -> list[DecodedCells]:
    sign, spacing = np.sign(reach), abs(reach) / (count - 1)
    here = decode_cells(vae, starts, join=join)
    found = [[_row(here, k)] for k in range(len(starts))]
    value = np.where(_sound(vae, here), sign * value_of(here.properties, name), -np.inf)
    rise = _RISE * (vae.phases.solid.young if name in PROPERTIES else 1.0)
    base, z = starts.copy(), starts.copy()
    moves, way = np.zeros(len(z), dtype=int), np.zeros(len(z), dtype=int)
    while True:
        live = np.array([len(cells) < count for cells in found]) & (way < _WAYS)
        rows = np.flatnonzero(live)
        if not len(rows):
            return [DecodedCells(*map(np.stack, zip(*cells, strict=True))) for cells in found]
        z[rows] += spacing / _MOVES * _directions(vae, z[rows], name, sign, way[rows] % 2 == 0)
        moves[rows] += 1
        rows = rows[moves[rows] >= _LEAST * _MOVES]
        if not len(rows):
            continue
        here = decode_cells(vae, z[rows], join=join)
        there = sign * value_of(here.properties, name)
        higher = _sound(vae, here) & (there > value[rows] + rise)
        for k in np.flatnonzero(higher):
            found[rows[k]].append(_row(here, int(k)))
        good, lost = rows[higher], rows[~higher & (moves[rows] >= _MOST * _MOVES)]
        value[good], base[good] = there[higher], z[good]
        way[good], way[lost] = 0, way[lost] + 1
        z[lost] = base[lost]
        again = lost[way[lost] == _ENCODED]
        if len(again):
            last = np.stack([found[k][-1][_CELL] for k in again])
            z[again] = base[again] = vae.encode(last)
        moves[good] = moves[lost] = 0


def _directions(
    vae: CellVAE, z: FloatArray, name: str, sign: float, stiff: BoolArray
) -> FloatArray:
    """Unit vectors (n, latent) along which the property rises, or falls if the sign is below 0."""
    c, slope = property_sensitivities(vae, z)
    firm = c.copy()
    firm[:, [0, 2]] += _SOFT * vae.phases.solid.young
    up = sign * np.einsum("nk,nkl->nl", derivative_of(firm, name), slope)
    product = slope[:, 0] / firm[:, :1] + slope[:, 2] / firm[:, 2:3]  # of log(C11 C22)
    along = (up * product).sum(axis=1) / np.maximum((product**2).sum(axis=1), 1e-300)
    up -= np.where(stiff & (along < 0.0), along, 0.0)[:, None] * product
    return np.asarray(up / np.maximum(np.linalg.norm(up, axis=1, keepdims=True), 1e-300))


def _sound(vae: CellVAE, made: DecodedCells) -> BoolArray:
    """Which cells (n,) are whole and hang together when repeated (mirror-symmetric ones do)."""
    carries = made.properties[:, [0, 2]] > _RISE * vae.phases.solid.young
    return np.asarray(made.connected & carries.all(axis=1))


def _row(made: DecodedCells, k: int) -> tuple[Any, ...]:
    return tuple(getattr(made, field.name)[k] for field in fields(made))
