"""Every error a user can meet, and the place it points at.

The tree; a class is what the user does next:

    PacelineError
    ├── UsageError          call it differently                        PAC1xx
    ├── SettingsError       mend a settings, budget or marker value    PAC2xx
    │   └── UnitError       write the quantity with a known unit       PAC21x
    ├── StoreError          look after the store's file                PAC3xx
    └── MeasureError        measure differently                        PAC4xx
"""

from __future__ import annotations

from typing import ClassVar, NamedTuple

__all__ = [
    "MeasureError",
    "PacelineError",
    "Place",
    "SettingsError",
    "StoreError",
    "UnitError",
    "UsageError",
]


class Place(NamedTuple):
    """Where something stands, so that a message can point at it.

    ``line`` counts from 1; 0 means that only the file is known.
    """

    file: str
    line: int = 0

    def __str__(self) -> str:
        return f"{self.file}:{self.line}" if self.line else self.file


class PacelineError(Exception):
    """Something a user can mend: what is wrong, where it stands and the remedy.

    ``code`` is what ``paceline explain`` takes; ``exit_code`` is what a command ends with.
    """

    code: ClassVar[str] = "PAC000"
    exit_code: ClassVar[int] = 13

    def __init__(self, problem: str, *, place: Place | None = None, remedy: str = "") -> None:
        super().__init__(problem)
        self.problem = problem
        self.place = place
        self.remedy = remedy

    def __str__(self) -> str:
        where = f"{self.place}: " if self.place else ""
        remedy = f"\nremedy: {self.remedy}" if self.remedy else ""
        return f"{where}{self.problem} [{self.code}]{remedy}"


class UsageError(PacelineError):
    """A call, flag or argument that can't be used as given."""

    code = "PAC100"
    exit_code = 2


class SettingsError(PacelineError):
    """A settings, budget or marker entry with an unknown key or an unusable value."""

    code = "PAC200"
    exit_code = 13


class UnitError(SettingsError):
    """A quantity whose text names no unit that Paceline knows."""

    code = "PAC210"


class StoreError(PacelineError):
    """A store that can't be read or written as it stands."""

    code = "PAC300"
    exit_code = 14


class MeasureError(PacelineError):
    """A measurement that was asked for in a way that can't give a figure."""

    code = "PAC400"
