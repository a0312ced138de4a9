"""Problem files: arrays, sizes, units, parameters, material and options."""

import json

import numpy as np
import pytest

import metafast as mf
from metafast.pipeline.problem_options import schema


def test_arrays_are_those_of_the_same_problem_in_python(arch, read):
    file = read(arch)
    prescribed = np.full((4, 9, 2), np.nan)
    prescribed[:, 0] = 0.0
    prescribed[:, -1] = -0.2, 0.0
    target = np.full_like(prescribed, np.nan)
    x = np.arange(1.0, 8.0)
    target[0, 1:-1, 1] = 0.2 * np.sin(np.pi * x / 8)
    np.testing.assert_array_equal(file.problem.prescribed, prescribed)
    np.testing.assert_array_equal(file.problem.target, target)
    assert (file.problem.name, file.cell_size, file.thickness) == ("arch", 10.0, None)
    assert file.text == arch
    assert file.options == {}
    assert file.material is None


def test_sizes_and_parameters_can_be_given_in_place_of_the_files(arch, read):
    file = read(arch, rows=2, cols=6, push="0.1*L")
    assert (file.problem.rows, file.problem.cols) == (2, 6)
    assert np.nanmin(file.problem.prescribed) == -0.1 * 6
    assert file.source.changes == {"rows": 2, "cols": 6, "push": "0.1*L"}
    with pytest.raises(ValueError, match=r"line 8, parameters: 'pusch' is no parameter; did you"):
        read(arch, pusch=0.1)
    with pytest.raises(ValueError, match="rows is 0"):
        read(arch, rows=0)


def test_the_name_is_the_files_by_default(arch, read):
    assert read(arch.replace('name = "arch"\n', "")).problem.name == "arch"


def test_lengths_in_millimetres_are_cells_of_the_files_size(arch, read):
    long = arch.replace("rows = 3", 'height = "3cm"').replace("cols = 8", 'width = "80 mm"')
    long = long.replace("push = 0.2", 'push = "2mm"').replace("x/L", "x/(80*mm)")
    np.testing.assert_array_equal(read(long).problem.prescribed, read(arch).problem.prescribed)
    np.testing.assert_allclose(read(long).problem.target, read(arch).problem.target, rtol=1e-15)


def test_materials_have_names_or_constants(arch, read):
    assert read(arch + '[material]\nname = "pla"\n').material == mf.Material.named("PLA")
    constants = '[material]\nyoung = "1.8GPa"\npoisson = 0.3\nplane = "strain"\n'
    assert read(arch + constants).material == mf.Material(1800.0, 0.3, "strain")


def test_options_are_those_of_a_design(arch, read):
    assert read(arch + "[design]\nswap_rounds = 2\n").options == {"swap_rounds": 2}


def test_a_target_may_meet_a_support_that_says_the_same(arch, read):
    wanted = read(arch).problem.wanted
    assert not wanted[0, 0].any()
    assert not wanted[0, -1].any()
    assert wanted[0, 1:-1, 1].all()


def test_both_components_can_be_wanted(arch, read):
    file = read(arch + "u_x = '-push*x/L'\n")
    np.testing.assert_array_equal(file.problem.target[0, 1:-1, 0], -0.2 * np.arange(1.0, 8.0) / 8)


@pytest.mark.parametrize(
    ("place", "nodes"),  # (x, y) from the bottom left
    [
        ('{ side = "top", from = 2, to = "L/2" }', [(2, 3), (3, 3), (4, 3)]),
        ('{ side = "left", from = 2 }', [(0, 2), (0, 3)]),
        ("{ box = { x = [3, 4], y = 1 } }", [(3, 1), (4, 1)]),
        ('{ box = { x = "20mm", y = [1, "H - 1"] } }', [(2, 1), (2, 2)]),
        ("{ circle = { x = 4, y = 1, radius = 1 } }", [(4, 0), (3, 1), (4, 1), (5, 1), (4, 2)]),
        ("{ node = [5, 2] }", [(5, 2)]),
        ('{ where = "y == 2 and not x < 4 and x <= 6" }', [(4, 2), (5, 2), (6, 2)]),
        ('{ where = "1 < x < 3 and (y == 0 or y == 3)" }', [(2, 0), (2, 3)]),
        ('["ring", "spot"]', [(5, 2), (4, 1)]),
    ],
)
def test_places_hold_the_nodes_that_they_name(arch, read, place, nodes):
    named = "[places]\nspot = { node = [5, 2] }\nring = { circle = { x = 4, y = 1, radius = 0 } }\n"
    text = arch.replace('place = "top"', f"place = {place}").replace('"push*sin(pi*x/L)"', "0.1")
    text = text.replace("[[supports]]", named + "\n[[supports]]", 1)
    if '"left"' in place:
        text = text.replace("u_x = 0\nu_y = 0", "u_x = 0", 1)
    wanted = read(text).problem.wanted[..., 1]
    assert {(c, 3 - r) for r, c in np.argwhere(wanted).tolist()} == set(nodes)


def test_curves_come_from_csv_along_x_or_row_by_row(arch, read, tmp_path):
    curve = '{ csv = "curve.csv", column = "rise" }'
    text = arch.replace('"push*sin(pi*x/L)"', curve)
    text = text.replace('place = "top"', 'place = { side = "top", from = 1, to = 7 }')
    (tmp_path / "curve.csv").write_text("x,rise\n8,0.4\n0,0\n4,0.2\n")
    np.testing.assert_allclose(read(text).problem.target[0, 1:-1, 1], np.arange(1, 8) / 20)
    (tmp_path / "curve.csv").write_text("rise\n" + "\n".join(str(k / 10) for k in range(7)))
    np.testing.assert_allclose(read(text).problem.target[0, 1:-1, 1], np.arange(7) / 10)
    (tmp_path / "curve.csv").write_text("x,rise\n0,0\n80,4\n")
    millimetres = text.replace('"rise" }', '"rise", unit = "mm" }')
    np.testing.assert_allclose(read(millimetres).problem.target[0, 1:-1, 1], np.arange(1, 8) / 20)


def test_the_schema_knows_every_option():
    made = json.loads(json.dumps(schema()))
    assert "candidates" in made["$defs"]["Design"]["properties"]
    assert set(made["required"]) == {"size", "supports"}
    assert made["additionalProperties"] is False
