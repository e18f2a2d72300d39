"""A server that goes away in the middle costs nothing but a note."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import pytest
from tests.unit.store.conftest import Shelf

from paceline.engine.recorder import Recorder
from paceline.errors import StoreError
from paceline.model import RunId
from paceline.store.faults import UnreachableError
from paceline.store.postgresql.server import Patience, StoreServer
from paceline.store.postgresql.url import parse_url
from paceline.store.retention import Retention
from paceline.store.spool import Spool
from paceline.store.sqlite import Store

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.postgresql.server import Server

pytestmark = pytest.mark.slow

HASTY = Patience(lost=(0.0, 0.0), sleep=lambda _seconds: None)


@dataclass
class Site:
    """A project whose store is on the server, with its spool."""

    url: str
    folder: Path
    shelf: Shelf = field(init=False)
    opened: float = 0.0

    def __post_init__(self) -> None:
        self.shelf = Shelf(self.folder / "nowhere", StoreServer(parse_url(self.url)))

    def store(self) -> Store:
        self.opened += 1.0
        folder = self.folder / ".paceline" / "spool" / "one"
        spool = Spool(folder, clock=lambda: self.opened)
        server = StoreServer(parse_url(self.url), patience=HASTY)
        return Store(server, clock=lambda: 1.0, spool=spool)


@pytest.fixture
def site(server: Server, database: Callable[..., str], tmp_path: Path) -> Site:
    return Site(server.url(database()), tmp_path)


def record(site: Site, name: str, cases: int, *, between: Callable[[int], None]) -> list[str]:
    """Record a run case by case, a write each; give its notes."""
    ticks = iter(range(10 * cases + 10))
    recorder = Recorder(site.store(), site.shelf.run(name), now=lambda: float(next(ticks)))
    for number in range(cases):
        between(number)
        recorder.add((site.shelf.measurement(f"test_{number}"),))
        recorder.add_resources((site.shelf.record(f"test_{number}"),))
    recorder.finish(replace(site.shelf.run(name), complete=True), Retention())
    return recorder.notes


def test_what_the_server_misses_waits_and_the_next_run_delivers_it(
    site: Site, server: Server
) -> None:
    def break_off(number: int) -> None:
        if number == 3:
            server.kill()

    try:
        (note,) = record(site, "a", 6, between=break_off)
    finally:
        server.start()
    assert "6 records wait" in note
    assert len(site.shelf.store.measurements(RunId("a"))) == 3
    assert record(site, "b", 1, between=print) == ["6 records of earlier runs were delivered"]
    for name, cases in (("a", 6), ("b", 1)):
        assert len(site.shelf.store.measurements(RunId(name))) == cases
        assert len(site.shelf.store.resources(RunId(name))) == cases
    assert {run.id for run in site.shelf.store.runs(complete_only=True)} == {"a", "b"}


def test_a_server_that_is_away_from_the_start_costs_a_note_alone(
    site: Site, server: Server
) -> None:
    server.kill()
    try:
        notes = [record(site, name, 2, between=print) for name in "ab"]
        with pytest.raises(UnreachableError):
            site.store().runs()
    finally:
        server.start()
    assert ["4 records wait" in note for (note,) in notes] == [True, True]
    store = site.store()
    assert store.spool is not None
    assert store.spool.deliver(store).records == 8
    assert [run.id for run in store.runs(complete_only=True)] == ["b", "a"]


def test_nothing_acknowledged_is_lost_when_the_server_is_killed_at_any_moment(
    site: Site, server: Server
) -> None:
    for round_, moment in enumerate((0.0, 0.05, 0.1, 0.2, 0.3)):
        stop = threading.Timer(moment, server.kill)
        stop.start()
        try:
            record(site, f"{round_}", 12, between=print)
        finally:
            stop.join()
            server.start()
    store = site.store()
    assert store.spool is not None
    store.spool.deliver(store)
    assert {run.id for run in store.runs(complete_only=True)} == set("01234")
    kept = [(len(store.measurements(run.id)), len(store.resources(run.id))) for run in store.runs()]
    assert kept == [(12, 12)] * 5
    assert store.check() == ()


def test_a_call_whose_answer_was_lost_is_not_kept_twice(site: Site) -> None:
    """The transaction is committed, and the line breaks before the answer."""
    shelf, run = site.shelf, site.shelf.run("a")
    for _ in range(2):
        shelf.store.begin(run)
        shelf.store.append(run.id, (shelf.measurement(),))
        shelf.store.keep_resources(run.id, (shelf.record(),))
    for _ in range(2):
        shelf.store.finish(run)
    assert len(shelf.store.measurements(run.id)) == len(shelf.store.resources(run.id)) == 1
    assert shelf.execute("SELECT count(*), sum(figures)::int FROM daily_figures") == [(1, 1)]
    with pytest.raises(StoreError, match="already"):
        shelf.store.begin(replace(run, branch="another"))
