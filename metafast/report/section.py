"""Interactive figures of a report as sections of a page, made with plotly."""

from __future__ import annotations

from typing import Any, NamedTuple

from metafast._base.extras import need

INK, GREY, FAINT = "#20242b", "#8a9099", "#c9ced6"
# colours that the colour-blind can tell apart (Okabe and Ito)
BLUE, ORANGE, VERMILION, GREEN = "#0072b2", "#e69f00", "#d55e00", "#009e73"
# of values: cividis, the same to all eyes and in grey prints, without the palest end that white
# paper would swallow
SCALE = [[0.0, "#00224e"], [0.33, "#575d6d"], [0.67, "#a59c74"], [1.0, "#e5b800"]]

WIDTH = 960  # of a figure on the screen, in pixels
_CONFIG = {
    "displaylogo": False,
    "responsive": False,
    "modeBarButtonsToRemove": ["select2d", "lasso2d", "autoScale2d"],
    "plotlyServerURL": "",
}


class Section(NamedTuple):
    """A titled figure with its words.

    Attributes
    ----------
    name : str
        Anchor of the section, and identifier of its figure.
    title : str
    words : str
        Plain text that says what is to be seen.
    figure : plotly figure
    """

    name: str
    title: str
    words: str
    figure: Any


def plotly() -> Any:
    """The module of plotly's figures.

    Raises
    ------
    MissingPackageError
        If plotly is not installed.
    """
    return need("plotly.graph_objects", "an interactive report", "metafast[report]")


def library() -> str:
    """The JavaScript of plotly, to put into a page once."""
    return str(need("plotly.offline", "an interactive report", "metafast[report]").get_plotlyjs())


def html_of(section: Section) -> str:
    """The figure of a section as a piece of HTML for a page with the `library`."""
    return str(
        section.figure.to_html(
            full_html=False,
            include_plotlyjs=False,
            div_id=f"figure-{section.name}",
            config=_CONFIG,
            auto_play=False,
        )
    )


def look(height: float, **changes: Any) -> dict[str, Any]:
    """Layout that all figures share.

    Parameters
    ----------
    height : float
        In pixels.
    **changes
        Further entries of the layout.
    """
    return {
        "template": "none",
        "width": WIDTH,
        "height": round(height),
        "font": {"family": "system-ui, sans-serif", "size": 13, "color": INK},
        "margin": {"l": 50, "r": 20, "t": 40, "b": 45},
        "hoverlabel": {"bgcolor": "white", "bordercolor": GREY, "font": {"color": INK}},
        "paper_bgcolor": "white",
        "plot_bgcolor": "white",
        **changes,
    }
