"""Compliance, the work of the loads, as objective or beside the displacement error.

With forces f and the equilibrium u under the whole load, compliance is ``f . u``. At small
displacements it is twice the strain energy. At finite deformation dead loads keep it a linear
function of u, so its adjoint equation has the tangent K at the equilibrium and f at its right::

    d(f . u)/dC = -lambda^T (df_int/dC)        K lambda = f
"""

from __future__ import annotations

from metafast._base.typing import FloatArray
from metafast.macro.fem import MacroModel
from metafast.macro.objective import displacement_objective


def design_objective(
    model: MacroModel, properties: FloatArray, *, near: bool = False
) -> tuple[float, FloatArray, FloatArray]:
    """Objective of the model's problem, with its derivatives by every cell's properties.

    ``||gamma*u - u_t||^2``, compliance ``f . u``, or ``||gamma*u - u_t||^2 + w ||u_t||^2 f . u``
    with the problem's weight w.

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
        At a share s of the load s^2 times as large, to the lowest order.
    gradient : (cells, 4) array
    displacement : (degrees of freedom,) array
    """
    problem = model.problem
    if problem.objective == "displacement" and problem.compliance_weight == 0.0:
        return displacement_objective(model, properties, near=near)
    u = model.solve(properties, near=near)
    if problem.objective == "compliance":
        value, pull = model.work(u), model.pull
    else:
        error = u[model.target] - model.target_values
        weight = problem.compliance_weight * problem.target_error.norm2
        value, slope = problem.target_error.objective(error)
        value, pull = value + weight * model.work(u), weight * model.pull
        pull[model.target] += slope
    return value, -model.stiffness_product(model.adjoint_to(pull), u), u
