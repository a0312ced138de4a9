"""The look of all figures: colours for any eyes, sizes of type in one place, widths."""

import itertools
import re
from pathlib import Path

import numpy as np
import pytest
from matplotlib.colors import to_rgb

import metafast.plotting
from metafast.plotting import style

# what eyes without one kind of cone see of linear RGB (Machado, Oliveira, Fernandes 2009, Table 1)
EYES = {
    "all cones": np.eye(3),
    "protanopia": np.array(
        [
            [0.152286, 1.052583, -0.204868],
            [0.114503, 0.786281, 0.099216],
            [-0.003882, -0.048116, 1.051998],
        ]
    ),
    "deuteranopia": np.array(
        [
            [0.367322, 0.860646, -0.227968],
            [0.280085, 0.672501, 0.047413],
            [-0.011820, 0.042940, 0.968881],
        ]
    ),
    "tritanopia": np.array(
        [
            [1.255528, -0.076749, -0.178779],
            [-0.078411, 0.930809, 0.147602],
            [0.004733, 0.691367, 0.303900],
        ]
    ),
}
TO_XYZ = np.array(
    [
        [0.4124564, 0.3575761, 0.1804375],
        [0.2126729, 0.7151522, 0.0721750],
        [0.0193339, 0.1191920, 0.9503041],
    ]
)


def lab(colours, eyes="all cones"):
    """CIELAB of sRGB colours (n, 3) as some eyes see them."""
    rgb = np.asarray(colours)[..., :3]
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    seen = np.clip(linear @ EYES[eyes].T, 0, 1)
    ratio = seen @ TO_XYZ.T / TO_XYZ.sum(axis=1)
    f = np.where(ratio > (6 / 29) ** 3, np.cbrt(ratio), ratio / (3 * (6 / 29) ** 2) + 4 / 29)
    x, y, z = np.moveaxis(f, -1, 0)
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=-1)


@pytest.mark.parametrize("eyes", EYES)
def test_colours_of_lines_differ_for_all_eyes(eyes):
    seen = lab([to_rgb(colour) for colour in style.CYCLE], eyes)
    for a, b in itertools.combinations(seen, 2):
        assert np.linalg.norm(a - b) > 10  # 2.3 is just noticeable


@pytest.mark.parametrize("eyes", EYES)
def test_the_sequential_map_only_gets_lighter(eyes):
    light = lab(style.SEQUENTIAL(np.linspace(0, 1, 64)), eyes)[:, 0]
    assert (np.diff(light) > 0).all()
    assert light[-1] < 88  # stands out from white paper


@pytest.mark.parametrize("eyes", EYES)
def test_the_diverging_map_is_lightest_in_the_middle_and_its_halves_differ(eyes):
    seen = lab(style.DIVERGING(np.linspace(0, 1, 65)), eyes)
    light = seen[:, 0]
    assert (np.diff(light[:33]) > -0.05).all()
    assert (np.diff(light[32:]) < 0.05).all()
    assert light.max() < 82
    for k in range(1, 25):
        if k > 4:
            assert np.linalg.norm(seen[k] - seen[64 - k]) > 10


def test_white_paper_shows_every_colour():
    for colour in style.CYCLE:
        assert lab(to_rgb(colour))[0] < 75


def test_sizes_of_type_and_lines_stand_in_one_file():
    sized = re.compile(
        r"(?:fontsize|linewidths?|markersize|markeredgewidth|lw|ms)\"?\s*[=:]\s*"
        r"[0-9.]*[1-9](?![0-9.]* \*)"  # multiples of a size that has a name are right
    )
    folder = Path(metafast.plotting.__file__).parent
    found = [
        f"{path.name}: {line.strip()}"
        for path in folder.glob("*.py")
        if path.name != "style.py"
        for line in path.read_text().splitlines()
        if sized.search(line)
    ]
    assert found == []


def test_type_is_as_large_as_journals_ask():
    sizes = [
        value for name, value in style.STYLE.items() if name.endswith("size") and "font" in name
    ]
    assert min(style.TYPE, style.SMALL_TYPE, *sizes) >= 5
    assert style.STYLE["pdf.fonttype"] == 42
    assert style.STYLE["svg.fonttype"] == "none"


@pytest.mark.parametrize(
    ("width", "mm"), [(None, 183), ("single", 89), ("double", 183), (120, 120), (40, 40)]
)
def test_widths(width, mm):
    assert style.width_in_mm(width) == mm


def test_settings_of_matplotlib_stay_as_they_are():
    import matplotlib

    from metafast.plotting import plot_problem
    from metafast.problems import bridge

    before = dict(matplotlib.rcParams)
    plot_problem(bridge(1, 3))
    assert dict(matplotlib.rcParams) == before
