"""Solutions, limits and judgements of one structure, in the order of their work."""

from __future__ import annotations

from time import perf_counter
from typing import Any, NamedTuple

from metafast._base.equilibrium import NoEquilibriumError
from metafast._base.progress import Progress
from metafast._base.typing import FloatArray, Kinematics
from metafast.material import Material
from metafast.phases import Phases
from metafast.problems import Problem
from metafast.structure import StructureResponse, solve_structure
from metafast.structure.finite.laws import LawName
from metafast.structure.finite.path import Step
from metafast.verification.extrapolation import Extrapolation, extrapolate
from metafast.verification.outside import Judgement, judge_response
from metafast.verification.readings import nodal_reading, rrmse_of_read
from metafast.verification.solution import Solution


class Body(NamedTuple):
    """Pixels, problem and materials of a structure."""

    pixels: Any
    problem: Problem
    phases: Phases

    @property
    def material(self) -> Material:
        """Material of the solid."""
        return self.phases.solid


class Run:
    """Solutions, limits and judgements of a body so far."""

    def __init__(self, body: Body, total: int, threads: int | None, progress: Progress) -> None:
        self._body, self._threads = body, threads
        self._total, self._done, self._progress = total, 0, progress
        self.solutions: list[Solution] = []
        self.extrapolations: list[Extrapolation] = []
        self.judgements: list[Judgement] = []
        self._fits: dict[tuple[str, int], FloatArray] = {}
        self._nodes: dict[tuple[str, int], FloatArray] = {}

    def solve(self, kinematics: Kinematics, law: LawName, mesh: int) -> StructureResponse | None:
        """Solve the body, note its figures, and return the response if there is one."""
        name = "linear" if kinematics == "linear" else law
        self._report(f"{name}, mesh {mesh}")
        began = perf_counter()
        try:
            response = solve_structure(
                *self._body,
                kinematics=kinematics,
                law=law,
                refine=mesh,
                threads=self._threads,
                progress=self._progress,
            )
        except (NoEquilibriumError, MemoryError) as error:
            load = error.load if isinstance(error, NoEquilibriumError) else 1.0
            note = str(error) or "does not fit into memory"
            seconds = perf_counter() - began
            self.solutions.append(
                Solution(kinematics, name, mesh, seconds=seconds, load=load, note=note)
            )
            return None
        reading = nodal_reading(response.nodal_displacement, self._body.problem, mesh)
        self._fits[name, mesh], self._nodes[name, mesh] = response.displacement, reading
        seconds = perf_counter() - began
        self.solutions.append(_figures(self._body.problem, response, reading, mesh, seconds))
        return response

    def extrapolate(self, kinematics: Kinematics, law: LawName) -> None:
        """Extrapolate what one kinematics and law gave on the meshes."""
        name = "linear" if kinematics == "linear" else law
        fits, nodes = (
            {mesh: field for (each, mesh), field in fields.items() if each == name}
            for fields in (self._fits, self._nodes)
        )
        limit = extrapolate(self._body.problem, kinematics, name, fits, nodes)
        if limit is not None:
            self.extrapolations.append(limit)

    def judge(self, name: str, response: StructureResponse, mesh: int, *, forced: bool) -> None:
        """Let a program from outside solve the body."""
        self._report(f"{name}, {response.law}")
        pixels, problem, material = self._body.pixels, self._body.problem, self._body.material
        self.judgements.append(
            judge_response(name, pixels, problem, material, response, refine=mesh, forced=forced)
        )

    def _report(self, note: str) -> None:
        self._progress("verify", self._done, self._total, note)
        self._done += 1


def _figures(
    problem: Problem, response: StructureResponse, reading: FloatArray, mesh: int, seconds: float
) -> Solution:
    node_rrmse, missing = rrmse_of_read(problem, reading)
    return Solution(
        kinematics=response.kinematics,
        law=response.law,
        refine=mesh,
        rrmse=response.rrmse,
        node_rrmse=node_rrmse,
        missing_nodes=missing,
        stable=response.stable,
        critical_load=response.critical_load,
        largest_strain=response.largest_strain,
        overlapping_nodes=response.overlapping_nodes,
        seconds=seconds,
        path=tuple(Step(*row.item()) for row in response.path),
    )
