"""Pictures that say which way they lie, and packages that read files back."""

import numpy as np
import pytest


@pytest.fixture(scope="session")
def letter():
    """An F with a hole and a speck: no mirror image or turn of it is the same."""
    pixels = np.zeros((9, 7), dtype=np.uint8)
    pixels[:, 1:3] = 1
    pixels[0:2, 1:6] = 1
    pixels[3:7, 1:5] = 1
    pixels[4:6, 3] = 0
    pixels[8, 6] = 1
    return pixels


@pytest.fixture(scope="session")
def noise():
    """Pixels at random: many parts, holes in holes, corner contacts, wider than a strip."""
    return np.random.default_rng(5).random((40, 600)) < 0.6
