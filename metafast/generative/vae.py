"""Trained generative model: encode cells, decode latent points, predict properties.

The module can be imported where torch is not installed; a model cannot be opened there.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from metafast._base.checks import (
    require_array,
    require_cells,
    require_count,
    require_instance,
    require_number,
)
from metafast._base.extras import need
from metafast._base.files import require_path
from metafast._base.hdf5 import UNREADABLE, array_in, read_hdf5, write_hdf5
from metafast._base.typing import ByteArray, FloatArray
from metafast.cells.symmetry import mirror
from metafast.generative.config import Architecture
from metafast.material import Material
from metafast.phases import Phases, require_phases

if TYPE_CHECKING:
    import torch

    from metafast.generative.network import Networks

_DEFAULT = "default_vae.h5"
_FORMAT = "metafast-vae-2"
_OLDER = ("metafast-vae-1",)  # without a seal
_BATCH = 4096  # cells or points that pass through a network at once
_FARTHEST = 1e6  # latent coordinate, of points whose prior has standard deviation 1
_CLEAR = 0.9  # section 3.2: solid where the probability is higher


@dataclass(frozen=True)
class Scaling:
    """Mean and standard deviation (4,) by which properties are standardised."""

    mean: FloatArray
    deviation: FloatArray


class CellVAE:
    """Variational autoencoder of cells with a regressor of their properties (section 3.1).

    Parameters
    ----------
    networks : Networks
    shape : (int, int)
        Height and width of a cell in pixels.
    quarter : bool
        Whether cells are mirror-symmetric and the networks see their upper left quarter.
    scaling : Scaling
        Mean and deviation by which the regressor's properties are standardised.
    phases : Phases or Material
        Solid and void for which the properties hold.
    provenance : dict, optional
        Training configuration, fingerprint of the data, scores.
    """

    def __init__(
        self,
        networks: Networks,
        shape: tuple[int, int],
        quarter: bool,
        scaling: Scaling,
        phases: Phases | Material,
        provenance: dict[str, Any] | None = None,
    ) -> None:
        self.networks = networks.eval()
        self.shape, self.quarter = shape, quarter
        self.scaling, self.phases = scaling, require_phases(phases)
        self.provenance = dict(provenance or {})

    @property
    def latent(self) -> int:
        """Latent dimensions."""
        return self.networks.architecture.latent

    def __repr__(self) -> str:
        h, w = self.shape
        return f"CellVAE({h}x{w} pixels, {self.latent} latent dimensions, {self.phases})"

    def encode(self, cells: Any, steps: int = 0) -> FloatArray:
        """Latent points (n, latent) of cells (n, h, w): posterior means, or points nearer the MAP.

        Parameters
        ----------
        cells : (n, h, w) array
            Binary cells of the size that the model was trained on.
        steps : int
            Number of Levenberg-Marquardt steps, at most, from the encoder's mean towards the MAP
            estimate, the point of largest posterior density. The cell is reconstructed better
            there, and three steps do most of it; the regressor, which is trained on means, can be
            worse there.

        Raises
        ------
        ValueError
            If cells are not binary, of another size, or not mirror-symmetric where they must be.
        """
        pixels, steps = require_cells(cells), require_count("steps", steps, 0)
        if pixels.shape[1:] != self.shape:
            raise ValueError(
                f"cells are {pixels.shape[1]}x{pixels.shape[2]} pixels; this model was trained on "
                f"{self.shape[0]}x{self.shape[1]}: scale your pictures, or train a model on them"
            )
        if self.quarter:
            h, w = self.shape
            quarters = pixels[:, : h // 2, : w // 2]
            for start in range(0, len(pixels), _BATCH):
                part = slice(start, start + _BATCH)
                if (mirror(quarters[part]) != pixels[part]).any():
                    raise ValueError(
                        "a cell is not mirror-symmetric about both axes; this model was trained on "
                        "cells that are: train one on cells like yours"
                    )
            pixels = quarters
        return self._batched(lambda x: self._mean(x[:, None], steps), pixels)

    def _mean(self, pixels: torch.Tensor, steps: int) -> torch.Tensor:
        mean = self.networks.encode(pixels)[0]
        if not steps:
            return mean
        from metafast.generative.correction import map_estimate

        return map_estimate(self.networks.decoder, pixels.flatten(1), mean, steps)

    def decode(self, z: Any) -> FloatArray:
        """Probability (n, h, w) of each pixel being solid, in [0, 1].

        Parameters
        ----------
        z : (n, latent) array

        Raises
        ------
        ValueError
            If z is not (n, latent) of finite numbers.
        """
        import torch

        probability = self._batched(
            lambda x: torch.sigmoid(self.networks.decode(x))[:, 0], self._latents(z)
        )
        return mirror(probability) if self.quarter else probability

    def cells(self, z: Any, threshold: float = _CLEAR) -> ByteArray:
        """Binary cells (n, h, w): solid where the probability exceeds `threshold` (section 3.2)."""
        require_number("threshold", threshold, above=0.0, below=1.0, closed=True)
        return (self.decode(z) > threshold).astype(np.uint8)

    def predict(self, z: Any) -> FloatArray:
        """C11, C12, C22, C33 (n, 4) by the regressor, for latent points (n, latent).

        They are estimates; `homogenize` the decoded cells for exact ones.
        """
        standard = self._batched(self.networks.regressor, self._latents(z))
        return standard * self.scaling.deviation + self.scaling.mean

    def _latents(self, z: Any) -> FloatArray:
        points = require_array("z", z, finite=True)
        if points.ndim != 2 or points.shape[1] != self.latent:
            raise ValueError(f"z has shape {points.shape}; (n, {self.latent}) is needed")
        if np.abs(points).max(initial=0.0) > _FARTHEST:
            raise ValueError(
                f"z reaches {np.abs(points).max():g}; the prior has standard deviation 1, and "
                f"numbers up to {_FARTHEST:g} are needed"
            )
        return points

    def _batched(self, function: Any, array: Any) -> FloatArray:
        import torch

        device = next(self.networks.parameters()).device
        parts = []
        with torch.no_grad():
            for start in range(0, max(len(array), 1), _BATCH):
                batch = np.ascontiguousarray(array[start : start + _BATCH], dtype=np.float32)
                parts.append(function(torch.from_numpy(batch).to(device)).cpu().numpy())
        return np.concatenate(parts).astype(float)

    def save(self, path: str | os.PathLike[str], *, half: bool = False) -> Path:
        """Write the model to HDF5; an older file is replaced only when the new one is complete.

        Parameters
        ----------
        path : path
        half : bool
            Store the weights in float16, in half the space.
        """
        from metafast.generative.network import tensors_of

        header = {
            "architecture": self.networks.architecture.as_dict(),
            "shape": list(self.shape),
            "quarter": self.quarter,
            "phases": self.phases.to_json(),
            "scaling": [self.scaling.mean.tolist(), self.scaling.deviation.tolist()],
            "provenance": self.provenance,
        }
        with write_hdf5(path, _FORMAT) as file:
            file.attrs["header"] = json.dumps(header)
            for name, weights in tensors_of(self.networks).items():
                data = weights.astype(np.float16) if half else weights
                options = {"compression": "gzip", "shuffle": True} if data.ndim else {}
                file.create_dataset(name, data=data, **options)
        return Path(path)

    @staticmethod
    def load(path: str | os.PathLike[str]) -> CellVAE:
        """Open a model.

        Raises
        ------
        ValueError
            If the file is missing, damaged, or no model.
        ImportError
            If torch is not installed.
        """
        torch = need("torch", "the generative model", "torch")
        from metafast.generative.network import Networks

        source = require_path(path)
        if not source.is_file():
            raise ValueError(f"there is no model at {str(source)!r}; check the path")
        try:
            with read_hdf5(source, _FORMAT, _OLDER) as file:
                header = json.loads(file.attrs["header"])
                weights = {name: torch.from_numpy(array_in(file, name)).float() for name in file}
            architecture = Architecture(**header["architecture"])
            _require_sizes(architecture, weights)
            with torch.random.fork_rng(devices=[]):  # the caller's random numbers stay
                torch.manual_seed(0)
                networks = Networks(architecture)
            networks.load_state_dict(weights)
            mean, deviation = (np.asarray(row, dtype=float) for row in header["scaling"])
            return CellVAE(
                networks,
                (int(header["shape"][0]), int(header["shape"][1])),
                bool(header["quarter"]),
                Scaling(mean, deviation),
                Phases.from_json(header["phases"]),
                header["provenance"],
            )
        except UNREADABLE as error:
            raise ValueError(
                f"{str(source)!r} is not a readable metafast model ({error}); train it again"
            ) from error

    @staticmethod
    def default() -> CellVAE:
        """The model that ships with the package; `provenance` says how it was trained."""
        with resources.as_file(resources.files("metafast.assets") / _DEFAULT) as path:
            return CellVAE.load(path)


def require_model(vae: Any) -> CellVAE:
    """Return a model that a public function was given, checked."""
    return require_instance("vae", vae, CellVAE, "for instance CellVAE.default()")


def _require_sizes(architecture: Architecture, weights: dict[str, torch.Tensor]) -> None:
    """Refuse an architecture that the weights do not have, before its memory is allocated."""
    import torch

    from metafast.generative.network import Networks

    with torch.device("meta"):
        needed = {name: each.shape for name, each in Networks(architecture).state_dict().items()}
    if needed != {name: each.shape for name, each in weights.items()}:
        raise ValueError("its weights are not those of its architecture")
