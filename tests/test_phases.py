"""Phases: checks, and the text in files."""

import numpy as np
import pytest

import metafast as mf

STIFF = mf.Material(2.0, 0.2)


@pytest.mark.parametrize(
    ("solid", "void", "message"),
    [
        ("steel", 1e-9, "solid is 'steel'; a metafast.Material is needed"),
        (STIFF, "air", "void is 'air'; a number is needed"),
        (STIFF, 0.0, "void is 0; a finite number at least 1e-12 and at most 1 is needed"),
        (STIFF, 1e-13, "void is 1e-13; a finite number at least 1e-12"),
        (STIFF, 2.0, "at least 1e-12 and at most 1 is needed"),
        (STIFF, np.nan, "void is nan"),
        (STIFF, mf.Material(plane="strain"), "both must be in the same"),
        (STIFF, mf.Material(1e-17), "float64 needs a ratio between 1e-12 and 1e"),
        (STIFF, mf.Material(1e300), "float64 needs a ratio"),
    ],
)
def test_bad_phases_are_named(solid, void, message):
    with pytest.raises(ValueError, match=message):
        mf.Phases(solid, void)


@pytest.mark.parametrize("void", [1e-9, 0.1, mf.Material(0.2, 0.4)])
def test_phases_survive_a_file(void):
    phases = mf.Phases(mf.Material(2.0, 0.3), void)
    assert mf.Phases.from_json(phases.to_json()) == phases
