from __future__ import annotations

from typing import TYPE_CHECKING

from paceline.report.document import row_of
from paceline.report.grouping import Group
from paceline.report.histogram import to_svg

if TYPE_CHECKING:
    from collections.abc import Callable

    from paceline.model import Measurement

    Make = Callable[..., Measurement]


def test_a_chart_says_in_words_what_it_draws(make_measurement: Make) -> None:
    drawn = to_svg(Group("g", (row_of(make_measurement()),)))
    assert "<title>g: test_one median 1.000 ms</title>" in drawn
    assert drawn.count("<circle") == 10
    assert "http" not in drawn.replace("http://www.w3.org/2000/svg", "")


def test_many_rounds_are_thinned_to_200_dots(make_measurement: Make) -> None:
    row = row_of(make_measurement(values=tuple(1.0 + n / 1e4 for n in range(2001))))
    assert to_svg(Group("g", (row,))).count("<circle") <= 200


def test_no_rows_draw_nothing(make_measurement: Make) -> None:
    assert to_svg(Group("g", ())) == ""
    assert "<title>benchmarks: " in to_svg(Group("", (row_of(make_measurement(values=(0.0,))),)))
