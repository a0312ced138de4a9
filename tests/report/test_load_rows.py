"""Loads in the tables of a design: resultants that balance the supports, in E t w and in N."""

import numpy as np
import pytest
from reference.loaded_problems import loaded

import metafast as mf
from metafast.pipeline.units import Units
from metafast.report.support_forces import support_forces
from metafast.report.tables import load_rows


@pytest.mark.parametrize("kinematics", ["linear", "finite"])
def test_loads_springs_and_supports_balance(kinematics):
    problem = loaded()
    found = mf.solve_structure(np.ones((16, 24)), problem, kinematics=kinematics)
    total = sum(support_forces(found).values())
    for _, text in load_rows(problem, found, Units(), 1.0):
        x, y = (float(part.split(" E t w")[0]) for part in text.split(", "))
        total = np.add(total, (x, y))
    np.testing.assert_allclose(total, 0.0, atol=2e-5)  # four digits are written
    rows = dict(load_rows(problem, found, Units(2000.0, 10.0, 5.0), 1.0))
    newtons = float(rows["resultant of the loads"].split(" N")[0])
    assert newtons == pytest.approx(1e5 * (0.005 + 2 * 0.002), rel=1e-3)
    assert load_rows(mf.problems.bridge(2, 3), found, Units(), 1.0) == []
