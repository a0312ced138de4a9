"""Training data: lineages held out whole, packed cells, cells moved by half a period."""

import numpy as np
import torch

import metafast as mf
from metafast.cells.symmetry import mirror
from metafast.generative.data import PackedCells, TrainingData, fingerprint, held_out, lineages
from metafast.homogenization import properties_of

SHIFTS = ((0, 0), (25, 0), (0, 25), (25, 25))  # rows, columns; by their number in batches


def test_lineages_are_followed_to_the_seed():
    parents = np.array([-1, 0, 1, 2, -1, 4, 3, -1])
    assert lineages(parents).tolist() == [0, 0, 0, 0, 4, 4, 0, 7]


def test_whole_lineages_are_held_out():
    rng = np.random.default_rng(0)
    parents = np.where(np.arange(5000) < 300, -1, rng.integers(0, np.maximum(np.arange(5000), 1)))
    parents[0] = -1
    apart = held_out(parents, 0.1, 1)
    root = lineages(parents)
    assert 0.05 < apart.mean() <= 0.1
    assert not set(root[apart]) & set(root[~apart])
    assert (held_out(parents, 0.1, 1) == apart).all()
    assert (held_out(parents, 0.1, 2) != apart).any()


def test_batches_are_the_cells(grown):
    data = PackedCells(grown, np.arange(4.0 * len(grown)).reshape(-1, 4), torch.device("cpu"))
    rows = torch.tensor([5, 0, 3999])
    pixels, wanted = data.take(rows)
    assert (pixels[:, 0].numpy() == grown.take(rows.numpy())[:, :25, :25]).all()
    assert wanted[1].tolist() == [0.0, 1.0, 2.0, 3.0]
    assert len(fingerprint(grown)) == 64
    assert fingerprint(grown.subset(slice(1, None))) != fingerprint(grown)


def test_held_out_cells_do_not_scale_the_properties(grown):
    data = TrainingData.divided(grown, 0.1, 0, torch.device("cpu"))
    apart = held_out(grown.parents, 0.1, 0)
    assert data.held_out.tolist() == np.flatnonzero(apart).tolist()
    assert sorted([*data.training.tolist(), *data.held_out.tolist()]) == [*range(len(grown))]
    _, standardised = data.cells.take(data.training)
    np.testing.assert_allclose(standardised.mean(0), 0.0, atol=1e-5)
    np.testing.assert_allclose(standardised.std(0), 1.0, atol=1e-3)


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
