"""Every example runs, small, and reaches its figure."""

import importlib.util
from pathlib import Path

import numpy as np
import pytest

import metafast as mf

EXAMPLES = Path(__file__).parent.parent / "examples"


def load(name):
    spec = importlib.util.spec_from_file_location(name, EXAMPLES / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


OTHERS = {"grid_mrf", "metaset_labels", "candidates", "graded_beam", "paper_figures", "study"}
DESIGNS = {path.stem for path in EXAMPLES.glob("*.py")} - OTHERS


@pytest.mark.parametrize("name", sorted(DESIGNS))
def test_design(name, capsys):
    made = load(name).main(2, 8, kinematics="linear")
    assert made.field.feasible
    assert made.field.rrmse < 0.02
    assert made.response.rrmse < 0.25
    assert "pixels: RRMSE" in capsys.readouterr().out


def test_grid_mrf(capsys):
    truth, nearest, result = load("grid_mrf").main(60, 80)
    assert result.optimal
    assert (result.labels != truth).mean() < 0.3 * (nearest != truth).mean()
    assert "proved optimal" in capsys.readouterr().out


def test_metaset_labels(tmp_path, capsys):
    output = tmp_path / "labels.csv"
    low, high = load("metaset_labels").main(None, output, 30)
    assert (low.phases.solid.poisson, high.phases.solid.poisson) == (0.3, 0.49)
    assert "largest deviation" in capsys.readouterr().out
    table = np.genfromtxt(output, delimiter=",", names=True, deletechars="")
    assert len(table) == 30
    np.testing.assert_allclose(table["C22_nu0.49"], high.properties[:, 2])
    with np.load(EXAMPLES.parent / "tests" / "data" / "metaset_120.npz") as file:
        published = file["published"][:30]
    np.testing.assert_allclose(low.properties[:, :3], published, atol=1e-12)


def test_metaset_labels_of_a_folder(tmp_path):
    module = load("metaset_labels")
    cells = module.published_cells()[0][:3]
    (tmp_path / "cells").mkdir()
    for k, cell in enumerate(cells):
        np.savetxt(tmp_path / "cells" / f"{k + 1}.txt", cell, fmt="%d", delimiter=",")
    low, _ = module.main(tmp_path / "cells", tmp_path / "labels.csv")
    assert (low.cells == cells).all()


def test_candidates(tmp_path):
    module = load("candidates")
    spread = module.main(tmp_path / "pictures")
    assert spread["clusters"] > 1.1 * spread["nearest"]
    assert (tmp_path / "pictures" / "candidates.png").stat().st_size > 5000
    rng = np.random.default_rng(0)
    cell, other = rng.random((2, 50, 50)) < 0.5
    copies = [np.roll(cell, shift, (0, 1)) for shift in ((0, 0), (25, 0), (0, 25), (25, 25))]
    assert module.diversity(np.array(copies)) == 0.0  # one lattice
    assert module.diversity(np.array([cell, other])) > 0.4


def test_graded_beam(tmp_path, capsys):
    made = load("graded_beam").main(tmp_path, 2, 6, 12, 0, "linear")
    assert made.provenance["family"] == "Eq. 7"
    assert made.field.rrmse < 0.1
    assert made.response.rrmse < 0.3
    for name in ("fig12_families", "fig13a_members", "fig13b_continuous", "structure"):
        assert (tmp_path / f"{name}.png").stat().st_size > 5000
    assert "before the closed loop" in capsys.readouterr().out


@pytest.mark.filterwarnings("ignore:the cells at hand cannot do this")
def test_study(tmp_path, capsys):
    cells = mf.CellDatabase.default().subset(slice(0, None, 200))
    result = load("study").main(tmp_path, 1, 3, cells, correction_rounds=0, kinematics="linear")
    assert [row.values["swap_rounds"] for row in result.rows] == 4 * [0, 6]
    for before, after in zip(result.rows[::2], result.rows[1::2], strict=True):
        assert before.macro == after.macro
        assert after.pixels <= before.pixels
    assert not result.failed
    assert (tmp_path / "study.png").stat().st_size > 5000
    assert "the best: {'amplitude': " in capsys.readouterr().out
