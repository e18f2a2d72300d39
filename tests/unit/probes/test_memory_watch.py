from __future__ import annotations

import ctypes
import gc
import math
import mmap
import os
import sys
import threading
import time
import tracemalloc
from typing import TYPE_CHECKING

import pytest

from paceline.probes.looks import looks
from paceline.probes.memory import Figures, Wanted, Watch, resident, traced_peak

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

MIB = 1024**2
SIZE = 32 * MIB
ALONE = Wanted(children=False)
PROCESS = Wanted(python=False, children=False)
LINUX = pytest.mark.skipif(
    not os.access("/proc/self/clear_refs", os.W_OK), reason="the high-water mark can't be reset"
)


@pytest.fixture(autouse=True)
def not_traced() -> Iterator[None]:
    assert not tracemalloc.is_tracing()
    gc.freeze()  # the session's many objects would slow the collections that windows make
    yield
    gc.unfreeze()
    if tracemalloc.is_tracing():
        tracemalloc.stop()


def seen(work: Callable[[], object], wanted: Wanted = ALONE) -> Figures:
    watch = Watch(wanted).open()
    work()
    return watch.close()


def written(size: int = SIZE) -> bytearray:
    return bytearray(b"x") * size


def dicts(count: int = 50_000) -> list[object]:
    held: list[object] = [None] * count
    for number in range(count):
        held[number] = {"first": number, "second": number}
    return held


def test_python_bytes_are_exact() -> None:
    assert seen(written).peak == pytest.approx(SIZE, rel=0.001)


def test_what_was_let_go_is_not_used() -> None:
    assert seen(written).used < 16 * 1024


def test_what_is_held_is_used() -> None:
    kept: list[bytearray] = []
    assert seen(lambda: kept.append(written())).used == pytest.approx(SIZE, rel=0.001)


def test_an_empty_window_is_charged_almost_nothing() -> None:
    seen(bool)
    found = seen(bool)
    assert found.peak < 8 * 1024
    assert found.used < 8 * 1024


@pytest.mark.slow
def test_small_objects_into_held_arenas_count_in_full() -> None:
    truth = sum(map(sys.getsizeof, dicts())) + sum(32 for _ in range(257, 50_000)) + 8 * 50_000
    held = [{"first": number} for number in range(100_000)][::50]
    assert seen(dicts).peak == pytest.approx(truth, rel=0.02)
    assert len(held) == 2000


@LINUX
def test_the_process_shows_a_spike_of_two_milliseconds() -> None:
    def spike() -> None:
        held = written()
        time.sleep(0.002)
        del held

    assert seen(spike, PROCESS).process_rise == pytest.approx(SIZE, rel=0.02)


@LINUX
def test_native_memory_shows_in_the_process_alone() -> None:
    def native() -> None:
        library = ctypes.CDLL(None)
        library.malloc.restype = ctypes.c_void_p
        library.free.argtypes = [ctypes.c_void_p]
        held = library.malloc(ctypes.c_size_t(SIZE))
        ctypes.memset(held, 1, SIZE)
        library.free(held)

    found = seen(native)
    assert found.process_rise == pytest.approx(SIZE, rel=0.02)
    assert found.peak < MIB


@LINUX
def test_a_map_shows_in_the_process_alone() -> None:
    def mapped() -> None:
        with mmap.mmap(-1, SIZE) as held:
            for page in range(0, SIZE, mmap.PAGESIZE):
                held[page] = 1

    found = seen(mapped)
    assert found.process_rise == pytest.approx(SIZE, rel=0.02)
    assert found.peak < MIB


def test_memory_never_touched_shows_in_python_alone() -> None:
    found = seen(lambda: bytes(SIZE))
    assert found.peak == pytest.approx(SIZE, rel=0.001)
    assert found.process_rise < SIZE / 4


@LINUX
def test_another_thread_is_seen_by_both() -> None:
    def work() -> None:
        thread = threading.Thread(target=written)
        thread.start()
        thread.join()

    found = seen(work)
    assert found.peak == pytest.approx(SIZE, rel=0.01)
    assert found.process_rise == pytest.approx(SIZE, rel=0.05)


@pytest.mark.parametrize("wanted", [ALONE, pytest.param(PROCESS, marks=LINUX)])
def test_an_inner_window_hides_no_outer_peak(wanted: Wanted) -> None:
    outer = Watch(wanted).open()
    written()
    inner = seen(lambda: written(MIB), wanted)
    found = outer.close()
    rise = found.process_rise if wanted is PROCESS else found.peak
    assert rise == pytest.approx(SIZE, rel=0.02)
    assert (inner.process_rise if wanted is PROCESS else inner.peak) < 2 * MIB


def test_overlapping_windows_each_see_their_own_peak() -> None:
    first = Watch(ALONE).open()
    written(8 * MIB)
    second = Watch(ALONE).open()
    written(2 * MIB)
    assert first.close().peak == pytest.approx(8 * MIB, rel=0.02)
    assert second.close().peak == pytest.approx(2 * MIB, rel=0.02)


def test_the_last_window_ends_the_tracing_that_the_first_began() -> None:
    first, second = Watch(ALONE).open(), Watch(ALONE).open()
    first.close()
    assert tracemalloc.is_tracing()
    second.close()
    assert not tracemalloc.is_tracing()


def test_a_window_closed_twice_says_nothing_the_second_time() -> None:
    watch = Watch(ALONE).open()
    watch.close()
    assert watch.close().parts == ()


def test_tracing_that_runs_already_is_used_and_left_running() -> None:
    tracemalloc.start()
    assert seen(written).peak == pytest.approx(SIZE, rel=0.001)
    assert tracemalloc.is_tracing()


def test_a_peak_hidden_by_someone_elses_is_unsure_and_theirs_stays() -> None:
    tracemalloc.start()
    written()
    theirs = tracemalloc.get_traced_memory()[1]
    found = seen(lambda: written(MIB))
    assert "traced by someone else" in dict(found.unsure)["peak"]
    assert tracemalloc.get_traced_memory()[1] == theirs


def restart() -> None:
    tracemalloc.stop()
    tracemalloc.start()


@pytest.mark.parametrize("away", [tracemalloc.stop, tracemalloc.clear_traces, restart])
def test_tracing_taken_away_makes_python_bytes_unsure(away: Callable[[], None]) -> None:
    unsure = dict(seen(away).unsure)
    assert "stopped or cleared" in unsure["peak"]
    assert "stopped or cleared" in unsure["used"]


@pytest.mark.parametrize(
    ("away", "left"), [(tracemalloc.stop, False), (tracemalloc.clear_traces, True), (restart, True)]
)
def test_who_takes_tracing_over_keeps_it(away: Callable[[], None], left: bool) -> None:
    seen(away)
    assert tracemalloc.is_tracing() is left


def test_a_peak_reset_by_the_code_is_unsure() -> None:
    watch = Watch(ALONE).open()
    written()
    watch.look()
    tracemalloc.reset_peak()
    assert "somebody else" in dict(watch.close().unsure)["peak"]


def test_places_at_the_end_name_line_size_and_count() -> None:
    kept: list[bytes] = []
    (site, *_) = seen(lambda: kept.extend(bytes(1000) for _ in range(500))).end_sites
    assert site.place is not None
    assert site.place.file.endswith("test_memory_watch.py")
    assert site.count == pytest.approx(500, abs=8)
    assert site.average == pytest.approx(1033, abs=10)


def test_differences_are_told_from_the_windows_start() -> None:
    outer = Watch(ALONE).open()
    kept = [bytes(MIB)]
    watch = Watch(ALONE).open()
    kept += [bytes(MIB) for _ in range(2)]
    site = watch.close().end_sites[0]
    outer.close()
    assert site.size_growth == pytest.approx(2 * MIB, rel=0.01)
    assert len(kept) == 3


def test_a_collection_shows_the_places_of_what_grows() -> None:
    def work() -> None:
        held = written(4 * MIB)
        gc.collect()
        del held

    found = seen(work)
    assert found.explained > 0.98
    assert found.peak_sites[0].size == pytest.approx(4 * MIB, rel=0.01)


def test_without_places_none_are_looked_for() -> None:
    found = seen(written, Wanted(children=False, places=0))
    assert (found.peak_sites, found.end_sites) == ((), ())


def test_parts_tell_stretches_apart() -> None:
    watch = Watch(ALONE).open()
    written(8 * MIB)
    first = watch.part()
    written(2 * MIB)
    second = watch.part()
    watch.close()
    assert first.python_peak == pytest.approx(8 * MIB, rel=0.01)
    assert second.python_peak == pytest.approx(2 * MIB, rel=0.02)


def test_a_window_without_tracing_traces_nothing() -> None:
    watch = Watch(PROCESS).open()
    assert not tracemalloc.is_tracing()
    assert math.isnan(watch.close().peak)


def test_a_thread_that_looks_ends_with_the_windows() -> None:
    watch = Watch().open()
    threads = threading.active_count()
    watch.close()
    assert threading.active_count() == threads
    assert not looks().running


def test_peaks_of_plain_blocks_are_traced() -> None:
    with traced_peak() as peak:
        written(MIB)
    assert peak == [pytest.approx(MIB, rel=0.01)]


def test_someone_elses_tracing_leaves_a_plain_block_without_a_peak() -> None:
    tracemalloc.start()
    with traced_peak() as peak:
        written(MIB)
    assert peak == []


@pytest.mark.skipif(not os.path.exists("/proc/self/statm"), reason="told by the kernel's files")  # noqa: PTH110
def test_resident_memory_is_that_of_this_process() -> None:
    before = resident()
    held = written()
    assert resident() - before == pytest.approx(len(held), rel=0.05)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_fork_inside_a_window_goes_without_a_warning_and_the_child_can_measure() -> None:
    watch = Watch().open()
    child = os.fork()
    if child == 0:
        inner = seen(lambda: written(MIB))
        os._exit(0 if inner.peak == pytest.approx(MIB, rel=0.02) else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert watch.close().parts
