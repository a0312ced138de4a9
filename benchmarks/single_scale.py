"""Single-scale SIMP: a density for every pixel of a body, without cells or stages.

The peer that the paper names. Densities are smoothed and projected, and stiffness is
``E_min + (1 - E_min) rho^3``; the displacement objective, its adjoint gradient and MMA are those of
metafast's first stage, on one element per pixel. The solid share is bounded, as for compliant
mechanisms, since prescribed displacements alone ask for no stiffness. Pixels along the targets are
solid, so that there is something to measure and no target ends without a connection to the rest.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.ndimage import gaussian_filter

import metafast as mf
from metafast.inverse.filtering import project
from metafast.macro.fem import MacroModel
from metafast.macro.mma import MMA
from metafast.macro.objective import displacement_objective

POWER, SOFTEST = 3.0, 1e-6  # of SIMP; softer pixels make the stiffness singular to rounding
HALF = 3  # pixels on each side of the lines between target nodes that are solid


@dataclass(frozen=True)
class Settings:
    """Settings of the peer.

    iterations: in all, in equal parts for each of the sharpness values
    share: solid share at most
    smoothing: standard deviation of the filter, in pixels
    """

    iterations: int = 120
    share: float = 0.6
    smoothing: float = 2.0
    move: float = 0.1
    sharpness: tuple[float, ...] = (1.0, 2.0, 4.0, 8.0, 16.0, 32.0)


def pixel_problem(problem: mf.Problem, pixels: int) -> mf.Problem:
    """The problem with a macro element per pixel; supports vary linearly between macro nodes."""
    shape = (problem.rows * pixels + 1, problem.cols * pixels + 1, 2)
    held, aim = np.full(shape, np.nan), np.full(shape, np.nan)
    share = np.arange(pixels + 1)[:, None] / pixels
    given = problem.prescribed
    for r, c in np.ndindex(given.shape[:2]):
        held[r * pixels, c * pixels] = given[r, c]
        row, col = r * pixels, c * pixels
        if r < problem.rows:
            side = (1 - share) * given[r, c] + share * given[r + 1, c]  # NaN unless both are held
            held[row : row + pixels + 1, col] = _filled(held[row : row + pixels + 1, col], side)
        if c < problem.cols and (r in (0, problem.rows)):
            side = (1 - share) * given[r, c] + share * given[r, c + 1]
            held[row, col : col + pixels + 1] = _filled(held[row, col : col + pixels + 1], side)
    aim[::pixels, ::pixels] = problem.target
    return mf.Problem(problem.name, held, aim)


def _filled(values: np.ndarray, further: np.ndarray) -> np.ndarray:
    return np.where(np.isnan(values), further, values)


def strips(problem: mf.Problem, pixels: int) -> np.ndarray:
    """Pixels that are solid whatever is designed: around target nodes and from one to the next."""
    rows, cols = problem.rows * pixels, problem.cols * pixels
    solid = np.zeros((rows, cols), dtype=bool)
    wanted = problem.wanted.any(axis=-1)
    for r, c in np.argwhere(wanted):
        for down, right in ((0, 0), (0, 1), (1, 0)):
            if not wanted[r : r + down + 1, c : c + right + 1].all():
                continue
            top, left = r * pixels - HALF, c * pixels - HALF
            bottom, end = (r + down) * pixels + HALF, (c + right) * pixels + HALF
            solid[max(top, 0) : bottom, max(left, 0) : end] = True
    return solid


class SingleScale:
    """Densities of all pixels, and the objective with its gradient.

    Parameters
    ----------
    problem : metafast.Problem
    settings : Settings
    pixels : int
        Per cell side.
    """

    def __init__(self, problem: mf.Problem, settings: Settings, pixels: int = 50) -> None:
        self.settings, self.pixels = settings, pixels
        self.model = MacroModel(pixel_problem(problem, pixels))
        self.solid = strips(problem, pixels)
        solid = mf.Phases().solid.stiffness
        self._stiffness = np.array([solid[0, 0], solid[0, 1], solid[1, 1], solid[2, 2]])

    def density(self, x: np.ndarray, sharpness: float) -> tuple[np.ndarray, np.ndarray]:
        """Densities of variables (rows, cols), and their slope by the smoothed variables."""
        value, slope = project(gaussian_filter(x, self.settings.smoothing), sharpness)
        return np.where(self.solid, 1.0, value), np.where(self.solid, 0.0, slope)

    def objective(self, x: np.ndarray, sharpness: float) -> tuple[float, np.ndarray, np.ndarray]:
        """Squared deviation from the targets, its gradient, and the densities."""
        rho, slope = self.density(x, sharpness)
        scale = SOFTEST + (1 - SOFTEST) * rho**POWER
        value, by_property, _ = displacement_objective(
            self.model, scale.reshape(-1, 1) * self._stiffness
        )
        by_scale = (by_property @ self._stiffness).reshape(rho.shape)
        by_rho = by_scale * (1 - SOFTEST) * POWER * rho ** (POWER - 1)
        return value, gaussian_filter(by_rho * slope, self.settings.smoothing), rho

    def share(self, x: np.ndarray, sharpness: float) -> tuple[float, np.ndarray]:
        """Solid share less its bound, relative to it, with its gradient."""
        rho, slope = self.density(x, sharpness)
        bound = self.settings.share
        gradient = gaussian_filter(slope, self.settings.smoothing) / (bound * rho.size)
        return rho.mean() / bound - 1, gradient

    def rrmse(self, value: float) -> float:
        """Relative error of a value of the objective."""
        return float(np.sqrt(value / (self.model.target_values**2).sum()))

    def run(self, report: Callable[[int, float, np.ndarray], None]) -> np.ndarray:
        """Optimise; ``report(iteration, objective, densities)`` is called each time."""
        settings = self.settings
        x = np.full(self.solid.shape, settings.share)
        part = -(-settings.iterations // len(settings.sharpness))
        rho, first = x, None
        for done in range(settings.iterations):
            sharpness = settings.sharpness[done // part]
            if done % part == 0:  # another problem: the asymptotes start anew
                mma = MMA(np.zeros(x.size), np.ones(x.size), move=settings.move)
            value, gradient, rho = self.objective(x, sharpness)
            first = first or value
            report(done, value, rho)
            share, slope = self.share(x, sharpness)
            step = mma.step(x.ravel(), 100 / first * gradient.ravel(), share, slope.ravel())
            x = step.reshape(x.shape)
        value, _, rho = self.objective(x, settings.sharpness[-1])
        report(settings.iterations, value, rho)
        return rho
