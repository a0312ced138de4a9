"""A short import of the package, and work where torch, MKL and matplotlib are missing."""

import ast
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import metafast as mf
from metafast._base.extras import MissingPackageError, need

ROOT = Path(__file__).parents[1]
LEFT_OUT = ("torch", "pypardiso", "matplotlib")
HEAVY = ("torch", "sklearn", "matplotlib", "pypardiso", "pandas", "dask", "numba", "scipy")
IMPORT_SECONDS = 0.5  # of processor time

# a new interpreter that cannot find the packages named in the first argument
WITHOUT = """
import sys

class Missing:
    names = sys.argv[1].split(",")

    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in self.names:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Missing())
"""
DESIGN = """
import numpy as np
import metafast as mf

solid = mf.homogenize(np.ones((1, 10, 10)), phases=mf.Material(1.0, 0.3))
assert np.isclose(solid[0, 0, 0], 1 / (1 - 0.3**2))

rng = np.random.default_rng(0)
costs = rng.random((3, 4, 5)), rng.random((3, 3, 5, 5)), rng.random((2, 4, 5, 5))
assert mf.solve_mrf(*costs).optimal

database = mf.CellDatabase.default()
assert database.nearest([[0.3, 0.1, 0.3, 0.1]], 3).rows.shape == (1, 3)

made = mf.design(mf.problems.bridge(rows=2, cols=6, compression=0.1, amplitude=0.05),
                 kinematics="linear", swap_rounds=1, symmetry="none")
assert made.errors.macro < 0.01 and made.errors.pixels < 0.15 and made.certified.optimal
made.save(sys.argv[2])
assert (mf.Design.load(sys.argv[2]).pixels == made.pixels).all()
"""
MESSAGES = """
import metafast as mf
from metafast import *

calls = {
    "torch": [lambda: mf.CellVAE.default(), lambda: mf.train_vae(mf.CellDatabase.default())],
    "matplotlib": [lambda: __import__("metafast.plotting")],
    "pypardiso": [lambda: choose_backend("pardiso")],
}
from metafast._base.linear_solver import choose_backend

import pydoc
assert "homogenize" in pydoc.render_doc(mf)  # imports every name

for name, each in calls.items():
    for call in each:
        try:
            call()
        except ImportError as error:
            assert f"pip install {name}" in str(error), error
        else:
            raise AssertionError(name)
"""


def run(code, *arguments):
    """Standard output and errors of a new interpreter."""
    done = subprocess.run(
        [sys.executable, "-c", code, *map(str, arguments)], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done.stdout, done.stderr


def test_the_import_is_short_and_loads_nothing_heavy():
    code = f"""
import sys, time
start = time.process_time()
import metafast
print(time.process_time() - start)
print(*sorted({{*{HEAVY}}} & set(sys.modules)))
"""
    seconds, loaded = run(code)[0].splitlines()
    assert not loaded
    assert float(seconds) <= IMPORT_SECONDS


def test_stages_of_a_design_load_neither_torch_nor_matplotlib():
    code = f"""
import sys
import metafast as mf
mf.homogenize, mf.CellDatabase, mf.solve_mrf, mf.design, mf.verify, mf.CellVAE, mf.latent
print(*sorted({{*{HEAVY[:4]}}} & set(sys.modules)))
"""
    assert not run(code)[0].strip()


def test_every_public_name_is_found():
    assert {*mf.__all__} <= {*dir(mf)}
    for name in mf.__all__:
        assert getattr(mf, name) is not None
    with pytest.raises(AttributeError, match="'metafast' has no attribute 'homogenise'"):
        mf.homogenise  # noqa: B018


def test_the_stub_imports_what_it_makes_public():
    tree = ast.parse(Path(mf.__file__).with_suffix(".pyi").read_text(encoding="utf-8"))
    imported = [
        alias.name
        for statement in tree.body
        if isinstance(statement, ast.ImportFrom)
        for alias in statement.names
    ]
    assert len(imported) == len({*imported})
    folders = {path.parent.name for path in Path(mf.__file__).parent.glob("*/__init__.py")}
    assert {*imported} - {*mf.__all__} == folders - {"_base", "assets", "problems"} | {
        "material",
        "phases",
    }
    assert {*mf.__all__} <= {*imported}


def test_design_without_torch_mkl_and_matplotlib(tmp_path):
    errors = run(WITHOUT + DESIGN, ",".join(LEFT_OUT), tmp_path)[1]
    assert "pypardiso is not installed" in errors
    assert "without pictures" in errors
    assert "pip install matplotlib" in errors
    assert (tmp_path / "report.html").is_file()
    assert not list(tmp_path.glob("*.png"))


COMMANDS = """
from metafast import cli

sys.argv = ["metafast", *sys.argv[2:]]
cli.main()
"""


def test_commands_without_torch_mkl_and_matplotlib(tmp_path):
    """One short error where a package is needed; each warning once where one is missed."""

    def command(*arguments):
        code = WITHOUT + COMMANDS
        return subprocess.run(
            [sys.executable, "-c", code, ",".join(LEFT_OUT), *map(str, arguments)],
            capture_output=True,
            text=True,
        )

    for package, arguments in {
        "matplotlib": ("problem", "draw", "bridge", "--output", tmp_path / "a.png"),
        "torch": ("train", "--output", tmp_path / "a.h5"),
    }.items():
        refused = command(*arguments)
        assert refused.returncode == 2
        assert refused.stderr.strip().endswith(
            f"needs {package}, which is not installed; pip install {package}"
        )
        assert refused.stderr.count("\n") == 1
    size = ("--rows", 2, "--cols", 6, "--amplitude", 0.05, "--set", "compression=0.1")
    loop = ("--kinematics", "linear", "--swap-rounds", 0)
    made = command("design", "bridge", *size, *loop, "--output", tmp_path / "made")
    assert made.returncode == 0, made.stderr
    assert made.stderr.count("pypardiso is not installed") == 1
    assert made.stderr.count("without pictures") == 1
    verified = command("verify", tmp_path / "made", "--law", "neo-hookean", "--no-outside")
    assert verified.returncode == 0, verified.stderr
    assert verified.stdout.strip().endswith(f"written to {tmp_path / 'made'}: verification.json")
    assert not list((tmp_path / "made").glob("*.png"))


def test_what_is_missing_is_named_with_the_command_that_installs_it():
    run(WITHOUT + MESSAGES, ",".join(LEFT_OUT))


def test_a_package_that_lacks_its_own_dependency_is_not_called_missing(tmp_path, monkeypatch):
    (tmp_path / "half_installed.py").write_text("import nowhere_to_be_found\n")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ModuleNotFoundError, match="nowhere_to_be_found") as caught:
        need("half_installed", "a test")
    assert not isinstance(caught.value, MissingPackageError)


def test_the_list_of_a_light_environment_is_the_project_s_without_what_is_left_out():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    light = (ROOT / "requirements-light.txt").read_text(encoding="utf-8").splitlines()
    kept = [line for line in project["dependencies"] if not line.startswith(LEFT_OUT)]
    assert len(kept) == len(project["dependencies"]) - len(LEFT_OUT)
    assert [line for line in light if not line.startswith("#")] == kept
