from __future__ import annotations

import array
import gc
import io
import os
import socket
import threading
from collections import OrderedDict, deque
from typing import TYPE_CHECKING, Any

import pytest

from paceline.probes.leaks import system
from paceline.probes.leaks.containers import Watch, large_immutables
from paceline.probes.leaks.handles import newest_handles, open_numbers
from paceline.probes.leaks.heap import heap_reader
from paceline.probes.leaks.samples import Samples, collecting, make_readers, readings, settle
from paceline.probes.leaks.traces import traced_growth

if TYPE_CHECKING:
    from collections.abc import Callable

LIST: list[object] = []
DICT: dict[str, int] = {}
SET: set[int] = set()
ORDERED: OrderedDict[int, int] = OrderedDict()
DEQUE: deque[int] = deque()
BYTES = bytearray()
ARRAY = array.array("d")
GROWING = {
    "list": lambda: LIST.append(None),
    "untracked dict": lambda: DICT.update({str(len(DICT)): 1}),
    "set": lambda: SET.add(len(SET)),
    "ordered dict": lambda: ORDERED.update({len(ORDERED): 1}),
    "deque": lambda: DEQUE.append(1),
}
BUFFERS = {
    "bytearray": lambda: BYTES.extend(b"12345678"),
    "array": lambda: ARRAY.append(1.0),
}


class Loud(list[int]):
    """Has a length of its own."""

    def __len__(self) -> int:
        raise AssertionError


@pytest.mark.parametrize("kind", GROWING)
def test_every_kind_of_container_is_counted_by_its_entries(kind: str) -> None:
    watch = Watch()
    before = watch.entries()
    watch.mark()
    GROWING[kind]()
    assert watch.entries() == before + 1
    assert [one.by for one in watch.grown()] == [1]


@pytest.mark.parametrize("kind", BUFFERS)
def test_buffers_are_counted_by_their_bytes(kind: str) -> None:
    watch = Watch()
    before = watch.buffered()
    BUFFERS[kind]()
    assert watch.buffered() == before + 8


def test_a_length_of_the_user_is_never_asked_for() -> None:
    kept = Loud([1, 2])
    watch = Watch()
    watch.mark()
    list.append(kept, 3)
    grown = watch.grown()
    assert grown[0].one is kept
    assert grown[0].kept == 1


def test_a_closed_watch_holds_nothing() -> None:
    watch = Watch()
    watch.close()
    assert watch.entries() == watch.buffered() == 0


def test_large_texts_are_summed_and_small_ones_are_not() -> None:
    before = large_immutables()
    LIST.append("é" * 100_000)
    LIST.append("small")
    assert 100_000 <= large_immutables() - before <= 200_200


def test_reading_leaves_no_trace() -> None:
    samples = Samples(make_readers(), 12)
    try:
        for _ in range(12):
            samples.take()
    finally:
        samples.close()
    grown = {name: values[-1] - values[3] for name, values in samples.series().items()}
    assert {name: grown[name] for name in ("objects", "entries", "buffers", "files")} == {
        "objects": 0,
        "entries": 0,
        "buffers": 0,
        "files": 0,
    }


def test_a_stage_thaws_what_it_froze() -> None:
    before = gc.get_freeze_count()
    samples = Samples({}, 2)
    assert gc.get_freeze_count() > before
    samples.close()
    assert gc.get_freeze_count() == 0


def test_what_the_program_froze_stays_frozen() -> None:
    gc.freeze()
    try:
        frozen = gc.get_freeze_count()
        samples = Samples({}, 2)
        samples.close()
        assert gc.get_freeze_count() == frozen > 0
    finally:
        gc.unfreeze()


def test_a_collector_that_is_off_is_left_off(monkeypatch: pytest.MonkeyPatch) -> None:
    called: list[int] = []
    gc.disable()
    try:
        monkeypatch.setattr(gc, "collect", lambda: called.append(1))
        settle()
        assert not collecting()
        Samples({}, 3).close()
    finally:
        gc.enable()
    assert called == []


def test_handles_are_counted() -> None:
    readers = make_readers()
    before = readings(readers)
    pair = socket.socketpair()
    try:
        assert readings(readers)["files"] == before["files"] + 2
    finally:
        for one in pair:
            one.close()


def test_what_most_files_lead_to_is_said() -> None:
    pairs = [socket.socketpair() for _ in range(60)]
    try:
        assert newest_handles(["files"])[0].name == "open socket"
    finally:
        for pair in pairs:
            pair[0].close()
            pair[1].close()


def test_files_that_were_open_before_are_not_among_the_newest() -> None:
    before = open_numbers()
    pair = socket.socketpair()
    try:
        found = newest_handles(["files"], known=before)
        assert [one.name for one in found] == ["open socket"]
    finally:
        for one in pair:
            one.close()


def test_a_thread_is_named_with_the_line_where_it_waits() -> None:
    ended = threading.Event()
    thread = threading.Thread(target=wait_for, args=(ended,), name="waiter")
    thread.start()
    try:
        found = next(one for one in newest_handles(["threads"]) if one.name == "thread waiter")
        assert found.place is not None
    finally:
        ended.set()
        thread.join()


def wait_for(ended: threading.Event) -> None:
    ended.wait()


def test_a_child_counts_until_it_is_waited_for() -> None:
    assert system.children() == ()
    child = os.posix_spawn("/bin/true", ["true"], {})
    assert system.children() == (child,)
    assert newest_handles(["processes"])[0].name == f"process {child}"
    os.waitpid(child, 0)
    assert system.children() == ()


def test_a_system_without_proc_tells_what_it_can(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os.path, "isdir", lambda path: path == "/dev/fd")
    assert list(system.system_readers()) == ["files"]
    monkeypatch.setattr(os.path, "isdir", lambda _: False)
    assert system.system_readers() == {}


def test_the_heap_is_read_where_the_library_tells_it() -> None:
    read = heap_reader()
    if read is None:
        pytest.skip("this C library has no mallinfo2")
    before = read()
    kept = bytes(300_000)
    assert 300_000 <= read() - before <= 400_000
    assert len(kept) == 300_000


def test_traced_lines_carry_count_and_bytes_a_call() -> None:
    traced = traced_growth(
        lambda calls: LIST.extend(bytearray(1000) for _ in range(calls)), 5, rounds=4
    )
    assert traced is not None
    values, lines = traced
    assert values[-1] - values[0] >= 20 * 1000
    assert lines[0].place is not None
    assert lines[0].place.file == __file__
    assert lines[0].size == pytest.approx(1057, rel=0.1)


@pytest.mark.parametrize("make", [io.BytesIO, io.StringIO])
def test_a_stream_in_memory_is_as_long_as_what_it_holds(make: Callable[[], Any]) -> None:
    stream, closed = make(), make()
    closed.close()
    watch = Watch()
    before = watch.buffered()
    stream.write("0123456789" if make is io.StringIO else b"0123456789")
    stream.seek(3)
    assert (watch.buffered() - before, stream.tell()) == (10, 3)
    stream.read(4)  # to read on is no growth
    assert (watch.buffered() - before, stream.tell()) == (10, 7)
