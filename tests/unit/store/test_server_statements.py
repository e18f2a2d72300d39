from __future__ import annotations

import math
from typing import Any

import pytest

from paceline.store.postgresql.statements import fitting, statement


@pytest.mark.parametrize(
    ("sql", "said", "places"),
    [
        ("SELECT 1 WHERE a = ? AND b = ?", "SELECT 1 WHERE a = %s AND b = %s", (0, 1)),
        ("DELETE WHERE a = ?1 AND (b = ?2 OR c = ?1)", None, (0, 1, 0)),
        ("SELECT '?' WHERE a LIKE '100%' AND b = ?", None, (0,)),
        ("FROM m INDEXED BY m_by JOIN r", "FROM m JOIN r", ()),
        ("FROM r NOT INDEXED CROSS JOIN s ON a = b", "FROM r JOIN s ON a = b", ()),
        ("SELECT 'it''s CROSS JOIN'", "SELECT 'it''s CROSS JOIN'", ()),
    ],
)
def test_a_statement_keeps_its_meaning(sql: str, said: str | None, places: tuple[int, ...]) -> None:
    text, found = statement(sql)
    assert found == places
    assert said is None or text == said


def test_marks_in_quotes_stay_and_per_cent_signs_are_doubled() -> None:
    assert statement("SELECT '?', a % 2 WHERE b LIKE '5%'")[0] == (
        "SELECT '?', a %% 2 WHERE b LIKE '5%%'"
    )


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        ("a\udcffb", "a\\udcffb"),
        ("a\0b", "a\\x00b"),
        ("plain", "plain"),
        (True, 1),
        (math.nan, None),
        (math.inf, math.inf),
    ],
)
def test_a_value_is_kept_as_sqlite_keeps_it(value: Any, kept: Any) -> None:
    (found,) = fitting((value,), (0,))
    assert found == kept
    assert type(found) is type(kept)


def test_zero_has_no_sign() -> None:
    assert str(fitting((-0.0,), (0,))[0]) == "0.0"


def test_a_parameter_may_be_used_twice() -> None:
    assert fitting(("a", "b"), (1, 0, 1)) == ("b", "a", "b")
