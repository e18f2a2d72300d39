from __future__ import annotations

import dataclasses
import enum
from dataclasses import dataclass
from typing import ClassVar

import pytest

from paceline.errors import Place, SettingsError
from paceline.options import declarations, option, read

PLACE = Place("pyproject.toml", 7)


class Colour(enum.Enum):
    RED = "red"
    BLUE = "blue"


@dataclass(frozen=True, slots=True)
class Paint:
    section: ClassVar[str] = "paint"

    colour: Colour = option(Colour.RED, flags={"--blue": Colour.BLUE}, help="The colour.")
    coats: int = option(2, help="How many.", flag="--coats", metavar="NUM")
    drying: float = option(60.0, unit="s", help="How long.")
    share: float = option(0.5, help="How much.")
    portion: float = option(0.5, unit="1", least=0, most=0.9, help="Of the wall.")
    layers: int = option(2, least=1, help="At least one.")
    depth: float = option(1.0, most=3, help="At most three.")
    glossy: bool = option(False, help="Whether it shines.")
    names: tuple[str, ...] = option((), help="Called.")
    note: str = option("", help="Said.")


DECLARED = {one.name: one for one in declarations(Paint)}


def test_a_declaration_knows_its_five_names() -> None:
    one = DECLARED["coats"]
    assert (one.key, one.ini) == ("paint.coats", "paceline_paint_coats")
    assert (one.environment, one.flag) == ("PACELINE_PAINT_COATS", "--coats")
    assert DECLARED["colour"].flags == {"--blue": Colour.BLUE}
    assert DECLARED["names"].repeated


@pytest.mark.parametrize(
    ("name", "raw", "value"),
    [
        ("colour", " Blue ", Colour.BLUE),
        ("colour", Colour.RED, Colour.RED),
        ("coats", "3", 3),
        ("portion", "90 %", 0.9),
        ("depth", 3, 3.0),
        ("names", ["a,b", "c d"], ("a", "b", "c d")),
        ("drying", "2 min", 120.0),
        ("drying", "30", 30.0),
        ("drying", 30, 30.0),
        ("share", "0.25", 0.25),
        ("glossy", "yes", True),
        ("glossy", "off", False),
        ("names", "a, b", ("a", "b")),
        ("names", ["a b", "c"], ("a b", "c")),
        ("note", 3, "3"),
    ],
)
def test_texts_and_native_values_are_read(name: str, raw: object, value: object) -> None:
    assert read(DECLARED[name], raw, PLACE) == value


@pytest.mark.parametrize(
    ("name", "raw", "wanted"),
    [
        ("colour", "green", "one of red, blue.*Default: red"),
        ("coats", 2.5, "a whole number"),
        ("coats", True, "a whole number"),
        ("drying", "3 apples", "a quantity in seconds, such as 60.0"),
        ("share", "much", "a number"),
        ("share", True, "a number"),
        ("share", float("nan"), "a number"),
        ("portion", 10, "a share of at least 0 and at most 0.9, such as 10 % or 0.1"),
        ("portion", "10", "a share"),
        ("portion", "95 %", "a share"),
        ("layers", 0, "a whole number of at least 1"),
        ("depth", 4, "a number of at most 3"),
        ("glossy", "perhaps", "true or false"),
    ],
)
def test_what_does_not_fit_is_named_with_place_and_remedy(
    name: str, raw: object, wanted: str
) -> None:
    said = rf"(?s)^pyproject.toml:7: paint.{name} = .* does not fit: {wanted}"
    with pytest.raises(SettingsError, match=said):
        read(DECLARED[name], raw, PLACE)


def test_a_default_of_nothing_is_said_as_none() -> None:
    names = dataclasses.replace(DECLARED["names"], type=int, repeated=False)
    with pytest.raises(SettingsError, match="Default: none"):
        read(names, "x", PLACE)


def test_a_field_that_is_no_option_is_refused() -> None:
    @dataclass(frozen=True)
    class Wrong:
        section: ClassVar[str] = "wrong"
        coats: int = 2

    with pytest.raises(TypeError, match=r"Wrong\.coats is no option"):
        declarations(Wrong)
