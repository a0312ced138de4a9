"""Gradations: Eq. 7 at its ends, curves from functions and files, what is refused."""

import numpy as np
import pytest

import metafast as mf


def test_equation_7_ends_at_the_solid():
    """And starts where C12 nearly equals C11; C33 is a quarter of C11's cube and so on."""
    curve = mf.Gradation.isotropic_like()
    assert curve.parameter[0] == pytest.approx(0.02)
    solid = mf.Material().stiffness
    np.testing.assert_allclose(curve.at(curve.parameter[-1])[0, :3], solid[[0, 0, 1], [0, 1, 1]])
    assert curve.at(curve.parameter[-1])[0, 3] == pytest.approx(solid[2, 2], rel=2e-3)
    c11, c12, c22, c33 = curve.at(0.5)[0]
    assert (c11, c22) == pytest.approx((0.5, 0.5))
    top = 1 / (1 - 0.49**2)
    assert c12 == pytest.approx(0.5 * (0.51 * (1 - 0.5 / top) ** 4 + 0.49), rel=1e-4)
    assert c33 == pytest.approx(0.25 * 0.125 - 0.65 * 0.25 + 0.6775 * 0.5, rel=1e-4)


@pytest.mark.parametrize(("poisson", "plane"), [(0.0, "stress"), (0.3, "stress"), (0.4, "strain")])
def test_it_ends_at_any_solid(poisson, plane):
    """Eq. 7 as it is would end at C33 = 0.291 where a solid with Poisson's ratio 0.3 has 0.385."""
    base = mf.Material(young=2.0, poisson=poisson, plane=plane)
    curve, solid = mf.Gradation.isotropic_like(base), base.stiffness
    np.testing.assert_allclose(curve.properties[-1, :3], solid[[0, 0, 1], [0, 1, 1]])
    assert curve.properties[-1, 3] == pytest.approx(solid[2, 2], rel=5e-4)
    assert (np.diff(curve.properties[:, [0, 2, 3]], axis=0) > 0).all()


def test_the_papers_solid_has_equation_7_to_the_bit():
    c11, _, _, c33 = mf.Gradation.isotropic_like().properties.T
    np.testing.assert_allclose(c33, 0.25 * c11**3 - 0.65 * c11**2 + 0.6775 * c11, rtol=1e-15)


def test_it_scales_with_youngs_modulus():
    one, many = (mf.Gradation.isotropic_like(mf.Material(young=e)) for e in (1.0, 70.0))
    np.testing.assert_allclose(many.properties, 70 * one.properties)
    np.testing.assert_allclose(many.parameter, 70 * one.parameter)


def test_nearest_is_the_foot_of_the_perpendicular():
    """A straight curve, where parameter and distance are known."""
    low, high = np.array([0.1, 0.02, 0.1, 0.03]), np.array([0.5, 0.1, 0.5, 0.15])
    curve = mf.Gradation([0.0, 1.0], [low, high])
    way = high - low
    across = np.array([1.0, 0, -1.0, 0]) / np.sqrt(2)  # perpendicular to it
    for share, off in ((0.3, 0.02), (0.75, -0.05)):
        t, distance = curve.nearest([low + share * way + off * across])
        assert t[0] == pytest.approx(share, abs=1e-3)
        assert distance[0] == pytest.approx(abs(off), rel=1e-3)


def test_files_say_the_same_as_functions(tmp_path):
    def gradation(t):
        return [t, 0.3 * t, t, 0.25 * t]

    curve = mf.Gradation.of(gradation, 0.1, 0.6)
    python = tmp_path / "curve.py"
    python.write_text(
        "start, stop = 0.1, 0.6\n\ndef gradation(t):\n    return [t, 0.3 * t, t, 0.25 * t]\n"
    )
    toml = tmp_path / "curve.toml"
    toml.write_text(
        "parameter = [0.1, 0.6]\nC11 = [0.1, 0.6]\nC12 = [0.03, 0.18]\nC22 = [0.1, 0.6]\n"
        "C33 = [0.025, 0.15]\n"
    )
    values = np.linspace(0.1, 0.6, 7)
    for path in (python, toml):
        np.testing.assert_allclose(mf.Gradation.load(path).at(values), curve.at(values))


def test_a_saved_gradation_loads_to_the_bit(tmp_path):
    curve = mf.Gradation.isotropic_like()
    curve.name = 'Eq. 7 "scaled", ν = 0.49'
    back = mf.Gradation.load(curve.save(tmp_path / "curve.toml"))
    assert (back.parameter == curve.parameter).all()
    assert (back.properties == curve.properties).all()
    assert back.name == curve.name
    with pytest.raises(ValueError, match=r"written as \.toml, but the name is 'curve\.txt'"):
        curve.save(tmp_path / "curve.txt")


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: mf.Gradation([0.0], [[1, 0, 1, 1]]), "at least two values"),
        (lambda: mf.Gradation([0.0, 0.0], [[1, 0, 1, 1]] * 2), "does not rise"),
        (lambda: mf.Gradation([0.0, 1.0], [[1, 0, 1, 1]] * 3), "2 values .* 3 rows"),
        (
            lambda: mf.Gradation([0.0, 1.0], [[1, 0, 1, 1], [1, 2, 1, 1]]),
            "not a stable orthotropic",
        ),
        (lambda: mf.Gradation.load("nowhere.toml"), "no gradation at"),
        (lambda: mf.Gradation.isotropic_like(first=2.0), "first is 2"),
    ],
)
def test_bad_curves_are_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_bad_files_are_named(tmp_path):
    for name, text, message in (
        ("a.txt", "", "neither"),
        ("a.toml", "parameter = [", "is not a readable gradation in TOML"),
        ("b.toml", "parameter = [0, 1]", "lacks C11, C12, C22, C33"),
        ("b.py", "start = 1", "lacks gradation, stop"),
    ):
        path = tmp_path / name
        path.write_text(text)
        with pytest.raises(ValueError, match=message):
            mf.Gradation.load(path)
