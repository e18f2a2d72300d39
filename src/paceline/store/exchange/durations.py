"""Durations: JSON files that say what each test took, as the records of one run.

Two public formats: pytest-split's ``.test_durations`` (a table of node id and seconds; its first
versions wrote a list of pairs) and what pytest-durations writes by ``--pytest-durations-json``
(version 1.0: categories, in each a list of names with their calls and total seconds).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from paceline.errors import StoreError
from paceline.store.exchange.cursor import Cursor
from paceline.store.exchange.document import RunDocument
from paceline.store.exchange.imported import foreign_run, record

if TYPE_CHECKING:
    from typing import Any

    from paceline.errors import Place
    from paceline.model import Resources

__all__ = ["KIND", "is_durations", "read_durations"]

KIND = "durations"

_PHASES = {
    "test setup": "test_setup_time",
    "test call": "test_call_time",
    "test teardown": "test_teardown_time",
}
_PAIR = 2
_VERSION = "1.0"


def is_durations(data: Any) -> bool:
    """Tell whether a document may be one of both formats."""
    if isinstance(data, list):
        return all(isinstance(one, list) and len(one) == _PAIR for one in data)
    if not isinstance(data, dict):
        return False
    return _is_categories(data) or all(type(one) in (int, float) for one in data.values())


def read_durations(data: Any, place: Place) -> RunDocument:
    """Read either format.

    Raises:
        StoreError: something in it doesn't fit; the message names the path of keys.
    """
    whole = Cursor(data, place)
    if isinstance(data, dict) and _is_categories(data):
        found = _categories(whole)
    elif isinstance(data, list):
        found = [_total(*_pair(one)) for one in whole.elements()]
    else:
        found = [_total(name, one) for name, one in whole.items()]
    if not found:
        remedy = "let the tool write the file again, over tests that ran"
        raise StoreError("says nothing of any test", place=place, remedy=remedy)
    return RunDocument(foreign_run(KIND), (), tuple(found))


def _is_categories(data: dict[str, Any]) -> bool:
    return isinstance(data.get("categories"), dict)


def _pair(spot: Cursor) -> tuple[str, Cursor]:
    both = spot.elements()
    if len(both) != _PAIR:
        raise spot.misfit("a pair of node id and seconds")
    return both[0].text(), both[1]


def _total(name: str, seconds: Cursor) -> Resources:
    if not name:
        raise seconds.misfit("the time of a test with a name")
    return record(name, {"test_time": seconds.seconds()})


def _categories(whole: Cursor) -> list[Resources]:
    """Put a test's phases together; of one that ran several times, the mean of its runs."""
    version = whole.at("version")
    if version.value != _VERSION:
        raise version.misfit(repr(_VERSION))
    found: dict[str, dict[str, float]] = {}
    for category, entries in whole.at("categories").items():
        phase = _PHASES.get(category)
        for entry in entries.elements() if phase else ():
            name = entry.at("name").text()
            if not name or phase is None:
                raise entry.at("name").misfit("the name of a test")
            calls = entry.at("calls").whole(1)
            # set-ups of shared fixtures are taken off, which may leave a hair less than nothing
            found.setdefault(name, {})[phase] = max(entry.at("total").number(), 0.0) / calls
    return [
        record(name, {**phases, "test_time": sum(phases.values())})
        for name, phases in found.items()
    ]
