"""Wrong problem files: one line with file, line, key and cure; nothing is written."""

import re
import sys

import numpy as np
import pytest
from PIL import Image

import metafast as mf
from metafast import cli

# (replaced, by, line, what the message says)
WRONG = {
    "typo in a key": ("rows", "rwos", 4, "size.rwos: .*did you mean 'rows'"),
    "typo in a table": ("[parameters]", "[parameter]", 8, "did you mean 'parameters'"),
    "typo in the body": (
        "[[targets]]",
        "[body]\nwihtout = 'a'\n[[targets]]",
        22,
        "body.wihtout: .*did you mean 'without'",
    ),
    **{
        what: ("[[targets]]", f"[body]\n{line}\n[[targets]]", 22, message)
        for what, line, message in (
            ("hole between cells", "without = { box = { x = 3, y = 1 } }", "no centre of a cell"),
            ("hole with a side", "without = 'top'", "'top' holds corners and no cells; use one of"),
            (
                "hole with a node",
                "without = { node = [1, 1] }",
                "'node' holds corners and no cells",
            ),
            (
                "hole of nothing",
                "without = 'whole'",
                "body.without: the place 'whole' is not known",
            ),
            ("number for a hole", "without = 3", "3 came; the name of a place, a list of places"),
            (
                "missing picture",
                "png = 'no.png'",
                "body.png: there is no file 'no.png' .*check its",
            ),
            (
                "no picture",
                "png = 'two.csv'",
                "body.png: 'two.csv' cannot be read .*save it as PNG",
            ),
            (
                "grey picture",
                "png = 'grey.png'",
                "grey 128 of 255 at pixel row 0, column 3 .*85 is",
            ),
            ("odd picture", "png = 'odd.png'", "7 pixels wide and 3 high for 8 x 3 cells; as many"),
            (
                "unknown cell",
                "passive = [{ place = 'a', cell = 'b' }]",
                "passive.cell: the cell 'b'",
            ),
        )
    },
    "no cell left": (
        "[[targets]]",
        "[body]\nwithout = { where = 'x > 0' }\n[[targets]]",
        21,
        "body: .*no cell is designed",
    ),
    "cells at a corner": (
        "[[targets]]",
        "[body]\nonly = { where = '(x > 4) == (y > 2)' }\n[[targets]]",
        21,
        "body: .*touch only at the corner",
    ),
    "cell without pixels": ("[[targets]]", "[cells]\na = {}\n[[targets]]", 22, "cells.a: neither"),
    "cell by two ways": (
        "[[targets]]",
        "[cells]\na = { png = 'grey.png', row = 3 }\n[[targets]]",
        22,
        "cells.a: png and row came; exactly one",
    ),
    "wide cell": (
        "[[targets]]",
        "[cells]\na = { png = 'odd.png' }\n[[targets]]",
        22,
        "cells.a.png: 'odd.png' is 7 pixels wide and 3 high; a square",
    ),
    "row of no cell": (
        "[[targets]]",
        "[cells]\na = { row = 9999999 }\n[[targets]]",
        22,
        "cells.a.row: 9999999 came; the embedded database has the rows 0 to",
    ),
    "name of a cell": ("[[targets]]", "[cells]\nsolid = {}\n[[targets]]", 22, "use another name"),
    "edge of nothing": ('"top"', "{ edge = 'hole' }", 22, "edge: the place 'hole' is not known"),
    "cells of no kind": (
        '"top"',
        "{ cells = 'bace' }",
        22,
        "cells: the cells 'bace' are not known",
    ),
    "moments": ("[[targets]]", "[[moments]]\nf = 1\n[[targets]]", 21, "moments: .*not known"),
    "component": ('u_y = "push', 'u_z = "push', 23, "targets.u_z: .*did you mean 'u_y'"),
    "no size": ("cols = 8", "", 3, "size: neither cols nor width came; add one"),
    "two sizes": ("cols = 8", 'cols = 8\nwidth = "80mm"', 3, "both cols and width came; leave"),
    "no rows": ("rows = 3", "rows = 0", 4, "size.rows: 0 came; greater than"),
    "negative size": ("rows = 3", "rows = -3", 4, "size.rows: -3 came; greater than"),
    "text for a number": ("rows = 3", 'rows = "3"', 4, "'3' came; a whole number is needed"),
    "huge size": ("rows = 3", "rows = 99999", 3, "are the most, use fewer"),
    "length without unit": ('"10mm"', "10", 6, 'write it like "10 mm"'),
    "wrong unit": ('"10mm"', '"10 furlong"', 6, "not a number with a unit"),
    "negative length": ('"10mm"', '"-1mm"', 6, "is not above 0"),
    "part of a cell": ("rows = 3", 'height = "35mm"', 4, "whole number of cells .* 40 mm"),
    "wrong unit of a displacement": ("u_x = 0", 'u_x = "5 km"', 13, "'km' .* is no unit; use"),
    "unknown place": ('"top"', '"topp"', 22, "targets.place: .*did you mean 'top'"),
    "empty place": (
        '"top"',
        "{}",
        22,
        "exactly one of side, box, circle, node, where, cells, edge",
    ),
    "place between nodes": ('"top"', "{ node = [1.5, 2] }", 22, "no corner of a cell"),
    "box upside down": ('"top"', "{ box = { x = [3, 1], y = 0 } }", 22, "lower end first"),
    "no condition": ('"top"', '{ where = "x" }', 22, "compare, as in"),
    "place within itself": (
        "[[targets]]",
        '[places]\na = ["a"]\n[[targets]]\nplace="a"\nu_y=1\n[[targets]]',
        22,
        "named by itself",
    ),
    "unknown name": ("push*sin", "psh*sin", 23, "targets.u_y: 'psh' .*did you mean 'push'"),
    "unknown function": ("sin(", "sine(", 23, "'sine' .* is no function; did you mean 'sin"),
    "hostile power": ("push*sin(pi*x/L)", "9**9**9**9", 23, "no finite value; use smaller"),
    "hostile call": ("push*sin(pi*x/L)", "__import__('os')", 23, "is no function; known are"),
    "hostile attribute": ("push*sin(pi*x/L)", "x.tofile('x')", 23, "is no arithmetic; use numbers"),
    "syntax of an expression": ("push*sin(pi*x/L)", "push*", 23, "is no expression: .*mend"),
    "NaN": ('"push*sin(pi*x/L)"', "nan", 23, "nan came; a finite number is needed"),
    "infinite": ("push*sin(pi*x/L)", "1/y - 1/y + 1/(x - 4)", 23, "inf at x = 4, y = 3; change"),
    "boolean": ('"push*sin(pi*x/L)"', "true", 23, "True came; a number of cell widths"),
    "name of a parameter": ("push = 0.2", "push = 0.2\nx = 1", 10, "'x' cannot name a parameter"),
    "no displacement": ("u_x = 0\nu_y = 0\n", "", 11, "neither u_x nor u_y came; give"),
    "target on a support": ('"push*sin(pi*x/L)"', "0.1", 23, "a support has 0; make them equal"),
    "two supports": ('"right"', '["right", "top left"]', 18, "another of supports has 0; make"),
    "no load": ('"-push"', "0", 11, "has no load: all supports prescribe 0.*prescribe a"),
    "rigid motion": ("u_y = 0\n", "", 11, "leave a rigid motion free; prescribe"),
    "no target": ("[[targets]]", "[[supports]]", 1, "targets: it is missing; add targets"),
    "targets of zero": ("push*sin(pi*x/L)", "0*x", 21, "all targets are zero"),
    "table for a list": ("[[targets]]", "[targets]", 21, r"tables in double brackets such as \[\["),
    "missing CSV": ('"push*sin(pi*x/L)"', '{ csv = "no.csv" }', 23, "no file 'no.csv' .*check its"),
    "short CSV": (
        '"push*sin(pi*x/L)"',
        '{ csv = "two.csv" }',
        23,
        "2 rows for 9 nodes; give a row",
    ),
    "NaN in CSV": ('"push*sin(pi*x/L)"', '{ csv = "nan.csv" }', 23, "row 3 of 'nan.csv' has 'nan'"),
    "column": (
        '"push*sin(pi*x/L)"',
        '{ csv = "two.csv", column = "v" }',
        23,
        "no column 'v'; known",
    ),
    "range of a CSV": ('"push*sin(pi*x/L)"', '{ csv = "x.csv" }', 23, "from 0 to 8; add rows"),
    "syntax of TOML": ('name = "arch"', "name = arch", 1, "no TOML: .*mend the line"),
    "open quote": ('u_x = "-push"', 'u_x = "-push', 18, "no TOML: .*mend the line"),
    "key twice": ("rows = 3", "rows = 3\nrows = 4", 5, "no TOML: .*mend the line"),
    "unknown option": (
        "[[targets]]",
        "[design]\ncandidate = 3\n[[targets]]",
        22,
        "design.candidate: .*did you mean 'candidates'",
    ),
    "option out of range": (
        "[[targets]]",
        "[design]\nrefine = 0\n[[targets]]",
        22,
        "design.refine: refine is 0; a whole",
    ),
    "option of a wrong kind": (
        "[[targets]]",
        "[design]\nlaw = 'hooke'\n[[targets]]",
        22,
        "design.law: 'hooke' came; 'neo",
    ),
    "unknown material": (
        "[[targets]]",
        "[material]\nname = 'PLB'\n[[targets]]",
        21,
        "use one of PLA",
    ),
    "half a material": ("[[targets]]", "[material]\npoisson = 0.3\n[[targets]]", 21, "add young ="),
    "modulus without unit": (
        "[[targets]]",
        "[material]\nyoung = 3\npoisson = 0.3\n[[targets]]",
        22,
        "write it like",
    ),
}


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "two.csv").write_text("u_y\n1\n2\n")
    (tmp_path / "nan.csv").write_text("x,u_y\n0,1\n9,nan\n")
    (tmp_path / "x.csv").write_text("x,u_y\n0,0\n4,1\n")
    greys = np.zeros((3, 8), np.uint8)
    greys[0, 3] = 128
    Image.fromarray(greys).save(tmp_path / "grey.png")
    Image.fromarray(np.zeros((3, 7), np.uint8)).save(tmp_path / "odd.png")
    return tmp_path


@pytest.mark.parametrize("what", WRONG)
def test_one_line_with_file_line_key_and_cure(what, arch, folder, monkeypatch, capsys):
    old, new, line, message = WRONG[what]
    assert old in arch
    (folder / "arch.toml").write_text(arch.replace(old, new))
    before = sorted(folder.iterdir())
    output = folder / "runs" / "arch"
    arguments = ["metafast", "design", str(folder / "arch.toml"), "--output", str(output)]
    monkeypatch.setattr(sys, "argv", arguments)
    with pytest.raises(SystemExit) as stop:
        cli.main()
    assert stop.value.code == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert re.search(rf"^error: arch\.toml, line {line}[,:].*{message}", error), error
    assert sorted(folder.iterdir()) == before


def test_a_file_that_is_not_there_or_no_text(read, tmp_path):
    with pytest.raises(ValueError, match=r"problem file '.*no.toml' does not exist; check"):
        mf.read_problem(tmp_path / "no.toml")
    (tmp_path / "arch.toml").write_bytes(b"name = '\xff'")
    with pytest.raises(ValueError, match=r"arch.toml, line 1: .*UTF-8.*save it as such"):
        mf.read_problem(tmp_path / "arch.toml")
    with pytest.raises(ValueError, match=r"arch.toml, line 1: .*put curves into CSV files"):
        read("#" * 60_000)
    with pytest.raises(ValueError, match=r"unknown problem 'tower'; choose one of .*\.toml"):
        mf.read_problem("tower")
