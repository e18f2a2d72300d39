"""How long each test should take, from what earlier runs recorded."""

from __future__ import annotations

import enum
import math
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from paceline.stats.summary import quantile

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from paceline.suite.past import Past
    from paceline.suite.task import Task

__all__ = ["Expectation", "Source", "expect"]

_PESSIMISTIC = 0.9  # quantile that a test without a record is taken for
_GUESS = 0.01  # seconds of a test in a suite without any record


class Source(enum.Enum):
    """What an expectation is drawn from, the nearest first."""

    RECORDED = "recorded"
    FUNCTION = "function"
    MODULE = "module"
    GUESS = "guess"


@dataclass(frozen=True, slots=True)
class Expectation:
    """The seconds a test should take, without set-ups of shared fixtures, and how that is known."""

    seconds: float
    source: Source

    @property
    def known(self) -> bool:
        """Whether this very test, or its function with other parameters, ran before."""
        return self.source in {Source.RECORDED, Source.FUNCTION}


def expect(tasks: Sequence[Task], past: Past) -> tuple[Expectation, ...]:
    """Give each test the seconds of its own record, or else of the nearest relatives.

    These are its function's other parameters (mean), its module (90th percentile) and the whole
    suite (90th percentile): what is not known should rather start too early than too late.
    """
    recorded = {known.node_id: known.seconds for known in past.tests}
    functions: defaultdict[str, list[float]] = defaultdict(list)
    modules: defaultdict[str, list[float]] = defaultdict(list)
    for node_id, seconds in recorded.items():
        functions[_function(node_id)].append(seconds)
        modules[node_id.partition("::")[0]].append(seconds)
    means = {name: math.fsum(values) / len(values) for name, values in functions.items()}
    long = {name: _pessimistic(values) for name, values in modules.items()}
    rest = Expectation(_pessimistic(recorded.values()) if recorded else _GUESS, Source.GUESS)
    return tuple(
        _first(
            (Source.RECORDED, recorded, task.node_id),
            (Source.FUNCTION, means, _function(task.node_id)),
            (Source.MODULE, long, task.node_id.partition("::")[0]),
            rest=rest,
        )
        for task in tasks
    )


def _first(*steps: tuple[Source, Mapping[str, float], str], rest: Expectation) -> Expectation:
    for source, known, name in steps:
        if name in known:
            return Expectation(known[name], source)
    return rest


def _pessimistic(values: Iterable[float]) -> float:
    return quantile(sorted(values), _PESSIMISTIC)


def _function(node_id: str) -> str:
    return node_id.partition("[")[0]
