import dataclasses
import math

import pytest

from paceline.errors import UsageError
from paceline.stats.summary import STATISTICS, Summary, mean, share, statistic, summarise

VALUES = (4.0, 1.0, 3.0, 2.0, 100.0)


def test_the_statistics_are_the_fields_of_the_summary() -> None:
    assert set(STATISTICS) == {field.name for field in dataclasses.fields(Summary)}


def test_a_summary_holds_every_statistic() -> None:
    found = summarise(VALUES)
    assert (found.min, found.max, found.mean, found.median, found.rounds) == (1, 100, 22, 3, 5)
    assert (found.q1, found.q3, found.iqr) == (1.75, 28, 26.25)
    assert (found.total, found.ops) == (110, 1 / 22)
    assert found.stddev == pytest.approx(math.sqrt(1902.5))
    assert (found.stddev_outliers, found.iqr_outliers, found.outliers) == (1, 1, "1;1")
    assert (found.ld15iqr, found.hd15iqr) == (1, 4)
    assert (found.p90, found.p95, found.p99) == (100, 100, 100)


def test_one_value_is_its_own_summary() -> None:
    found = summarise([0.25])
    assert found.min == found.max == found.mean == found.median == found.p99 == 0.25
    assert (found.stddev, found.iqr, found.outliers, found.ops) == (0.0, 0.0, "0;0", 4.0)


def test_equal_values_have_their_exact_mean_and_no_spread() -> None:
    found = summarise([0.1] * 10_001)
    assert (found.mean, found.stddev, found.stddev_outliers) == (0.1, 0.0, 0)


def test_zero_values_have_no_rate() -> None:
    assert summarise([0.0, 0.0]).ops == statistic([0.0], "ops") == 0.0


@pytest.mark.parametrize(
    ("values", "quartiles"),
    [
        ([1.0, 2.0], (1.0, 2.0)),
        ([1.0, 2.0, 4.0], (1.25, 3.5)),
        ([1.0, 2.0, 3.0, 4.0], (1.5, 3.5)),
        ([1.0, 2.0, 3.0, 4.0, 5.0], (1.75, 4.25)),
        ([1.0, 2.0, 3.0, 4.0, 5.0, 6.0], (2.0, 5.0)),
    ],
)
def test_quartiles_are_those_of_pytest_benchmark(
    values: list[float], quartiles: tuple[float, float]
) -> None:
    found = summarise(values)
    assert (found.q1, found.q3) == quartiles


@pytest.mark.parametrize("name", [name for name in STATISTICS if name != "outliers"])
def test_a_statistic_by_name_equals_the_summary(name: str) -> None:
    assert statistic(VALUES, name) == getattr(summarise(VALUES), name)


@pytest.mark.parametrize("name", ["p95", "q95", "q_95", "p_95", "p95.0"])
def test_percentiles_have_several_spellings(name: str) -> None:
    assert share(name) == 0.95
    assert statistic([float(n) for n in range(100)], name) == 94.5


def test_percentiles_may_be_fractional() -> None:
    assert statistic([float(n) for n in range(1000)], "p99.9") == pytest.approx(998.5)


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("medain", "did you mean 'median'?"),
        ("p100", "did you mean"),
        ("q2", "known: min"),
        ("xyz", "known: min"),
        ("outliers", "use 'iqr_outliers'"),
    ],
)
def test_an_unknown_statistic_names_the_nearest_one(name: str, hint: str) -> None:
    with pytest.raises(UsageError) as caught:
        statistic(VALUES, name)
    assert hint in caught.value.remedy


@pytest.mark.parametrize("name", ["mean", "median", "iqr"])
def test_nothing_has_no_statistic(name: str) -> None:
    with pytest.raises(ValueError, match="no values"):
        statistic([], name)


def test_nothing_has_no_summary() -> None:
    with pytest.raises(ValueError, match="no values"):
        summarise([])


def test_a_mean_is_summed_exactly() -> None:
    assert mean([1e16, 1.0, -1e16, 1.0]) == 0.5
