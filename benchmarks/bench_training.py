"""Training: cells a second, ELBO against wall time, and the time of the paper's 500 epochs.

Run: python benchmarks/bench_training.py [--seconds 120] [--database full] [--metaset CELLS.npz]
                                         [--batch 1024] [--device cpu] [--threads 1]
                                         [--latent 16 32 64] [--only-ours] [--shifts]
Our recipe, Adam, and the paper's (RMSprop, batches of 32) train the same networks with the same
code on the same cells, one after the other, for as many epochs as fit into the same time.
`--latent` repeats it for other numbers of latent variables, which says what so few can hold;
`--shifts` has our recipe move its cells by half a period.
`--metaset` holds published cells (n, 50, 7), bits packed along the last axis.
"""

import argparse
import dataclasses
import time

import numpy as np
import torch
from record import Figure, record

import metafast as mf
from metafast._base.progress import silent
from metafast.generative.training import TrainingRun

PAPER_CELLS, PAPER_EPOCHS = 228_396, 500


def evidence_bound(run):
    """Of held-out cells in nats, one sample of z each, and wrong pixels at the mean."""
    random = torch.Generator(device=run.device).manual_seed(1)
    total, wrong = 0.0, 0.0
    with torch.no_grad():
        for rows in torch.split(run.data.held_out, 2048):
            noise = torch.randn((len(rows), run.config.latent), generator=random, device=run.device)
            terms, _, _ = run.loss(run.networks, rows, noise)
            total -= len(rows) * float(terms["reconstruction"] + terms["kl"])
            _, logits, pixels = run.loss(run.networks, rows, torch.zeros_like(noise))
            wrong += len(rows) * float(((logits > 0) != (pixels > 0.5)).float().mean())
    return total / len(run.data.held_out), wrong / len(run.data.held_out)


def wait(run):
    if run.device.type == "cuda":
        torch.cuda.synchronize()


def train(name, database, config, seconds, metaset):
    """One recipe for about `seconds`; cells a second."""
    run = TrainingRun(database, config)
    run.validate = lambda: [0.0] * 4
    whole, run.steps = run.steps, max(5, 8192 // config.batch)
    for _ in range(2):  # the first warms up
        begun = time.perf_counter()
        run.train_epoch(silent)
        wait(run)
    spent = (time.perf_counter() - begun) / run.steps
    epochs = max(1, round(seconds / (spent * whole)))
    run = TrainingRun(database, dataclasses.replace(config, epochs=epochs))
    run.validate = lambda: [0.0] * 4
    elapsed, curve = 0.0, []
    for _ in range(epochs):
        begun = time.perf_counter()
        run.train_epoch(silent)
        wait(run)
        elapsed += time.perf_counter() - begun
        curve.append((elapsed, *evidence_bound(run)))
    speed = epochs * run.steps * config.batch / elapsed
    print(f"\n{name}: batch {config.batch}, {config.optimizer}, rate {config.peak:g}, "
          f"{run.config.latent} latent variables, "
          f"{epochs} epochs of {len(run.data.training)} cells on {run.device.type}")  # fmt: skip
    print("seconds   ELBO, held out   wrong pixels, held out")
    for spent, bound, wrong in curve[:-1][:: max(1, len(curve) // 8)] + curve[-1:]:
        print(f"{spent:7.0f} {bound:16.1f} {wrong:23.2%}")
    hours = PAPER_EPOCHS * PAPER_CELLS / speed / 3600
    print(f"{speed:,.0f} cells/s; the paper's 500 epochs of 228,396 cells: {hours:.2f} h")
    if metaset is not None:
        vae = run.model()
        for steps in (0, 3):
            wrong = ((vae.decode(vae.encode(metaset, steps)) > 0.5) != (metaset > 0)).mean()
            print(f"published cells, {steps} steps of encoding: {wrong:.2%} wrong pixels")
    assert curve[-1][1] >= curve[0][1], "training lowered the evidence bound"
    return speed, curve[-1], elapsed


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=120.0)
    parser.add_argument("--database", help="HDF5 file, or full; the embedded one by default")
    parser.add_argument("--metaset")
    parser.add_argument("--batch", type=int, default=1024)
    parser.add_argument("--device", default="auto")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--latent", type=int, nargs="+", default=[16])
    parser.add_argument("--only-ours", action="store_true")
    parser.add_argument("--shifts", action="store_true")
    given = parser.parse_args()
    database = mf.CellDatabase.default()
    if given.database:
        full = given.database == "full"
        database = mf.CellDatabase.full() if full else mf.CellDatabase.load(given.database)
    metaset = None
    if given.metaset:
        metaset = np.unpackbits(np.load(given.metaset)["cells"], axis=2, count=50)
    shared = {"device": given.device, "threads": given.threads}
    figures = {}
    for latent in given.latent:
        shared["latent"] = latent
        recipes = {
            "ours": mf.TrainingConfig(batch=given.batch, shifts=given.shifts, **shared),
            "Adam instead of Muon": mf.TrainingConfig(optimizer="adam", batch=256, **shared),
            "the paper's recipe": mf.TrainingConfig(optimizer="rmsprop", batch=32, **shared),
        }
        names = ["ours"] if given.only_ours else list(recipes)
        runs = [train(n, database, recipes[n], given.seconds, metaset) for n in names]
        figures |= figures_of(f"{latent} latent variables", *runs)
    record(
        "training",
        figures,
        packages=("numpy", "torch"),
        note="Cells and networks are the same for all recipes; ELBO and pixels are those of "
        "held-out lineages.",
    )


def figures_of(name, ours, *others):
    """Speed, bound and wrong pixels of our recipe, and of the paper's where it ran."""
    speed, (_, bound, wrong), seconds = ours
    paper = "the paper's recipe" if others else ""
    slow, (_, low, bad), _ = others[-1] if others else (None, (None, None, None), None)
    hours = PAPER_EPOCHS * PAPER_CELLS / speed / 3600
    return {
        f"{name}: training": Figure(speed, "cells/s", ",.0f", paper, slow),
        f"{name}: the paper's 500 epochs would take": Figure(hours, "h", ".1f"),
        f"{name}: ELBO after {seconds:.0f} s": Figure(bound, "nats", ".1f", paper, low),
        f"{name}: wrong pixels": Figure(wrong, "", ".2%", paper, bad),
    }


if __name__ == "__main__":
    main()
