"""Direct solver: both backends against dense algebra, reuse, messages."""

from __future__ import annotations

import sys

import numpy as np
import pytest
import scipy.sparse as sp

from metafast._base.linear_solver import SymmetricFactor, choose_backend

try:
    choose_backend("pardiso")
    BACKENDS = ["pardiso", "superlu"]
except ImportError:
    BACKENDS = ["superlu"]


def laplacian(n=9, shift=0.1):
    line = sp.diags_array(
        [-np.ones(n - 1), (2 + shift) * np.ones(n), -np.ones(n - 1)], offsets=[-1, 0, 1]
    )
    return sp.csr_array(sp.kron(line, sp.eye_array(n)) + sp.kron(sp.eye_array(n), line))


def upper_of(matrix):
    upper = sp.csr_array(sp.triu(matrix))
    upper.sort_indices()
    return upper


@pytest.fixture(params=BACKENDS)
def backend(request):
    return request.param


def test_solves_refactors_and_takes_many_right_hand_sides(backend):
    matrix = laplacian()
    upper = upper_of(matrix)
    rng = np.random.default_rng(0)
    with SymmetricFactor(upper, backend=backend) as factor:
        for scale in (1.0, 3.0):
            factor.refactor(upper.data * scale)
            for shape in ((81,), (81, 1), (81, 5), (81, 0)):
                rhs = rng.standard_normal(shape)
                kept = rhs.copy()
                solution = factor.solve(rhs)
                assert solution.shape == shape
                np.testing.assert_allclose(scale * (matrix @ solution), rhs, atol=1e-12)
                np.testing.assert_array_equal(rhs, kept)
    with pytest.raises(ValueError, match="closed"):
        factor.solve(np.zeros(81))
    factor.close()


def test_old_pattern_matrix_class_and_int_right_hand_side(backend):
    matrix = laplacian(4)
    with SymmetricFactor(sp.csr_matrix(upper_of(matrix)), backend=backend) as factor:
        np.testing.assert_allclose(matrix @ factor.solve(np.arange(16)), np.arange(16), atol=1e-12)


def test_many_factors_live_side_by_side(backend):
    matrices = [laplacian(6, shift) for shift in (0.1, 1.0, 5.0)]
    factors = [SymmetricFactor(upper_of(m), backend=backend) for m in matrices]
    rhs = np.ones(36)
    for matrix, factor in zip(matrices, factors, strict=True):
        np.testing.assert_allclose(matrix @ factor.solve(rhs), rhs, atol=1e-12)
    for factor in factors:
        factor.close()


def test_names_the_row_of_a_negative_pivot(backend):
    upper = upper_of(laplacian())
    bad = upper.copy()
    bad[17, 17] = -5.0
    with pytest.raises(np.linalg.LinAlgError, match=r"row 17 .*not held"):
        SymmetricFactor(bad, backend=backend)
    with SymmetricFactor(upper, backend=backend) as factor:
        with pytest.raises(np.linalg.LinAlgError, match="row 17 "):
            factor.refactor(bad.data)
        factor.refactor(upper.data)
        np.testing.assert_allclose(laplacian() @ factor.solve(np.ones(81)), 1.0, atol=1e-12)


def test_zero_pivot_is_not_positive_definite(backend):
    upper = upper_of(sp.csr_array(np.array([[1.0, 1.0], [1.0, 1.0]])))
    with pytest.raises(np.linalg.LinAlgError, match="not positive definite"):
        SymmetricFactor(upper, backend=backend)


@pytest.mark.parametrize("seed", range(4))
def test_counts_the_negative_eigenvalues(backend, seed):
    """Inertia by Sylvester's law, against dense eigenvalues, for several shifts of one pattern."""
    rng = np.random.default_rng(seed)
    matrix = laplacian(7)
    scale = sp.diags_array(np.exp(rng.uniform(-2, 2, 49)))
    matrix = sp.csr_array(scale @ matrix @ scale)
    eigenvalues = np.linalg.eigvalsh(matrix.toarray())
    rhs = rng.standard_normal((49, 3))
    with SymmetricFactor(upper_of(matrix), backend=backend, definite=False) as factor:
        assert factor.negative == 0
        for count in (1, 2, 10, 30, 49):
            below = eigenvalues[count] if count < 49 else 2 * eigenvalues[-1]
            shift = 0.5 * (eigenvalues[count - 1] + below)
            moved = sp.csr_array(matrix - shift * sp.eye_array(49))
            factor.refactor(upper_of(moved).data)
            assert factor.negative == count
            np.testing.assert_allclose(moved @ factor.solve(rhs), rhs, atol=1e-9)
        factor.refactor(upper_of(matrix).data)
        assert factor.negative == 0


def test_singular_is_said_where_indefinite_is_allowed(backend):
    upper = upper_of(sp.csr_array(np.array([[1.0, 1.0], [1.0, 1.0]])))
    with pytest.raises(np.linalg.LinAlgError, match="singular"):
        SymmetricFactor(upper, backend=backend, definite=False)
    upper.data[-1] = -3.0
    with SymmetricFactor(upper, backend=backend, definite=False) as factor:
        assert factor.negative == 1
        np.testing.assert_allclose(factor.solve([2.0, -2.0]), [1.0, 1.0])


def test_messages(backend):
    matrix = laplacian(3)
    upper = upper_of(matrix)
    with pytest.raises(ValueError, match="diagonal entry"):
        SymmetricFactor(matrix, backend=backend)
    with pytest.raises(ValueError, match="diagonal entry"):
        SymmetricFactor(sp.csr_array(np.array([[1.0, 1.0], [0.0, 0.0]])), backend=backend)
    with pytest.raises(ValueError, match="CSR"):
        SymmetricFactor(upper.toarray(), backend=backend)
    with pytest.raises(ValueError, match="float64"):
        SymmetricFactor(upper.astype(np.float32), backend=backend)
    with SymmetricFactor(upper, backend=backend) as factor:
        with pytest.raises(ValueError, match="rhs has shape"):
            factor.solve(np.ones(8))
        with pytest.raises(ValueError, match="data has shape"):
            factor.refactor(np.ones(3))
    with pytest.raises(ValueError, match="backend is 'mumps'"):
        SymmetricFactor(upper, backend="mumps")


def test_falls_back_with_a_warning(monkeypatch):
    monkeypatch.setitem(sys.modules, "pypardiso", None)
    with pytest.warns(RuntimeWarning, match="SuperLU"):
        factor = SymmetricFactor(upper_of(laplacian(3)))
    assert factor.backend == "superlu"
    with pytest.raises(ImportError, match="superlu"):
        choose_backend("pardiso")


@pytest.mark.skipif("pardiso" not in BACKENDS, reason="needs PARDISO")
def test_pypardiso_works_beside_it():
    """The library's functions are taken with types of their own, not those of pypardiso."""
    import pypardiso

    matrix = laplacian(5)
    rhs = np.ones(25)
    with SymmetricFactor(upper_of(matrix), backend="pardiso") as factor:
        ours = factor.solve(rhs)
        np.testing.assert_allclose(pypardiso.spsolve(sp.csr_matrix(matrix), rhs), ours, atol=1e-12)
        np.testing.assert_array_equal(factor.solve(rhs), ours)
