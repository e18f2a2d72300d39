from __future__ import annotations

import fcntl
import json
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import pytest

from paceline.errors import StoreError
from paceline.model import RunId
from paceline.store.faults import UnreachableError
from paceline.store.spool import Delivery, Spool

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.unit.store.conftest import Shelf


@pytest.fixture
def spool(tmp_path: Path) -> Spool:
    return Spool(tmp_path / ".paceline" / "spool" / "0123", clock=lambda: 5.0)


def put_a_run(spool: Spool, shelf: Shelf, name: str = "a") -> None:
    run = shelf.run(name)
    spool.begin(run)
    spool.append(run.id, (shelf.measurement(), shelf.measurement("test_two")))
    spool.keep_resources(run.id, (shelf.record(),))
    spool.finish(replace(run, dirty=True))


def everything(shelf: Shelf) -> tuple[Any, ...]:
    store = shelf.store
    return tuple((run, store.measurements(run.id), store.resources(run.id)) for run in store.runs())


def test_what_waited_is_what_a_store_would_have_kept(spool: Spool, shelf: Shelf) -> None:
    put_a_run(spool, shelf)
    assert spool.deliver(shelf.store) == Delivery(4, 3)
    ((run, measurements, records),) = everything(shelf)
    assert run == replace(shelf.run("a"), dirty=True, complete=True)
    assert measurements == (shelf.measurement(), shelf.measurement("test_two"))
    assert records == (shelf.record(),)
    assert spool.waiting() == ()


def test_what_is_delivered_twice_leaves_the_same_rows(spool: Spool, shelf: Shelf) -> None:
    put_a_run(spool, shelf)
    calls = {file: file.read_bytes() for file in spool.waiting()}
    spool.deliver(shelf.store)
    once, rolled = everything(shelf), shelf.execute("SELECT * FROM daily_figures")
    for file, content in calls.items():
        file.write_bytes(content)
    assert spool.deliver(shelf.store) == Delivery(4, 3)
    assert everything(shelf) == once
    assert shelf.execute("SELECT * FROM daily_figures") == rolled


@dataclass
class Away:
    """A store that goes away after some calls."""

    left: int
    got: list[str] = field(default_factory=list)

    def __getattr__(self, name: str) -> Callable[..., None]:
        def call(*_given: object) -> None:
            if self.left == 0:
                raise UnreachableError("gone")
            self.left -= 1
            self.got.append(name)

        return call


def test_delivery_goes_on_where_the_line_broke(spool: Spool, shelf: Shelf) -> None:
    put_a_run(spool, shelf)
    away: Any = Away(2)
    with pytest.raises(UnreachableError):
        spool.deliver(away)
    assert len(spool.waiting()) == 2
    back: Any = Away(9)
    spool.deliver(back)
    assert [*away.got, *back.got] == ["begin", "append", "keep_resources", "finish"]


def test_a_call_that_is_never_taken_is_kept_aside_and_the_rest_goes_on(
    spool: Spool, shelf: Shelf
) -> None:
    spool.append(RunId("unknown"), (shelf.measurement(),))
    put_a_run(spool, shelf)
    done = spool.deliver(shelf.store)
    assert (done.calls, len(done.refused)) == (4, 1)
    assert "no run 'unknown'" in done.refused[0]
    assert len(list(spool.folder.glob("*.refused"))) == 1


@pytest.mark.parametrize(
    "content", ["", "{", "[]", '{"format": 2, "call": "begin"}', '{"format": 1}']
)
def test_a_file_that_is_no_call_is_kept_aside(spool: Spool, shelf: Shelf, content: str) -> None:
    put_a_run(spool, shelf)
    (spool.folder / "0.json").write_text(content)
    assert spool.count() == Delivery(5, 3)
    assert len(spool.deliver(shelf.store).refused) == 1
    assert len(shelf.store.runs(complete_only=True)) == 1


@contextmanager
def held(folder: Path) -> Iterator[None]:
    with (folder / "lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def test_only_one_process_delivers_at_a_time(spool: Spool, shelf: Shelf) -> None:
    put_a_run(spool, shelf)
    with held(spool.folder):
        assert spool.deliver(shelf.store) == Delivery()
    assert spool.deliver(shelf.store).calls == 4


def test_runs_of_several_writers_keep_their_order(shelf: Shelf, tmp_path: Path) -> None:
    times = iter((9.0, 8.0))
    spools = [Spool(tmp_path / "a" / "b", clock=lambda: next(times)) for _ in range(2)]
    for spool, name in zip(spools, "ba", strict=True):
        put_a_run(spool, shelf, name)
    calls = [json.loads(file.read_text()) for file in spools[0].waiting()]
    order = [(call["call"], call.get("run_id") or call["run"]["id"]) for call in calls]
    assert [name for _, name in order] == ["a"] * 4 + ["b"] * 4
    assert [kind for kind, _ in order[:4]] == ["begin", "append", "keep_resources", "finish"]


def test_a_spool_that_can_not_be_written_says_so(tmp_path: Path, shelf: Shelf) -> None:
    (tmp_path / "taken").write_text("")
    with pytest.raises(StoreError, match="a file stands where"):
        Spool(tmp_path / "taken" / "b" / "c", clock=float).begin(shelf.run("a"))


def test_the_spool_keeps_itself_out_of_git(spool: Spool, shelf: Shelf, tmp_path: Path) -> None:
    put_a_run(spool, shelf)
    assert (tmp_path / ".paceline" / ".gitignore").read_text() == "*\n"
    assert list(spool.folder.glob("*.part")) == []
