"""Judge torch-fem: planar elements at finite deformation, laws differentiated automatically.

Its iteration settles in any equilibrium, also in unstable ones, which metafast leaves. It imports
pyvista and with it VTK, so that no extra of this package asks for it.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from metafast._base.typing import FloatArray
from metafast.material import Material
from metafast.problems import Problem
from metafast.structure.finite.laws import LawName
from metafast.structure.quad_mesh import quad_mesh
from metafast.verification.judges.errors import (
    JudgeError,
    MissingJudgeError,
    require_plane_stress,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

_STEPS = 8
_TOLERANCE = 1e-10  # unbalanced force relative to the first of a step
_PLANE_TOLERANCE = 1e-10  # stress across the plane, in units of E


def displacement(
    pixels: Any,
    problem: Problem,
    material: Material,
    law: LawName = "neo-hookean",
    *,
    refine: int = 1,
) -> FloatArray:
    """Displacement (ny+1, nx+1, 2) of the pixel nodes at finite deformation; NaN in void.

    Parameters
    ----------
    pixels, problem, material, law, refine
        As in `metafast.solve_structure`; plane stress.

    Raises
    ------
    MissingJudgeError
        If torch-fem is not installed.
    JudgeError
        If torch-fem does not converge, or in plane strain.
    """
    require_plane_stress(material, "torch-fem")
    try:
        import torch
        import torchfem
        from torchfem.materials import HyperelasticPlaneStress
    except ImportError as error:
        raise MissingJudgeError("torch-fem", "pip install torch-fem") from error
    if problem.has_forces or problem.springs is not None:
        raise JudgeError("torch-fem judges prescribed displacements here, no forces or springs")
    mesh = quad_mesh(pixels, problem, refine)
    e, nu = 1.0, material.poisson  # forces scale with E, displacements do not depend on it
    lame = [e / (2.0 * (1.0 + nu)), e * nu / ((1.0 + nu) * (1.0 - 2.0 * nu))]
    with _double_precision(torch), torch.no_grad():
        solid = HyperelasticPlaneStress(
            _energy(torch, law), lame, tolerance=_PLANE_TOLERANCE, max_iter=20
        )
        nodes, elements = torch.tensor(mesh.coordinates), torch.tensor(mesh.elements)
        body = torchfem.Planar(nodes, elements, solid)
        held = tuple(torch.tensor(mesh.held.T))
        body.constraints[held] = True
        body.displacements[held] = torch.tensor(mesh.values)
        try:
            u = body.solve(
                torch.linspace(0.0, 1.0, _STEPS + 1), max_iter=20, rtol=_TOLERANCE, atol=1e-12
            )[0]
        except Exception as error:  # its error for lack of convergence is not exported
            raise JudgeError(f"torch-fem has no solution: {error}") from error
    return mesh.spread(u.numpy())


def _energy(torch: Any, law: LawName) -> Callable[[Any, Any], Any]:
    """Energy density of a deformation gradient (3, 3) and Lame's constants."""

    def neo_hookean(f: Any, lame: Any) -> Any:
        c = f.T @ f
        log = 0.5 * torch.logdet(c)
        return lame[0] * (0.5 * (torch.trace(c) - 3.0) - log) + 0.5 * lame[1] * log**2

    def st_venant_kirchhoff(f: Any, lame: Any) -> Any:
        e = 0.5 * (f.T @ f - torch.eye(3))
        return lame[0] * torch.trace(e @ e) + 0.5 * lame[1] * torch.trace(e) ** 2

    return neo_hookean if law == "neo-hookean" else st_venant_kirchhoff


@contextmanager
def _double_precision(torch: Any) -> Iterator[None]:
    """Double precision as torch's default, which torch-fem follows, and what it was after."""
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    try:
        yield
    finally:
        torch.set_default_dtype(before)
