"""The paired gate on recorded process pairs: seldom wrong on equal code, and sharp on slowed code.

The recording is made by benchmarks/gate.py and replayed in blocks of consecutive pairs.
"""

from __future__ import annotations

import math
import random
import runpy
from pathlib import Path
from statistics import fmean, median
from typing import Any

import pytest

from paceline.guard.paired import terms_for
from paceline.model import Kind
from paceline.stats.summary import deviation

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
REPLAY = runpy.run_path(str(ROOT / "benchmarks" / "gate_replay.py"))
RECORDING = REPLAY["read_recording"](Path(__file__).parent / "recordings" / "gate.json")
TERMS = terms_for(0.03, cases=len(RECORDING.cases))
SUITES = 400
FLAGGED = {Kind.REGRESSED, Kind.IMPROVED}
PROMISES = {103: 0.75, 105: 0.95, 110: 0.999}
"""For units of work on the head, of 100 on the base: the share that is found."""


def replayed(units: int) -> list[Any]:
    source = random.Random(units)  # noqa: S311  (seeded, no secret)
    found: list[Any] = REPLAY["replayed"](RECORDING, units, TERMS, suites=SUITES, source=source)
    return found


def spreads(units: int) -> dict[str, float]:
    suites = RECORDING.suites[units]
    return {
        case: deviation([log for suite in suites for log in suite[place]])
        for place, case in enumerate(RECORDING.cases)
    }


def test_a_suite_of_equal_code_seldom_raises_an_alarm(say: Any, tally: Any) -> None:
    suites = replayed(100)
    alarms = tally(any(one.kind in FLAGGED for one in suite.values()) for suite in suites)
    pairs = fmean(one.pairs for suite in suites for one in suite.values())
    say(f"suite alarms {alarms}", f"{pairs:.1f} pairs a case")
    say(*(f"{case} {spread:.1%}" for case, spread in spreads(100).items()))
    assert alarms.rate <= 0.01


@pytest.mark.parametrize("units", PROMISES)
def test_slowed_code_is_found(units: int, say: Any, tally: Any) -> None:
    missed = tally(
        one.kind is not Kind.REGRESSED for suite in replayed(units) for one in suite.values()
    )
    say(f"missed {missed}", *(f"{case} {spread:.1%}" for case, spread in spreads(units).items()))
    assert 1 - missed.rate >= PROMISES[units]


@pytest.mark.parametrize("units", [100, 103, 105, 110])
def test_the_recorded_change_is_the_counted_one(units: int, say: Any) -> None:
    suites = RECORDING.suites[units]
    logs = [log for suite in suites for case in suite for log in case]
    change = 100 * math.expm1(median(logs))
    say(f"median {change:+.2f} %")
    assert change == pytest.approx(units - 100, abs=0.5)
