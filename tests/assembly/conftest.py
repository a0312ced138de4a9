"""A small database of mirror-symmetric cells for the assembly."""

import numpy as np
import pytest

import metafast as mf


@pytest.fixture(scope="module")
def database():
    rng = np.random.default_rng(0)
    quarters = np.repeat(np.repeat(rng.random((40, 3, 3)) < 0.8, 2, 1), 2, 2)
    quarters[:, 0] = quarters[:, :, 0] = True
    upper = np.concatenate([quarters, quarters[:, :, ::-1]], 2)
    cells = np.unique(np.concatenate([upper, upper[:, ::-1]], 1), axis=0)
    return mf.CellDatabase(cells, phases=mf.Phases(void=1e-4))
