"""Facts about every cell of a design, for the report: properties, mismatch, stress, candidates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from metafast._base.typing import BoolArray, FloatArray, IntArray
from metafast.material import Material
from metafast.report.printed_cells import PrintedCells
from metafast.structure.finite.stresses import stresses_of_field

if TYPE_CHECKING:
    from metafast.pipeline.result import Design

SIDES = ("left", "right", "above", "below")


@dataclass(frozen=True, eq=False)
class CellFacts:
    """Facts about the cells of a body; where there are several load cases, about one copy of it.

    Attributes
    ----------
    present, designed : (rows, cols) bool arrays
    database_row : (rows, cols) int array
        -1 where a cell is not from the database.
    candidates : (rows, cols, count) int array
        Rows of the database; -1 where a cell is not designed.
    label : (rows, cols) int array
        Chosen candidate of each cell, from 0.
    wanted, own : (rows, cols, 4) arrays
        C11, C12, C22, C33 of the first stage, and of the cells as they are printed; NaN where there
        is no cell.
    mismatch : (rows, cols, 4) array
        Mismatch (0 to 2) with the neighbours `SIDES`; NaN where there is none.
    von_mises : (rows, cols) array
        Largest von Mises stress at the centre of a pixel, over all load cases; NaN without solid.
    unit : str
        Unit of stress and stiffness, MPa or E.
    """

    present: BoolArray
    designed: BoolArray
    database_row: IntArray
    candidates: IntArray
    label: IntArray
    wanted: FloatArray
    own: FloatArray
    mismatch: FloatArray
    von_mises: FloatArray
    unit: str

    @property
    def mean_mismatch(self) -> FloatArray:
        """Mean mismatch (rows, cols) with the neighbours; NaN without any."""
        known = np.isfinite(self.mismatch)
        count = known.sum(axis=2)
        total = np.where(known, self.mismatch, 0.0).sum(axis=2)
        return np.where(count > 0, total / np.maximum(count, 1), np.nan)

    @property
    def deviation(self) -> FloatArray:
        """Largest relative deviation (rows, cols) of C11, C22, C33 from what was wanted."""
        own, wanted = self.own[..., [0, 2, 3]], self.wanted[..., [0, 2, 3]]
        with np.errstate(divide="ignore", invalid="ignore"):
            relative = np.abs(own / wanted - 1.0).max(axis=2)
        return np.where(self.designed, relative, np.nan)


def cell_facts(design: Design) -> CellFacts:
    """Facts about the cells of a design: a second or two of homogenization for thousands."""
    problem, assembly = design.problem, design.assembly
    present, designed = problem.one_body(problem.present), problem.one_body(problem.designed)
    printed = PrintedCells.of(design.pixels, present)
    solid = design.phases.solid
    young = 1.0 if design.units.young is None else design.units.young
    scale = young / solid.young
    wanted = problem.one_body(design.field.properties)
    return CellFacts(
        present=present,
        designed=designed,
        database_row=problem.one_body(assembly.cells),
        candidates=problem.one_body(assembly.candidates),
        label=problem.one_body(assembly.labels),
        wanted=scale * np.where(present[..., None], wanted, np.nan),
        own=scale * printed.properties(design.phases),
        mismatch=_by_side(*printed.mismatch(design.phases)),
        von_mises=_largest_stress(design, Material(young, solid.poisson, solid.plane)),
        unit="E" if design.units.young is None else "MPa",
    )


def _by_side(across: FloatArray, down: FloatArray) -> FloatArray:
    """Mismatch (rows, cols, 4) with each neighbour, from that of both kinds of sides."""
    rows, cols = across.shape[0], down.shape[1]
    sides = np.full((rows, cols, len(SIDES)), np.nan)
    sides[:, 1:, 0], sides[:, :-1, 1] = across, across
    sides[1:, :, 2], sides[:-1, :, 3] = down, down
    return sides


def _largest_stress(design: Design, material: Material) -> FloatArray:
    """Largest von Mises stress (rows, cols) of each cell of the body."""
    problem, response = design.problem, design.response
    rows, cols = problem.rows, problem.cols
    side = response.solid.shape[0] // rows
    _, stress = stresses_of_field(
        response.nodal_displacement, response.solid, material, response.law, side
    )
    solid = np.where(response.solid & np.isfinite(stress), stress, -1.0)
    largest = solid.reshape(rows, side, cols, side).max(axis=(1, 3))
    width = problem.period - 1
    copies = [largest[:, k * problem.period :][:, :width] for k in range(problem.copies)]
    found = np.max(copies, axis=0).astype(float)
    return np.where(found >= 0.0, found, np.nan)
