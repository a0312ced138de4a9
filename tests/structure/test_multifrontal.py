"""The multifrontal factor: against general solvers, kept or dropped, in tiles, on any threads."""

import numpy as np
import pytest
from reference import direct
from reference import structure as reference

from metafast._base.linear_solver import SymmetricFactor
from metafast.material import Material
from metafast.problems import bridge, smiley
from metafast.structure import solve_structure
from metafast.structure.body import prepare
from metafast.structure.multifrontal import LEAF, Multifrontal
from metafast.structure.nested_dissection import dissection_tree

MATERIAL = Material()


def body(rows=3, cols=5, side=12, seed=5):
    problem = bridge(rows, cols)
    pixels = reference.random_structure(rows, cols, side, seed=seed)
    return prepare(pixels, [problem], MATERIAL, 1).system


@pytest.mark.parametrize("task", [40, 400, 10**6])
@pytest.mark.parametrize("columns", [None, 1, 5])
def test_it_solves_what_a_general_solver_solves(task, columns):
    system = body()
    upper = direct.assemble_upper(system, MATERIAL)
    shape = system.unknowns if columns is None else (system.unknowns, columns)
    rhs = np.random.default_rng(0).standard_normal(shape)
    with SymmetricFactor(upper) as factor:
        expected = factor.solve(rhs)
    with Multifrontal(system, threads=2, task=task) as factor:
        found = factor.solve(rhs)
        again = factor.solve(rhs)
    assert found.shape == rhs.shape
    np.testing.assert_allclose(found, expected, atol=1e-9 * np.abs(expected).max())
    np.testing.assert_array_equal(again, found)


def test_dropping_half_of_it_and_threads_change_no_bit():
    system = body()
    rhs = np.random.default_rng(1).standard_normal((system.unknowns, 3))
    solutions = []
    for kept in (0, 10**9):
        for threads in (1, 2, 3):
            with Multifrontal(system, threads=threads, task=300, kept=kept) as factor:
                solutions.append(factor.solve(rhs))
                memory = factor.memory
        if kept == 0:
            dropped = memory
    assert all((solution == solutions[0]).all() for solution in solutions)
    assert dropped < memory


def test_large_fronts_in_tiles():
    """A solid block has separators of hundreds of unknowns."""
    problem = bridge(4, 4)
    response = solve_structure(np.ones((4 * 60, 4 * 60)), problem)
    other, energy = direct.solve_structure(np.ones((4 * 60, 4 * 60)), problem, MATERIAL)
    assert response.energy == pytest.approx(energy, rel=1e-10)
    scale = np.abs(response.displacement).max()
    np.testing.assert_allclose(response.nodal_displacement, other, atol=1e-9 * scale)


def test_compliance_agrees_with_an_independent_solver():
    pixels = reference.random_structure(10, 10, 20, seed=3)
    problem = smiley(size=10)
    ours = solve_structure(pixels, problem)
    _, energy = direct.solve_structure(pixels, problem, MATERIAL)
    assert ours.energy == pytest.approx(energy, rel=1e-8)
    assert ours.residual < 1e-9


def test_tree_is_the_order_in_blocks():
    system = body()
    unknowns = system.unknowns
    tree = dissection_tree(system, 4)
    assert sorted(tree.order) == list(range(unknowns))
    assert (tree.order == direct.dissection_order(system, 4)).all()
    assert tree.start[0] == 0
    assert tree.start[-1] == unknowns
    assert (np.diff(tree.start) > 0).all()
    blocks = np.arange(len(tree.parent))
    assert ((tree.parent > blocks) | (tree.parent == -1)).all()
    # unknowns of different subtrees are not coupled: every entry lies between relatives
    block_of = np.empty(unknowns, int)
    block_of[tree.order] = np.repeat(blocks, np.diff(tree.start))
    upper = direct.assemble_upper(system, MATERIAL).tocoo()
    low = np.minimum(block_of[upper.row], block_of[upper.col])
    high = np.maximum(block_of[upper.row], block_of[upper.col])
    related = low == high
    while not related.all():
        low = np.where(related, low, tree.parent[low])
        assert (low >= 0).all()
        related |= low == high


def test_too_little_memory_is_said_before_it_is_taken():
    with pytest.raises(MemoryError, match=r"needs .* GiB, but 0.0 GiB are free"):
        Multifrontal(body(), memory_limit=1000)


def test_a_pivot_that_is_not_positive_is_named():
    system = body()
    first = dissection_tree(system, LEAF).order[0]
    with (
        Multifrontal(system._replace(stencil=-system.stencil)) as factor,
        pytest.raises(np.linalg.LinAlgError, match=rf"row {first} has a zero or negative pivot"),
    ):
        factor.solve(np.ones(system.unknowns))


def test_a_closed_factor_says_so():
    with Multifrontal(body()) as factor:
        pass
    with pytest.raises(ValueError, match="closed"):
        factor.solve(np.zeros(factor.size))
