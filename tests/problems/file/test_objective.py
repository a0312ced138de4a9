"""Objective and bound on the solid in problem files: arrays, parameters and faults."""

import json

import numpy as np
import pytest

from metafast.pipeline.problem_options import schema

SHELF = """\
name = "shelf"
[size]
rows = 2
cols = 4
[parameters]
share = 0.4
[objective]
minimise = "compliance"
solid_share = "share"
[[supports]]
place = "left"
u_x = 0
u_y = 0
[[tractions]]
place = "top"
t_y = -0.001
"""
TARGET = '[[targets]]\nplace = "right"\nu_y = -0.1\n'


def test_compliance_needs_no_targets(read):
    problem = read(SHELF).problem
    assert (problem.objective, problem.solid_share) == ("compliance", 0.4)
    assert not problem.wanted.any()
    assert np.isnan(problem.rrmse(np.zeros((3, 5, 2))))
    assert read(SHELF, share=0.7).problem.solid_share == 0.7
    assert read(SHELF.replace('"share"', "0.25")).problem.solid_share == 0.25
    assert read(SHELF + TARGET).problem.wanted.sum() == 3


def test_compliance_beside_targets(read):
    text = SHELF.replace('minimise = "compliance"', 'compliance_weight = "2*share"') + TARGET
    problem = read(text).problem
    assert (problem.objective, problem.compliance_weight) == ("displacement", 0.8)
    assert (
        read(
            SHELF.split("[objective]")[0]
            + "[[supports"
            + SHELF.split("[[supports")[1]
            + "[[tractions"
            + SHELF.split("[[tractions")[1]
            + TARGET
        ).problem.solid_share
        is None
    )


@pytest.mark.parametrize(
    ("old", "new", "line", "message"),
    [
        ('"compliance"', '"stiffness"', 8, "objective.minimise: .*'displacement' or 'compliance'"),
        ("minimise", "minimize", 8, "objective.minimize: 'minimize' is not known here; did you"),
        ('"compliance"', '"displacement"', 1, "targets: it is missing; add .* or minimise = "),
        ('"share"', "1.5", 7, "objective: solid_share is 1.5; .* at most 1 is needed"),
        ('"share"', '"shape"', 9, "objective.solid_share: 'shape' in 'shape' is no name"),
        ("solid_share =", "compliance_weight =", 7, "objective: .*compliance alone counts"),
        ("t_y = -0.001", "t_y = 0", 7, "objective: .*add forces or tractions"),
    ],
)
def test_faults(read, old, new, line, message):
    with pytest.raises(ValueError, match=rf"arch.toml, line {line}, {message}"):
        read(SHELF.replace(old, new))


def test_schema_knows_the_objective():
    made = schema()
    assert made["$defs"]["ObjectiveTable"]["properties"]["minimise"]["enum"] == [
        "displacement",
        "compliance",
    ]
    assert "targets" not in made["required"]
    assert "solid_share" in json.dumps(made)
