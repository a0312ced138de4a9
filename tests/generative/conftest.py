"""A small database of grown cells with lineages, and a model trained on it for seconds."""

import numpy as np
import pytest

import metafast as mf


@pytest.fixture(scope="session")
def grown():
    cells = mf.CellDatabase.default()
    rows = np.arange(0, len(cells), 25)
    database = cells.subset(rows)
    # forty lineages of a hundred cells
    database.parents = np.where(np.arange(len(rows)) < 40, -1, np.arange(len(rows)) % 40)
    return database


@pytest.fixture(scope="session")
def config():
    return mf.TrainingConfig(epochs=3, batch=64, learning_rate=2e-2, hidden=128)


@pytest.fixture(scope="session")
def trained(grown, config):
    return mf.train_vae(grown, config)
