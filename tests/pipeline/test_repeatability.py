"""The same bits of a design, whatever the process has loaded before."""

import subprocess
import sys

import pytest

DESIGN = """
import hashlib
import metafast as mf
made = mf.design(mf.problems.bridge(2, 8, compression=0.2), {options})
for array in (made.field.properties, made.pixels, made.response.displacement):
    print(hashlib.sha256(array.tobytes()).hexdigest())
"""


def prints(first: str, options: str) -> str:
    code = f"import {first}\n" + DESIGN.format(options=options)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return done.stdout


@pytest.mark.parametrize(
    "options",
    [
        "property_rounds=3, swap_rounds=0",
        pytest.param("kinematics='linear', swap_rounds=1", marks=pytest.mark.slow),
    ],
)
def test_what_was_imported_before_changes_nothing(options):
    plain = prints("sys", options)
    assert plain
    assert prints("torch, sklearn.cluster, matplotlib.pyplot, dask.distributed", options) == plain
