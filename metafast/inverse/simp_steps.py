"""SIMP steps for a chunk of designs, and the final cut into binary cells (section 3.2).

The first axis of every array counts designs, which share nothing but the options; x (n, q, q) are
the variables, rho the projected densities of the quarters.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from metafast import q4
from metafast._base.typing import BoolArray, ByteArray, FloatArray
from metafast.cells.repair import Limits, repair
from metafast.homogenization.effective import homogenize_quarters, properties_of
from metafast.homogenization.engine import solve_densities
from metafast.inverse.filtering import project, smooth
from metafast.phases import Phases

_WEIGHTS = np.array([1.0, 2.0, 1.0, 1.0])  # C12 appears twice in the matrix
_FROM_PAIRS = [0, 3, 1, 2]  # energies of 11, 11-22, 22, 12: derivatives of C11, C12, C22, C33
_STEP, _DECAY, _SQUARE_DECAY = 0.3, 0.9, 0.98  # Adam
_FLATTEST, _STEEPEST = 1.5, 50.0  # projection
_FARTHEST = 6.0  # |x|, where the sigmoid is within 0.25 % of 0 or 1
_VOLUME_PENALTY, _VOLUME_STEP = 30.0, 4.0  # augmented Lagrangian
_LEVELS = np.linspace(0.3, 0.7, 9)  # densities at which a design is cut


class DesignedCells(NamedTuple):
    """Quarters (n, q, q) of one chunk, and the fields of `InverseResult` that describe them."""

    quarters: ByteArray
    properties: FloatArray
    error: FloatArray
    sound: BoolArray
    history: FloatArray


@dataclass(frozen=True)
class SimpOptions:
    """Options that all designs share."""

    phases: Phases
    iterations: int
    penalty: float
    filter_width: float
    limits: Limits
    threads: int


@dataclass(frozen=True)
class Residual:
    """Weighted deviation from the targets; free components have weight 0."""

    targets: FloatArray
    weights: FloatArray
    scale: FloatArray

    @classmethod
    def of(cls, targets: FloatArray) -> Residual:
        """Residual of targets (n, 4), NaN for free components."""
        weights = np.where(np.isnan(targets), 0.0, _WEIGHTS)
        known = np.nan_to_num(targets)
        return cls(known, weights, (weights * known**2).sum(axis=1))

    def error(self, properties: FloatArray, rows: Any = slice(None)) -> FloatArray:
        """Relative error ``|C - C*| / |C*|``, shape (n,)."""
        gap = self.weights[rows] * (properties - self.targets[rows]) ** 2
        return np.asarray(np.sqrt(gap.sum(axis=1) / self.scale[rows]))

    def slope(self, properties: FloatArray) -> FloatArray:
        """Derivatives (n, 4) of the squared error with respect to the properties."""
        gap = properties - self.targets
        return np.asarray(2.0 * self.weights * gap / self.scale[:, None])


def design_chunk(
    targets: FloatArray, volume: FloatArray, start: FloatArray, options: SimpOptions
) -> DesignedCells:
    """Optimise one chunk of designs from the densities `start` (n, q, q) of their quarters."""
    residual = Residual.of(targets)
    x = np.log(start / (1.0 - start))
    mean, square = np.zeros_like(x), np.zeros_like(x)
    volume = np.minimum(volume, 1.0)  # a bound of 1 never binds
    multiplier = np.zeros(len(x))
    history = np.empty((options.iterations, len(x)))
    for k in range(options.iterations):
        beta = _FLATTEST * (_STEEPEST / _FLATTEST) ** (k / options.iterations)
        slope = lagrangian_slope(x, beta, residual, volume, multiplier, options)
        history[k] = slope.error
        multiplier = np.maximum(multiplier + _VOLUME_STEP * (slope.share - volume), 0.0)
        mean = _DECAY * mean + (1.0 - _DECAY) * slope.gradient
        square = _SQUARE_DECAY * square + (1.0 - _SQUARE_DECAY) * slope.gradient**2
        size = np.sqrt(square / (1.0 - _SQUARE_DECAY ** (k + 1))) + 1e-6
        x -= _STEP * mean / (1.0 - _DECAY ** (k + 1)) / size
        np.clip(x, -_FARTHEST, _FARTHEST, out=x)
    density = smooth(_sigmoid(x), options.filter_width)
    return _cut(density, residual, volume, history, options)


class Slope(NamedTuple):
    """Error and gradient of the grey designs.

    Attributes
    ----------
    error, share : (n,) arrays
        Relative error, and mean density.
    gradient : (n, q, q) array
        Derivative of the squared error and the volume terms with respect to x, times q^2.
    """

    error: FloatArray
    share: FloatArray
    gradient: FloatArray


def lagrangian_slope(
    x: FloatArray,
    beta: float,
    residual: Residual,
    volume: FloatArray,
    multiplier: FloatArray,
    options: SimpOptions,
) -> Slope:
    """Error, share and gradient of ``error^2 + max(0, m + c g)^2 / 2c``, ``g = share - volume``."""
    raw, ratio, p = _sigmoid(x), options.phases.ratio, options.penalty
    rho, step = project(smooth(raw, options.filter_width), beta)
    properties, energies = _solve(ratio + rho**p * (1.0 - ratio), options)
    by_stiffness = np.einsum("nk,nkij->nij", residual.slope(properties), energies)
    by_density = by_stiffness * p * rho ** (p - 1.0) * (1.0 - ratio)
    share = rho.mean(axis=(1, 2))
    force = np.maximum(multiplier + _VOLUME_PENALTY * (share - volume), 0.0)
    by_density += force[:, None, None]
    gradient = smooth(by_density * step, options.filter_width) * raw * (1.0 - raw)
    return Slope(residual.error(properties), share, gradient)


def _sigmoid(x: FloatArray) -> FloatArray:
    return np.asarray(1.0 / (1.0 + np.exp(-x)))


def _solve(scaled: FloatArray, options: SimpOptions) -> tuple[FloatArray, FloatArray]:
    """Properties (n, 4), and q^2 times their derivatives (n, 4, q, q) by the element stiffness."""
    n, q, _ = scaled.shape
    properties, energies = np.empty((n, 4)), np.empty((n, 4, q, q))
    element = q4.stiffness(options.phases.solid.stiffness)
    solved = solve_densities(scaled, element, "quarter", options.threads, "energies")
    for part, fields in solved:
        properties[part] = properties_of(fields.stiffness)
        energies[part] = fields.energies[:, 0, _FROM_PAIRS]
    return properties, energies


def _cuts(density: FloatArray, volume: FloatArray) -> Iterator[ByteArray]:
    """Binary quarters at several levels, none low enough to exceed the volume bound."""
    n, q, _ = density.shape
    ordered = np.sort(density.reshape(n, -1), axis=1)
    kept = np.clip(q * q - np.floor(volume * q * q).astype(int) - 1, -1, q * q - 1)
    lowest = np.where(kept < 0, 0.0, np.take_along_axis(ordered, kept[:, None], 1)[:, 0])
    for level in _LEVELS:
        yield (density > np.maximum(level, lowest)[:, None, None]).astype(np.uint8)


def _cut(
    density: FloatArray,
    residual: Residual,
    volume: FloatArray,
    history: FloatArray,
    options: SimpOptions,
) -> DesignedCells:
    """Best sound cell among several cuts of each density."""
    n = len(density)
    quarters = (density > 0.5).astype(np.uint8)
    error, sound = np.full(n, np.inf), np.zeros(n, dtype=bool)
    for cut in _cuts(density, volume):
        good = repair(cut, options.limits, options.threads)
        good &= cut.mean(axis=(1, 2)) <= volume
        rows = np.flatnonzero(good)
        if len(rows):
            own = residual.error(_recomputed(cut[rows], options), rows)
            better = rows[own < error[rows]]
            error[better] = own[own < error[rows]]
            quarters[better], sound[better] = cut[better], True
    properties = _recomputed(quarters, options)
    return DesignedCells(quarters, properties, residual.error(properties), sound, history)


def _recomputed(quarters: ByteArray, options: SimpOptions) -> FloatArray:
    """Properties (n, 4) of binary quarters."""
    return properties_of(homogenize_quarters(quarters, options.phases, options.threads))
