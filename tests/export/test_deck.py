"""Input decks: read back and solved by scikit-fem's own elements and by CalculiX."""

import dataclasses
import importlib.util
import shutil
import subprocess

import numpy as np
import pytest
from reference.deck import Deck, solve
from reference.loaded_problems import loaded
from reference.structure import random_structure

from metafast.export.deck import Dimensions, write_deck
from metafast.material import Material
from metafast.problems import Problem, bridge
from metafast.structure import solve_structure
from metafast.structure.quad_mesh import quad_mesh

SIDE = 12  # pixels of a cell
needs_scikit_fem = pytest.mark.skipif(
    importlib.util.find_spec("skfem") is None, reason="scikit-fem is not installed"
)
needs_calculix = pytest.mark.skipif(shutil.which("ccx") is None, reason="there is no ccx")
PLA = Material(3000.0, 0.3)
THIN = Dimensions(10.0, 0.05, PLA.young)  # in which the bricks of ccx do not bend across the plane


@pytest.fixture(scope="module")
def pixels():
    return random_structure(2, 8, SIDE, seed=3, solid=0.75)


@pytest.fixture(scope="module")
def holed():
    """Cells with a hole each, and two or three pixels of solid around it."""
    body = np.ones((2, SIDE, 8, SIDE), np.uint8)
    for (row, col), (top, bottom, left, right) in zip(
        np.ndindex(2, 8), np.random.default_rng(3).integers(2, 4, (16, 4)), strict=True
    ):
        body[row, top : SIDE - bottom, col, left : SIDE - right] = 0
    return body.reshape(2 * SIDE, 8 * SIDE)


@pytest.fixture(scope="module")
def pushed():
    given = bridge(2, 8, amplitude=0.3)
    return Problem(given.name, 0.3 * given.prescribed, given.target)


def written(path, pixels, problem, dimensions=THIN, **options):
    refine = options.pop("refine", 1)
    mesh = quad_mesh(pixels, problem, refine)
    write_deck(path, mesh, options.pop("material", PLA), dimensions, **options)
    return mesh, path.read_text()


def difference(theirs, ours, scale=10.0):
    """Largest difference relative to the largest displacement, theirs in mm."""
    np.testing.assert_array_equal(np.isnan(theirs), np.isnan(ours))
    return np.nanmax(np.abs(theirs / scale - ours)) / np.nanmax(np.abs(ours))


@needs_scikit_fem
@pytest.mark.parametrize("refine", [1, 2])
def test_scikit_fem_solves_the_deck_as_we_solve_the_structure(pixels, pushed, tmp_path, refine):
    mesh, text = written(tmp_path / "a.inp", pixels, pushed, refine=refine, finite=False)
    ours = solve_structure(pixels, pushed, PLA, refine=refine).nodal_displacement
    assert difference(mesh.spread(solve(Deck(text))), ours) < 1e-9


@needs_scikit_fem
def test_forces_and_springs_are_in_newtons_and_newtons_per_millimetre(pixels, tmp_path):
    """The problem has them relative to E, and the deck's modulus is another one."""
    problem, relative = loaded(2, 8, 0.004), Material(1.0, 0.3)
    dimensions = Dimensions(10.0, 4.0, 3000.0)
    mesh, text = written(tmp_path / "a.inp", pixels, problem, dimensions, finite=False)
    deck = Deck(text)
    total = sum(np.array([value * (c == 1), value * (c == 2)]) for _, c, value in deck.loads)
    forces = problem.forces.sum(axis=(0, 1)) + problem.tractions.sum(axis=(0, 1, 2))
    np.testing.assert_allclose(total, forces * 3000 * 10 * 4, rtol=1e-9)
    stiffness = problem.springs[problem.springs > 0] * 3000 * 4
    np.testing.assert_allclose([k for *_, k in deck.springs], stiffness)
    ours = solve_structure(pixels, problem, relative).nodal_displacement
    assert difference(mesh.spread(solve(deck)), ours) < 1e-9


def test_the_deck_has_sections_sides_and_the_step_that_was_asked_for(pixels, pushed, tmp_path):
    strain = dataclasses.replace(PLA, plane="strain")
    _, text = written(
        tmp_path / "a.inp",
        pixels,
        pushed,
        Dimensions(10, 4, 1),
        title="arch\u2192",
        material=strain,
    )
    deck = Deck(text)
    assert text.isascii()
    assert deck.kind == "CPE4"
    assert deck.thickness == 4.0
    assert deck.constants == [3000.0, 0.3]
    assert "NLGEOM" in deck.step
    places = np.array([deck.nodes[n] for n in sorted(deck.nodes)])
    assert places.min() == 0.0
    assert places.max(axis=0).tolist() == [80.0, 20.0]
    for name, axis, value in (("LEFT", 0, 0), ("RIGHT", 0, 80), ("BOTTOM", 1, 0), ("TOP", 1, 20)):
        on_side = {n for n, place in deck.nodes.items() if place[axis] == value}
        assert set(deck.sets[name]) == on_side
    # the right side is moved to the left as a whole, its nodes by the same
    right = [value for n, c, value in deck.boundary if n in set(deck.sets["RIGHT"]) and c == 1]
    assert len(right) >= len(deck.sets["RIGHT"])
    np.testing.assert_allclose(right, 10 * pushed.prescribed[0, -1, 0])
    _, linear = written(tmp_path / "b.inp", pixels, pushed, finite=False)
    assert "NLGEOM" not in linear


def test_middles_of_quadratic_elements_are_held_with_both_ends(pixels, pushed, tmp_path):
    mesh, text = written(tmp_path / "a.inp", pixels, pushed, order="quadratic")
    deck = Deck(text)
    assert deck.kind == "CPS8"
    for element in deck.elements[::50]:
        x = np.array([deck.nodes[n] for n in element])
        np.testing.assert_allclose(x[4:], 0.5 * (x[:4] + np.roll(x[:4], -1, axis=0)))
    held = {n for n, c, _ in deck.boundary if c == 1}
    assert set(deck.sets["RIGHT"]) <= held
    assert len(deck.sets["RIGHT"]) > len([n for n in deck.sets["RIGHT"] if n <= len(mesh.places)])
    values = np.array([value for n, c, value in deck.boundary if c == 1])
    moved = np.unique(values)
    np.testing.assert_allclose(moved, 10 * pushed.prescribed[0, [-1, 0], 0])


def solved_by_calculix(text, mesh, folder):
    """Displacement (ny+1, nx+1, 2) of the nodes at the end of the step, in mm."""
    asked = "*NODE PRINT, NSET=ALL, FREQUENCY=1000\nU\n*NODE FILE\n"
    (folder / "a.inp").write_text(text.replace("*NODE FILE\n", asked))
    done = subprocess.run(
        ["ccx", "-i", "a"], cwd=folder, capture_output=True, text=True, timeout=300, check=False
    )
    results = folder / "a.dat"
    assert results.exists(), done.stdout[-2000:]
    rows = [line.split() for line in results.read_text().splitlines()]
    rows = [row for row in rows if len(row) == 4 and row[0].isdigit()]
    count = max(int(row[0]) for row in rows)
    last = np.array(rows[-count:], dtype=float)
    assert (np.diff(last[:, 0]) > 0).all()
    return mesh.spread(last[: len(mesh.places), 1:3])


def at_macro_nodes(field):
    return field[::SIDE, ::SIDE]


@needs_calculix
@pytest.mark.parametrize("finite", [False, True])
def test_calculix_is_within_a_percent_at_the_macro_nodes(pixels, pushed, tmp_path, finite):
    mesh, text = written(tmp_path / "a.inp", pixels, pushed, finite=finite)
    kinematics = "finite" if finite else "linear"
    response = solve_structure(
        pixels, pushed, PLA, kinematics=kinematics, law="st-venant-kirchhoff"
    )
    theirs = at_macro_nodes(solved_by_calculix(text, mesh, tmp_path))
    assert difference(theirs, at_macro_nodes(response.nodal_displacement)) < 0.01


@needs_calculix
@pytest.mark.parametrize("kinematics", ["linear", "finite"])
def test_quadratic_elements_of_calculix_are_within_a_percent_of_our_refined_figure(
    pixels, holed, pushed, tmp_path, kinematics
):
    """Random pixels join in single corners, where a finite solution converges too slowly."""
    body, finite = (holed, True) if kinematics == "finite" else (pixels, False)
    mesh, text = written(tmp_path / "a.inp", body, pushed, finite=finite, order="quadratic")
    response = solve_structure(
        body, pushed, PLA, kinematics=kinematics, law="st-venant-kirchhoff", refine=4
    )
    theirs = at_macro_nodes(solved_by_calculix(text, mesh, tmp_path))
    assert difference(theirs, at_macro_nodes(response.nodal_displacement[::4, ::4])) < 0.01


@needs_calculix
def test_calculix_has_springs_and_forces(pixels, tmp_path):
    """Poisson's ratio 0, so that plane stress elements of ccx are ours."""
    problem, material = loaded(2, 8, 0.004), Material(1.0, 0.0)
    mesh, text = written(
        tmp_path / "a.inp", pixels, problem, material=Material(3000.0, 0.0), finite=False
    )
    ours = solve_structure(pixels, problem, material).nodal_displacement
    assert difference(solved_by_calculix(text, mesh, tmp_path), ours) < 1e-4
