"""Continuous families: decoded, homogenized, near the gradation; the commands."""

from dataclasses import replace

import numpy as np
import pytest

import metafast as mf
from metafast.cli.app import main
from metafast.homogenization import properties_of


@pytest.fixture(scope="module")
def vae():
    return mf.CellVAE.default()


def families_with_deviation(model, curve, **options):
    """Three families, and the deviations of their continuous members from the gradation."""
    found = mf.find_families(mf.CellDatabase.default(), model, curve, 3, **options)
    return found, np.concatenate([family.continuous(model, 60).deviation for family in found])


def test_what_a_continuous_family_says_is_homogenized(vae, curve):
    found, _ = families_with_deviation(vae, curve, neighbors=5, power=1.0)
    whole = found[0].continuous(vae, 40, beyond=0.1)
    true = properties_of(mf.homogenize(whole.cells, vae.phases))
    np.testing.assert_allclose(whole.properties, true, atol=1e-12)
    assert (whole.rows == -1).all()
    step = np.linalg.norm(np.diff(found[0].latents, axis=0), axis=1).sum()
    ends = np.linalg.norm(whole.latents[[0, -1]] - found[0].latents[[0, -1]], axis=1)
    assert (ends <= 0.1 * step + 1e-9).all()


def test_members_at_one_point_change_nothing_and_one_alone_is_no_path(vae, curve):
    found, _ = families_with_deviation(vae, curve, neighbors=5, power=1.0)

    def of(rows):
        names = ("parameter", "latents", "cells", "properties", "rows")
        return mf.Family(curve, *(getattr(found[0], name)[rows] for name in names))

    whole, doubled = (of(rows).continuous(vae, 20) for rows in ([0, 1, 2], [0, 0, 1, 2, 2]))
    assert (whole.cells == doubled.cells).all()
    with pytest.raises(ValueError, match="two members are needed"):
        of([0, 0]).continuous(vae)


def test_a_continuous_family_has_the_phases_of_the_model(vae, curve):
    found, _ = families_with_deviation(vae, curve, neighbors=5, power=1.0)
    phases = mf.Phases(void=0.01)
    model = mf.CellVAE(vae.networks, vae.shape, vae.quarter, vae.scaling, phases)
    with pytest.raises(ValueError, match=r"void 1e-09, the model for .*void 0\.01"):
        found[0].continuous(model)
    whole = replace(found[0], phases=phases).continuous(model, 20)
    assert whole.phases == phases
    true = properties_of(mf.homogenize(whole.cells, phases))
    np.testing.assert_allclose(whole.properties, true, atol=1e-12)


def test_a_model_for_another_material_is_refused(vae, curve):
    found, _ = families_with_deviation(vae, curve, neighbors=5, power=1.0)
    other = replace(found[0], phases=mf.Phases(mf.Material(poisson=0.3)))
    with pytest.raises(ValueError, match=r"the family holds for .*0\.3.*, the model for .*0\.49"):
        other.continuous(vae)


def test_edges_decoded_on_the_way_keep_to_the_gradation(vae, curve):
    _, plain = families_with_deviation(vae, curve, neighbors=5, power=1.0)
    _, kept = families_with_deviation(vae, curve, neighbors=5, decoder=vae)
    assert kept.mean() < plain.mean()
    assert kept.mean() < 0.03


def test_commands(monkeypatch, tmp_path, capsys):
    file = tmp_path / "cells.h5"
    mf.CellDatabase.default().subset(slice(0, None, 4)).save(file)
    curve = tmp_path / "curve.py"
    curve.write_text(
        "import metafast as mf\n\nstart, stop = 0.05, 0.4\n\n"
        "def gradation(t):\n    return mf.Gradation.isotropic_like().at(t)[0]\n"
    )
    command = ["metafast", "families", "find", "--database", file, "--gradation", curve]
    command += ["--count", 1, "--terminals", 5, "--members", 20, "--output", tmp_path / "found"]
    for expected in (0, 2):  # nothing is written over
        monkeypatch.setattr("sys.argv", [str(part) for part in command])
        with pytest.raises(SystemExit) as end:
            main()
        assert end.value.code == expected
    said = capsys.readouterr()
    assert "continuous" in said.out
    assert "is already there" in said.err
    for name in ("families.png", "properties.png", "continuous.png"):
        assert (tmp_path / "found" / name).read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"
    graph = ["metafast", "families", "graph", "--database", file, "--gradation", curve]
    graph += ["--count", 1, "--terminals", 5, "--ignore-edges", "--output", tmp_path / "graph.png"]
    monkeypatch.setattr("sys.argv", [str(part) for part in graph])
    with pytest.raises(SystemExit) as end:
        main()
    assert end.value.code == 0
    assert "with their edges drawn" in capsys.readouterr().out
    assert (tmp_path / "graph.png").read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"
    show = ["metafast", "families", "show", tmp_path / "found" / "family_1_continuous.h5"]
    show += ["--output", tmp_path / "one.png"]
    monkeypatch.setattr("sys.argv", [str(part) for part in show])
    with pytest.raises(SystemExit) as end:
        main()
    assert end.value.code == 0
    assert (tmp_path / "one.png").exists()
    beam = ["metafast", "design", "graded_beam", "--gradation", curve, "--database", file]
    beam += ["--rows", 3, "--cols", 8, "--amplitude", 0.05, "--swap-rounds", 0]
    monkeypatch.setattr("sys.argv", [str(part) for part in [*beam, "--output", tmp_path / "beam"]])
    with pytest.raises(SystemExit) as end:
        main()
    assert end.value.code == 0
    made = mf.Design.load(tmp_path / "beam")
    assert made.provenance["family"] == "gradation"
    low, high = made.field.properties[..., 0].min(), made.field.properties[..., 0].max()
    assert 0.03 < low < high < 0.5
