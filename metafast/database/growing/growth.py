"""Growth of a database by perturbing extreme and sparse cells (section 3.2, Fig. 4)."""

from __future__ import annotations

import os
import warnings
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from metafast._base.checks import require_count
from metafast._base.cluster import ordered_map
from metafast._base.files import require_file_target
from metafast._base.progress import Progress, silent
from metafast.cells.repair import Limits
from metafast.cells.symmetry import mirror
from metafast.database.growing.checkpoint import Arguments, GrowthState, load_state, save_state
from metafast.database.growing.children import Recipe, evaluate, grow_chunk, unpack_quarters
from metafast.database.growing.population import Population
from metafast.database.growing.scores import draw_parents
from metafast.database.growing.seeds import simple_seeds
from metafast.database.growing.targets import reachable_targets
from metafast.database.store import CellDatabase
from metafast.inverse import inverse_homogenize
from metafast.inverse.input import require_even
from metafast.material import Material
from metafast.phases import LEAST_VOID_FIELDS, Phases, require_void

_CHECKPOINT_EVERY = 10
_BARREN = 25  # rounds in a row without a new cell before giving up
_LARGEST_DRAW = 20_000
_CHUNK = 512  # children that are evaluated together
_SIMPLE = 600  # simple shapes that are drawn beside the seeds, at most


def build_database(
    size: int = 250_000,
    *,
    seeds: int = 1400,
    iterations: int = 200,
    seed: int = 0,
    checkpoint: str | os.PathLike[str] | None = None,
    client: Any = None,
    phases: Phases | Material | None = None,
    pixels: int = 50,
    minimum_solid_width: int = 2,
    minimum_void_width: int = 2,
    minimum_contact: int = 2,
    simple: bool = True,
    threads: int | None = None,
    progress: Progress = silent,
) -> CellDatabase:
    """Grow a database of mirror-symmetric cells from inverse-homogenized seeds.

    Extreme and sparse cells are drawn, perturbed smoothly, repaired, homogenized and kept where
    the property space is not yet crowded; each brings its transpose, with C11 and C22 swapped.

    Parameters
    ----------
    size : int
        Number of cells.
    seeds : int
        Number of cells found by inverse homogenization of targets that are uniform over what
        orthotropic cells could reach. Simple shapes are there beside them.
    iterations : int
        Rounds of growth to spread the work over; more follow until `size` is reached.
    seed : int
        Seed of all random numbers. The same seed gives the same database with any `threads`, and
        with or without `client`.
    checkpoint : path, optional
        File that keeps the state every few rounds. If it exists, growth goes on from it.
    client : dask.distributed.Client, optional
        Spread seeds and children over its workers (extra ``cluster``). A worker that dies changes
        nothing.
    phases : Phases or Material, optional
        E = 1, nu = 0.49, plane stress and void at 1e-9 by default.
    pixels : int
        Pixels per side, even.
    minimum_solid_width, minimum_void_width : int
        Smallest width of solid and of void parts, in pixels.
    minimum_contact : int
        Smallest number of solid pixels on each side of a cell.
    simple : bool
        Keep cells whose boundary is long for their stiffness only where no other cell has nearly
        their properties. Without, cells become ever more intricate as a database grows.
    threads : int, optional
        With a `client`, threads of each worker's task, 1 by default.
    progress : callable, optional
        Called as ``progress(stage, done, total, note)``; while cells grow, the note gives the
        number of voxels of 0.03 E in (C11, C12, C22) that are filled.

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
    pixels = require_even("pixels", pixels)
    limits = Limits(minimum_solid_width, minimum_void_width, minimum_contact).checked(pixels)
    if simple not in (True, False):
        raise ValueError(f"simple is {simple!r}; use True or False")
    if client is not None and threads is None:
        threads = 1
    recipe = Recipe(
        require_void(phases, LEAST_VOID_FIELDS), pixels // 2, limits, threads, bool(simple)
    )
    arguments: Arguments = {
        "size": size,
        "seeds": require_count("seeds", seeds),
        "iterations": iterations,
        "seed": require_count("seed", seed, 0),
        "pixels": pixels,
        "minimum_solid_width": limits.solid_width,
        "minimum_void_width": limits.void_width,
        "minimum_contact": limits.contact,
        "simple": recipe.simple,
        "phases": recipe.phases.to_json(),
        "metafast": version("metafast"),
    }
    population = Population(recipe, size)
    rng = np.random.default_rng(int(arguments["seed"]))
    path = None if checkpoint is None else Path(checkpoint)
    state = GrowthState()
    if path is not None:
        require_file_target(path)
    if path is not None and path.exists():
        state = load_state(path, arguments, population, rng)
    else:
        _sow(population, seeds, rng, client, progress)
        if path is not None:
            save_state(path, arguments, state, population, rng)

    while population.size < size and state.barren < _BARREN:
        progress("growing cells", population.size, size, f"{population.covered} voxels")
        _grow(population, state, rng, arguments, client)
        if path is not None and state.iteration % _CHECKPOINT_EVERY == 0:
            save_state(path, arguments, state, population, rng)
    if population.size < size:
        warnings.warn(
            f"growth stopped at {population.size} of {size} cells: the property space is as full "
            "as one cell per voxel allows; ask for fewer cells",
            RuntimeWarning,
            stacklevel=2,
        )
    progress("growing cells", size, size, f"{population.covered} voxels")
    provenance = {k: v for k, v in arguments.items() if k != "phases"}
    return CellDatabase(
        mirror(unpack_quarters(population.column("packed")[:size], recipe.size)),
        population.column("properties")[:size],
        phases=recipe.phases,
        parents=population.column("parents")[:size],
        provenance={**provenance, "made_by": "metafast.build_database"},
    )


def _sow(
    population: Population, seeds: int, rng: np.random.Generator, client: Any, progress: Progress
) -> None:
    """Simple shapes and cells for random targets, the first of the population."""
    recipe = population.recipe
    shapes = simple_seeds(min(seeds, _SIMPLE), recipe.size, rng)
    limits = recipe.limits
    found = inverse_homogenize(
        reachable_targets(seeds, recipe.phases.solid, rng),
        phases=recipe.phases,
        pixels=2 * recipe.size,
        minimum_solid_width=limits.solid_width,
        minimum_void_width=limits.void_width,
        minimum_contact=limits.contact,
        seed=int(rng.integers(2**31)),
        threads=recipe.threads,
        client=client,
        progress=progress,
    )
    quarters = found.cells[found.sound, : recipe.size, : recipe.size]
    for sown in (shapes, np.ascontiguousarray(quarters)):
        population.add(evaluate(sown, recipe), np.full(len(sown), -1))
    if population.size == 0:
        raise ValueError(f"no seed keeps {limits}; lower a limit or give more seeds")


def _grow(
    population: Population,
    state: GrowthState,
    rng: np.random.Generator,
    arguments: Arguments,
    client: Any,
) -> None:
    """One round: as many children as the remaining rounds need at the recent yield."""
    missing = int(arguments["size"]) - population.size
    rounds = max(int(arguments["iterations"]) - state.iteration, 1)
    share = (state.kept + 100) / (state.drawn + 150)
    count = min(int(np.ceil(missing / rounds / share)) + 8, _LARGEST_DRAW)
    places = population.column("nodes"), population.column("unit")
    parents = draw_parents(*places, count, rng, population.ease)
    rng.shuffle(parents)  # chunks of equal work
    chunks = [parents[k : k + _CHUNK] for k in range(0, count, _CHUNK)]
    sources = [np.random.SeedSequence((int(arguments["seed"]), state.iteration, k))
               for k in range(len(chunks))]  # fmt: skip
    tasks = [(population.column("packed")[rows], source, population.recipe)
             for rows, source in zip(chunks, sources, strict=True)]  # fmt: skip
    kept = 0
    for rows, children in zip(chunks, ordered_map(grow_chunk, tasks, client), strict=True):
        kept += population.add(children, rows)
    state.iteration += 1
    state.drawn = state.drawn // 2 + count
    state.kept = state.kept // 2 + kept
    state.barren = 0 if kept else state.barren + 1
