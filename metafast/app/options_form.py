"""Form of the options of a design; what is left empty is as the problem file or metafast has it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import panel as pn

_DEFAULT = "default"


class OptionsForm:
    """Kinematics, tolerance, rounds and symmetry."""

    def __init__(self) -> None:
        self.kinematics = pn.widgets.Select(
            label="kinematics", options=[_DEFAULT, "finite", "linear"], width=110
        )
        self.symmetry = pn.widgets.Select(
            label="symmetry", options=[_DEFAULT, "none", "auto"], width=110
        )
        empty = {"value": None, "placeholder": _DEFAULT, "width": 110}
        self.tolerance = pn.widgets.FloatInput(
            label="tolerance (RRMSE)", start=0.0, step=0.005, **empty
        )
        self.corrections = pn.widgets.IntInput(label="correction rounds", start=0, **empty)
        self.swaps = pn.widgets.IntInput(label="swap rounds", start=0, **empty)
        self._by_name = {
            "kinematics": self.kinematics,
            "symmetry": self.symmetry,
            "tolerance": self.tolerance,
            "correction_rounds": self.corrections,
            "swap_rounds": self.swaps,
        }
        self.view = pn.Column(
            pn.Row(self.kinematics, self.symmetry, self.tolerance),
            pn.Row(self.corrections, self.swaps),
        )

    def given(self) -> dict[str, Any]:
        """The options that are not left to the default, for `metafast.design`."""
        values = {name: widget.value for name, widget in self._by_name.items()}
        return {name: value for name, value in values.items() if value not in (None, _DEFAULT)}

    def watch(self, changed: Callable[[], Any]) -> None:
        """Have a function called after every change."""
        for widget in self._by_name.values():
            widget.param.watch(lambda _: changed(), "value")
