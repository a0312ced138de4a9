"""Growth over a Dask cluster: the same database, also when workers die."""

import os
import signal

import numpy as np
import pytest

import metafast as mf
from metafast.database import GrowthOptions
from metafast.database.growing.rounds import Growth

dask = pytest.importorskip("distributed")

SIZE, OPTIONS = 500, GrowthOptions(seeds=24, iterations=4, seed=5)


@pytest.fixture(scope="module")
def client():
    with (
        dask.LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None
        ) as cluster,
        dask.Client(cluster) as client,
    ):
        yield client


def grown(client=None, checkpoint=None, progress=lambda *_: None):
    """A database grown in small chunks, so that several are under way when a worker dies."""
    threads = None if client is None else 1
    options = {"threads": threads, "client": client, "progress": progress}
    growth = Growth(SIZE, OPTIONS, mf.Phases(), chunk=32, **options)
    growth.run(checkpoint)
    return growth.database()


def same(one, other):
    return all(
        np.array_equal(getattr(one, name), getattr(other, name))
        for name in ("cells", "properties", "parents")
    )


def test_a_worker_killed_midway_changes_nothing(client):
    alone = grown()
    victim = next(iter(client.run(os.getpid).values()))
    killed_at = []

    def kill(stage, done, *_):
        if not killed_at and stage.startswith("growing") and done > 200:
            os.kill(victim, signal.SIGKILL)
            killed_at.append(done)

    spread = grown(client, progress=kill)
    assert killed_at, "there was nothing left to lose"
    assert killed_at[0] < SIZE
    assert victim not in client.run(os.getpid).values()
    assert same(alone, spread)


def test_begun_on_a_cluster_and_finished_alone(client, tmp_path):
    def interrupt(stage, done, *_):
        if stage.startswith("growing") and done > 200:
            raise KeyboardInterrupt

    path = tmp_path / "state.npz"
    with pytest.raises(KeyboardInterrupt):
        grown(client, path, interrupt)
    assert same(grown(), grown(checkpoint=path))


def test_a_client_changes_nothing(client):
    build = {"seeds": 24, "iterations": 4, "seed": 5}
    assert same(mf.build_database(500, **build), mf.build_database(500, **build, client=client))


def test_inverse_homogenization_over_workers(client):
    targets = [[0.3, 0.05, 0.2, 0.06], [0.2, 0.0, 0.4, 0.05]]
    here = mf.inverse_homogenize(targets, iterations=5, pixels=16)
    there = mf.inverse_homogenize(targets, iterations=5, pixels=16, client=client)
    assert (here.history == there.history).all()
    assert (here.cells == there.cells).all()


def test_a_client_that_is_none_is_named():
    with pytest.raises(ValueError, match=r"a dask\.distributed\.Client is needed"):
        mf.build_database(100, seeds=5, client="tcp://nowhere:8786")
