"""The database: time of its parts, coverage, density, and checks of every cell.

Run: python benchmarks/bench_database.py [--size 250000] [--cloud CLOUD.npz] [--metaset METASET.npz]
[--save full.h5] [--peer]
`--cloud` holds published property points (m, 3) = (C11, C12, C22) at nu = 0.3; the full and the
embedded database, recomputed at nu = 0.3, are measured against them. `--metaset` holds published
cells (n, 50, 7), bits packed along the last axis, for the comparison of boundary lengths.
`--peer` grows two more databases: parents drawn evenly instead of by score; intricate cells too.
"""

import argparse
import time

import numpy as np
from record import Figure, record
from simp_peer import SuperLuQuarter

import metafast as mf
from metafast.cells.repair import Limits, repair
from metafast.database import coverage, soft_coverage
from metafast.database.clouds import read_cloud
from metafast.database.coverage import hull_volume, neighbour_distances
from metafast.database.growing import children, rounds
from metafast.database.growing.simplicity import boundary_length
from metafast.properties import PROPERTIES

GOALS = (1.0, 0.999, 0.95)  # shares of the published points within 0.03, 0.015, 0.0075


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

    def progress(stage, *_):
        if stage.startswith("growing"):
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
    return {f"{len(made):,} cells": Figure(spent["total"], "s", ".0f", at_most=180)}


def report_simp():
    """One evaluation of SIMP, stiffness and derivatives, and SuperLU on the same quarter."""
    rng = np.random.default_rng(0)
    quarters = rng.uniform(0.2, 1.0, (256, 25, 25))
    cells = np.concatenate([quarters, quarters[:, :, ::-1]], axis=2)
    cells = np.concatenate([cells, cells[:, ::-1]], axis=1)
    peer = SuperLuQuarter(25, mf.Material())
    theirs, slopes = peer(1e-9 + quarters[0] ** 3 * (1 - 1e-9))
    grey = mf.simp_sensitivities(cells[:8])
    c, derivative = grey.stiffness, grey.derivatives
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
    return {"SIMP, one core": Figure(fast, "evaluations/s", ",.0f", "SuperLU", slow)}


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
    means = {}
    for name, cells in named.items():
        length = boundary_length(cells[:, :25, :25])
        means[name] = length.mean()
        parts = ", ".join(f"{p:.0f}" for p in np.percentile(length, [5, 50, 95]))
        print(
            f"{name}: boundary of a quarter {length.mean():.1f} pixels, 5, 50, 95 % below {parts}"
        )
    peer = ("published cells", means["published"]) if "published" in means else ()
    return {"boundary of a quarter": Figure(means["full"], "pixels", ".0f", *peer)}


def report_coverage(name, made, cloud):
    """Coverage of the published points at their Poisson's ratio; the properties there."""
    properties = made.relabel(mf.Material(poisson=0.3)).properties
    shares = coverage(properties, cloud)
    text = ", ".join(f"{s:.3%} within {r}" for s, r in zip(shares, (0.03, 0.015, 0.0075),
                                                           strict=True))  # fmt: skip
    soft = soft_coverage(properties, cloud)
    print(f"{name}: {text}; {soft:.2%} within 0.1 decade of (log C11, log C22)")
    if name != "full":
        near = ", ".join(f"{share:.2%}" for share in shares)
        return properties, {f"{name}: within 0.03, 0.015, 0.0075": Figure(near)}
    figures = {
        f"published points with a cell within {radius}": Figure(share, "", ".3%", at_least=goal)
        for radius, share, goal in zip((0.03, 0.015, 0.0075), shares, GOALS, strict=True)
    }
    figures["published points within 0.1 decade of (log C11, log C22)"] = Figure(
        soft, "", ".2%", at_least=0.99
    )
    return properties, figures


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
    figures = report_simp()
    full, spent = build(options.size)
    figures |= report_time(full, spent)
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
    figures |= report_shapes(shapes)
    if options.cloud:
        cloud = read_cloud(options.cloud)
        columns = {}
        for name, made in named.items():
            columns[name], found = report_coverage(name, made, cloud)
            figures |= found
        for name, made in peers.items():
            report_coverage(name, made, cloud)
        report_ranges(columns | {"published": cloud})
    record(
        "database",
        figures,
        note="Points are (C11, C12, C22) at nu = 0.3. The published points that are missed are "
        "mechanisms or hang together in one direction only.",
    )


if __name__ == "__main__":
    main()
