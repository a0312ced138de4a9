"""Tables of each load case of a problem file: those of all cases, then its own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from metafast.problems.file.faults import Fault, Keys
from metafast.problems.file.models import Document

KINDS = ("supports", "targets", "forces", "tractions", "springs")
_NEEDED = ("supports", "targets")


@dataclass(frozen=True)
class CaseTables:
    """Tables of one load case.

    Attributes
    ----------
    name : str
    weight : float
    keys : tuple
        Where the case stands in the file; empty where the file has a single one.
    tables : dict of str to list of (keys, table)
        Tables of each kind, and where they stand in the file.
    """

    name: str
    weight: float
    keys: Keys
    tables: dict[str, list[tuple[Keys, Any]]]

    def keys_of(self, kind: str) -> Keys:
        """Where the tables of a kind stand, for faults that are not one table's."""
        own = [keys for keys, _ in self.tables[kind] if keys[: len(self.keys)] == self.keys]
        return own[0][:-1] if own else (*self.keys, kind) if self.keys else (kind,)


def case_tables(document: Document, title: str) -> list[CaseTables]:
    """Tables of every load case; of one, named after the file, where it has no ``[[cases]]``.

    Raises
    ------
    Fault
        If a case has no supports or no targets.
    """
    common = {kind: _numbered((kind,), getattr(document, kind)) for kind in KINDS}
    if not document.cases:
        if document.worst_case:
            raise Fault(("worst_case",), "the file has no [[cases]]; add two, or leave it out")
        found = [CaseTables(title, 1.0, (), common)]
    else:
        found = []
        for index, case in enumerate(document.cases):
            keys: Keys = "cases", index
            if document.worst_case and case.weight != 1.0:
                raise Fault(
                    (*keys, "weight"), "the worst case has no weights; leave it or worst_case out"
                )
            own = {kind: _numbered((*keys, kind), getattr(case, kind)) for kind in KINDS}
            tables = {kind: common[kind] + own[kind] for kind in KINDS}
            found.append(CaseTables(case.name, case.weight, keys, tables))
    table = document.objective
    needed = _NEEDED[:1] if table is not None and table.minimise == "compliance" else _NEEDED
    for each in found:
        for kind in needed:
            if not each.tables[kind]:
                where = f"case {each.name!r}, or to all of them," if each.keys else "the file"
                instead = ', or minimise = "compliance" to [objective]' * (kind == "targets")
                message = f"it is missing; add {kind} to {where}".rstrip(",") + instead
                raise Fault((*each.keys, kind), message)
    return found


def _numbered(keys: Keys, tables: list[Any]) -> list[tuple[Keys, Any]]:
    return [((*keys, index), table) for index, table in enumerate(tables)]
