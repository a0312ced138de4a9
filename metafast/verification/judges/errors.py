"""Errors of judges: not installed, not for this body, without a solution."""

from __future__ import annotations

from metafast.material import Material


class JudgeError(RuntimeError):
    """A judge has no solution for a body."""


class MissingJudgeError(JudgeError):
    """A judge is not installed.

    Parameters
    ----------
    name : str
    cure : str
        Command that installs it.
    """

    def __init__(self, name: str, cure: str) -> None:
        super().__init__(f"{name} is not installed: {cure}")


def require_plane_stress(material: Material, name: str) -> None:
    """Refuse plane strain, where this package averages the dilatation of an element."""
    if material.plane != "stress":
        raise JudgeError(
            f"{name} judges plane stress only: in plane strain its bilinear elements lock near "
            "incompressibility, while metafast averages the dilatation of an element"
        )
