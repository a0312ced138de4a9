"""Shape coordinates: from arrays or from encoders, which encode only the cells in use."""

import numpy as np
import pytest

import metafast as mf


@pytest.fixture(scope="module")
def database():
    return mf.CellDatabase.default()


class Corner:
    """Encodes cells as some of their pixels, and counts them."""

    def __init__(self):
        self.count = 0

    def encode(self, cells):
        self.count += len(cells)
        return cells[:, 5:25:5, 5:25:5].reshape(len(cells), -1).astype(float)


def test_a_model_gives_what_its_latents_give_and_encodes_only_what_is_near(database):
    targets = database.properties[::4000]
    model = Corner()
    by_model = mf.select_candidates(database, model, targets)
    assert 0 < model.count <= 60 * len(targets)
    by_latents = mf.select_candidates(database, Corner().encode(database.cells), targets)
    assert (by_model == by_latents).all()


def test_components_that_are_kept_are_those_of_the_same_cells(database):
    one, other = (database.subset(slice(start, None, 1000)) for start in (0, 1))
    first = mf.pixel_components(one)
    first[:] = 0.0  # the caller's own
    again = mf.pixel_components(database.subset(slice(0, None, 1000)))
    assert again.any()
    for each in (other, database.subset(slice(2, None, 1000))):  # others take its place
        assert not np.allclose(mf.pixel_components(each), again)
    assert mf.pixel_components(one, 3).shape == (len(one), 3)
    assert (mf.pixel_components(one) == again).all()


def test_a_model_of_another_shape_is_refused(database):
    class Flat:
        def encode(self, cells):
            return np.zeros(len(cells))

    with pytest.raises(ValueError, match="latents have shape"):
        mf.select_candidates(database, Flat(), database.properties[:3])


def test_families_by_a_model_are_those_by_its_latents(database):
    curve = mf.Gradation.of(lambda t: mf.Gradation.isotropic_like().at(t)[0], 0.03, 0.6, 60)
    model = Corner()
    by_model = mf.find_families(database, model, curve, count=2)
    near = curve.nearest(database.properties)[1] <= 0.02
    assert model.count == near.sum()
    by_latents = mf.find_families(database, Corner().encode(database.cells), curve, count=2)
    for one, other in zip(by_model, by_latents, strict=True):
        assert (one.rows == other.rows).all()
        assert (one.latents == other.latents).all()
