"""Response of a body at the end of its load path."""

from __future__ import annotations

from typing import Any

import numpy as np

from metafast._base.checks import require_array
from metafast._base.stages import peak_memory
from metafast._base.typing import FloatArray
from metafast.structure.body import PixelBody
from metafast.structure.finite.body import FiniteBody
from metafast.structure.finite.contact import overlapping_nodes
from metafast.structure.finite.solve import FiniteSolution
from metafast.structure.finite.start import extended
from metafast.structure.finite.stresses import cauchy_stresses, largest_strain
from metafast.structure.readout import macro_displacement
from metafast.structure.response import (
    StructureResponse,
    common_parts,
    no_stresses,
    rrmse_of,
    support_nodes,
)


def require_start(start: Any, body: PixelBody) -> FloatArray | None:
    """Return a displacement of the nodes to start from, checked and carried on into the void."""
    if start is None:
        return None
    field = require_array("start", start)
    needed = body.held.prescribed.shape
    if field.shape != needed:
        raise ValueError(
            f"start has shape {field.shape}; {needed} is needed, a displacement for every node of "
            "the refined pixels"
        )
    return extended(field)


def read_out_finite(
    body: PixelBody, solution: FiniteSolution, law: str, *, stresses: bool
) -> StructureResponse:
    """Response of a body at the end of its load path.

    Parameters
    ----------
    body : PixelBody
    solution : FiniteSolution
    law : str
    stresses : bool
        Whether to compute stresses.
    """
    finite, path, problem = solution.body, solution.path, body.cases[0]
    active, end = body.system.code != 0, path.end
    field = finite.spread_to_nodes(end.u)
    macro = macro_displacement(np.nan_to_num(field), active, body.side)
    linear = finite.spread_to_nodes(path.linear)
    linear_macro = macro_displacement(np.nan_to_num(linear), active, body.side)
    stress, von_mises = cauchy_stresses(finite, end.u) if stresses else no_stresses()
    supported = support_nodes(body)
    unstable = [step.load for step in path.steps if step.negative]
    loads, strain_energy, spring_energy, work = body.loads[0], end.energy, 0.0, 0.0
    if loads is not None:
        spring_energy, work = loads.spring_energy(field), loads.work(field)
        strain_energy += work - spring_energy
    found = bool(np.isfinite(macro[problem.wanted]).all())
    return StructureResponse(
        displacement=macro,
        rrmse=rrmse_of(problem, macro),
        nodal_displacement=field,
        **common_parts(body),
        support_nodes=supported,
        reactions=_reactions(finite, end.force, supported),
        stress=stress,
        von_mises=von_mises,
        energy=strain_energy,
        residual=end.residual,
        kinematics="finite",
        law=law,
        linear_displacement=linear_macro,
        linear_rrmse=problem.rrmse(linear_macro) if found else np.inf,
        path=path.table(),
        stable=path.stable,
        critical_load=min(unstable, default=np.inf),
        largest_strain=largest_strain(finite, end.u),
        overlapping_nodes=overlapping_nodes(finite.pixels, body.system.code, field, body.side),
        peak_memory=peak_memory(),
        spring_energy=spring_energy,
        work=work,
    )


def _reactions(body: FiniteBody, force: FloatArray, nodes: Any) -> FloatArray:
    """Forces (k, 2) that hold the given nodes; zero in components that are free."""
    field = np.zeros((*body.system.code.shape, 2))
    field[tuple(body.prescribed.T)] = force[body.free :]
    return np.asarray(field[tuple(nodes.T)])
