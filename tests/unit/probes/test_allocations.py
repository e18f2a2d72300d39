from __future__ import annotations

import gc
import platform
import subprocess
import sys
import tracemalloc
from functools import partial
from pathlib import Path

import pytest

from paceline.errors import MeasureError
from paceline.probes import allocations as module
from paceline.probes.allocations import Allocations, allocations, allocator_addresses

pytestmark = pytest.mark.usefixtures("untraced")
HERE = pytest.mark.skipif(
    platform.machine() != "x86_64"
    or not sys.platform.startswith("linux")
    or not getattr(sys, "_is_gil_enabled", lambda: True)(),
    reason="allocations are counted by x86-64 code for Linux, under the interpreter's lock",
)
COUNTED = """
import json, paceline.probes.allocations as module
document = {str(number): list(range(9)) for number in range(9)}
print(module.allocations(lambda: json.dumps(document)))
"""


@HERE
def test_an_object_is_a_block_of_its_size() -> None:
    assert allocations(object) == Allocations(1, object().__sizeof__())


@HERE
def test_what_is_given_back_at_once_is_counted() -> None:
    found = allocations(lambda: [bytes(1000) and None for _ in range(100)])
    assert 100 <= found.blocks <= 120
    assert found.bytes > 100 * 1000


@HERE
def test_a_large_block_is_counted_by_its_bytes() -> None:
    assert 1_000_000 <= allocations(lambda: bytearray(1_000_000)).bytes < 1_001_000


@HERE
def test_nothing_allocated_is_nothing_counted() -> None:
    assert allocations(lambda: None) == Allocations(0, 0)


@HERE
def test_one_block_more_is_found() -> None:
    def objects(size: int) -> list[object]:
        return [object() for _ in range(size)]

    some, more = (allocations(partial(objects, size)).blocks for size in (100, 101))
    assert more - some == 1


@HERE
def test_counts_are_the_same_beside_tracemalloc() -> None:
    alone = allocations(lambda: "x" * 5000)
    tracemalloc.start()
    try:
        assert allocations(lambda: "x" * 5000) == alone
    finally:
        tracemalloc.stop()


@HERE
def test_a_body_that_raises_leaves_the_allocators_as_they_were() -> None:
    turns = iter([True, False])
    with pytest.raises(StopIteration):
        allocations(lambda: next(turns))
    assert gc.isenabled()
    assert allocations(object).blocks == 1


def test_a_collector_that_was_off_stays_off() -> None:
    gc.disable()
    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(module, "_taken", lambda _function: Allocations(1, 1))
            allocations(lambda: None)
        assert not gc.isenabled()
    finally:
        gc.enable()


@HERE
def test_python_tells_where_its_allocators_begin() -> None:
    found = {int(address, 16) for address in allocator_addresses()}
    assert len(found) >= 8
    assert min(found) >= 0


def test_another_interpreter_tells_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platform, "python_implementation", lambda: "PyPy")
    assert allocator_addresses() == frozenset()


def test_another_interpreter_is_not_watched(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platform, "python_implementation", lambda: "PyPy")
    with pytest.raises(MeasureError, match="PyPy has other allocators"):
        allocations(lambda: None)


def test_an_interpreter_without_its_lock_is_not_watched(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "_is_gil_enabled", lambda: False, raising=False)
    with pytest.raises(MeasureError, match="without the interpreter's lock"):
        allocations(lambda: None)


def test_beside_a_tracer_nothing_is_counted() -> None:
    sys.setprofile(lambda *_: None)
    try:
        with pytest.raises(MeasureError, match="allocates memory beside"):
            allocations(lambda: None)
    finally:
        sys.setprofile(None)


@HERE
@pytest.mark.slow
def test_processes_with_other_hash_seeds_count_the_same() -> None:
    source = str(Path(__file__).parents[3] / "src")
    said = {
        subprocess.run(
            [sys.executable, "-c", COUNTED],
            env={"PYTHONHASHSEED": str(seed), "PYTHONPATH": source},
            text=True, capture_output=True, check=True,
        ).stdout
        for seed in (1, 2, 3)
    }  # fmt: skip
    assert len(said) == 1
