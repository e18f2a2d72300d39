"""The paired gate keeps its promises over whole suites, on noise of several kinds."""

import itertools
import math
import random
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from paceline.guard.paired import Decision, Terms, confirm, confirming_pairs, decide, terms_for
from paceline.model import Kind
from paceline.stats.distribution import clopper_pearson_upper
from paceline.stats.paired_spread import suite_spread

pytestmark = pytest.mark.slow

CASES = 12
SPREAD = 0.018
SECONDS = 0.12  # of a pair, both sides
MOVED = {Kind.REGRESSED, Kind.IMPROVED}
LIKENESS = 0.3
Logs = Iterator[float]


def gauss(source: random.Random) -> Logs:
    while True:
        yield source.gauss(0, SPREAD)


def student(source: random.Random) -> Logs:
    while True:  # three degrees of freedom, their variance is three
        chi = source.gammavariate(1.5, 2)
        yield SPREAD / math.sqrt(3) * source.gauss(0, 1) / math.sqrt(chi / 3)


def spiky(source: random.Random) -> Logs:
    for log in gauss(source):
        spike = source.random() < 0.03
        yield log + spike * source.choice((-1, 1)) * math.log(1.2)


def skewed(source: random.Random) -> Logs:
    while True:  # its median is no change
        yield SPREAD * (source.expovariate(1) - math.log(2))


def alike(source: random.Random) -> Logs:
    state = source.gauss(0, SPREAD)
    while True:
        yield state
        state = LIKENESS * state + source.gauss(0, SPREAD * math.sqrt(1 - LIKENESS**2))


def differing(source: random.Random) -> Logs:
    spread = math.exp(source.uniform(math.log(0.008), math.log(0.03)))
    while True:
        yield source.gauss(0, spread)


def one_wild(source: random.Random) -> Logs:
    spread = 0.04 if source.random() < 1 / CASES else 0.01
    while True:
        yield source.gauss(0, spread)


Kindred = Callable[[random.Random], Logs]
KINDS: list[Kindred] = [gauss, student, spiky, skewed, alike, differing, one_wild]
NOISES = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)


class Gate:
    """Judges suites as the engine does: pairs for the undecided, fresh ones for the flagged."""

    def __init__(self, kind: Kindred, terms: Terms, change: float, *, lending: bool = True) -> None:
        self.kind, self.terms, self.change, self.lending = kind, terms, change, lending
        self.source = random.Random(20_261_121)  # noqa: S311  (seeded noise, no secret)
        self.pairs = 0

    def suite(self) -> list[Decision]:
        noise = [self.kind(self.source) for _ in range(self.terms.cases)]
        logs: list[list[float]] = [[] for _ in noise]
        found: dict[int, Decision] = {}
        for look in self.terms.looks:
            self._measure(logs, noise, {*range(len(noise))} - {*found}, look)
            spread = suite_spread(logs) if self.lending else None
            for case in {*range(len(noise))} - {*found}:
                decision = decide(logs[case], self.terms, spread=spread)
                if decision.kind in MOVED:
                    count = confirming_pairs(self.terms, decision, logs[case], spread=spread)
                    fresh = self._take(noise[case], count)
                    found[case] = confirm(decision, fresh, self.terms)
                elif decision.settled:
                    found[case] = decision
        return list(found.values())

    def suites(self, count: int) -> list[list[Decision]]:
        return [self.suite() for _ in range(count)]

    def kinds(self, count: int) -> Counter[Kind]:
        return Counter(one.kind for suite in self.suites(count) for one in suite)

    def _measure(self, logs: list[list[float]], noise: list[Logs], of: set[int], to: int) -> None:
        for case in of:
            logs[case] += self._take(noise[case], to - len(logs[case]))

    def _take(self, noise: Logs, count: int) -> list[float]:
        self.pairs += count
        return [math.log1p(self.change) + log for log in itertools.islice(noise, count)]


def at_most(failures: int, trials: int) -> float:
    return clopper_pearson_upper(failures, trials, 0.95)


def usual(resolution: float = 0.03) -> Terms:
    return terms_for(resolution, cases=CASES)


@pytest.mark.parametrize(
    ("kind", "count", "lending"),
    [
        *((kind, 400, True) for kind in (gauss, student, spiky, skewed)),
        *((kind, 800, True) for kind in (differing, one_wild)),
        (alike, 1500, True),
        *((kind, 400, False) for kind in (gauss, spiky, differing)),
    ],
)
def test_one_in_a_hundred_suites_of_equal_code_raises_an_alarm_at_most(
    kind: Kindred, count: int, lending: bool, say: Any
) -> None:
    gate = Gate(kind, usual(), 0.0, lending=lending)
    suites = gate.suites(count)
    alarms = sum(any(one.kind in MOVED for one in suite) for suite in suites)
    unsure = sum(one.kind is Kind.UNSURE for suite in suites for one in suite)
    pairs = gate.pairs / count / CASES
    say(f"alarms {alarms} of {count}, unsure {unsure / count / CASES:.1%}, pairs {pairs:.2f}")
    assert at_most(alarms, count) <= 0.01
    assert pairs * SECONDS <= 1.5


@NOISES
@pytest.mark.parametrize(("change", "missed"), [(0.03, 0.25), (0.05, 0.05), (0.10, 0.001)])
def test_changes_are_found(kind: Kindred, change: float, missed: float, say: Any) -> None:
    count = 300 if change == 0.10 else 40
    gate = Gate(kind, usual(), change)
    misses = count * CASES - gate.kinds(count)[Kind.REGRESSED]
    pairs = gate.pairs / count / CASES
    say(f"+{change:.0%}", f"missed {misses} of {count * CASES}, pairs {pairs:.1f}")
    assert at_most(misses, count * CASES) <= missed


def test_improvements_are_found(say: Any) -> None:
    gate = Gate(gauss, usual(), -0.05)
    misses = 40 * CASES - gate.kinds(40)[Kind.IMPROVED]
    say(f"missed {misses} of {40 * CASES}")
    assert at_most(misses, 40 * CASES) <= 0.05


@pytest.mark.parametrize("kind", [gauss, spiky, differing], ids=lambda kind: kind.__name__)
def test_changes_half_beyond_the_threshold_are_seldom_called_equivalent(
    kind: Kindred, say: Any
) -> None:
    gate = Gate(kind, usual(), 1.5 * usual().threshold)
    equivalent = gate.kinds(100)[Kind.OK]
    say(f"equivalent {equivalent} of {100 * CASES}")
    assert at_most(equivalent, 100 * CASES) <= 0.04


@pytest.mark.parametrize("kind", [gauss, spiky], ids=lambda kind: kind.__name__)
def test_a_resolution_of_one_percent_finds_one_percent(kind: Kindred, say: Any) -> None:
    gate = Gate(kind, usual(0.01), 0.01)
    misses = 40 * CASES - gate.kinds(40)[Kind.REGRESSED]
    say(f"missed {misses} of {40 * CASES}, pairs {gate.pairs / 40 / CASES:.1f}")
    assert at_most(misses, 40 * CASES) <= 0.10


@pytest.mark.parametrize("kind", [gauss, student, spiky, skewed, differing])
def test_a_decision_without_confirmation_raises_no_more_alarms(kind: Kindred, say: Any) -> None:
    noise = random.Random(7)  # noqa: S311  (seeded noise, no secret)
    terms = usual()
    alarms = 0
    for _ in range(1000):
        suite = [list(itertools.islice(kind(noise), 10)) for _ in range(CASES)]
        alarms += any(decide(logs, terms, last=True).kind in MOVED for logs in suite)
    say(f"alarms {alarms} of 1000")
    assert at_most(alarms, 1000) <= 0.01
