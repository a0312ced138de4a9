"""Forces, tractions and springs in problem files: arrays, units, places and faults."""

import json

import numpy as np
import pytest

from metafast.pipeline.problem_options import schema

ARM = """
name = "arm"
[size]
rows = 2
cols = 4
cell_size = "10mm"
thickness = "5mm"
[parameters]
pull = 0.01
[places]
end = { side = "right" }
[material]
young = "2 GPa"
poisson = 0.4
[[supports]]
place = "left"
u_x = 0
u_y = 0
[[targets]]
place = "end"
u_y = -0.1
[[forces]]
place = { node = ["L", "H/2"] }
f_y = "-pull"
[[tractions]]
place = "top"
t_y = "-0.001*x"
[[springs]]
place = "end"
k_x = 0.02
"""


def test_arrays_are_those_of_the_problem(read):
    problem = read(ARM).problem
    forces, springs = np.zeros((2, 3, 5, 2))
    forces[1, 4, 1], springs[:, 4, 0] = -0.01, 0.02
    tractions = np.zeros((2, 4, 4, 2))
    tractions[0, :, 2, 1] = -0.001 * np.array([0.5, 1.5, 2.5, 3.5])
    np.testing.assert_array_equal(problem.forces, forces)
    np.testing.assert_array_equal(problem.springs, springs)
    np.testing.assert_allclose(problem.tractions, tractions, rtol=1e-15)
    assert read(ARM, pull=0.5).problem.forces.min() == -0.5


def test_quantities_are_relative_to_material_and_size(read):
    """2 GPa, cells of 10 mm, 5 mm thick: a relative force of 1 is 100 kN."""
    text = ARM.replace('"-pull"', '"-1 kN"').replace('"-0.001*x"', '"-20 N/mm"')
    problem = read(text.replace("0.02", '"200 N/mm"')).problem
    assert problem.forces.min() == pytest.approx(-0.01)
    assert problem.tractions.min() == pytest.approx(-20 / (2000 * 5))
    assert problem.springs.max() == pytest.approx(200 / (2000 * 5))


def test_tables_add_up(read):
    more = ARM + '[[forces]]\nplace = "end"\nf_x = 0.001\nf_y = 0.002\n'
    forces = read(more).problem.forces
    np.testing.assert_allclose(forces[:, 4, 0], 0.001)
    np.testing.assert_allclose(forces[:, 4, 1], [0.002, -0.008, 0.002])


def test_forces_are_a_load_without_moved_supports(read):
    assert read(ARM).problem.has_forces
    alone = ARM[: ARM.index("[[forces]]")]
    with pytest.raises(ValueError, match="all supports prescribe 0, so nothing moves; prescribe"):
        read(alone)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            '"-pull"',
            '"5 lbf"',
            r"line 24, forces.f_y: 'lbf' in '5 lbf' is no unit; use one of N, k",
        ),
        ('"-pull"', '"5 N/mm"', r"forces.f_y: 'N/mm' in '5 N/mm' is no unit; use one of N"),
        ("0.02", '"5 N"', r"springs.k_x: 'N' in '5 N' is no unit; use one of N/mm"),
        ("0.02", "-0.02", r"line 30, springs.k_x: -0.02 came; a stiffness is at least 0"),
        ('"-pull"', '"1 / (x - L)"', r"forces.f_y: '1 / \(x - L\)' is"),
        ('f_y = "-pull"', "", r"line 22, forces: neither f_x nor f_y came; give one of them"),
        ('place = "top"', "place = { node = [0, 0] }", r"line 26, tractions.place: no side of the"),
        (
            '["L", "H/2"]',
            "[0, 0]",
            r"forces: problem 'arm': forces\[2, 0, 1\] is not 0, but a supp",
        ),
        ("f_y", "u_y", r"forces.u_y: .u_y. is not known here; did you mean .f_y"),
        ('thickness = "5mm"', "", r"'-1 kN' needs more of the file; add thickness to \[size\]"),
    ],
)
def test_faults(read, old, new, message):
    text = ARM.replace(old, new)
    if "thickness" in old:
        text = text.replace('"-pull"', '"-1 kN"')
    with pytest.raises(ValueError, match=message):
        read(text)


def test_quantities_need_a_material(read):
    start, end = ARM.index("[material]"), ARM.index("[[supports]]")
    text = (ARM[:start] + ARM[end:]).replace('"-pull"', '"-1 kN"')
    with pytest.raises(
        ValueError, match=r"forces.f_y: '-1 kN' needs .* add a \[material\], or use"
    ):
        read(text)


def test_the_schema_has_the_tables():
    text = json.dumps(schema())
    assert all(f'"{name}"' in text for name in ("forces", "tractions", "springs", "t_x", "k_y"))
