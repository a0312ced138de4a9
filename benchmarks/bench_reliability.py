"""Faults that metafast survives: damaged files of every format, wrong arguments and commands.

Damages are bits flipped, blocks zeroed or filled with noise, files truncated or longer, all drawn
from the seed. Each file is loaded by a process of its own, which is ended and counted as hanging
if it takes longer than the limit.

Run: python benchmarks/bench_reliability.py [--damages 1000] [--seed 0] [--limit 20]
"""

from __future__ import annotations

import argparse
import multiprocessing
import sys
import warnings
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

import numpy as np
from record import Figure, record

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))
from reference.bad_inputs import bad_input_answers
from reference.damaged_files import DAMAGES, Format, Outcome, damaged, formats, outcome, plain
from reference.hostile_arguments import Answer, answers
from reference.hostile_commands import command_answers


def load_damaged(pipe, made: Format, folder: str, first: int, count: int, seed: int) -> None:
    """Damage and load files number `first` to `count`; sends (outcome, seconds) for each."""
    warnings.simplefilter("ignore")
    (Path(folder) / "whole").mkdir(exist_ok=True)
    whole = made.write(Path(folder) / "whole")
    data, content = whole.read_bytes(), plain(made.read(whole))
    target = Path(folder) / whole.name
    for k in range(first, count):
        rng = np.random.default_rng([seed, k])
        target.write_bytes(damaged(data, DAMAGES[k % len(DAMAGES)], rng))
        start = perf_counter()
        pipe.send(outcome(target, made.read, content))
        pipe.send(perf_counter() - start)


def survived(made: Format, damages: int, seed: int, limit: float) -> tuple[Counter, float]:
    """Number of files by outcome, hanging ones as "hang", and the longest time of a load."""
    found, longest, done = Counter(), 0.0, 0
    spawned = multiprocessing.get_context("fork")
    with TemporaryDirectory() as folder:
        while done < damages:
            here, there = spawned.Pipe(duplex=False)
            arguments = (there, made, folder, done, damages, seed)
            process = spawned.Process(target=load_damaged, args=arguments)
            process.start()
            there.close()
            while done < damages:
                try:
                    if not here.poll(limit):
                        found["hang"] += 1
                        break
                    found[here.recv()] += 1
                    longest = max(longest, here.recv())
                except EOFError:  # the process ended by itself
                    found["crash"] += 1
                    break
                done += 1
            else:
                process.join()
                break
            done += 1
            process.kill()
            process.join()
    return found, longest


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--damages", type=int, default=1000, help="files of every format")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--limit", type=float, default=20.0, help="seconds of a load at most")
    given = parser.parse_args()
    figures: dict[str, Figure] = {}
    print(
        f"{'format':22}{'damaged':>8}{'refused':>9}{'same':>6}{'changed':>9}{'foreign':>9}", end=""
    )
    print(f"{'hang':>6}{'crash':>7}{'longest':>10}")
    for name, made in formats().items():
        found, longest = survived(made, given.damages, given.seed, given.limit)
        print(
            f"{name:22}{given.damages:8}{found[Outcome.REFUSED]:9}{found[Outcome.SAME]:6}"
            f"{found[Outcome.CHANGED]:9}{found[Outcome.FOREIGN]:9}{found['hang']:6}"
            f"{found['crash']:7}{longest:8.2f} s"
        )
        bad = given.damages - found[Outcome.REFUSED] - found[Outcome.SAME]
        label = f"{name}: of {given.damages} damaged files, accepted with changed content, hanging"
        label += " or refused with another library's words"
        figures[label] = Figure(bad, form="d", at_most=0)
    walks = {
        "hostile arguments of public functions": (found for _, _, found in answers()),
        "wrong arguments reported": (found for _, found in bad_input_answers()),
        "hostile values of every option of every command": (
            found for _, _, found, _ in command_answers()
        ),
    }
    for name, each in walks.items():
        found = Counter(each)
        wrong = {kind.value: found[kind] for kind in Answer if kind is not Answer.CLEAR}
        print(f"{name}: {found[Answer.CLEAR]} clear / {found.total()} tried; {wrong}")
        label = f"{name}, {found.total()} tried: clear answers"
        share = 100 * found[Answer.CLEAR] / found.total()
        figures[label] = Figure(share, "%", ".2f", at_least=99.0)
    print(
        record(
            "reliability",
            figures,
            packages=("numpy", "h5py", "torch"),
            note="Damaged files are refused, or hold what was written: zeros where there were "
            "zeros, or a comment.",
        )
    )


if __name__ == "__main__":
    main()
