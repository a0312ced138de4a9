"""Open loop: macro optimisation, selection, assembly, every pixel (section 5.1)."""

from __future__ import annotations

from copy import copy
from dataclasses import replace

import numpy as np

from metafast._base.equilibrium import NoEquilibriumError
from metafast._base.typing import ByteArray, FloatArray, IntArray
from metafast.assembly.body_cells import body_properties
from metafast.assembly.bounded_choice import TooMuchSolidError
from metafast.assembly.costs import AssemblyCosts, assembly_costs
from metafast.assembly.tiling import Assembly, choose_cells
from metafast.database import CellDatabase
from metafast.macro import PropertyField
from metafast.macro.finite import macro_model
from metafast.macro.jacobian import target_jacobian
from metafast.macro.passive import passive_properties
from metafast.pipeline.added_cells import require_initial
from metafast.pipeline.attempt import Attempt
from metafast.pipeline.cells_at_hand import CellsAtHand
from metafast.pipeline.every_pixel import BodySolver
from metafast.pipeline.first_stage import FirstStage
from metafast.pipeline.mesh_change import MeshChange, costs_by_mesh, differences, mesh_change
from metafast.pipeline.options import DesignOptions
from metafast.pipeline.property_swaps import (
    EDGE_PRICE,
    LATER_EDGE_PRICE,
    swap_by_properties,
)
from metafast.pipeline.sources import provenance_of
from metafast.pipeline.trace import Trace
from metafast.problems import Problem
from metafast.problems.symmetry import Symmetry, repetition_of, symmetry_of
from metafast.selection import Family, select_candidates
from metafast.selection.candidates import Cost
from metafast.selection.shapes import Encoder

_TRIES = 3  # of the macro stage, where candidates have too much solid
_EXCESS = 2.0  # of their excess that the next bound is lower by
_IN_REACH = 0.5  # of the tolerance, for the macro optimum: rounding to cells adds to it
_GAIN = 0.5  # of the error of the macro optimum, for cells with narrower sides to be worth it


class OpenLoop:
    """Both stages of a design, ready for any target of a problem.

    Parameters
    ----------
    problem : Problem
    database : CellDatabase, optional
        The embedded one by default.
    encoder : Encoder, optional
        Latent coordinates for the "diverse" selection; principal components by default.
    family : Family, optional
        Cells and gradation in place of a database.
    options : DesignOptions
    trace : Trace
    threads : int, optional

    Attributes
    ----------
    cells : CellsAtHand
    database : CellDatabase
        The cells at hand.
    solver : BodySolver
    provenance : dict
        Origin of the cells, the encoder, and the version of metafast.
    symmetry : Symmetry
        Mirror symmetry of the structures, or that of the copies of several load cases.
    """

    def __init__(
        self,
        problem: Problem,
        database: CellDatabase | None,
        encoder: Encoder | None,
        family: Family | None,
        options: DesignOptions,
        trace: Trace,
        threads: int | None,
    ) -> None:
        self._options, self._trace, self._threads = options, trace, threads
        with trace.stage("database"):
            if family is not None:
                database = family.database()
            given = CellDatabase.default() if database is None else database
            _require_candidates(options.candidates, len(given))
            if options.inverse_above is not None:
                require_initial(given, family)
            self.cells = CellsAtHand(given, encoder, options, threads, trace.progress)
            is_symmetric = options.symmetry == "auto" and given.symmetric
            mirrors = symmetry_of(problem) if is_symmetric else Symmetry()
            self.symmetry = mirrors or repetition_of(problem)
            self._problem, self._family = problem, family
            self._adjoints = options.rounds > 0 and options.corrections == 0
            self._take_cells()
        self._narrower = list(options.side_floors[1:])
        self.provenance = provenance_of(given, encoder, family, options.selection)
        self._chosen = problem.designed & self.symmetry.fundamental(problem.designed.shape)

    @property
    def database(self) -> CellDatabase:
        """The cells at hand."""
        return self.cells.database

    def add_cells(self, cells: ByteArray) -> None:
        """Add cells (n, h, w) to the database, after those that it has."""
        self.cells.add(cells)
        self._take_cells()

    def _take_cells(self) -> None:
        """Prepare the stages for the cells at hand."""
        self._first = self._first_stage()
        self.solver = self.solver_of(self._options.refine, adjoints=self._adjoints)

    def _first_stage(self) -> FirstStage:
        """First stage with the cells that may be chosen."""
        return FirstStage(
            self.database,
            self.cells.buildable,
            self._family,
            self._options,
            self.symmetry,
            self._trace.progress,
        )

    def solver_of(self, refine: int, *, adjoints: bool = False) -> BodySolver:
        """Solver of every pixel on a mesh with `refine` elements per pixel side."""
        return BodySolver(
            self._problem,
            self.database,
            kinematics=self._options.kinematics,
            law=self._options.law,
            refine=refine,
            adjoints=adjoints,
            symmetry=self.symmetry,
            minimum_width=self._options.minimum_width,
            threads=self._threads,
            progress=self._trace.progress,
        )

    def run(self, aim: Problem) -> Attempt:
        """Optimise, select, assemble and solve every pixel.

        The macro stage knows the solid share of cells on average. Where all candidates at its
        optimum have more than the bound, it is repeated with a lower one.

        Parameters
        ----------
        aim : Problem
            The problem, or one with the same supports and another target.

        Raises
        ------
        ValueError
            If no cell is near a target, the cells have too much solid, or the body cannot carry the
            loads.
        MemoryError
            If the body does not fit.
        """
        asked = aim
        for _ in range(_TRIES - 1):
            try:
                return self._attempt(aim, asked)
            except TooMuchSolidError as lack:
                asked = _with_less_solid(asked, lack)
        return self._attempt(aim, asked)

    def _attempt(self, aim: Problem, asked: Problem) -> Attempt:
        """An attempt; the macro stage has a bound on the solid of its own."""
        trace = self._trace
        with trace.stage("macro"):
            field = self._optimum(asked)
        with trace.stage("selection"):
            if self.cells.fill(field.properties[self._chosen]):
                self._take_cells()
            candidates = self.candidates(field.properties)
        with trace.stage("assembly"):
            costs = self.costs(aim, field.properties, candidates)
            certified = choose_cells(
                costs, self.symmetry, threads=self._threads, progress=trace.progress
            )
            finer = self.mesh_change(candidates)
            assembly = self._swapped(aim, costs, certified, finer, EDGE_PRICE)
        with trace.stage("every_pixel"):
            body = self.solver(assembly)
        return Attempt(aim, field, costs, certified, body, finer, self._predicted(assembly))

    def _optimum(self, asked: Problem) -> PropertyField:
        """Optimal properties, of cells with narrower sides where wider ones cannot do it.

        Each step that at least halves the error is taken. The question is settled at the first
        target: structures at corrected targets are compared with each other.
        """
        field = self._first.optimum(asked)
        floors, self._narrower = self._narrower, []
        for narrower in floors:
            if not self._out_of_reach(field):
                break
            wide = copy(self.cells), self._first
            self.cells.take_sides(narrower)
            self._first = self._first_stage()
            try:
                further = self._first.optimum(asked)
                halves = further.rrmse <= _GAIN * field.rrmse or not field.feasible
                gains = further.feasible and halves
            except NoEquilibriumError:
                gains = False
            if not gains:
                self.cells, self._first = wide
                break
            field = further
        return field

    def _out_of_reach(self, field: PropertyField) -> bool:
        """Whether the macro optimum leaves too little of the tolerance to rounding to cells."""
        near = field.rrmse <= _IN_REACH * self._options.goal
        return self._problem.objective != "compliance" and not (field.feasible and near)

    def again(self, aim: Problem, best: Attempt) -> Attempt:
        """Another attempt, at a corrected target.

        With swaps by properties the cells of the best attempt are swapped for it.

        Raises
        ------
        ValueError, MemoryError
            As `run`; also if there is nothing to swap.
        """
        if self._options.own_rounds == 0:
            return self.run(aim)
        with self._trace.stage("assembly"):
            start = best.body.assembly
            assembly = self._swapped(aim, best.costs, start, best.finer, LATER_EDGE_PRICE)
        if assembly is start:
            raise ValueError("no swap of cells brings the body nearer to the aim")
        with self._trace.stage("every_pixel"):
            body = self.solver(assembly)
        return replace(best, aim=aim, body=body, predicted=self._predicted(assembly))

    def _swapped(
        self,
        aim: Problem,
        costs: AssemblyCosts,
        assembly: Assembly,
        finer: MeshChange | None,
        edge_price: float,
    ) -> Assembly:
        """The assembly after swaps by properties, if there are any."""
        options = self._options
        if options.own_rounds == 0:
            return assembly
        return swap_by_properties(
            aim,
            macro_model(aim, options.mesh, options.kinematics),
            self.database,
            costs,
            assembly,
            finer=finer,
            rounds=options.own_rounds,
            edge_price=edge_price,
            symmetry=self.symmetry,
            progress=self._trace.progress,
        )

    def _predicted(self, assembly: Assembly) -> FloatArray | None:
        """Displacement by the cells' own properties, where swaps went by it; None without any."""
        options = self._options
        if options.own_rounds == 0:
            return None
        model = macro_model(self._problem, options.mesh, options.kinematics)
        properties = body_properties(self.database, assembly.cells, self._problem)
        try:
            return model.macro_nodes(model.solve(properties))
        except NoEquilibriumError:
            return None

    def mesh_change(self, candidates: IntArray) -> MeshChange | None:
        """What a finer mesh changes, where the closed loop lowers the errors on both."""
        options = self._options
        if options.finer == 1 or options.rounds == 0:
            return None
        return mesh_change(
            self._problem,
            self.database,
            candidates,
            options.refine,
            options.finer,
            self._threads,
        )

    def costs(self, aim: Problem, properties: FloatArray, candidates: IntArray) -> AssemblyCosts:
        """Costs of candidates (rows, cols, count) for properties (rows, cols, 4)."""
        return assembly_costs(
            self.database,
            properties,
            candidates,
            edge_weight=self._options.edge_weight,
            geometric_weight=self._options.geometric_weight,
            mechanical_weight=self._options.mechanical_weight,
            coordinates=self._options.coordinates,
            scaled=self._options.deviation == "scaled",
            problem=aim,
            threads=self._threads,
        )

    def candidates(self, targets: FloatArray) -> IntArray:
        """Rows (rows, cols, count) of the database for targets (rows, cols, 4) (section 4.2).

        They are -1 where a cell is not designed.
        """
        chosen = self._chosen
        found = select_candidates(
            self.database,
            self.cells.shapes if self._options.selection == "diverse" else None,
            targets[chosen],
            self._options.candidates,
            coordinates=self._options.coordinates,
            eligible=self.cells.buildable,
            cost=self._mesh_costs(targets),
            threads=self._threads,
        )
        rows = np.full((*chosen.shape, found.shape[-1]), -1)
        rows[chosen] = found
        return np.asarray(self.symmetry.spread(rows))

    def _mesh_costs(self, properties: FloatArray) -> Cost | None:
        """Costs of candidates by what a finer mesh changes, at the macro optimum (rows, cols, 4).

        None where one mesh counts, and for nearest cells.
        """
        options = self._options
        if options.finer == 1 or options.selection == "nearest":
            return None
        designed = self._problem.designed
        model = macro_model(self._problem, options.mesh, options.kinematics)
        passive = passive_properties(self._problem, self.database.phases)
        everywhere = np.where(designed[..., None], properties, passive)
        jacobian = target_jacobian(model, model.solve(everywhere))[:, self._chosen.ravel()]
        scale = self._problem.target_error.scale
        jacobian = jacobian * np.reshape(scale, (-1, 1, 1))

        def cost(rows: IntArray) -> FloatArray:
            distinct, place = np.unique(rows, return_inverse=True)
            change = differences(
                self.database, distinct, options.refine, options.finer, self._threads
            )
            return costs_by_mesh(jacobian, change[place.reshape(rows.shape)])

        return cost


def _require_candidates(count: int, cells: int) -> None:
    """Refuse more candidates than there are cells, before the macro optimisation."""
    if count > cells:
        raise ValueError(
            f"{count:,} candidates were asked for but {cells:,} cells are there; lower candidates "
            "or use a larger database"
        )


def _with_less_solid(problem: Problem, lack: TooMuchSolidError) -> Problem:
    """The problem with a bound on the solid that is lower by twice the excess of its candidates.

    Raises
    ------
    TooMuchSolidError
        If nothing would be left.
    """
    share = (problem.solid_share or 0.0) - _EXCESS * lack.excess
    if share <= 0.0:
        raise lack
    return replace(problem, solid_share=share)
