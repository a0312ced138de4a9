"""Files of a structure as large as the smiley: time, size and memory, and what other programs read.

    python benchmarks/bench_export.py [--cells 50]

Cells of the embedded database, at random, joined where their sides do not meet. Every file is
written in a process of its own, so that its peak memory is known. trimesh, ezdxf, shapely, meshio
and Pillow read the files back and find the same volume, area, values and pixels.
"""

from __future__ import annotations

import argparse
import multiprocessing
import resource
import tempfile
import time
from pathlib import Path

import ezdxf
import meshio
import numpy as np
import trimesh
from PIL import Image
from record import Figure, record

import metafast as mf
from metafast.export.cell_table import write_cell_table
from metafast.export.deck import Dimensions, write_deck
from metafast.export.outlines import ring_areas
from metafast.export.rings import CUT
from metafast.export.tracing import outlines_of
from metafast.export.view import cell_places, write_view
from metafast.structure.quad_mesh import quad_mesh

CELL, THICKNESS, YOUNG = 10.0, 5.0, 3000.0  # mm, MPa
SECONDS, GIBIBYTES, MEGABYTES = 60.0, 4.0, 300.0  # goals for each file
KINDS = 300  # different cells


def structure(cells):
    """Pixels of cells x cells random cells, and their rows in the database."""
    database = mf.CellDatabase.default()
    rng = np.random.default_rng(0)
    rows = rng.integers(0, len(database), KINDS)
    places = rng.integers(0, KINDS, (cells, cells))
    pixels = mf.join_sides(mf.tile(database.take(rows), places), cells, cells)
    return pixels, rows[places], database.properties[rows[places]]


def in_a_process(task, *arguments):
    """Seconds and peak memory in GiB of a task in a process that begins with our arrays."""
    ours, theirs = multiprocessing.Pipe()

    def run():
        start = time.perf_counter()
        task(*arguments)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
        theirs.send((time.perf_counter() - start, peak))

    process = multiprocessing.get_context("fork").Process(target=run)
    process.start()
    theirs.close()
    result = ours.recv()
    process.join()
    return result


def check_body(path, pixels, outlines):
    """A closed body of the pixels' volume and size; returns its triangles."""
    mesh = trimesh.load(path)
    assert mesh.is_watertight
    assert mesh.body_count == 1
    size = CELL / 50
    assert abs(mesh.volume / (pixels.sum() * size**2 * THICKNESS) - 1.0) < 1e-6
    height, width = size * np.array(pixels.shape)
    np.testing.assert_allclose(mesh.bounds[1], [width, height, THICKNESS], rtol=1e-6)
    least = 4 * (len(outlines.nodes) + outlines.holes.sum() - 1)
    assert least <= len(mesh.faces) < 1.02 * least
    return len(mesh.faces)


def check_outlines(path, pixels, outlines):
    document = ezdxf.readfile(path)
    auditor = document.audit()
    assert not auditor.has_errors
    lines = [np.array(line.get_points("xy")) for line in document.modelspace() if line.closed]
    starts = np.concatenate([[0], np.cumsum([len(line) for line in lines])])
    areas = ring_areas(np.concatenate(lines), starts)
    exact = (pixels.sum() - CUT**2 * outlines.contact_count) * (CELL / 50) ** 2
    assert abs(areas.sum() / exact - 1.0) < 1e-9


def check_fields(path, response):
    found = meshio.read(path)
    assert len(found.cells[0].data) == response.solid.sum()
    j = np.rint(found.points[:, 0] / (CELL / 50)).astype(int)
    i = response.solid.shape[0] - np.rint(found.points[:, 1] / (CELL / 50)).astype(int)
    moved = CELL * response.nodal_displacement[i, j]
    assert np.array_equal(found.point_data["displacement_mm"][:, :2], moved)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cells", type=int, default=50)
    cells = parser.parse_args().cells
    pixels, rows, properties = structure(cells)
    problem = mf.problems.smiley(size=cells)
    response = mf.solve_structure(pixels, problem)
    held = response.solid.astype(np.uint8)
    outlines = outlines_of(held)
    print(f"{pixels.shape[0]} x {pixels.shape[1]} pixels, {held.mean():.0%} solid, "
          f"{len(outlines.nodes):,} corners, {outlines.holes.sum():,} holes, "
          f"{outlines.contact_count} corner contacts")  # fmt: skip
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)

        def shape(kind):
            options = {"pixel_size": CELL / 50, "thickness": THICKNESS, "parts": "largest"}
            mf.export_structure(held, folder, kind, **options)

        def view():
            fields = {**cell_places(rows.shape), "row": rows.astype(np.int32), "own": properties}
            material = mf.Material(YOUNG)
            write_view(folder / "structure.vtu", response, material, CELL, fields, unit="MPa")

        def deck():
            dimensions = Dimensions(CELL, THICKNESS, YOUNG)
            write_deck(
                folder / "structure.inp", quad_mesh(pixels, problem), mf.Material(YOUNG), dimensions
            )

        def table():
            there = np.ones(rows.shape, dtype=bool)
            write_cell_table(folder / "structure.csv", rows, there, properties, properties, "E")

        tasks = {kind: (shape, kind) for kind in ("stl", "3mf", "svg", "dxf", "png")}
        tasks |= {"vtu": (view,), "inp": (deck,), "csv": (table,)}
        figures, worst = {}, [0.0, 0.0, 0.0]
        print(f"{'':6}{'seconds':>10}{'GiB':>8}{'MB':>9}")
        for kind, task in tasks.items():
            seconds, peak = in_a_process(*task)
            size = (folder / f"structure.{kind}").stat().st_size / 1e6
            print(f"{kind:6}{seconds:10.1f}{peak:8.2f}{size:9.1f}")
            worst = [max(a, b) for a, b in zip(worst, (seconds, peak, size), strict=True)]
            figures[f"{kind}: seconds, GiB, MB"] = Figure(f"{seconds:.1f}, {peak:.2f}, {size:.1f}")
        largest = held if outlines.part_count == 1 else None
        if largest is not None:
            triangles = check_body(folder / "structure.stl", held, outlines)
            check_outlines(folder / "structure.dxf", held, outlines)
            each = triangles / (len(outlines.nodes) + outlines.holes.sum())
            print(f"{triangles:,} triangles, {each:.3f} for each corner and hole")
            figures["triangles of a body"] = Figure(triangles, form=",.0f")
            figures["triangles for each corner and hole of the outlines"] = Figure(
                float(each), form=".3f", at_most=4.1
            )
        with Image.open(folder / "structure.png") as picture:
            assert largest is None or np.array_equal(np.asarray(picture), held == 0)
        check_fields(folder / "structure.vtu", response)
    goals = zip(("seconds", "GiB", "MB"), worst, (SECONDS, GIBIBYTES, MEGABYTES), strict=True)
    for unit, value, goal in goals:
        figures[f"largest of all files, {unit}"] = Figure(value, unit, ".3g", at_most=goal)
    record(
        "export" if cells == 50 else "export_small",
        figures,
        packages=("numpy", "manifold3d", "ezdxf", "trimesh", "meshio"),
        note="A structure of the smiley's size: cells of the database at random, joined. Read back "
        "by trimesh, ezdxf, meshio and Pillow in the same run. Memory with the arrays of the "
        "structure and its solution.",
    )


if __name__ == "__main__":
    main()
