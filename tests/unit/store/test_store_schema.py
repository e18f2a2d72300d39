from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from paceline.model import METRICS, RESOURCES
from paceline.store.schema import INDEXES, TABLES, Dialect, ddl

FIXTURES = Path(__file__).parents[2] / "fixtures" / "store"


@pytest.mark.parametrize("dialect", Dialect)
def test_the_ddl_is_the_reviewed_text(dialect: Dialect) -> None:
    assert ddl(dialect) == (FIXTURES / f"{dialect.value}.sql").read_text("utf-8")


@pytest.mark.parametrize("dialect", Dialect)
def test_every_column_of_every_dialect_carries_its_comment(dialect: Dialect) -> None:
    text = ddl(dialect).replace("''", "'")
    missing = [column for table in TABLES for column in table.columns if column.comment not in text]
    assert not missing
    assert all(column.comment for table in TABLES for column in table.columns)


def test_sqlite_accepts_the_ddl() -> None:
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.executescript(ddl(Dialect.SQLITE))
        names = {row[0] for row in connection.execute("SELECT name FROM sqlite_master")}
    assert {table.name for table in TABLES} | {index.name for index in INDEXES} <= names


def test_the_trend_is_read_off_the_covering_index() -> None:
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.executescript(ddl(Dialect.SQLITE))
        plan = connection.execute(
            "EXPLAIN QUERY PLAN SELECT mean, median, min, stddev, rounds FROM measurements"
            " WHERE case_number = 1 AND metric_number = 1 ORDER BY run_number"
        ).fetchall()
    assert "USING COVERING INDEX measurements_by_case" in plan[0][3]
    assert len(plan) == 1


def test_the_records_of_one_case_are_found_by_the_key_of_the_table() -> None:
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.executescript(ddl(Dialect.SQLITE))
        plan = connection.execute(
            "EXPLAIN QUERY PLAN SELECT test_time FROM runs CROSS JOIN resources"
            " ON run_number = runs.number AND case_number = 1 ORDER BY runs.started DESC"
        ).fetchall()
    key = "SEARCH resources USING PRIMARY KEY (run_number=? AND case_number=?)"
    assert [key in step[3] for step in plan] == [False, True]


def test_every_metric_of_a_record_has_a_column_that_says_its_unit() -> None:
    (table,) = (table for table in TABLES if table.name == "resources")
    comments = {column.name: column.comment for column in table.columns if column.null}
    assert tuple(comments) == RESOURCES
    assert all(comments[name].startswith(f"{METRICS[name].unit}: ") for name in RESOURCES)
