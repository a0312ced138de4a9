"""Figures of a design, each by its name."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from metafast._base.checks import require_choice
from metafast._base.typing import AnyArray, FloatArray
from metafast.homogenization import homogenize
from metafast.problems.cases import case_of

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from metafast.macro import PropertyField
    from metafast.pipeline.result import Design
    from metafast.structure import StructureResponse

# names, with what each shows
FIGURES = {
    "problem": "cells, supports, loads and targets",
    "fields": "the problem with its macro optimum, and the optimised properties",
    "structure": "the pixels",
    "deformed": "the deformed pixels, coloured by displacement, over the target",
    "linear-and-finite": "outlines by linear elasticity and at finite deformation",
    "load-path": "reaction and error over the load",
    "convergence": "the macro optimisation, and the assembly with its bound",
    "loops": "error at every pixel over corrected targets and rounds of swaps",
    "property-cloud": "properties of the cells, and those of the macro optimum",
}


# why a design may lack a figure
_WITHOUT = {
    "linear-and-finite": "it was solved by linear elasticity",
    "load-path": "it was not followed from rest at finite deformation",
    "loops": "it had no round of target correction or swaps",
}


def figures_of(design: Design) -> tuple[str, ...]:
    """Names of the figures that there are of a design."""
    finite = design.response.kinematics == "finite"
    # a body that was started near its equilibrium has no path
    missing = {
        "linear-and-finite": not finite,
        "load-path": not finite or len(design.response.path) < 2,
        "loops": max(len(design.trace.corrections), len(design.trace.swaps)) < 2,
    }
    return tuple(name for name in FIGURES if not missing.get(name, False))


def plot_figure(design: Design, figure: str, **options: Any) -> Figure:
    """Draw a figure of a design; see `Design.plot`."""
    require_choice("figure", figure, tuple(FIGURES))
    known = figures_of(design)
    if figure not in known:
        raise ValueError(
            f"there is no figure {figure!r} of this design: {_WITHOUT[figure]}; there are "
            f"{', '.join(known)}"
        )
    draw, about = _call(design, figure)
    allowed = [
        name
        for name, kind in inspect.signature(draw).parameters.items()
        if kind.kind is kind.KEYWORD_ONLY
    ]
    unknown = set(options) - set(allowed)
    if unknown:
        raise ValueError(
            f"the figure {figure!r} has no option {min(unknown)!r}; it has {', '.join(allowed)}"
        )
    return draw(**(about | options))


def _call(design: Design, figure: str) -> tuple[Callable[..., Figure], dict[str, Any]]:
    """Function that draws a figure, and its arguments."""
    from metafast import plotting

    problem, response, field = design.problem, _response(design), _field(design)
    size = {"cell_size": design.units.cell_size}
    young = {"young": design.units.young}
    if figure == "problem":
        return plotting.plot_problem, {"problem": problem} | size
    if figure == "fields":
        return plotting.plot_fields, {"problem": problem, "field": field} | size | young
    if figure == "structure":
        body = replace(case_of(problem, 0), name=problem.name)
        return plotting.plot_structure, {"pixels": design.pixels, "problem": body} | size
    if figure == "convergence":
        stages = {"field": field, "assembly": design.certified}
        return plotting.plot_convergence, stages
    if figure == "property-cloud":
        cells = case_of(problem, 0).designed
        own, wanted = cell_properties(design), field.properties[:, : cells.shape[1]][cells]
        names = {"label": "cells of the structure", "cloud_label": "macro optimum"}
        clouds = {"properties": own, "cloud": wanted}
        words = {"title": f"{problem.name}: {len(own):,} cells", "share": False}
        return plotting.plot_property_cloud, clouds | names | words | young
    if figure == "loops":
        trace = design.trace
        return plotting.plot_loops, {"corrections": trace.corrections, "swaps": trace.swaps}
    if figure == "load-path":
        paths = {response.law: response.path}
        linear = {response.law: response.linear_rrmse}
        words = {"title": problem.name, "linear": linear}
        return plotting.plot_load_paths, {"paths": paths} | words
    body_and_task = {"response": response, "problem": problem} | size
    if figure == "deformed":
        return plotting.plot_deformed, body_and_task
    return plotting.plot_linear_and_finite, body_and_task


def cell_properties(design: Design) -> FloatArray:
    """C11, C12, C22, C33 (n, 4) of the designed cells as they stand in the structure.

    Relative to Young's modulus; by homogenization of their pixels, bars between cells included.
    """
    body = case_of(design.problem, 0).designed
    rows, cols = body.shape
    blocks = design.pixels.reshape(rows, -1, cols, design.pixels.shape[1] // cols).swapaxes(1, 2)
    stiffness = homogenize(blocks[body], design.phases)
    return np.asarray(stiffness[:, [0, 0, 1, 2], [0, 1, 1, 2]]) / design.phases.solid.young


def _field(design: Design) -> PropertyField:
    """First stage, its properties and works relative to the solid's Young's modulus."""
    field, young = design.field, design.phases.solid.young
    return replace(
        field,
        properties=field.properties / young,
        compliance=field.compliance / young,
        history=_divided(field.history, "compliance", young),
    )


def _response(design: Design) -> StructureResponse:
    """Response with works relative to the solid's Young's modulus."""
    response, young = design.response, design.phases.solid.young
    path = _divided(response.path, "reaction", young)
    return replace(response, work=response.work / young, path=path)


def _divided(records: AnyArray, name: str, divisor: float) -> AnyArray:
    """A copy of a structured array with one of its columns divided."""
    made = records.copy()
    if name in (made.dtype.names or ()):
        made[name] /= divisor
    return made
