"""Processes that train together: the same gradients, the same steps, the same model."""

import subprocess
import sys

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


@pytest.mark.slow
def test_two_processes_train_the_same_model(grown, tmp_path):
    """torchrun with gloo: gradients of the halves, averaged, are those of the whole batch."""
    file, script = grown.save(tmp_path / "cells.h5"), tmp_path / "train.py"
    script.write_text(SCRIPT)
    one, two = tmp_path / "one.npz", tmp_path / "two.npz"
    launch = [sys.executable, "-m", "torch.distributed.run", "--nproc-per-node", "2"]
    launch += ["--master-addr", "127.0.0.1", "--master-port", "29611"]
    for command in ([sys.executable, script, file, one], [*launch, script, file, two]):
        done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
        assert done.returncode == 0, done.stderr
    a, b = np.load(one), np.load(two)
    largest = np.abs(a["gradient"]).max()
    np.testing.assert_allclose(b["gradient"], a["gradient"], atol=1e-5 * largest)
    assert largest > 0
    # rounding grows while training goes on
    np.testing.assert_allclose(a["decoded"], b["decoded"], atol=2e-3)
    for name in a["history"].dtype.names[1:]:
        assert b["history"][name][0] == pytest.approx(a["history"][name][0], rel=2e-3)
