"""Rounds of growth: parents drawn, children evaluated and accepted, state saved."""

from __future__ import annotations

from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from metafast._base.cluster import ordered_map
from metafast._base.files import require_file_target
from metafast._base.memory import require_memory
from metafast._base.progress import Progress, silent
from metafast.cells.symmetry import mirror
from metafast.database.growing.checkpoint import Arguments, GrowthState, load_state, save_state
from metafast.database.growing.children import Recipe, evaluate, grow_chunk, unpack_quarters
from metafast.database.growing.options import GrowthOptions
from metafast.database.growing.population import Population
from metafast.database.growing.scores import draw_parents
from metafast.database.growing.seeds import simple_seeds
from metafast.database.growing.targets import reachable_targets
from metafast.database.store import CellDatabase
from metafast.inverse import inverse_homogenize
from metafast.phases import Phases

_CHECKPOINT_EVERY = 10  # rounds
_MOST_ROUNDS_WITHOUT_CHILD = 25  # in a row, before growth gives up
_LARGEST_DRAW = 20_000  # parents per round
_CHUNK = 512  # children per task
_SIMPLE_SEEDS = 600  # at most, in addition to the inverse-homogenized ones


class Growth:
    """A database while it grows.

    Parameters
    ----------
    size : int
        Number of cells to grow.
    options : GrowthOptions
    phases : Phases
    threads : int, optional
    client : dask.distributed.Client, optional
    progress : callable, optional
    chunk : int
        Children per task. The database depends on it.
    """

    def __init__(
        self,
        size: int,
        options: GrowthOptions,
        phases: Phases,
        *,
        threads: int | None = None,
        client: Any = None,
        progress: Progress = silent,
        chunk: int = _CHUNK,
    ) -> None:
        self.size, self.options = size, options
        require_memory(
            size * options.pixels**2,
            f"{size:,} cells of {options.pixels} x {options.pixels} pixels",
            "ask for fewer cells",
        )
        self._client, self._progress, self._chunk = client, progress, chunk
        self._recipe = Recipe(
            phases, options.pixels // 2, options.limits, threads, bool(options.keep_simple)
        )
        self.population = Population(self._recipe, size)
        self._state = GrowthState()
        self._rng = np.random.default_rng(options.seed)

    def run(self, checkpoint: Path | None = None) -> None:
        """Grow until the size is reached or no child finds a free place.

        Parameters
        ----------
        checkpoint : Path, optional
            File of the state: read if it exists, written every few rounds.
        """
        population, state = self.population, self._state
        if checkpoint is not None:
            require_file_target(checkpoint)
        if checkpoint is not None and checkpoint.exists():
            arguments = self._arguments()
            state = self._state = load_state(checkpoint, arguments, population, self._rng)
        else:
            self._seed_population()
            self._save(checkpoint)
        while (
            population.size < self.size and state.rounds_without_child < _MOST_ROUNDS_WITHOUT_CHILD
        ):
            self._report(population.size)
            self._grow_round()
            if state.iteration % _CHECKPOINT_EVERY == 0:
                self._save(checkpoint)
        self._report(self.size)

    def database(self) -> CellDatabase:
        """Database of the cells grown so far, at most `size` of them."""
        rows = slice(0, self.size)
        packed = self.population.column("packed")[rows]
        provenance = {k: v for k, v in self._arguments().items() if k != "phases"}
        return CellDatabase(
            mirror(unpack_quarters(packed, self._recipe.size)),
            self.population.column("properties")[rows],
            phases=self._recipe.phases,
            parents=self.population.column("parents")[rows],
            provenance={**provenance, "made_by": "metafast.build_database"},
        )

    def _arguments(self) -> Arguments:
        """Arguments that a checkpoint must share."""
        return {
            "size": self.size,
            **asdict(self.options),
            "phases": self._recipe.phases.to_json(),
            "metafast": version("metafast"),
        }

    def _save(self, checkpoint: Path | None) -> None:
        if checkpoint is not None:
            save_state(checkpoint, self._arguments(), self._state, self.population, self._rng)

    def _report(self, done: int) -> None:
        note = f"{self.population.covered} voxels"
        self._progress("growing cells", done, self.size, note)

    def _seed_population(self) -> None:
        """Add simple shapes and inverse-homogenized cells for random targets."""
        recipe, seeds, rng = self._recipe, self.options.seeds, self._rng
        shapes = simple_seeds(min(seeds, _SIMPLE_SEEDS), recipe.size, rng)
        designed = inverse_homogenize(
            reachable_targets(seeds, recipe.phases.solid, rng),
            phases=recipe.phases,
            pixels=2 * recipe.size,
            minimum_solid_width=recipe.limits.solid_width,
            minimum_void_width=recipe.limits.void_width,
            minimum_contact=recipe.limits.contact,
            seed=int(rng.integers(2**31)),
            threads=recipe.threads,
            client=self._client,
            progress=self._progress,
        )
        quarters = designed.cells[designed.sound, : recipe.size, : recipe.size]
        for cells in (shapes, np.ascontiguousarray(quarters)):
            self.population.add(evaluate(cells, recipe), np.full(len(cells), -1))
        if self.population.size == 0:
            raise ValueError(f"no seed meets {recipe.limits}; lower a limit or ask for more seeds")

    def _grow_round(self) -> None:
        """Draw and evaluate the children that the remaining rounds need at the recent yield."""
        population, state, seed = self.population, self._state, self.options.seed
        missing = self.size - population.size
        rounds = max(self.options.iterations - state.iteration, 1)
        share = (state.kept + 100) / (state.drawn + 150)
        count = min(int(np.ceil(missing / rounds / share)) + 8, _LARGEST_DRAW)
        places = population.column("nodes"), population.column("unit")
        parents = draw_parents(*places, count, self._rng, population.ease)
        self._rng.shuffle(parents)  # so that chunks take equal time
        chunks = [parents[k : k + self._chunk] for k in range(0, count, self._chunk)]
        packed = population.column("packed")
        tasks = [
            (packed[rows], np.random.SeedSequence((seed, state.iteration, k)), self._recipe)
            for k, rows in enumerate(chunks)
        ]
        kept = 0
        children = ordered_map(grow_chunk, tasks, self._client)
        for rows, some in zip(chunks, children, strict=True):
            kept += population.add(some, rows)
        state.iteration += 1
        state.drawn = state.drawn // 2 + count
        state.kept = state.kept // 2 + kept
        state.rounds_without_child = 0 if kept else state.rounds_without_child + 1
