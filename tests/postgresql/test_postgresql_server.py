"""What can go wrong with a server, and many writers at once."""

from __future__ import annotations

import multiprocessing
import shutil
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from tests.postgresql.server import PASSWORD, Server
from tests.unit.store.conftest import Shelf

from paceline.errors import StoreError
from paceline.store.faults import UnreachableError
from paceline.store.postgresql import current
from paceline.store.postgresql import server as serving
from paceline.store.postgresql.current import move
from paceline.store.postgresql.server import Patience, StoreServer
from paceline.store.postgresql.session import engine_for
from paceline.store.postgresql.url import parse_url
from paceline.store.resources import insert_resources
from paceline.store.retention import Retention
from paceline.store.schema import VERSION, Dialect, ddl

pytestmark = pytest.mark.slow

Database = Callable[..., str]
FROZEN = current.REVISIONS / "versions" / f"schema_{VERSION}.sql"
LAYOUT = (
    "SELECT table_name, column_name, data_type, is_nullable FROM information_schema.columns"
    " WHERE table_schema = 'public' ORDER BY table_name, column_name"
)
INDEXES = "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY indexdef"


DEADLOCK = "DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '40P01'; END $$"


def shelf_at(url: str, **more: Any) -> Shelf:
    return Shelf(Path("nowhere"), StoreServer(parse_url(url), **more))


def test_the_frozen_statements_make_what_the_description_says() -> None:
    assert FROZEN.read_text("utf-8") == ddl(Dialect.POSTGRESQL)


def test_reading_an_empty_database_finds_nothing_and_makes_nothing(
    server: Server, database: Database
) -> None:
    name = database(empty=True)
    shelf = shelf_at(server.url(name))
    assert shelf.store.runs() == ()
    assert server.execute(LAYOUT, database=name) == []


def test_stepping_down_removes_every_table_and_up_makes_them_again(
    server: Server, database: Database
) -> None:
    name = database()
    before = server.execute(LAYOUT, database=name), server.execute(INDEXES, database=name)
    engine = engine_for(parse_url(server.url(name)))
    with engine.connect() as session, session.begin():
        move(session, "base", down=True)
    assert [row[0] for row in server.execute(LAYOUT, database=name)] == ["paceline_version"]
    with engine.connect() as session, session.begin():
        move(session, "head")
    assert before == (server.execute(LAYOUT, database=name), server.execute(INDEXES, database=name))


NEXT = """
from alembic import op
revision, down_revision = "7", "6"
def upgrade():
    op.execute("ALTER TABLE runs ADD COLUMN more text NOT NULL DEFAULT ''")
"""


@pytest.fixture
def seventh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make a later version of the schema the current one."""
    folder = tmp_path / "revisions"
    shutil.copytree(current.REVISIONS, folder, ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "versions" / "schema_7.py").write_text(NEXT)
    move_there = current.move
    monkeypatch.setattr(current, "move", lambda *given: move_there(*given, folder=folder))
    for module in (current, serving):
        monkeypatch.setattr(module, "VERSION", 7)


@pytest.mark.usefixtures("seventh")
def test_an_older_store_is_migrated_by_the_first_who_comes_and_said(
    server: Server, database: Database
) -> None:
    url = server.url(database())
    shelves = [shelf_at(url), shelf_at(url)]
    for name, shelf in zip("ab", shelves, strict=True):
        shelf.keep(name)
    assert [len(shelf.store.notes) for shelf in shelves] == [1, 0]
    assert "schema version 6 became 7" in shelves[0].store.notes[0]


def test_many_writers_make_the_tables_once(server: Server, database: Database) -> None:
    url = server.url(database(empty=True))
    assert write_at_once([(url, f"{number}", 2) for number in range(4)]) == [0] * 4
    assert len(shelf_at(url).store.runs(complete_only=True)) == 8


def test_a_newer_store_is_refused_and_left_untouched(server: Server, database: Database) -> None:
    name = database()
    server.execute("UPDATE paceline_version SET version_num = '99'", database=name)
    with pytest.raises(StoreError, match="schema version 99, this Paceline knows"):
        shelf_at(server.url(name)).store.runs()


@pytest.mark.parametrize("statement", ["CREATE TABLE runs ()", "CREATE TABLE paceline_version"])
def test_tables_of_another_program_are_refused(
    server: Server, database: Database, statement: str
) -> None:
    name = database(empty=True)
    if "version" in statement:
        statement += " AS SELECT 'abcdef' AS version_num"
    server.execute(statement, database=name)
    with pytest.raises(StoreError, match="is no Paceline store's: left untouched"):
        shelf_at(server.url(name)).keep("a")


@pytest.mark.parametrize(
    ("given", "name", "said", "remedy"),
    [
        ("wrong", "postgres", "password authentication failed", "PGPASSWORD"),
        ("", "postgres", "no password supplied", "PGPASSWORD"),
        ("right", "nowhere", 'database "nowhere" does not exist', "createdb"),
    ],
)
def test_a_refusal_names_the_place_and_a_remedy_but_no_password(
    server: Server, given: str, name: str, said: str, remedy: str
) -> None:
    secret = quote(PASSWORD, safe="") if given == "right" else given
    with pytest.raises(StoreError) as caught:
        shelf_at(server.url(name, tcp=True, password=secret)).store.runs()
    text = str(caught.value)
    assert not isinstance(caught.value, UnreachableError)
    assert said in text
    assert remedy in text
    assert f"postgresql://paceline@127.0.0.1:{server.port}/{name}" in text
    assert not any(one in text for one in (PASSWORD, secret or "?", "wrong"))


def test_the_password_may_come_from_the_environment(
    server: Server, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGPASSWORD", PASSWORD)
    shelf = shelf_at(server.url(database(), tcp=True))
    shelf.keep("a")
    assert shelf.store.check() == ()


def test_a_role_without_rights_is_told_what_to_grant(server: Server, database: Database) -> None:
    name = database()
    server.execute("CREATE ROLE reader LOGIN", database=name)
    url = server.url(name).replace("paceline@", "reader@")
    with pytest.raises(StoreError, match="permission denied") as caught:
        shelf_at(url).store.runs()
    assert "grant" in caught.value.remedy


def test_a_server_that_is_away_is_asked_again_a_few_times_then_once() -> None:
    waits: list[float] = []
    patience = Patience(lost=(0.1, 0.2, 0.4), sleep=waits.append)
    shelf = shelf_at("postgresql://ann:secret@127.0.0.1:1/perf", patience=patience)
    for _ in range(2):
        with pytest.raises(UnreachableError, match="can't be reached") as caught:
            shelf.store.runs()
    assert waits == [0.1, 0.2, 0.4]
    assert "secret" not in str(caught.value)


def test_no_attempt_is_made_after_the_longest_wait() -> None:
    times = iter((0.0, 4.0, 11.0))
    waits: list[float] = []
    patience = Patience(sleep=waits.append, now=times.__next__)
    shelf = shelf_at("postgresql://ann@127.0.0.1:1/slow", patience=patience)
    with pytest.raises(UnreachableError):
        shelf.store.runs()
    assert waits == [0.1]


def test_a_setting_that_the_driver_does_not_know_is_refused_at_once() -> None:
    waits: list[float] = []
    shelf = shelf_at("postgresql://127.0.0.1:1/x?colour=1", patience=Patience(sleep=waits.append))
    with pytest.raises(StoreError, match="colour") as caught:
        shelf.store.runs()
    assert not isinstance(caught.value, UnreachableError)
    assert waits == []


def test_a_missing_driver_is_named_with_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(StoreError, match="is not installed") as caught:
        shelf_at("postgresql://ann@db.example/perf").store.runs()
    assert caught.value.remedy == "pip install 'paceline[postgresql]'"


def test_a_transaction_that_another_stood_in_the_way_of_is_tried_again(shelf: Shelf) -> None:
    left = [2]

    def collide(connection: Any) -> str:
        left[0] -= 1
        if left[0] >= 0:
            connection.execute(DEADLOCK)
        return "done"

    assert shelf.store.transactions.write(collide) == "done"


def test_what_others_stand_in_the_way_of_for_long_may_be_sent_again_later(
    server: Server, database: Database
) -> None:
    patience = Patience(contention=(0.0, 0.0), sleep=lambda _seconds: None)
    shelf = shelf_at(server.url(database()), patience=patience)
    with pytest.raises(UnreachableError, match="other writers stood in the way"):
        shelf.store.transactions.write(lambda connection: connection.execute(DEADLOCK))


def test_texts_of_any_length_and_letter_come_back(shelf: Shelf) -> None:
    node_id = "tests/test_a.py::test_one[" + "π\\%s" * 5000 + "]"
    measurement = shelf.measurement()
    odd = replace(measurement, case=replace(measurement.case, node_id=node_id, group="x" * 9000))
    run = shelf.keep("r" * 5000, odd, commit="c" * 5000)
    assert shelf.store.measurements(run.id) == (odd,)
    assert shelf.store.find("c" * 5000) == run
    assert len(shelf.store.series(odd.case.id, "wall_time")) == 1


def test_a_nul_is_escaped(shelf: Shelf) -> None:
    run = shelf.keep("a", branch="a\0b")
    assert shelf.store.run(run.id).branch == "a\\x00b"


def write_runs(url: str, writer: str, runs: int) -> None:
    shelf = shelf_at(url)
    for number in range(runs):
        measured = [shelf.measurement(f"test_{one}") for one in range(20)]
        if int(writer) % 2:
            measured.reverse()  # new cases come in another order
        run = shelf.run(f"{writer}-{number}")
        shelf.store.begin(run)
        shelf.store.append(run.id, measured[:10])
        shelf.store.append(run.id, measured[10:])
        shelf.store.keep_resources(run.id, [shelf.record(f"test_{one}") for one in range(20)])
        shelf.store.finish(run)


def write_at_once(given: list[tuple[str, str, int]]) -> list[int | None]:
    context = multiprocessing.get_context("spawn")
    writers = [context.Process(target=write_runs, args=one) for one in given]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(120)
    return [writer.exitcode for writer in writers]


def test_eight_processes_write_at_once_and_nothing_is_lost(
    server: Server, database: Database
) -> None:
    url = server.url(database())
    assert write_at_once([(url, f"{number}", 5) for number in range(8)]) == [0] * 8
    store = shelf_at(url).store
    runs = store.runs(complete_only=True)
    assert {run.id for run in runs} == {f"{one}-{two}" for one in range(8) for two in range(5)}
    assert {len(store.measurements(run.id)) for run in runs} == {20}
    assert {len(store.resources(run.id)) for run in runs} == {20}
    assert store.check() == ()


class Lingering:
    """A writer of one more record that does not end before it is let go."""

    def __init__(self, shelf: Shelf, run: int) -> None:
        self.shelf, self.run = shelf, run
        self.writing, self.leave = threading.Event(), threading.Event()

    def __call__(self) -> None:
        self.shelf.store.transactions.write(self._work)

    def _work(self, connection: Any) -> None:
        insert_resources(connection, self.run, (self.shelf.record("test_two"),))
        self.writing.set()
        self.leave.wait(30)


def test_retention_takes_no_case_that_a_writer_is_about_to_use(
    server: Server, database: Database
) -> None:
    url = server.url(database())
    shelf, other = shelf_at(url), shelf_at(url)
    old = shelf.keep("old")
    shelf.store.keep_resources(old.id, (shelf.record("test_two"),))
    new = shelf.keep("new")
    linger = Lingering(shelf, 2)
    with ThreadPoolExecutor(2) as pool:
        writer = pool.submit(linger)
        linger.writing.wait(30)
        pruner = pool.submit(other.store.prune, Retention(keep_runs=1))
        assert wait([pruner], timeout=0.3).done == set()
        linger.leave.set()
        assert (writer.result(30), pruner.result(30)) == (None, ("old",))
    assert shelf.store.check() == ()
    assert len(shelf.store.resources(new.id)) == 1
