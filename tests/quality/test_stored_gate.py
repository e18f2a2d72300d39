"""The gate on stored runs is seldom wrong about unchanged code, and says what it can see."""

from __future__ import annotations

import json
import math
import random
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from paceline.guard.baseline import Recorded, judge_against
from paceline.model import METRICS, Case, Host, Kind, Measurement, Run, RunId, Verdict

if TYPE_CHECKING:
    from collections.abc import Sequence

pytestmark = pytest.mark.slow

RECORDING = Path(__file__).parent / "recordings" / "runs.json"
HOST = Host("Example 9000", 2, 8 * 1024**3, "Linux", "CPython 3.11.7")
CASES = 12
SUITES = 300
SPREADS = (0.01, 0.02, 0.03, 0.05, 0.08)
CALLED = {Kind.REGRESSED, Kind.IMPROVED}
CHANGES = (0.05, 0.10, 0.25, 1.00)
# false alarms in a hundred suites, with 10 and with 30 runs known: a tail that ten runs have not
# shown yet can't be allowed for
MOST = {
    "normal": (1, 1),
    "AR 0.3": (1, 1),
    "AR 0.6": (1, 1),
    "common": (1, 1),
    "steps": (1, 1),
    "skewed": (5, 5),
    "t 3": (5, 5),
    "often slow": (4, 2),
    "seldom slow": (10, 3),
}
SOURCE = random.Random(20_261_121)  # noqa: S311  (seeded noise, no secret)


def series(kind: str, count: int, spread: float) -> list[float]:
    """Draw the logarithms of a benchmark's figure over runs of the same code."""
    gauss, uniform = SOURCE.gauss, SOURCE.uniform
    if kind.startswith("AR"):
        likeness, state, found = float(kind[3:]), gauss(0, spread), []
        for _ in range(count):
            found.append(state)
            state = likeness * state + gauss(0, spread * math.sqrt(1 - likeness**2))
        return found
    if kind == "skewed":
        return [SOURCE.expovariate(1 / spread) for _ in range(count)]
    if kind == "t 3":
        tails = (math.sqrt(sum(gauss(0, 1) ** 2 for _ in range(3)) / 3) for _ in range(count))
        return [gauss(0, spread) / tail for tail in tails]
    slow = {"often slow": 0.1, "seldom slow": 0.03}.get(kind, 0.0)
    jumps = (uniform(0.2, 0.7) if SOURCE.random() < slow else 0.0 for _ in range(count))
    return [gauss(0, spread) + jump for jump in jumps]


def suite(kind: str, runs: int) -> list[Recorded]:
    """Simulate so many earlier runs and one more; "steps" changes the code on the way."""
    found = [series(kind, runs + 1, SOURCE.choice(SPREADS)) for _ in range(CASES)]
    shared = series("normal", runs + 1, 0.1) if kind == "common" else [0.0] * (runs + 1)
    if kind == "steps":
        shared = [0.3 if place >= runs // 2 else 0.0 for place in range(runs + 1)]
    return [
        recorded(place, [[math.exp(logs[place] + shared[place])] for logs in found])
        for place in range(runs + 1)
    ]


def recorded(number: int, values: Sequence[Sequence[float]]) -> Recorded:
    run = Run(RunId(str(number)), float(number), HOST, complete=True)
    time = METRICS["wall_time"]
    cases = (Case(f"test_it.py::test_{place}") for place in range(len(values)))
    return Recorded(
        run, [Measurement(case, time, tuple(one)) for case, one in zip(cases, values, strict=True)]
    )


def slowed(head: Recorded, case: int, share: float) -> Recorded:
    """Slow one benchmark of a run down by a share."""
    run, measurements = head.run, list(head.measurements)
    one = measurements[case]
    values = tuple((1 + share) * value for value in one.values)
    measurements[case] = Measurement(one.case, one.metric, values)
    return Recorded(run, measurements)


def judged(runs: Sequence[Recorded], head: Recorded, **more: Any) -> tuple[Verdict, ...]:
    base = runs[-1] if more.pop("newest", False) else SOURCE.choice(runs)
    return judge_against(base, head, history=runs, **more).verdicts


def alarmed(verdicts: Sequence[Verdict]) -> bool:
    return any(verdict.kind in CALLED for verdict in verdicts)


def replayed() -> list[Recorded]:
    """Read the recording: the batches stand for the rounds, with the least of them."""
    found = json.loads(RECORDING.read_text(encoding="utf-8"))
    return [
        recorded(
            number,
            [
                [*(middle * (1 + one / found["fine"]) for one in batches), least]
                for middle, least, batches in zip(
                    run["medians"], run["least"], run["batches"], strict=True
                )
            ],
        )
        for number, run in enumerate(found["runs"])
    ]


def drawn(runs: Sequence[Recorded], known: int) -> tuple[Sequence[Recorded], Recorded]:
    """Draw consecutive runs as history and another as the head: draws overlap, so they depend."""
    start = SOURCE.randrange(len(runs) - known)
    rest = [*runs[:start], *runs[start + known :]]
    return runs[start : start + known], SOURCE.choice(rest)


@pytest.mark.parametrize("kind", MOST)
def test_unchanged_suites_seldom_raise_an_alarm(kind: str, tally: Any, say: Any) -> None:
    for runs, most in zip((10, 30), MOST[kind], strict=True):
        alarms = []
        for _ in range(SUITES):
            *history, head = suite(kind, runs)
            alarms.append(alarmed(judged(history, head, newest=kind == "steps")))
        wrong = tally(alarms)
        say(f"{runs} runs: {wrong}")
        assert wrong.rate <= most / 100


@pytest.mark.parametrize(("runs", "found"), [(10, 0.9), (30, 0.97)])
def test_a_large_change_is_found_where_runs_differ_by_two_per_cent(
    runs: int, found: float, say: Any
) -> None:
    counts = dict.fromkeys(CHANGES, 0)
    for _ in range(SUITES):
        logs = [series("normal", runs + 1, 0.02) for _ in range(CASES)]
        *history, head = (
            recorded(place, [[math.exp(one[place])] for one in logs]) for place in range(runs + 1)
        )
        for share in CHANGES:
            verdicts = judged(history, slowed(head, 0, share))
            counts[share] += verdicts[0].kind is Kind.REGRESSED
    say(f"{runs} runs", *(f"+{100 * one:.0f} %: {n / SUITES:.3f}" for one, n in counts.items()))
    assert counts[0.25] / SUITES >= found
    assert counts[1.0] == SUITES


def test_what_is_said_to_be_visible_is_found_three_times_in_four() -> None:
    hits = 0
    for _ in range(SUITES):
        *history, head = suite("normal", 20)
        said = judged(history, head)[0].because.rpartition("changes from ")[2]
        share = float(said.partition("×")[0]) - 1
        hits += judged(history, slowed(head, 0, share))[0].kind is Kind.REGRESSED
    assert 0.65 <= hits / SUITES <= 0.95


@pytest.mark.parametrize("known", [10, 20])
def test_recorded_runs_of_the_same_code_raise_no_alarm(known: int, tally: Any, say: Any) -> None:
    runs = replayed()
    wrong = tally(alarmed(judged(*drawn(runs, known))) for _ in range(SUITES))
    found = []
    for share in CHANGES:
        draws = [(drawn(runs, known), SOURCE.randrange(CASES)) for _ in range(SUITES // 4)]
        kinds = [judged(past, slowed(head, at, share))[at].kind for (past, head), at in draws]
        found.append(f"+{100 * share:.0f} %: {kinds.count(Kind.REGRESSED) / len(kinds):.2f}")
    say(f"{known} of {len(runs)} runs: {wrong}", *found)
    assert wrong.rate <= 0.01


@pytest.mark.parametrize("known", [10, 20])
def test_intervals_of_recorded_runs_of_the_same_code_overlap(known: int, say: Any) -> None:
    runs, apart, count = replayed(), 0, 0
    for _ in range(SUITES):
        past, head = drawn(runs, known)
        changes = [verdict.change for verdict in judged(past, head, level=0.99)]
        for change in filter(None, changes):
            count += 1
            apart += not (
                change.base.low <= change.head.high and change.head.low <= change.base.high
            )
    say(f"{known} runs: {1 - apart / count:.3f} of {count} pairs overlap at 99 %")
    assert apart / count <= 0.05
