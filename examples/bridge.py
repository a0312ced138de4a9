"""The bridge (Fig. 16): the three errors and the certified gap, at any size.

Run: python examples/bridge.py [rows cols]
"""

from __future__ import annotations

import sys

import metafast as mf


def main(rows: int = 4, cols: int = 30) -> mf.Design:
    """Design the bridge and print what was proved about it."""
    made = mf.design(mf.problems.bridge(rows, cols))
    for level, error in made.errors.items():
        print(f"{level}: RRMSE {error:.4f}")
    print(f"assembly: energy {made.assembly.energy:.4f}, gap {made.assembly.gap:.1e}")
    return made


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
