"""Figures of designs: words with units, colour bars, legends, no overlaps, files that reopen."""

import re
import zlib
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image
from reference.figure_words import drawn_words, outside, overlaps

import metafast as mf
from metafast.pipeline.figures import FIGURES, cell_properties
from metafast.pipeline.trace import CorrectionRound, SwapRound, Trace
from metafast.pipeline.units import Units

CELLS = mf.CellDatabase.default().subset(slice(0, None, 40))
MM = re.compile(r"\$[xyu_]+\$ \(mm\)")
# labels of the axes: x, y; then those of the colour bars
BODY = [("$x$ (cells)", "$y$ (cells)")]
CLOUD = [("$C_{11}/E$", f"${name}/E$") for name in ("C_{12}", "C_{22}", "C_{33}")]
STIFFNESSES = ["$C_{11}/E$", "$C_{12}/E$", "$C_{22}/E$", "$C_{33}/E$"]
LABELS = {
    "problem": (BODY, []),
    "fields": (5 * BODY, STIFFNESSES),
    "structure": (BODY, []),
    "deformed": (BODY, ["$u_y$ (cells)"]),
    "linear-and-finite": (BODY, []),
    "load-path": (
        [
            ("share of the full load", "work per share of load ($E\\,t\\,w^2$)"),
            ("share of the full load", "RRMSE"),
        ],
        [],
    ),
    "property-cloud": (CLOUD, []),
}
LEGENDS = {
    "problem": ["held in y", "moved by a support", "target"],
    "fields": ["held in y", "moved by a support", "target", "macro optimum"],
    "deformed": ["target", "macro nodes, from every pixel", "held in y", "moved by a support"],
    "load-path": ["neo-hookean"],
    "property-cloud": ["cells of the structure", "macro optimum"],
    "convergence": ["RRMSE", "constraint"],
}


@pytest.fixture(scope="module")
def bridge():
    """A bridge at finite deformation with a load path."""
    problem = mf.problems.bridge(2, 8, compression=0.1, amplitude=0.05)
    return mf.design(problem, CELLS, swap_rounds=0, correction_rounds=0, fine_mesh=1)


@pytest.fixture(scope="module")
def two_shapes():
    """A body under two load cases."""
    problem = mf.read_problem("two_shapes", rows=4, cols=4).problem
    return mf.design(problem, CELLS, kinematics="linear", swap_rounds=0)


@pytest.fixture(scope="module")
def loaded():
    """A body of least compliance under a traction, in MPa and mm."""
    problem = mf.read_problem("cantilever", rows=3, cols=5, solid=0.65)
    made = mf.design(problem, CELLS, kinematics="linear")
    return replace(made, units=Units(young=3000.0, cell_size=10.0, thickness=4.0))


def with_rounds(design):
    """The design with rounds of both loops in its trace."""
    corrections = [
        CorrectionRound(0.0, 0.01, 0.3, True),
        CorrectionRound(0.8, 0.02, 0.12, True),
        CorrectionRound(0.4, 0.02, float("inf"), False),
    ]
    swaps = [
        SwapRound(0, float("nan"), 0.12, 2.0, True),
        SwapRound(7, 0.04, 0.06, 2.1, True),
        SwapRound(5, 0.05, 0.07, 2.2, False),
        SwapRound(2, 0.03, 0.04, 2.2, True),
    ]
    return replace(design, trace=Trace(corrections=corrections, swaps=swaps))


def labels_of(figure):
    """Labels of the axes in the grid, and of the colour bars."""
    grid = [ax for ax in figure.axes if ax.get_subplotspec() is not None]
    bars = [ax for ax in figure.axes if ax.get_subplotspec() is None]
    return (
        [(ax.get_xlabel(), ax.get_ylabel()) for ax in grid],
        [ax.get_xlabel() or ax.get_ylabel() for ax in bars],
    )


def legend_of(figure):
    """Names in the legends of a figure."""
    legends = [*figure.legends, *filter(None, (ax.get_legend() for ax in figure.axes))]
    return [text.get_text() for legend in legends for text in legend.get_texts()]


def test_a_design_names_its_figures(bridge, two_shapes):
    assert set(FIGURES) - set(bridge.figures) == {"loops"}
    assert set(FIGURES) - set(two_shapes.figures) == {"linear-and-finite", "load-path", "loops"}


@pytest.mark.parametrize("name", LABELS)
def test_axes_and_colour_bars_have_labels_with_units(bridge, name):
    assert labels_of(bridge.plot(name)) == LABELS[name]


def test_supports_of_a_deformed_body_are_where_they_were_moved_to(bridge):
    problem, ax = bridge.problem, bridge.plot("deformed").axes[0]
    (marks,) = (line for line in ax.get_lines() if line.get_label() == "held in y")
    r, c = np.nonzero(problem.prescribed[..., 1] == 0)
    moved = np.stack([c, problem.rows - r], 1) + bridge.response.displacement[r, c]
    np.testing.assert_allclose(marks.get_xydata(), moved)
    assert np.abs(moved[:, 0] - c).min() > 0.01  # the ends are pushed inward
    (arrows,) = (each for each in ax.collections if hasattr(each, "U"))
    r, c = np.nonzero(np.nan_to_num(problem.prescribed).any(axis=2))
    np.testing.assert_allclose(arrows.get_offsets(), np.stack([c, problem.rows - r], 1))
    np.testing.assert_allclose(arrows.U, problem.prescribed[r, c, 0])


@pytest.mark.parametrize("name", LEGENDS)
def test_two_things_or_more_have_a_legend(bridge, name):
    assert legend_of(bridge.plot(name)) == LEGENDS[name]


def test_convergence_has_both_scales(bridge):
    left, right = bridge.plot("convergence").axes[:2]
    assert (left.get_xlabel(), left.get_ylabel()) == ("iteration", "RRMSE")
    assert right.get_ylabel() == "constraint (met if $\\leq$ 0)"


@pytest.mark.parametrize("width", ["single", "double"])
@pytest.mark.parametrize("name", FIGURES)
@pytest.mark.parametrize("design", ["bridge", "two_shapes", "loaded"])
def test_no_words_overlap_or_leave_the_paper(request, design, name, width):
    made = request.getfixturevalue(design)
    if name not in made.figures:
        return
    figure = made.plot(name, width=width)
    words = drawn_words(figure)
    assert words
    assert overlaps(words) == []
    assert outside(words, figure.bbox) == []
    mm = {"single": 89.0, "double": 183.0}[width]
    assert figure.get_size_inches()[0] * 25.4 == pytest.approx(mm)
    assert figure.get_size_inches()[1] * 25.4 < 300


def test_overlaps_are_found(bridge):
    figure = bridge.plot("structure")
    figure.axes[0].text(0, 1, "on", transform=figure.transFigure)
    figure.axes[0].text(0, 1, "top", transform=figure.transFigure)
    words = drawn_words(figure)
    assert ("on", "top") in overlaps(words)
    assert outside(words, figure.bbox) == ["on", "top"]


def test_known_sizes_and_materials_give_mm_and_mpa(loaded):
    axes, bars = labels_of(loaded.plot("fields"))
    assert axes == 5 * [("$x$ (mm)", "$y$ (mm)")]
    assert bars == [f"$C_{{{k}}}$ (MPa)" for k in (11, 12, 22, 33)]
    shown = loaded.plot("fields").axes[1].images[0].get_array()
    np.testing.assert_allclose(shown, 3000.0 * loaded.field.properties[..., 0])
    figure = loaded.plot("deformed")
    assert labels_of(figure) == ([("$x$ (mm)", "$y$ (mm)")], ["$u_y$ (mm)"])
    ticks = [text for text, _ in drawn_words(figure)]
    assert {"0", "20", "40"} <= set(ticks)
    assert labels_of(loaded.plot("property-cloud"))[0][0] == ("$C_{11}$ (MPa)", "$C_{12}$ (MPa)")


def test_copies_of_a_body_have_coordinates_and_names_of_their_own(two_shapes):
    words = [text for text, _ in drawn_words(two_shapes.plot("deformed"))]
    assert words.count("0") >= 3  # both copies and the vertical axis
    assert {"squeezed", "pressed"} <= set(words)


@pytest.mark.parametrize("width", ["single", "double"])
def test_loops_show_what_was_kept(bridge, width):
    figure = with_rounds(bridge).plot("loops", width=width)
    words = drawn_words(figure)
    assert overlaps(words) == outside(words, figure.bbox) == []
    targets, loop = figure.axes
    assert (targets.get_xlabel(), loop.get_xlabel()) == ("attempt", "round of swaps")
    assert targets.get_ylabel() == loop.get_ylabel() == "RRMSE"
    predicted, kept, left = loop.get_lines()
    np.testing.assert_array_equal(kept.get_xydata(), [[0, 0.12], [1, 0.06], [3, 0.04]])
    np.testing.assert_array_equal(left.get_xydata(), [[2, 0.07]])
    assert predicted.get_label() == "predicted by the windows"
    with pytest.raises(ValueError, match="there is no figure 'loops' of this design: it had no"):
        bridge.plot("loops")


def test_supports_and_loads_are_drawn_with_a_problem(loaded, two_shapes):
    assert legend_of(loaded.plot("problem")) == ["held in x", "held in y", "traction"]
    fields = legend_of(two_shapes.plot("fields"))
    assert {"held in x", "held in y", "moved by a support", "target"} <= set(fields)


def test_properties_are_those_of_the_cells_in_the_structure(bridge):
    rows, cols = bridge.assembly.cells.shape
    own = cell_properties(bridge).reshape(rows, cols, 4)
    side = bridge.pixels.shape[0] // rows
    cell = bridge.pixels[side : 2 * side, 3 * side : 4 * side]
    c = mf.homogenize(cell, bridge.phases)[0]
    np.testing.assert_allclose(own[1, 3], [c[0, 0], c[0, 1], c[1, 1], c[2, 2]])
    line = bridge.plot("property-cloud").axes[0].get_lines()[0]
    np.testing.assert_allclose(line.get_xydata(), own.reshape(-1, 4)[:, :2])


def test_the_component_can_be_chosen(bridge):
    assert labels_of(bridge.plot("deformed", component=0))[1] == ["$u_x$ (cells)"]
    with pytest.raises(ValueError, match="component is 2"):
        bridge.plot("deformed", component=2)


def test_a_colour_bar_tells_of_values_beyond_it(bridge):
    u = bridge.response.nodal_displacement.copy()
    figure = bridge.plot("deformed")
    low, high = figure.axes[0].images[0].get_clim()
    u[..., 1] = np.clip(u[..., 1], low, high)
    within = replace(bridge, response=replace(bridge.response, nodal_displacement=u))
    assert within.plot("deformed").axes[0].images[0].colorbar.extend == "neither"
    u[..., 1] *= 2.0
    assert within.plot("deformed").axes[0].images[0].colorbar.extend == "max"


def test_titles_can_be_left_out_or_changed(bridge):
    assert bridge.plot("structure", title="").axes[0].get_title(loc="left") == ""
    assert bridge.plot("structure", title="a").axes[0].get_title(loc="left") == "a"


def test_figures_are_drawn_on_axes_of_others(bridge):
    from matplotlib.figure import Figure

    own = Figure(figsize=(8, 4))
    axes = own.subplots(1, 2)
    for ax, name in zip(axes, ("structure", "deformed"), strict=True):
        assert bridge.plot(name, ax=ax) is own
        assert ax.images
    assert own.get_size_inches().tolist() == [8, 4]
    with pytest.raises(ValueError, match="leave width= out"):
        bridge.plot("structure", ax=axes[0], width="single")
    with pytest.raises(ValueError, match="ax is 3; matplotlib Axes are needed"):
        bridge.plot("structure", ax=3)


@pytest.mark.parametrize("name", FIGURES)
def test_files_reopen_and_hold_text(bridge, name, tmp_path):
    if name not in bridge.figures:
        bridge = with_rounds(bridge)
    others = {
        "loops": "windows",
        "convergence": "iteration",
        "load-path": "RRMSE",
        "fields": "target",
    }
    word = others.get(name, "bridge")
    for ending in (".png", ".pdf", ".svg"):
        bridge.plot(name, tmp_path / f"figure{ending}", width="single")
    with Image.open(tmp_path / "figure.png") as picture:
        assert picture.size[0] == pytest.approx(89 / 25.4 * 300, abs=1)
        darkest, lightest = picture.convert("L").getextrema()
        assert darkest < 64 < lightest == 255  # ink on white paper
    svg = (tmp_path / "figure.svg").read_text()
    assert re.search(rf"<text [^>]*>[^<]*{word}", svg)
    pdf = (tmp_path / "figure.pdf").read_bytes()
    assert pdf.startswith(b"%PDF")
    assert b"/FontFile2" in pdf  # TrueType, embedded
    assert b"/Type3" not in pdf
    assert word.encode() in text_of_pdf(pdf)
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "figure.pdf", "figure.png", "figure.svg",
    ]  # fmt: skip


def text_of_pdf(pdf):
    """Texts that the pages of a PDF show, a line each, without the kerning between letters."""
    lines = []
    for stream in re.findall(rb"stream\r?\n(.*?)endstream", pdf, re.DOTALL):
        try:
            page = zlib.decompress(stream)
        except zlib.error:
            continue
        for text in re.findall(rb"BT\s(.*?)\sET", page, re.DOTALL):
            lines.append(b"".join(re.findall(rb"\(((?:\\.|[^\\()])*)\)", text, re.DOTALL)))
    return b"\n".join(lines).replace(b"\0", b"")  # some versions write two bytes a letter


def test_the_same_figure_gives_the_same_file(bridge, tmp_path):
    for ending in (".pdf", ".svg", ".png"):
        one, other = tmp_path / f"one{ending}", tmp_path / f"other{ending}"
        bridge.plot("problem", one)
        bridge.plot("problem", other)
        assert one.read_bytes() == other.read_bytes()


def test_what_cannot_be_drawn_is_refused(bridge, two_shapes, tmp_path):
    with pytest.raises(ValueError, match="figure is 'field'; use one of 'problem', 'fields'"):
        bridge.plot("field")
    with pytest.raises(ValueError, match="there is no figure 'load-path' of this design"):
        two_shapes.plot("load-path")
    with pytest.raises(ValueError, match=r"no option 'colour'; it has .*component, .*width"):
        bridge.plot("deformed", colour=1)
    with pytest.raises(ValueError, match=r"as .png, .svg or .pdf, but the name is 'x.eps'"):
        bridge.plot("deformed", tmp_path / "x.eps")
    with pytest.raises(ValueError, match="there is no directory"):
        bridge.plot("deformed", tmp_path / "none" / "x.pdf")
    for wrong in ("triple", -3, 12, float("nan"), [1]):
        with pytest.raises(ValueError, match="width is"):
            bridge.plot("deformed", width=wrong)
    assert not list(tmp_path.iterdir())


def test_a_verification_draws_its_load_paths(bridge, tmp_path):
    found = mf.verify(bridge, refine=1, outside=False)
    figure = found.plot(tmp_path / "paths.pdf", width="single")
    assert legend_of(figure) == [f"{law}, 1 x 1" for law in ("neo-hookean", "st-venant-kirchhoff")]
    assert labels_of(figure) == LABELS["load-path"]
    words = drawn_words(figure)
    assert overlaps(words) == outside(words, figure.bbox) == []
    with pytest.raises(ValueError, match="there is no load path to draw"):
        replace(found, solutions=found.solutions[:1]).plot()


def test_stiffnesses_and_works_are_relative_to_the_solid(loaded):
    """Another unit of stress in the database changes no figure."""
    young = 50.0
    phases = mf.Phases(replace(loaded.phases.solid, young=young), loaded.phases.void)
    field = replace(
        loaded.field,
        properties=young * loaded.field.properties,
        compliance=young * loaded.field.compliance,
    )
    response = replace(loaded.response, work=young * loaded.response.work)
    stiff = replace(
        loaded,
        field=field,
        response=response,
        provenance=loaded.provenance | {"phases": phases.to_json()},
    )
    for name in ("fields", "deformed", "property-cloud"):
        words = [text for text, _ in drawn_words(stiff.plot(name))]
        assert words == [text for text, _ in drawn_words(loaded.plot(name))]
