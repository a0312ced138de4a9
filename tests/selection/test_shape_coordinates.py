"""Coordinates for the clusters: latent variables of a model have no order of their own."""

import numpy as np

import metafast as mf
from metafast.selection import shape_coordinates


class Turned:
    """Encodes as given points turned by a rotation."""

    def __init__(self, points, turn):
        self.points, self.turn = points, turn

    def encode(self, cells):
        assert len(cells) == len(self.points)
        return self.points @ self.turn


def test_candidates_do_not_depend_on_the_axes_of_the_latent_space():
    database = mf.CellDatabase.default()
    rng = np.random.default_rng(0)
    points = rng.standard_normal((len(database), 6)) * [1, 2, 4, 0.5, 3, 0.2]
    turn = np.linalg.qr(rng.standard_normal((6, 6)))[0]
    flat, turned = (shape_coordinates(database, Turned(points, t)) for t in (np.eye(6), turn))
    assert (flat == points).all()
    targets = database.properties[rng.choice(len(database), 40, replace=False)]
    chosen = [mf.select_candidates(database, z, targets) for z in (flat, turned)]
    assert (chosen[0] == chosen[1]).mean() > 0.99  # rounding may move a cell on a border


def test_without_a_model_pixels_serve():
    database = mf.CellDatabase.default()
    assert (shape_coordinates(database) == mf.pixel_components(database)).all()
