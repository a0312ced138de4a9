"""The whole pipeline on the bridge: errors, proof, files that reopen."""

from dataclasses import astuple, replace

import numpy as np
import pytest
from reference.pages import Page, require_nothing_from_outside
from reference.reopened import reopened

import metafast as mf
from metafast.assembly.tiling import assembly_of
from metafast.pipeline.open_loop import OpenLoop
from metafast.pipeline.trace import Trace


def linear_design(*arguments, **options):
    """A design for small displacements, which takes a fraction of the time."""
    return mf.design(*arguments, **({"kinematics": "linear"} | options))


@pytest.fixture(scope="module")
def bridge():
    return linear_design(mf.problems.bridge())


@pytest.fixture(scope="module")
def folder(bridge, tmp_path_factory):
    """The bridge's files."""
    return bridge.save(tmp_path_factory.mktemp("runs") / "runs" / "bridge")


@pytest.fixture(scope="module")
def open_bridge():
    return linear_design(mf.problems.bridge(), swap_rounds=0)


def test_three_errors_are_no_worse_than_the_prototype(bridge, open_bridge):
    assert bridge.errors.macro <= 0.007
    errors = open_bridge.errors
    assert errors.macro <= 0.007
    assert errors.own_cells <= 0.065
    assert errors.pixels == errors.open_loop <= 0.094


def test_closed_loop_is_no_worse_than_the_prototype(bridge, open_bridge):
    assert bridge.errors.pixels <= 0.0117
    assert bridge.errors.open_loop == open_bridge.errors.pixels
    assert min(row.pixels for row in bridge.trace.corrections) == bridge.trace.swaps[0].pixels
    assert len(open_bridge.trace.corrections) == 1
    kept = [row.pixels for row in bridge.trace.swaps if row.kept]
    assert kept[-1] == min(kept) == bridge.response.rrmse
    assert len(open_bridge.trace.swaps) == 1
    assert open_bridge.certified is open_bridge.assembly


def test_the_open_loop_is_kept_beside_the_swapped_one():
    problem = mf.problems.bridge(3, 8, compression=0.3)
    before = linear_design(problem, swap_rounds=0)
    after = linear_design(problem, correction_rounds=0, swap_rounds=1)
    assert (after.certified.cells == before.assembly.cells).all()
    assert (after.assembly.cells != before.assembly.cells).any()


def test_assembly_is_certified(bridge):
    a = bridge.certified
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
    problem, options = mf.problems.bridge(2, 8), {"correction_rounds": 1, "swap_rounds": 2}
    first, again = (linear_design(problem, threads=t, **options) for t in (None, 1))
    assert (again.pixels == first.pixels).all()
    np.testing.assert_equal(astuple(again.errors), astuple(first.errors))
    assert str(again.trace.swaps) == str(first.trace.swaps)  # nan is itself in text
    assert again.trace.corrections == first.trace.corrections
    assert len(first.trace.swaps) > 1


def test_paper_options_run():
    """Linear coordinates, diverse candidates, edge weight 1, a user's encoder and database."""

    class Blur:
        def encode(self, cells):
            return cells.reshape(len(cells), 10, 5, 10, 5).mean((2, 4)).reshape(len(cells), -1)

    database = mf.CellDatabase.default().subset(slice(0, 20_000))
    made = linear_design(
        mf.problems.bridge(2, 8, compression=0.3),
        database,
        Blur(),
        options=mf.PAPER,
        candidates=6,
        swap_rounds=1,
    )
    assert np.isfinite(made.response.rrmse)
    assert made.assembly.candidates.shape == (2, 8, 6)
    assert made.options == replace(mf.PAPER, candidates=6, swap_rounds=1)
    assert made.provenance["encoder"] == "Blur"


def test_the_papers_options_leave_nothing_to_defaults():
    """Defaults may change, the paper does not: section 5, and what it does not have."""
    paper = mf.PAPER
    assert (paper.kinematics, paper.coordinates, paper.deviation) == ("linear", "linear", "plain")
    assert (paper.candidates, paper.selection, paper.edge_weight) == (10, "diverse", 1.0)
    assert (paper.geometric_weight, paper.mechanical_weight) == (1.0, 1.0)
    assert (paper.mesh, paper.refine, paper.finer) == (1, 1, 1)
    assert (paper.smoothing, paper.symmetry, paper.minimum_width) == (0.0, "none", 0)
    assert not paper.follow_cells
    assert paper.side_floors == (0.0,)
    assert (paper.stiffness_floor, paper.mesh_error) == (0.0, None)
    assert (paper.own_rounds, paper.corrections, paper.rounds, paper.goal) == (0, 0, 0, 0.0)


def test_the_papers_design_by_latents_and_a_plain_deviation():
    """The model that ships clusters the candidates; Eq. 16 is in units of E, not in ranges."""
    problem = mf.problems.bridge(3, 10, compression=0.3)
    with pytest.warns(RuntimeWarning, match=r"the best properties reach .* but the pixels do not"):
        made = mf.design(problem, encoder="default", options=mf.PAPER)
    assert made.errors.macro < 0.01
    assert made.errors.pixels > 0.1
    assert made.provenance["encoder"] == "CellVAE"
    assert made.options == mf.PAPER
    database, targets = mf.CellDatabase.default(), made.field.properties
    deviation = np.abs(database.properties[made.assembly.cells] - targets).max(axis=-1)
    assert made.certified.node_cost <= deviation.sum() + 1e-9  # that of the chosen cells
    assert made.certified.node_cost == pytest.approx(deviation.sum())
    chosen = mf.select_candidates(database, mf.CellVAE.default(), targets, 10, coordinates="linear")
    assert (chosen == made.assembly.candidates).all()


def test_an_encoder_of_other_cells_is_refused_before_the_first_stage(tmp_path):
    class Small:
        shape = (10, 10)

        def encode(self, cells):
            return cells.reshape(len(cells), -1)

    problem = mf.problems.bridge(1, 4)
    with pytest.raises(ValueError, match="encoder is for cells of 10 x 10 pixels"):
        mf.design(problem, mf.CellDatabase.default(), Small())
    with pytest.raises(ValueError, match="there is no model at"):
        mf.design(problem, encoder=tmp_path / "vae.h5")


def test_closed_loop_on_finer_elements(tmp_path):
    problem = mf.problems.bridge(2, 6, compression=0.3)
    made = linear_design(problem, refine=2, correction_rounds=1, swap_rounds=1)
    fine = mf.solve_structure(made.pixels, made.problem, refine=2)
    assert made.errors.pixels == fine.rrmse
    assert fine.rrmse <= made.errors.open_loop
    assert made.response.solid.shape == tuple(2 * n for n in made.pixels.shape)
    back = reopened(made, tmp_path)
    assert (back.response.solid == made.response.solid).all()
    assert back.options.refine == 2


def test_files_reopen(bridge, folder):
    names = {path.name for path in folder.iterdir()}
    names_of_pictures = ("fields", "structure", "deformed", "convergence", "loops")
    pictures = {f"{name}.png" for name in names_of_pictures}
    assert names == {"design.h5", "report.html"} | pictures
    for name in pictures:
        assert (folder / name).read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"
    back = mf.Design.load(folder / "design.h5")
    assert (back.pixels == bridge.pixels).all()
    np.testing.assert_equal(astuple(back.errors), astuple(bridge.errors))
    assert back.trace.seconds == bridge.trace.seconds
    assert back.trace.peak_bytes == bridge.trace.peak_bytes
    used = mf.DesignOptions(kinematics="linear", least_side_solid=0.5)
    assert back.options == bridge.options == used
    assert back.provenance == bridge.provenance
    assert back.response.timings == bridge.response.timings
    assert back.assembly.optimal is bridge.assembly.optimal
    assert str(back.trace.swaps) == str(bridge.trace.swaps)  # nan is itself in text
    assert back.certified.energy == bridge.certified.energy < back.assembly.energy
    assert (back.assembly.history == bridge.assembly.history).all()
    assert back.field.history.tobytes() == bridge.field.history.tobytes()
    assert (back.response.solid == bridge.response.solid).all()
    np.testing.assert_allclose(
        back.response.nodal_displacement, bridge.response.nodal_displacement, atol=1e-6
    )
    np.testing.assert_array_equal(back.problem.target, bridge.problem.target)


@pytest.fixture(scope="module")
def tiny():
    """The smallest design, with options that are NumPy's numbers."""
    return linear_design(
        mf.problems.bridge(1, 4, compression=0.1),
        edge_weight=np.float32(0.5),
        candidates=np.int64(4),
        swap_rounds=np.int64(0),
    )


def test_both_parts_of_the_boundary_mismatch_can_be_weighted(tiny):
    """Eq. 17 is their sum, so the energy of equal labels is linear in the weights."""
    field, candidates = tiny.field.properties, tiny.assembly.candidates
    energies = []
    for weights in ((1, 1), (2, 0), (0, 2), (0, 0)):
        given = dict(zip(("geometric_weight", "mechanical_weight"), weights, strict=True))
        options = tiny.options.changed(**given)
        loop = OpenLoop(tiny.problem, None, None, None, options, Trace(), None)
        costs = loop.costs(tiny.problem, field, candidates)
        energies.append(assembly_of(costs, tiny.assembly.labels).energy)
    both, solids, tractions, none = energies
    assert both == pytest.approx(tiny.assembly.energy)
    assert both == pytest.approx((solids + tractions) / 2)
    assert none < min(solids, tractions)


@pytest.mark.parametrize("name", ["null", "{x}", "1.5", "ein Lächeln"])
def test_any_name_and_numpy_options_survive(tiny, tmp_path, name):
    p = tiny.problem
    made = replace(tiny, problem=mf.Problem(name, p.prescribed, p.target))
    back = reopened(made, tmp_path)
    assert back.problem.name == name
    assert back.options == made.options
    assert not [path for path in tmp_path.iterdir() if "partial" in path.name]


def test_report_is_self_contained(bridge, folder):
    text = (folder / "report.html").read_text()
    require_nothing_from_outside(text)
    assert Page(text).pictures
    assert f"{bridge.response.rrmse:.4f}" in text


def test_damaged_design_is_refused(bridge, tmp_path):
    reopened(bridge, tmp_path)
    data = (tmp_path / "design.h5").read_bytes()
    (tmp_path / "design.h5").write_bytes(data[:2000])
    with pytest.raises(ValueError, match="not a readable metafast design"):
        mf.Design.load(tmp_path / "design.h5")
    with pytest.raises(ValueError, match="no design at"):
        mf.Design.load(tmp_path / "nothing.h5")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"problem": "bridge"}, "problem is a str"),
        ({"selection": "random"}, "selection is 'random'"),
        ({"candidates": 0}, "candidates is 0"),
        ({"least_side_solid": 2}, "least_side_solid is 2"),
        ({"least_stiffness": -1}, "least_stiffness is -1"),
        ({"swap_rounds": -1}, "swap_rounds is -1"),
        ({"correction_rounds": -1}, "correction_rounds is -1"),
        ({"correction_rounds": 1.5}, "correction_rounds is 1.5"),
        ({"refine": 0}, "refine is 0"),
        ({"coordinates": "polar"}, "coordinates is 'polar'"),
        ({"edge_weight": -1}, "edge_weight is -1"),
        ({"edge_weight": np.nan}, "edge_weight is nan"),
        ({"geometric_weight": -1}, "geometric_weight is -1"),
        ({"mechanical_weight": np.inf}, "mechanical_weight is inf"),
        ({"database": "cells.h5"}, "database is a str; a CellDatabase is needed"),
        ({"encoder": object()}, "without a method encode"),
        ({"space_nodes": 100_000}, "space_nodes is 100000"),
        ({"options": {"refine": 2}}, "options is a dict; metafast.DesignOptions"),
    ],
)
def test_bad_arguments_are_named(arguments, message):
    with pytest.raises(ValueError, match=message):
        mf.design(**({"problem": mf.problems.bridge(1, 4)} | arguments))


def test_unknown_options_are_named():
    with pytest.raises(TypeError, match="design has no option 'side_solid'; the options are cand"):
        mf.design(mf.problems.bridge(1, 4), side_solid=0.5)
    with pytest.raises(TypeError, match="build_database has no option 'simple'; the options are"):
        mf.build_database(10, simple=True)
    with pytest.raises(TypeError, match="inverse_homogenize has no option 'stars'"):
        mf.inverse_homogenize([1.0, 0.1, 1.0, 0.3], stars=2)


def test_soft_cells_are_left_out():
    frame = np.pad(np.zeros((46, 46)), 2, constant_values=1)
    with pytest.raises(ValueError, match="lower least_stiffness"):
        linear_design(
            mf.problems.bridge(1, 4), mf.CellDatabase(frame), least_stiffness=0.9, candidates=1
        )
    made = linear_design(mf.problems.bridge(3, 12), least_stiffness=0.05, swap_rounds=0)
    c = mf.homogenize(made.pixels.reshape(3, 50, 12, 50).transpose(0, 2, 1, 3).reshape(-1, 50, 50))
    assert c[:, 0, 0].min() > 0.049
    assert c[:, 1, 1].min() > 0.049
    assert 5 * c[:, 2, 2].min() > 0.049


@pytest.mark.slow
def test_smiley_at_full_size():
    made = linear_design(mf.problems.smiley(), swap_rounds=2)
    assert made.errors.macro <= 0.007
    assert made.errors.open_loop <= 0.172
    assert made.errors.pixels <= 0.079
    assert made.certified.optimal
