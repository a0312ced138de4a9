"""Vectors of lanes: a forced width is checked."""

import os
import subprocess
import sys


def test_a_forced_width_is_checked():
    environment = {**os.environ, "METAFAST_LANES": "5"}
    done = subprocess.run(
        [sys.executable, "-c", "import metafast.homogenization"],
        env=environment,
        capture_output=True,
        text=True,
    )
    assert "METAFAST_LANES is '5'; 4 or 8 is needed" in done.stderr
