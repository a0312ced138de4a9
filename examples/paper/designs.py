"""Figs. 15 to 17: the graded beam, the bridge and the smiley, by the paper's options.

Supports, loads and targets are metafast's own: the paper gives them in pictures only.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import metafast as mf
from paper.families import graph_and_families
from paper.setting import Setting

_FIRST = 0  # the family of the beam, the shortest path


def graded_beam(setting: Setting) -> dict[str, Any]:
    """Fig. 15: a beam of one family, whose cells are decoded between its members."""

    def make() -> mf.Design:
        _, families = graph_and_families(setting)
        whole = families[_FIRST].continuous(setting.vae, 1000)
        # the decoded cell nearest to each element's C11, no choice among several
        options = replace(mf.PAPER, candidates=1)
        problem = mf.problems.graded_beam(*((3, 8) if setting.small else (15, 40)))
        return mf.design(problem, family=whole, options=options)

    return _draw(setting, 15, "graded_beam", make, ("problem", "fields", "structure", "deformed"))


def bridge(setting: Setting) -> dict[str, Any]:
    """Fig. 16: a beam that becomes a bridge, of cells of the whole database."""
    size = (2, 8) if setting.small else (4, 30)
    return _draw(
        setting, 16, "bridge", lambda: _by_the_paper(setting, mf.problems.bridge(*size)),
        ("problem", "structure", "deformed", "fields"),
    )  # fmt: skip


def smiley(setting: Setting) -> dict[str, Any]:
    """Fig. 17: a square in which a face appears when it is squeezed."""
    size = 10 if setting.small else 50
    return _draw(
        setting, 17, "smiley", lambda: _by_the_paper(setting, mf.problems.smiley(size=size)),
        ("problem", "fields", "structure", "deformed"),
    )  # fmt: skip


def _by_the_paper(setting: Setting, problem: mf.Problem) -> mf.Design:
    """Design with clusters of latents and the paper's options, in one pass."""
    return mf.design(problem, encoder=setting.vae, options=mf.PAPER)


def _draw(
    setting: Setting, number: int, name: str, make: Callable[[], mf.Design], order: tuple[str, ...]
) -> dict[str, Any]:
    """Pictures (a) to (d) in the paper's order, of the design that is kept or of a new one."""
    folder = setting.designs / name
    if (folder / "design.h5").exists():
        design = mf.Design.load(folder)
    else:
        design = make()
        if not setting.small:
            design.save(folder)
    for letter, figure in zip("abcd", order, strict=True):
        design.plot(figure, path=setting.path(f"fig{number}{letter}_{figure}"))
    return {"design": design}
