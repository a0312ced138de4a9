"""Input checks for inverse homogenization: targets, volume bounds and initial designs."""

from __future__ import annotations

from typing import Any

import numpy as np

from metafast._base.checks import require_array, require_count
from metafast._base.typing import FloatArray
from metafast.homogenization.input import LARGEST_SIDE, require_densities
from metafast.inverse.filtering import smooth
from metafast.material import Material

_ROUNDING = 1e-9  # relative size of what counts as zero
_GREY = 0.05  # distance of initial densities from 0 and 1, where gradients vanish
_NOISE_WIDTH, _NOISE = 3.0, 0.25  # deviation of the noise in random designs: pixels, density


def require_even(name: str, pixels: Any) -> int:
    """Return an even number of pixels per side that the solver can take."""
    count = require_count(name, pixels, 8)
    if count % 2 or count > LARGEST_SIDE:
        raise ValueError(f"{name} is {count}; an even number of 8 to {LARGEST_SIDE} is needed")
    return count


def require_targets(targets: Any) -> FloatArray:
    """Return targets (n, 4) = (C11, C12, C22, C33), NaN for components that are free."""
    array = require_array("targets", targets)
    if array.shape[-2:] == (3, 3) and array.ndim in (2, 3):
        array = array.reshape(-1, 3, 3)
        small = _ROUNDING * np.nanmax(np.abs(array), axis=(1, 2), initial=1e-300)[:, None, None]
        uneven = (np.abs(array - array.transpose(0, 2, 1)) > small).any(axis=(1, 2))
        coupled = (np.abs(array[:, :2, 2:]) > small).any(axis=(1, 2))
        if (uneven | coupled).any():
            row = int(np.flatnonzero(uneven | coupled)[0])
            raise ValueError(
                f"targets[{row}] is a (3, 3) matrix that is not symmetric or couples shear with "
                "stretch; mirror-symmetric cells have C13 = C23 = 0"
            )
        array = array[:, [0, 0, 1, 2], [0, 1, 1, 2]]
    array = np.atleast_2d(array)
    if array.ndim != 2 or array.shape[1] != 4 or not len(array):
        raise ValueError(
            f"targets have shape {array.shape}; (n, 4), columns C11, C12, C22, C33, or (n, 3, 3) "
            "is needed"
        )
    with np.errstate(invalid="ignore"):
        bad = np.isinf(array).any(axis=1) | (array[:, [0, 2, 3]] <= 0).any(axis=1)
        bad |= array[:, 1] ** 2 >= array[:, 0] * array[:, 2]
        bad |= np.isnan(array).all(axis=1) | (np.nan_to_num(array) == 0).all(axis=1)
    if bad.any():
        row = int(np.flatnonzero(bad)[0])
        raise ValueError(
            f"targets[{row}] = {array[row].tolist()} is not a stable orthotropic stiffness; "
            "C11, C22, C33 > 0 and C12^2 < C11*C22 are needed, NaN for free components"
        )
    return array


def require_volume(volume: Any, n: int) -> FloatArray:
    """Return the largest solid fraction (n,) of each design, inf where there is no bound."""
    if volume is None:
        return np.full(n, np.inf)
    share = require_array("volume", volume)
    if share.shape not in ((), (n,)):
        raise ValueError(f"volume has shape {share.shape}; one number or ({n},) is needed")
    if not ((share > 0) & (share <= 1)).all():
        raise ValueError(
            f"volume is {share.tolist()}; solid fractions above 0 and up to 1 are needed"
        )
    return np.asarray(np.broadcast_to(share, (n,)))


def require_initial(initial: Any, n: int, pixels: int) -> FloatArray:
    """Return the quarters (n, q, q) of the initial designs, clipped away from 0 and 1."""
    whole = require_densities(initial)
    if whole.shape != (n, pixels, pixels):
        raise ValueError(
            f"initial has shape {whole.shape}; {(n, pixels, pixels)} is needed, one design for "
            "each target; repeat targets to try several"
        )
    images = whole[:, ::-1], whole[:, :, ::-1]
    gap = np.max([np.abs(whole - image).max(axis=(1, 2)) for image in images], axis=0)
    if (gap > _ROUNDING).any():
        row = int(np.flatnonzero(gap > _ROUNDING)[0])
        raise ValueError(
            f"initial[{row}] is not its own mirror image about both axes; average it with its "
            "mirror images first"
        )
    return np.asarray(np.clip(whole[:, : pixels // 2, : pixels // 2], _GREY, 1.0 - _GREY))


def start_densities(
    targets: FloatArray, volume: FloatArray, size: int, solid: Material, rng: np.random.Generator
) -> FloatArray:
    """Smooth noise (n, size, size) around the solid fraction that each target is likely to need."""
    noise = smooth(rng.standard_normal((len(targets), size, size)), _NOISE_WIDTH)
    noise /= np.maximum(noise.std(axis=(1, 2), keepdims=True), 1e-12)
    normal = targets[:, [0, 2]] / solid.stiffness[0, 0]
    known = ~np.isnan(normal)
    mean = np.exp(np.log(np.where(known, normal, 1.0)).sum(axis=1) / np.maximum(known.sum(1), 1))
    likely = np.where(known.any(axis=1), 0.25 + 0.6 * np.sqrt(mean), 0.5)
    likely = np.clip(np.minimum(likely, volume), 0.1, 0.9)
    return np.asarray(np.clip(likely[:, None, None] + _NOISE * noise, _GREY, 1.0 - _GREY))
