"""What a finer mesh changes in the displacement of a body, told from the cells' own properties.

One bilinear element per pixel is too stiff, each cell by a share of its own. To first order that
moves the targets by

    change = s J (C_fine - C_coarse)

with the Jacobian J of the macro model, the homogenized properties on both meshes and a factor s,
since joints between cells are too stiff as well. Properties give its direction well and, with s
from a solution on the finer mesh, its size. So candidates can be chosen whose changes cancel, and
the closed loop can lower the errors on both meshes by solving on one.
"""

from __future__ import annotations

import numpy as np

from metafast._base.typing import ByteArray, FloatArray, IntArray
from metafast.database import CellDatabase, mesh_differences
from metafast.homogenization import homogenize, properties_of
from metafast.problems import CellKind, Problem
from metafast.problems.body import passive_pixels

FINE_GOAL = 1.5  # error on the finer mesh that will do, relative to that on the loop's own
_FACTOR = 1.3  # s until it is measured; default bridges have 1.5 to 2, graded beams 0.8 to 0.9
_DOUBT = 0.1  # of a measured s: where cells nearly cancel, little of the change is theirs


class MeshChange:
    """Change of the targets by a finer mesh, for all labellings.

    Parameters
    ----------
    difference : (rows, cols, count, 4) array
        C11, C12, C22, C33 of the candidates on the finer mesh minus those on the loop's.

    Attributes
    ----------
    factor : float
        The factor s.
    """

    def __init__(self, difference: FloatArray) -> None:
        self._difference, self.factor = difference, _FACTOR
        self._effects: FloatArray | None = None  # J times the differences
        self._known: IntArray | None = None  # labelling that was solved on the finer mesh
        self._measured: FloatArray | None = None

    def linearise(self, jacobian: FloatArray) -> None:
        """Take the Jacobian (t, cells, 4) of the targets by the properties of the cells."""
        rows, cols, count, _ = self._difference.shape
        flat = self._difference.reshape(rows * cols, count, 4)
        effects = np.einsum("tek,eak->eat", jacobian, flat, optimize=True)
        self._effects = effects.reshape(rows, cols, count, -1)

    def of(self, labels: IntArray) -> FloatArray | None:
        """Change (t,) of the targets for a labelling (rows, cols); None before a Jacobian."""
        if self._effects is None:
            return None
        own = self._sum(labels)
        if self._known is None or self._measured is None:
            return self.factor * own
        return self._measured + self.factor * (own - self._sum(self._known))

    def effects(self, labels: IntArray) -> FloatArray:
        """What each candidate would add to the change: (rows, cols, count, t)."""
        assert self._effects is not None
        current = np.take_along_axis(self._effects, labels[..., None, None], 2)
        return self.factor * (self._effects - current)

    def learn(self, labels: IntArray, change: FloatArray) -> None:
        """Take the change (t,) that a solution on the finer mesh has shown for a labelling."""
        self._known, self._measured = labels.copy(), change
        if self._effects is None:
            return
        own, doubt = self._sum(labels), _DOUBT * float(change @ change)
        if doubt > 0.0:
            self.factor = float((own @ change + _FACTOR * doubt) / (own @ own + doubt))

    def _sum(self, labels: IntArray) -> FloatArray:
        """Change of a labelling without the factor."""
        assert self._effects is not None
        chosen = np.take_along_axis(self._effects, labels[..., None, None], 2)
        return np.asarray(chosen.sum(axis=(0, 1, 2)))


def mesh_change(
    problem: Problem,
    database: CellDatabase,
    candidates: IntArray,
    refine: int,
    finer: int,
    threads: int | None = None,
) -> MeshChange:
    """Change of the targets by a finer mesh, for the candidates of a body.

    Parameters
    ----------
    problem : Problem
    database : CellDatabase
    candidates : (rows, cols, count) int array
        Rows of the database for designed cells.
    refine, finer : int
        Elements per pixel side of the loop's mesh, and elements of the finer one per side of those.
    threads : int, optional
        CPU threads; all available by default.
    """
    designed, kinds = problem.designed, problem.kinds
    difference = np.zeros((*candidates.shape, 4))
    rows, place = np.unique(candidates[designed], return_inverse=True)
    difference[designed] = differences(database, rows, refine, finer, threads)[
        place.reshape(-1, candidates.shape[-1])
    ]
    if (passive := kinds >= CellKind.SOLID).any():
        cells = passive_pixels(problem.given, database.shape[1])
        own = _homogenized(cells, database, refine, finer, threads)
        difference[passive] = own[kinds[passive] - CellKind.SOLID][:, None]
    return MeshChange(difference)


def differences(
    database: CellDatabase, rows: IntArray, refine: int, finer: int, threads: int | None = None
) -> FloatArray:
    """C11, C12, C22, C33 (m, 4) of rows on the finer mesh minus those on the loop's."""
    if (refine, finer) == (1, 2):
        return mesh_differences(database, rows, threads=threads)
    return _homogenized(database.take(rows), database, refine, finer, threads)


def costs_by_mesh(jacobian: FloatArray, difference: FloatArray) -> FloatArray:
    """What cells add to the change that their kind makes on average: low ones cancel it.

    Parameters
    ----------
    jacobian : (t, m, 4) array
        Derivatives of the targets by the properties of m designed cells.
    difference : (m, k, 4) array
        Differences of the properties of k cells for each, by the finer mesh.

    Returns
    -------
    (m, k) array
    """
    change = np.einsum("tek,ek->t", jacobian, difference.mean(axis=1))
    size = float(np.linalg.norm(change))
    mode = change / size if size > 0.0 else change
    return np.asarray(np.einsum("eak,ek->ea", difference, np.einsum("t,tek->ek", mode, jacobian)))


def _homogenized(
    cells: ByteArray, database: CellDatabase, refine: int, finer: int, threads: int | None
) -> FloatArray:
    coarse, fine = (
        properties_of(homogenize(cells, database.phases, refine=mesh, threads=threads))
        for mesh in (refine, refine * finer)
    )
    return np.asarray(fine - coarse)
