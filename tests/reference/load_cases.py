"""Small problems with two load cases."""

import numpy as np

import metafast as mf


def squeezed_and_pressed(rows=3, cols=4, push=0.1):
    """A block squeezed from the sides, with a hump, and pressed from above, with bulging sides."""
    x, y = np.linspace(0, 1, cols + 1), np.linspace(1, 0, rows + 1)
    prescribed, target = np.full((2, rows + 1, cols + 1, 2), np.nan)
    prescribed[:, 0, 0], prescribed[:, -1, 0], prescribed[-1, :, 1] = push / 2, -push / 2, 0.0
    target[0, :, 1] = 0.5 * push * (1 + np.sin(np.pi * x))
    squeezed = mf.Problem("squeezed", prescribed, target)
    prescribed, target = np.full((2, rows + 1, cols + 1, 2), np.nan)
    prescribed[-1], prescribed[0, :, 0], prescribed[0, :, 1] = 0.0, 0.0, -2 * push
    bulge = 0.6 * push * np.sin(np.pi * y[1:-1])
    target[1:-1, 0, 0], target[1:-1, -1, 0] = -bulge, bulge
    return squeezed, mf.Problem("pressed", prescribed, target)
