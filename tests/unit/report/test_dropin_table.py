"""Tables, groups, names, scales, CSV and charts in pytest-benchmark's shape."""

from __future__ import annotations

import csv
import math
from typing import Any

import pytest

from paceline.errors import UsageError
from paceline.report.dropin.comparison import between
from paceline.report.dropin.csv import to_csv
from paceline.report.dropin.grouping import group
from paceline.report.dropin.histogram import MOST, file_name, to_svg
from paceline.report.dropin.names import shown
from paceline.report.dropin.table import (
    COLUMNS,
    LEGEND,
    extremes,
    parse_columns,
    render,
    sort_key,
    tables,
)
from paceline.report.dropin.units import operations_scale, scale_of, time_scale

Entry = dict[str, Any]
MEANS = {"min": 1e-3, "max": 4e-3, "mean": 2e-3, "stddev": 1e-4, "median": 2e-3, "iqr": 2e-4}
LAID: dict[str, Any] = {"columns": ("min", "ops", "rounds"), "sort": "min", "name_format": "normal"}


def entry(name: str = "test_a", **more: Any) -> Entry:
    facts = {"group": None, "param": None, "params": None, "path": None, "source": None}
    stats = {**MEANS, "ops": 500.0, "outliers": "1;2", "rounds": 7, "iterations": 3}
    return {"name": name, "fullname": f"t.py::{name}", **facts, **stats, **more}


def scale(**asked: Any) -> tuple[str, float]:
    return scale_of(**asked)


def table(*entries: Entry, **more: Any) -> str:
    return render([(None, list(entries))], **{**LAID, "scale_unit": scale, **more})


def mark(text: str, role: str) -> str:
    return f"<{role}>{text}</{role}>"


@pytest.mark.parametrize(
    ("labels", "names"),
    [
        ("group", [None, "g"]),
        ("name", ["test_a", "test_b[1]", "test_b[2]"]),
        ("func", ["test_a", "test_b"]),
        ("fullname", ["t.py::test_a", "t.py::test_b[1]", "t.py::test_b[2]"]),
        ("fullfunc", ["t.py::test_a", "t.py::test_b"]),
        ("param", [None, "1", "2"]),
        ("param:n", [None, "n=1", "n=2"]),
        ("group, param:n", [None, "g n=1", "g n=2"]),
        (("func", "param"), ["test_a", "test_b 1", "test_b 2"]),
    ],
)
def test_entries_are_grouped_by_labels(labels: Any, names: list[str | None]) -> None:
    given = [
        entry("test_b[2]", group="g", param="2", params={"n": 2}),
        entry("test_b[1]", group="g", param="1", params={"n": 1}),
        entry(),
    ]
    assert [name for name, _ in group(given, labels)] == names


def test_members_of_a_group_stand_in_the_order_of_their_names() -> None:
    ((_, members),) = group([entry("b", fullname="1"), entry("a", fullname="2")], "group")
    assert [one["name"] for one in members] == ["a", "b"]
    ((_, members),) = group([entry("x", fullname="2[b]"), entry("x", fullname="2[a]")], "fullfunc")
    assert [one["fullname"] for one in members] == ["2[a]", "2[b]"]


def test_a_label_that_is_none_is_refused() -> None:
    with pytest.raises(UsageError, match="Unsupported grouping 'file'") as caught:
        group([], "group,file")
    assert "param:NAME" in caught.value.remedy


@pytest.mark.parametrize(
    ("form", "saved", "now"),
    [
        ("short", "a[1] (0001)", "a[1]"),
        ("normal", "test_a[1] (Linux/0001_0123456)", "test_a[1]"),
        ("long", "t.py::test_a[1] (Linux/0001_0123456789)", "t.py::test_a[1]"),
        ("trial", "0001", "????"),
    ],
)
def test_a_name_shows_as_much_of_its_source_as_its_form_says(
    form: str, saved: str, now: str
) -> None:
    assert shown(entry("test_a[1]", source="Linux/0001_0123456789"), form) == saved
    assert shown(entry("test_a[1]"), form) == now


@pytest.mark.parametrize(
    ("seconds", "prefix"),
    [(5e-10, "n"), (1e-6, "u"), (9e-4, "u"), (1e-3, "m"), (1.0, ""), (90.0, "")],
)
def test_a_time_is_at_least_one_in_its_unit(seconds: float, prefix: str) -> None:
    assert time_scale(seconds).prefix == prefix


@pytest.mark.parametrize(("rate", "prefix"), [(1.0, ""), (1e3, ""), (1001.0, "K"), (2e6, "M")])
def test_operations_go_up_in_thousands(rate: float, prefix: str) -> None:
    assert operations_scale(rate).prefix == prefix


def test_the_sorted_column_sets_the_unit_and_a_name_leaves_it_to_the_minimum() -> None:
    ends: dict[str, Any] = {"best": {"min": 1e-9, "max": 1e-3}, "worst": {}}
    prefixes = [scale_of("seconds", [entry()], **ends, sort=by).prefix for by in ("max", "name")]
    assert prefixes == ["m", "n"]


def test_a_unit_that_was_asked_for_is_taken_for_everything() -> None:
    ends: dict[str, Any] = {"best": {}, "worst": {}}
    for unit in ("seconds", "operations"):
        assert scale_of(unit, [entry()], **ends, sort="min", time_unit="us") == ("u", 1e6)
    assert scale_of("operations", [entry()], **ends, sort="min", time_unit="auto").prefix == ""


@pytest.mark.parametrize("more", [{"unit": "bytes"}, {"unit": "seconds", "time_unit": "h"}])
def test_an_unknown_unit_is_refused(more: dict[str, str]) -> None:
    with pytest.raises(UsageError):
        scale_of(benchmarks=[entry()], best={}, worst={}, sort="min", **more)


def test_one_row_stands_without_relative_figures() -> None:
    assert table(entry()).splitlines() == [
        "",
        "------------- benchmark: 1 tests -------------",
        "Name (time in ms)        Min       OPS  Rounds",
        "-" * 46,
        "test_a                1.0000  500.0000       7",
        "-" * 46,
        "",
        *LEGEND,
    ]


def test_rows_are_relative_to_the_best_of_their_column() -> None:
    drawn = table(entry("slow", min=2e-3, ops=100.0), entry("fast")).splitlines()
    assert drawn[4].split() == ["fast", "1.0000", "(1.0)", "500.0000", "(1.0)", "7"]
    assert drawn[5].split() == ["slow", "2.0000", "(2.00)", "100.0000", "(0.20)", "7"]


@pytest.mark.parametrize(
    ("value", "said"), [(2.0, "(>1000.0)"), (0.5, "(500.00)"), (math.nan, "(nan)")]
)
def test_what_lies_far_off_is_said_so(value: float, said: str) -> None:
    assert said in table(entry(), entry("test_b", min=value))


def test_a_best_of_zero_makes_all_others_infinite() -> None:
    rows = table(entry(stddev=0.0), entry("test_b"), columns=("stddev",)).splitlines()[4:6]
    assert [row.split()[2] for row in rows] == ["(1.0)", "(inf)"]


def test_best_worst_and_broken_rows_are_painted() -> None:
    drawn = table(entry(), entry("test_b", min=2e-3, has_error=True), paint=mark, columns=("min",))
    assert "<good> " in drawn
    assert "<bad>test_b" in drawn
    assert drawn.count("<bad>") == 2


def test_a_group_is_named_and_hostile_names_move_no_cursor() -> None:
    drawn = render([("g", [entry("\x1b[2J")])], **LAID, scale_unit=scale)
    assert " benchmark 'g': 1 tests " in drawn
    assert "\x1b" not in drawn


def test_a_figure_that_was_not_saved_is_no_number_and_comes_last() -> None:
    old = {key: value for key, value in entry("test_old").items() if key != "min"}
    rows = tables([(None, [old, entry()])], **LAID, scale_unit=scale)[0].rows
    assert [row["name"] for row in rows] == ["test_a", "test_old"]
    assert extremes([old]).best["min"] is not None
    assert math.isnan(extremes([old]).best["min"])


def test_no_groups_make_no_table() -> None:
    assert render([], **LAID, scale_unit=scale) == render([(None, [])], **LAID, scale_unit=scale)
    assert render([], **LAID, scale_unit=scale) == ""


def test_rows_sort_by_figures_or_names() -> None:
    assert sort_key(entry(), "max") == (4e-3, "")
    assert sort_key(entry(), "fullname") == (0.0, "t.py::test_a")


def test_columns_are_read_and_unknown_ones_refused() -> None:
    assert parse_columns("MIN, max ") == ("min", "max")
    assert set(parse_columns(",".join(COLUMNS))) == COLUMNS
    with pytest.raises(UsageError, match=r"Invalid column name\(s\): x"):
        parse_columns("min,x")


def side_by_side() -> list[str]:
    rows = [
        entry(source="0001_old"),
        entry(source="0002_new", min=5e-4, ops=250.0),
        entry("test_b", source="0001_old"),
    ]
    laid: dict[str, Any] = {"columns": ("min", "ops"), "sort": "min", "name_format": "short"}
    return between([("g", rows)], **laid, scale_unit=scale).splitlines()


def test_every_column_of_a_comparison_names_its_run() -> None:
    _, title, head, *_ = side_by_side()
    assert " benchmark 'g': 2 tests, 2 sources " in title
    assert head.split()[4:] == [
        *("0001", "Min", "0002", "Min", "\u0394Min"),
        *("0001", "OPS", "0002", "OPS", "\u0394OPS"),
    ]


def test_runs_stand_side_by_side_with_what_changed() -> None:
    changed, alone = (line.split() for line in side_by_side()[4:6])
    assert changed == ["a", "1,000.0000", "500.0000", "-50.0%", "500.0000", "250.0000", "-50.0%"]
    assert alone == ["b", "1,000.0000", "N/A", "N/A", "500.0000", "N/A", "N/A"]


def test_less_time_is_good_and_fewer_operations_are_bad() -> None:
    rows = [entry(source="1"), entry(source="2", min=5e-4, ops=250.0, max=4e-3)]
    laid: dict[str, Any] = {"columns": ("min", "ops", "max"), "sort": "name", "name_format": "long"}
    drawn = between([(None, rows)], **laid, scale_unit=scale, paint=mark)
    assert "-50.0%</good>" in drawn
    assert "-50.0%</bad>" in drawn
    assert "+0.0%</strong>" in drawn


@pytest.mark.parametrize(
    ("sources", "columns", "said"),
    [(("1",), ("min",), "at least 2 source files, got 1"), (("1", "2"), ("rounds",), "no column")],
)
def test_one_run_or_no_figure_is_refused(
    sources: tuple[str, ...], columns: tuple[str, ...], said: str
) -> None:
    rows = [entry(source=source) for source in sources]
    with pytest.raises(UsageError, match=said):
        between([(None, rows)], columns=columns, sort="min", name_format="short", scale_unit=scale)


def test_csv_has_a_column_for_every_parameter() -> None:
    groups = [
        (None, [entry("test_b", params={"n": 1}, min=0.5), entry(params={"m": "x"})]),
        ("g", [entry("test_c")]),
    ]
    text = to_csv(groups, columns=("min", "outliers"), sort="min")
    assert list(csv.reader(text.splitlines())) == [
        ["name", "param:m", "param:n", "min", "outliers"],
        ["t.py::test_a", "x", "", "0.001", "1;2"],
        ["t.py::test_b", "", "1", "0.5", "1;2"],
        ["t.py::test_c", "", "", "0.001", "1;2"],
    ]


def test_no_spreadsheet_takes_a_name_or_parameter_for_a_formula() -> None:
    hostile = entry(fullname="=1+1", params={"n": "@x", "m": -1})
    text = to_csv([(None, [hostile])], columns=(), sort="name")
    assert text.splitlines()[1] == "'=1+1,-1,'@x"


def box(**more: Any) -> Entry:
    points = {"ld15iqr": 1e-3, "q1": 1.5e-3, "q3": 2.5e-3, "hd15iqr": 3e-3}
    return entry(**{**points, **more})


def test_a_chart_says_its_unit_and_every_box_in_words() -> None:
    drawn = to_svg([box(path="a.json"), box(name="<b>")], group="g&h", prefix="m", factor=1e3)
    assert "<title>Speed in Milliseconds (ms) of g&amp;h</title>" in drawn
    assert "median: 2.0000" in drawn
    assert drawn.count("<rect") == 2
    assert drawn.count('<g class="s">') == drawn.count('<g class="n">') == 1
    assert "<b>" not in drawn


def test_a_chart_of_equal_figures_and_of_an_old_entry_can_be_drawn() -> None:
    flat: dict[str, Any] = dict.fromkeys(
        ("min", "max", "q1", "q3", "median", "ld15iqr", "hd15iqr"), 0.0
    )
    assert "<rect" in to_svg([entry(**flat)], group=None, prefix="", factor=1.0)
    assert "<rect" in to_svg(
        [{"name": "a", "fullname": "a", "mean": 1.0}], group=None, prefix="", factor=1.0
    )


def test_a_chart_ends_where_it_would_get_too_narrow() -> None:
    assert to_svg([box()] * 200, group=None, prefix="n", factor=1e9).count("<rect") == MOST


@pytest.mark.parametrize(
    ("group_name", "name"),
    [
        (None, "out/p.svg"),
        ("", "out/p.svg"),
        ("a/b c", "out/p-a_b_c.svg"),
        ("a: b", "out/p-a_b.svg"),
    ],
)
def test_a_charts_file_is_named_by_its_group(group_name: str | None, name: str) -> None:
    assert file_name("out/p", group_name) == name
