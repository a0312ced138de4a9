"""A deformation of your own: an arch that rises when its right end is pushed in.

Run: python examples/own_problem.py
"""

from __future__ import annotations

from dataclasses import asdict

import numpy as np

import metafast as mf


def arch(rows: int, cols: int, push: float, rise: float) -> mf.Problem:
    """Left end held, right end pushed in by `push`; the top edge is to rise by `rise`."""
    prescribed = np.full((rows + 1, cols + 1, 2), np.nan)
    prescribed[:, 0] = 0.0
    prescribed[:, -1, 0] = -push
    prescribed[:, -1, 1] = 0.0
    target = np.full_like(prescribed, np.nan)
    inner = np.arange(1, cols)
    target[0, 1:-1, 1] = rise * (1 - np.cos(2 * np.pi * inner / cols)) / 2
    return mf.Problem("arch", prescribed, target)


def main(rows: int = 5, cols: int = 20, kinematics: str = "finite") -> mf.Design:
    """Design the arch and print its errors."""
    problem = arch(rows, cols, push=0.02 * cols, rise=0.02 * cols)
    result = mf.design(problem, kinematics=kinematics)
    for level, error in asdict(result.errors).items():
        print(f"{level}: RRMSE {error:.4f}")
    return result


if __name__ == "__main__":
    main()
