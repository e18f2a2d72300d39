"""Read one limit: what a key such as ``max_first_call_p95`` names and what its value says.

A key is a direction and a subject: ``max_`` or ``min_``, then a statistic (of wall_time), a metric
(its usual statistic), or ``<metric>_<statistic>``. ``kb`` stands for peak_memory, ``ratio`` for how
many times as fast as a reference.
"""

from __future__ import annotations

import dataclasses
import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass

from paceline import units
from paceline.errors import Place, SettingsError, UnitError
from paceline.model import METRICS, SINGLE, Better, Direction, Metric
from paceline.options import Entry
from paceline.stats.summary import STATISTICS

__all__ = [
    "COUNTS",
    "RATIO",
    "Limit",
    "Subject",
    "nearest",
    "parse_limit",
    "parse_subject",
    "read_quantity",
    "together",
]

RATIO = Metric("ratio", "1", Better.HIGHER, "How many times as fast as the reference.")
COUNTS = frozenset({"rounds", "iqr_outliers", "stddev_outliers"})

_TEXTS = frozenset({"outliers"})
_PERCENTILE = re.compile(r"(?:p_?|q_|q(?=\d\d))(\d{1,2}(?:\.\d+)?)")
_BARE = {"s": 1e-3, "B": 1024.0, "1/s": 1.0, "1": 1.0}
_BARE_NAMES = {"s": "milliseconds", "B": "KiB", "1/s": "per second", "1": "a plain ratio or count"}
_SHORT = {"kb": "peak_memory"}
_USUAL = {
    **{
        name: "max"
        for name, metric in METRICS.items()
        if metric.unit == "B" or name.startswith(SINGLE)
    },
    "ratio": "median",
}
_SIDES = frozenset({"threshold", "target"})


@dataclass(frozen=True, slots=True)
class Subject:
    """What is limited: a statistic of a metric; ``metric.unit`` is the figure's own unit."""

    metric: Metric
    statistic: str


@dataclass(frozen=True, slots=True)
class Limit:
    """One side of a subject, in the base unit of ``subject.metric``.

    ``item_unit`` is "B" for a throughput written in bytes, "" for one that takes any item.
    """

    subject: Subject
    direction: Direction
    threshold: float
    target: float | None = None
    item_unit: str = ""


def parse_limit(key: str, value: object, *, place: Place) -> Limit:
    """Read ``key = value``; the value is a quantity or a table of ``threshold`` and ``target``.

    A table maps its keys to entries.

    Raises:
        SettingsError: an unknown key, or a value that is no quantity of this subject.
    """
    side, _, rest = key.partition("_")
    subject = parse_subject(rest) if side in {"max", "min"} else None
    if subject is None:
        raise SettingsError(f"unknown key {key!r}", place=place, remedy=nearest(key, _limit_keys()))
    direction = Direction(side)
    if not isinstance(value, Mapping):
        threshold, item_unit = _figure(key, Entry(value, place), subject)
        return Limit(subject, direction, threshold, item_unit=item_unit)
    return _two_sided(key, value, Limit(subject, direction, 0.0), place=place)


def parse_subject(text: str) -> Subject | None:
    """Name the statistic and metric that a key or rule means, None for an unknown one."""
    text = _SHORT.get(text, text)
    known = {**METRICS, RATIO.name: RATIO}
    if text in known:
        return _subject(known[text], _USUAL.get(text, "mean"))
    name = next((name for name in known if text.startswith(f"{name}_")), "")
    statistic = _statistic(text.removeprefix(f"{name}_"))
    return _subject(known[name or "wall_time"], statistic) if statistic else None


def read_quantity(key: str, entry: Entry, unit: str) -> float:
    """Read a quantity into its base unit; a bare number is in the unit that the docs state.

    Raises:
        SettingsError: not a number or text, not finite, below zero, or of an unknown unit.
    """
    value = entry.value
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise SettingsError(
            f"{key} = {_written(value)} is no quantity", place=entry.place, remedy=_bare(unit)
        )
    try:
        text = value if isinstance(value, str) else repr(value)
        figure = units.parse(text, unit, bare=_BARE[unit])
    except UnitError as error:
        raise UnitError(
            f"{key}: {error.problem}", place=entry.place, remedy=f"{error.remedy}; {_bare(unit)}"
        ) from None
    if figure < 0:
        raise SettingsError(
            f"{key} = {value!r} is below zero", place=entry.place, remedy=_bare(unit)
        )
    return figure


def nearest(name: str, known: tuple[str, ...]) -> str:
    """Suggest the nearest known name, or list the first ten."""
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
    return f"did you mean {near[0]!r}?" if near else f"known here: {', '.join(known[:10])}"


def together(errors: list[SettingsError]) -> SettingsError:
    """Say several errors as one; a single one stays as it is."""
    if len(errors) == 1:
        return errors[0]
    lines = [f"  {line}" for error in errors for line in str(error).splitlines()]
    return SettingsError("\n".join([f"{len(errors)} entries can't be used:", *lines]))


def _two_sided(key: str, sides: Mapping[str, Entry], bare: Limit, *, place: Place) -> Limit:
    for name, entry in sides.items():
        if name not in _SIDES:
            raise SettingsError(
                f"unknown key {name!r} in {key}",
                place=entry.place,
                remedy=nearest(name, tuple(sorted(_SIDES))),
            )
    if "threshold" not in sides:
        raise SettingsError(
            f"{key} has no threshold",
            place=place,
            remedy=f'write {key} = {{target = "…", threshold = "…"}}',
        )
    threshold, item_unit = _figure(f"{key}.threshold", sides["threshold"], bare.subject)
    target, target_unit = threshold, item_unit
    if "target" in sides:
        target, target_unit = _figure(f"{key}.target", sides["target"], bare.subject)
    beyond = target > threshold if bare.direction is Direction.MAX else target < threshold
    if beyond or target_unit != item_unit:
        raise SettingsError(
            f"{key}: the target is no stricter than the threshold",
            place=sides["target"].place,
            remedy="the target warns before the threshold fails; write both in the same unit",
        )
    return dataclasses.replace(
        bare,
        threshold=threshold,
        target=target if "target" in sides else None,
        item_unit=item_unit,
    )


def _figure(key: str, entry: Entry, subject: Subject) -> tuple[float, str]:
    """Read a limit's figure and, for a throughput in bytes, the item unit "B"."""
    unit, value = subject.metric.unit, entry.value
    if unit == "1/s" and isinstance(value, str) and value.rstrip().endswith("B/s"):
        return read_quantity(key, entry._replace(value=value.rstrip()[:-2]), "B"), "B"
    return read_quantity(key, entry, unit), ""


def _subject(metric: Metric, statistic: str) -> Subject | None:
    if statistic in COUNTS:
        return Subject(dataclasses.replace(metric, unit="1"), statistic)
    if statistic == "ops":
        rate = dataclasses.replace(metric, unit="1/s", better=Better.HIGHER)
        return Subject(rate, statistic) if metric.unit == "s" else None
    return Subject(metric, statistic)


def _statistic(name: str) -> str:
    """Give a statistic its one name (``q_95`` is ``p95``), "" when there is none."""
    match = _PERCENTILE.fullmatch(name)
    if match is not None:
        return f"p{match[1]}"
    return name if name in STATISTICS and name not in _TEXTS else ""


def _limit_keys() -> tuple[str, ...]:
    plain = [name for name in STATISTICS if name not in _TEXTS]
    short = ["ratio", "throughput", "kb"]
    full = [f"{metric}_{statistic}" for metric in METRICS for statistic in plain]
    subjects = [*plain, *short, *METRICS, *full]
    return tuple(f"{side}_{subject}" for subject in subjects for side in ("max", "min"))


def _bare(unit: str) -> str:
    return f"a plain number is in {_BARE_NAMES[unit]}".replace("in per", "per").replace("in a", "a")


def _written(value: object) -> str:
    return "a table" if isinstance(value, Mapping) else repr(value)
