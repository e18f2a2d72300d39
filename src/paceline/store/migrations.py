"""Step a store from one schema version to the next and back.

A step's SQL is frozen when its version is released: it never refers to today's description.
Stepping down drops what the older version can't hold.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

__all__ = ["STEPS", "Step", "migrate", "run_script"]


@dataclass(frozen=True, slots=True)
class Step:
    """The SQL that leads from ``version - 1`` to ``version`` and back."""

    version: int
    up: str
    down: str


STEPS = (
    Step(
        2,
        up="""
CREATE TABLE baselines (  -- runs kept under a name; retention never takes them
    name TEXT NOT NULL,  -- the name people use
    run_number INTEGER NOT NULL REFERENCES runs (number),  -- the run
    saved REAL NOT NULL,  -- seconds since the epoch
    PRIMARY KEY (name)
) WITHOUT ROWID;
CREATE INDEX baselines_by_run ON baselines (run_number);
ALTER TABLE measurements ADD COLUMN items REAL NOT NULL DEFAULT 0;
ALTER TABLE measurements ADD COLUMN item_unit TEXT NOT NULL DEFAULT 'items';
ALTER TABLE measurements ADD COLUMN conditions TEXT NOT NULL DEFAULT '[]';
ALTER TABLE measurements ADD COLUMN extra TEXT NOT NULL DEFAULT '[]';
""",
        down="""
ALTER TABLE measurements DROP COLUMN extra;
ALTER TABLE measurements DROP COLUMN conditions;
ALTER TABLE measurements DROP COLUMN item_unit;
ALTER TABLE measurements DROP COLUMN items;
DROP TABLE baselines;
""",
    ),
    Step(
        3,
        up="""
CREATE TABLE triage (  -- what people said about change points; it outlives the runs
    case_id TEXT NOT NULL,  -- the case, as in cases.id
    metric TEXT NOT NULL,  -- the metric, as in metrics.name
    host_kind TEXT NOT NULL,  -- what comparable hosts share, as people read it
    run_id TEXT NOT NULL,  -- the first run of the new level on the day
    started REAL NOT NULL,  -- when that run started, seconds since the epoch
    size REAL NOT NULL,  -- relative change of the level on the day, 0.05 for 5 % more
    state TEXT NOT NULL,  -- confirmed, expected or ignored
    note TEXT NOT NULL,  -- why, in the words of who said so
    said REAL NOT NULL,  -- when it was said, seconds since the epoch
    PRIMARY KEY (case_id, metric, host_kind, run_id)
) WITHOUT ROWID;
""",
        down="""
DROP TABLE triage;
""",
    ),
    Step(
        4,
        up="""
ALTER TABLE measurements ADD COLUMN sites TEXT NOT NULL DEFAULT '[]';
CREATE TABLE resources (  -- what a test or a fixture's set-up took in one run; null for not known
    run_number INTEGER NOT NULL REFERENCES runs (number),  -- the run
    case_number INTEGER NOT NULL,  -- the case, as in cases.number
    unsure TEXT NOT NULL,  -- JSON list of [metric, why its figure can't be trusted]
    test_time REAL,  -- s: elapsed time of a test with its fixtures
    test_setup_time REAL,  -- s: elapsed time of the set-up phase
    test_call_time REAL,  -- s: elapsed time of the test's own body
    test_teardown_time REAL,  -- s: elapsed time of the teardown phase
    test_cpu_time REAL,  -- s: processor time of this process
    test_children_cpu_time REAL,  -- s: processor time of finished children
    test_process_peak REAL,  -- B: most resident memory
    test_process_rise REAL,  -- B: peak of resident memory above the start
    test_process_growth REAL,  -- B: resident memory added
    test_threads REAL,  -- 1: more threads after than before
    test_open_files REAL,  -- 1: more open files after than before
    test_collections REAL,  -- 1: garbage collections
    test_collection_time REAL,  -- s: time in garbage collections
    test_bytes_read REAL,  -- B: bytes read by system calls
    test_bytes_written REAL,  -- B: bytes written by system calls
    PRIMARY KEY (run_number, case_number)
) WITHOUT ROWID;
""",
        down="""
DROP TABLE resources;
ALTER TABLE measurements DROP COLUMN sites;
""",
    ),
    Step(
        5,
        up="""
ALTER TABLE resources ADD COLUMN worker TEXT NOT NULL DEFAULT '';
ALTER TABLE resources ADD COLUMN position INTEGER NOT NULL DEFAULT -1;
ALTER TABLE resources ADD COLUMN started REAL NOT NULL DEFAULT 0;
ALTER TABLE resources ADD COLUMN outcome TEXT NOT NULL DEFAULT '';
ALTER TABLE resources ADD COLUMN attempt INTEGER NOT NULL DEFAULT 1;
ALTER TABLE resources ADD COLUMN shared REAL NOT NULL DEFAULT 0;
CREATE TABLE suite_facts (  -- what runs taught about a suite; it outlives them
    kind TEXT NOT NULL,  -- shuffled, order_dependent or exclusive
    name TEXT NOT NULL,  -- what it is about: a test, a file, a fixture
    value TEXT NOT NULL,  -- what is known: JSON
    run_id TEXT NOT NULL,  -- the run that taught it, empty for none
    said REAL NOT NULL,  -- when it was said, seconds since the epoch
    PRIMARY KEY (kind, name)
) WITHOUT ROWID;
""",
        down="""
DROP TABLE suite_facts;
ALTER TABLE resources DROP COLUMN shared;
ALTER TABLE resources DROP COLUMN attempt;
ALTER TABLE resources DROP COLUMN outcome;
ALTER TABLE resources DROP COLUMN started;
ALTER TABLE resources DROP COLUMN position;
ALTER TABLE resources DROP COLUMN worker;
""",
    ),
    Step(
        6,
        up="""
ALTER TABLE runs ADD COLUMN tree TEXT NOT NULL DEFAULT '';
ALTER TABLE runs ADD COLUMN content TEXT NOT NULL DEFAULT '';
ALTER TABLE cases ADD COLUMN category TEXT;
CREATE TABLE daily_figures (  -- roll-up: what each whole run adds to a day's figures
    category TEXT NOT NULL,  -- what kind of test, empty for none
    metric_number INTEGER NOT NULL REFERENCES metrics (number),  -- the metric
    day INTEGER NOT NULL,  -- days since 1970-01-01 (UTC) when the run started
    run_number INTEGER NOT NULL REFERENCES runs (number),  -- the run
    figures INTEGER NOT NULL,  -- measurements whose median can be added up
    total REAL NOT NULL,  -- sum of their medians, base unit
    least REAL NOT NULL,  -- smallest median, base unit
    most REAL NOT NULL,  -- largest median, base unit
    PRIMARY KEY (category, metric_number, day, run_number)
) WITHOUT ROWID;
CREATE TABLE daily_tests (  -- roll-up: how the tests of each whole run ended
    day INTEGER NOT NULL,  -- days since 1970-01-01 (UTC) when the run started
    category TEXT NOT NULL,  -- what kind of test, empty for none
    run_number INTEGER NOT NULL REFERENCES runs (number),  -- the run
    tests INTEGER NOT NULL,  -- tests that ended
    failed INTEGER NOT NULL,  -- those that failed, broke or crashed
    seconds REAL NOT NULL,  -- s: what they took together
    PRIMARY KEY (day, category, run_number)
) WITHOUT ROWID;
CREATE INDEX cases_to_sort ON cases (number) WHERE category IS NULL;
CREATE INDEX daily_figures_by_run ON daily_figures (run_number);
CREATE INDEX daily_tests_by_run ON daily_tests (run_number);
""",
        down="""
DROP INDEX cases_to_sort;
DROP TABLE daily_tests;
DROP TABLE daily_figures;
ALTER TABLE cases DROP COLUMN category;
ALTER TABLE runs DROP COLUMN content;
ALTER TABLE runs DROP COLUMN tree;
""",
    ),
)


def migrate(connection: sqlite3.Connection, version: int) -> None:
    """Step the store to ``version`` inside the caller's transaction."""
    (current,) = connection.execute("PRAGMA user_version").fetchone()
    ups = [step for step in STEPS if current < step.version <= version]
    downs = [step for step in reversed(STEPS) if version < step.version <= current]
    for step in ups:
        run_script(connection, step.up)
    for step in downs:
        run_script(connection, step.down)
    connection.execute(f"PRAGMA user_version = {version:d}")


def run_script(connection: sqlite3.Connection, script: str) -> None:
    """Run statements one by one: ``executescript`` would commit the caller's transaction first."""
    pending = ""
    for line in script.splitlines(keepends=True):
        pending += line
        if sqlite3.complete_statement(pending):
            connection.execute(pending)
            pending = ""
