"""Homogenization over a Dask cluster: the same numbers, even if a worker dies."""

import os
import signal
import subprocess
import sys

import numpy as np
import pytest
from reference.cells import both_kinds

import metafast as mf
from metafast._base.progress import silent
from metafast.homogenization.effective import homogenize_over_workers

dask = pytest.importorskip("distributed")


@pytest.fixture(scope="module")
def client():
    with (
        dask.LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None
        ) as cluster,
        dask.Client(cluster) as client,
    ):
        yield client


def in_small_chunks(cells, client, phases=None, refine=1, progress=silent):
    """Twenty cells of 20 x 20 elements in a chunk."""
    phases = phases or mf.Phases()
    return homogenize_over_workers(cells, phases, refine, 1, client, progress, chunk_pixels=8000)


def test_same_numbers(client):
    cells, material = both_kinds(75, 20, 20), mf.Material(2.0, 0.3)
    assert (in_small_chunks(cells, client) == mf.homogenize(cells)).all()
    phases = mf.Phases(material, mf.Material(0.1, 0.1))
    spread = in_small_chunks(cells[:50], client, phases, refine=2)
    assert (spread == mf.homogenize(cells[:50], phases, refine=2)).all()


def test_memory_map_and_single_cell(client, tmp_path):
    cells = both_kinds(30, 20, 20)
    np.save(tmp_path / "cells.npy", cells)
    mapped = np.load(tmp_path / "cells.npy", mmap_mode="r")
    assert (in_small_chunks(mapped, client) == mf.homogenize(cells)).all()
    assert (mf.homogenize(mapped, client=client) == mf.homogenize(cells)).all()
    assert (mf.homogenize(cells[0].tolist(), client=client) == mf.homogenize(cells[0])).all()


def test_a_killed_worker_changes_nothing(client):
    cells = both_kinds(60, 20, 20)
    expected = mf.homogenize(cells, refine=4)
    victim = next(iter(client.run(os.getpid).values()))
    killed_at = []

    def kill(_stage, done, total):
        if not killed_at:
            os.kill(victim, signal.SIGKILL)
            killed_at.append((done, total))

    result = in_small_chunks(cells, client, refine=4, progress=kill)
    assert killed_at[0][0] < killed_at[0][1], "there was nothing left to lose"
    assert victim not in client.run(os.getpid).values()
    assert (result == expected).all()


def test_wrong_pixels_are_named_and_the_rest_is_cancelled(client):
    cells = both_kinds(50, 20, 20).astype(np.uint8)
    cells[75, 3, 4] = 7
    with pytest.raises(ValueError, match=r"in cells\[60:80\]: cells are not binary: 7 at \(15, 3"):
        in_small_chunks(cells, client)
    assert (in_small_chunks(cells[:20], client) == mf.homogenize(cells[:20])).all()


@pytest.mark.parametrize(
    ("cells", "options", "message"),
    [
        (np.ones((2, 4, 4)), {"client": "scheduler:8786"}, "a dask.distributed.Client is needed"),
        (np.ones((2, 2, 4, 4)), {}, "non-empty"),
        (np.ones((2, 4, 4)), {"refine": 0}, "refine is 0"),
        (np.ones((2, 4, 4)), {"threads": 0}, "threads is 0"),
        (np.ones((2, 4, 4)), {"phases": "steel"}, "a metafast.Material is needed"),
    ],
)
def test_bad_input_is_named(client, cells, options, message):
    with pytest.raises(ValueError, match=message):
        mf.homogenize(cells, **({"client": client} | options))


class Sliced:
    """Cells that only hand out slices, and remember the largest one."""

    def __init__(self, cells):
        self.cells, self.shape, self.most = cells, cells.shape, 0

    def __getitem__(self, rows):
        piece = self.cells[rows]
        self.most = max(self.most, len(piece))
        return piece


def test_cells_are_never_read_all_at_once(client):
    cells, told = Sliced(both_kinds(50, 20, 20)), []
    result = in_small_chunks(cells, client, progress=lambda *call: told.append(call))
    assert (result == mf.homogenize(cells.cells)).all()
    assert cells.most == 20
    assert told == [("homogenizing", done, 100) for done in (20, 40, 60, 80, 100)]


def test_a_closed_client_is_named(client):
    other = dask.Client(client.scheduler.address, set_as_default=False)
    other.close()
    with pytest.raises(ValueError, match="client is closed; a connected one is needed"):
        mf.homogenize(np.ones((2, 4, 4)), client=other)


def test_dask_is_not_imported_before_it_is_needed():
    code = "import sys, metafast; assert 'distributed' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)
