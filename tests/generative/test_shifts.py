"""Training cells moved by half a period: the same lattices with the same stiffness."""

from dataclasses import replace

import numpy as np
import pytest
import torch

import metafast as mf
from metafast.cells.symmetry import mirror
from metafast.generative.data import PackedCells
from metafast.homogenization import properties_of

SHIFTS = ((0, 0), (25, 0), (0, 25), (25, 25))  # rows, columns; by their number in batches


def as_batches(database):
    return PackedCells(database, np.zeros((len(database), 4)), torch.device("cpu"))


def test_a_shifted_quarter_is_that_of_the_shifted_cell(grown):
    cells = grown.take(slice(0, 40))
    data = as_batches(grown)
    pixels, _ = data.take(torch.arange(40))
    moved = data.shifted(pixels, torch.arange(40) % 4)[:, 0].numpy().astype(np.uint8)
    rolled = np.array([np.roll(cell, SHIFTS[k % 4], (0, 1)) for k, cell in enumerate(cells)])
    np.testing.assert_array_equal(mirror(moved), rolled)


def test_a_shifted_cell_has_the_same_properties(grown):
    cells, true = grown.take(slice(0, 8)), grown.properties[:8]
    for shift in SHIFTS:
        moved = np.roll(cells, shift, (1, 2))
        np.testing.assert_allclose(properties_of(mf.homogenize(moved)), true, atol=1e-12)


def test_whole_cells_are_rolled():
    cells = np.random.default_rng(0).integers(0, 2, (12, 6, 8)).astype(np.uint8)
    data = as_batches(mf.CellDatabase(cells, [[1.0, 0.2, 1.0, 0.3]] * 12))
    assert not data.quarter
    pixels, _ = data.take(torch.arange(12))
    moved = data.shifted(pixels, torch.arange(12) % 4)[:, 0].numpy()
    for k, cell in enumerate(cells):
        rows, cols = SHIFTS[k % 4]
        np.testing.assert_array_equal(
            moved[k], np.roll(cell, (3 * (rows > 0), 4 * (cols > 0)), (0, 1))
        )


def test_training_with_shifts_learns_shifted_cells(grown, config):
    """From cells that are solid in the corners and void in the middle alone."""
    quarters = grown.take(slice(None))[:, :25, :25]
    lean = quarters[:, :9, :9].mean(axis=(1, 2)) - quarters[:, -9:, -9:].mean(axis=(1, 2))
    lopsided = grown.subset(np.sort(np.argsort(lean)[-1000:]))
    lopsided.parents = np.where(np.arange(1000) < 40, -1, np.arange(1000) % 40)
    made = [mf.train_vae(lopsided, replace(config, shifts=on))[0] for on in (False, True, True)]
    moved = np.roll(lopsided.take(slice(None)), (25, 25), (1, 2))
    wrong = [((m.decode(m.encode(moved)) > 0.5) != (moved > 0)).mean() for m in made]
    assert wrong[1] < wrong[0]
    assert wrong[2] == wrong[1]  # the seed gives the shifts too
    assert made[1].provenance["config"]["shifts"] is True


def test_shifts_are_on_or_off():
    with pytest.raises(ValueError, match="shifts is 2"):
        mf.TrainingConfig(shifts=2)
