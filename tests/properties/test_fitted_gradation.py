"""Gradations fitted to cells: exact for cells on a line, smooth, in range."""

import numpy as np
import pytest

import metafast as mf
from metafast.properties.coordinates import LOGARITHMS
from metafast.properties.fitted_gradation import fitted_gradation

SHIFT = np.array([0.02, 0.0, 0.02, 0.0])
START, WAY = np.array([-3.0, 0.5, -3.0, -4.5]), np.array([3.0, -0.2, 3.0, 3.0])


def line(share, start=START):
    """Properties on a straight line in logarithmic coordinates."""
    return LOGARITHMS.to_properties(start + np.asarray(share)[:, None] * WAY)


def nominal():
    t = np.linspace(0, 1, 201)
    return mf.Gradation(t, line(t))


def test_cells_beside_a_line_give_the_line_through_them():
    """The regression is local and linear, so a shifted line comes back from uneven cells."""
    share = np.sort(np.random.default_rng(0).uniform(0.1, 0.9, 60))
    own = fitted_gradation(nominal(), line(share, START + SHIFT), 0.05)
    followed = LOGARITHMS.to_unit(own.properties)
    # every point is on the shifted line, wherever along it
    along = (followed[:, 3] - START[3]) / WAY[3]
    expected = START + SHIFT + along[:, None] * WAY
    np.testing.assert_allclose(followed, expected, atol=1e-9)
    np.testing.assert_allclose(own.parameter[[0, -1]], share[[0, -1]], atol=0.02)


def test_noise_is_smoothed():
    rng = np.random.default_rng(1)
    share = np.sort(rng.uniform(0, 1, 1500))
    noisy = LOGARITHMS.to_unit(line(share)) + 0.05 * rng.standard_normal((1500, 4))
    own = fitted_gradation(nominal(), LOGARITHMS.to_properties(noisy), 0.05)
    off = LOGARITHMS.to_unit(own.properties) - LOGARITHMS.to_unit(nominal().at(own.parameter))
    assert np.abs(off).std() < 0.02


def test_a_gap_without_cells_is_bridged():
    share = np.array([0.0, 0.01, 0.99, 1.0])
    own = fitted_gradation(nominal(), line(share), 0.01)
    assert np.isfinite(own.properties).all()
    assert own.parameter[0] == pytest.approx(0.0, abs=1e-6)
    assert own.parameter[-1] == pytest.approx(1.0, abs=1e-6)


def test_two_cells_close_together_beside_a_gap_make_no_slope():
    """Their difference is noise: it must not grow across the gap."""
    share = np.array([0.0, 0.5, 0.50075, 1.0])
    noisy = LOGARITHMS.to_unit(line(share)) + np.array([[0.0], [0.0], [0.05], [0.0]])
    own = fitted_gradation(nominal(), LOGARITHMS.to_properties(noisy), 0.025)
    off = LOGARITHMS.to_unit(own.properties)
    ends = LOGARITHMS.to_unit(line([0.0, 1.0]))
    low, high = np.minimum(*ends) - 0.1, np.maximum(*ends) + 0.1
    assert ((off >= low) & (off <= high)).all()


def test_cells_at_one_place_are_refused():
    with pytest.raises(ValueError, match="at one point"):
        fitted_gradation(nominal(), line([0.5, 0.5]), 0.05)
    with pytest.raises(ValueError, match="width is 0"):
        fitted_gradation(nominal(), line([0.2, 0.5]), 0.0)


def test_between_is_a_part_of_the_curve():
    curve = mf.Gradation.isotropic_like()
    part = curve.between(0.1, 0.7)
    assert part.parameter[[0, -1]].tolist() == [0.1, 0.7]
    t = np.linspace(0.1, 0.7, 50)
    np.testing.assert_allclose(part.at(t), curve.at(t))
    assert (curve.between(-1, 9).parameter == curve.parameter).all()
    with pytest.raises(ValueError, match=r"the gradation 'Eq\. 7' has no point between 2 and 3"):
        curve.between(2.0, 3.0)
