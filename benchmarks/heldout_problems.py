"""Problems that no default of metafast was chosen on.

Their targets follow from what a body of unlike cells could do under its load: ratios of transverse
to axial strain between -0.4 and 1, bending by unlike halves, stiffer and softer parts. They were
written down before the first of them was designed, and none was changed or left out afterwards.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

import metafast as mf

Arrays = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]


def _blank(rows: int, cols: int) -> Arrays:
    """Supports and targets without any, and the places s = x/L and t = y/H of the macro nodes."""
    shape = (rows + 1, cols + 1, 2)
    s = np.broadcast_to(np.arange(cols + 1) / cols, shape[:2])
    t = np.broadcast_to(1 - np.arange(rows + 1)[:, None] / rows, shape[:2])
    return np.full(shape, np.nan), np.full(shape, np.nan), s, t


def lens() -> mf.Problem:
    """Block pressed from above whose sides bulge outwards."""
    held, aim, _, t = _blank(8, 12)
    held[-1, :, 1], held[0, :, 1], held[-1, 6, 0] = 0, -0.32, 0
    aim[1:-1, 0, 0] = -0.12 * np.sin(np.pi * t[1:-1, 0])
    aim[1:-1, -1, 0] = -aim[1:-1, 0, 0]
    return mf.Problem("lens", held, aim)


def upright_bridge() -> mf.Problem:
    """Column pressed from above that bows to the right."""
    held, aim, _, t = _blank(20, 5)
    held[-1], held[0] = 0, (0, -0.6)
    aim[1:-1, 0, 0] = aim[1:-1, -1, 0] = 0.5 * np.sin(np.pi * t[1:-1, 0]) ** 2
    return mf.Problem("upright bridge", held, aim)


def two_humps() -> mf.Problem:
    """Beam pushed from the right whose top has two equal humps."""
    held, aim, s, _ = _blank(6, 28)
    held[:, 0], held[:, -1] = 0, (-0.8, 0)
    aim[0, 1:-1, 1] = 0.25 * np.sin(2 * np.pi * s[0, 1:-1]) ** 2
    return mf.Problem("two humps", held, aim)


def lever() -> mf.Problem:
    """Held beam whose tip rises as its lower corner is pushed in."""
    held, aim, s, _ = _blank(6, 18)
    held[:, 0], held[4:, -1, 0] = 0, -0.3
    aim[0, 1:, 1] = 0.5 * s[0, 1:] ** 2
    return mf.Problem("lever", held, aim)


def tuning_fork() -> mf.Problem:
    """Fork whose tips open as its foot is squeezed."""
    held, aim, _, _ = _blank(12, 14)
    body = np.full((12, 14), mf.problems.CellKind.DESIGNED)
    body[:8, 5:9] = mf.problems.CellKind.ABSENT
    held[-3:, 0, 0], held[-3:, -1, 0], held[-1, 7, 1] = 0.2, -0.2, 0
    aim[0, :6, 0], aim[0, 9:, 0] = -0.25, 0.25
    return mf.Problem("tuning fork", held, aim, body)


def ring() -> mf.Problem:
    """Plate with a hole, squeezed from the sides, whose top and bottom are drawn in."""
    held, aim, s, _ = _blank(12, 12)
    body = np.full((12, 12), mf.problems.CellKind.DESIGNED)
    body[4:8, 4:8] = mf.problems.CellKind.ABSENT
    held[:, 0, 0], held[:, -1, 0], held[6, 0, 1], held[6, -1, 1] = 0.24, -0.24, 0, 0
    aim[0, 1:-1, 1] = -0.1 * np.sin(np.pi * s[0, 1:-1])
    aim[-1, 1:-1, 1] = -aim[0, 1:-1, 1]
    return mf.Problem("ring", held, aim, body)


def flat_sag() -> mf.Problem:
    """Beam on two supports, pressed in the middle, whose lower side sags evenly."""
    held, aim, s, _ = _blank(6, 24)
    held[-1, 0], held[-1, -1, 1], held[0, 11:14, 1] = 0, 0, -0.4
    aim[-1, 2:-2, 1] = -0.3 * (1 - (2 * s[-1, 2:-2] - 1) ** 4)
    return mf.Problem("flat sag", held, aim)


def wedge() -> mf.Problem:
    """Stretched plate that becomes a wedge."""
    held, aim, s, _ = _blank(10, 14)
    held[:, 0, 0], held[:, -1, 0], held[-1, :, 1] = -0.21, 0.21, 0
    aim[0, :, 1] = -0.05 - 0.1 * s[0]
    return mf.Problem("wedge", held, aim)


def stiff_core() -> mf.Problem:
    """Plate squeezed from four sides whose core moves half as much."""
    held, aim, s, t = _blank(10, 10)
    move = np.stack([-0.3 * (s - 0.5), -0.3 * (t - 0.5)], axis=-1)
    held[:, [0, -1], 0], held[[0, -1], :, 1] = move[:, [0, -1], 0], move[[0, -1], :, 1]
    aim[3:8, 3:8] = 0.5 * move[3:8, 3:8]
    return mf.Problem("stiff core", held, aim)


def hourglass() -> mf.Problem:
    """Strip pulled upwards whose waist becomes slender."""
    held, aim, _, t = _blank(14, 8)
    held[-1], held[0] = 0, (0, 0.56)
    aim[1:-1, 0, 0] = 0.12 * np.sin(np.pi * t[1:-1, 0]) ** 2
    aim[1:-1, -1, 0] = -aim[1:-1, 0, 0]
    return mf.Problem("hourglass", held, aim)


def half_pressed() -> mf.Problem:
    """Block pressed on the left half of its top, whose right half rises."""
    held, aim, s, _ = _blank(8, 16)
    held[-1], held[0, :8, 1] = 0, -0.3
    aim[0, 10:, 1] = 0.1 * np.sin(np.pi * (s[0, 10:] - 0.5) / 0.5)
    return mf.Problem("half pressed", held, aim)


def loaded_tip() -> mf.Problem:
    """Held beam that bends as a parabola under a force at its tip."""
    held, aim, s, _ = _blank(6, 18)
    forces = np.zeros_like(held)
    held[:, 0], forces[:, -1, 1] = 0, -0.0017 / 7
    aim[3, 1:, 1] = -0.6 * s[3, 1:] ** 2
    return mf.Problem("loaded tip", held, aim, forces=forces)


def sheared() -> mf.Problem:
    """Plate whose top is moved to the right and rises on one side."""
    held, aim, s, _ = _blank(10, 10)
    held[-1], held[0, :, 0] = 0, 0.3
    aim[0, :, 1] = 0.15 * s[0]
    return mf.Problem("sheared", held, aim)


HELD_OUT: tuple[Callable[[], mf.Problem], ...] = (
    lens, upright_bridge, two_humps, lever, tuning_fork, ring, flat_sag, wedge, stiff_core,
    hourglass, half_pressed, loaded_tip, sheared,
)  # fmt: skip
