from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pytest

from paceline.model import METRICS, Better, Estimate, Kind, Metric
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
    ],
)
def test_a_quantity_has_its_unit(value: float, metric: Metric, said: str) -> None:
    assert words.quantity(value, metric) == said


@pytest.mark.parametrize(
    ("kind", "figure", "spent", "floor"),
    [
        (Kind.OVER_BUDGET, 3e-3, 1.5, False),
        (Kind.OVER_BUDGET, 1e-3, 2.0, True),
        (Kind.OK, 1e-3, 0.5, False),
        (Kind.OK, 3e-3, 0.7, True),
        (Kind.OK, 2e-3, 1.0, False),
        (Kind.UNSURE, 1e-3, 2.0, True),
        (Kind.UNSURE, 1e-3, 0.5, False),
    ],
)
def test_a_floor_is_told_from_a_ceiling(
    make_verdict: Callable[..., Verdict], kind: Kind, figure: float, spent: float, floor: bool
) -> None:
    assert words.is_floor(make_verdict(kind, figure=figure, spent=spent)) is floor


def test_a_verdict_without_a_limit_is_no_floor(make_verdict: Callable[..., Verdict]) -> None:
    assert not words.is_floor(make_verdict(Kind.OK, limit=None))


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
