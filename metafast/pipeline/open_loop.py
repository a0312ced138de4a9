"""The two stages for one target, and what the pixels of the result do (section 5.1)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from metafast._base.progress import Progress
from metafast._base.stages import Stages
from metafast._base.typing import IntArray
from metafast.assembly.costs import assembly_costs
from metafast.assembly.tiling import choose_cells
from metafast.database import CellDatabase
from metafast.macro import PropertyField
from metafast.pipeline.closed_loop import solve_assembly
from metafast.pipeline.design_space import design_space, optimum
from metafast.pipeline.target_correction import OpenLoop
from metafast.problems import Problem
from metafast.selection import Family, pixel_components, select_candidates
from metafast.selection.eligible import buildable_cells
from metafast.selection.shapes import Encoder


class TwoStages:
    """The two stages of a design, ready for any target of a problem.

    Parameters
    ----------
    problem : Problem
    database : CellDatabase, optional
    vae : Encoder, optional
    family : Family, optional
    options : dict
        From `metafast.pipeline.options.checked_options`.
    threads : int, optional
    progress : callable
    stages : Stages
        Told the time and memory of every stage.
    step : callable
        Called after every stage.
    """

    def __init__(
        self,
        problem: Problem,
        database: CellDatabase | None,
        vae: Encoder | None,
        family: Family | None,
        *,
        options: dict[str, Any],
        threads: int | None,
        progress: Progress,
        stages: Stages,
        step: Callable[[], None],
    ) -> None:
        self._problem, self._options, self._threads = problem, options, threads
        self._progress, self._stages, self._step = progress, stages, step
        self._diverse = options["selection"] == "diverse"
        with stages.stage("database"):
            if family is not None:
                database = family.database()
            elif database is None:
                database = CellDatabase.default()
            self.database = database
            self._eligible = buildable_cells(database, options["side_solid"], options["softest"])
            self._space, self._own = design_space(
                database,
                self._eligible,
                family,
                nodes=options["nodes"],
                coordinates=options["coordinates"],
            )
        self._shapes: Any = vae
        step()

    def run(self, wanted: Problem, *, adjoint: bool) -> OpenLoop:
        """Optimise, select, assemble and solve every pixel.

        Parameters
        ----------
        wanted : Problem
            The problem, or one with the same supports and another target.
        adjoint : bool
            Whether the structure needs adjoint fields of the targets.

        Returns
        -------
        OpenLoop
            Its pixels solved for the problem's own supports and targets.

        Raises
        ------
        ValueError
            If no cell is near a target, or the structure cannot carry the loads.
        MemoryError
            If the structure does not fit.
        """
        stages, problem, options = self._stages, self._problem, self._options
        with stages.stage("macro optimisation"):
            field = optimum(
                wanted,
                self._space,
                self._own,
                smoothing=options["smoothing"],
                mesh=options["mesh"],
                progress=self._progress,
            )
        self._step()
        with stages.stage("selection"):
            choice = self._select(field)
        self._step()
        with stages.stage("assembly"):
            costs = assembly_costs(
                self.database,
                field.properties,
                choice,
                edge_weight=options["edge_weight"],
                coordinates=options["coordinates"],
                threads=self._threads,
            )
            assembly = choose_cells(costs, threads=self._threads, progress=self._progress)
        self._step()
        with stages.stage("every pixel"):
            structure = solve_assembly(
                problem,
                self.database,
                assembly,
                adjoint=adjoint,
                refine=options["refine"],
                threads=self._threads,
            )
        self._step()
        return OpenLoop(wanted, field, costs, structure)

    def _select(self, field: PropertyField) -> IntArray:
        count, database = self._options["candidates"], self.database
        if self._shapes is None and self._diverse:
            self._shapes = pixel_components(database)
        return select_candidates(
            database,
            self._shapes if self._diverse else None,
            field.properties,
            count,
            coordinates=self._options["coordinates"],
            eligible=self._eligible,
            threads=self._threads,
        )
