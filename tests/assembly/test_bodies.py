"""Assembly of bodies with holes and passive cells: against brute force, and by hand."""

import itertools

import numpy as np
import pytest
from reference.grid_mrf import assert_certificate, brute_force_on_body, random_tables
from reference.problems import with_body

import metafast as mf
from metafast.assembly.body_cells import body_pixels, single_labels, without_absent
from metafast.assembly.costs import assembly_costs
from metafast.assembly.mrf import SearchLimits, search
from metafast.assembly.mrf_tables import checked_tables
from metafast.assembly.tiling import choose_cells, disconnected_sides


def random_case(seed):
    """Tables and a mask of a small grid; now and then with ties, or without designed neighbours."""
    rng = np.random.default_rng(seed)
    rows, cols, count = [(2, 3, 3), (3, 3, 2), (1, 5, 3), (4, 2, 2), (3, 4, 2), (2, 2, 4)][seed % 6]
    tables = random_tables(seed, rows, cols, count, (1.0, 0.1, 3.0)[seed % 3])
    if seed % 4 == 0:
        tables = tuple(np.round(2 * table) for table in tables)
    body = rng.choice([-1, 0, 1], (rows, cols), p=[0.3, 0.5, 0.2])
    body[rng.integers(rows), rng.integers(cols)] = 0
    return tables, body


def check_against_brute_force(seed):
    (unary, horizontal, vertical), body = random_case(seed)
    labels, optimum = brute_force_on_body(unary, horizontal, vertical, body)
    without_absent((horizontal, vertical), body >= 0)
    tables = single_labels(unary, body == 0), horizontal, vertical
    for exact_work in (0.0, 1e8):  # by decomposition, and outright
        limits = SearchLimits(iterations=200, exact_work=exact_work)
        result = search(checked_tables(*tables), limits)
        assert_certificate(result, tables)
        assert result.lower_bound <= optimum + 1e-12
        assert optimum <= result.energy + 1e-12
        assert not result.labels[body != 0].any()
        if result.optimal or exact_work:
            assert result.energy == pytest.approx(optimum, rel=1e-9, abs=1e-9)
            if seed % 4:  # no ties
                assert (result.labels == labels).all()


def test_random_masks():
    for seed in range(300):
        check_against_brute_force(seed)


@pytest.mark.slow
def test_ten_thousand_random_masks():
    for seed in range(300, 10_300):
        check_against_brute_force(seed)


BODY = [[0, 1, 0], [0, -1, 0], [2, -1, 0]]


@pytest.fixture(scope="module")
def case(database):
    rng = np.random.default_rng(1)
    given = np.ones((1, 12, 12), int)
    given[0, 3:9, 3:9] = 0
    problem = with_body(mf.problems.graded_beam(3, 3), BODY, given)
    candidates = np.full((3, 3, 2), -1)
    for place in np.argwhere(problem.designed):
        candidates[tuple(place)] = rng.choice(len(database), 2, replace=False)
    targets = database.properties[rng.choice(len(database), 9)].reshape(3, 3, 4)
    targets[~problem.designed] = 0.0
    return problem, targets, candidates


def test_energy_by_hand(database, case):
    """Sides to solid, given and designed cells cost what Eq. 17 says; sides to a hole nothing."""
    problem, targets, candidates = case
    assembly = mf.assemble(database, targets, candidates, problem=problem, edge_weight=0.3)
    axes = database.coordinates()
    extra = np.concatenate([np.ones((1, 12, 12), np.uint8), problem.given])
    tractions = mf.boundary_tractions(np.concatenate([database.cells, extra]), database.phases)
    pixels = np.concatenate([database.cells, extra])

    def mismatch(a, b, side):
        (p, q), (out, back) = {
            "right": ((pixels[a][:, -1], pixels[b][:, 0]), (1, 0)),
            "below": ((pixels[a][-1], pixels[b][0]), (2, 3)),
        }[side]
        t, s = tractions[a, out], tractions[b, back]
        return (p != q).sum() / (p | q).sum() + np.abs(t + s).sum() / (abs(t) + abs(s)).sum()

    def energy(cells):
        chosen = cells[problem.designed]
        gap = axes.to_unit(database.properties[chosen]) - axes.to_unit(targets[problem.designed])
        total, edges = np.abs(gap).max(-1).sum(), []
        local = np.where(problem.designed, cells, len(database) + problem.kinds - 1)
        for r, c in itertools.product(range(3), repeat=2):
            if c < 2 and problem.present[r, c : c + 2].all():
                edges.append(mismatch(local[r, c], local[r, c + 1], "right"))
            if r < 2 and problem.present[r : r + 2, c].all():
                edges.append(mismatch(local[r, c], local[r + 1, c], "below"))
        return total + 0.3 * sum(edges), float(np.mean(edges))

    energies = {}
    for labels in itertools.product(range(2), repeat=int(problem.designed.sum())):
        cells = np.full((3, 3), -1)
        chosen = np.array(labels)
        cells[problem.designed] = candidates[problem.designed][np.arange(len(chosen)), chosen]
        energies[labels] = energy(cells)
    best = min(energies, key=lambda labels: energies[labels][0])
    assert tuple(assembly.labels[problem.designed]) == best
    assert assembly.energy == pytest.approx(energies[best][0], rel=1e-9)
    assert assembly.mismatch == pytest.approx(energies[best][1], rel=1e-9)
    assert assembly.node_cost + assembly.edge_cost == pytest.approx(assembly.energy)
    assert assembly.optimal
    assert (assembly.cells[~problem.designed] == -1).all()


def test_pixels_of_a_body(database, case):
    problem, targets, candidates = case
    assembly = mf.assemble(database, targets, candidates, problem=problem)
    pixels = body_pixels(database, assembly.cells, problem)
    blocks = pixels.reshape(3, 12, 3, 12).transpose(0, 2, 1, 3)
    assert blocks[0, 1].all()
    assert not blocks[1, 1].any()
    assert not blocks[2, 1].any()
    assert (blocks[2, 0] == problem.given[0]).all()
    for r, c in np.argwhere(problem.designed):
        assert (blocks[r, c] == database.cells[assembly.cells[r, c]]).all()


def test_sides_to_holes_are_not_open(database, case):
    problem, targets, candidates = case
    costs = assembly_costs(database, targets, candidates, problem=problem)
    assembly = choose_cells(costs)
    assert assembly.open_sides == 0
    assert not costs.cells_with_open_sides(assembly.labels).any()
    pixels = body_pixels(database, assembly.cells, problem)
    assert disconnected_sides(pixels, 3, 3) > 0
    assert disconnected_sides(pixels, 3, 3, costs.shared) == 0
    assert (mf.join_sides(pixels, 3, 3) == pixels).all()


def test_a_side_to_solid_can_be_open(database):
    """A cell without solid on the side to a passive solid cell is joined to it by a bar."""
    loose = np.ones((1, 12, 12), np.uint8)
    loose[0, :, -2:] = 0
    cells = mf.CellDatabase(np.concatenate([database.cells, loose]), phases=database.phases)
    problem = with_body(mf.problems.graded_beam(1, 3), [[0, 0, 1]])
    candidates = np.array([[[0], [len(cells) - 1], [-1]]])
    targets = np.where(problem.designed[..., None], cells.properties[-1], 0.0)
    assembly = mf.assemble(cells, targets, candidates, problem=problem)
    assert assembly.open_sides == 1
    pixels = body_pixels(cells, assembly.cells, problem)
    joined = mf.join_sides(pixels, 1, 3)
    assert disconnected_sides(joined, 1, 3) == 0
    assert (joined[:, 24:] == pixels[:, 24:]).all()


def test_candidates_that_do_not_fit_the_body(database, case):
    problem, targets, candidates = case
    with pytest.raises(ValueError, match=r"\(3, 2, 2\), but the problem has 3 x 3 cells"):
        mf.assemble(database, targets[:, :2], candidates[:, :2], problem=problem)
