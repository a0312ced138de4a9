"""Names of properties: values, derivatives, and the exchange of directions."""

import numpy as np
import pytest

from metafast.properties import PROPERTIES, swapped
from metafast.properties.names import NAMES, derivative_of, require_name, value_of

CELLS = np.array([[0.4, 0.1, 0.3, 0.08], [0.2, -0.05, 0.5, 0.11]])


def test_swapping_twice_changes_nothing():
    once = swapped(CELLS)
    assert (once[:, 0] == CELLS[:, 2]).all()
    assert (once[:, [1, 3]] == CELLS[:, [1, 3]]).all()
    assert (swapped(once) == CELLS).all()
    assert (swapped(CELLS[None, :]) == once[None, :]).all()
    assert swapped(CELLS[0]).tolist() == [0.3, 0.1, 0.4, 0.08]


@pytest.mark.parametrize("name", NAMES)
def test_derivatives_against_finite_differences(name):
    slope = derivative_of(CELLS, name)
    for k in range(4):
        step = 1e-6 * np.eye(4)[k]
        difference = (value_of(CELLS + step, name) - value_of(CELLS - step, name)) / 2e-6
        np.testing.assert_allclose(slope[:, k], difference, rtol=1e-7, atol=1e-7)


def test_ratios_and_unknown_names():
    assert NAMES[:4] == PROPERTIES
    np.testing.assert_allclose(value_of(CELLS, "poisson"), CELLS[:, 1] / CELLS[:, 2])
    turned = value_of(swapped(CELLS), "anisotropy")
    np.testing.assert_allclose(turned, -value_of(CELLS, "anisotropy"))
    with pytest.raises(ValueError, match="name is 'C13'; use one of 'C11', 'C12'"):
        require_name("C13")
