"""Pixel body ready to be solved: held pixels, numbered unknowns, prescribed values and loads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from metafast._base.checks import require_count
from metafast._base.typing import FloatArray
from metafast.material import Material
from metafast.phases import Phases, require_void
from metafast.problems.problem import Problem
from metafast.problems.symmetry import Symmetry
from metafast.structure.anchors import add_anchors, element_numbers, rest_tangents
from metafast.structure.forces import nodal_forces
from metafast.structure.input import require_load_cases, require_pixels
from metafast.structure.loads import MacroLoads, PixelLoads, pixel_loads
from metafast.structure.mirrored import MirrorFactor
from metafast.structure.mirrors import mirrors_of
from metafast.structure.multifrontal import Multifrontal
from metafast.structure.spring_factor import AnyFactor, spring_columns, with_springs
from metafast.structure.stencils import node_stencils
from metafast.structure.supports import Supported, support
from metafast.structure.system import PixelSystem, pixel_system


@dataclass(frozen=True, eq=False)
class PixelBody:
    """A body, its supports and its load cases.

    Attributes
    ----------
    cases : list of Problem
        Problems that hold the same degrees of freedom.
    material : Material
        Material of the solid pixels.
    side : int
        Elements per cell side.
    removed_share : float
        Share of the given solid pixels that float and were removed.
    held : Supported
        Pixels of the held parts, and the prescribed displacements of the first case.
    fields : list of (ny+1, nx+1, 2) arrays
        Prescribed displacements of each case, zero where free.
    system : PixelSystem
    loads : list of PixelLoads or None
        Dead loads and springs of each case; None where it has none.
    mirrors : Symmetry
        Mirrors by which the factor is that of a part (`metafast.structure.mirrored`).
    """

    cases: list[Problem]
    material: Material
    side: int
    removed_share: float
    held: Supported
    fields: list[FloatArray]
    system: PixelSystem
    loads: list[PixelLoads | None]
    mirrors: Symmetry

    @property
    def factor_unknowns(self) -> int:
        """Unknowns of the factor, about."""
        return self.system.unknowns // len(self.mirrors.mirrors)

    def right_sides(self) -> FloatArray:
        """Forces (n, cases) of loads and prescribed displacements on the free degrees."""
        right = np.zeros((self.system.unknowns, len(self.fields)))
        rest = np.zeros(self.system.unknowns)
        for k, (field, loads) in enumerate(zip(self.fields, self.loads, strict=True)):
            right[:, k] = -nodal_forces(self.system, field, rest)[0]
            if loads is not None:
                right[:, k] += loads.on_free(self.system, loads.total(field))
        return right

    def linear_factor(
        self, columns: int, limit: int | None, threads: int
    ) -> AnyFactor | MirrorFactor:
        """Factor of the stiffness of the body and its springs.

        Parameters
        ----------
        columns : int
            Right-hand sides solved at once, at most.
        limit : int or None
            Bytes that factor and solutions may take.
        threads : int
        """
        loads, anchors = self.loads[0], self.held.anchors
        if self.mirrors:
            return self.mirror_factor(columns, limit, threads)
        columns = max(columns, spring_columns(loads, anchors))
        if not len(anchors):
            factor = Multifrontal(self.system, columns, limit, threads=threads)
        else:
            element = element_numbers(self.held.solid)
            tangents = rest_tangents(self.material, int(element.max()) + 1)
            add_anchors(anchors, self.material.young, element, tangents)
            factor = Multifrontal(
                self.system, columns, limit, threads=threads, element=element, tangents=tangents
            )
        return with_springs(factor, loads, self.system, anchors, self.material.young)

    def mirror_factor(
        self, columns: int, limit: int | None, threads: int, **tangents: Any
    ) -> MirrorFactor:
        """Factor of a body that has mirrors; parameters as in `MirrorFactor`."""
        return MirrorFactor(
            self.system,
            self.held.solid,
            np.isfinite(self.held.prescribed),
            self.mirrors,
            columns,
            limit,
            threads=threads,
            **tangents,
        )


def prepare(
    pixels: Any,
    problems: Sequence[Problem],
    phases: Phases | Material | None,
    refine: int,
    mirrors: Symmetry | None = None,
) -> PixelBody:
    """Check the input, hold the pixels by the supports and number the unknowns.

    Parameters and errors as in `metafast.structure.solve.solve_load_cases`.

    Parameters
    ----------
    mirrors : Symmetry, optional
        Mirrors to make use of, where the body has them; none by default.
    """
    cases = require_load_cases(problems)
    material = require_void(phases).solid
    image, side = require_pixels(pixels, cases[0], require_count("refine", refine))
    held = support(image, cases[0], side)
    fixed = np.isfinite(held.prescribed)
    values = [held.prescribed] + [support(image, p, side).prescribed for p in cases[1:]]
    fields = [np.where(fixed, value, 0.0) for value in values]
    loads = [pixel_loads(MacroLoads.of(p), held.solid, side, p.name) for p in cases]
    return PixelBody(
        cases=cases,
        material=material,
        side=side,
        removed_share=held.removed_pixels / int(np.count_nonzero(image)),
        held=held,
        fields=fields,
        system=pixel_system(held.solid, fixed, node_stencils(material)),
        loads=loads,
        mirrors=mirrors_of(held.solid, fixed, fields, loads, mirrors or Symmetry()),
    )
