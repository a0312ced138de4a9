"""Ordered maps in this process, maps over workers, and what is not a client."""

import pytest

from metafast._base.cluster import completed_map, ordered_map, require_client


def test_results_come_in_order_and_tasks_are_read_when_needed():
    read = []

    def tasks():
        for k in range(4):
            read.append(k)
            yield k, 2

    results = ordered_map(pow, tasks())
    assert next(results) == 0
    assert read == [0]
    assert list(results) == [1, 4, 9]


def test_what_is_no_client_is_named():
    with pytest.raises(ValueError, match=r"client is 'tcp://nowhere'; a dask\.distributed\.Client"):
        require_client("tcp://nowhere")


@pytest.mark.slow  # starts a dozen processes
def test_a_task_that_several_workers_die_of_is_given_up_and_the_others_are_done():
    dask = pytest.importorskip("distributed")
    tasks = [(f"{k} + 1",) for k in range(6)]
    tasks[2] = ("__import__('os')._exit(1)",)
    with (
        dask.LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None
        ) as cluster,
        dask.Client(cluster) as client,
    ):
        lost = []

        def given_up(text, error):
            lost.append((text, type(error).__name__))
            return -1

        found = dict(completed_map(eval, iter(tasks), client, lost=given_up))
        with pytest.raises(ZeroDivisionError):
            list(completed_map(eval, [("1 / 0",)], client, lost=given_up))
        assert list(completed_map(eval, [], client, lost=given_up)) == []
    assert found == {0: 1, 1: 2, 2: -1, 3: 4, 4: 5, 5: 6}
    assert lost == [(tasks[2][0], "KilledWorker")]
