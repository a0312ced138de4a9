"""Results of a benchmark, kept until it is recorded, so that an interrupted run goes on."""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Callable
from typing import Any

from record import RESULTS


class Kept:
    """Results by name, in a file that holds all that are finished.

    stage: name of the record, and of the file
    again: whether to start anew
    """

    def __init__(self, stage: str, again: bool) -> None:
        self._path = RESULTS / f"{stage}.partial"
        if again:
            self.forget()
        self.found: dict[str, Any] = {}
        if self._path.exists():
            self.found = json.loads(self._path.read_text())

    def of(self, name: str, made: Callable[[], Any], said: Callable[[Any], str]) -> Any:
        """The result of a name: the one that was kept, or a new one, which is printed."""
        if name not in self.found:
            self.found[name] = made()
            print(f"{name}: {said(self.found[name])}", flush=True)
            RESULTS.mkdir(exist_ok=True)
            partial = self._path.with_suffix(".new")
            partial.write_text(json.dumps(self.found))
            os.replace(partial, self._path)
        return self.found[name]

    def forget(self) -> None:
        """Remove the file, once there is a record or the run is to start anew."""
        self._path.unlink(missing_ok=True)


def arguments(**flags: Any) -> argparse.Namespace:
    """The command line: --again, and numbers or switches by their defaults."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--again", action="store_true")
    for name, usual in flags.items():
        if usual is False:
            parser.add_argument(f"--{name}", action="store_true")
        else:
            parser.add_argument(f"--{name}", type=int, default=usual)
    return parser.parse_args()
