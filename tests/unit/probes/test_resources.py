from __future__ import annotations

import gc
import mmap
import os
import subprocess
import sys
import threading
import tracemalloc
from typing import TYPE_CHECKING

import pytest

from paceline.model import RESOURCES
from paceline.probes import highwater
from paceline.probes import resources as probe
from paceline.probes.kernel import Kept
from paceline.probes.resources import FORKED, TRACED, UNTOLD, UNWATCHED, Gauge, Taken

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MIB = 1024**2
TIMES = (0.5, 2.0, None)


@pytest.fixture
def gauge() -> Iterator[Gauge]:
    made = Gauge()
    made.open()
    yield made
    made.close()


def named(taken: Taken) -> dict[str, float]:
    return {
        name: one for name, one in zip(RESOURCES, taken.figures, strict=True) if one is not None
    }


def test_every_figure_is_known_here(gauge: Gauge) -> None:
    taken = gauge.finish(gauge.start(), (0.5, 2.0, 0.25))
    assert None not in taken.figures
    assert taken.unsure == ()
    assert taken.figures[:4] == (2.75, 0.5, 2.0, 0.25)


def test_a_phase_that_did_not_run_has_no_time(gauge: Gauge) -> None:
    assert gauge.finish(gauge.start(), TIMES).figures[:4] == (2.5, 0.5, 2.0, None)


def test_memory_that_was_freed_counts_as_peak_and_not_as_growth(gauge: Gauge) -> None:
    reading = gauge.start()
    held = bytearray(40 * MIB)
    del held
    found = named(gauge.finish(reading, TIMES))
    assert 39 * MIB < found["test_process_rise"] < 44 * MIB
    assert found["test_process_growth"] < 5 * MIB
    assert found["test_process_peak"] > found["test_process_rise"]


def test_memory_that_is_kept_counts_as_growth(gauge: Gauge) -> None:
    reading = gauge.start()
    held = mmap.mmap(-1, 20 * MIB)  # malloc may have free memory left of an earlier test
    held.write(b"x" * (20 * MIB))
    found = named(gauge.finish(reading, TIMES))
    held.close()
    assert 19 * MIB < found["test_process_growth"] < 24 * MIB


def test_threads_and_files_left_behind_are_counted(gauge: Gauge, tmp_path: Path) -> None:
    done = threading.Event()
    reading = gauge.start()
    threads = [threading.Thread(target=done.wait) for _ in range(2)]
    for thread in threads:
        thread.start()
    with (tmp_path / "a").open("w") as _one, (tmp_path / "b").open("w") as _other:
        found = named(gauge.finish(reading, TIMES))
    done.set()
    for thread in threads:
        thread.join()
    assert (found["test_threads"], found["test_open_files"]) == (2, 2)


def test_our_own_reading_and_writing_is_left_out(gauge: Gauge) -> None:
    reading = gauge.start()
    gauge.finish(gauge.start(), TIMES)
    found = named(gauge.finish(reading, TIMES))
    assert (found["test_bytes_read"], found["test_bytes_written"]) == (0, 0)


def test_bytes_read_and_written_are_counted_exactly(gauge: Gauge, tmp_path: Path) -> None:
    file = os.open(tmp_path / "a", os.O_RDWR | os.O_CREAT)
    reading = gauge.start()
    os.write(file, b"x" * 100_000)
    os.pread(file, 60_000, 0)
    found = named(gauge.finish(reading, TIMES))
    os.close(file)
    assert (found["test_bytes_read"], found["test_bytes_written"]) == (60_000, 100_000)


def test_collections_are_counted_and_timed(gauge: Gauge) -> None:
    reading = gauge.start()
    gc.collect()
    gc.collect()
    found = named(gauge.finish(reading, TIMES))
    assert found["test_collections"] >= 2
    assert found["test_collection_time"] > 0


def test_a_closed_gauge_has_left_the_collector_alone() -> None:
    before = list(gc.callbacks)
    made = Gauge()
    made.open()
    made.open()
    made.close()
    made.close()
    assert gc.callbacks == before


@pytest.mark.slow
def test_finished_children_are_counted_apart(gauge: Gauge) -> None:
    reading = gauge.start()
    subprocess.run([sys.executable, "-c", "sum(range(5_000_000))"], check=True)
    assert named(gauge.finish(reading, TIMES))["test_children_cpu_time"] > 0.01


def test_processor_time_that_others_took_is_set_aside(gauge: Gauge) -> None:
    stretch = gauge.turn(gauge.start())
    took = [named(gauge.taken(stretch, TIMES, aside=one))["test_cpu_time"] for one in (-1.0, 9.0)]
    assert 0.99 < took[0] < 1.5
    assert took[1] == 0


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Give the gauge a clock of one number, which stands still."""
    now = [0.0]
    monkeypatch.setattr(probe, "_clock", lambda: now[0])
    return now


@pytest.mark.parametrize(("later", "counted"), [(0.0009, 1), (0.0011, 0)])
def test_a_stretch_begins_where_another_ended_less_than_a_millisecond_ago(
    gauge: Gauge, clock: list[float], later: float, counted: int
) -> None:
    reading = gauge.start()
    gauge.turn(reading)
    file = os.dup(0)
    clock[0] += later
    gauge.again(reading)
    found = named(gauge.finish(reading, TIMES))
    os.close(file)
    assert found["test_open_files"] == counted


@pytest.mark.parametrize(("later", "counted"), [(0.0009, 1), (0.0011, 0)])
def test_a_stretch_begins_beside_one_that_began_less_than_a_millisecond_ago(
    gauge: Gauge, clock: list[float], later: float, counted: int
) -> None:
    outer = gauge.start()
    file = os.dup(0)
    clock[0] += later
    inner = gauge.beside(outer)
    found = named(gauge.finish(inner, TIMES))
    gauge.abandon(outer)
    os.close(file)
    assert found["test_open_files"] == counted


@pytest.mark.usefixtures("clock")
def test_processor_time_and_collections_between_two_stretches_belong_to_neither(
    gauge: Gauge,
) -> None:
    reading = gauge.start()
    gauge.turn(reading)
    gc.collect()
    sum(range(3_000_000))
    gauge.again(reading)
    found = named(gauge.finish(reading, TIMES))
    assert found["test_collections"] == 0
    assert found["test_cpu_time"] < 0.01


@pytest.mark.usefixtures("clock")
def test_a_peak_between_a_stretch_and_a_later_one_belongs_to_neither(
    gauge: Gauge, clock: list[float]
) -> None:
    reading = gauge.start()
    gauge.turn(reading)
    held = bytearray(40 * MIB)
    del held
    clock[0] += 1.0
    gauge.again(reading)
    assert named(gauge.finish(reading, TIMES))["test_process_rise"] < 5 * MIB


@pytest.mark.usefixtures("clock")
def test_a_stretch_beside_another_sees_a_peak_of_its_own(gauge: Gauge) -> None:
    outer = gauge.start()
    inner = gauge.beside(outer)
    held = bytearray(40 * MIB)
    del held
    rises = [named(gauge.finish(one, TIMES))["test_process_rise"] for one in (inner, outer)]
    assert min(rises) > 39 * MIB


def test_a_stretch_can_be_looked_at_while_it_is_open(gauge: Gauge) -> None:
    reading = gauge.start()
    held = bytearray(20 * MIB)
    del held
    early = gauge.so_far(reading, 0.1)
    late = gauge.finish(reading, TIMES)
    assert named(early)["test_process_peak"] == named(late)["test_process_peak"]


@pytest.mark.parametrize("when", ["before", "after", "between"])
def test_times_are_unsure_where_memory_was_traced(gauge: Gauge, when: str) -> None:
    if when == "before":
        tracemalloc.start()
    reading = gauge.start()
    tracemalloc.start()
    gc.collect()
    if when != "after":
        tracemalloc.stop()
    taken = gauge.finish(reading, TIMES)
    tracemalloc.stop()
    assert dict(taken.unsure) == dict.fromkeys(probe._TIMES, TRACED)
    assert taken.figures[0] == 2.5


def test_a_callback_that_was_removed_leaves_collections_unsure_once(gauge: Gauge) -> None:
    reading = gauge.start()
    kept, gc.callbacks[:] = list(gc.callbacks), []
    taken = gauge.finish(reading, TIMES)
    again = gauge.finish(gauge.start(), TIMES)
    gc.callbacks[:] = kept
    assert dict(taken.unsure) == dict.fromkeys(probe._COLLECTOR, UNWATCHED)
    assert again.unsure == ()


def test_a_stretch_that_ends_in_a_forked_child_is_unsure(gauge: Gauge) -> None:
    reading = gauge.start()
    child = os.fork()
    if not child:
        taken = gauge.finish(reading, TIMES)
        unsure = {reason for _, reason in taken.unsure} == {FORKED}
        os._exit(0 if unsure and taken.figures[0] == 2.5 else 1)
    assert os.waitpid(child, 0)[1] == 0
    assert gauge.finish(reading, TIMES).unsure == ()


def test_a_forked_childs_own_files_are_not_the_tests(gauge: Gauge) -> None:
    reading = gauge.start()
    gauge.turn(reading)
    child = os.fork()
    if not child:
        gauge.again(reading)
        found = named(gauge.finish(reading, TIMES))
        os._exit(0 if found["test_open_files"] == found["test_bytes_written"] == 0 else 1)
    assert os.waitpid(child, 0)[1] == 0


@pytest.fixture
def silent(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Make a system without /proc and without the resource module."""
    monkeypatch.setattr(Kept, "_opened", lambda _self: False)
    monkeypatch.setattr(probe, "_OPEN_FILES", "/nowhere")
    monkeypatch.setattr(probe, "_usage", None)
    monkeypatch.setattr(highwater, "resource", None)
    highwater.process_mark.cache_clear()
    yield
    highwater.process_mark.cache_clear()


@pytest.mark.usefixtures("silent")
def test_a_system_that_tells_nothing_leaves_reasons_and_no_error() -> None:
    bare = Gauge()
    bare.open()
    taken = bare.finish(bare.start(), TIMES)
    bare.close()
    missing = set(RESOURCES[4:]) - set(named(taken))
    assert missing == set(dict(taken.unsure))
    assert missing == {*RESOURCES[5:11], *RESOURCES[13:]}
    assert dict(taken.unsure)["test_threads"] == UNTOLD


def test_a_kernel_that_gives_no_size_has_its_files_listed(
    gauge: Gauge, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = Kept.status

    def unsized(kept: Kept) -> os.stat_result | None:
        found = real(kept)
        return os.stat_result((*found[:6], 0, *found[7:])) if found else None

    monkeypatch.setattr(Kept, "status", unsized)
    reading = gauge.start()
    gauge.close()  # what is opened again is not read in a hurry
    listed = named(gauge.finish(reading, TIMES))["test_open_files"]
    assert listed == pytest.approx(0, abs=4)
