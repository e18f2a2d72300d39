"""Past: what a plan knows of each test and each shared fixture from recorded runs.

A test's expected time is an exponentially weighted moving average (S. W. Roberts, 1959, "Control
Chart Tests Based on Geometric Moving Averages", doi:10.1080/00401706.1959.10489860) of its own
time: all of it less the set-ups of shared fixtures that happened in it, since these go where the
fixture is set up first. Values beyond three times the median, or below a third of it, count as
these bounds: one wild run moves the figure little.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from paceline.model import RESOURCES

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from paceline.model import Resources

__all__ = ["Known", "Past", "Sample", "Shared", "fold", "fold_samples"]

_ALPHA = 0.3
_BOUND = 3.0  # times the median
_ENOUGH = 3  # values of which a median tells the wild one
_FIXTURE = "fixture "
_NO_GUIDE = frozenset({"skipped", "crashed"})  # endings that tell nothing of a test's time
_TIME, _RISE, _CPU, _CHILDREN = map(
    RESOURCES.index,
    ("test_time", "test_process_rise", "test_cpu_time", "test_children_cpu_time"),
)


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a test.

    ``seconds`` are without set-ups of shared fixtures; ``spread`` is their relative standard
    deviation, 0 where only one run is known; ``peak`` is the highest rise of resident memory, in
    bytes, and ``cores`` processor time over time, each None where never measured; ``outcome`` is
    how it ended last, "" where that was not recorded.
    """

    node_id: str
    seconds: float
    spread: float
    peak: float | None
    cores: float | None
    outcome: str


@dataclass(frozen=True, slots=True)
class Shared:
    """A shared fixture's instance and what its set-up takes, in seconds.

    The key is where it lives ("." for all tests) and its name: ``tests/test_a.py fixture app``.
    """

    key: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Past:
    """All that is known of a suite's tests and shared fixtures."""

    tests: tuple[Known, ...] = ()
    shared: tuple[Shared, ...] = ()


class Sample(NamedTuple):
    """What one record says to a plan; times in seconds, the rise in bytes."""

    node_id: str
    label: str
    time: float | None
    shared: float
    rise: float | None
    used: float | None
    outcome: str


def fold(runs: Sequence[Sequence[Resources]]) -> Past:
    """Fold the records of runs, newest first, into what is known."""
    return fold_samples(_sample(record) for records in runs for record in records)


def fold_samples(samples: Iterable[Sample]) -> Past:
    """Fold what records say, those of the newest run first."""
    tests: dict[str, list[Sample]] = {}
    fixtures: dict[tuple[str, str], list[float]] = {}
    for sample in samples:
        if not sample[1]:
            known = tests.get(sample[0])
            if known is None:
                tests[sample[0]] = [sample]
            else:
                known.append(sample)
        elif sample[1].startswith(_FIXTURE) and sample[2] is not None:
            fixtures.setdefault(sample[:2], []).append(sample[2])
    shared = tuple(
        Shared(f"{node_id} {label}", _expected(seconds)[0])
        for (node_id, label), seconds in fixtures.items()
        if node_id not in tests
    )
    return Past(tuple(_known(node_id, found) for node_id, found in tests.items()), shared)


def _sample(record: Resources) -> Sample:
    figures, turn = record.figures, record.turn
    used = [one for one in (figures[_CPU], figures[_CHILDREN]) if one is not None]
    return Sample(
        record.case.node_id,
        record.case.label,
        figures[_TIME],
        turn.shared,
        figures[_RISE],
        sum(used) if used else None,
        turn.outcome,
    )


def _known(node_id: str, samples: list[Sample]) -> Known:
    """Put together what the runs say of a test, the newest one first."""
    outcome = next((one.outcome for one in samples if one.outcome), "")
    if outcome == "skipped":
        telling = [one for one in samples if one.outcome == outcome]
    else:
        telling = [one for one in samples if one.outcome not in _NO_GUIDE] or samples
    times = [max(one.time - one.shared, 0.0) for one in telling if one.time is not None]
    seconds, spread = _expected(times) if times else (0.0, 0.0)
    return Known(node_id, seconds, spread, _peak(telling), _cores(telling), outcome)


def _peak(samples: Iterable[Sample]) -> float | None:
    return max((one.rise for one in samples if one.rise is not None), default=None)


def _cores(samples: Iterable[Sample]) -> float | None:
    """Give processor time over time, the runs' together: one run of a short test says little."""
    time = used = 0.0
    for one in samples:
        if one.used is not None and one.time:
            time += one.time
            used += one.used
    return used / time if time else None


def _expected(newest_first: list[float]) -> tuple[float, float]:
    """Give the expected seconds and their relative spread."""
    if len(newest_first) == 1:
        return newest_first[0], 0.0
    values = newest_first if len(newest_first) < _ENOUGH else _bounded(newest_first)
    level = values[-1]
    for value in values[-2::-1]:
        level += _ALPHA * (value - level)
    mean = sum(values) / len(values)
    squares = sum([(value - mean) ** 2 for value in values])
    deviation = math.sqrt(squares / (len(values) - 1))
    return level, deviation / mean if mean else 0.0


def _bounded(values: list[float]) -> list[float]:
    """Draw what lies far from the median to its bounds."""
    middle = sorted(values)[len(values) // 2]
    high, low = _BOUND * middle, middle / _BOUND
    if max(values) <= high and min(values) >= low:
        return values
    return [min(max(value, low), high) for value in values]
