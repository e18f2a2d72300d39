"""Cursor: a spot in a foreign document; what doesn't fit there is said with its path of keys."""

from __future__ import annotations

import math
import reprlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from paceline.errors import StoreError

if TYPE_CHECKING:
    from paceline.errors import Place

__all__ = ["Cursor"]

_LARGEST = 2**63 - 1  # what every store holds
_REMEDY = "let the tool write the file again: it was cut short, changed, or is another format"


@dataclass(frozen=True, slots=True)
class Cursor:
    """A value, where it stands in its document, and which file that is.

    Every method but `misfit` raises StoreError when the value is of another kind.
    """

    value: Any
    place: Place
    path: str = ""

    def misfit(self, wanted: str) -> StoreError:
        """Give the error that says what stands here and what should."""
        said = f"{self.path or 'the document'} is {reprlib.repr(self.value)}, not {wanted}"
        return StoreError(said, place=self.place, remedy=_REMEDY)

    def items(self) -> tuple[tuple[str, Cursor], ...]:
        """Walk a table's keys."""
        return tuple((name, self._inner(name)) for name in self._table())

    def elements(self) -> tuple[Cursor, ...]:
        """Walk a list."""
        if not isinstance(self.value, list):
            raise self.misfit("a list")
        return tuple(
            Cursor(one, self.place, f"{self.path}[{at}]") for at, one in enumerate(self.value)
        )

    def at(self, name: str) -> Cursor:
        """Go to a key that has to be there."""
        if name not in self._table():
            path = f"{self.path}.{name}" if self.path else name
            raise StoreError(f"{path} is missing", place=self.place, remedy=_REMEDY)
        return self._inner(name)

    def maybe(self, name: str) -> Cursor | None:
        """Go to a key; None where it is missing or null."""
        return self._inner(name) if self._table().get(name) is not None else None

    def text(self) -> str:
        """Read a text."""
        if not isinstance(self.value, str):
            raise self.misfit("a text")
        return self.value

    def number(self) -> float:
        """Read a finite number."""
        if not self.is_number or not math.isfinite(self._float()):
            raise self.misfit("a finite number")
        return self._float()

    def seconds(self) -> float:
        """Read a time that is not negative."""
        if self.number() < 0:
            raise self.misfit("a number from 0")
        return self.number()

    def whole(self, least: int) -> int:
        """Read a whole number, also one that is written as 3.0."""
        found = self.number()
        if found != int(found) or not least <= found <= _LARGEST:
            raise self.misfit(f"a whole number from {least}")
        return int(found)

    @property
    def is_number(self) -> bool:
        """Whether the value is a number, which JSON's true is not; it may be NaN."""
        return type(self.value) in (int, float)

    def _float(self) -> float:
        try:
            return float(self.value)
        except OverflowError:  # a whole number may be too large for a float
            return math.inf

    def _table(self) -> dict[str, Any]:
        if not isinstance(self.value, dict):
            raise self.misfit("a table of keys")
        return self.value

    def _inner(self, name: str) -> Cursor:
        return Cursor(self.value[name], self.place, f"{self.path}.{name}" if self.path else name)
