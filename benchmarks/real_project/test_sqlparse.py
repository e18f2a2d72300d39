"""What a user of sqlparse calls, on statements of three sizes."""

from __future__ import annotations

from typing import Any

import pytest
import sqlparse

SHORT = "select a, b from t where a = 1"
JOINED = (
    "select u.name, count(*) as n from users u left join orders o on o.user_id = u.id "
    "where o.total > 100 and u.country in ('de', 'fr', 'it') group by u.name having n > 3 "
    "order by n desc limit 10"
)
NESTED = f"insert into best (name, n) select * from ({JOINED}) x where exists ({SHORT})"  # noqa: S608  (parsed, never run)
STATEMENTS = {"short": SHORT, "joined": JOINED, "nested": NESTED}


@pytest.mark.parametrize("size", STATEMENTS)
def test_parse(benchmark: Any, size: str) -> None:
    """One statement becomes one tree."""
    assert len(benchmark(sqlparse.parse, STATEMENTS[size])) == 1


@pytest.mark.parametrize("size", STATEMENTS)
def test_format(benchmark: Any, size: str) -> None:
    """A statement is laid out anew."""
    assert benchmark(sqlparse.format, STATEMENTS[size], reindent=True, keyword_case="upper")


def test_split(benchmark: Any) -> None:
    """A script falls into its statements."""
    assert len(benchmark(sqlparse.split, "; ".join(STATEMENTS.values()))) == 3
