from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from paceline.errors import UsageError
from paceline.model import Case
from paceline.report.document import Row, row_of
from paceline.report.grouping import grouped, scaled, shown_name, side_by_side, size_of
from paceline.report.options import NameFormat, Sort

if TYPE_CHECKING:
    from collections.abc import Callable

    from paceline.model import Measurement

    Make = Callable[..., Measurement]


@pytest.fixture
def rows(make_measurement: Make) -> tuple[Row, ...]:
    given = (
        ("test_b[1-x]", "", "g", (("n", "1"),), 3e-3),
        ("test_b[2-x]", "", "g", (("n", "2"),), 2e-3),
        ("test_a", "second", "", (), 1e-3),
    )
    return tuple(
        row_of(make_measurement(name, (at, at), label=label, group=group, parameters=parameters))
        for name, label, group, parameters, at in given
    )


@pytest.mark.parametrize(
    ("by", "names"),
    [
        (("group",), ["g", ""]),
        (("name",), ["test_b[1-x]", "test_b[2-x]", "test_a#second"]),
        (("func",), ["test_b", "test_a"]),
        (("fullfunc",), ["tests/test_a.py::test_b", "tests/test_a.py::test_a"]),
        (("param",), ["1-x", "2-x", ""]),
        (("param:n",), ["n=1", "n=2", ""]),
        (("group", "param:n"), ["g n=1", "g n=2", ""]),
    ],
)
def test_rows_are_grouped_by_labels(
    rows: tuple[Row, ...], by: tuple[str, ...], names: list[str]
) -> None:
    assert [group.name for group in grouped(rows, by, sort=Sort.MIN)] == names


def test_full_names_tell_every_case_apart(rows: tuple[Row, ...]) -> None:
    assert len(grouped(rows, ("fullname",), sort=Sort.MIN)) == len(rows)


@pytest.mark.parametrize(
    ("label", "hint"), [("groop", "did you mean 'group'?"), ("zzz", "known: group, name")]
)
def test_an_unknown_label_is_refused_with_the_known_ones(label: str, hint: str) -> None:
    with pytest.raises(UsageError) as caught:
        grouped((), (label,), sort=Sort.MIN)
    assert hint in caught.value.remedy


@pytest.mark.parametrize(
    ("sort", "first"),
    [(Sort.MIN, "test_b[2-x]"), (Sort.NAME, "test_b[1-x]"), (Sort.FULLNAME, "test_b[1-x]")],
)
def test_rows_are_sorted_inside_their_group(rows: tuple[Row, ...], sort: Sort, first: str) -> None:
    assert grouped(rows, ("group",), sort=sort)[0].rows[0].measurement.case.name == first


@pytest.mark.parametrize(
    ("form", "name"),
    [
        (NameFormat.SHORT, "a"),
        (NameFormat.NORMAL, "test_a"),
        (NameFormat.LONG, "t.py::test_a"),
        (NameFormat.TRIAL, "test_a (r1)"),
    ],
)
def test_names_are_shown_as_asked(form: NameFormat, name: str) -> None:
    assert shown_name(Case("t.py::test_a"), form, trial="r1") == name


@pytest.mark.parametrize(
    ("note", "size"), [("100", 100.0), ('"x"', None), ("[1]", None), ("{", None)]
)
def test_only_a_number_is_a_size(make_measurement: Make, note: str, size: float | None) -> None:
    assert size_of(row_of(make_measurement(extra=(("scaling", note),)))) == size


def test_sizes_are_parted_from_plain_rows_and_ascend(make_measurement: Make) -> None:
    some = [row_of(make_measurement(extra=(("scaling", text),))) for text in ("100", "10")]
    alone = row_of(make_measurement("test_alone"))
    plain, groups = scaled((some[0], alone, some[1]))
    assert plain == (alone,)
    assert [size_of(row) for row in groups[0].rows] == [10.0, 100.0]


def test_scaling_benchmarks_of_one_test_stay_apart(make_measurement: Make) -> None:
    sized = {"extra": (("scaling", "10"),)}
    labels = ("sort/n=10", "sort/n=20", "copy/n=10", "n=10")
    rows = tuple(row_of(make_measurement(label=label, **sized)) for label in labels)
    assert [len(group.rows) for group in scaled(rows)[1]] == [2, 1, 1]


def test_rows_stand_beside_the_fastest(rows: tuple[Row, ...]) -> None:
    sides = side_by_side(rows)
    assert [side.ratio and round(side.ratio.point, 3) for side in sides] == [None, 2.0, 3.0]


def test_a_time_of_zero_has_no_ratio(make_measurement: Make, rows: tuple[Row, ...]) -> None:
    assert side_by_side((*rows, row_of(make_measurement(values=(0.0, 0.0))))) == ()
    assert side_by_side(rows[:1]) == ()
