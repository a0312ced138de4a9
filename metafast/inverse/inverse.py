"""Inverse homogenization: cells for target stiffnesses by batched SIMP (section 3.2).

For each design, over the quarter of a mirror-symmetric cell,

    minimise  |C(rho) - C*|^2 / |C*|^2   (Frobenius norms)   with  mean(rho) <= V,

with ``rho = project(smooth(sigmoid(x)))`` and ``E(rho) = E_min + rho^p (E - E_min)``. Each design
takes Adam steps in x; the projection gets steeper until hardly any grey is left. The volume bound
enters through an augmented Lagrangian. The final density is cut at several levels, repaired, and
the sound cell whose recomputed stiffness is nearest to the target is kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from metafast._base.checks import (
    changed_options,
    require_progress,
    require_threads,
)
from metafast._base.cluster import ordered_map
from metafast._base.html import cell_table, spread, titled
from metafast._base.memory import require_memory
from metafast._base.one_line import one_line
from metafast._base.progress import Progress, silent
from metafast._base.typing import BoolArray, ByteArray, FloatArray
from metafast.cells.symmetry import mirror
from metafast.inverse.input import (
    require_initial,
    require_targets,
    require_volume,
    start_densities,
)
from metafast.inverse.options import InverseOptions
from metafast.inverse.simp_steps import DesignedCells, SimpOptions, design_chunk
from metafast.material import Material
from metafast.phases import LEAST_VOID_FIELDS, Phases, require_void
from metafast.properties.names import by_name

_CHUNK = 128  # designs that advance together


@dataclass(frozen=True, eq=False)
class InverseResult:
    """Cells designed for target stiffnesses.

    Attributes
    ----------
    cells : (n, h, w) uint8 array
        Binary, mirror-symmetric about both axes.
    properties : (n, 4) array
        C11, C12, C22, C33 of these cells, recomputed.
    error : (n,) array
        ``|C - C*| / |C*|`` of these cells, Frobenius norms over the components with a target.
    sound : (n,) bool array
        Whether the cell is connected and meets the least widths and the volume bound; if not, it is
        the density cut at one half.
    history : (iterations, n) array
        Error of the grey design before each step.
    """

    cells: ByteArray
    properties: FloatArray
    error: FloatArray
    sound: BoolArray
    history: FloatArray

    __repr__ = one_line

    def _repr_html_(self) -> str:
        shown = spread(len(self.cells))
        error = {"error": self.error[shown]}
        below = error | by_name(self.properties[shown])
        return titled(repr(self), cell_table(self.cells[shown], below))

    @property
    def volume(self) -> FloatArray:
        """Solid fraction (n,) of the cells."""
        return np.asarray(self.cells.mean(axis=(1, 2)))


def inverse_homogenize(
    targets: Any,
    initial: Any = None,
    *,
    phases: Phases | Material | None = None,
    volume: Any = None,
    options: InverseOptions | None = None,
    threads: int | None = None,
    client: Any = None,
    progress: Progress = silent,
    **changes: Any,
) -> InverseResult:
    """Design mirror-symmetric cells with effective stiffnesses near the targets.

    Designs in a batch are independent: each is the same as if it were computed alone.

    Parameters
    ----------
    targets : (n, 4) or (n, 3, 3) array, or one of them
        Target C11, C12, C22, C33 in the units of the material's E, NaN for free components; or
        whole matrices.
    initial : (n, pixels, pixels) array, optional
        Mirror-symmetric cells or densities to start from; smooth noise around a likely solid
        fraction by default. Repeat a target with different initial designs for different shapes.
    phases : Phases or Material, optional
        Solid and void; E = 1, nu = 0.49, plane stress, ``E_min / E`` = 1e-9 by default. The void
        needs at least 1e-10.
    volume : float or (n,) array, optional
        Largest solid fraction.
    options : InverseOptions, optional
        Pixels, number of starts and steps, SIMP parameters, manufacturing limits and random seed.
    threads : int, optional
        CPU threads; all available by default, or 1 per task with a `client`.
    client : dask.distributed.Client, optional
        Spread the designs over the workers of a cluster; the result is the same.
    progress : callable, optional
        Called as ``progress("inverse homogenization", designs done, n * starts)``.
    **changes
        Fields of `InverseOptions` that differ from `options`, for instance ``starts=4``.

    Returns
    -------
    InverseResult

    Raises
    ------
    ValueError
        If a target is not a stable orthotropic stiffness or an option is out of range.
    """
    require_progress(progress)
    checked = require_void(phases, LEAST_VOID_FIELDS)
    stiffness = require_targets(targets)
    options = changed_options(
        "inverse_homogenize", InverseOptions() if options is None else options, changes
    )
    starts, half = options.starts, options.pixels // 2
    simp = SimpOptions(
        checked,
        options.iterations,
        float(options.penalty),
        float(options.filter_width),
        options.limits,
        1 if client is not None and threads is None else require_threads(threads),
    )
    bound = require_volume(volume, len(stiffness))
    if starts > 1 and initial is not None:
        raise ValueError(f"starts is {starts}, but initial is given; repeat the targets instead")
    require_memory(
        8 * options.pixels**2 * len(stiffness) * starts,
        f"{len(stiffness) * starts:,} designs of {options.pixels} x {options.pixels} pixels",
        "ask for fewer targets or starts at a time",
    )
    stiffness, bound = np.repeat(stiffness, starts, axis=0), np.repeat(bound, starts)
    if initial is None:
        rng = np.random.default_rng(options.seed)
        start = start_densities(stiffness, bound, half, checked.solid, rng)
    else:
        start = require_initial(initial, len(stiffness), options.pixels)
    parts = [slice(k, k + _CHUNK) for k in range(0, len(stiffness), _CHUNK)]
    tasks = ((stiffness[p], bound[p], start[p], simp) for p in parts)
    done: list[DesignedCells] = []
    finished = 0
    for result in ordered_map(design_chunk, tasks, client):
        done.append(result)
        finished += len(result.quarters)
        progress("inverse homogenization", finished, len(stiffness))
    quarters, properties, error, sound = (np.concatenate([r[k] for r in done]) for k in range(4))
    history = np.concatenate([r.history for r in done], axis=1)
    rank = np.where(sound, error, error + error.max() + 1.0).reshape(-1, starts)
    best = np.arange(len(rank)) * starts + rank.argmin(axis=1)
    return InverseResult(
        mirror(quarters[best]), properties[best], error[best], sound[best], history[:, best]
    )
