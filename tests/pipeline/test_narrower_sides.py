"""Cells with narrower sides, where the macro optimum is out of reach without them."""

import numpy as np
import pytest

import metafast as mf
from metafast._base.equilibrium import NoEquilibriumError
from metafast.pipeline.first_stage import FirstStage
from metafast.pipeline.open_loop import OpenLoop
from metafast.pipeline.trace import Trace

BEAM = mf.problems.graded_beam(4, 8)
OPTIONS = mf.DesignOptions(symmetry="none")  # a symmetric field comes near enough with wide sides


def open_loop(options):
    return OpenLoop(BEAM, None, None, None, options, Trace(), None)


def optimum(options):
    """Macro optimum, and the open loop that found it."""
    loop = open_loop(options)
    return loop._optimum(BEAM), loop


def test_they_are_taken_where_they_halve_an_error_that_is_too_large():
    wide, _ = optimum(OPTIONS.changed(least_side_solid=0.5))
    assert wide.rrmse > 0.5 * mf.DesignOptions().goal
    found, loop = optimum(OPTIONS)
    assert loop.cells.least_side_solid == 0.3
    assert found.feasible
    assert found.rrmse <= 0.5 * wide.rrmse
    chosen = loop.candidates(found.properties)
    assert 0.3 <= loop.database.side_solid()[chosen].min() < 0.5
    assert loop._optimum(BEAM).rrmse == found.rrmse  # settled at the first target


def test_wide_sides_stay_where_they_are_good_enough():
    found, loop = optimum(OPTIONS.changed(tolerance=0.05))
    assert loop.cells.least_side_solid == 0.5
    wide, _ = optimum(OPTIONS.changed(least_side_solid=0.5))
    np.testing.assert_array_equal(found.properties, wide.properties)


@pytest.mark.parametrize("fails", [False, True])
def test_wide_sides_stay_where_narrower_ones_do_not_help(monkeypatch, fails):
    wide, _ = optimum(OPTIONS.changed(least_side_solid=0.5))
    asked = []

    def stands(_stage, aim):
        asked.append(aim)
        if fails and len(asked) == 2:
            raise NoEquilibriumError("none", 0.5)
        return wide

    monkeypatch.setattr(FirstStage, "optimum", stands)
    field, loop = optimum(OPTIONS)
    assert len(asked) == 2
    assert field is wide
    assert loop.cells.least_side_solid == 0.5


def test_the_design_says_what_was_used():
    made = mf.design(BEAM, tolerance=0.9, swap_rounds=0, property_rounds=0)
    assert made.options.least_side_solid == 0.5
