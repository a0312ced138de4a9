"""Growth of a database by perturbing extreme and sparse cells (section 3.2, Fig. 4)."""

from __future__ import annotations

import os
import warnings
from importlib.metadata import version
from pathlib import Path

import numpy as np

from metafast._checks import require_count
from metafast._files import require_file_target
from metafast._progress import Progress, silent
from metafast.database.checkpoint import Arguments, GrowthState, load_state, save_state
from metafast.database.packing import mirror
from metafast.database.perturb import perturb
from metafast.database.population import Population
from metafast.database.scores import draw_parents
from metafast.database.seeds import simple_seeds
from metafast.database.store import CellDatabase
from metafast.material import Material

_CHECKPOINT_EVERY = 10
_BARREN = 25  # rounds in a row without a new cell before giving up
_LARGEST_DRAW = 20_000


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
    if material is not None and not isinstance(material, Material):
        raise ValueError(f"material is {material!r}; a metafast.Material is needed")
    population = Population(material or Material(), threads)
    rng = np.random.default_rng(require_count("seed", seed, 0))
    arguments: Arguments = {
        "size": size,
        "seeds": require_count("seeds", seeds),
        "iterations": iterations,
        "seed": int(seed),
        "pixels": int(pixels),
        "minimum_width": int(minimum_width),
        "young": population.material.young,
        "poisson": population.material.poisson,
        "plane": population.material.plane,
        "metafast": version("metafast"),
    }
    path = None if checkpoint is None else Path(checkpoint)
    state = GrowthState()
    if path is not None:
        require_file_target(path)
    if path is not None and path.exists():
        state = load_state(path, arguments, population, rng)
    else:
        shapes = simple_seeds(seeds, pixels // 2, rng)
        population.add(shapes, np.full(len(shapes), -1), minimum_width)
        if population.size == 0:
            raise ValueError(f"no seed is sound at minimum_width {minimum_width}; lower it")

    while population.size < size and state.barren < _BARREN:
        progress("growing cells", population.size, size)
        _grow(population, state, rng, size, iterations, minimum_width)
        if path is not None and state.iteration % _CHECKPOINT_EVERY == 0:
            save_state(path, arguments, state, population, rng)
    if population.size < size:
        warnings.warn(
            f"growth stopped at {population.size} of {size} cells: the property space is as full "
            "as two cells per voxel allow; ask for fewer cells",
            RuntimeWarning,
            stacklevel=2,
        )
    progress("growing cells", size, size)
    quarters, properties, parents = population.joined()
    provenance = {k: v for k, v in arguments.items() if k not in ("young", "poisson", "plane")}
    return CellDatabase(
        mirror(quarters[:size]),
        properties[:size],
        material=population.material,
        parents=parents[:size],
        provenance={**provenance, "made_by": "metafast.build_database"},
    )


def _grow(
    population: Population,
    state: GrowthState,
    rng: np.random.Generator,
    size: int,
    iterations: int,
    width: int,
) -> None:
    """One round: as many children as the remaining rounds need at the recent yield."""
    rounds = max(iterations - state.iteration, 1)
    share = (state.kept + 100) / (state.drawn + 150)
    count = int(np.ceil((size - population.size) / rounds / share)) + 8
    quarters, properties, _ = population.joined()
    parents = draw_parents(properties, min(count, _LARGEST_DRAW), rng)
    kept = population.add(perturb(quarters[parents], rng), parents, width)
    state.iteration += 1
    state.drawn = state.drawn // 2 + len(parents)
    state.kept = state.kept // 2 + kept
    state.barren = 0 if kept else state.barren + 1
