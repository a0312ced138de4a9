"""Factor of a pixel body with springs, from that of the body alone.

A spring adds a matrix of rank one to the stiffness, k w w^T. Its weights reach over a whole patch
of nodes, which would make a dense block of it, so the factor of the body K stays as it is and the
springs follow by the formula of Sherman, Morrison and Woodbury, with B = diag(k) and C = [w ...]::

    (K + C B C^T)^-1 = K^-1 - Z S^-1 Z^T,    Z = K^-1 C,    S = B^-1 + C^T Z

A body that its supports alone do not hold has no K^-1. Anchors, stiff springs on single degrees of
freedom, hold it in the factor, and are taken away again as springs of negative stiffness.

The inertia of K + C B C^T follows from that of K, and those of S and B::

    negative(K + C B C^T) = negative(K) + positive(S) - positive(B)
"""

from __future__ import annotations

import numpy as np

from metafast._base.typing import FloatArray, IntArray
from metafast.structure.loads import PixelLoads
from metafast.structure.multifrontal import Multifrontal
from metafast.structure.system import PixelSystem

_MODES, _SWEEPS = 4, 8  # of the inverse iteration for the softest direction


class SpringFactor:
    """Factor of a body with springs.

    Parameters
    ----------
    factor : Multifrontal
        Of the body with its anchors.
    columns : (n, c) array
        Weights of the springs and the anchors on the unknowns.
    stiffness : (c,) array
        Negative for anchors.
    """

    def __init__(self, factor: Multifrontal, columns: FloatArray, stiffness: FloatArray) -> None:
        self._factor, self._columns, self._stiffness = factor, columns, stiffness
        self._solved: FloatArray | None = None  # Z
        self._small = np.zeros((len(stiffness), len(stiffness)))  # S
        self.size = factor.size

    @property
    def memory(self) -> int:
        """Bytes at the peak of a solution."""
        return self._factor.memory + 2 * self._columns.nbytes

    @property
    def negative(self) -> int:
        """Negative eigenvalues of the tangent with its springs."""
        self._prepare()
        positive = int(np.count_nonzero(np.linalg.eigvalsh(self._small) > 0.0))
        springs = int(np.count_nonzero(self._stiffness > 0.0))
        return self._factor.negative + positive - springs

    def refactor(self) -> None:
        """Factorise the changed tangents at the next solution."""
        self._factor.refactor()
        self._solved = None

    def solve(self, rhs: FloatArray, *, absolute: bool = False) -> FloatArray:
        """Solve for one or more right-hand sides (n,) or (n, k).

        With `absolute`, and if the tangent with its springs has negative eigenvalues, the solution
        is that of the body alone with all pivots taken as positive: it lowers the energy too.

        Raises
        ------
        numpy.linalg.LinAlgError
            If the stiffness is singular.
        """
        self._prepare()
        if absolute and self.negative:
            return self._factor.solve(rhs, absolute=True)
        assert self._solved is not None
        first = self._factor.solve(rhs)
        return first - self._solved @ np.linalg.solve(self._small, self._columns.T @ first)

    def __enter__(self) -> SpringFactor:
        return self

    def __exit__(self, *exception: object) -> None:
        self._factor.__exit__(*exception)

    def softest(self) -> FloatArray:
        """Direction (n,) of negative curvature, or of the least one found; largest entry 1.

        Inverse iteration in a block: the least eigenvalues in size come first, and among them the
        lowest is taken.
        """
        block = np.cos(np.outer(np.arange(self.size), 1.7 + np.arange(_MODES)))
        for _ in range(_SWEEPS):
            base, _ = np.linalg.qr(block)
            block = self.solve(base)
        # block = M^-1 base, so block^T M block = block^T base
        norm = block.T @ block
        root = np.linalg.inv(np.linalg.cholesky(norm))
        curvature = block.T @ base
        _, turn = np.linalg.eigh(root @ (0.5 * (curvature + curvature.T)) @ root.T)
        mode = block @ (root.T @ turn[:, 0])
        return np.asarray(mode / np.abs(mode).max())

    def _prepare(self) -> None:
        if self._solved is None:
            self._solved = self._factor.solve(self._columns)
            small = np.diag(1.0 / self._stiffness) + self._columns.T @ self._solved
            self._small = 0.5 * (small + small.T)


AnyFactor = Multifrontal | SpringFactor


def spring_columns(loads: PixelLoads | None, anchors: IntArray) -> int:
    """Right-hand sides that the springs and the anchors of a body take."""
    return 0 if loads is None else len(loads.springs) + len(anchors)


def with_springs(
    factor: Multifrontal,
    loads: PixelLoads | None,
    system: PixelSystem,
    anchors: IntArray | None = None,
    anchor_stiffness: float = 1.0,
) -> AnyFactor:
    """The factor of a body with its springs, from that of the body with its anchors.

    Parameters
    ----------
    factor : Multifrontal
    loads : PixelLoads or None
    system : PixelSystem
    anchors : (a, 3) int array, optional
        As in `metafast.structure.supports.Supported`.
    anchor_stiffness : float
        Of the anchors in the factor.
    """
    if loads is None or not loads.springs:
        return factor
    if anchors is None:
        anchors = np.empty((0, 3), np.int64)
    columns = np.zeros((system.unknowns, len(loads.springs) + len(anchors)))
    columns[:, : len(loads.springs)] = loads.spring_rows(system).toarray().T
    numbers = system.dof[tuple(anchors.T)]
    columns[numbers, len(loads.springs) + np.arange(len(anchors))] = 1.0
    stiffness = [spring.stiffness for spring in loads.springs]
    return SpringFactor(
        factor, columns, np.array(stiffness + len(anchors) * [-anchor_stiffness], dtype=float)
    )
