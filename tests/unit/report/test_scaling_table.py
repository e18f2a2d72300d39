from __future__ import annotations

from typing import TYPE_CHECKING

from paceline.report.document import row_of
from paceline.report.grouping import Group
from paceline.report.scaling import complexity_of, scaling_lines

if TYPE_CHECKING:
    from collections.abc import Callable

    from paceline.model import Measurement

    Make = Callable[..., Measurement]


def _group(make: Make, sizes: tuple[int, ...], cost: float = 1e-6) -> Group:
    rows = [
        row_of(make("test_s", (cost * n,) * 8, label=f"n={n}", extra=(("scaling", str(n)),)))
        for n in sizes
    ]
    return Group("a.py::test_s", tuple(rows))


def test_sizes_costs_and_class_are_shown(make_measurement: Make) -> None:
    lines = scaling_lines(_group(make_measurement, (10, 100, 1000)))
    assert "scaling 'test_s'" in lines[0]
    assert lines[3].split()[:2] == ["10", "10.00"]
    assert "1.000 µs" in lines[3]
    assert lines[5].split()[0] == "1,000"
    assert lines[-1].startswith("grows as O(n), goodness 1.000, exponent 1.00 [")


def test_two_sizes_are_too_few_for_a_class(make_measurement: Make) -> None:
    group = _group(make_measurement, (10, 100))
    assert complexity_of(group) is None
    assert "grows" not in scaling_lines(group)[-1]


def test_a_cost_of_zero_fits_no_class(make_measurement: Make) -> None:
    assert complexity_of(_group(make_measurement, (1, 2, 3), 0.0)) is None


def test_a_size_of_zero_has_no_cost_per_item(make_measurement: Make) -> None:
    assert "0" in scaling_lines(_group(make_measurement, (0, 1)))[3]
