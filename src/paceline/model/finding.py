"""Finding: something that can be improved, with its cause and what to do about it."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from paceline.errors import Place  # noqa: TC001  (codecs read the annotations)

__all__ = ["Finding", "FindingKind"]


class FindingKind(enum.Enum):
    """What is wrong with memory."""

    LEAK = "leak"
    SPIKE = "spike"
    WASTE = "waste"


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding; ``saving`` in bytes is what the recipe would free, for a leak with every call.

    ``cause`` says what was recognised, ``proof`` the figures that it rests on; ``place`` is where
    to look first, None where only a name is known.
    """

    kind: FindingKind
    cause: str
    recipe: str
    proof: str
    saving: float
    place: Place | None = None

    def __str__(self) -> str:
        where = f" ({self.place})" if self.place else ""
        lines = (f"{self.kind.value}: {self.cause}{where}", f"remedy: {self.recipe}")
        return "\n  ".join((*lines, f"proof: {self.proof}"))
