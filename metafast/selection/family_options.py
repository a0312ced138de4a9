"""Options for family graphs, with the values of the paper (section 4.3)."""

from __future__ import annotations

from dataclasses import dataclass

from metafast._base.checks import require_count, require_number


@dataclass(frozen=True)
class FamilyOptions:
    """Options for the graph in which families are shortest paths.

    Parameters
    ----------
    neighbors : int
        Most similar cells of higher rank that each cell is joined to; k in the paper, which has 5.
    terminals : int
        Cells at each end of the gradation where a family may start or end; N in the paper, which
        has 50.
    tolerance : float
        Largest distance of a cell's (C11, C12, C22, C33) from the gradation, in units of E.
    power : float
        Exponent of the latent distance in an edge's length. 1 is the paper's; 2 favours many small
        steps.

    Raises
    ------
    ValueError
        If an option is out of range.
    """

    neighbors: int = 10
    terminals: int = 10
    tolerance: float = 0.02
    power: float = 2.0

    def __post_init__(self) -> None:
        require_count("neighbors", self.neighbors)
        require_count("terminals", self.terminals)
        require_number("tolerance", self.tolerance, above=0.0)
        require_number("power", self.power, above=0.0)


PAPER_FAMILY = FamilyOptions(neighbors=5, terminals=50, power=1.0)
