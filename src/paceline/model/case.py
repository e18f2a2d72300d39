"""Case: one pytest item, its parameters included, and which of its benchmarks is meant."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NewType

__all__ = ["Case", "CaseId"]

CaseId = NewType("CaseId", str)


@dataclass(frozen=True, slots=True)
class Case:
    """One pytest item; ``label`` tells apart several benchmarks inside one item ("" for one)."""

    node_id: str
    label: str = ""
    parameters: tuple[tuple[str, str], ...] = ()
    group: str = ""
    markers: tuple[str, ...] = ()

    @property
    def id(self) -> CaseId:
        """What names the case in a store, a budget pattern and a message."""
        return CaseId(f"{self.node_id}#{self.label}" if self.label else self.node_id)

    @property
    def name(self) -> str:
        """The last part of the id: the function with its parameters and label."""
        return str(self.id).rpartition("::")[2]
