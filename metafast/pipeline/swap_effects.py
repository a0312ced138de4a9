"""Effects of swaps on the targets: guessed from properties, judged in windows of pixels."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import numpy as np

from metafast._base.checks import require_count, require_threads
from metafast._base.equilibrium import NoEquilibriumError
from metafast._base.jit import numba_threads
from metafast._base.progress import Progress, silent
from metafast._base.typing import BoolArray, ByteArray, FloatArray, IntArray, Kinematics
from metafast.assembly.body_cells import body_properties
from metafast.assembly.costs import AssemblyCosts
from metafast.database import CellDatabase
from metafast.macro import MacroModel
from metafast.macro.finite import macro_model
from metafast.macro.jacobian import target_jacobian
from metafast.pipeline.every_pixel import SolvedBody
from metafast.pipeline.mesh_change import MeshChange
from metafast.problems import Problem
from metafast.problems.symmetry import Symmetry, flipped, target_images
from metafast.structure.finite.laws import LawName
from metafast.structure.multifrontal import blas_on_one_thread
from metafast.structure.swap_window import SwapWindows
from metafast.structure.target_adjoints import TargetAdjoints
from metafast.structure.window_solver import FiniteWindows, LinearWindows, WindowSolver

# Swaps that move a target by more than this share of the largest one are far from linear.
_LARGEST = 0.15


class SwapEffects:
    """Effects of single swaps on the targets, for all cells and candidates.

    Homogenized properties give the size and direction of a swap's effect, but not its sign: the
    joints with the neighbours contribute as much. So properties only choose which swaps are judged,
    and windows of 3 x 3 cells of pixels judge them (`metafast.structure.swap_window`).

    Parameters
    ----------
    problem : Problem
    database : CellDatabase
    costs : AssemblyCosts
    kinematics : {"linear", "finite"}
    law : str
        Law of the solid pixels at finite deformation.
    mesh : int
        Macro elements per cell side.
    finer : MeshChange, optional
        What a finer mesh changes, where errors on both meshes count.
    windows : int, optional
        Windows that are solved per round; by default 100 and one for every five designed
        cells, at most four for each.
    symmetry : Symmetry, optional
        Mirror symmetry of the bodies: swaps of the fundamental part are judged, and the others
        have their mirror images.
    threads : int, optional
    progress : callable, optional
        Called as ``progress("windows", done, total)``.

    Attributes
    ----------
    values : (rows, cols, count, t) array
        Change of the targets relative to the body that was solved when the swap was judged.
    usable : (rows, cols, count) bool array
        Where `values` are known and not too large.
    finer : MeshChange or None
        Linearised at the body that was judged last.
    """

    def __init__(
        self,
        problem: Problem,
        database: CellDatabase,
        costs: AssemblyCosts,
        *,
        kinematics: Kinematics = "linear",
        law: LawName = "neo-hookean",
        mesh: int = 1,
        finer: MeshChange | None = None,
        windows: int | None = None,
        symmetry: Symmetry | None = None,
        threads: int | None = None,
        progress: Progress = silent,
    ) -> None:
        self._symmetry = symmetry or Symmetry()
        self._own = self._symmetry.fundamental(problem.designed.shape)
        cells = int(np.count_nonzero(problem.designed & self._own))
        if windows is None:
            windows = min(4 * cells, 100 + cells // 5)
        self._windows = require_count("windows", windows)
        self._workers, self._progress = require_threads(threads), progress
        self._problem, self._database, self._costs = problem, database, costs
        self._model = macro_model(problem, mesh, kinematics)
        self._linear_model = MacroModel(problem, mesh)
        self._law, self.finer = law, finer
        self._properties = body_properties(database, costs.candidates, problem)
        shape = costs.candidates.shape
        self.values = np.zeros((*shape, len(self._model.target)))
        self.usable: BoolArray = np.zeros(shape, dtype=bool)
        self._judged: BoolArray = np.zeros(shape, dtype=bool)
        self._largest = _LARGEST * float(np.abs(self._model.target_values).max())

    def judge(self, body: SolvedBody, adjoints: TargetAdjoints, residual: FloatArray) -> None:
        """Judge the most promising swaps not yet judged, each in its window.

        Parameters
        ----------
        body : SolvedBody
        adjoints : TargetAdjoints
            Of this body, or of one that differs in a few cells.
        residual : (t,) array
            Displacement minus target of the body, the mean of both meshes if there are two.
        """
        problem, labels = self._problem, body.assembly.labels
        view = SwapWindows(problem, self._window_solver(adjoints.side), body.response, adjoints)
        # windows have no bars, so cells with an open side cannot be judged
        possible = view.possible & ~self._costs.cells_with_open_sides(labels)
        swaps = self.promising(labels, residual, possible, self._windows)
        self._solve_windows(view, self._symmetry.judged(swaps))
        self._mirror()

    def promising(
        self, labels: IntArray, residual: FloatArray, possible: BoolArray, count: int
    ) -> IntArray:
        """The swaps (m, 3) = (row, column, label) not yet judged that could gain most.

        Parameters
        ----------
        labels : (rows, cols) int array
        residual : (t,) array
            Displacement minus target.
        possible : (rows, cols) bool array
            Cells that have a window.
        count : int
            Number of swaps at most.
        """
        factor = self._problem.target_error.factor(residual)
        guess = factor * self._symmetry.sums(self.guess(labels))
        score = 2.0 * np.abs(guess @ (factor * residual)) - np.square(guess).sum(-1)
        score[self._judged] = 0.0
        score[~possible | ~self._own] = 0.0
        np.put_along_axis(score, labels[..., None], 0.0, axis=2)
        best = np.argsort(-score, axis=None, kind="stable")[:count]
        best = best[score.reshape(-1)[best] > 0.0]
        return np.stack(np.unravel_index(best, score.shape), axis=1)

    def guess(self, labels: IntArray) -> FloatArray:
        """First-order effects (rows, cols, count, t) from homogenized properties."""
        current = np.take_along_axis(self._properties, labels[..., None, None], 2)
        jacobian = self._jacobian(current[:, :, 0])
        if self.finer is not None:
            self.finer.linearise(jacobian)
        change = (self._properties - current).reshape(-1, *self._properties.shape[2:])
        guess = np.einsum("tek,eak->eat", jacobian, change, optimize=True)
        return np.asarray(guess.reshape(self.values.shape))

    def _jacobian(self, properties: FloatArray) -> FloatArray:
        """Derivatives (t, cells, 4) of the targets by the properties (rows, cols, 4).

        Linear where fields as rough as those of single cells have no equilibrium.
        """
        try:
            return target_jacobian(self._model, self._model.solve(properties))
        except NoEquilibriumError:
            return target_jacobian(self._linear_model, self._linear_model.solve(properties))

    def _window_solver(self, side: int) -> WindowSolver:
        solid = self._database.phases.solid
        if self._model.kinematics == "linear":
            return LinearWindows(solid)
        return FiniteWindows(solid, self._law, side)

    def _solve_windows(self, windows: SwapWindows, swaps: IntArray) -> None:
        """Solve the windows of the swaps (m, 3)."""
        cells = self._database.take(self._costs.candidates[tuple(swaps.T)])

        def effect(task: tuple[IntArray, ByteArray]) -> FloatArray | None:
            (r, c, _), cell = task
            with numba_threads(1):
                return windows.effect(int(r), int(c), cell)

        pool, limits = ThreadPoolExecutor(self._workers), ExitStack()
        limits.enter_context(blas_on_one_thread())  # once, not for every window
        try:
            changes = pool.map(effect, zip(swaps, cells, strict=True))
            for k, (swap, change) in enumerate(zip(swaps, changes, strict=True)):
                place = tuple(swap)
                self._judged[place] = True
                if change is not None and np.abs(change).max() <= self._largest:
                    self.values[place], self.usable[place] = change, True
                self._progress("windows", k + 1, len(swaps))
        finally:  # on Ctrl-C, do not solve the rest
            pool.shutdown(cancel_futures=True)
            limits.close()

    def _mirror(self) -> None:
        """Give the images of all swaps of the fundamental part their effects."""
        missing = ~self._own
        for x, y in self._symmetry.mirrors[1:]:
            image, sign = target_images(self._problem, x, y)
            place = missing & flipped(self._own, x, y)
            self.values[place] = sign * flipped(self.values, x, y)[place][..., image]
            for known in (self.usable, self._judged):
                known[place] = flipped(known, x, y)[place]
            missing &= ~place

    def forget(self, before: IntArray, after: IntArray) -> None:
        """Drop what is within two cells of a swap: those windows have changed."""
        for r, c in np.argwhere(before != after):
            near = slice(max(r - 2, 0), r + 3), slice(max(c - 2, 0), c + 3)
            self.usable[near] = self._judged[near] = False

    def forget_all(self) -> None:
        """Drop everything, with other adjoint fields or another body."""
        self.usable[:] = self._judged[:] = False
