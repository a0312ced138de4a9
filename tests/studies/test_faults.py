"""Wrong studies: one line with file, line, key and cure."""

import re

import pytest
from reference.studies import STUDY

import metafast as mf

# (replaced, by, line, what the message says)
WRONG = {
    "no TOML": ("[grid]", "[grid", 5, "this is no TOML: .*mend the line"),
    "typo in a table": ("[design]", "[desing]", 13, "desing: 'desing' is not known here; did you "
                        "mean 'design'"),
    "no problem": ('problem = "bridge"', "", 1, "problem: it is missing; add problem to the file"),
    "number for a problem": ('"bridge"', "3", 3, "problem: 3 came; text in quotes is needed"),
    "unknown problem": ('"bridge"', '"brigde.toml"', 3, "problem: the problem file .*not exist"),
    "no grid": ("[grid]", "[units2]", 5, "units2: 'units2' is not known here"),
    "nothing varied": ("compression = [0.05, 0.1]\nrefine = [1, 1000]", "", 5,
                       "grid: nothing is varied; give an axis"),
    "typo in an option": ("refine = ", "refin = ", 7, "grid.refin: 'refin' is neither a parameter "
                          "of the problem nor an option of a design; did you mean 'refine'"),
    "typo in a parameter": ("compression = [", "compresion = [", 6, "did you mean 'compression'"),
    "one value": ("[1, 1000]", "1", 7, "grid.refine: 1 came; a list"),
    "empty axis": ("[1, 1000]", "[]", 7, r"grid.refine: refine is \[\]; a list of one value"),
    "value twice": ("[1, 1000]", "[1, 2, 1]", 7, "grid.refine: refine has 1 twice; leave one out"),
    "switch": ("[1, 1000]", "[true]", 7, "grid.refine: refine has True; numbers or text"),
    "table as value": ("[1, 1000]", "[{}]", 7, "grid.refine: refine has {}; numbers or text"),
    "option out of range": ("[1, 1000]", "[1, 0]", 7, "grid.refine: refine is 0; a whole number of "
                            "at least 1 is needed"),
    "option of a wrong kind": ("[1, 1000]", '[1, "a"]', 7, "grid.refine: 'a' came; a whole number"),
    "value that a problem refuses": ("0.1]", '"0.1*"]', 6, r"grid.compression: with compression = "
                                     r"'0.1\*': bridge.toml, line 10, parameters.compression: "),
    "rows in parts": ("compression = [0.05, 0.1]\nrefine = [1, 1000]\n\n[parameters]\nrows = 1",
                      "rows = [1, 2.5]\n\n[parameters]", 6, "grid.rows: with rows = 2.5: .*whole"),
    "first run of all": ("compression = [0.05, 0.1]", "compression = ['a', 1]\namplitude = [1]", 5,
                         "grid: the first run, with compression = 'a', amplitude = 1: bridge.toml"),
    "fixed and varied": ("rows = 1\n", "rows = 1\ncompression = 0.1\n", 11,
                         "parameters.compression: compression is fixed here and varied"),
    "option fixed and varied": ("swap_rounds = 0", "refine = 2", 15,
                                "design.refine: refine is fixed here and varied in the grid"),
    "size and rows": ("compression = [0.05", "size = [2", 6, "grid.size: size is rows and cols at "
                      "once; leave rows out"),
    "unknown fixed parameter": ("rows = 1", "rwos = 1", 10, "parameters.rwos: 'rwos' is no "
                                "parameter of the problem; did you mean 'rows'"),
    "list for a parameter": ("rows = 1", "rows = [1]", 10, r"parameters.rows: rows has \[1\]"),
    "fixed option out of range": ("swap_rounds = 0", "swap_rounds = -1", 15,
                                  "design.swap_rounds: swap_rounds is -1"),
    "unknown fixed option": ("swap_rounds = 0", "swap_round = 0", 15,
                             "design.swap_round: 'swap_round' is not known here; did you mean"),
    "unit of nothing": ('compression = "cell', 'depth = "cell', 18, "units.depth: units are text "
                        "for parameters of the problem, and 'depth' is 'cell widths'"),
    "too many runs": ("refine = [1, 1000]", f"refine = {[*range(1, 6000)]}", 5,
                      "grid: the grid has 11,998 runs; 10,000 are the most, use fewer"),
}  # fmt: skip


@pytest.mark.parametrize("what", WRONG)
def test_the_message_has_file_line_key_and_cure(what, tmp_path):
    replaced, by, line, message = WRONG[what]
    text = STUDY.replace(replaced, by, 1)
    assert text != STUDY
    (tmp_path / "study.toml").write_text(text)
    with pytest.raises(ValueError) as told:
        mf.Study.load(tmp_path / "study.toml")
    assert re.match(rf"study\.toml, line {line}[,:] .*{message}", str(told.value)), told.value
    assert "\n" not in str(told.value)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(ValueError, match=r"the study file .*nothing\.toml' does not exist; check"):
        mf.Study.load(tmp_path / "nothing.toml")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"name": ""}, "name is ''; text is needed"),
        ({"problem": 3}, "problem is 3; the path of a file is needed"),
        ({"grid": [1]}, r"grid is \[1\]; a mapping from names to values"),
        ({"grid": {"refine": "12"}}, "refine is '12'; a list of one value or more"),
        ({"grid": {"refine": [float("nan")]}}, "refine has nan; numbers or text"),
        ({"grid": {"compression": [None]}}, "compression has None; numbers or text"),
        ({"options": {"refine": 0}}, "refine is 0; a whole number of at least 1"),
    ],
)
def test_a_study_from_python_is_checked_too(change, message):
    given = {"name": "a", "problem": "bridge", "grid": {"swap_rounds": [0]}}
    with pytest.raises(ValueError, match=message):
        mf.Study(**{**given, **change})


def test_names_that_a_study_has_for_itself_are_refused(tmp_path):
    head = "[parameters]\nrefine = 1\n"
    path = tmp_path / "mine.toml"
    bridge = mf.problems.__path__[0] + "/library/bridge.toml"
    with open(bridge) as shipped:
        text = shipped.read()
    path.write_text(text.replace("[parameters]\n", head))
    with pytest.raises(ValueError, match="'refine' is an option of a design and a parameter"):
        mf.Study("a", path, {"refine": [1, 2]})
    path.write_text(text.replace("[parameters]\n", "[parameters]\nsize = 1\n"))
    with pytest.raises(ValueError, match="the problem has a parameter named 'size', which is"):
        mf.Study("a", path, {"swap_rounds": [1, 2]})
