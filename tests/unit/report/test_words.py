from __future__ import annotations

import dataclasses
import math
from typing import TYPE_CHECKING

import pytest

from paceline.model import METRICS, Better, Direction, Estimate, Kind, Metric
from paceline.report import words
from paceline.units import Scale

if TYPE_CHECKING:
    from collections.abc import Callable

    from paceline.model import Verdict

TIME, MEMORY, RATE = METRICS["wall_time"], METRICS["peak_memory"], METRICS["throughput"]
RATIO = Metric("ratio", "1", Better.HIGHER)
MILLI = Scale(1e-3, "ms")


def _estimate(point: float, low: float, high: float, level: float = 0.95) -> Estimate:
    return Estimate(point, low, high, level, "m")


@pytest.mark.parametrize(
    ("estimate", "shown"),
    [
        (_estimate(0.01, 0.00996, 0.01004), "±0.40 %"),
        (_estimate(0.01, 0.0088, 0.0112), "±12 %"),
        (_estimate(0.01, 0.0099, 0.0198), "[9.900…19.80]"),
        (_estimate(0.01, 0.01, 0.01012), "±1.2 %"),
        (_estimate(0.01, 0.01, 0.012), "[10.00…12.00]"),
        (_estimate(0.01, 0.011, 0.012), "[11.00…12.00]"),
        (_estimate(0.01, 0.01, 0.01), "±0.00 %"),
        (_estimate(0.01, 0.01, 0.01, 0.0), "±?"),
        (_estimate(0.01, 0.0099, 0.0101, 0.75), "±1.0 % at 75 %"),
        (_estimate(0.01, 0.009, math.inf), "±?"),
        (_estimate(0.0, 0.0, 0.001), "[0.000…1.000]"),
    ],
)
def test_an_interval_is_a_share_or_its_ends(estimate: Estimate, shown: str) -> None:
    assert words.interval(estimate, MILLI) == shown


@pytest.mark.parametrize(
    ("ratio", "metric", "said"),
    [
        (_estimate(1.02, 1.01, 1.03), TIME, "1.02× slower [1.01…1.03]"),
        (_estimate(0.5, 0.4, 0.625), TIME, "2.00× faster [1.60…2.50]"),
        (_estimate(1.0, 0.98, 1.02), TIME, "1.00× slower [0.98…1.02], not told apart"),
        (_estimate(250.0, 240.0, 260.0), MEMORY, "250× larger [240…260]"),
        (_estimate(0.5, 0.5, 0.5), MEMORY, "2.000× smaller [2.000…2.000]"),
        (_estimate(2.0, 1.9, 2.1), RATE, "2.00× higher [1.90…2.10]"),
        (_estimate(0.5, 0.0, 0.6), TIME, "2.00× faster [1.67…∞]"),
        (_estimate(2.0, 0.0, 1e30), TIME, "2.00× slower [0.00…>1,000], not told apart"),
    ],
)
def test_a_ratio_is_said_with_a_factor_above_one(
    ratio: Estimate, metric: Metric, said: str
) -> None:
    assert words.ratio_words(ratio, metric) == said


@pytest.mark.parametrize(
    ("value", "metric", "said"),
    [
        (0.148, TIME, "148.0 ms"),
        (10.2, RATIO, "10.20×"),
        (1024.0, MEMORY, "1.000 KiB"),
        (12.0, RATE, "12.00/s"),
        (math.inf, RATE, "∞"),
        (50 * 1024.0**2, Metric("throughput", "B", Better.HIGHER), "50.00 MiB/s"),
    ],
)
def test_a_quantity_has_its_unit(value: float, metric: Metric, said: str) -> None:
    assert words.quantity(value, metric) == said


@pytest.mark.parametrize(
    ("direction", "floor"), [(Direction.MIN, True), (Direction.MAX, False), (None, False)]
)
def test_a_floor_is_told_from_a_ceiling(
    make_verdict: Callable[..., Verdict], direction: Direction | None, *, floor: bool
) -> None:
    for kind in (Kind.OK, Kind.UNSURE, Kind.OVER_BUDGET):
        verdict = make_verdict(kind, figure=2e-3, spent=1.0, direction=direction)
        assert words.is_floor(verdict) is floor


@pytest.mark.parametrize(
    ("figure", "limit", "said"),
    [
        (3e-3, 2e-3, ("3.000 ms ±1.0 %", "≥ 2.000 ms")),
        (0.10004, 0.1, ("100.04 ms ±1.0 %", "≥ 100 ms")),
        (0.1, 0.1, ("100.0 ms ±1.0 %", "≥ 100.0 ms")),
        (0.1, None, ("100.0 ms ±1.0 %", "")),
    ],
)
def test_a_figure_and_its_limit_read_apart(
    make_verdict: Callable[..., Verdict],
    figure: float,
    limit: float | None,
    said: tuple[str, str],
) -> None:
    verdict = make_verdict(Kind.OK, figure=figure, limit=limit, direction=Direction.MIN)
    assert words.against_limit(verdict) == said


def test_a_missing_figure_leaves_its_limit(make_verdict: Callable[..., Verdict]) -> None:
    verdict = make_verdict(Kind.UNSURE, direction=Direction.MIN, metric="throughput", limit=10.0)
    verdict = dataclasses.replace(verdict, figure=None)
    assert words.against_limit(verdict) == ("", "≥ 10.00/s")
    assert words.against_limit(dataclasses.replace(verdict, limit=None)) == ("", "")


def test_figures_stand_beside_limit_or_base(make_verdict: Callable[..., Verdict]) -> None:
    over = make_verdict(Kind.OVER_BUDGET, metric="peak_memory", statistic="max")
    assert words.spent_words(over) == "peak_memory max 1 ms of 2 ms, 50 %"
    slower = make_verdict(Kind.REGRESSED, ratio=1.2)
    said = "mean 1.000 ms from 1.000 ms, 1.20× slower [1.19…1.21]"
    assert words.change_words(slower) == said
    assert words.change_words(over) == "1 ms of 2 ms, 50 %"


def test_a_missed_target_is_said_though_the_budget_holds() -> None:
    assert words.status_word(Kind.OK, warning=True) == "ok, target missed"
    assert words.status_word(Kind.OK) == "ok"
    assert words.status_word(Kind.UNSURE, warning=True) == "unsure"


def test_counts_agree_with_their_noun() -> None:
    assert [words.count(n, "budget") for n in (0, 1, 1200)] == [
        "0 budgets",
        "1 budget",
        "1,200 budgets",
    ]
