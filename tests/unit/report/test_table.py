from __future__ import annotations

import math

import pytest

from paceline.report.table import Align, Heading, decimals, lay_out, number, pad, safe, width
from paceline.units import Scale

MILLI = Scale(1e-3, "ms")


@pytest.mark.parametrize(
    ("text", "columns"), [("abc", 3), ("名前", 4), ("e\u0301", 1), ("", 0), ("a…", 2)]
)
def test_width_counts_terminal_columns(text: str, columns: int) -> None:
    assert width(text) == columns


def test_pad_fills_either_side() -> None:
    assert pad("名", 4, Align.LEFT) == "名  "
    assert pad("名", 4, Align.RIGHT) == "  名"


def test_safe_spells_out_then_elides() -> None:
    assert safe("a\x1bb") == "a\\x1bb"
    assert len(safe("x" * 10_000, longest=20)) == 20
    assert safe("×", pure_ascii=True) == "x"


def test_columns_are_aligned_and_empty_ones_left_out() -> None:
    headings = [Heading("Name", Align.LEFT), Heading("Empty" * 0), Heading("Min")]
    lines = lay_out(headings, [("名前", "", "1.5"), ("abc", "", "10.5")])
    assert lines == ("Name   Min", "名前   1.5", "abc   10.5")


def test_rows_are_painted_after_they_are_aligned() -> None:
    lines = lay_out(
        [Heading("A")], [("1",), ("22",)], roles=("bad",), paint=lambda text, role: f"{role}:{text}"
    )
    assert lines == (" A", "bad: 1", "22")


def test_ascii_cells_are_aligned_by_what_is_shown() -> None:
    headings = [Heading("A", Align.LEFT), Heading("B", gap=1)]
    assert lay_out(headings, [("±1", "x")], pure_ascii=True) == ("A    B", "+/-1 x")


@pytest.mark.parametrize(
    ("values", "places"),
    [((0.0012345,), 3), ((0.012345, 9.0), 2), ((12.0,), 0), ((1e-9,), 4), ((), 0), ((0.0,), 0)],
)
def test_a_column_has_one_precision(values: tuple[float, ...], places: int) -> None:
    assert decimals(values, MILLI) == places


def test_numbers_are_grouped_and_never_in_exponents() -> None:
    assert number(1234.5678, MILLI, 2) == "1,234,567.80"
    assert number(math.inf, MILLI, 2) == "?"
