"""Designs from a family: on its gradation, of its cells, as good as a manufactured optimum."""

import numpy as np
import pytest

import metafast as mf
from metafast import cli
from metafast.homogenization import properties_of
from metafast.macro import MacroModel


def linear_design(*arguments, **options):
    """A design for small displacements, which takes a fraction of the time."""
    return mf.design(*arguments, **({"kinematics": "linear"} | options))


@pytest.fixture(scope="module")
def frames():
    """Square holes of every size in two orders: a family without any model."""
    cells = np.ones((21, 50, 50), np.uint8)
    for k in range(21):
        cells[k, 2 + k : 48 - k, 4 + k : 46 - k] = 0
    p = properties_of(mf.homogenize(cells))
    gradation = mf.Gradation(p[:, 0], p, "frames")
    return mf.Family(gradation, p[:, 0], np.arange(21.0)[:, None], cells, p, np.full(21, -1))


@pytest.fixture(scope="module")
def manufactured(frames):
    """A problem whose solution along the gradation is known."""
    beam = mf.problems.graded_beam(4, 12, compression=0.3)
    soft = 0.5 - 0.5 * np.cos(np.linspace(0, 2 * np.pi, 12))
    place = 0.05 + 0.5 * np.outer([0.2, 1.0, 1.0, 0.2], 1 - soft)
    low, high = frames.parameter[[0, -1]]
    model = MacroModel(beam)
    u = model.solve(frames.gradation.at((low + place * (high - low)).ravel()))
    target = np.where(beam.wanted, model.macro_nodes(u), np.nan)
    return mf.Problem("manufactured", beam.prescribed, target)


@pytest.fixture(scope="module")
def made(frames, manufactured):
    return linear_design(
        manufactured,
        family=frames,
        smoothing=0.0,
        correction_rounds=0,
        swap_rounds=1,
        symmetry="none",  # the field that made the target is not symmetric
    )


def test_the_manufactured_target_is_met(made):
    assert made.field.rrmse < 2e-3
    assert made.errors.own_cells < 0.05
    assert made.errors.pixels <= made.errors.open_loop < np.inf


def test_the_paper_stays_on_the_gradation_and_takes_the_nearest_member(frames, manufactured):
    """The gradation is an equality constraint, and one cell an element is the nearest."""
    aside = mf.Gradation(frames.parameter, frames.properties * [1, 1, 1, 1.1], "aside")
    family = mf.Family(aside, frames.parameter, frames.latents, frames.cells, frames.properties,
                       frames.rows)  # fmt: skip
    paper = mf.PAPER.changed(selection="nearest", candidates=1)
    made = mf.design(manufactured, family=family, options=paper)
    field = made.field.properties.reshape(-1, 4)
    assert aside.nearest(field).distance.max() < 6e-4  # points of the curve
    gap = np.abs(frames.properties - field[:, None]).max(axis=-1)
    assert made.certified.node_cost == pytest.approx(gap.min(axis=1).sum(), rel=0.05)
    ours = mf.design(manufactured, family=family, options=paper.changed(follow_cells=True))
    assert aside.nearest(ours.field.properties.reshape(-1, 4)).distance.max() > 2e-3


def test_targets_of_a_family_are_corrected_on_finer_elements(frames):
    beam = mf.problems.graded_beam(2, 6, compression=0.2)
    made = linear_design(beam, family=frames, refine=2, correction_rounds=1, swap_rounds=1)
    tried = [row.pixels for row in made.trace.corrections]
    assert len(tried) == 2
    assert made.trace.swaps[0].pixels == min(tried)
    assert mf.solve_structure(made.pixels, beam, refine=2).rrmse == made.errors.pixels


def test_the_field_is_on_the_curve_and_the_cells_are_the_family(made, frames):
    own = frames.fitted_gradation()
    assert own.nearest(made.field.properties.reshape(-1, 4))[1].max() < 1e-3
    known = {cell.tobytes() for cell in frames.cells}
    blocks = made.pixels.reshape(4, 50, 12, 50).transpose(0, 2, 1, 3).reshape(-1, 50, 50)
    assert {block.tobytes() for block in blocks} <= known


def test_options_say_what_a_family_changes(made):
    assert made.provenance["family"] == "frames"
    assert made.options.selection == "nearest"
    assert made.options.least_side_solid == 0.0
    free = linear_design(mf.problems.bridge(1, 4, compression=0.1), swap_rounds=0)
    assert "family" not in free.provenance
    assert free.options.selection == "diverse"
    assert free.options.least_side_solid == 0.5


def test_a_family_brings_its_material(frames, manufactured, tmp_path):
    """Ratios of stiffness decide the displacement, so a stiffer family gives the same pixels."""
    stiff = mf.Gradation(70 * frames.parameter, 70 * frames.properties, "stiff frames")
    members = mf.Family(
        stiff,
        70 * frames.parameter,
        frames.latents,
        frames.cells,
        70 * frames.properties,
        frames.rows,
        mf.Material(young=70.0),
    )
    back = mf.Family.load(members.save(tmp_path / "stiff.h5"))
    assert back.phases == mf.Phases(mf.Material(young=70.0))
    assert back.database().phases == back.phases
    one, many = (
        linear_design(manufactured, family=f, smoothing=0.0, swap_rounds=0) for f in (frames, back)
    )
    assert many.errors.pixels == pytest.approx(one.errors.pixels, rel=0.02)


def test_only_eligible_members_are_designed_with(frames, manufactured):
    made = linear_design(
        manufactured, family=frames, least_stiffness=0.1, candidates=5, swap_rounds=0
    )
    used = np.unique(made.assembly.cells)
    members = frames.database()
    assert members.properties[used][:, [0, 2]].min() >= 0.1
    assert made.field.properties[..., 0].min() > 0.09


def test_bad_families_are_named(frames, manufactured):
    with pytest.raises(ValueError, match="family is a str; a Family is needed"):
        linear_design(manufactured, family="family.h5")
    with pytest.raises(ValueError, match="a database and a family were given"):
        linear_design(manufactured, mf.CellDatabase(frames.cells), family=frames)
    with pytest.raises(ValueError, match="40 candidates were asked for but 21 cells"):
        linear_design(manufactured, family=frames, candidates=40)
    with pytest.raises(ValueError, match="smoothing is -1"):
        linear_design(manufactured, family=frames, smoothing=-1)


def test_command(frames, tmp_path, monkeypatch, capsys):
    file = frames.save(tmp_path / "frames.h5")

    def run(*options):
        command = ["metafast", "design", "graded_beam", "--output", tmp_path / "out", *options]
        monkeypatch.setattr("sys.argv", [str(part) for part in command])
        with pytest.raises(SystemExit) as end:
            cli.main()
        return end.value.code

    small = ("--rows", 3, "--cols", 8, "--amplitude", 0.05, "--swap-rounds", 0)
    assert run("--family", file, *small) == 0
    assert "21 cells along 'frames'" in " ".join(capsys.readouterr().out.split())
    back = mf.Design.load(tmp_path / "out")
    assert back.provenance["family"] == "frames"
    assert back.options == mf.DesignOptions.for_family(swap_rounds=0)
    own = ("--selection", "diverse", "--candidates", 5, "--kinematics", "linear", "--overwrite")
    assert run("--family", file, *small, *own) == 0
    back = mf.Design.load(tmp_path / "out")
    assert back.options == mf.DesignOptions.for_family(
        swap_rounds=0, selection="diverse", candidates=5, kinematics="linear"
    )
    assert run("--family", file, "--gradation", "eq7", *small) == 2
    assert "brings its own cells" in capsys.readouterr().err
