"""What other candidates would do to the targets: guessed from properties, seen in windows."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import numpy as np

from metafast._base.jit import numba_threads
from metafast._base.progress import Progress
from metafast._base.typing import BoolArray, ByteArray, FloatArray, IntArray
from metafast.assembly.costs import AssemblyCosts
from metafast.database import CellDatabase
from metafast.macro import MacroModel
from metafast.macro.jacobian import target_jacobian
from metafast.structure.multifrontal import blas_on_one_thread
from metafast.structure.window import SwapWindows

# Swaps that move a target by more than this share of the largest one are far from linear.
_LARGEST = 0.15


class SwapEffects:
    """Effects of single swaps on the targets, for all cells and candidates.

    Homogenized properties tell how far and in which direction of the targets a swap can move, but
    hardly whether forth or back: what the joints with its neighbours do is of the same size. So
    properties only choose which swaps are looked at, and windows of pixels tell what they do.

    Parameters
    ----------
    costs : AssemblyCosts
    database : CellDatabase
    model : MacroModel

    Attributes
    ----------
    values : (rows, cols, count, t) array
        Change of the targets relative to the structure that was solved when it was looked at.
    usable : (rows, cols, count) bool array
        Where `values` are known and not too large.
    """

    def __init__(self, costs: AssemblyCosts, database: CellDatabase, model: MacroModel) -> None:
        self._costs, self._database, self._model = costs, database, model
        self._properties = database.properties[costs.candidates]
        shape = costs.candidates.shape
        self.values = np.zeros((*shape, len(model.target)))
        self.usable: BoolArray = np.zeros(shape, dtype=bool)
        self._seen: BoolArray = np.zeros(shape, dtype=bool)
        self._largest = _LARGEST * float(np.abs(model.target_values).max())

    def promising(
        self, labels: IntArray, residual: FloatArray, possible: BoolArray, count: int
    ) -> IntArray:
        """The swaps (m, 3) = (row, column, label) not yet seen that could lower the residual most.

        Parameters
        ----------
        labels : (rows, cols) int array
        residual : (t,) array
        possible : (rows, cols) bool array
            Cells that can be looked at.
        count : int
            Most swaps.
        """
        guess = self._guess(labels)
        score = 2.0 * np.abs(guess @ residual) - np.square(guess).sum(-1)
        score[self._seen] = 0.0
        score[~possible] = 0.0
        np.put_along_axis(score, labels[..., None], 0.0, axis=2)
        best = np.argsort(-score, axis=None, kind="stable")[:count]
        best = best[score.reshape(-1)[best] > 0.0]
        return np.stack(np.unravel_index(best, score.shape), axis=1)

    def _guess(self, labels: IntArray) -> FloatArray:
        """First-order effects (rows, cols, count, t) of homogenized properties."""
        current = np.take_along_axis(self._properties, labels[..., None, None], 2)
        u = self._model.solve(current[:, :, 0])
        jacobian = target_jacobian(self._model, u)
        change = (self._properties - current).reshape(-1, *self._properties.shape[2:])
        guess = np.einsum("tek,eak->eat", jacobian, change, optimize=True)
        return np.asarray(guess.reshape(self.values.shape))

    def look(
        self, windows: SwapWindows, swaps: IntArray, *, workers: int, progress: Progress
    ) -> None:
        """Solve the windows of the swaps (m, 3)."""
        cells = self._database.take(self._costs.candidates[tuple(swaps.T)])

        def effect(task: tuple[IntArray, ByteArray]) -> FloatArray | None:
            (r, c, _), cell = task
            with numba_threads(1):
                return windows.effect(int(r), int(c), cell)

        pool, limits = ThreadPoolExecutor(workers), ExitStack()
        limits.enter_context(blas_on_one_thread())  # once, not for every window
        try:
            found = pool.map(effect, zip(swaps, cells, strict=True))
            for k, (swap, change) in enumerate(zip(swaps, found, strict=True)):
                at = tuple(swap)
                self._seen[at] = True
                if change is not None and np.abs(change).max() <= self._largest:
                    self.values[at], self.usable[at] = change, True
                progress("windows", k + 1, len(swaps))
        finally:  # on Ctrl-C, do not solve the rest
            pool.shutdown(cancel_futures=True)
            limits.close()

    def forget(self, before: IntArray, after: IntArray) -> None:
        """Drop what was seen within two cells of a swap: those windows have changed."""
        for r, c in np.argwhere(before != after):
            near = slice(max(r - 2, 0), r + 3), slice(max(c - 2, 0), c + 3)
            self.usable[near] = self._seen[near] = False

    def forget_all(self) -> None:
        """Drop everything that was seen, with other adjoint fields or another structure."""
        self.usable[:] = self._seen[:] = False
