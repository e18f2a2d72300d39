"""Read budgets from tables and markers, and rules such as ``mean:10%``.

A table names its cases (``pattern``, ``marker``, ``group``; none of them means every benchmark),
says what it is for (``description``) and sets limits; `paceline.guard.limit` reads those.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass

from paceline import units
from paceline.errors import Place, SettingsError, UnitError
from paceline.guard.limit import (
    COUNTS,
    RATIO,
    Limit,
    nearest,
    parse_limit,
    parse_subject,
    read_quantity,
    together,
)
from paceline.model import Budget, Selector
from paceline.options import Entry

__all__ = [
    "Rule",
    "from_marker",
    "parse_budget",
    "parse_budgets",
    "parse_rule",
]

_SELECTING = ("pattern", "marker", "group")
_KEYS = (*_SELECTING, "description", "reference", "tolerance")
_NAMES = (*_KEYS, "max_mean", "min_throughput", "min_ratio", "max_kb", "max_stddev")


@dataclass(frozen=True, slots=True)
class Rule:
    """How far a statistic may worsen against a baseline.

    ``threshold`` is relative (0.1 for 10 %), or else in the metric's base unit.
    """

    metric: str
    statistic: str
    threshold: float
    relative: bool = True


@dataclass(frozen=True, slots=True)
class _Terms:
    """What an entry says besides its limits; ``constant`` in seconds."""

    selector: Selector
    description: str = ""
    reference: str = ""
    constant: float | None = None
    tolerance: float = 0.0


def parse_budgets(tables: Mapping[str, Entry]) -> tuple[Budget, ...]:
    """Read every named table; each limit becomes one budget.

    Raises:
        SettingsError: everything that is wrong in any of the tables, each with its place.
    """
    errors: list[SettingsError] = []
    budgets: list[Budget] = []
    for name, entry in tables.items():
        try:
            if not isinstance(entry.value, Mapping):
                raise _misfit(f"budget {name!r}", entry, wanted="a table of limits")
            budgets += parse_budget(name, entry.value, place=entry.place)
        except SettingsError as error:
            errors.append(error)
    if errors:
        raise together(errors)
    return tuple(budgets)


def parse_budget(
    name: str, entries: Mapping[str, Entry], *, place: Place, selector: Selector | None = None
) -> tuple[Budget, ...]:
    """Read one table; ``selector`` stands in for selecting keys that a table then may not have.

    Raises:
        SettingsError: everything that is wrong in the table, each with its place.
    """
    errors: list[SettingsError] = []
    terms = _Terms(selector or Selector())
    limits: list[tuple[Limit, Place]] = []
    for key, entry in entries.items():
        try:
            if selector is not None and key in _SELECTING:
                raise _misplaced(key, entry.place)
            if key in _KEYS:
                terms = _with_term(terms, key, entry)
            else:
                limits.append((_limit(key, entry), entry.place))
        except SettingsError as error:
            errors.append(error)
    if not errors:
        errors += _contradictions(name, terms, limits, place=place)
    if errors:
        raise together(errors)
    return tuple(_budget(name, terms, limit, place=where) for limit, where in limits)


def from_marker(
    keywords: Mapping[str, object], *, node_id: str, place: Place
) -> tuple[Budget, ...]:
    """Read ``@pytest.mark.budget(max_mean="100 ms", ...)``: budgets for this very item.

    Raises:
        SettingsError: everything that is wrong in the marker, at its place.
    """
    name = node_id.rpartition("::")[2]
    entries = {key: _placed(value, place) for key, value in keywords.items()}
    return parse_budget(name, entries, place=place, selector=Selector(node_id=node_id))


def parse_rule(text: str, *, place: Place | None = None) -> Rule:
    """Read ``mean:10%``, ``min:0.001`` (seconds) or ``peak_memory_max:1 MiB``.

    Raises:
        SettingsError: no statistic that can be compared, or a threshold that is no quantity above
            zero.
    """
    name, _, amount = text.partition(":")
    subject = parse_subject(name.strip())
    if subject is None or subject.statistic in COUNTS or subject.metric.name == RATIO.name:
        raise SettingsError(
            f"{text!r} names no statistic to compare",
            place=place,
            remedy="write it as in 'mean:10%', 'min:5%' or 'median:1 ms'",
        )
    if subject.statistic == "total":
        raise SettingsError(
            f"{text!r} compares totals, which grow with the rounds",
            place=place,
            remedy="use the mean, as in 'mean:10%'",
        )
    relative = amount.rstrip().endswith("%")
    try:
        threshold = units.parse(amount, "1" if relative else subject.metric.unit)
    except UnitError as error:
        raise UnitError(f"{text!r}: {error.problem}", place=place, remedy=error.remedy) from None
    if threshold < 0:
        raise SettingsError(
            f"{text!r}: the threshold is below zero", place=place, remedy="write it without a sign"
        )
    return Rule(subject.metric.name, subject.statistic, threshold, relative)


def _limit(key: str, entry: Entry) -> Limit:
    if key.startswith(("max_", "min_")):
        return parse_limit(key, entry.value, place=entry.place)
    raise SettingsError(f"unknown key {key!r}", place=entry.place, remedy=nearest(key, _NAMES))


def _with_term(terms: _Terms, key: str, entry: Entry) -> _Terms:
    if key == "tolerance":
        return dataclasses.replace(terms, tolerance=_tolerance(entry))
    if key == "reference":
        return _with_reference(terms, entry)
    text = entry.value
    if not isinstance(text, str) or not text:
        raise _misfit(key, entry, wanted="a text")
    if key == "description":
        return dataclasses.replace(terms, description=text)
    selector = terms.selector
    return dataclasses.replace(
        terms,
        selector=Selector(
            pattern=text if key == "pattern" else selector.pattern,
            marker=text if key == "marker" else selector.marker,
            group=text if key == "group" else selector.group,
        ),
    )


def _with_reference(terms: _Terms, entry: Entry) -> _Terms:
    """Take a text that starts with a digit as a time, any other as the name of a benchmark."""
    value = entry.value
    if isinstance(value, str) and value and ("::" in value or not value[0].isdigit()):
        return dataclasses.replace(terms, reference=value)
    constant = read_quantity("reference", entry, "s")
    if not constant:
        raise _misfit("reference", entry, wanted="a benchmark's name or a time above zero")
    return dataclasses.replace(terms, constant=constant)


def _tolerance(entry: Entry) -> float:
    tolerance = read_quantity("tolerance", entry, "1")
    if tolerance >= 1:
        raise _misfit("tolerance", entry, wanted="below 100 %, such as '20 %' or 0.2")
    return tolerance


def _contradictions(
    name: str, terms: _Terms, limits: list[tuple[Limit, Place]], *, place: Place
) -> list[SettingsError]:
    ratios = [where for limit, where in limits if limit.subject.metric.name == RATIO.name]
    referred = bool(terms.reference) or terms.constant is not None
    if not limits:
        return [
            SettingsError(
                f"budget {name!r} sets no limit", place=place, remedy='add max_mean = "100 ms"'
            )
        ]
    if ratios and not referred:
        return [
            SettingsError(
                f"budget {name!r} limits a ratio without a reference",
                place=ratios[0],
                remedy='add reference = "test_other" (a benchmark) or reference = "2 s"',
            )
        ]
    if referred and not ratios:
        return [
            SettingsError(
                f"budget {name!r} has a reference but limits no ratio",
                place=place,
                remedy='add min_ratio = "10x"',
            )
        ]
    return []


def _budget(name: str, terms: _Terms, limit: Limit, *, place: Place) -> Budget:
    is_ratio = limit.subject.metric.name == RATIO.name
    return Budget(
        name=name,
        selector=terms.selector,
        metric=limit.subject.metric.name,
        statistic=limit.subject.statistic,
        direction=limit.direction,
        limit=limit.threshold,
        target=limit.target,
        reference=terms.reference if is_ratio else "",
        tolerance=terms.tolerance,
        description=terms.description,
        place=place,
        constant=terms.constant if is_ratio else None,
        item_unit=limit.item_unit,
    )


def _placed(value: object, place: Place) -> Entry:
    """Give a marker's value the shape that a file's value has."""
    if isinstance(value, Mapping):
        return Entry({str(key): _placed(one, place) for key, one in value.items()}, place)
    return Entry(value, place)


def _misplaced(key: str, place: Place) -> SettingsError:
    return SettingsError(
        f"{key!r} has no place in a marker",
        place=place,
        remedy="a marker is for its own test; budgets in a file can select others",
    )


def _misfit(key: str, entry: Entry, *, wanted: str) -> SettingsError:
    shown = "a table" if isinstance(entry.value, Mapping) else repr(entry.value)
    return SettingsError(f"{key} is {shown}", place=entry.place, remedy=f"write {wanted}")
