"""Material, sizes and forces of a design."""

import re

import numpy as np
import pytest
from reference.reopened import reopened

import metafast as mf
from metafast.pipeline.presentation import tables_of

FAST = {"kinematics": "linear", "swap_rounds": 0, "correction_rounds": 0}
PROBLEM = mf.problems.bridge(2, 6, compression=0.1)


@pytest.fixture(scope="module")
def database():
    return mf.CellDatabase.default().subset(slice(0, None, 40))


@pytest.fixture(scope="module")
def made(database):
    solid = mf.Material(1800.0, 0.3)
    return mf.design(PROBLEM, database, material=solid, cell_size=10.0, thickness=4.0, **FAST)


def test_the_material_comes_back_with_the_design(made, tmp_path):
    back = reopened(made, tmp_path)
    assert back.material == made.material == mf.Material(1800.0, 0.3)
    assert back.phases.solid.poisson == 0.3
    assert (back.units.cell_size, back.units.thickness) == (10.0, 4.0)
    again = mf.solve_structure(back.pixels, back.problem, back.phases, kinematics="linear")
    assert again.rrmse == pytest.approx(made.response.rrmse, rel=1e-9)
    other = mf.solve_structure(back.pixels, back.problem, kinematics="linear")  # nu = 0.49
    assert abs(other.rrmse - again.rrmse) > 1e-6


def test_it_is_the_design_of_a_database_of_this_material(made, database):
    relabelled = mf.design(PROBLEM, database.relabel(mf.Material(poisson=0.3)), **FAST)
    np.testing.assert_array_equal(relabelled.pixels, made.pixels)
    assert relabelled.material == mf.Material(poisson=0.3)


def test_forces_are_in_newtons(made, tmp_path):
    rows = dict(next(t.rows for t in tables_of(made) if t.title.startswith("material")))
    assert rows["solid"] == "E = 1800 MPa, Poisson's ratio 0.3, plane stress"
    assert (rows["cell"], rows["body"], rows["thickness"]) == ("10 mm", "20 x 60 mm", "4 mm")
    real = mf.Phases(mf.Material(1800.0, 0.3))
    solved = mf.solve_structure(made.pixels, PROBLEM, real, kinematics="linear")
    left = solved.support_nodes[:, 1] == 0
    x, y = solved.reactions[left].sum(axis=0) * 10.0 * 4.0
    assert x > 0
    numbers = [float(n) for n in re.findall(r"(\S+) N", rows["force of the supports, left"])]
    assert numbers == pytest.approx([x, y], rel=1e-3, abs=1e-3 * x)
    numbers = [float(n) for n in re.findall(r"(\S+) N", rows["force of the supports, right"])]
    assert numbers == pytest.approx([-x, -y], rel=1e-3, abs=1e-3 * x)
    assert "1800 MPa" in made.report(tmp_path).read_text()


def test_without_a_modulus_forces_are_relative(database):
    made = mf.design(PROBLEM, database, **FAST)
    rows = dict(next(t.rows for t in tables_of(made) if t.title.startswith("material")))
    assert rows["solid"].startswith("any Young's modulus, Poisson's ratio 0.49")
    assert re.fullmatch(r"\S+ E t w in x, \S+ E t w in y", rows["force of the supports, left"])
    assert rows["E t w"] == "Young's modulus, thickness, side of a cell"
    assert made.units.force is None


def test_materials_have_names():
    for name in ("PLA", "petg", "TPU", "nylon", "Aluminium", "steel"):
        assert mf.Material.named(name).young > 1.0
    assert mf.Material.named("steel", "strain").plane == "strain"
    with pytest.raises(ValueError, match="'wood' is not known; use one of PLA, PETG"):
        mf.Material.named("wood")


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"material": 0.3}, "material is a float; metafast.Material"),
        ({"material": "wood"}, "'wood' is not known"),
        ({"cell_size": 0.0}, "cell_size is 0"),
        ({"thickness": "4mm"}, "thickness is '4mm'; a number is needed"),
    ],
)
def test_bad_arguments_are_named(given, message, database):
    with pytest.raises(ValueError, match=message):
        mf.design(PROBLEM, database, **given)


def test_a_familys_cells_keep_their_material(database):
    rows = np.argsort(database.properties[:, 0])[:4]
    family = mf.Family(
        mf.Gradation.isotropic_like(),
        parameter=np.linspace(0.2, 0.5, 4),
        latents=np.zeros((4, 16)),
        cells=database.take(rows),
        properties=database.properties[rows],
        rows=rows,
    )
    with pytest.raises(ValueError, match=r"Poisson's ratio 0.49 .* leave the material out, or"):
        mf.design(PROBLEM, family=family, material="PLA", **FAST)


def test_a_problem_without_load_is_refused_and_one_out_of_reach_warned_of(database):
    still = mf.Problem("still", np.where(PROBLEM.fixed, 0.0, np.nan), PROBLEM.target)
    with pytest.raises(ValueError, match=r"has no load: all supports prescribe 0.*prescribe a"):
        mf.design(still, database)
    far = PROBLEM.aiming_at(20 * PROBLEM.target)
    with pytest.warns(RuntimeWarning, match=r"cannot do this \(RRMSE .*ask for smaller"):
        mf.design(far, database, **FAST)


def test_a_problem_file_brings_material_and_options(database, tmp_path):
    path = tmp_path / "small.toml"
    text = mf.read_problem("bridge").text.replace("rows = 4", "rows = 2\ncell_size = '5mm'")
    path.write_text(text + '[material]\nname = "PLA"\n[design]\nkinematics = "linear"\n')
    file = mf.read_problem(path, cols=6, compression=0.1)
    made = mf.design(file, database, swap_rounds=0, correction_rounds=0)
    assert made.options.kinematics == "linear"
    assert made.material == mf.Material.named("PLA")
    assert made.units.cell_size == 5.0
    back = reopened(made, tmp_path)
    assert back.source == file.source
    changed = mf.design(file, database, material=mf.Material(9.0, 0.49), **FAST)
    assert changed.material == mf.Material(9.0, 0.49)
