"""First stage of a design: optimal properties among those that the cells have (Eq. 8)."""

from __future__ import annotations

from metafast._base.progress import Progress
from metafast._base.typing import BoolArray, FloatArray
from metafast.database import CellDatabase
from metafast.macro import PropertyField, optimize_properties
from metafast.pipeline.options import DesignOptions
from metafast.problems import Problem
from metafast.problems.symmetry import Symmetry
from metafast.properties import Gradation, PropertySpace, SolidShare
from metafast.properties.fitted_gradation import SMOOTHING_WIDTH, fitted_gradation
from metafast.properties.share_along import SolidShareAlong
from metafast.properties.solid_share import ShareMap
from metafast.selection import Family

# smoothing of the curve that the optimum of a family follows first
_FIRST_WIDTH = 4 * SMOOTHING_WIDTH


class FirstStage:
    """Macro optimisation in the property space of the buildable cells, or along a family.

    Parameters
    ----------
    database : CellDatabase
    buildable : (n,) bool array
        Cells that may be chosen.
    family : Family or None
        Origin of the cells, for one variable per element along its gradation.
    options : DesignOptions
    symmetry : Symmetry
        Mirror symmetry of the fields.
    progress : callable
    """

    def __init__(
        self,
        database: CellDatabase,
        buildable: BoolArray,
        family: Family | None,
        options: DesignOptions,
        symmetry: Symmetry,
        progress: Progress,
    ) -> None:
        self._options, self._symmetry, self._progress = options, symmetry, progress
        self._phases = database.phases
        self._properties = database.properties[buildable]
        self._database, self._buildable = database, buildable
        self._spaces = _spaces(self._properties, family, options)

    def optimum(self, aim: Problem) -> PropertyField:
        """Optimal properties; for a family, along the curve fitted to its cells.

        A cold start on that curve is easily trapped, so the search starts from the optimum along
        the gradation and passes through a smoother curve.
        """
        field, start = None, None
        for space in self._spaces:
            field = optimize_properties(
                aim,
                space,
                kinematics=self._options.kinematics,
                start=start,
                smoothing=self._options.smoothing,
                mesh=self._options.mesh,
                phases=self._phases,
                symmetry=self._symmetry,
                shares=self._shares(aim, space),
                progress=self._progress,
            )
            start = field.properties
        assert field is not None
        return field

    def _shares(self, aim: Problem, space: PropertySpace | Gradation) -> ShareMap | None:
        """Expected solid share of the cells, where the problem bounds it."""
        if aim.solid_share is None:
            return None
        solid = self._database.solid_share[self._buildable]
        if isinstance(space, Gradation):
            return SolidShareAlong(space, self._properties, solid)
        return SolidShare.fitted(self._properties, solid, coordinates=self._options.coordinates)


def _spaces(
    properties: FloatArray, family: Family | None, options: DesignOptions
) -> list[PropertySpace | Gradation]:
    """Spaces to search one after the other, each from the optimum of the one before.

    The property space of the cells (n, 4); with a family the part of its gradation that has cells,
    then the curve that its cells follow, smoothed strongly and then a little.
    """
    if family is None:
        nodes, coordinates = options.space_nodes, options.coordinates
        return [PropertySpace.from_properties(properties, nodes, coordinates=coordinates)]
    followed = [
        fitted_gradation(family.gradation, properties, w) for w in (_FIRST_WIDTH, SMOOTHING_WIDTH)
    ]
    ends = followed[-1].parameter[[0, -1]]
    asked = family.gradation.between(*ends)
    return [asked, *followed] if options.follow_cells else [asked]
