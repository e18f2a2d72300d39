from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from paceline.errors import Place, StoreError
from paceline.model import (
    METRICS,
    RESOURCES,
    Case,
    Measurement,
    Resources,
    RunId,
    Site,
    StoredSummary,
    Turn,
)
from paceline.store import migrations
from paceline.store.facts import Fact
from paceline.store.migrations import STEPS, Step, migrate
from paceline.store.schema import VERSION, Dialect, ddl
from paceline.store.sqlite import Store
from paceline.store.triage import SeriesKey, State, Triage, TriageBook

if TYPE_CHECKING:
    from collections.abc import Callable

FIXTURES = Path(__file__).parents[2] / "fixtures" / "store"
VERSIONS = range(1, VERSION + 1)
CASE = Case("tests/test_score.py::test_one[3]", "", (("size", "3"),), "score", ("slow",))
OLD = Measurement(CASE, METRICS["wall_time"], (0.25, 0.5, 1 / 3), 7, 2, unsure="noisy")


@pytest.fixture
def stored(tmp_path: Path) -> Callable[[int], Path]:
    def copy(version: int) -> Path:
        return Path(shutil.copy(FIXTURES / f"v{version}.sqlite", tmp_path / "paceline.sqlite"))

    return copy


def layout(path: Path) -> dict[str, Any]:
    """Describe every table and index by what SQLite made of it, comments aside."""
    with closing(sqlite3.connect(path)) as connection:
        names = connection.execute("SELECT type, name FROM sqlite_master").fetchall()
        pragma = {"table": "table_info", "index": "index_info"}
        return {
            name: connection.execute(f"PRAGMA {pragma[kind]}({name})").fetchall()
            for kind, name in names
        }


def write(path: Path, version: int) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("BEGIN")
        migrate(connection, version)
        connection.execute("COMMIT")


@pytest.mark.parametrize("version", VERSIONS)
def test_a_store_of_every_version_still_reads(stored: Callable[[int], Path], version: int) -> None:
    store = Store(stored(version), clock=float)
    assert [(run.id, run.complete) for run in store.runs()] == [("two", True), ("one", False)]
    assert store.measurements(RunId("two"), metric="wall_time") == (OLD,)


def test_an_older_store_becomes_what_a_fresh_one_is(
    stored: Callable[[int], Path], tmp_path: Path
) -> None:
    Store(stored(1), clock=float).runs()
    fresh = tmp_path / "fresh.sqlite"
    with closing(sqlite3.connect(fresh)) as connection:
        connection.executescript(ddl(Dialect.SQLITE))
    assert layout(tmp_path / "paceline.sqlite") == layout(fresh)


def test_the_older_store_is_kept_beside_and_the_user_is_told(
    stored: Callable[[int], Path], tmp_path: Path
) -> None:
    path = stored(1)
    before = layout(path)
    store = Store(path, clock=float)
    store.runs()
    assert layout(tmp_path / "paceline.sqlite.v1-1") == before
    became = f"schema version 1 became {VERSION}"
    assert store.notes == (f"{path}: {became}; the older store is kept as {path.name}.v1-1",)


@pytest.mark.parametrize("version", VERSIONS[:-1])
def test_every_step_down_leads_back_to_the_older_layout(
    stored: Callable[[int], Path], version: int
) -> None:
    path = stored(version)
    before = layout(path)
    write(path, VERSION)
    assert layout(path) != before
    write(path, version)
    assert layout(path) == before


def test_stepping_down_and_up_again_keeps_what_the_older_version_holds(
    stored: Callable[[int], Path],
) -> None:
    path = stored(2)
    write(path, 1)
    store = Store(path, clock=float)
    assert store.measurements(RunId("one"), metric="wall_time") == (OLD,)
    assert store.baselines() == ()


def test_what_was_said_of_change_points_reads_back(stored: Callable[[int], Path]) -> None:
    series = SeriesKey(CASE.id, "wall_time", Store(stored(3), clock=float).runs()[0].host.kind)
    book = TriageBook(stored(3), clock=float)
    said = Triage(RunId("two"), 1_700_000_060.0, 0.25, State.EXPECTED, "a new parser")
    assert book.about(series) == (said,)
    assert TriageBook(stored(2), clock=float).about(series) == ()


def test_what_tests_took_and_where_memory_is_held_reads_back(
    stored: Callable[[int], Path],
) -> None:
    store = Store(stored(4), clock=float)
    whole, part = store.resources(RunId("two"))
    assert whole == Resources(CASE, tuple(map(float, range(len(RESOURCES)))))
    assert part.case.label == "fixture words"
    assert part.figures == (0.5, *(None,) * (len(RESOURCES) - 1))
    assert part.unsure == (("test_process_peak", "the kernel denies it"),)
    (memory,) = store.measurements(RunId("two"), metric="peak_memory")
    held = Site("cache.SEEN", Place("score.py", 7), 4096.0, 2.0, 1024.0, 1.0)
    assert memory.sites == (held, Site())


def test_the_third_version_holds_no_records_and_no_sites(stored: Callable[[int], Path]) -> None:
    path = stored(4)
    write(path, 3)
    store = Store(path, clock=float)
    assert store.resources(RunId("two")) == ()
    assert [one.sites for one in store.measurements(RunId("two"))] == [(), ()]
    assert store.measurements(RunId("two"), metric="wall_time") == (OLD,)
    assert store.check() == Store(stored(3), clock=float).check()


def test_turns_and_what_was_learnt_of_a_suite_reads_back(stored: Callable[[int], Path]) -> None:
    store = Store(stored(5), clock=float)
    whole, part = store.resources(RunId("two"))
    assert whole.turn == Turn("gw1", 0, 1_700_000_061.5, "passed", 2, 0.25)
    assert part.turn == Turn("gw1", 0, 1_700_000_061.5, "", 3, 0.75)
    key = "tests/test_score.py fixture port"
    assert store.facts() == (
        Fact("exclusive", key, '"port 8000"', "two", 1_700_000_240.0),
        Fact("shuffled", ".", "true", "two", 1_700_000_200.0),
    )


def test_records_of_the_fourth_version_have_no_turn(stored: Callable[[int], Path]) -> None:
    path = stored(5)
    write(path, 4)
    store = Store(path, clock=float)
    assert {one.turn for one in store.resources(RunId("two"))} == {Turn()}
    assert store.resources(RunId("two")) == Store(stored(4), clock=float).resources(RunId("two"))
    assert store.facts() == ()


def test_a_tree_and_a_summary_without_values_read_back(stored: Callable[[int], Path]) -> None:
    store = Store(stored(6), clock=float)
    assert store.run(RunId("two")).tree == "7ee" * 13
    (brief,) = store.measurements(RunId("two"), metric="first_call")
    assert brief.summary == StoredSummary(40, 0.5, 0.25, 0.125, None)
    assert (brief.values, brief.rounds, brief.unsure) == ((), 40, "no values were given")
    assert Store(stored(5), clock=float).run(RunId("two")).tree == ""


def test_a_failing_step_leaves_the_store_as_it_was(
    stored: Callable[[int], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = stored(1)
    before = layout(path)
    broken = STEPS[0].up + "DROP TABLE nowhere;\n"
    monkeypatch.setattr(migrations, "STEPS", (Step(2, broken, ""),))
    with pytest.raises(StoreError, match="nowhere"):
        Store(path, clock=float).runs()
    assert layout(path) == before
    assert [file.name for file in path.parent.iterdir()] == ["paceline.sqlite"]


def test_the_steps_are_numbered_without_a_gap() -> None:
    assert [step.version for step in STEPS] == list(range(2, VERSION + 1))
    assert all((FIXTURES / f"v{version}.sqlite").exists() for version in VERSIONS)
