"""Files of a design: what was solved, in millimetres, as other programs read it."""

import csv
from dataclasses import replace

import meshio
import numpy as np
import pytest
import trimesh
from PIL import Image
from reference.deck import Deck, solve
from reference.load_cases import squeezed_and_pressed

import metafast as mf
from metafast.pipeline.units import Units
from metafast.structure import solve_structure
from metafast.structure.finite.stresses import stresses_of_field

CELL = 10.0


@pytest.fixture(scope="module")
def made():
    database = mf.CellDatabase.default().subset(slice(0, None, 200))
    problem = mf.problems.bridge(2, 4, compression=0.1, amplitude=0.05)
    return mf.design(
        problem, database, kinematics="linear", swap_rounds=0, correction_rounds=0, cell_size=CELL
    )


@pytest.fixture(scope="module")
def folder(made, tmp_path_factory):
    path = tmp_path_factory.mktemp("files")
    formats = ("stl", "3mf", "svg", "dxf", "png", "vtu", "inp", "csv")
    made.export(path, formats, thickness=4.0, young=3000.0, deformed=True)
    return path


def moved_area(made):
    """Area of the deformed pixels in cell widths squared."""
    side = made.response.solid.shape[0] // made.problem.rows
    field = made.response.nodal_displacement
    i, j = np.indices(field.shape[:2])
    places = np.stack([j, -i], axis=2) / side + field
    a, b, c, d = places[1:, :-1], places[1:, 1:], places[:-1, 1:], places[:-1, :-1]
    across, along = c - a, d - b
    doubled = across[..., 0] * along[..., 1] - across[..., 1] * along[..., 0]
    return 0.5 * doubled[made.response.solid].sum()


def test_all_files_are_there(folder):
    names = {path.name for path in folder.iterdir()}
    plain = {f"bridge.{kind}" for kind in ("stl", "3mf", "svg", "dxf", "png", "vtu", "inp", "csv")}
    bent = {f"bridge_deformed.{kind}" for kind in ("stl", "3mf", "svg", "dxf", "vtu")}
    assert names == plain | bent


def test_bodies_have_the_volume_of_the_pixels(made, folder):
    side = made.pixels.shape[0] // 2
    mesh = trimesh.load(folder / "bridge.stl")
    assert mesh.is_watertight
    assert mesh.body_count == 1
    volume = made.response.solid.sum() * (CELL / side) ** 2 * 4.0
    assert mesh.volume == pytest.approx(volume, rel=1e-6)
    np.testing.assert_allclose(mesh.bounds, [[0, 0, 0], [40, 20, 4]], atol=1e-5)
    bent = trimesh.load(folder / "bridge_deformed.stl")
    assert bent.is_watertight
    assert bent.volume == pytest.approx(moved_area(made) * CELL**2 * 4.0, rel=1e-6)
    assert bent.bounds[1, 0] == pytest.approx(
        40 + CELL * made.problem.prescribed[0, -1, 0], rel=1e-6
    )


def test_the_picture_is_that_of_the_pixels(made, folder):
    with Image.open(folder / "bridge.png") as picture:
        np.testing.assert_array_equal(np.asarray(picture), ~made.response.solid)


def test_fields_are_those_of_the_response_to_the_last_bit(made, folder):
    found = meshio.read(folder / "bridge.vtu")
    side, solid = made.pixels.shape[0] // 2, made.response.solid
    size = CELL / side
    j = np.rint(found.points[:, 0] / size).astype(int)
    i = 2 * side - np.rint(found.points[:, 1] / size).astype(int)
    expected = CELL * made.response.nodal_displacement[i, j]
    np.testing.assert_array_equal(found.point_data["displacement_mm"][:, :2], expected)
    quads = found.cells[0].data
    assert len(quads) == solid.sum()
    centre = found.points[quads].mean(axis=1) / size
    row, column = (2 * side - centre[:, 1]).astype(int), centre[:, 0].astype(int)
    assert solid[row, column].all()
    data = {name: values[0] for name, values in found.cell_data.items()}
    np.testing.assert_array_equal(data["cell_row"], row // side)
    np.testing.assert_array_equal(data["cell_column"], column // side)
    cells = made.assembly.cells[row // side, column // side]
    np.testing.assert_array_equal(data["database_row"], cells)
    wanted = 3000.0 * made.field.properties[row // side, column // side]
    np.testing.assert_array_equal(data["wanted_properties_MPa"], wanted)
    solved = solve_structure(made.pixels, made.problem, made.phases, stresses=True)
    np.testing.assert_allclose(
        data["von_Mises_MPa"], 3000.0 * solved.von_mises[row, column], rtol=1e-4, atol=1e-3
    )
    np.testing.assert_allclose(
        data["stress_MPa"], 3000.0 * solved.stress[row, column], rtol=1e-4, atol=1e-3
    )
    bent = meshio.read(folder / "bridge_deformed.vtu")
    moved = found.points + found.point_data["displacement_mm"]
    np.testing.assert_array_equal(bent.points, moved)


@pytest.mark.parametrize("plane", ["stress", "strain"])
@pytest.mark.parametrize("law", ["linear", "neo-hookean", "st-venant-kirchhoff"])
def test_stresses_of_a_displacement_are_those_of_its_solution(made, law, plane):
    material = mf.Material(2.0, 0.3, plane)
    options = {"kinematics": "linear"} if law == "linear" else {"kinematics": "finite", "law": law}
    solved = solve_structure(made.pixels, made.problem, material, stresses=True, **options)
    side = made.pixels.shape[0] // 2
    stress, von_mises = stresses_of_field(
        solved.nodal_displacement, solved.solid, material, law, side
    )
    known = np.isfinite(von_mises)
    assert known.mean() > 0.99
    np.testing.assert_allclose(stress[known], solved.stress[known], rtol=1e-5, atol=1e-7)
    np.testing.assert_allclose(von_mises[known], solved.von_mises[known], rtol=1e-5, atol=1e-7)


def test_the_deck_is_solved_to_the_same_displacement(made, folder):
    pytest.importorskip("skfem")
    deck = Deck((folder / "bridge.inp").read_text())
    assert deck.constants == [3000.0, made.phases.solid.poisson]
    assert deck.thickness == 4.0
    assert "NLGEOM" not in deck.step  # as the design
    u = solve(deck) / CELL
    places = np.array([deck.nodes[n] for n in sorted(deck.nodes)]) / CELL
    side = made.pixels.shape[0] // 2
    i, j = 2 * side - np.rint(side * places[:, 1]).astype(int), np.rint(side * places[:, 0])
    ours = made.response.nodal_displacement[i, j.astype(int)]
    assert np.abs(u - ours).max() < 1e-9 * np.abs(ours).max()


def test_the_table_has_a_line_for_each_cell(made, folder):
    with (folder / "bridge.csv").open(newline="") as stream:
        heading, *rows = csv.reader(stream)
    assert heading[2:5] == ["database row", "own C11 [MPa]", "own C12 [MPa]"]
    values = np.array(rows, dtype=float)
    np.testing.assert_array_equal(values[:, :2], np.argwhere(np.ones((2, 4))))
    np.testing.assert_array_equal(values[:, 2], made.assembly.cells.ravel())
    np.testing.assert_array_equal(values[:, 7:], 3000 * made.field.properties.reshape(8, 4))
    side = made.pixels.shape[0] // 2
    cells = made.pixels.reshape(2, side, 4, side).swapaxes(1, 2).reshape(8, side, side)
    c = mf.homogenize(cells, made.phases)
    own = np.stack([c[:, 0, 0], c[:, 0, 1], c[:, 1, 1], c[:, 2, 2]], axis=1)
    np.testing.assert_allclose(values[:, 3:7], 3000 * own, rtol=1e-9)


def test_sizes_are_those_of_the_design_unless_others_come(made, tmp_path):
    known = replace(made, units=Units(2000.0, 5.0, 3.0))
    known.export(tmp_path, ("stl", "inp"))
    np.testing.assert_allclose(trimesh.load(tmp_path / "bridge.stl").bounds[1], [20, 10, 3])
    assert Deck((tmp_path / "bridge.inp").read_text()).constants[0] == 2000.0
    options = mf.ExportOptions(cell_size=8.0, base=1.0, frame=2.0, name="plate")
    found = known.export(tmp_path, "stl", options=options)
    assert found.paths == [tmp_path / "plate.stl"]
    np.testing.assert_allclose(trimesh.load(found.paths[0]).bounds[1], [36, 20, 4])


def test_the_deck_follows_the_options(made, tmp_path):
    options = {"thickness": 4.0, "young": 3000.0}
    made.export(tmp_path, "inp", order="quadratic", kinematics="finite", name="a", **options)
    deck = Deck((tmp_path / "a.inp").read_text())
    assert deck.kind == "CPS8"
    assert "NLGEOM" in deck.step
    made.export(tmp_path, "inp", refine=2, name="b", **options)
    assert len(Deck((tmp_path / "b.inp").read_text()).elements) == 4 * made.response.solid.sum()


def test_floating_parts_and_holes_are_left_out(made, tmp_path):
    pixels, kinds = made.pixels.copy(), np.zeros((2, 4), dtype=int)
    pixels[:50, 50:100] = 0
    pixels[20:24, 70:74] = 1  # a speck in the hole
    response = solve_structure(pixels, made.problem, made.phases)
    assert response.removed_parts
    kinds[0, 1] = -1
    prescribed, target = made.problem.prescribed, made.problem.target
    holed = mf.Problem("holed", prescribed, target, kinds)
    design = replace(made, problem=holed, pixels=pixels, response=response)
    found = design.export(tmp_path, ("svg", "csv", "vtu"))
    assert "1 floating part with 16 pixels" in "\n".join(found.lines())
    assert len((tmp_path / "holed.csv").read_text().splitlines()) == 1 + 7
    assert found.printability.parts == 1
    quads = meshio.read(tmp_path / "holed.vtu")
    assert len(quads.cells[0].data) == pixels.sum() - 16
    assert np.isfinite(quads.cell_data["own_properties_E"][0]).all()


@pytest.mark.parametrize(
    ("changes", "formats", "said"),
    [
        ({}, "stl", "stl need a thickness.*--thickness 5mm"),
        ({"thickness": 3.0}, "inp", "Young's modulus in MPa.*--young 3GPa"),
        ({"cell_size": 0.0}, "svg", "cell_size is 0"),
        ({"least_width": 5.0}, "svg", r"below the least width of 5 mm .* use cells of"),
        ({"order": "cubic"}, "svg", "order is 'cubic'; use one of 'linear', 'quadratic'"),
        ({"kinematics": "quick"}, "svg", "kinematics is 'quick'"),
        ({}, "gcode", "'gcode' is no format here"),
    ],
)
def test_wrong_input_is_refused_and_leaves_nothing(made, tmp_path, changes, formats, said):
    with pytest.raises(ValueError, match=said):
        made.export(tmp_path, formats, **changes)
    assert not list(tmp_path.iterdir())


def test_unknown_sizes_and_options_are_named(made, tmp_path):
    unknown = replace(made, units=Units())
    with pytest.raises(ValueError, match="--cell-size 10mm"):
        unknown.export(tmp_path, "png")
    with pytest.raises(TypeError, match=r"Design.export has no option 'cell'"):
        made.export(tmp_path, "png", cell=10)


def test_no_file_is_written_if_one_is_there(made, tmp_path):
    (tmp_path / "bridge_deformed.svg").write_text("mine")
    with pytest.raises(ValueError, match=r"bridge_deformed.svg' is already there"):
        made.export(tmp_path, ("png", "svg", "csv"), deformed=True)
    assert [path.name for path in tmp_path.iterdir()] == ["bridge_deformed.svg"]
    made.export(tmp_path, "svg", deformed=True, overwrite=True)
    assert (tmp_path / "bridge_deformed.svg").read_text() != "mine"


def test_a_design_with_a_minimum_width_is_solved_as_it_is_printed(tmp_path):
    database = mf.CellDatabase.default().subset(slice(0, None, 200))
    problem = mf.problems.bridge(2, 4, compression=0.1, amplitude=0.05)
    options = {"kinematics": "linear", "swap_rounds": 0, "correction_rounds": 0}
    plain, wide = (
        mf.design(problem, database, symmetry="auto", minimum_width=width, **options)
        for width in (0, 4)
    )
    assert mf.printability(plain.pixels, least_width=4).narrow_solid > 0
    np.testing.assert_array_equal(plain.assembly.cells, wide.assembly.cells)
    assert (wide.pixels >= plain.pixels).all()
    found = wide.export(tmp_path, "svg", cell_size=50, least_width=4)  # a pixel is a millimetre
    assert min(found.printability.solid_width, found.printability.void_width) >= 4
    assert found.printability.corner_contacts == 0
    np.testing.assert_array_equal(wide.response.solid, wide.pixels > 0)
    assert wide.symmetry == plain.symmetry
    again = mf.design(problem, database, start=plain, minimum_width=4)
    np.testing.assert_array_equal(again.pixels, wide.pixels)
    assert again.errors.pixels == pytest.approx(wide.errors.pixels)


def test_a_design_on_a_finer_mesh_has_the_same_pixels_and_a_finer_view(made, tmp_path):
    response = solve_structure(made.pixels, made.problem, made.phases, refine=2)
    fine = replace(made, response=response)
    fine.export(tmp_path, ("png", "stl", "vtu"), thickness=4.0, deformed=True)
    with Image.open(tmp_path / "bridge.png") as picture:
        np.testing.assert_array_equal(np.asarray(picture), ~made.response.solid)
    assert len(meshio.read(tmp_path / "bridge.vtu").cells[0].data) == response.solid.sum()
    bent = trimesh.load(tmp_path / "bridge_deformed.stl")
    assert bent.is_watertight
    assert bent.volume == pytest.approx(moved_area(fine) * CELL**2 * 4.0, rel=1e-6)


def test_load_cases_share_one_body_and_have_views_and_decks_of_their_own(tmp_path):
    pytest.importorskip("skfem")
    cases = squeezed_and_pressed(2, 3, push=0.04)
    both = mf.load_cases("both", cases)
    options = {"kinematics": "linear", "swap_rounds": 0, "correction_rounds": 0}
    database = mf.CellDatabase.default().subset(slice(0, None, 200))
    design = mf.design(both, database, minimum_width=3, **options)
    sizes = {"cell_size": CELL, "thickness": 4.0, "young": 3000.0}
    design.export(tmp_path, ("png", "svg", "csv", "vtu", "inp"), deformed=True, **sizes)
    own = {f"both_{case.name}" for case in cases}
    expected = {"both.png", "both.svg", "both.csv"}
    expected |= {f"{name}.{kind}" for name in own for kind in ("vtu", "inp")}
    expected |= {f"{name}_deformed.{kind}" for name in own for kind in ("vtu", "svg")}
    assert {path.name for path in tmp_path.iterdir()} == expected
    assert min(mf.printability(design.pixels).solid_width, 3) == 3
    with Image.open(tmp_path / "both.png") as picture:
        np.testing.assert_array_equal(np.asarray(picture), design.pixels == 0)
    assert len((tmp_path / "both.csv").read_text().splitlines()) == 1 + 6
    side = design.pixels.shape[0] // 2
    for case in cases:
        response = solve_structure(design.pixels, case, design.phases)
        deck = Deck((tmp_path / f"both_{case.name}.inp").read_text())
        places = np.array([deck.nodes[n] for n in sorted(deck.nodes)]) / CELL * side
        i, j = 2 * side - np.rint(places[:, 1]).astype(int), np.rint(places[:, 0]).astype(int)
        ours = response.nodal_displacement[i, j]
        assert np.abs(solve(deck) / CELL - ours).max() < 1e-9 * np.abs(ours).max()
        found = meshio.read(tmp_path / f"both_{case.name}.vtu")
        assert len(found.points) == len(places)
        moved = found.point_data["displacement_mm"][:, :2] / CELL
        np.testing.assert_allclose(moved, ours, atol=1e-9 * np.abs(ours).max())
