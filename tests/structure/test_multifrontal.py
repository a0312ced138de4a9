"""The multifrontal factor: against general solvers, kept or dropped, in tiles, on any threads."""

import numpy as np
import pytest
from reference import structure as reference

from metafast._base.linear_solver import SymmetricFactor
from metafast.material import Material
from metafast.problems import bridge, smiley
from metafast.structure import multifrontal, solve_structure
from metafast.structure.multifrontal import Multifrontal
from metafast.structure.nested_dissection import dissection_order, dissection_tree
from metafast.structure.nodes import node_codes, number_free
from metafast.structure.stencils import assemble_upper, node_stencils
from metafast.structure.supports import support

STENCIL = node_stencils(Material())


def body(rows=3, cols=5, side=12, seed=5):
    problem = bridge(rows, cols)
    pixels = reference.random_structure(rows, cols, side, seed=seed).astype(bool)
    held = support(pixels, problem, side)
    code = node_codes(held.solid)
    dof, unknowns = number_free(code, np.isfinite(held.prescribed))
    return code, dof, unknowns


@pytest.mark.parametrize("unit", [40, 400, 10**6])
@pytest.mark.parametrize("columns", [None, 1, 5])
def test_it_solves_what_a_general_solver_solves(monkeypatch, unit, columns):
    monkeypatch.setattr(multifrontal, "_UNIT", unit)
    code, dof, unknowns = body()
    upper = assemble_upper(code, dof, unknowns, STENCIL)
    shape = unknowns if columns is None else (unknowns, columns)
    rhs = np.random.default_rng(0).standard_normal(shape)
    with SymmetricFactor(upper) as factor:
        expected = factor.solve(rhs)
    with Multifrontal(code, dof, STENCIL, threads=2) as factor:
        found = factor.solve(rhs)
        again = factor.solve(rhs)
    assert found.shape == rhs.shape
    np.testing.assert_allclose(found, expected, atol=1e-9 * np.abs(expected).max())
    np.testing.assert_array_equal(again, found)


def test_dropping_half_of_it_and_threads_change_no_bit(monkeypatch):
    monkeypatch.setattr(multifrontal, "_UNIT", 300)
    code, dof, unknowns = body()
    rhs = np.random.default_rng(1).standard_normal((unknowns, 3))
    solutions = []
    for small in (0, 10**9):
        monkeypatch.setattr(multifrontal, "_SMALL", small)
        for threads in (1, 2, 3):
            with Multifrontal(code, dof, STENCIL, threads=threads) as factor:
                solutions.append(factor.solve(rhs))
                memory = factor.memory
        if small == 0:
            dropped = memory
    assert all((solution == solutions[0]).all() for solution in solutions)
    assert dropped < memory


def test_large_fronts_in_tiles():
    """A solid block has separators of hundreds of unknowns."""
    problem = bridge(4, 4)
    response = solve_structure(np.ones((4 * 60, 4 * 60)), problem)
    other = solve_structure(np.ones((4 * 60, 4 * 60)), problem, backend="superlu")
    assert response.energy == pytest.approx(other.energy, rel=1e-10)
    scale = np.abs(other.displacement).max()
    np.testing.assert_allclose(
        response.nodal_displacement, other.nodal_displacement, atol=1e-9 * scale
    )


def test_compliance_agrees_with_an_independent_solver():
    pixels = reference.random_structure(10, 10, 20, seed=3)
    problem = smiley(size=10)
    ours, theirs = (solve_structure(pixels, problem, backend=b) for b in (None, "superlu"))
    assert ours.energy == pytest.approx(theirs.energy, rel=1e-8)
    assert ours.residual < 1e-9


def test_tree_is_the_order_in_blocks():
    code, dof, unknowns = body()
    tree = dissection_tree(code, dof, 4)
    assert sorted(tree.order) == list(range(unknowns))
    assert (tree.order == dissection_order(code, dof)).all()
    assert tree.start[0] == 0
    assert tree.start[-1] == unknowns
    assert (np.diff(tree.start) > 0).all()
    blocks = np.arange(len(tree.parent))
    assert ((tree.parent > blocks) | (tree.parent == -1)).all()
    # unknowns of different subtrees are not coupled: every entry lies between relatives
    block_of = np.empty(unknowns, int)
    block_of[tree.order] = np.repeat(blocks, np.diff(tree.start))
    upper = assemble_upper(code, dof, unknowns, STENCIL).tocoo()
    low = np.minimum(block_of[upper.row], block_of[upper.col])
    high = np.maximum(block_of[upper.row], block_of[upper.col])
    related = low == high
    while not related.all():
        low = np.where(related, low, tree.parent[low])
        assert (low >= 0).all()
        related |= low == high


def test_too_little_memory_is_said_before_it_is_taken():
    code, dof, _ = body()
    with pytest.raises(MemoryError, match=r"needs .* GiB, but 0.0 GiB are free"):
        Multifrontal(code, dof, STENCIL, memory_limit=1000)


def test_a_pivot_that_is_not_positive_is_named():
    code, dof, unknowns = body()
    first = dissection_tree(code, dof, multifrontal._LEAF).order[0]
    with (
        Multifrontal(code, dof, -STENCIL) as factor,
        pytest.raises(np.linalg.LinAlgError, match=rf"row {first} has a zero or negative pivot"),
    ):
        factor.solve(np.ones(unknowns))


def test_our_order_is_needed():
    problem = bridge(2, 3)
    pixels = reference.random_structure(2, 3, 10, seed=5)
    with pytest.raises(ValueError, match="the multifrontal solver lives on our order"):
        solve_structure(pixels, problem, order=False, backend="multifrontal")
    with Multifrontal(*body()[:2], STENCIL) as factor:
        pass
    with pytest.raises(ValueError, match="closed"):
        factor.solve(np.zeros(factor.size))
