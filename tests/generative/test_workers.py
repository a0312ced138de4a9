"""Processes that train together: the same gradients, the same steps, the same model."""

import os
import subprocess
import sys
from itertools import count

import numpy as np
import pytest

SCRIPT = """
import sys
import numpy as np
import metafast as mf

database = mf.CellDatabase.load(sys.argv[1])
config = mf.TrainingConfig(
    epochs=1, batch=64, hidden=64, device="cpu", optimizer="rmsprop",
    learning_rate=1e-3,
)
import os
from contextlib import nullcontext
import torch
from metafast.generative.training import TrainingRun

# in float32 only the order of summation differs; corrections follow what bfloat16 rounds
TrainingRun.autocast = lambda run: nullcontext()
run = TrainingRun(database, config)
noise = torch.randn((64, 16), generator=torch.Generator().manual_seed(1))
mine = run.workers.rows_of_rank(64)
terms, _, _ = run.loss(run.networks, run.data.training[:64][mine], noise[mine])
sum(terms.values()).backward()
run.workers.average(run.networks)
gradient = torch.cat([p.grad.flatten() for p in run.networks.parameters()]).numpy()

result = mf.train_vae(database, config)
if os.environ.get("RANK", "0") == "0":
    np.savez(
        sys.argv[2], gradient=gradient,
        decoded=result.vae.decode(np.zeros((1, 16))), history=result.history,
    )
"""


RECIPE = """
import os
import sys
import numpy as np
import metafast as mf
from metafast.generative.recipe import Growth, TrainingRecipe, run_recipe

stage = mf.TrainingConfig(epochs=2, batch=32, hidden=48, held_out=0.2)
recipe = TrainingRecipe((Growth(size=150, seeds=8, iterations=3),), (stage, stage))
result = run_recipe(recipe, sys.argv[1], device="cpu")
weights = [p.detach().numpy().ravel() for p in result.vae.networks.parameters()]
rank = os.environ.get("RANK", "0")
np.savez(f"{sys.argv[2]}_{rank}.npz", weights=np.concatenate(weights), history=result.history)
"""
PORTS = count(29611)


def launch(processes, *command):
    """Run a script in one process or in several; they must succeed."""
    start = [sys.executable]
    if processes > 1:
        start += ["-m", "torch.distributed.run", "--nproc-per-node", str(processes)]
        start += ["--master-addr", "127.0.0.1", "--master-port", str(next(PORTS))]
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        [*start, *command],
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
        env=environment,
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.slow
def test_two_processes_train_the_same_model(grown, tmp_path):
    """torchrun with gloo: gradients of the halves, averaged, are those of the whole batch."""
    file, script = grown.save(tmp_path / "cells.h5"), tmp_path / "train.py"
    script.write_text(SCRIPT)
    one, two = tmp_path / "one.npz", tmp_path / "two.npz"
    launch(1, script, file, one)
    launch(2, script, file, two)
    a, b = np.load(one), np.load(two)
    largest = np.abs(a["gradient"]).max()
    np.testing.assert_allclose(b["gradient"], a["gradient"], atol=1e-5 * largest)
    assert largest > 0
    # rounding grows while training goes on
    np.testing.assert_allclose(a["decoded"], b["decoded"], atol=2e-3)
    for name in a["history"].dtype.names[1:]:
        assert b["history"][name][0] == pytest.approx(a["history"][name][0], rel=2e-3)


@pytest.mark.slow
def test_two_processes_divide_muon_and_share_checkpoints(tmp_path):
    """Both end with the same weights, which one process reads; it trains the same model."""
    script, folder = tmp_path / "recipe.py", tmp_path / "stages"
    script.write_text(RECIPE)
    launch(1, script, folder, tmp_path / "one")
    for stage in folder.glob("*.pt"):
        stage.unlink()
    launch(2, script, folder, tmp_path / "two")
    launch(1, script, folder, tmp_path / "again")
    one, again = (np.load(tmp_path / f"{name}_0.npz") for name in ("one", "again"))
    both = [np.load(tmp_path / f"two_{rank}.npz") for rank in (0, 1)]
    np.testing.assert_array_equal(both[0]["weights"], both[1]["weights"])
    np.testing.assert_array_equal(both[0]["weights"], again["weights"])
    for name in one["history"].dtype.names[1:]:
        np.testing.assert_allclose(
            both[0]["history"][name], one["history"][name], rtol=5e-3, err_msg=name
        )
