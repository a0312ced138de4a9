"""One look of all figures: widths of journals, sizes of type and lines, colours, colour maps.

The colours are those of Okabe and Ito, told apart by readers with any kind of colour vision; the
colour maps change evenly in lightness, so that they survive a grey print too.
"""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from matplotlib import colormaps
from matplotlib.colors import Colormap, LinearSegmentedColormap, ListedColormap

from metafast._base.checks import require_number, shown

Width = Literal["single", "double"] | float

WIDTHS = {"single": 89.0, "double": 183.0}  # columns of a journal in mm
_NARROWEST, _WIDEST = 40.0, 1000.0

# points; no type is smaller than journals allow
TYPE, SMALL_TYPE, LEAST_TYPE = 7.0, 6.0, 4.5
HAIR, THIN, LINE, BOLD = 0.4, 0.7, 1.2, 2.0
DOT, MARK = 2.5, 4.0  # diameters of markers

INK = "#20242b"
GREY, MESH, PALE, SHADE = "#9aa3ad", "#b9bfc6", "#d9d9d9", "#cfe3ee"
ACHIEVED, TARGET, LOAD = "#0072b2", "#d55e00", "#009e73"
CYCLE = (ACHIEVED, TARGET, LOAD, "#cc79a7", "#e69f00", "#56b4e9", INK)
FAMILIES = CYCLE[1:-1]  # without the colours of cells and of the gradation itself

# viridis without its lightest tenth, which white paper swallows
SEQUENTIAL: Colormap = ListedColormap(
    colormaps["viridis"](np.linspace(0.0, 0.92, 256)), name="metafast_sequential"
)
# grey in the middle: a body must not vanish where its displacement is zero
DIVERGING: Colormap = LinearSegmentedColormap.from_list(
    "metafast_diverging", ("#053061", "#2b7bb9", "#c4c4c4", "#d55e00", "#6b1d00")
)
SOLID: Colormap = ListedColormap(["white", "black"], name="metafast_solid")  # 0 = void, 1 = solid

STYLE: Any = {  # matplotlib types the names of its settings one by one
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"],  # comes with matplotlib, so figures are alike everywhere
    "mathtext.fontset": "dejavusans",
    "font.size": TYPE,
    "axes.titlesize": TYPE,
    "axes.titlelocation": "left",
    "axes.labelsize": TYPE,
    "axes.labelcolor": INK,
    "axes.titlecolor": INK,
    "axes.edgecolor": INK,
    "axes.linewidth": 0.6,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.prop_cycle": f"cycler('color', {list(CYCLE)})",
    "text.color": INK,
    "figure.titlesize": TYPE,
    "figure.facecolor": "white",
    "savefig.facecolor": "white",
    "xtick.labelsize": SMALL_TYPE,
    "ytick.labelsize": SMALL_TYPE,
    "xtick.color": INK,
    "ytick.color": INK,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "xtick.minor.width": 0.4,
    "ytick.minor.width": 0.4,
    "xtick.major.size": 2.5,
    "ytick.major.size": 2.5,
    "xtick.minor.size": 1.5,
    "ytick.minor.size": 1.5,
    "legend.fontsize": SMALL_TYPE,
    "legend.frameon": False,
    "legend.handlelength": 1.8,
    "legend.columnspacing": 1.4,
    "lines.linewidth": LINE,
    "lines.markersize": DOT,
    "pdf.fonttype": 42,  # TrueType, embedded, editable
    "svg.fonttype": "none",  # text stays text
    "svg.hashsalt": "metafast",  # the same figure gives the same file
}


def width_in_mm(width: Any) -> float:
    """Width of a figure in mm from the name of a journal's column or a number.

    Raises
    ------
    ValueError
        If it is neither "single", "double" nor a number from 40 to 1000.
    """
    if width is None:
        return WIDTHS["double"]
    if isinstance(width, str):
        if width not in WIDTHS:
            raise ValueError(
                f"width is {shown(width)}; 'single' (89 mm), 'double' (183 mm) or a number of mm "
                "is needed"
            )
        return WIDTHS[width]
    return require_number("width", width, above=_NARROWEST, below=_WIDEST, closed=True)


def diverges(low: float, high: float) -> bool:
    """Whether values go as far below zero as above, to within a factor of four."""
    return low < 0.0 < high and min(-low, high) > 0.25 * max(-low, high)
