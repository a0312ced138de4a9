"""What the solution of every pixel tells."""

from __future__ import annotations

from dataclasses import dataclass

from metafast._base.typing import AnyArray, BoolArray, FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class StructureResponse:
    """How the pixels of a structure move.

    Grids follow the print: row 0 is the top; component 0 is u_x to the right, component 1 is u_y
    upward. Pixel node (i, j) is the upper left corner of pixel (i, j)::

        node (0, 0) --- node (0, 1) ---        macro node (r, c) is pixel node (r p, c p),
             |  pixel (0, 0)  |                p pixels per cell side
        node (1, 0) --- node (1, 1) ---

    Parameters
    ----------
    displacement : (rows+1, cols+1, 2) float array
        At the macro nodes, in cell widths: the affine least-squares fit to the solid nodes within
        half a cell; NaN where there are none.
    rrmse : float
        ``||gamma*u - u_t|| / ||u_t||`` over the wanted degrees of freedom; infinite if one of them
        has no solid node within half a cell.
    nodal_displacement : (ny+1, nx+1, 2) float array
        At the pixel nodes, in cell widths; NaN at void nodes. Where two pixels touch in a corner
        only, each moves by itself and this is the mean of the two.
    solid : (ny, nx) bool array
        Pixels that were analysed: those given, refined, without floating parts.
    removed_parts, removed_pixels : int
        Floating parts, and their pixels (counted after refinement).
    removed_share : float
        Floating share of the solid pixels.
    corner_contacts : int
        Nodes of `solid` where two pixels touch in a corner only. A hinge in a point cannot be
        printed: they carry no load and join nothing.
    dofs : int
        Free degrees of freedom.
    support_nodes : (k, 2) int array
        Pixel nodes (i, j) at which something is prescribed.
    reactions : (k, 2) float array
        Forces per thickness that hold them there, in units of E times a cell's width.
    stress : (ny, nx, 3) float32 array
        (11, 22, 12) in the middle of every pixel, in units of E, zero in void; (0, 0, 3) if it was
        not asked for.
    von_mises : (ny, nx) float32 array
        Equivalent stress; (0, 0) if it was not asked for.
    energy : float
        Strain energy ``u K u / 2`` per thickness, in units of E times a cell's area.
    residual : float
        Largest unbalanced nodal force relative to the largest reaction.
    timings : dict of str to float
        Seconds of the phases: supports, assembly of the loads, order of elimination, factor with
        the solution, adjoints if they were asked for, solve (reading the solution), total.
    factor_memory : int
        Bytes that the factor and its solution take at their peak.
    peak_memory : int
        Largest resident size of the process so far in bytes, 0 where the system does not tell.
    """

    displacement: FloatArray
    rrmse: float
    nodal_displacement: FloatArray
    solid: BoolArray
    removed_parts: int
    removed_pixels: int
    removed_share: float
    corner_contacts: int
    dofs: int
    support_nodes: IntArray
    reactions: FloatArray
    stress: AnyArray
    von_mises: AnyArray
    energy: float
    residual: float
    timings: dict[str, float]
    factor_memory: int
    peak_memory: int
