"""Dead loads and springs of a body at finite deformation, on its numbered degrees of freedom.

With the weights W of the springs and the dead loads F, both on n free and m prescribed degrees,
the energy of a body under a share s of its loads is

    strain energy + sum k (W u)^2 / 2 - s F . u
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from metafast._base.typing import AnyArray, FloatArray, IntArray
from metafast.structure.anchors import add_anchors
from metafast.structure.loads import PixelLoads
from metafast.structure.multifrontal import Multifrontal
from metafast.structure.spring_factor import AnyFactor, with_springs
from metafast.structure.system import PixelSystem


@dataclass(frozen=True, eq=False)
class Outside:
    """Dead loads and springs.

    Attributes
    ----------
    loads : PixelLoads
    force : (n + m,) array
        Dead loads F.
    rows : (s, n + m) sparse array
        Weights W of the springs.
    stiffness : (s,) array
        Of the springs.
    anchors : (a, 3) int array
        As in `metafast.structure.supports.Supported`.
    anchor_stiffness : float
    side : int
        Elements per cell side.
    """

    loads: PixelLoads
    force: FloatArray
    rows: sparse.csr_array
    stiffness: FloatArray
    anchors: IntArray
    anchor_stiffness: float
    side: int

    def added(
        self, energy: float, force: FloatArray, u: FloatArray, share: float
    ) -> tuple[float, FloatArray, float]:
        """Energy, forces and the largest force from outside, from those of the elements.

        A force counts as spread over the nodes of a cell's side, as reactions are.
        """
        stretch = self.rows @ u
        pull = self.stiffness * stretch
        energy += 0.5 * float(pull @ stretch) - share * float(self.force @ u)
        force += self.rows.T @ pull - share * self.force
        largest = max(share * self.loads.largest, float(np.abs(pull).max(initial=0.0)))
        return energy, force, largest / self.side

    def stored(self, energy: float, u: FloatArray, share: float) -> float:
        """Energy of elements and springs, from that with the work of the dead loads taken off."""
        return energy + share * float(self.force @ u)

    def rate(self, product: FloatArray, u: FloatArray) -> FloatArray:
        """Forces that more load puts on the body, from those of the elements for u (n + m,)."""
        return np.asarray(product + self.rows.T @ (self.stiffness * (self.rows @ u)) - self.force)

    def anchor(self, element: AnyArray, tangents: FloatArray) -> None:
        """Add the anchors to the tangents (e, 36)."""
        if len(self.anchors):
            add_anchors(self.anchors, self.anchor_stiffness, element, tangents)

    def factor(self, factor: Multifrontal, system: PixelSystem) -> AnyFactor:
        """Factor of the body with its springs from that of its elements and anchors."""
        return with_springs(factor, self.loads, system, self.anchors, self.anchor_stiffness)


def outside_of(
    loads: PixelLoads,
    system: PixelSystem,
    place: AnyArray,
    side: int,
    stiffness: float,
    anchors: IntArray | None,
) -> Outside:
    """Loads on the degrees of freedom of a body.

    Parameters
    ----------
    loads : PixelLoads
    system : PixelSystem
    place : (ny+1, nx+1, 2) int array
        Numbers n .. n + m - 1 of the prescribed degrees of freedom, -1 elsewhere.
    side : int
    stiffness : float
        About that of the solid.
    anchors : (a, 3) int array or None
    """
    held = place >= 0
    force = np.zeros(system.unknowns + int(np.count_nonzero(held)))
    force[: system.unknowns] = loads.on_free(system)
    force[place[held]] = loads.force[held]
    return Outside(
        loads,
        force,
        loads.spring_rows(system, place),
        np.array([spring.stiffness for spring in loads.springs]),
        np.empty((0, 3), np.int64) if anchors is None else anchors,
        stiffness,
        side,
    )
