"""Solution of a small window of pixels whose border is held, linear or at finite deformation."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple, Protocol

import numpy as np
from scipy.ndimage import label

from metafast._base.equilibrium import NoEquilibriumError
from metafast._base.typing import BoolArray, FloatArray, IntArray
from metafast.material import Material
from metafast.structure.finite.body import FiniteBody, finite_body
from metafast.structure.finite.laws import LawName, law_of
from metafast.structure.finite.newton import Newton
from metafast.structure.finite.path import follow
from metafast.structure.finite.start import extended
from metafast.structure.forces import forces_on, nodal_forces
from metafast.structure.loads import PixelLoads
from metafast.structure.multifrontal import Multifrontal
from metafast.structure.nodes import node_codes, spread
from metafast.structure.rigid import held
from metafast.structure.spring_factor import with_springs
from metafast.structure.stencils import node_stencils
from metafast.structure.supports import NotCarriedError
from metafast.structure.system import PixelSystem, pixel_system
from metafast.structure.window_loads import WindowLoads

_TOLERANCE = 1e-4  # of the balance: effects of swaps are right to a few per cent


class Holding(NamedTuple):
    """Degrees of freedom of a window's nodes that are held.

    Attributes
    ----------
    fixed : (ny+1, nx+1, 2) bool array
    value : (ny+1, nx+1, 2) array
        Displacement there, zero elsewhere.
    ring : (m, 2) int array
        Nodes of the window on the border to the rest of the body.
    has_contact : bool
        Whether pixels touch only at a corner on or next to the border. They move apart there: no
        single displacement can be held, and the known forces are not those of the window.
    loads : WindowLoads or None
        Dead loads and springs in the window; None where there are none.
    """

    fixed: BoolArray
    value: FloatArray
    ring: IntArray
    has_contact: bool
    loads: WindowLoads | None = None


class Solved(NamedTuple):
    """Forces (m, 2) on the ring of a window, and displacement of its nodes; NaN in void."""

    force: FloatArray
    field: FloatArray


class WindowSolver(Protocol):
    """Forces that hold a window, solved for, or known from the solution of the body."""

    def start(self, field: FloatArray) -> FloatArray:
        """Start of all windows from the displacement of the body's nodes."""
        ...

    def solved(self, solid: BoolArray, holding: Holding, start: FloatArray) -> Solved | None:
        """Solution of a window from its part of the start; None if there is none."""
        ...

    def known(self, solid: BoolArray, field: FloatArray, ring: IntArray) -> Solved:
        """The window as it is, with the body's displacement."""
        ...


class LinearWindows:
    """Windows at small displacements.

    Parameters
    ----------
    material : Material
    """

    def __init__(self, material: Material) -> None:
        self._stencil = node_stencils(material)

    def start(self, field: FloatArray) -> FloatArray:
        """The displacement as it is: linear solutions need no start."""
        return field

    def solved(self, solid: BoolArray, holding: Holding, start: FloatArray) -> Solved | None:
        """Solution of a window; None if its stiffness is singular."""
        solid = _held_parts(solid, holding.fixed)
        system = pixel_system(solid, holding.fixed, self._stencil)
        field = np.where(holding.fixed, holding.value, 0.0)
        solution = np.zeros(system.unknowns)
        if system.unknowns:
            load = -nodal_forces(system, field, solution)[0]
            try:
                loads = None if holding.loads is None else holding.loads.on(solid)
                if loads is not None:
                    load += loads.on_free(system, loads.total(field))
                with with_springs(Multifrontal(system), loads, system) as factor:
                    solution = factor.solve(load)
            except (np.linalg.LinAlgError, NotCarriedError):
                return None
        force = forces_on(system, field, solution, holding.ring)
        spread(system, solution, field)
        return Solved(force, field)

    def known(self, solid: BoolArray, field: FloatArray, ring: IntArray) -> Solved:
        """The window as it is, cut out of the solution of the body."""
        nothing_free = np.full(field.shape, -1, np.int32)
        system = PixelSystem(node_codes(solid), nothing_free, 0, self._stencil)
        return Solved(forces_on(system, np.nan_to_num(field), np.zeros(0), ring), field)


class FiniteWindows:
    """Windows at finite deformation.

    Parameters
    ----------
    material : Material
    law : str
    side : int
        Elements per cell side.
    """

    def __init__(self, material: Material, law: LawName, side: int) -> None:
        self._stencil, self._law, self._side = node_stencils(material), law_of(material, law), side

    def start(self, field: FloatArray) -> FloatArray:
        """The displacement, carried on into the pores."""
        return extended(field)

    def solved(self, solid: BoolArray, holding: Holding, start: FloatArray) -> Solved | None:
        """Equilibrium of a window; None if none is found.

        It is sought near the start. Where another cell is torn by that, or far from balance, the
        window is followed from rest.
        """
        solid = _held_parts(solid, holding.fixed)
        try:
            loads = None if holding.loads is None else holding.loads.on(solid)
        except NotCarriedError:
            return None
        body = self._body(solid, holding.fixed, loads)
        u = body.gather_from_nodes(start)
        u[body.free :] = body.values(holding.value)
        if body.free:
            try:
                of_elements = Multifrontal(
                    body.system, 2, element=body.element, tangents=body.tangents
                )
                with with_springs(of_elements, loads, body.system) as factor:
                    newton = Newton(body, factor, tolerance=_TOLERANCE)
                    found = newton.balance(newton.relax(u))
                    u = (found or follow(body, newton, body.values(holding.value)).end).u
            except (np.linalg.LinAlgError, NoEquilibriumError):
                return None
        return Solved(self._forces(body, u, holding.ring), body.spread_to_nodes(u))

    def known(self, solid: BoolArray, field: FloatArray, ring: IntArray) -> Solved:
        """The window as it is, cut out of the equilibrium of the body."""
        body = self._body(solid, np.ones(field.shape, dtype=bool))
        u = body.gather_from_nodes(np.nan_to_num(field))
        return Solved(self._forces(body, u, ring), field)

    def _body(
        self, solid: BoolArray, fixed: BoolArray, loads: PixelLoads | None = None
    ) -> FiniteBody:
        system = pixel_system(solid, fixed, self._stencil)
        return finite_body(system, solid, fixed, self._law, self._side, loads)

    def _forces(self, body: FiniteBody, u: FloatArray, ring: IntArray) -> FloatArray:
        """Forces (m, 2) of the elements, without loads, on the ring, which is held."""
        field = np.zeros((*body.system.code.shape, 2))
        field[tuple(body.prescribed.T)] = replace(body, outside=None).forces(u).force[body.free :]
        return np.asarray(field[tuple(ring.T)])


def _held_parts(solid: BoolArray, fixed: BoolArray) -> BoolArray:
    """Parts without a rigid motion; the others float inside the window or hang on a point."""
    parts, count = label(solid)
    return np.asarray(held(parts, count, np.argwhere(fixed))[parts])
