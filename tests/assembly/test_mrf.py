"""Grid MRF solver: results, limits, threads, Ctrl-C, refused input."""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
import threading
import time

import numpy as np
import pytest
from reference import grid_mrf
from reference.grid_mrf import assert_certificate, linear_tables, random_tables

from metafast.assembly.mrf import MrfInterrupted, SearchLimits, search, solve_mrf
from metafast.assembly.mrf_tables import checked_tables

TABLES = ("unary", "horizontal", "vertical")


def test_plain_dual_decomposition_is_no_better():
    tables = random_tables(2, 20, 20, 5, 0.3)
    result = solve_mrf(*tables, max_iterations=2000)
    _, plain_energy, plain_bound = grid_mrf.dual_decomposition(*tables, 40)
    _, icm_energy = grid_mrf.iterated_conditional_modes(*tables)
    assert plain_bound <= result.lower_bound
    assert result.energy <= min(plain_energy, icm_energy)


def test_stops_at_the_gap():
    tables = random_tables(0, 50, 50, 10, 0.3)
    for gap in (1e-1, 1e-2, 1e-4):
        result = solve_mrf(*tables, gap=gap)
        assert_certificate(result, tables)
        assert 0 < result.gap <= gap
        assert not result.optimal


def test_history_is_monotone_and_ends_with_the_result():
    result = solve_mrf(*random_tables(3, 30, 30, 6), max_iterations=500)
    history = result.history
    assert (np.diff(history["bound"]) >= 0).all()
    assert (np.diff(history["energy"]) <= 0).all()
    assert (np.diff(history["time"]) >= 0).all()
    assert history["bound"][-1] == result.lower_bound
    assert history["energy"][-1] == result.energy


def test_more_iterations_are_never_worse():
    for tables in (linear_tables(1, 40, 35, 8, 2.0), random_tables(1, 25, 25, 6)):
        runs = [solve_mrf(*tables, max_iterations=n) for n in (0, 1, 2, 3, 5, 8, 13, 21, 60, 150)]
        assert (np.diff([run.energy for run in runs]) <= 0).all()
        bounds = np.array([run.lower_bound for run in runs])
        assert (np.diff(bounds) >= -1e-6 * abs(bounds[1:])).all()


def test_a_smooth_field_is_proved_in_few_passes():
    """Tie-rich truncated-linear costs, on which subgradients alone are slow."""
    rng = np.random.default_rng(0)
    y, x = np.mgrid[:60, :50]
    truth = 6 + 5 * np.sin(x / 9) * np.cos(y / 7)
    k = np.arange(12)
    unary = np.minimum(abs(truth[..., None] - k), 4) + rng.integers(0, 3, (60, 50, 12))
    table = np.minimum(abs(k[:, None] - k), 2.0)
    result = solve_mrf(unary, table, table, max_iterations=200)
    assert result.optimal
    everywhere = [np.broadcast_to(table, (*shape, 12, 12)) for shape in ((60, 49), (59, 50))]
    assert_certificate(result, (unary, *everywhere))
    potts = 0.7 * (k[:, None] != k)
    assert solve_mrf(unary, potts, potts, max_iterations=200).gap < 1e-3


def test_result_does_not_depend_on_threads():
    tables = random_tables(4, 35, 40, 7)
    one = solve_mrf(*tables, max_iterations=300, threads=1)
    for threads in (2, 4):
        many = solve_mrf(*tables, max_iterations=300, threads=threads)
        assert np.array_equal(one.labels, many.labels)
        assert (one.energy, one.lower_bound) == (many.energy, many.lower_bound)


SOLVE = """
import sys
import numpy as np
from metafast.assembly.mrf import solve_mrf
tables = np.load(sys.argv[1])
result = solve_mrf(*(tables[k] for k in tables.files), max_iterations=200)
print(result.iterations, result.energy.hex(), result.lower_bound.hex(), result.labels.tolist())
"""


@pytest.mark.slow
def test_result_does_not_depend_on_the_vector_width(tmp_path):
    np.savez(tmp_path / "tables.npz", *random_tables(4, 23, 30, 7))
    results = {
        subprocess.run(
            [sys.executable, "-c", SOLVE, tmp_path / "tables.npz"],
            env={**os.environ, "METAFAST_VECTOR_BYTES": width},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for width in ("16", "32", "64")
    }
    assert len(results) == 1
    assert results.pop().startswith("200 0x1.")


def test_transposed_grid_has_transposed_solution():
    unary, horizontal, vertical = random_tables(5, 4, 6, 3)
    result = solve_mrf(unary, horizontal, vertical)
    turned = solve_mrf(
        unary.transpose(1, 0, 2), vertical.transpose(1, 0, 2, 3), horizontal.transpose(1, 0, 2, 3)
    )
    assert np.array_equal(result.labels, turned.labels.T)


def test_edge_tables_are_read_in_their_orientation():
    unary = np.zeros((2, 2, 2))
    horizontal = np.ones((2, 1, 2, 2))
    horizontal[..., 0, 1] = 0  # label 0 to the left of label 1
    vertical = np.ones((1, 2, 2, 2))
    vertical[0, 0, 0, 0] = vertical[0, 1, 1, 1] = 0
    result = solve_mrf(unary, horizontal, vertical)
    assert result.energy == 0
    assert result.labels.tolist() == [[0, 1], [0, 1]]


def test_an_energy_near_zero_has_a_small_gap():
    """Terms cancel to 1e-16: the gap is relative to the costs, and the optimum is proved."""
    unary = [[[0.4, -0.4], [-0.3, 0.8]], [[-0.7, 0.6], [0.6, -0.4]]]
    pairs = np.array([[0.5, 0.8], [0.1, 0.9]])
    horizontal, vertical = np.tile(pairs, (2, 1, 1, 1)), np.tile(pairs, (1, 2, 1, 1))
    result = solve_mrf(unary, horizontal, vertical)
    assert abs(result.energy) < 1e-15
    assert result.optimal
    assert result.gap < 1e-13
    assert result.size == 0.8


def test_float32_and_lists_are_accepted():
    tables = random_tables(6, 3, 3, 2)
    narrow = [t.astype(np.float32) for t in tables]
    assert solve_mrf(*narrow).energy == pytest.approx(solve_mrf(*tables).energy, rel=1e-6)
    narrow = [t.astype(np.float32) for t in random_tables(6, 25, 26, 5)]
    assert_certificate(solve_mrf(*narrow), narrow)
    assert solve_mrf(*[t.tolist() for t in tables]).optimal


def test_one_table_for_all_places_and_tables_that_are_views():
    unary, horizontal, vertical = random_tables(16, 12, 14, 4)
    shared = solve_mrf(unary, horizontal[0, 0], np.broadcast_to(vertical[0, :1], vertical.shape))
    written_out = solve_mrf(
        unary,
        np.tile(horizontal[0, 0], (12, 13, 1, 1)),
        np.tile(vertical[0, 0], (11, 14, 1, 1)),
    )
    assert np.array_equal(shared.labels, written_out.labels)
    assert shared.lower_bound == written_out.lower_bound
    every_other = [table[::2, ::-1] for table in random_tables(16, 24, 14, 4)[:2]]
    down = np.ascontiguousarray(vertical)[:, ::-1]
    view = solve_mrf(*every_other, down)
    copy = solve_mrf(*[table.copy() for table in (*every_other, down)])
    assert np.array_equal(view.labels, copy.labels)
    turned = solve_mrf(unary, np.asfortranarray(horizontal), vertical)
    assert turned.energy == solve_mrf(unary, horizontal, vertical).energy


def test_nodes_may_have_fewer_labels():
    tables = random_tables(17, 15, 16, 6)
    counts = np.random.default_rng(17).integers(1, 7, (15, 16))
    tables[0][np.arange(6) >= counts[..., None]] = np.inf
    result = solve_mrf(*tables)
    assert_certificate(result, tables)
    assert result.optimal
    assert (result.labels < counts).all()
    start = solve_mrf(*tables, initial=np.full((15, 16), 5), max_iterations=0)
    assert np.isfinite(start.energy)


def test_initial_labelling_is_never_made_worse():
    tables = random_tables(7, 30, 30, 5)
    first = solve_mrf(*tables, max_iterations=400)
    again = solve_mrf(*tables, max_iterations=0, initial=first.labels)
    assert again.energy <= first.energy


def test_infeasible_by_a_forbidden_table():
    unary, horizontal, vertical = random_tables(8, 40, 40, 3)
    vertical[20, 20] = np.inf
    with pytest.raises(ValueError, match=r"no feasible labelling exists.*allow more"):
        solve_mrf(unary, horizontal, vertical)


def test_forbidden_entries_are_avoided_on_large_grids():
    rng = np.random.default_rng(9)
    tables = random_tables(9, 30, 30, 6)
    for table in tables:
        table[rng.random(table.shape) < 0.2] = np.inf
    result = solve_mrf(*tables, max_iterations=500)
    assert_certificate(result, tables)
    assert np.isfinite(result.energy)
    unary, horizontal, vertical = tables
    x = result.labels
    r, c = np.indices(x.shape)
    assert np.isfinite(unary[r, c, x]).all()
    assert np.isfinite(horizontal[r[:, 1:], c[:, :-1], x[:, :-1], x[:, 1:]]).all()
    assert np.isfinite(vertical[r[:-1], c[1:], x[:-1], x[1:]]).all()


@pytest.mark.parametrize("shape", [(60, 60, 16), (12, 12, 100)])
def test_time_limit_is_respected(shape):
    tables = random_tables(10, *shape)
    started = time.perf_counter()
    result = solve_mrf(*tables, time_limit=0.3, max_iterations=10_000_000)
    assert time.perf_counter() - started < 2.5  # without the limit it would take an hour
    assert result.lower_bound <= result.energy


def test_any_number_of_iterations_is_accepted():
    tables = random_tables(14, 20, 20, 5)
    assert solve_mrf(*tables, max_iterations=2**70, gap=0.5).gap <= 0.5


def test_more_threads_than_the_system_grants_do_no_harm():
    tables = random_tables(15, 20, 20, 5)
    one = solve_mrf(*tables, max_iterations=50, threads=1)
    many = solve_mrf(*tables, max_iterations=50, threads=100_000)
    assert np.array_equal(one.labels, many.labels)


@pytest.mark.skipif(os.name == "nt", reason="needs POSIX signals")
@pytest.mark.parametrize("shape", [(80, 80, 16), (12, 12, 100), (6, 4000, 12)])
def test_ctrl_c_hands_over_the_best_so_far(shape):
    tables = random_tables(11, *shape)
    timer = threading.Timer(0.5, os.kill, (os.getpid(), signal.SIGINT))
    started = time.perf_counter()
    timer.start()
    try:
        with pytest.raises(KeyboardInterrupt) as stop:
            solve_mrf(*tables, max_iterations=10_000_000)
    finally:
        timer.cancel()
    assert time.perf_counter() - started < 0.5 + 5
    assert_certificate(stop.value.result, tables)


def test_ctrl_c_without_a_labelling_interrupts():
    tables = checked_tables(*random_tables(12, 3, 3, 2))
    answer = (np.zeros((3, 3), int), np.inf, 0.0, -np.inf, 1, False, True, np.zeros((0, 4)))
    with pytest.raises(MrfInterrupted) as stop:
        search(tables, SearchLimits(), core=lambda *_: answer)
    assert stop.value.result is None


def test_an_interrupt_can_be_pickled():
    stop = MrfInterrupted(solve_mrf(*random_tables(12, 3, 3, 2)))
    copy = pickle.loads(pickle.dumps(stop))
    assert copy.result.energy == stop.result.energy


def test_progress_is_reported_and_may_stop_the_search():
    told = []
    solve_mrf(*random_tables(13, 20, 20, 6), max_iterations=100, progress=lambda *a: told.append(a))
    assert told[-1] == ("assembly", 100, 100)
    assert [t[1] for t in told] == sorted(t[1] for t in told)

    def refuse(*_):
        raise RuntimeError("enough")

    with pytest.raises(RuntimeError, match="enough"):
        solve_mrf(*random_tables(13, 20, 20, 6), progress=refuse)

    def interrupt(_, iteration, total):
        if iteration < total:
            raise KeyboardInterrupt

    with pytest.raises(MrfInterrupted) as stop:
        solve_mrf(*random_tables(13, 20, 20, 6), max_iterations=10**6, progress=interrupt)
    assert stop.value.result.iterations < 1000

    def interrupt_at_the_end(_, iteration, total):
        if iteration == total:
            raise KeyboardInterrupt

    tables = random_tables(13, 20, 20, 6)
    with pytest.raises(MrfInterrupted) as stop:
        solve_mrf(*tables, max_iterations=100, progress=interrupt_at_the_end)
    assert_certificate(stop.value.result, tables)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"horizontal": np.zeros((3, 3, 2, 2))}, r"horizontal has shape \(3, 3, 2, 2\).*\(3, 2"),
        ({"vertical": np.zeros((3, 3, 2, 2))}, r"vertical has shape \(3, 3, 2, 2\).*\(2, 3"),
        ({"unary": np.zeros((3, 3))}, r"unary has shape \(3, 3\); \(H, W, K\) is needed"),
        ({"unary": np.zeros((0, 3, 2))}, "there is nothing to label"),
        ({"unary": np.full((3, 3, 2), np.nan)}, r"unary\[0, 0, 0\] is nan"),
        ({"unary": np.full((3, 3, 2), -np.inf)}, r"unary\[0, 0, 0\] is -inf"),
        ({"unary": np.full((3, 3, 2), 1e300)}, "rescale the costs"),
        ({"unary": "costs"}, "unary holds no real numbers"),
        ({"initial": np.zeros((2, 3), int)}, r"initial has shape \(2, 3\)"),
        ({"initial": np.full((3, 3), 2)}, r"initial holds labels 2\.\.2; 0\.\.1 are needed"),
        ({"gap": -1.0}, "gap is -1"),
        ({"time_limit": 0.0}, "time_limit is 0"),
        ({"max_iterations": 1.5}, "max_iterations is 1.5"),
        ({"threads": 0}, "threads is 0"),
    ],
)
def test_messages_name_what_came_and_what_is_needed(change, message):
    arguments = dict(zip(TABLES, random_tables(12, 3, 3, 2), strict=True)) | change
    with pytest.raises(ValueError, match=message):
        solve_mrf(**arguments)
