"""The bridge (Fig. 16): the three errors and the certified gap, at any size.

Run: python examples/bridge.py [rows cols]
"""

from __future__ import annotations

import sys
from dataclasses import asdict

import metafast as mf


def main(rows: int = 4, cols: int = 30, kinematics: str = "finite") -> mf.Design:
    """Design the bridge and print what was proved about it."""
    result = mf.design(mf.problems.bridge(rows, cols), kinematics=kinematics)
    for level, error in asdict(result.errors).items():
        print(f"{level}: RRMSE {error:.4f}")
    print(f"assembly: energy {result.certified.energy:.4f}, gap {result.certified.gap:.1e}")
    return result


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
