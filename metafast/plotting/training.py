"""History of a training run: the loss and its parts (Fig. 5)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, MaxNLocator, NullLocator

from metafast.plotting.figures import PathLike, drawing
from metafast.plotting.panels import panels_height, panels_of, panels_shape
from metafast.plotting.style import ACHIEVED, DOT, TARGET, Width
from metafast.plotting.words import heading, legend, main_heading

if TYPE_CHECKING:
    from metafast.generative.result import TrainingResult

_PANELS = (
    ("loss", "loss (Eq. 6)", "nats per cell"),
    ("reconstruction", "reconstruction", "nats per cell"),
    ("kl", "KL divergence", "nats per cell"),
    ("regression", "error of properties", "standardised, squared"),
)
_FEW, _NICE = 100.0, (1.0, 2.0, 5.0)
_FEW_EPOCHS = 40  # up to which each is a dot


def plot_training(
    result: TrainingResult,
    *,
    title: str | None = None,
    path: PathLike | None = None,
    width: Width | None = None,
) -> Figure:
    """Loss over the epochs, and its three parts, on training cells and on held-out ones (Fig. 5).

    The loss is the parts' sum with the weights of the run. Training cells are decoded at samples,
    held-out cells at their mean, so that their reconstruction may be the better of the two.

    Parameters
    ----------
    result : TrainingResult
        Trained model with its history.
    title : str, optional
        Words above it, none if empty; optimiser, batch and weights by default.
    path, width
        As for every figure (`metafast.plotting`).

    Raises
    ------
    ValueError
        If there is no epoch, the width is out of range, or the file cannot be written.
    """
    history, config = result.history, result.vae.provenance["config"]
    if not len(history):
        raise ValueError("the history has no epoch to draw; train for one at least")
    weights = {
        "reconstruction": 1.0,
        "kl": config["kl_weight"],
        "regression": config["regression_weight"],
    }
    shape = panels_shape(width, len(_PANELS))
    with drawing(path, width, height=panels_height(width, shape, 0.95)) as made:
        axes = panels_of(made, shape, len(_PANELS))
        for ax, (name, words, unit) in zip(axes, _PANELS, strict=True):
            for which, colour, prefix in (
                ("training cells", ACHIEVED, ""),
                ("held-out cells", TARGET, "held_out_"),
            ):
                parts = {part: weights[part] * history[prefix + part] for part in weights}
                values = sum(parts.values()) if name == "loss" else history[prefix + name]
                marker = "o" if len(history) <= _FEW_EPOCHS else ""
                ax.semilogy(
                    history["epoch"], values, marker=marker, markersize=DOT, color=colour,
                    label=which,
                )  # fmt: skip
            ax.set(xlabel="epoch", ylabel=unit)
            heading(ax, words, shape[1])
            ax.xaxis.set_major_locator(MaxNLocator(5, integer=True))
            low, high = ax.get_ylim()
            subs = _NICE if high < _FEW * low else (1.0,)  # decades alone would leave one or none
            ax.yaxis.set_major_locator(LogLocator(subs=subs))
            ax.yaxis.set_major_formatter(lambda value, _: f"{value:g}")
            ax.yaxis.set_minor_locator(NullLocator())
        legend(axes[0], inside=False)
        told = (
            f"{config['optimizer']}, {config['batch']} cells per step, weights 1, "
            f"{config['kl_weight']:g} and {config['regression_weight']:g}"
        )
        main_heading(made, told if title is None else title)
    return made
