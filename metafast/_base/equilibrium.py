"""Error for bodies without an equilibrium, the same in the macro model and at every pixel."""

from __future__ import annotations


class NoEquilibriumError(RuntimeError):
    """The body has no equilibrium that was found.

    Parameters
    ----------
    message : str
    load : float
        Share of the load up to which there are equilibria.
    """

    def __init__(self, message: str, load: float = 0.0) -> None:
        super().__init__(message)
        self.load = load
