"""Load cases and weights in problem files: common tables, cases of their own, faults."""

from dataclasses import replace

import numpy as np
import pytest

import metafast as mf

CASES = """
name = "shelf"
[size]
rows = 2
cols = 4
[[supports]]
place = "left"
u_x = 0
u_y = 0
[[targets]]
place = { node = ["L", 0] }
u_y = -0.2
[[cases]]
name = "pulled"
weight = 2
[[cases.supports]]
place = "right"
u_x = 0.1
[[cases]]
name = "loaded"
[[cases.forces]]
place = { node = ["L", "H"] }
f_y = -0.01
[[cases.targets]]
place = { node = ["L", 1] }
u_x = 0.05
weight = 3
"""


def test_cases_are_those_from_python(read):
    whole = read(CASES).problem
    prescribed, target = np.full((2, 3, 5, 2), np.nan)
    prescribed[:, 0] = 0.0
    target[2, 4, 1] = -0.2
    pulled = mf.Problem("pulled", prescribed.copy(), target.copy())
    pulled.prescribed[:, 4, 0] = 0.1
    target[1, 4, 0] = 0.05
    forces, weights = np.zeros((3, 5, 2)), np.ones((3, 5, 2))
    forces[0, 4, 1], weights[1, 4, 0] = -0.01, 3.0
    loaded = mf.Problem("loaded", prescribed, target, forces=forces, weights=weights)
    own = mf.load_cases("shelf", [replace(pulled), loaded], weights=(2, 1))
    assert whole.cases == own.cases == ("pulled", "loaded")
    for name in ("prescribed", "target", "body", "forces"):
        np.testing.assert_array_equal(getattr(whole, name), getattr(own, name))
    np.testing.assert_array_equal(whole.weights[own.wanted], own.weights[own.wanted])
    assert not whole.worst
    assert read(
        CASES.replace("weight = 2\n", "").replace("name =", "worst_case = true\nname =", 1)
    ).problem.worst


def test_weights_need_no_cases(read):
    text = (
        CASES[: CASES.index("[[cases]]")]
        + "[[targets]]\nplace = { node = ['L', 'H'] }\nu_y = -0.1\nweight = 4\n"
    )
    text = text.replace("u_y = 0\n", "u_y = 0\n[[supports]]\nplace = 'right'\nu_x = 0.1\n", 1)
    problem = read(text).problem
    assert problem.weights[0, 4, 1] == 4.0
    assert problem.weights[2, 4, 1] == 1.0


FAULTS = {
    "no target": (
        '[[targets]]\nplace = { node = ["L", 0] }\nu_y = -0.2',
        "",
        "cases.targets: it is missing; add targets to case 'pulled', or to all of them",
    ),
    "single case": (
        CASES[CASES.index('[[cases]]\nname = "loaded"') :],
        "",
        "line 13, cases: .* has 1 load cases; two or more",
    ),
    "same name": ('"loaded"', '"pulled"', "cases: .*use different names"),
    "no load": ("u_x = 0.1", "u_x = 0", "line 16, cases.supports: .*'pulled' has no load"),
    "idle force": ('["L", "H"]', "[0, 0]", "line 21, cases.forces: .*a support prescribes that"),
    "two targets": (
        '["L", 1] }\nu_x = 0.05',
        '["L", 0] }\nu_y = 0.05',
        "cases.targets.u_y: 0.05 at .*another of targets has -0.2",
    ),
    "weight": ("weight = 2", "weight = -1", "cases.weight: -1 came; greater than 0 is needed"),
    "typo": ("f_y", "f_z", "cases.forces.f_z: .*did you mean 'f_y'"),
    "weighted worst case": (
        'name = "shelf"',
        'worst_case = true\nname = "shelf"',
        "line 16, cases.weight: the worst case has no weights",
    ),
    "worst of one": (CASES[CASES.index("[[cases]]") :], "", "line 2, worst_case: the file has no"),
}


@pytest.mark.parametrize(("old", "new", "message"), FAULTS.values(), ids=FAULTS)
def test_faults_name_the_case_and_the_cure(read, old, new, message):
    text = CASES.replace(old, new, 1)
    if "worst_case" in message:
        text = text.replace("name", "worst_case = true\nname", 1)
    assert text != CASES
    with pytest.raises(ValueError, match=message):
        read(text)
