"""Symmetric designs: to the bit, certified among symmetric ones, and swapped in pairs."""

import numpy as np
import pytest

import metafast as mf
from metafast.pipeline.swap_effects import SwapEffects
from metafast.problems.symmetry import Symmetry, symmetry_of

PROBLEM = mf.problems.bridge(2, 7, compression=0.3)
FAST = {"kinematics": "linear", "correction_rounds": 0, "symmetry": "auto"}


@pytest.fixture(scope="module", params=[6, 7])
def made(request):
    problem = mf.problems.bridge(2, request.param, compression=0.3)
    return mf.design(problem, swap_rounds=3, **FAST)


def test_a_design_is_symmetric_to_the_bit(made):
    symmetry = Symmetry(True, False)
    assert made.symmetry == symmetry
    for array in (made.pixels, made.assembly.cells, made.assembly.candidates, made.certified.cells):
        assert symmetry.holds(array)
    np.testing.assert_array_equal(made.field.properties, made.field.properties[:, ::-1])
    u = made.response.displacement
    np.testing.assert_allclose(u[:, ::-1, 1], u[:, :, 1], atol=1e-9)
    np.testing.assert_allclose(u[:, ::-1, 0], -u[:, :, 0], atol=1e-9)


def test_it_is_certified_and_its_energy_is_that_of_the_whole_body(made):
    certified = made.certified
    assert certified.optimal
    assert certified.node_cost + certified.edge_cost == pytest.approx(certified.energy, rel=1e-9)
    assert certified.lower_bound <= certified.energy


def test_the_closed_loop_swaps_images_together_and_lowers_the_error(made):
    kept = [row for row in made.trace.swaps[1:] if row.kept]
    assert kept
    assert made.errors.pixels < made.errors.open_loop
    swapped = made.assembly.labels != made.certified.labels
    assert Symmetry(True, False).holds(swapped)


def test_the_report_says_so(made, tmp_path):
    made.save(tmp_path)
    assert "left to right" in (tmp_path / "report.html").read_text()
    assert mf.Design.load(tmp_path).symmetry == made.symmetry


def test_symmetry_can_be_turned_off_and_a_start_without_it_stays_so():
    free = mf.design(PROBLEM, swap_rounds=1, **FAST | {"symmetry": "none"})
    assert not free.symmetry
    on = mf.design(PROBLEM, start=free, symmetry="auto", swap_rounds=1)
    assert on.errors.pixels <= free.errors.pixels
    with pytest.raises(ValueError, match="symmetry is 'x'; use one of 'none', 'auto'"):
        mf.DesignOptions(symmetry="x")


def test_effects_of_images_are_images_of_the_effects_of_judged_swaps():
    """Judged one by one in windows of their own, the images have the same effects."""
    made = mf.design(PROBLEM, swap_rounds=0, **FAST)
    symmetry = symmetry_of(PROBLEM)
    database = mf.CellDatabase.default()
    from metafast.assembly.costs import assembly_costs
    from metafast.pipeline.every_pixel import BodySolver

    costs = assembly_costs(
        database, made.field.properties, made.assembly.candidates, problem=PROBLEM
    )
    body = BodySolver(PROBLEM, database, adjoints=True, symmetry=symmetry)(made.assembly)
    residual = body.response.displacement[PROBLEM.wanted] - PROBLEM.target[PROBLEM.wanted]
    half, whole = (
        SwapEffects(PROBLEM, database, costs, windows=10_000, symmetry=s)
        for s in (symmetry, Symmetry())
    )
    for effects in (half, whole):
        effects.judge(body, body.adjoints, residual)
    both = half.usable & whole.usable
    assert both[:, :3].any()
    assert both[:, 4:].any()
    scale = np.abs(whole.values[both]).max()
    np.testing.assert_allclose(half.values[both], whole.values[both], atol=1e-6 * scale)
