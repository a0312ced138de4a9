"""The whole pipeline on the bridge: three errors, proof, files that reopen."""

from dataclasses import replace

import numpy as np
import pytest

import metafast as mf
from metafast.pipeline.design_file import read_design


@pytest.fixture(scope="module")
def bridge():
    return mf.design(mf.problems.bridge())


@pytest.fixture(scope="module")
def open_bridge():
    return mf.design(mf.problems.bridge(), refine_rounds=0)


def test_three_errors_are_no_worse_than_the_prototype(bridge, open_bridge):
    assert bridge.errors["macro optimum"] <= 0.007
    macro, cells, pixels = open_bridge.errors.values()
    assert macro <= 0.007
    assert cells <= 0.065
    assert pixels <= 0.094


def test_closed_loop_is_no_worse_than_the_prototype(bridge, open_bridge):
    assert bridge.errors["every pixel"] <= 0.0117
    assert bridge.open_loop_error == open_bridge.errors["every pixel"]
    assert bridge.corrections["every_pixel"].min() == bridge.rounds["every_pixel"][0]
    assert len(open_bridge.corrections) == 1
    kept = bridge.rounds["every_pixel"][bridge.rounds["kept"]]
    assert kept[-1] == kept.min() == bridge.response.rrmse
    assert len(open_bridge.rounds) == 1
    assert open_bridge.open_loop is open_bridge.assembly


def test_the_open_loop_is_kept_beside_the_swapped_one():
    problem = mf.problems.bridge(3, 8, compression=0.3)
    before = mf.design(problem, refine_rounds=0)
    after = mf.design(problem, target_rounds=0, refine_rounds=1)
    assert (after.open_loop.cells == before.assembly.cells).all()
    assert (after.assembly.cells != before.assembly.cells).any()


def test_assembly_is_certified(bridge):
    a = bridge.open_loop
    assert a.lower_bound <= a.energy
    assert a.gap <= 1e-4
    assert a.optimal
    assert a.node_cost + a.edge_cost == pytest.approx(a.energy, rel=1e-9)


def test_pixels_are_the_chosen_cells(bridge):
    database = mf.CellDatabase.default()
    assert bridge.pixels.shape == (200, 1500)
    for r, c in ((0, 0), (3, 29), (2, 11)):
        block = bridge.pixels[50 * r : 50 * r + 50, 50 * c : 50 * c + 50]
        assert (block == database.take([bridge.assembly.cells[r, c]])[0]).all()


def test_every_pixel_was_solved(bridge):
    assert bridge.response.residual < 1e-8
    assert bridge.response.solid.sum() + bridge.response.removed_pixels == bridge.pixels.sum()
    held = bridge.problem.prescribed[:, 0, 0]
    nodes = bridge.response.nodal_displacement[:, 0, 0]
    np.testing.assert_allclose(nodes[np.isfinite(nodes)], held[0], atol=1e-14)


def test_same_input_same_design():
    problem, options = mf.problems.bridge(2, 8), {"target_rounds": 1, "refine_rounds": 2}
    first, again = (mf.design(problem, threads=t, **options) for t in (None, 1))
    assert (again.pixels == first.pixels).all()
    assert again.errors == first.errors
    assert again.rounds.tobytes() == first.rounds.tobytes()
    assert again.corrections.tobytes() == first.corrections.tobytes()
    assert len(first.rounds) > 1


def test_paper_options_run():
    """Linear coordinates, diverse candidates, edge weight 1, a user's encoder and database."""

    class Blur:
        def encode(self, cells):
            return cells.reshape(len(cells), 10, 5, 10, 5).mean((2, 4)).reshape(len(cells), -1)

    database = mf.CellDatabase.default().subset(slice(0, 20_000))
    made = mf.design(
        mf.problems.bridge(2, 8, compression=0.3),
        database,
        Blur(),
        selection="diverse",
        coordinates="linear",
        smoothing=0.0,
        edge_weight=1.0,
        candidates=6,
        refine_rounds=1,
    )
    assert np.isfinite(made.response.rrmse)
    assert made.assembly.candidates.shape == (2, 8, 6)


def test_closed_loop_on_finer_elements(tmp_path):
    problem = mf.problems.bridge(2, 6, compression=0.3)
    made = mf.design(problem, refine=2, target_rounds=1, refine_rounds=1)
    fine = mf.solve_structure(made.pixels, made.problem, refine=2)
    assert made.errors["every pixel"] == fine.rrmse
    assert fine.rrmse <= made.open_loop_error
    assert made.response.solid.shape == tuple(2 * n for n in made.pixels.shape)
    back = read_design(made.save(tmp_path) / "design.h5")
    assert (back.response.solid == made.response.solid).all()
    assert back.options["refine"] == 2


def test_files_reopen(bridge, tmp_path):
    folder = bridge.save(tmp_path / "runs" / "bridge")
    names = {path.name for path in folder.iterdir()}
    pictures = {"fields.png", "structure.png", "deformed.png", "convergence.png"}
    assert names == {"design.h5", "report.html"} | pictures
    for name in pictures:
        assert (folder / name).read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"
    back = read_design(folder / "design.h5")
    assert (back.pixels == bridge.pixels).all()
    assert back.errors == bridge.errors
    assert back.timings == bridge.timings
    assert back.options == bridge.options
    assert back.options["side_solid"] == 0.5
    assert back.options["softest"] == 0.0
    assert back.response.timings == bridge.response.timings
    assert back.assembly.optimal is bridge.assembly.optimal
    assert back.rounds.tobytes() == bridge.rounds.tobytes()
    assert back.open_loop.energy == bridge.open_loop.energy < back.assembly.energy
    assert (back.assembly.history == bridge.assembly.history).all()
    assert (back.field.history == bridge.field.history).all()
    assert (back.response.solid == bridge.response.solid).all()
    np.testing.assert_allclose(
        back.response.nodal_displacement, bridge.response.nodal_displacement, atol=1e-6
    )
    np.testing.assert_array_equal(back.problem.target, bridge.problem.target)


@pytest.fixture(scope="module")
def tiny():
    """The smallest design, with options that are NumPy's numbers."""
    return mf.design(
        mf.problems.bridge(1, 4, compression=0.1),
        edge_weight=np.float32(0.5),
        candidates=np.int64(4),
        refine_rounds=np.int64(0),
    )


@pytest.mark.parametrize("name", ["null", "{x}", "1.5", "ein Lächeln"])
def test_any_name_and_numpy_options_survive(tiny, tmp_path, name):
    p = tiny.problem
    made = replace(tiny, problem=mf.Problem(name, p.prescribed, p.target))
    back = read_design(made.save(tmp_path) / "design.h5")
    assert back.problem.name == name
    assert back.options == made.options
    assert not [path for path in tmp_path.iterdir() if "partial" in path.name]


def test_report_is_self_contained(bridge, tmp_path):
    path = bridge.report(tmp_path)
    text = path.read_text()
    assert text.count("data:image/png;base64,") == 4
    assert "http:" not in text
    assert "https:" not in text
    assert f"{bridge.response.rrmse:.4f}" in text


def test_damaged_design_is_refused(bridge, tmp_path):
    folder = bridge.save(tmp_path)
    data = (folder / "design.h5").read_bytes()
    (folder / "design.h5").write_bytes(data[:2000])
    with pytest.raises(ValueError, match="not a readable metafast design"):
        read_design(folder / "design.h5")
    with pytest.raises(ValueError, match="no design at"):
        read_design(tmp_path / "nothing.h5")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"problem": "bridge"}, "problem is a str"),
        ({"selection": "random"}, "selection is 'random'"),
        ({"candidates": 0}, "candidates is 0"),
        ({"side_solid": 2}, "side_solid is 2"),
        ({"softest": -1}, "softest is -1"),
        ({"refine_rounds": -1}, "refine_rounds is -1"),
        ({"target_rounds": -1}, "target_rounds is -1"),
        ({"target_rounds": 1.5}, "target_rounds is 1.5"),
        ({"refine": 0}, "refine is 0"),
        ({"coordinates": "polar"}, "coordinates are 'polar'"),
        ({"edge_weight": -1}, "edge_weight is -1"),
        ({"edge_weight": np.nan}, "edge_weight is nan"),
        ({"database": "cells.h5"}, "database is a str; a CellDatabase is needed"),
        ({"vae": object()}, "without a method encode"),
        ({"nodes": 100_000}, "nodes is 100000"),
    ],
)
def test_bad_arguments_are_named(arguments, message):
    with pytest.raises(ValueError, match=message):
        mf.design(**({"problem": mf.problems.bridge(1, 4)} | arguments))


def test_soft_cells_are_left_out():
    frame = np.pad(np.zeros((46, 46)), 2, constant_values=1)
    with pytest.raises(ValueError, match="lower softest"):
        mf.design(mf.problems.bridge(1, 4), mf.CellDatabase(frame), softest=0.9)
    made = mf.design(mf.problems.bridge(3, 12), softest=0.05, refine_rounds=0)
    c = mf.homogenize(made.pixels.reshape(3, 50, 12, 50).transpose(0, 2, 1, 3).reshape(-1, 50, 50))
    assert c[:, 0, 0].min() > 0.049
    assert c[:, 1, 1].min() > 0.049
    assert 5 * c[:, 2, 2].min() > 0.049


@pytest.mark.slow
def test_smiley_at_full_size():
    made = mf.design(mf.problems.smiley(), refine_rounds=2)
    macro, _, pixels = made.errors.values()
    assert macro <= 0.007
    assert made.open_loop_error <= 0.172
    assert pixels <= 0.079
    assert made.open_loop.optimal
