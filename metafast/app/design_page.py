"""The page on which a structure is designed: problem, options, progress, result."""

from __future__ import annotations

import panel as pn

from metafast._base.html import table
from metafast.app.html import fault, pane
from metafast.app.options_form import OptionsForm
from metafast.app.problem_form import ProblemForm
from metafast.app.result_view import ResultView
from metafast.app.run import DesignRun, latest_run

_PERIOD = 300  # milliseconds between two looks at a design that is at work
_SHOWN = 4  # stages


class DesignPage:
    """Forms on the left; the problem, the progress and the result on the right.

    Attributes
    ----------
    run : DesignRun or None
    result : ResultView or None
    """

    def __init__(self) -> None:
        self.run: DesignRun | None = None
        self.result: ResultView | None = None
        self.options = OptionsForm()
        self.problem = ProblemForm(self.options.given)
        self.options.watch(self.problem.update)
        self.button = pn.widgets.Button(label="Design", color="primary", width=160)
        self.stop = pn.widgets.Button(label="Cancel", disabled=True, width=100)
        self.bar = pn.indicators.Progress(value=0, max=100, visible=False, width=360)
        self.stages = pane()
        self.message = pane()
        self._result = pn.Column(sizing_mode="stretch_width")
        self.button.on_click(lambda _: self.press())
        self.stop.on_click(lambda _: self.cancel())
        self._timer = pn.state.add_periodic_callback(self.refresh, period=_PERIOD, start=False)
        left = pn.Column(
            self.problem.controls, self.options.view, pn.Row(self.button, self.stop),
            self.bar, self.stages, self.message, width=420,
        )  # fmt: skip
        right = pn.Column(self.problem.view, self._result, sizing_mode="stretch_width")
        self.view = pn.Row(left, right, sizing_mode="stretch_width")
        before = latest_run()
        if before is not None:
            self._follow(before)

    def press(self) -> None:
        """Begin to design what the forms say."""
        if self.problem.file is None:
            self.message.object = fault(self.problem.fault)
            return
        run = DesignRun(self.problem.file, **self.options.given())
        try:
            run.start()
        except ValueError as busy:
            self.message.object = fault(str(busy))
            return
        self._follow(run)

    def _follow(self, run: DesignRun) -> None:
        """Show the progress of a design from now on, and then its result."""
        self.run, self.result = run, None
        self._result.objects = []
        self.message.object = ""
        self.button.disabled, self.stop.disabled, self.bar.visible = True, False, True
        if pn.state.curdoc is not None:
            self._timer.start()
        self.refresh()

    def cancel(self) -> None:
        """End the design early, if one is at work."""
        if self.run is not None:
            self.run.cancel()
            self.stop.disabled = True

    def refresh(self) -> None:
        """Show how far the design is, and its result when there is one."""
        run = self.run
        if run is None:
            return
        ended = run.state != "running"  # before the rest, which then is complete
        self.bar.value = round(100 * run.share)
        rows = [
            (name, f"{step.done:,} / {step.total:,}", step.note)
            for name, step in reversed(run.steps.items())
        ]
        self.stages.object = table(rows[:_SHOWN])
        if ended:
            self._show(run)

    def _show(self, run: DesignRun) -> None:
        if pn.state.curdoc is not None:
            self._timer.stop()
        self.run = None
        self.button.disabled, self.stop.disabled, self.bar.visible = False, True, False
        self.stages.object = ""
        self.message.object = fault(run.error)
        if run.made is not None:
            self.result = ResultView(run)
            self._result.objects = [self.result.view]
