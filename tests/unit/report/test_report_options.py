from __future__ import annotations

import pytest

from paceline.errors import Place, SettingsError
from paceline.options import declarations, read
from paceline.report.options import Column, Detail, TableOptions

BY_NAME = {one.name: one for one in declarations(TableOptions)}
PLACE = Place("pyproject.toml", 3)


def test_the_flags_are_those_that_users_know() -> None:
    assert {one.flag for one in BY_NAME.values() if one.flag} == {
        "--benchmark-columns",
        "--benchmark-sort",
        "--benchmark-group-by",
        "--benchmark-name",
        "--benchmark-time-unit",
        "--paceline-style",
    }
    assert BY_NAME["detail"].flags == {
        "--benchmark-quiet": Detail.QUIET,
        "--benchmark-verbose": Detail.VERBOSE,
    }


def test_every_option_has_one_help_sentence() -> None:
    assert all(one.help.endswith(".") for one in BY_NAME.values())


def test_columns_are_read_from_a_comma_list() -> None:
    assert read(BY_NAME["columns"], "min, p95", PLACE) == (Column.MIN, Column.P95)


def test_an_unknown_column_is_refused_with_the_known_ones() -> None:
    with pytest.raises(SettingsError, match="one of min, max, mean"):
        read(BY_NAME["columns"], "mim", PLACE)
