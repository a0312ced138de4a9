"""Pictures of studies: axes with units, every run in its place, failures."""

import itertools
import math

import matplotlib.image
import numpy as np
import pytest

from metafast.plotting.study import plot_study

ERRORS = {"macro": 0.1, "own_cells": 0.5, "pixels": 1.0, "fine": math.nan, "linear": 3.0}


def rows_of(grid, failed=(), **fixed):
    """Rows with the error 0.01 times the number of the run, those that failed without."""
    rows = []
    for k, values in enumerate(itertools.product(*grid.values())):
        number = k + 1
        errors = {name: 0.01 * number * share for name, share in ERRORS.items()}
        errors["headline"], errors["compliance"] = errors["pixels"], 0.0
        if number in failed:
            errors = dict.fromkeys(errors, math.nan)
        row = {"number": number, "values": dict(zip(grid, values, strict=True)), **errors, **fixed}
        rows.append({**row, "failure": "ValueError: no" if number in failed else ""})
    return rows


def curves(axes):
    return {line.get_label(): line.get_xydata() for line in axes.get_lines()}


def test_one_axis_has_a_line_for_each_level():
    grid = {"rise": ("1cm", "2mm", "5mm")}
    made = plot_study(grid, rows_of(grid, failed=(2,)), title="arch")
    (axes,) = made.axes
    assert axes.get_xlabel() == "rise (mm)"
    assert axes.get_ylabel() == "RRMSE"
    assert made.get_suptitle() == "arch (1 of 3 runs failed)"
    drawn = curves(axes)
    assert set(drawn) == {"macro optimum", "own cells", "every pixel", "linear", "no design"}
    np.testing.assert_allclose(drawn["every pixel"], [[2, np.nan], [5, 0.03], [10, 0.01]])
    assert drawn["no design"][0, 0] == 2
    assert axes.get_yscale() == "log"  # from 0.001 to 0.09
    assert [each.get_text() for each in axes.get_xticklabels()] == ["2", "5", "10"]


def test_a_line_that_would_hide_another_is_left_out():
    grid = {"swap_rounds": (0, 2)}
    rows = [{**row, "linear": row["pixels"]} for row in rows_of(grid)]
    (axes,) = plot_study(grid, rows).axes
    assert axes.get_xlabel() == "swap rounds"
    assert "linear" not in curves(axes)


def test_words_stand_side_by_side():
    grid = {"selection": ("nearest", "diverse")}
    (axes,) = plot_study(grid, rows_of(grid)).axes
    assert [each.get_text() for each in axes.get_xticklabels()] == ["nearest", "diverse"]
    assert curves(axes)["every pixel"][:, 0].tolist() == [0, 1]


def test_two_axes_make_a_map():
    grid = {"compression": (0.2, 0.4), "smoothing": (0, 1, 1.5)}
    made = plot_study(grid, rows_of(grid, (5,)), units={"compression": "cell widths"})
    axes, scale = made.axes
    assert axes.get_ylabel() == "compression (cell widths)"
    assert axes.get_xlabel() == "smoothing (cell widths)"
    assert scale.get_ylabel() == "RRMSE"
    texts = {text.get_position(): text.get_text() for text in axes.texts}
    assert texts[2, 0] == "0.03"  # third run: compression 0.2, smoothing 1.5
    assert texts[0, 1] == "0.04"
    assert texts[1, 1] == "no design"
    field = axes.get_images()[0].get_array().filled(np.nan)
    np.testing.assert_allclose(field, [[0.01, 0.02, 0.03], [0.04, np.nan, 0.06]])
    assert axes.get_images()[0].origin == "lower"


def test_more_axes_have_a_panel_each_with_every_run():
    grid = {"least_side_solid": (None, 0.2), "rows": (2, 3, 4), "mesh": (1, 2), "law": ("a", "b")}
    made = plot_study(grid, rows_of(grid, (1, 2)))
    panels = [axes for axes in made.axes if axes.axison]
    assert [axes.get_xlabel() for axes in panels] == [
        "least side solid (share of a side)", "rows (cells)", "mesh (elements per cell side)", "law"
    ]  # fmt: skip
    dots, least = (line.get_xydata() for line in panels[1].get_lines())
    assert dots.shape == (24, 2)
    np.testing.assert_allclose(dots[7], [3, 0.08])
    np.testing.assert_allclose(least, [[2, 0.03], [3, 0.05], [4, 0.09]])
    assert [each.get_text() for each in panels[0].get_xticklabels()] == ["default", "0.2"]


def test_without_targets_it_is_the_compliance():
    grid = {"solid": (0.3, 0.5)}
    nothing = dict.fromkeys([*ERRORS, "headline"], math.nan)
    rows = [{**row, **nothing, "compliance": 2.0} for row in rows_of(grid)]
    (axes,) = plot_study(grid, rows).axes
    assert axes.get_ylabel().startswith("compliance")
    assert curves(axes)["every pixel"].tolist() == [[0.3, 2.0], [0.5, 2.0]]


@pytest.mark.parametrize("grid", [{"a": (1,)}, {"a": (1,), "b": (2,)}, {"a": (1, 2)}])
def test_runs_that_are_missing_or_all_failed_are_drawn_without_a_warning(grid, tmp_path):
    for rows in ([], rows_of(grid, range(1, 3))):
        plot_study(grid, rows, path=tmp_path / "study.png")
        assert matplotlib.image.imread(tmp_path / "study.png").shape[2] == 4
