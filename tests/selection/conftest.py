"""Cells and a gradation that the tests of families share."""

import pytest

import metafast as mf


@pytest.fixture(scope="session")
def database():
    return mf.CellDatabase.default()


@pytest.fixture(scope="session")
def latents(database):
    return mf.pixel_components(database)


@pytest.fixture(scope="session")
def curve():
    """The middle of Eq. 7, where cells are dense."""
    return mf.Gradation.of(lambda t: mf.Gradation.isotropic_like().at(t)[0], 0.03, 0.6, 60)
