from __future__ import annotations

import pytest

from paceline.errors import UnitError
from paceline.units import Scale, format_number, format_quantity, parse, scale_for


@pytest.mark.parametrize(
    ("text", "unit", "value"),
    [
        ("100 ms", "s", 0.1),
        ("3us", "s", 3e-6),
        ("2 min", "s", 120.0),
        ("1_000.5 ns", "s", 1.0005e-6),
        ("5 MiB", "B", 5 * 1024**2),
        ("1 kB", "B", 1000),
        ("1 KB", "B", 1024),
        ("5 %", "1", 0.05),
        ("10x", "1", 10),
        ("600/min", "1/s", 10),
        ("-.5 s", "s", -0.5),
    ],
)
def test_quantities_are_read_into_base_units(text: str, unit: str, value: float) -> None:
    assert parse(text, unit) == pytest.approx(value)


def test_a_plain_number_is_in_the_documented_unit() -> None:
    assert parse("100", "s", bare=1e-3) == pytest.approx(0.1)


@pytest.mark.parametrize(
    ("text", "unit", "said"),
    [
        ("fast", "s", "'fast' is no quantity.*100 ms"),
        ("1e999 s", "s", "not finite"),
        ("3 mss", "s", "unknown unit 'mss'.*did you mean 'ms'"),
        ("3 ?", "B", r"unknown unit '\?'(?s:.)*known here: B, KB"),
        ("3 ms", "B", "unknown unit 'ms'"),
    ],
)
def test_a_wrong_quantity_is_named_with_its_remedy(text: str, unit: str, said: str) -> None:
    with pytest.raises(UnitError, match=f"(?s){said}"):
        parse(text, unit)


def test_a_number_without_its_unit_is_refused_where_one_is_needed() -> None:
    with pytest.raises(UnitError, match="'3' has no unit"):
        parse("3", "s", bare=None)


@pytest.mark.parametrize(
    ("values", "unit", "symbol"),
    [
        ((0.002, 3.0), "s", "ms"),
        ((0.0, 2e-6), "s", "µs"),
        ((1e-12,), "s", "ns"),
        ((), "B", "B"),
        ((2048.0,), "B", "KiB"),
        ((5e6,), "1/s", "M/s"),
    ],
)
def test_one_scale_suits_the_smallest_figure(
    values: tuple[float, ...], unit: str, symbol: str
) -> None:
    assert scale_for(values, unit).symbol == symbol


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [(0.0123456, "s", "12.35 ms"), (10.0, "1", "10.00"), (2500.0, "1/s", "2.500k/s")],
)
def test_a_quantity_has_four_digits_and_its_symbol(value: float, unit: str, text: str) -> None:
    assert format_quantity(value, unit) == text


def test_a_figure_can_be_held_to_the_scale_of_its_table() -> None:
    assert format_quantity(0.5, "s", scale=Scale(1e-3, "ms")) == "500.0 ms"


@pytest.mark.parametrize(
    ("figure", "text"), [(0.12345, "0.123"), (123456.7, "123,457"), (float("inf"), "inf")]
)
def test_a_number_is_never_written_with_an_exponent(figure: float, text: str) -> None:
    assert format_number(figure) == text
