"""Displacement objective and its adjoint sensitivity (section 5.1, Eqs. 8-15, Appendix A)."""

from __future__ import annotations

from metafast._base.typing import FloatArray
from metafast.macro.fem import MacroModel


def displacement_objective(
    model: MacroModel, properties: FloatArray, *, near: bool = False
) -> tuple[float, FloatArray, FloatArray]:
    """``F = ||gamma*u - u_t||^2`` with its derivatives by every cell's properties.

    With target weights the squares are weighted; for the worst of several load cases see
    `metafast.problems.target_error`.

    ``dF/dC = -lambda^T (dK/dC) u`` with ``K lambda = 2 gamma*(u - u_t)`` (Eqs. A3, A4). The
    derivative by C12 changes C12 and C21 together; the factor that Eq. 15 applies instead is right
    only where lambda and u are parallel. At finite deformation K is the tangent at the equilibrium,
    and the derivative of the internal forces takes the place of ``(dK/dC) u``.

    Parameters
    ----------
    model : MacroModel
    properties : (cells, 4) array
        C11, C12, C22, C33.
    near : bool
        See `FiniteMacroModel.solve`.

    Returns
    -------
    value : float
    gradient : (cells, 4) array
    displacement : (degrees of freedom,) array
    """
    u = model.solve(properties, near=near)
    error = u[model.target] - model.target_values
    value, slope = model.problem.target_error.objective(error)
    multiplier = model.adjoint(slope)
    gradient = -model.stiffness_product(multiplier, u)
    return value, gradient, u
