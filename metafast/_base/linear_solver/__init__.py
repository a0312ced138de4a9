"""Direct solver for sparse symmetric systems: PARDISO, or SuperLU without it.

On x86-64 it is PARDISO (MKL, through pypardiso), elsewhere SuperLU of scipy with a symmetric
ordering. The matrix is given by its upper triangle in CSR form; the pattern is analysed once, and
new values on the same pattern only repeat the numerical factorisation::

    with SymmetricFactor(upper) as factor:
        u = factor.solve(rhs)
        factor.refactor(new_values)
        v = factor.solve(rhs)

Matrices are taken as positive definite unless ``definite=False`` allows negative eigenvalues, which
are then counted: the tangent of a body that buckles has some.
"""

from metafast._base.linear_solver.factor import Backend, SymmetricFactor, choose_backend

__all__ = ["Backend", "SymmetricFactor", "choose_backend"]
