"""Programs from outside against every pixel at finite deformation, on bodies of 2x8 cells."""

import dataclasses
import importlib.util
import shutil
import sys

import numpy as np
import pytest
from reference.loaded_problems import loaded
from reference.structure import random_structure

from metafast.material import Material
from metafast.problems import Problem, bridge
from metafast.structure import solve_structure
from metafast.structure.finite.laws import LAWS
from metafast.structure.quad_mesh import quad_mesh
from metafast.verification.judges import calculix, scikit_fem, torch_fem
from metafast.verification.judges.errors import JudgeError, MissingJudgeError
from metafast.verification.judges.piola import piola_stress

needs_scikit_fem = pytest.mark.skipif(
    importlib.util.find_spec("skfem") is None, reason="scikit-fem is not installed"
)
needs_torch_fem = pytest.mark.skipif(
    importlib.util.find_spec("torchfem") is None, reason="torch-fem is not installed"
)
needs_calculix = pytest.mark.skipif(shutil.which("ccx") is None, reason="there is no ccx")


def compressed(cols=8, share=0.3):
    """A bridge under a share of its load: stable, with strains of a tenth."""
    given = bridge(2, cols, amplitude=0.3)
    return Problem(given.name, given.prescribed * share, given.target)


def difference(judge, pixels, problem, material, law, **options):
    """Largest difference of the nodes' displacement, relative to the largest displacement."""
    refine = options.get("refine", 1)
    response = solve_structure(
        pixels, problem, material, kinematics="finite", law=law, refine=refine
    )
    assert response.largest_strain > 0.05  # far from linear
    ours, theirs = response.nodal_displacement, judge(pixels, problem, material, law, **options)
    np.testing.assert_array_equal(np.isnan(theirs), np.isnan(ours))
    return np.nanmax(np.abs(theirs - ours)) / np.nanmax(np.abs(ours))


@needs_scikit_fem
@pytest.mark.parametrize("law", LAWS)
@pytest.mark.parametrize("poisson", [0.3, 0.49])
def test_scikit_fem_has_the_same_displacement(law, poisson):
    pixels = random_structure(2, 8, 12, seed=3, solid=0.75)
    material = Material(young=2.0, poisson=poisson)
    assert difference(scikit_fem.displacement, pixels, compressed(), material, law) < 1e-6


@needs_scikit_fem
def test_scikit_fem_has_the_same_displacement_on_a_finer_mesh_and_from_a_start():
    pixels, problem, material = random_structure(2, 8, 6, seed=3), compressed(), Material()
    judge = scikit_fem.displacement
    assert difference(judge, pixels, problem, material, "neo-hookean", refine=2) < 1e-6
    ours = solve_structure(pixels, problem, material, kinematics="finite").nodal_displacement
    assert np.nanmax(np.abs(judge(pixels, problem, material, start=ours) - ours)) < 1e-8


@needs_torch_fem
@pytest.mark.parametrize("law", LAWS)
def test_torch_fem_has_the_same_displacement(law):
    pixels, material = random_structure(2, 8, 5, seed=3, solid=0.75), Material(poisson=0.3)
    assert difference(torch_fem.displacement, pixels, compressed(), material, law) < 1e-6


@needs_calculix
def test_calculix_bears_the_same_forces():
    problem = loaded(2, 8, 0.004)
    pixels, material = random_structure(2, 8, 12, seed=3, solid=0.75), Material(poisson=0.3)
    with pytest.raises(JudgeError, match="CalculiX judges no springs"):
        calculix.displacement(pixels, problem, material)
    problem = dataclasses.replace(problem, springs=None)
    assert difference(calculix.displacement, pixels, problem, material, LAWS[0]) < 0.01


@needs_calculix
@pytest.mark.parametrize("law", LAWS)
def test_calculix_is_within_a_percent(law):
    pixels, material = random_structure(2, 8, 12, seed=3, solid=0.75), Material(poisson=0.3)
    assert difference(calculix.displacement, pixels, compressed(), material, law) < 0.01


@needs_calculix
@pytest.mark.parametrize("law", LAWS)
def test_calculix_has_the_same_displacement_where_the_thickness_does_not_change(law):
    pixels, material = random_structure(2, 8, 12, seed=3, solid=0.75), Material(poisson=0.0)
    assert difference(calculix.displacement, pixels, compressed(), material, law) < 1e-5


def test_the_mesh_has_two_nodes_where_pixels_touch_in_a_corner():
    pixels = np.ones((4, 8), int)
    pixels[1, 2] = pixels[2, 3] = 0  # (1, 3) and (2, 2) touch in node (2, 3)
    mesh = quad_mesh(pixels, bridge(1, 2, amplitude=0.1))
    places, counts = np.unique(mesh.places, axis=0, return_counts=True)
    assert places[counts == 2].tolist() == [[2, 3]]
    x = mesh.coordinates[mesh.elements]
    following = np.roll(x, -1, axis=1)
    area = 0.5 * (x[..., 0] * following[..., 1] - x[..., 1] * following[..., 0]).sum(axis=1)
    np.testing.assert_allclose(area, 1 / 16)  # positive: counterclockwise
    field = np.arange(2.0 * 5 * 9).reshape(5, 9, 2)
    np.testing.assert_allclose(mesh.spread(mesh.gather(field)), field)


@pytest.mark.parametrize("law", LAWS)
def test_the_tangent_is_the_derivative_of_the_stress(law):
    rng = np.random.default_rng(1)
    f = np.eye(2)[..., None] + 0.2 * rng.standard_normal((2, 2, 7))
    step = 1e-6 * rng.standard_normal((2, 2, 7))
    material = Material(young=2.0, poisson=0.4)
    ahead, behind = (piola_stress(material, law, f + s)[0] for s in (step, -step))
    tangent = piola_stress(material, law, f)[1]
    expected = np.einsum("ijkl...,kl...->ij...", tangent, step)
    np.testing.assert_allclose((ahead - behind) / 2, expected, atol=1e-14)


@pytest.mark.parametrize("law", LAWS)
def test_rotations_leave_no_stress(law):
    angle = np.linspace(0.0, 3.0, 5)
    rotation = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    np.testing.assert_allclose(piola_stress(Material(), law, rotation)[0], 0.0, atol=1e-12)


def test_a_missing_judge_says_where_to_find_it(monkeypatch):
    monkeypatch.setenv("PATH", "")
    problem, material = compressed(2), Material()
    pixels = np.ones((8, 8), int)
    with pytest.raises(MissingJudgeError, match="apt install calculix-ccx"):
        calculix.displacement(pixels, problem, material)
    monkeypatch.setitem(sys.modules, "skfem", None)
    with pytest.raises(MissingJudgeError, match="pip install scikit-fem"):
        scikit_fem.displacement(pixels, problem, material)
    with pytest.raises(JudgeError, match="plane stress only"):
        scikit_fem.displacement(pixels, problem, Material(poisson=0.3, plane="strain"))
