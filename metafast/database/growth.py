"""Growth of a database by perturbing extreme and sparse cells (section 3.2, Fig. 4)."""

from __future__ import annotations

import json
import os
import warnings
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np

from metafast._checks import require_count
from metafast._progress import Progress, silent
from metafast._typing import BoolArray, ByteArray, FloatArray, IntArray
from metafast.database.coordinates import PropertyCoordinates
from metafast.database.perturb import perturb
from metafast.database.repair import repair
from metafast.database.scores import draw_parents
from metafast.database.seeds import simple_seeds
from metafast.database.store import CellDatabase, mirror
from metafast.homogenization import homogenize, properties_of
from metafast.material import Material

_VOXEL = 0.01  # in C11, C12, C22, C33
_LOG_VOXEL = np.array([0.15, 0.02, 0.15, 0.15])  # in ln C11, C12/sqrt(C11 C22), ln C22, ln C33
_PER_VOXEL = 2
_CHECKPOINT_EVERY = 10
_BARREN = 25  # iterations without a new cell before giving up
_LARGEST_DRAW = 20_000


@dataclass
class _Population:
    """Quarter cells with their properties, and what decides whether a child is new."""

    material: Material
    threads: int | None
    quarters: list[ByteArray] = field(default_factory=list)
    properties: list[FloatArray] = field(default_factory=list)
    parents: list[IntArray] = field(default_factory=list)
    size: int = 0
    shapes: set[bytes] = field(default_factory=set)
    voxels: dict[tuple[int, ...], int] = field(default_factory=dict)

    def append(self, quarters: ByteArray, properties: FloatArray, parents: IntArray) -> None:
        self.quarters.append(quarters)
        self.properties.append(properties)
        self.parents.append(parents)
        self.size += len(quarters)
        self.shapes.update(_hashes(quarters))
        for voxel in _voxels(properties):
            self.voxels[voxel] = self.voxels.get(voxel, 0) + 1

    def joined(self) -> tuple[ByteArray, FloatArray, IntArray]:
        """All cells so far; the list of parts is replaced by the joined part."""
        self.quarters = [np.concatenate(self.quarters)]
        self.properties = [np.concatenate(self.properties)]
        self.parents = [np.concatenate(self.parents)]
        return self.quarters[0], self.properties[0], self.parents[0]

    def add(self, candidates: ByteArray, parents: IntArray, width: int) -> int:
        """Repair, drop what is known or crowded, homogenize, keep; each with its transpose."""
        sound = repair(candidates, width)
        candidates, parents = candidates[sound], parents[sound]
        fresh = self._fresh(candidates)
        candidates, parents = candidates[fresh], parents[fresh]
        if not len(candidates):
            return 0
        stiffness = homogenize(mirror(candidates), self.material, threads=self.threads)
        properties = properties_of(stiffness)
        roomy = self._roomy(properties)
        candidates, properties, parents = candidates[roomy], properties[roomy], parents[roomy]
        turned = np.ascontiguousarray(candidates.transpose(0, 2, 1))
        other = (turned != candidates).any((1, 2))
        origin = self.size + np.flatnonzero(other)
        self.append(candidates, properties, parents)
        self.append(turned[other], properties[other][:, [2, 1, 0, 3]], origin)
        return len(candidates) + int(other.sum())

    def _fresh(self, candidates: ByteArray) -> IntArray:
        known = set(self.shapes)
        fresh = []
        turned = _hashes(np.ascontiguousarray(candidates.transpose(0, 2, 1)))
        for row, (shape, transpose) in enumerate(zip(_hashes(candidates), turned, strict=True)):
            if shape not in known:
                fresh.append(row)
                known.update((shape, transpose))
        return np.array(fresh, dtype=np.int64)

    def _roomy(self, properties: FloatArray) -> BoolArray:
        """Keep a cell whose linear or whose logarithmic voxel still has room."""
        room: dict[tuple[int, ...], int] = {}
        keep = np.zeros(len(properties), dtype=bool)
        voxels = _voxels(properties)
        for row in range(len(properties)):
            pair = voxels[2 * row], voxels[2 * row + 1]
            filled = [self.voxels.get(v, 0) + room.get(v, 0) for v in pair]
            if min(filled) < _PER_VOXEL:
                keep[row] = True
                for v in pair:
                    room[v] = room.get(v, 0) + 1
        return keep


def _hashes(quarters: ByteArray) -> list[bytes]:
    n, h, w = quarters.shape
    return [row.tobytes() for row in np.packbits(quarters.reshape(n, h * w), axis=1)]


def _voxels(properties: FloatArray) -> list[tuple[int, ...]]:
    """A linear and a logarithmic voxel for each row, in turn."""
    zero, one = np.zeros(4), np.ones(4)
    log = PropertyCoordinates("log", zero, one).to_unit(properties)
    linear_voxel = np.floor(properties / _VOXEL).astype(int)
    log_voxel = np.floor(log / _LOG_VOXEL).astype(int)
    pairs = zip(linear_voxel.tolist(), log_voxel.tolist(), strict=True)
    return [voxel for a, b in pairs for voxel in ((0, *a), (1, *b))]


def build_database(
    size: int = 250_000,
    *,
    seeds: int = 1400,
    iterations: int = 200,
    seed: int = 0,
    checkpoint: str | os.PathLike[str] | None = None,
    material: Material | None = None,
    pixels: int = 50,
    minimum_width: int = 2,
    threads: int | None = None,
    progress: Progress = silent,
) -> CellDatabase:
    """Grow a database of mirror-symmetric cells from simple seeds.

    Extreme and sparse cells are drawn, perturbed smoothly, repaired, homogenized and kept where
    the property space is not yet crowded; each brings its transpose, with C11 and C22 swapped.

    Parameters
    ----------
    size : int
        Number of cells.
    seeds : int
        Number of simple shapes to start from.
    iterations : int
        Rounds of growth to spread the work over; more follow until `size` is reached.
    seed : int
        Seed of all random numbers. The same seed gives the same database with any `threads`.
    checkpoint : path, optional
        File that keeps the state every few rounds. If it exists, growth goes on from it.
    material : Material, optional
        Base material; E = 1, nu = 0.49, plane stress by default.
    pixels : int
        Pixels per side, even.
    minimum_width : int
        Smallest width of solid and void parts, in pixels.
    threads : int, optional
    progress : callable, optional
        Called as ``progress(what, cells, size)``.

    Returns
    -------
    CellDatabase

    Raises
    ------
    ValueError
        If an option is out of range or the checkpoint belongs to another build.
    """
    size = require_count("size", size, 2)
    iterations = require_count("iterations", iterations)
    if require_count("pixels", pixels, 8) % 2:
        raise ValueError(f"pixels is {pixels}; an even number is needed for mirror symmetry")
    if require_count("minimum_width", minimum_width) > pixels // 2:
        raise ValueError(f"minimum_width is {minimum_width}; at most {pixels // 2} pixels fit")
    population = _Population(material or Material(), threads)
    rng = np.random.default_rng(require_count("seed", seed, 0))
    arguments: dict[str, str | int | float] = {
        "size": size,
        "seeds": require_count("seeds", seeds),
        "iterations": iterations,
        "seed": seed,
        "pixels": pixels,
        "minimum_width": minimum_width,
        "young": population.material.young,
        "poisson": population.material.poisson,
        "plane": population.material.plane,
    }
    state = {"iteration": 0, "drawn": 0, "kept": 0}
    path = None if checkpoint is None else Path(checkpoint)
    if path is not None and path.exists():
        state = _resume(path, arguments, population, rng)
    else:
        shapes = simple_seeds(seeds, pixels // 2, rng)
        population.add(shapes, np.full(len(shapes), -1), minimum_width)
        if population.size == 0:
            raise ValueError(f"no seed is sound at minimum_width {minimum_width}; lower it")

    barren = 0
    while population.size < size and barren < _BARREN:
        progress("growing cells", population.size, size)
        left = max(iterations - state["iteration"], 1)
        yield_ = (state["kept"] + 100) / (state["drawn"] + 150)
        count = int(np.ceil((size - population.size) / left / yield_)) + 8
        quarters, properties, _ = population.joined()
        parents = draw_parents(properties, min(count, _LARGEST_DRAW), rng)
        kept = population.add(perturb(quarters[parents], rng), parents, minimum_width)
        barren = barren + 1 if kept == 0 else 0
        state["iteration"] += 1
        state["drawn"] = state["drawn"] // 2 + len(parents)
        state["kept"] = state["kept"] // 2 + kept
        if path is not None and state["iteration"] % _CHECKPOINT_EVERY == 0:
            _save(path, arguments, state, population, rng)
    if population.size < size:
        warnings.warn(
            f"growth stopped at {population.size} of {size} cells: the property space is as full "
            "as two cells per voxel allow; ask for fewer cells",
            RuntimeWarning,
            stacklevel=2,
        )
    quarters, properties, parents = population.joined()
    progress("growing cells", min(population.size, size), size)
    provenance = {k: v for k, v in arguments.items() if k not in ("young", "poisson", "plane")}
    provenance["made_by"] = "metafast.build_database"
    return CellDatabase(
        mirror(quarters[:size]),
        properties[:size],
        material=population.material,
        parents=parents[:size],
        provenance=provenance,
    )


def _save(
    path: Path,
    arguments: dict[str, Any],
    state: dict[str, int],
    population: _Population,
    rng: np.random.Generator,
) -> None:
    quarters, properties, parents = population.joined()
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial.npz")
    text = json.dumps({"arguments": arguments, "state": state, "rng": rng.bit_generator.state})
    np.savez(
        partial,
        header=np.frombuffer(text.encode(), dtype=np.uint8),
        quarters=np.packbits(quarters, axis=2),
        properties=properties,
        parents=parents,
    )
    os.replace(partial, path)


def _resume(
    path: Path, arguments: dict[str, Any], population: _Population, rng: np.random.Generator
) -> dict[str, int]:
    try:
        with path.open("rb") as stream, np.load(stream, allow_pickle=False) as file:
            header = json.loads(file["header"].tobytes().decode())
            half = arguments["pixels"] // 2
            quarters = np.unpackbits(file["quarters"], axis=2, count=half)
            population_arrays = quarters, file["properties"], file["parents"]
    except (OSError, ValueError, KeyError, EOFError, BadZipFile) as error:
        raise ValueError(
            f"checkpoint {str(path)!r} cannot be read ({error}); delete it to start afresh"
        ) from error
    if header["arguments"] != arguments:
        differing = [k for k in arguments if header["arguments"].get(k) != arguments[k]]
        raise ValueError(
            f"checkpoint {str(path)!r} belongs to a build with another {', '.join(differing)}; "
            "use the same arguments or another checkpoint"
        )
    population.append(*population_arrays)
    rng.bit_generator.state = header["rng"]
    return dict(header["state"])
