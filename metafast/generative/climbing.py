"""Curved arrows: walks in latent space along which a property rises at every cell (section 4.1).

A straight arrow is one direction for the whole latent space, but a linear function explains only a
tenth of Poisson's ratio, for instance. Here the direction is the derivative at the current point,
and a cell joins the walk only if its own, recomputed property is higher than the last cell's.

The derivative comes from homogenization: the displacements that give a grey decoded cell its
stiffness also give each pixel's share in it, and the chain rule through the decoder turns these
into the exact derivative by the latent point. The regressor's derivative is less reliable: it is
fitted to training cells, among which soft ones count little.
"""

from __future__ import annotations

import math
from dataclasses import fields
from typing import Any

import numpy as np

from metafast._base.progress import Progress, silent
from metafast._base.typing import BoolArray, FloatArray
from metafast.cells.symmetry import mirror
from metafast.generative.decoding import DecodedCells, decode_cells
from metafast.generative.vae import CellVAE
from metafast.homogenization import properties_of, simp_sensitivities
from metafast.properties.names import PROPERTIES, derivative_of, value_of

_GROUP = 256  # walks that advance together
_MOVES = 5  # moves per spacing, each along a new direction
_LEAST, _MOST = 0.6, 3.0  # distance at which the next cell is searched, in spacings
_RISE = 1e-6  # least rise, of ratios or in units of E; softer cells carry nothing
_SOFT = 1e-3  # stiffness in units of E below which relative changes of a cell count less
_ENCODED = 2  # strategy from which on the walk starts from the last cell, encoded again
_STRATEGIES = 4  # keep the stiffness, steepest; then both from the encoded cell
_LEVEL = 0.7  # probability at which a pixel is half solid: thresholds lie between 0.5 and 0.9
_ENTRIES = ((0, 0), (0, 1), (1, 1), (2, 2))  # C11, C12, C22, C33 in the stiffness matrix
_CELL = [field.name for field in fields(DecodedCells)].index("cells")


def ascend_property(
    vae: CellVAE,
    starts: FloatArray,
    name: str,
    length: float,
    count: int,
    *,
    join: bool = True,
    group: int = _GROUP,
    progress: Progress = silent,
) -> list[DecodedCells]:
    """Walks of at most `count` cells from starts (m, latent), as `latent.ascend` describes them.

    Parameters
    ----------
    vae : CellVAE
    starts : (m, latent) array
    name : str
        Property to raise, or to lower if `length` is negative.
    length : float
        ``count - 1`` times the spacing of the cells, roughly.
    count : int
    join : bool
    group : int
        Walks that advance together.
    progress : callable
    """
    walks: list[DecodedCells] = []
    for k in range(0, len(starts), group):
        walks += _ascend_group(vae, starts[k : k + group], name, length, count, join)
        progress("climbing", len(walks), len(starts))
    return walks


def _ascend_group(
    vae: CellVAE, starts: FloatArray, name: str, length: float, count: int, join: bool
) -> list[DecodedCells]:
    """Walks that advance together, each with its own strategy."""
    sign, spacing = np.sign(length), abs(length) / (count - 1)
    rise = _RISE * (vae.phases.solid.young if name in PROPERTIES else 1.0)
    first = decode_cells(vae, starts, join=join)
    walks = [[_row(first, k)] for k in range(len(starts))]
    value = np.where(_is_load_bearing(vae, first), sign * value_of(first.properties, name), -np.inf)
    base, z = starts.copy(), starts.copy()  # point of the last cell, current point
    moves, strategy = np.zeros(len(z), dtype=int), np.zeros(len(z), dtype=int)
    while True:
        unfinished = np.array([len(cells) < count for cells in walks])
        rows = np.flatnonzero(unfinished & (strategy < _STRATEGIES))
        if not len(rows):
            return [DecodedCells(*map(np.stack, zip(*cells, strict=True))) for cells in walks]
        keep_stiff = strategy[rows] % 2 == 0
        z[rows] += spacing / _MOVES * _directions(vae, z[rows], name, sign, keep_stiff)
        moves[rows] += 1
        rows = rows[moves[rows] >= _LEAST * _MOVES]
        if not len(rows):
            continue
        trial = decode_cells(vae, z[rows], join=join)
        trial_value = sign * value_of(trial.properties, name)
        higher = _is_load_bearing(vae, trial) & (trial_value > value[rows] + rise)
        for k in np.flatnonzero(higher):
            walks[rows[k]].append(_row(trial, int(k)))
        risen, lost = rows[higher], rows[~higher & (moves[rows] >= _MOST * _MOVES)]
        value[risen], base[risen] = trial_value[higher], z[risen]
        strategy[risen], strategy[lost] = 0, strategy[lost] + 1
        z[lost] = base[lost]
        encoded = lost[strategy[lost] == _ENCODED]
        if len(encoded):
            z[encoded] = base[encoded] = vae.encode(
                np.stack([walks[k][-1][_CELL] for k in encoded])
            )
        moves[risen] = moves[lost] = 0


def _directions(
    vae: CellVAE, z: FloatArray, name: str, sign: float, keep_stiff: BoolArray
) -> FloatArray:
    """Unit vectors (n, latent) along which the property rises, or falls if `sign` is negative.

    Rows of `keep_stiff` lose the component that would lower the product of C11 and C22.
    """
    c, slope = property_sensitivities(vae, z)
    firm = c.copy()
    firm[:, [0, 2]] += _SOFT * vae.phases.solid.young
    up = sign * np.einsum("nk,nkl->nl", derivative_of(firm, name), slope)
    product = slope[:, 0] / firm[:, :1] + slope[:, 2] / firm[:, 2:3]  # derivative of log(C11 C22)
    along = (up * product).sum(axis=1) / np.maximum((product**2).sum(axis=1), 1e-300)
    up -= np.where(keep_stiff & (along < 0.0), along, 0.0)[:, None] * product
    return np.asarray(up / np.maximum(np.linalg.norm(up, axis=1, keepdims=True), 1e-300))


def _is_load_bearing(vae: CellVAE, decoded: DecodedCells) -> BoolArray:
    """Whether each cell (n,) is in one piece and carries load along both axes of its lattice."""
    carries = decoded.properties[:, [0, 2]] > _RISE * vae.phases.solid.young
    return np.asarray(decoded.connected & carries.all(axis=1))


def _row(decoded: DecodedCells, k: int) -> tuple[Any, ...]:
    return tuple(getattr(decoded, field.name)[k] for field in fields(decoded))


def property_sensitivities(vae: CellVAE, z: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Properties (n, 4) of grey decoded cells, and their derivatives (n, 4, latent) by the point.

    A pixel's density is its probability with the odds lowered such that a probability of 0.7 is
    half solid; its stiffness is proportional to its density.

    Parameters
    ----------
    vae : CellVAE
    z : (n, latent) array
    """
    import torch

    networks = vae.networks
    device = next(networks.parameters()).device
    point = torch.from_numpy(np.asarray(z, dtype=np.float32)).to(device).requires_grad_()
    with torch.enable_grad():
        density = torch.sigmoid(networks.decode(point)[:, 0] - math.log(_LEVEL / (1.0 - _LEVEL)))
    grey = density.detach().cpu().numpy().astype(float)
    stiffness, derivative = simp_sensitivities(
        mirror(grey) if vae.quarter else grey, vae.phases, penalty=1.0
    )
    by_point = np.empty((len(grey), len(_ENTRIES), vae.latent))
    for k, (i, j) in enumerate(_ENTRIES):
        by_pixel = derivative[:, i, j]
        if vae.quarter:
            by_pixel = _folded(by_pixel)
        weight = torch.from_numpy(np.ascontiguousarray(by_pixel, dtype=np.float32)).to(device)
        slope = torch.autograd.grad(density, point, weight, retain_graph=True)[0]
        by_point[:, k] = slope.cpu().numpy()
    return properties_of(stiffness), by_point


def _folded(by_pixel: FloatArray) -> FloatArray:
    """Sums (n, h/2, w/2) over each pixel of the quarter and its mirror images."""
    h, w = by_pixel.shape[1] // 2, by_pixel.shape[2] // 2
    across = by_pixel + by_pixel[:, :, ::-1]
    return np.asarray((across + across[:, ::-1])[:, :h, :w])
