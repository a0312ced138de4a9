"""Notebooks are valid, hold no results, and run; what each cell ends with can be shown."""

import ast
import json
import re
import struct
import sys
import types
from pathlib import Path

import numpy as np
import pytest
import trimesh

import metafast as mf

ROOT = Path(__file__).parents[2]
NOTEBOOKS = sorted((ROOT / "examples" / "notebooks").glob("*.ipynb"))
KEYS = {
    "markdown": {"cell_type", "id", "metadata", "source"},
    "code": {"cell_type", "id", "metadata", "source", "execution_count", "outputs"},
}
MOST_BYTES = 20_000


def shown(value):
    """What a notebook puts below a cell that ends with a value: (kind, content)."""
    for kind in ("png", "html"):
        if method := getattr(value, f"_repr_{kind}_", None):
            content = method()
            if content is not None:
                return kind, content
    return "text", repr(value)


def run(path, folder, monkeypatch):
    """Run the code cells in order in one module; its names, and what the cells end with by id."""
    monkeypatch.chdir(folder)
    module = types.ModuleType("__main__")
    monkeypatch.setitem(sys.modules, "__main__", module)
    ends = {}
    for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
        if cell["cell_type"] != "code":
            continue
        name = f"{path.name}: {cell['id']}"
        tree = ast.parse("".join(cell["source"]), name)
        last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
        exec(compile(tree, name, "exec"), vars(module))
        if last is not None:
            value = eval(compile(ast.Expression(last.value), name, "eval"), vars(module))
            if value is not None:
                ends[cell["id"]] = shown(value)
    return module, ends


def pictures(ends):
    """Widths in mm of the figures, which have 144 pixels to the inch."""
    found = {}
    for name, (kind, content) in ends.items():
        if kind == "png":
            assert content.startswith(b"\x89PNG\r\n\x1a\n")
            found[name] = round(struct.unpack(">I", content[16:20])[0] / 144 * 25.4)
    return found


def test_there_are_two():
    assert [path.stem for path in NOTEBOOKS] == ["cells_and_latents", "first_design"]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_the_file_is_a_notebook_without_results(path):
    text = path.read_text(encoding="utf-8")
    assert len(text) <= MOST_BYTES
    book = json.loads(text)
    assert book.keys() == {"cells", "metadata", "nbformat", "nbformat_minor"}
    assert (book["nbformat"], book["nbformat_minor"]) == (4, 5)
    assert book["metadata"]["kernelspec"]["name"] == "python3"
    names = [cell["id"] for cell in book["cells"]]
    assert len({*names}) == len(names)
    for cell in book["cells"]:
        assert cell.keys() == KEYS[cell["cell_type"]]
        assert re.fullmatch(r"[a-zA-Z0-9_-]{1,64}", cell["id"])
        assert cell["metadata"] == {}
        assert all(line.endswith("\n") for line in cell["source"][:-1])
        assert not cell["source"][-1].endswith("\n")
        if cell["cell_type"] == "code":
            assert cell["outputs"] == []
            assert cell["execution_count"] is None


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_links_lead_to_files_and_headings(path):
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    text = "\n".join("".join(c["source"]) for c in cells if c["cell_type"] == "markdown")
    links = re.findall(r"\]\(([^)#]+)(?:#([^)]+))?\)", text)
    assert links
    for target, heading in links:
        other = path.parent / target
        assert other.is_file(), target
        titles = re.findall(r"^#+ (.*)$", other.read_text(), re.MULTILINE) if heading else []
        slugs = {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}
        assert not heading or heading in slugs


def test_first_design(tmp_path, monkeypatch, capsys):
    module, ends = run(ROOT / "examples/notebooks/first_design.ipynb", tmp_path, monkeypatch)
    made = module.made
    assert made.certified.optimal
    assert made.errors.pixels <= made.errors.open_loop
    assert made.errors.extrapolated < 0.1 < made.errors.linear
    # no lattice is stiffer than its share of solid allows (Voigt)
    solid = mf.homogenize(np.ones((1, 2, 2)), module.database.phases)[0]
    bound = module.cell.mean() * solid - module.stiffness[0]
    assert np.linalg.eigvalsh(bound)[0] > 0
    again = module.found.solution("neo-hookean", 1).rrmse  # of the mesh of the loop, anew
    assert again == pytest.approx(made.errors.pixels, abs=1e-6)
    body = trimesh.load_mesh(tmp_path / "first_design" / "bridge.stl")
    assert body.is_watertight
    area = made.pixels.sum() * (10 / 50) ** 2
    assert body.volume == pytest.approx(area * 5, rel=1e-6)
    assert pictures(ends) == dict.fromkeys(("problem", "deformed", "kinematics", "verify"), 183)
    assert ends["design"][0] == ends["imports"][0] == "html"
    assert "extrapolated" in capsys.readouterr().out


def test_cells_and_latents(tmp_path, monkeypatch, capsys):
    module, ends = run(ROOT / "examples/notebooks/cells_and_latents.ipynb", tmp_path, monkeypatch)
    assert module.names == ["frame", "hole", "slot"]
    for name, cell in zip(module.names, module.cells, strict=True):
        np.testing.assert_array_equal(cell, module.drawn[name])
    # meshes only soften, and a lattice of fourfold symmetry is alike along both axes
    assert (module.finer.E1 < module.constants.E1).all()
    np.testing.assert_allclose(module.constants.E1[:2], module.constants.E2[:2], rtol=1e-6)
    found = module.database.properties[module.near.rows[:, 0]]
    np.testing.assert_allclose(found, module.mine.properties, rtol=0.15)
    assert (module.again.cells != module.cells).mean() < 0.05
    # both ends of the line are the cells that were decoded
    ends_of_line = [module.names.index(name) for name in ("hole", "slot")]
    np.testing.assert_allclose(module.between.z[[0, -1]], module.points[ends_of_line])
    c11, _, c22, _ = module.walk.properties.T
    assert (np.diff(c22 / c11) > 0).all()
    assert module.walk.connected.all()
    wide = dict.fromkeys(("cloud", "between", "walk"), 183)
    assert pictures(ends) == {**wide, "pictures": 90, "arrow": 89}
    assert {"mine", "alike", "encode"} == {
        name for name, (kind, _) in ends.items() if kind == "html"
    }
    assert "frame" in capsys.readouterr().out
