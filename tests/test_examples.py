"""Every example runs, small, and reaches its figure."""

import importlib.util
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parent.parent / "examples"


def load(name):
    spec = importlib.util.spec_from_file_location(name, EXAMPLES / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


DESIGNS = {path.stem for path in EXAMPLES.glob("*.py")} - {"grid_mrf"}


@pytest.mark.parametrize("name", sorted(DESIGNS))
def test_design(name, capsys):
    made = load(name).main(3, 12)
    assert made.field.feasible
    assert made.field.rrmse < 0.02
    assert made.response.rrmse < 0.25
    assert "every pixel: RRMSE" in capsys.readouterr().out


def test_grid_mrf(capsys):
    truth, nearest, result = load("grid_mrf").main(60, 80)
    assert result.optimal
    assert (result.labels != truth).mean() < 0.3 * (nearest != truth).mean()
    assert "proved optimal" in capsys.readouterr().out
