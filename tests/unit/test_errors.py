from __future__ import annotations

import pytest

from paceline import errors
from paceline.errors import PacelineError, Place, SettingsError

ERRORS = [getattr(errors, name) for name in errors.__all__ if name.endswith("Error")]


def test_a_message_says_place_problem_code_and_remedy() -> None:
    error = SettingsError("x = 3 does not fit", place=Place("a.toml", 7), remedy="write 4")
    assert str(error) == "a.toml:7: x = 3 does not fit [PAC200]\nremedy: write 4"


def test_what_is_not_known_is_left_out() -> None:
    assert str(PacelineError("no")) == "no [PAC000]"


@pytest.mark.parametrize(("line", "text"), [(0, "a.toml"), (3, "a.toml:3")])
def test_a_place_without_a_line_is_the_file(line: int, text: str) -> None:
    assert str(Place("a.toml", line)) == text


def test_every_error_has_a_code_of_its_own() -> None:
    assert len({error.code for error in ERRORS}) == len(ERRORS)
