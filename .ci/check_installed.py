"""The installed package homogenizes, solves a grid MRF and designs a small bridge.

python .ci/check_installed.py
"""

from __future__ import annotations

import numpy as np

import metafast as mf


def main() -> None:
    """Closed forms, a certificate, and an error of a design."""
    solid = mf.homogenize(np.ones((1, 10, 10)), phases=mf.Material(1.0, 0.3))
    assert np.isclose(solid[0, 0, 0], 1 / (1 - 0.3**2))
    rng = np.random.default_rng(0)
    costs = rng.random((3, 4, 5)), rng.random((3, 3, 5, 5)), rng.random((2, 4, 5, 5))
    assert mf.solve_mrf(*costs).optimal
    problem = mf.problems.bridge(rows=2, cols=6, compression=0.1, amplitude=0.05)
    made = mf.design(problem, kinematics="linear", swap_rounds=1)
    assert made.certified.optimal
    assert made.errors.pixels < 0.15
    print(f"metafast {mf.__version__} works: RRMSE {made.errors.pixels:.4f}")


if __name__ == "__main__":
    main()
