"""Single-scale SIMP with target displacements, the baseline that the paper names, at pixel level.

A density per pixel instead of a cell from a database. Variables x are smoothed by a Gaussian and
projected to densities rho at a threshold t, 1/2 for the body itself; the method of moving
asymptotes lowers

    E = |u - u_t|^2 / |u_t|^2    with    mean(rho) <= share    and    W >= stiffness * W(solid)

Supports that prescribe displacements only do not see how stiff a body is, and uniform grey does
what solid does. So the solid share is bounded, as for compliant mechanisms (Sigmund 1997), and the
strain energy W of the prescribed displacements from below, which keeps the body in one piece. With
both, grey does not pay.

Plain SIMP has one threshold. Thin grey links carry what small targets need, and the body falls
apart when it is cut into black and white. The robust variant lowers the mean error of the body and
of an eroded one, of a higher threshold, in which such links are gone (Wang et al. 2011).

O. Sigmund, Mech. Struct. Mach. 25 (1997) 493-524, doi:10.1080/08905459708945415;
F. Wang, B. S. Lazarov, O. Sigmund, SMO 43 (2011) 767-784, doi:10.1007/s00158-010-0602-y.
"""

import time
from dataclasses import dataclass, field

import numpy as np
from grey_body import GreyBody
from scipy.ndimage import gaussian_filter

from metafast.macro.mma import MMA

__all__ = ["GreyBody", "SimpSettings", "State", "densities", "greyness", "optimise"]

TOLERANCE = 1e-2  # of the constraints, in densities that count
SHORTER, LONGER = 0.7, 1.1  # move limits after an error that rose and one that did not
SHORTEST = 0.05  # move limit, relative to the longest


@dataclass(frozen=True)
class SimpSettings:
    """Settings of one optimisation: the best of some 30 runs on a bridge of 4x12 small cells.

    iterations, steepest, settled: of the projection, whose steepness grows from 1 to the steepest
        and stays there in the last `settled` share of the iterations
    share, stiffness: bounds of the solid share, and of the energy relative to the solid's
    width: deviation of the filter in pixels; that of a cone of radius R is 0.39 R
    penalty, void: p and e
    erosion: the second body is cut higher than at 1/2 by this; 0 for one body
    move, reach: longest step of a variable, and of a projected density
    patch, foundation, spring: half a side of the solid at a target, in cells; stiffness of the
        springs on each corner of a pixel that a target is read from, and on those of the solid
    """

    iterations: int = 100
    steepest: float = 64.0
    settled: float = 0.5
    share: float = 0.5
    stiffness: float = 0.1
    width: float = 1.5
    penalty: float = 3.0
    void: float = 1e-9
    erosion: float = 0.2
    move: float = 0.2
    reach: float = 1.0
    patch: float = 0.04
    foundation: float = 1e-10
    spring: float = 1e-9

    def beta(self, k):
        """Steepness of the projection at iteration k."""
        done = min(1.0, k / max((1.0 - self.settled) * self.iterations, 1.0))
        return self.steepest**done

    @property
    def thresholds(self):
        """Thresholds of the bodies whose error is lowered, the most eroded one last."""
        return (0.5, 0.5 + self.erosion) if self.erosion else (0.5,)

    def is_settled(self, k):
        """Whether the projection is as steep as it becomes."""
        return k >= (1.0 - self.settled) * self.iterations


@dataclass
class State:
    """What an interrupted optimisation goes on from."""

    x: np.ndarray
    previous: list = field(default_factory=list)
    gap: np.ndarray | None = None
    multipliers: np.ndarray | None = None
    move: float = np.inf
    history: list = field(default_factory=list)  # error, share, energy, greyness
    seconds: float = 0.0
    best: float = np.inf  # least squared error of feasible densities at the steepest projection
    rho: np.ndarray | None = None


def smooth(x, width):
    """Fields smoothed with a mirrored Gaussian; symmetric, so its own transpose."""
    return gaussian_filter(x, width, mode="reflect")


def greyness(rho):
    """Mean of 4 rho (1 - rho): 0 for black and white, 1 for a half everywhere."""
    return float(np.mean(4.0 * rho * (1.0 - rho)))


def stepped(smoothed, beta, threshold):
    """Smoothed step at a threshold, and its derivative (F. Wang et al., Eq. 9)."""
    low, high = np.tanh(beta * threshold), np.tanh(beta * (1.0 - threshold))
    step = np.tanh(beta * (smoothed - threshold))
    return (low + step) / (low + high), beta * (1.0 - step**2) / (low + high)


def densities(x, body, k, threshold=0.5):
    """Projected densities at iteration k, and their derivatives by the smoothed ones."""
    rho, step = stepped(smooth(x, body.settings.width), body.settings.beta(k), threshold)
    return np.where(body.solid, 1.0, rho), np.where(body.solid, 0.0, step)


def optimise(body, state=None, after=lambda state: None):
    """Final state, with the best of the steepest projection; `after` follows each step."""
    settings = body.settings
    state = state or State(np.full(body.shape, settings.share))
    size = state.x.size
    mma = MMA(np.zeros(size), np.ones(size), initial_gap=0.2)
    mma.previous, mma.multipliers = list(state.previous), state.multipliers
    mma.gap = mma.gap if state.gap is None else state.gap
    for k in range(len(state.history), settings.iterations):
        begun = time.perf_counter()
        rho, step = densities(state.x, body, k)
        share_slope = np.full(body.shape, 1.0 / settings.share / size) * step
        squared, slope = 0.0, 0.0
        for threshold in settings.thresholds:
            varied, varied_step = densities(state.x, body, k, threshold)
            found = body.evaluate(varied)
            squared += found.squared / len(settings.thresholds)
            slope += found.slope * varied_step / len(settings.thresholds)
        stiff = found.energy / body.solid_energy  # of the eroded body
        stiff_slope = -found.energy_slope * varied_step / body.solid_energy / settings.stiffness
        values = np.array([rho.mean() / settings.share - 1.0, 1.0 - stiff / settings.stiffness])
        state.history.append((np.sqrt(squared), rho.mean(), stiff, greyness(rho)))
        if settings.is_settled(k) and values.max() <= TOLERANCE and squared < state.best:
            state.best, state.rho = squared, rho
        slopes = (slope, share_slope, stiff_slope)
        by_x = np.stack([smooth(each, settings.width).ravel() for each in slopes])
        # of like size, whatever the number of pixels: the subproblem has a convexity of its own
        scales = 1.0 / np.abs(by_x).max(axis=1)
        by_x *= scales[:, None]
        rising = settings.is_settled(k) and state.history[-1][0] > state.history[-2][0]
        highest = min(settings.move, settings.reach / settings.beta(k))
        state.move = state.move * (SHORTER if rising else LONGER)
        state.move = float(np.clip(state.move, SHORTEST * highest, highest))
        mma.move = state.move
        x = mma.step(state.x.ravel(), by_x[0], values * scales[1:], by_x[1:])
        state.x, state.previous, state.gap = x.reshape(body.shape), mma.previous, mma.gap
        state.multipliers = mma.multipliers
        state.seconds += time.perf_counter() - begun
        after(state)
    return state
