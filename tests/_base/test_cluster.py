"""Ordered maps in this process, and what is not a client."""

import pytest

from metafast._base.cluster import ordered_map, require_client


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
