"""Solution of a pixel body at finite deformation, with the adjoint fields of its tangent."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from metafast._base.memory import available_memory
from metafast._base.progress import Progress, silent
from metafast._base.typing import FloatArray
from metafast.problems.symmetry import Symmetry
from metafast.structure.body import PixelBody
from metafast.structure.factorise import Clock
from metafast.structure.finite.body import FiniteBody, finite_body
from metafast.structure.finite.laws import law_of
from metafast.structure.finite.newton import Newton
from metafast.structure.finite.path import LoadPath, SymmetryLostError, follow
from metafast.structure.input import require_memory
from metafast.structure.mirrored import MirrorFactor
from metafast.structure.mirrors import is_nearly_symmetric
from metafast.structure.multifrontal import Multifrontal
from metafast.structure.readout import macro_displacement
from metafast.structure.spring_factor import AnyFactor, spring_columns
from metafast.structure.target_adjoints import TargetAdjoints

_ELEMENT_BYTES = 8 * (36 + 2 * 8 + 3)  # tangent, forces twice, numbers


class FiniteSolution(NamedTuple):
    """A body at finite deformation.

    Attributes
    ----------
    body : FiniteBody
    path : LoadPath
    factor_memory : int
        Bytes of the factor, its solution and the tangents at their peak.
    adjoints : TargetAdjoints or None
        Adjoint fields of the targets at the end of the path, if they were requested.
    """

    body: FiniteBody
    path: LoadPath
    factor_memory: int
    adjoints: TargetAdjoints | None


def solve_finite(
    pixel_body: PixelBody,
    law: str,
    threads: int,
    clock: Clock,
    *,
    start: FloatArray | None = None,
    adjoint: bool = False,
    progress: Progress = silent,
) -> FiniteSolution:
    """Follow the first load case of a body to its full load.

    Parameters
    ----------
    pixel_body : PixelBody
    law : str
        One of `metafast.structure.finite.laws.LAWS`.
    threads : int
    clock : Clock
    start : (ny+1, nx+1, 2) array, optional
        Displacement of the nodes near the equilibrium at the full load.
    adjoint : bool
        Whether to solve for the adjoint fields of the targets.
    progress : callable, optional

    Raises
    ------
    NoEquilibriumError
        If no equilibrium is found beyond a share of the load.
    MemoryError
        If the factor and its solutions do not fit.
    """
    system = pixel_body.system
    elements = int(np.count_nonzero(pixel_body.held.solid))
    free = available_memory()
    require_memory(pixel_body.factor_unknowns, free, elements * _ELEMENT_BYTES)
    with clock.phase("assembly"):
        body = finite_body(
            system,
            pixel_body.held.solid,
            np.isfinite(pixel_body.held.prescribed),
            law_of(pixel_body.material, law),
            pixel_body.side,
            pixel_body.loads[0],
            pixel_body.held.anchors,
        )
    adjoints = None
    reserved = elements * _ELEMENT_BYTES + 10 * 8 * body.size
    if adjoint:
        adjoints = TargetAdjoints.empty(
            pixel_body.cases[0], pixel_body.side, pixel_body.held.prescribed
        )
        reserved += adjoints.workspace(system.unknowns)
    limit = None if free is None else free - reserved
    given = _Given(pixel_body, body, limit, threads, clock, progress)
    if pixel_body.mirrors and (start is None or is_nearly_symmetric(start, pixel_body.mirrors)):
        try:
            return _solved(given, pixel_body.mirrors, start, adjoints)
        except SymmetryLostError:
            pass  # the whole body is followed from rest
    return _solved(given, Symmetry(), start, adjoints)


class _Given(NamedTuple):
    """What the solutions of a body have in common."""

    pixel_body: PixelBody
    body: FiniteBody
    memory_limit: int | None
    threads: int
    clock: Clock
    progress: Progress


def _solved(
    given: _Given, mirrors: Symmetry, start: FloatArray | None, adjoints: TargetAdjoints | None
) -> FiniteSolution:
    """Follow a body with the factor of a part or of the whole, and fill the adjoint fields."""
    pixel_body, body, clock = given.pixel_body, given.body, given.clock
    with clock.phase("order"):
        factor = _factor(given, mirrors, 2 if adjoints is None else adjoints.COLUMNS)
    near = None if start is None else body.gather_from_nodes(start)
    if near is not None and isinstance(factor, MirrorFactor):
        near[: body.free] = factor.symmetric_part(near[: body.free])
    with factor:
        with clock.phase("load path"):
            path = follow(
                body,
                Newton(body, factor),
                body.values(pixel_body.held.prescribed),
                start=near,
                reading=lambda u, load: _rrmse(pixel_body, body, u, load),
                progress=given.progress,
            )
        if adjoints is not None:
            with clock.phase("adjoints"):
                adjoints.fill(factor, body.system, pixel_body.cases[0], mirrors)
    return FiniteSolution(body, path, factor.memory + body.tangents.nbytes, adjoints)


def _factor(given: _Given, mirrors: Symmetry, columns: int) -> AnyFactor | MirrorFactor:
    """Factor of the tangents of a body."""
    pixel_body, body = given.pixel_body, given.body
    if mirrors:
        return pixel_body.mirror_factor(
            columns,
            given.memory_limit,
            given.threads,
            element=body.element,
            tangents=body.tangents,
        )
    factor = Multifrontal(
        body.system,
        max(columns, spring_columns(pixel_body.loads[0], pixel_body.held.anchors)),
        given.memory_limit,
        threads=given.threads,
        element=body.element,
        tangents=body.tangents,
    )
    return factor if body.outside is None else body.outside.factor(factor, body.system)


def _rrmse(pixel_body: PixelBody, body: FiniteBody, u: FloatArray, load: float) -> float:
    """RRMSE of a displacement (n + m,) relative to a share of the target."""
    field = np.nan_to_num(body.spread_to_nodes(u))
    macro = macro_displacement(field, pixel_body.system.code != 0, pixel_body.side)
    return pixel_body.cases[0].rrmse(macro / load)
