"""Folded costs: energies of symmetric labellings, and the best of all of them by brute force."""

from itertools import product

import numpy as np
import pytest
from reference.grid_mrf import energy, random_tables

import metafast as mf
from metafast.assembly.folding import folded
from metafast.problems.symmetry import Symmetry

SYMMETRIES = [Symmetry(True, False), Symmetry(False, True), Symmetry(True, True), Symmetry()]


@pytest.mark.parametrize("symmetry", SYMMETRIES, ids=str)
@pytest.mark.parametrize("shape", [(4, 6), (5, 6), (4, 5), (3, 3), (1, 4), (2, 2), (1, 1)])
def test_energies_are_those_of_the_whole_body(symmetry, shape):
    tables = random_tables(0, *shape, 3)
    part = folded(*tables, symmetry)
    rng = np.random.default_rng(1)
    for _ in range(5):
        labels = rng.integers(0, 3, part[0].shape[:2])
        whole = symmetry.unfold(labels, shape)
        assert symmetry.holds(whole)
        assert energy(*part, labels) == pytest.approx(energy(*tables, whole), rel=1e-12)


@pytest.mark.parametrize("symmetry", SYMMETRIES[:3], ids=str)
def test_the_best_symmetric_labelling_is_found(symmetry):
    shape = 3, 4
    tables = random_tables(7, *shape, 2)
    best = mf.solve_mrf(*folded(*tables, symmetry))
    every = (np.reshape(flat, shape) for flat in product(range(2), repeat=shape[0] * shape[1]))
    least = min(energy(*tables, labels) for labels in every if symmetry.holds(labels))
    assert best.optimal
    assert best.energy == pytest.approx(least, rel=1e-12)
