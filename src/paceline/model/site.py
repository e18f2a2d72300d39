"""Site: where memory or objects are held."""

from __future__ import annotations

from dataclasses import dataclass

from paceline.errors import Place  # noqa: TC001  (codecs read the annotations)

__all__ = ["Site"]


@dataclass(frozen=True, slots=True)
class Site:
    """A line that allocated, or a container that holds; ``name`` is "" for a line.

    ``size`` in bytes and ``count`` in blocks or objects, as found at the end; ``size_growth`` and
    ``count_growth`` are what they grew by since the beginning.
    """

    name: str = ""
    place: Place | None = None
    size: float = 0.0
    count: float = 0.0
    size_growth: float = 0.0
    count_growth: float = 0.0

    @property
    def average(self) -> float:
        """Bytes of one block, 0 where there is none."""
        return self.size / self.count if self.count else 0.0
