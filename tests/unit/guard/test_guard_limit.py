from __future__ import annotations

import pytest

from paceline.errors import Place, SettingsError, UnitError
from paceline.guard.limit import nearest, parse_limit, parse_subject, together
from paceline.model import Direction
from paceline.options import Entry

PLACE = Place("budgets.yml", 14)


@pytest.mark.parametrize(
    ("text", "metric", "statistic", "unit"),
    [
        ("mean", "wall_time", "mean", "s"),
        ("max", "wall_time", "max", "s"),
        ("q1", "wall_time", "q1", "s"),
        ("q_95", "wall_time", "p95", "s"),
        ("q95", "wall_time", "p95", "s"),
        ("p99.9", "wall_time", "p99.9", "s"),
        ("ops", "wall_time", "ops", "1/s"),
        ("rounds", "wall_time", "rounds", "1"),
        ("kb", "peak_memory", "max", "B"),
        ("peak_memory", "peak_memory", "max", "B"),
        ("peak_memory_mean", "peak_memory", "mean", "B"),
        ("throughput", "throughput", "mean", "1/s"),
        ("throughput_min", "throughput", "min", "1/s"),
        ("first_call", "first_call", "mean", "s"),
        ("cpu_share_p90", "cpu_share", "p90", "1"),
        ("ratio", "ratio", "median", "1"),
        ("ratio_p95", "ratio", "p95", "1"),
    ],
)
def test_a_subject_names_a_statistic_of_a_metric(
    text: str, metric: str, statistic: str, unit: str
) -> None:
    subject = parse_subject(text)
    assert subject is not None
    found = (subject.metric.name, subject.statistic, subject.metric.unit)
    assert found == (metric, statistic, unit)


@pytest.mark.parametrize("text", ["", "men", "outliers", "peak_memory_ops", "q100", "ratio_"])
def test_an_unknown_subject_is_none(text: str) -> None:
    assert parse_subject(text) is None


@pytest.mark.parametrize(
    ("key", "value", "threshold"),
    [
        ("max_mean", "100 ms", 0.1),
        ("max_mean", 100, 0.1),
        ("max_mean", "100", 0.1),
        ("max_stddev", 0.5, 0.0005),
        ("max_kb", 5120, 5 * 1024**2),
        ("max_kb", "5 MiB", 5 * 1024**2),
        ("min_throughput", "10/s", 10),
        ("min_ops", "1 k/s", 1000),
        ("min_ratio", "10x", 10),
        ("max_ratio", 0.5, 0.5),
        ("max_cpu_share", "80 %", 0.8),
        ("min_rounds", 100, 100),
    ],
)
def test_a_limit_is_read_into_its_base_unit(key: str, value: object, threshold: float) -> None:
    limit = parse_limit(key, value, place=PLACE)
    assert limit.threshold == pytest.approx(threshold)
    assert limit.direction is Direction(key[:3])


def test_a_throughput_may_be_in_bytes() -> None:
    limit = parse_limit("min_throughput", "5 MiB/s", place=PLACE)
    assert (limit.threshold, limit.item_unit) == (5 * 1024**2, "B")


def test_a_table_holds_target_and_threshold() -> None:
    sides = {"target": Entry("80 ms", PLACE), "threshold": Entry("100 ms", PLACE)}
    limit = parse_limit("max_mean", sides, place=PLACE)
    assert limit.target == pytest.approx(0.08)
    assert limit.threshold == pytest.approx(0.1)


def test_a_table_may_hold_the_threshold_alone() -> None:
    limit = parse_limit("max_mean", {"threshold": Entry("1 s", PLACE)}, place=PLACE)
    assert (limit.target, limit.threshold) == (None, 1)


@pytest.mark.parametrize(
    ("key", "sides", "message"),
    [
        ("max_mean", {"target": "1 s"}, "no threshold"),
        ("max_mean", {"target": "2 s", "threshold": "1 s"}, "no stricter"),
        ("min_throughput", {"target": "5/s", "threshold": "6/s"}, "no stricter"),
        ("min_throughput", {"target": "9 MB/s", "threshold": "6/s"}, "same unit"),
        ("max_mean", {"thresh": "1 s"}, "did you mean 'threshold'"),
    ],
)
def test_a_table_that_contradicts_itself_is_refused(
    key: str, sides: dict[str, str], message: str
) -> None:
    entries = {name: Entry(value, PLACE) for name, value in sides.items()}
    with pytest.raises(SettingsError, match=message):
        parse_limit(key, entries, place=PLACE)


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("max_men", "1 s", "did you mean 'max_mean'"),
        ("max_outliers", 1, "unknown key 'max_outliers'"),
        ("most_mean", 1, "unknown key 'most_mean'"),
        ("max_mean", True, "True is no quantity"),
        ("max_mean", None, "plain number is in milliseconds"),
        ("max_mean", [1], "no quantity"),
        ("max_mean", -1, "below zero"),
        ("max_rounds", -1, "a plain number is a plain ratio or count"),
        ("min_ops", -1, "a plain number is per second"),
    ],
)
def test_a_misfit_is_refused_with_place_and_remedy(key: str, value: object, message: str) -> None:
    with pytest.raises(SettingsError, match=message) as caught:
        parse_limit(key, value, place=PLACE)
    assert caught.value.place == PLACE


def test_an_unknown_unit_is_refused_with_its_key() -> None:
    with pytest.raises(UnitError, match=r"budgets.yml:14: max_mean: .*'sek'.*\n.*'s"):
        parse_limit("max_mean", "1 sek", place=PLACE)


@pytest.mark.parametrize(
    ("side", "message"), [("threshold", "max_mean.threshold"), ("target", "max_mean.target")]
)
def test_a_table_in_a_tables_place_is_refused(side: str, message: str) -> None:
    sides = {"threshold": Entry(1, PLACE), side: Entry({}, PLACE)}
    with pytest.raises(SettingsError, match=f"{message} = a table is no quantity"):
        parse_limit("max_mean", sides, place=PLACE)


def test_without_a_near_name_the_known_ones_are_listed() -> None:
    assert nearest("zzz", ("alpha", "beta")) == "known here: alpha, beta"


def test_a_single_error_stays_as_it_is_and_several_are_listed() -> None:
    one, two = SettingsError("one", place=PLACE), SettingsError("two")
    assert together([one]) is one
    assert str(together([one, two])).splitlines()[1:] == [
        "  budgets.yml:14: one [PAC200]",
        "  two [PAC200] [PAC200]",
    ]
