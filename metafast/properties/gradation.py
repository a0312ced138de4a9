"""Gradations: curves in property space that the cells of a family follow (section 4.3, Eq. 7)."""

from __future__ import annotations

import os
import runpy
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from scipy.spatial import cKDTree

from metafast._base.checks import require_array, require_count, require_number, require_properties
from metafast._base.typing import FloatArray
from metafast.material import Material
from metafast.properties.coordinates import LOGARITHMS

_SAMPLES = 2001  # of a curve, when distances to it are measured
_EVEN = 4001  # of a curve, when places on it are measured in ratios of stiffness
_SOFTEST = 0.02  # of C11 in Eq. 7, in units of E: at 0 the stiffness is singular
_NAMES = ("C11", "C12", "C22", "C33")


class Gradation:
    """A curve in property space with a parameter that rises along it.

    Parameters
    ----------
    parameter : (m,) array
        Rising values, for instance C11 itself.
    properties : (m, 4) array
        C11, C12, C22, C33 at these values; between them the curve is straight.
    name : str
        For pictures and tables.

    Raises
    ------
    ValueError
        If there are fewer than two points, the parameter does not rise, or a stiffness is not
        stable.
    """

    def __init__(self, parameter: Any, properties: Any, name: str = "gradation") -> None:
        self.parameter = require_array("parameter", parameter)
        self.properties = require_properties(properties)
        self.name = name
        if self.parameter.ndim != 1 or len(self.parameter) < 2:
            raise ValueError(
                f"parameter has shape {self.parameter.shape}; at least two values are needed"
            )
        if len(self.parameter) != len(self.properties):
            raise ValueError(
                f"{len(self.parameter)} values of the parameter came with {len(self.properties)} "
                "rows of properties; one row for each is needed"
            )
        if not (np.diff(self.parameter) > 0).all():
            raise ValueError("parameter does not rise from point to point; sort the points by it")

    @staticmethod
    def isotropic_like(material: Material | None = None, softest: float = _SOFTEST) -> Gradation:
        """The paper's gradation (Eq. 7): C11 = C22 from soft cells to the solid.

        Parameters
        ----------
        material : Material, optional
        softest : float
            C11 at which it starts, in units of E.
        """
        solid = (material or Material()).stiffness
        e = (material or Material()).young
        top, ratio = solid[0, 0] / e, solid[0, 1] / solid[0, 0]
        c11 = np.linspace(require_number("softest", softest, above=0.0, below=top), top, 401)
        c12 = ((1.0 - ratio) * (1.0 - c11 / top) ** 4 + ratio) * c11
        c33 = 0.25 * c11**3 - 0.65 * c11**2 + 0.6775 * c11
        return Gradation(e * c11, e * np.stack([c11, c12, c11, c33], axis=1), "Eq. 7")

    @staticmethod
    def of(
        function: Callable[[float], Any], start: float, stop: float, samples: int = 401
    ) -> Gradation:
        """The curve that a function of the parameter describes.

        Parameters
        ----------
        function : callable
            ``function(t)`` returns C11, C12, C22, C33.
        start, stop : float
        samples : int
        """
        t = np.linspace(start, stop, require_count("samples", samples, 2))
        rows = np.array([np.asarray(function(float(v)), dtype=float) for v in t])
        return Gradation(t, rows, getattr(function, "__name__", "gradation"))

    @staticmethod
    def load(path: str | os.PathLike[str]) -> Gradation:
        """A gradation from a file.

        ``.toml``: lists ``parameter``, ``C11``, ``C12``, ``C22``, ``C33``. ``.py``: the names
        ``start``, ``stop`` and a function ``gradation(t)``; the file is run.

        Raises
        ------
        ValueError
            If the file is missing, of another kind, or lacks one of the names.
        """
        source = Path(path)
        if not source.is_file():
            raise ValueError(f"there is no gradation at {str(source)!r}; check the path")
        if source.suffix == ".py":
            given = runpy.run_path(str(source))
            needed: tuple[str, ...] = ("gradation", "start", "stop")
        elif source.suffix == ".toml":
            try:
                given = tomllib.loads(source.read_text())
            except tomllib.TOMLDecodeError as error:
                raise ValueError(f"{str(source)!r} is no TOML ({error})") from error
            needed = ("parameter", *_NAMES)
        else:
            raise ValueError(f"{str(source)!r} is neither .toml nor .py; write one of the two")
        missing = [name for name in needed if name not in given]
        if missing:
            raise ValueError(f"{str(source)!r} lacks {', '.join(missing)}; add them")
        if source.suffix == ".py":
            return Gradation.of(given["gradation"], given["start"], given["stop"])
        columns = [require_array(name, given[name]) for name in _NAMES]
        if len({column.shape for column in columns}) > 1:
            raise ValueError(f"the lists {', '.join(_NAMES)} in {str(source)!r} differ in length")
        return Gradation(given["parameter"], np.stack(columns, axis=1), source.stem)

    def at(self, values: Any) -> FloatArray:
        """C11, C12, C22, C33 (n, 4) at values (n,) of the parameter, clipped to its range."""
        t = np.atleast_1d(require_array("values", values))
        columns = [np.interp(t, self.parameter, column) for column in self.properties.T]
        return np.stack(columns, axis=1)

    def nearest(self, properties: Any) -> tuple[FloatArray, FloatArray]:
        """Parameter (n,) of the curve's nearest point, and distance (n,) to it, of properties."""
        fine = self.refined()
        distance, row = cKDTree(fine.properties).query(require_properties(properties))
        return fine.parameter[row], np.asarray(distance)

    def refined(self) -> Gradation:
        """The same curve by 2001 evenly spaced points and its own."""
        t = np.linspace(self.parameter[0], self.parameter[-1], _SAMPLES)
        t = np.union1d(t, self.parameter)
        return Gradation(t, self.at(t), self.name)

    def log_length(self) -> tuple[FloatArray, FloatArray]:
        """Logarithmic coordinates (m, 4) of the curve's points, and its length (m,) up to each."""
        points = LOGARITHMS.to_unit(self.properties)
        step = np.linalg.norm(np.diff(points, axis=0), axis=1)
        return points, np.append(0.0, np.cumsum(step))

    def even(self) -> Gradation:
        """The same curve by 4001 points evenly spaced over its logarithmic length."""
        fine = self.refined()
        _, length = fine.log_length()
        where = np.linspace(0.0, length[-1], _EVEN)
        t = np.unique(np.interp(where, length, fine.parameter))
        return Gradation(t, self.at(t), self.name)

    def between(self, low: float, high: float) -> Gradation:
        """The part of the curve from one value of the parameter to another.

        Raises
        ------
        ValueError
            If nothing of the curve lies between them.
        """
        first, last = max(low, self.parameter[0]), min(high, self.parameter[-1])
        if not first < last:
            raise ValueError(
                f"between {low:g} and {high:g} there is nothing of the gradation {self.name!r}, "
                f"which reaches from {self.parameter[0]:g} to {self.parameter[-1]:g}"
            )
        inside = self.parameter[(self.parameter > first) & (self.parameter < last)]
        t = np.concatenate([[first], inside, [last]])
        return Gradation(t, self.at(t), self.name)
