"""Strain and Cauchy stress at the centre of every solid pixel of a deformed body."""

from __future__ import annotations

import numpy as np

from metafast._base.typing import AnyArray, BoolArray, FloatArray
from metafast.material import Material
from metafast.structure.finite.body import FiniteBody
from metafast.structure.finite.laws import Law, at_points, law_of
from metafast.structure.nodes import corner_contacts, node_codes

_CHUNK = 65_536  # pixels at a time


def largest_strain(body: FiniteBody, u: FloatArray) -> float:
    """Largest change of a principal stretch from 1 at the pixels' centres."""
    largest = 0.0
    for chunk in _chunks(len(body.dofs)):
        f = _at_centres(u[body.dofs[chunk]], body.side)[0]
        squares = (f * f).sum(axis=(1, 2))
        det = f[:, 0, 0] * f[:, 1, 1] - f[:, 0, 1] * f[:, 1, 0]
        # (high + low)^2 and (high - low)^2 of the two stretches
        both, apart = np.sqrt(squares + 2.0 * det), np.sqrt(np.maximum(squares - 2.0 * det, 0.0))
        high, low = 0.5 * (both + apart), 0.5 * (both - apart)
        change = np.maximum(np.abs(high - 1.0), np.abs(low - 1.0))
        largest = max(largest, float(change.max(initial=0.0)))
    return largest


def cauchy_stresses(body: FiniteBody, u: FloatArray) -> tuple[AnyArray, AnyArray]:
    """Cauchy stress (ny, nx, 3) of every pixel and its von Mises value (ny, nx), zero in void."""
    cauchy = np.zeros((*body.element.shape, 3), np.float32)
    equivalent = np.zeros(body.element.shape, np.float32)
    for chunk in _chunks(len(body.dofs)):
        place = tuple(body.pixels[chunk].T)
        f, spread = _at_centres(u[body.dofs[chunk]], body.side)
        cauchy[place], equivalent[place] = _stresses(body.law, f, spread)
    return cauchy, equivalent


def stresses_of_field(
    field: FloatArray, solid: BoolArray, material: Material, law: str, side: int
) -> tuple[AnyArray, AnyArray]:
    """Stress (ny, nx, 3) at the centre of every pixel and its von Mises value, zero in void.

    NaN in the pixels of a corner contact, whose own displacement there a field does not have.

    Parameters
    ----------
    field : (ny+1, nx+1, 2) array
        Displacement of the pixel nodes in cell widths.
    solid : (ny, nx) bool array
    material : Material
    law : str
        Law at finite deformation, for Cauchy's stress; "linear" for small displacements.
    side : int
        Elements per cell side.
    """
    stress = np.zeros((*solid.shape, 3), np.float32)
    equivalent = np.zeros(solid.shape, np.float32)
    contacts = corner_contacts(node_codes(solid))
    places = np.argwhere(solid)
    for chunk in _chunks(len(places)):
        r, c = places[chunk].T
        i, j = np.stack([r + 1, r + 1, r, r], 1), np.stack([c, c + 1, c + 1, c], 1)
        f, spread = _at_centres(field[i, j].reshape(-1, 8), side)
        if law == "linear":
            found = _linear_stresses(material, f)
        else:
            found = _stresses(law_of(material, law), f, spread)
        unknown = contacts[i, j].any(axis=1)
        for target, values in zip((stress, equivalent), found, strict=True):
            values[unknown] = np.nan
            target[r, c] = values
    return stress, equivalent


def _linear_stresses(material: Material, f: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Stress (e, 3) of linear elasticity at displacement gradients f - 1, and von Mises (e,)."""
    strain = np.stack([f[:, 0, 0] - 1.0, f[:, 1, 1] - 1.0, f[:, 0, 1] + f[:, 1, 0]], axis=1)
    t = strain @ material.stiffness
    across = material.poisson * (t[:, 0] + t[:, 1]) if material.plane == "strain" else 0.0
    return t, _von_mises(t[:, 0], t[:, 1], t[:, 2], across)


def _von_mises(t11: AnyArray, t22: AnyArray, t12: AnyArray, t33: AnyArray | float) -> FloatArray:
    differences = (t11 - t22) ** 2 + (t22 - t33) ** 2 + (t33 - t11) ** 2
    return np.asarray(np.sqrt(0.5 * differences + 3.0 * t12 * t12))


def _chunks(count: int) -> list[slice]:
    return [slice(start, start + _CHUNK) for start in range(0, count, _CHUNK)]


def _at_centres(corners: FloatArray, side: int) -> tuple[FloatArray, FloatArray]:
    """Deformation gradient (e, 2, 2) at the centres, and how far the mean of tr E lies above it.

    Parameters
    ----------
    corners : (e, 8) array
        Displacement of the elements' corners.
    side : int
        Elements per cell side.
    """
    move = side * corners.reshape(-1, 4, 2)
    along = 0.5 * (move[:, 1] + move[:, 2] - move[:, 0] - move[:, 3])
    upward = 0.5 * (move[:, 2] + move[:, 3] - move[:, 0] - move[:, 1])
    twist = move[:, 0] - move[:, 1] + move[:, 2] - move[:, 3]
    return np.eye(2) + np.stack([along, upward], axis=2), (twist * twist).sum(axis=1) / 12.0


def _stresses(law: Law, f: FloatArray, spread: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Cauchy stress (e, 3) as 11, 22, 12, and its von Mises value (e,)."""
    point = at_points(law, f)
    det = np.maximum(f[:, 0, 0] * f[:, 1, 1] - f[:, 0, 1] * f[:, 1, 0], 1e-300)
    kirchhoff = point.stress @ f.transpose(0, 2, 1)
    trace = (f * f).sum(axis=(1, 2)) - 2.0  # twice that of E
    thick, across = np.ones(len(f)), np.zeros(len(f))
    if law.plane_strain:
        # the volume part of the element's energy: mean dilatation
        if law.neo_hookean:  # the mean of J is that at the centre
            across = law.lam * np.log(det)
            kirchhoff = kirchhoff + across[:, None, None] * np.eye(2)
        else:
            across = law.lam * (0.5 * trace + spread)
            kirchhoff = kirchhoff + across[:, None, None] * (f @ f.transpose(0, 2, 1))
    elif law.neo_hookean:
        thick = np.exp(0.5 * point.across)
    else:
        # E33 = -nu / (1 - nu) (E11 + E22), and d12 / d11 is nu
        thick = np.sqrt(np.maximum(1.0 - law.d12 / (law.d11 - law.d12) * trace, 1e-12))
    volume = det * thick
    t = kirchhoff / volume[:, None, None]
    t11, t22, t12, t33 = t[:, 0, 0], t[:, 1, 1], t[:, 0, 1], across / volume
    return np.stack([t11, t22, t12], axis=1), _von_mises(t11, t22, t12, t33)
