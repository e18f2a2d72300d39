from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from paceline.report.benchmark import render
from paceline.report.options import Column, Detail, NameFormat, Sort, TableOptions, TimeUnit

if TYPE_CHECKING:
    from collections.abc import Callable

    from paceline.model import Measurement
    from paceline.report.document import Document

    Make = Callable[..., Measurement]
    Build = Callable[..., Document]

FAST = (1.0e-3, 1.1e-3, 0.9e-3, 1.0e-3)
SLOW = tuple(2 * value for value in FAST)


@pytest.fixture
def document(make_document: Build, make_measurement: Make) -> Document:
    return make_document(
        make_measurement("test_slow", SLOW, group="g"),
        make_measurement("test_fast", FAST, group="g"),
    )


def test_quiet_and_empty_runs_show_no_table(document: Document, make_document: Build) -> None:
    assert render(document, TableOptions(detail=Detail.QUIET)) == ""
    assert render(make_document(), TableOptions()) == ""


def test_rows_are_sorted_and_stand_beside_the_best(document: Document) -> None:
    lines = render(document, TableOptions(columns=(Column.MIN,))).splitlines()
    assert "benchmark 'g': 2 tests" in lines[0]
    assert lines[3].split() == ["test_fast", "900.0", "(1.00)"]
    assert lines[4].split() == ["test_slow", "1,800.0", "(2.00)"]


def test_a_lone_row_has_no_ratio(make_document: Build, make_measurement: Make) -> None:
    shown = render(make_document(make_measurement()), TableOptions(columns=(Column.MIN,)))
    assert "(1.00)" not in shown
    assert "benchmark: 1 test " in shown


@pytest.mark.parametrize(
    ("unit", "figure"),
    [
        (TimeUnit.NS, "900,000"),
        (TimeUnit.US, "900.0"),
        (TimeUnit.MS, "0.9000"),
        (TimeUnit.S, "0.0009"),
        (TimeUnit.AUTO, "900.0"),
    ],
)
def test_the_time_unit_is_chosen(document: Document, unit: TimeUnit, figure: str) -> None:
    options = TableOptions(columns=(Column.MIN,), time_unit=unit)
    assert render(document, options).splitlines()[3].split()[1] == figure


def test_columns_stand_in_the_order_asked_for(document: Document) -> None:
    options = TableOptions(columns=(Column.ROUNDS, Column.OPS, Column.P99, Column.OUTLIERS))
    heading = render(document, options).splitlines()[1]
    assert heading.split() == [
        "Name",
        "(time",
        "in",
        "µs)",
        "Rounds",
        "OPS",
        "(/s)",
        "P99",
        "Outliers",
    ]


def test_centres_carry_their_interval(document: Document) -> None:
    shown = render(document, TableOptions(columns=(Column.MEAN, Column.MEDIAN)))
    assert shown.splitlines()[3].count("±") + shown.splitlines()[3].count("…") == 2


def test_sides_are_shown_for_a_named_group_only(document: Document) -> None:
    assert "2.00× slower" in render(document, TableOptions())
    assert "slower" not in render(document, TableOptions(group_by=("param:x",)))


def test_a_best_of_zero_leaves_no_ratio(make_document: Build, make_measurement: Make) -> None:
    rows = (make_measurement("test_a", (0.0, 0.0)), make_measurement("test_b", FAST))
    assert "(>1000)" in render(make_document(*rows), TableOptions(columns=(Column.MIN,)))


def test_throughput_is_shown_in_its_own_unit(make_document: Build, make_measurement: Make) -> None:
    rows = (
        make_measurement("test_a", items=10.0),
        make_measurement("test_b", items=2.0**20, item_unit="B"),
        make_measurement("test_c"),
    )
    shown = render(make_document(*rows), TableOptions(columns=(Column.THROUGHPUT,)))
    assert "10.00k/s" in shown
    assert "MiB/s" in shown


def test_other_metrics_stand_in_their_own_table(
    make_document: Build, make_measurement: Make
) -> None:
    shown = render(
        make_document(make_measurement(values=(2048.0,), metric="peak_memory")), TableOptions()
    )
    assert "peak_memory" in shown
    assert "2.000 KiB" in shown
    assert "Legend" not in shown


def test_the_legend_explains_the_shown_columns_only(document: Document) -> None:
    full, short = (
        render(document, TableOptions()),
        render(document, TableOptions(columns=(Column.MIN,))),
    )
    assert "Outliers:" in full
    assert "OPS: operations" in full
    assert "Outliers:" not in short
    assert "this process only" in short


def test_verbose_tells_warm_up_and_first_call(make_document: Build, make_measurement: Make) -> None:
    rows = (
        make_measurement(warmup=3, conditions=(("warm-up", "level"), ("stopped by", "cap"))),
        make_measurement(values=(5e-3,), metric="first_call"),
        make_measurement(values=(0.98,), metric="cpu_share"),
    )
    shown = render(make_document(*rows), TableOptions(detail=Detail.VERBOSE, name=NameFormat.SHORT))
    line = next(line for line in shown.splitlines() if line.startswith("test_one"))
    assert line.split("  ")[1:] != []
    assert all(part in line for part in ("3 rounds, level", "5.000 ms", "98 %", "cap"))


def test_sorting_by_name_is_possible(document: Document) -> None:
    shown = render(document, TableOptions(sort=Sort.NAME))
    assert shown.index("test_fast") < shown.index("test_slow")


def test_verbose_without_benchmarks_adds_nothing(
    make_document: Build, make_measurement: Make
) -> None:
    document = make_document(make_measurement(metric="peak_memory"))
    assert "Warm-up" not in render(document, TableOptions(detail=Detail.VERBOSE))
