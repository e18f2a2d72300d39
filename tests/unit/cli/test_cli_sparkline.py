from __future__ import annotations

import pytest

from paceline.cli.sparkline import sparkline


@pytest.mark.parametrize(
    ("values", "blocks", "plain"),
    [
        ((), "", ""),
        ((None,), "", ""),
        ((1.0, 1.0), "▁▁", "__"),
        ((1.0, 2.0), "▁█", "_@"),
        ((1.0, None, float("inf"), 2.0), "▁  █", "_  @"),
        (tuple(map(float, range(8))), "▁▂▃▄▅▆▇█", "_.-=+*#@"),
    ],
)
def test_figures_become_marks_between_the_least_and_the_greatest(
    values: tuple[float | None, ...], blocks: str, plain: str
) -> None:
    assert sparkline(values) == blocks
    assert sparkline(values, pure_ascii=True) == plain
