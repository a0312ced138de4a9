"""The database: how long its parts take, what it covers, how dense it is, and whether it is right.

Run: python benchmarks/bench_database.py [--size 250000] [--cloud CLOUD.npz] [--metaset METASET.npz]
[--save full.h5] [--peer]
`--cloud` holds published property points (m, 3) = (C11, C12, C22) at nu = 0.3; the full and the
embedded database, recomputed at nu = 0.3, are measured against them. `--metaset` holds published
cells (n, 50, 7), bits packed along the last axis, beside whose boundaries ours are measured.
`--peer` grows two more databases: parents drawn evenly instead of by score; intricate cells too.
"""

import argparse
import time

import numpy as np
from simp_peer import SuperLuQuarter

import metafast as mf
from metafast.cells.repair import Limits, repair
from metafast.database import coverage, soft_coverage
from metafast.database.clouds import read_cloud
from metafast.database.coverage import hull_volume, neighbour_distances
from metafast.database.growing import children, rounds
from metafast.database.growing.simplicity import boundary_length
from metafast.properties import PROPERTIES


def build(size, seed=0):
    """A database and the seconds that its parts took."""
    begun, spent = time.perf_counter(), {"homogenization": 0.0, "children": 0}
    inner = children.homogenize_quarters

    def timed(quarters, *rest):
        start = time.perf_counter()
        result = inner(quarters, *rest)
        spent["homogenization"] += time.perf_counter() - start
        spent["children"] += len(quarters)
        return result

    def progress(what, _done, _total):
        if what.startswith("growing"):
            spent.setdefault("seeds", time.perf_counter() - begun)

    children.homogenize_quarters = timed
    try:
        made = mf.build_database(size, seed=seed, progress=progress)
    finally:
        children.homogenize_quarters = inner
    spent["total"] = time.perf_counter() - begun
    return made, spent


def report_time(made, spent):
    growing = spent["total"] - spent["seeds"]
    print(f"{len(made)} cells in {spent['total']:.1f} s:")
    print(f"  seeds                  {spent['seeds']:6.1f} s  inverse homogenization of 1400")
    print(f"  growth                 {growing:6.1f} s  {len(made) / growing:,.0f} cells/s")
    print(f"    homogenization of it {spent['homogenization']:6.1f} s  "
          f"{spent['children'] / spent['homogenization']:,.0f} cells/s")  # fmt: skip


def report_simp():
    """One evaluation of SIMP, stiffness and derivatives, beside SuperLU on the same quarter."""
    rng = np.random.default_rng(0)
    quarters = rng.uniform(0.2, 1.0, (256, 25, 25))
    cells = np.concatenate([quarters, quarters[:, :, ::-1]], axis=2)
    cells = np.concatenate([cells, cells[:, ::-1]], axis=1)
    peer = SuperLuQuarter(25, mf.Material())
    theirs, slopes = peer(1e-9 + quarters[0] ** 3 * (1 - 1e-9))
    c, derivative = mf.simp_sensitivities(cells[:8])
    np.testing.assert_allclose(theirs, c[0, [0, 0, 1, 2], [0, 1, 1, 2]], atol=1e-9)
    chain = 3 * quarters[0] ** 2 * (1 - 1e-9) / 4
    whole = derivative[0][[0, 0, 1, 2], [0, 1, 1, 2], :25, :25]
    np.testing.assert_allclose(slopes * chain, whole, atol=1e-9)
    start = time.perf_counter()
    for quarter in quarters[:40]:
        peer(1e-9 + quarter**3)
    slow = 40 / (time.perf_counter() - start)
    targets = np.repeat([[0.3, 0.05, 0.3, 0.06]], 256, axis=0)
    start = time.perf_counter()
    mf.inverse_homogenize(targets, iterations=40, threads=1)
    fast = 256 * 40 / (time.perf_counter() - start)
    print(f"SIMP, one core: {fast:,.0f} evaluations/s, filter, steps and cuts included; "
          f"derivatives alone by SuperLU {slow:,.0f}/s, {fast / slow:.0f} times fewer")  # fmt: skip


def report_right(made):
    """Every promise of a cell, checked for all of them."""
    again = made.relabel(made.phases)
    gap = np.abs(again.properties - made.properties).max()
    assert gap < 1e-6
    quarters = np.ascontiguousarray(made.cells[:, :25, :25])
    before = quarters.copy()
    assert repair(quarters, Limits()).all()
    assert (quarters == before).all()
    assert len(np.unique(made.distinct_pixels(), axis=0)) == len(made)
    print(f"all distinct, one piece, two pixels wide; stored properties off by {gap:.1e} at most")


def report_density(name, made):
    percentiles = np.percentile(neighbour_distances(made.properties), [50, 90, 99])
    print(f"{name}: distance to the next cell in (C11, C12, C22, C33), 50, 90, 99 % below "
          + ", ".join(f"{p:.4f}" for p in percentiles)
          + f"; hull of (C11, C12, C22) {hull_volume(made.properties):.3f}")  # fmt: skip


def report_shapes(named):
    for name, cells in named.items():
        length = boundary_length(cells[:, :25, :25])
        parts = ", ".join(f"{p:.0f}" for p in np.percentile(length, [5, 50, 95]))
        print(
            f"{name}: boundary of a quarter {length.mean():.1f} pixels, 5, 50, 95 % below {parts}"
        )


def report_coverage(name, made, cloud):
    """Coverage of the published points at their Poisson's ratio; the properties there."""
    properties = made.relabel(mf.Material(poisson=0.3)).properties
    shares = coverage(properties, cloud)
    text = ", ".join(f"{s:.3%} within {r}" for s, r in zip(shares, (0.03, 0.015, 0.0075),
                                                           strict=True))  # fmt: skip
    print(f"{name}: {text}; {soft_coverage(properties, cloud):.2%} within 0.1 decade of "
          "(log C11, log C22)")  # fmt: skip
    return properties


def report_ranges(columns):
    print("ranges at nu = 0.3" + "".join(f"{name:>24}" for name in columns))
    for k, name in enumerate(PROPERTIES):
        row = [f"{v[:, k].min():.5f} to {v[:, k].max():.5f}" if k < v.shape[1] else ""
               for v in columns.values()]  # fmt: skip
        print(f"  {name:16}" + "".join(f"{cell:>24}" for cell in row))


def evenly(size):
    """The same growth with every cell as likely a parent as any other."""
    inner = rounds.draw_parents
    rounds.draw_parents = lambda nodes, _unit, count, rng, _ease: rng.integers(0, len(nodes), count)
    try:
        return mf.build_database(size)
    finally:
        rounds.draw_parents = inner


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--size", type=int, default=250_000)
    arguments.add_argument("--cloud")
    arguments.add_argument("--metaset")
    arguments.add_argument("--save")
    arguments.add_argument("--peer", action="store_true")
    options = arguments.parse_args()
    mf.build_database(600, seeds=16, iterations=3)  # compiles
    report_simp()
    full, spent = build(options.size)
    report_time(full, spent)
    if options.save:
        full.save(options.save)
    report_right(full)
    embedded = mf.CellDatabase.default()
    named = {"full": full, "embedded": embedded}
    for name, made in named.items():
        report_density(name, made)
    peers = {}
    if options.peer:
        peers["parents drawn evenly"] = evenly(options.size)
        peers["with intricate cells"] = mf.build_database(options.size, keep_simple=False)
    shapes = {name: made.cells for name, made in (named | peers).items()}
    if options.metaset:
        packed = np.load(options.metaset)["cells"]
        shapes["published"] = np.unpackbits(packed, axis=2, count=50)
    report_shapes(shapes)
    if options.cloud:
        cloud = read_cloud(options.cloud)
        columns = {name: report_coverage(name, made, cloud) for name, made in named.items()}
        for name, made in peers.items():
            report_coverage(name, made, cloud)
        report_ranges(columns | {"published": cloud})


if __name__ == "__main__":
    main()
