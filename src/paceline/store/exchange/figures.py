"""Figures: our properties in a JUnit testcase.

``paceline.METRIC.STATISTIC`` tells of a benchmark's values and comes back as their summary;
``paceline.METRIC`` is a figure of the test's record, and ``paceline.outcome`` how the test ended.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from paceline.model import METRICS, OUTCOMES, RESOURCES, Case, Measurement, Metric, StoredSummary
from paceline.units import NAMES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from paceline.errors import StoreError

__all__ = ["OWN_SUITE", "case_of", "measurements_of", "record_of"]

OWN_SUITE = "paceline"
"""What our own report calls its suite."""

_OURS = "paceline."
_UNSURE = "the report said so, and why only where it was made"


def case_of(properties: Iterable[tuple[str, str]]) -> str:
    """Give the case that our own report names, "" for none."""
    return dict(properties).get(f"{_OURS}case", "")


def measurements_of(
    node_id: str, properties: Iterable[tuple[str, str]], *, misfit: Callable[[str], StoreError]
) -> tuple[bool, tuple[Measurement, ...]]:
    """Tell whether a testcase is a benchmark, and give its measurements, without raw values.

    Raises:
        StoreError: what ``misfit`` makes of a property of ours that is no figure.
    """
    metrics: dict[str, dict[str, str]] = {}
    for name, value in properties:
        metric, _dot, figure = name.removeprefix(_OURS).rpartition(".")
        if name.startswith(_OURS) and metric:
            metrics.setdefault(metric, {})[figure] = value
    found = [_measurement(_case(node_id), name, words, misfit) for name, words in metrics.items()]
    return bool(metrics), tuple(one for one in found if one)


def record_of(
    properties: Iterable[tuple[str, str]], *, misfit: Callable[[str], StoreError]
) -> tuple[dict[str, float], str]:
    """Give the figures of a test's record by metric, and its outcome ("" where none is told).

    Raises:
        StoreError: as above.
    """
    words = {name.removeprefix(_OURS): value for name, value in properties}
    figures = {name: _number(words[name], name, misfit) for name in RESOURCES if name in words}
    outcome = words.get("outcome", "")
    return figures, outcome if outcome in OUTCOMES else ""


def _case(node_id: str) -> Case:
    """Part a benchmark's label from its test; a # among parameters is theirs."""
    head, bracket, tail = node_id.rpartition("]")
    start, _mark, label = tail.partition("#")
    return Case(head + bracket + start, label)


def _measurement(
    case: Case, name: str, words: Mapping[str, str], misfit: Callable[[str], StoreError]
) -> Measurement | None:
    """Read one metric's figures; None where they aren't those of a measurement."""
    unit = words.get("unit", "")
    if unit not in NAMES or "rounds" not in words:
        return None

    def figure(which: str) -> float | None:
        if which not in words:
            return None
        return _number(words[which], f"{name}.{which}", misfit)

    def count(which: str, least: int) -> int:
        number = figure(which)
        return max(int(number), least) if number is not None and number < 2**63 else least

    known = METRICS.get(name)
    metric = known if known and known.unit == unit else Metric(name, unit)
    rounds, mean = count("rounds", 1), figure("mean")
    values = () if rounds > 1 or mean is None else (mean,)  # the only value is its own mean
    return Measurement(
        case,
        metric,
        values,
        iterations=count("iterations", 1),
        warmup=count("warmup", 0),
        unsure=_UNSURE if words.get("status") == "unsure" else "",
        summary=None
        if values
        else StoredSummary(rounds, mean, figure("median"), figure("min"), figure("stddev")),
    )


def _number(text: str, name: str, misfit: Callable[[str], StoreError]) -> float:
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise misfit(f"the property {_OURS}{name} is {text[:40]!r}, not a finite number")
    return number
