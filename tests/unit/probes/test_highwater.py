from __future__ import annotations

import math
import os
import subprocess
import sys
import tracemalloc

import pytest

from paceline.probes import highwater
from paceline.probes.highwater import DENIED, STOLEN, STRANGE, UNKNOWN, UNTRACED, HighWater

MIB = 1024**2


class Memory:
    """A mark that can be told what is held."""

    def __init__(self, *, resettable: bool = True) -> None:
        self.held = self.mark = 10.0
        self.resettable = resettable

    def hold(self, amount: float) -> None:
        self.held = amount
        self.mark = max(self.mark, amount)

    def reset(self) -> bool:
        if self.resettable:
            self.mark = self.held
        return self.resettable

    def owner(self, **more: float) -> HighWater:
        return HighWater(lambda: self.mark, self.reset, **more)  # type: ignore[arg-type]


def test_an_inner_window_hides_no_peak_of_an_outer_one() -> None:
    memory = Memory()
    owner = memory.owner()
    outer = owner.open()
    memory.hold(200)
    memory.hold(10)
    inner = owner.open()
    memory.hold(50)
    memory.hold(10)
    assert (owner.close(inner), owner.close(outer)) == ((50, ""), (200, ""))


def test_windows_overlap_in_any_order() -> None:
    memory = Memory()
    owner = memory.owner()
    first = owner.open()
    memory.hold(30)
    second = owner.open()
    memory.hold(20)
    assert owner.close(first) == (30, "")
    memory.hold(90)
    assert owner.peak(second) == (90, "")
    assert owner.close(second) == (90, "")


def test_a_mark_that_fell_by_itself_makes_open_windows_unsure() -> None:
    memory = Memory()
    owner = memory.owner()
    window = owner.open()
    memory.hold(200)
    assert owner.peak(window) == (200, "")
    memory.hold(10)
    memory.reset()
    assert owner.close(window) == (200, STOLEN)
    assert owner.close(owner.open()) == (10, "")


@pytest.mark.parametrize(("fall", "unsure"), [(5, ""), (6, STOLEN)])
def test_a_mark_may_waver_within_its_slack(fall: float, unsure: str) -> None:
    memory = Memory()
    owner = memory.owner(slack=5)
    window = owner.open()
    memory.hold(100)
    owner.peak(window)
    memory.mark -= fall
    assert owner.close(window) == (100, unsure)


def test_where_a_reset_is_denied_only_a_peak_above_all_earlier_ones_is_known() -> None:
    memory = Memory(resettable=False)
    owner = memory.owner()
    memory.hold(100)
    low = owner.open()
    memory.hold(60)
    assert owner.close(low) == (100, DENIED)
    high = owner.open()
    memory.hold(101)
    assert owner.close(high) == (101, "")


def test_a_window_of_another_owner_is_told_as_such() -> None:
    window = Memory().owner().open()
    assert Memory().owner().close(window).unsure == STRANGE


def test_where_there_is_no_mark_the_peak_is_unknown() -> None:
    owner = HighWater(lambda: math.nan, lambda: False)
    found = owner.close(owner.open())
    assert math.isnan(found.bytes)
    assert found.unsure == UNKNOWN


def test_the_kernels_mark_sees_what_was_held_and_freed() -> None:
    owner = highwater.process_mark()
    outer = owner.open()
    held = bytearray(60 * MIB)
    del held
    inner = owner.open()
    small, large = owner.close(inner), owner.close(outer)
    assert (small.unsure, large.unsure) == ("", "")
    assert 55 * MIB < large.bytes - small.bytes < 65 * MIB


def test_a_forked_child_has_a_mark_of_its_own() -> None:
    owner = highwater.process_mark()
    window = owner.open()
    child = os.fork()
    if not child:
        fresh = highwater.process_mark()
        strange = fresh.close(window).unsure == STRANGE
        os._exit(0 if fresh is not owner and strange else 1)
    assert os.waitpid(child, 0)[1] == 0
    assert owner.close(window).unsure == ""


LARGE_PARENT = """
import subprocess, sys
held = bytearray(150 * 1024**2)
code = '''
from paceline.probes.highwater import process_mark
owner = process_mark()
print(owner.close(owner.open()).bytes / 1024**2)
'''
sys.exit(float(subprocess.check_output([sys.executable, "-c", code])) > 100)
"""


@pytest.mark.slow
def test_the_mark_of_a_large_parent_is_not_its_childs() -> None:
    assert subprocess.run([sys.executable, "-c", LARGE_PARENT], check=False).returncode == 0


def test_the_mark_of_python_sees_bytes_that_were_held_while_traced() -> None:
    owner = highwater.python_mark()
    tracemalloc.start()
    try:
        window = owner.open()
        held = bytearray(MIB)
        del held
        found = owner.close(window)
    finally:
        tracemalloc.stop()
    assert found.unsure == ""
    assert MIB <= found.bytes < 1.5 * MIB


def test_the_mark_of_python_is_unsure_where_nothing_is_traced() -> None:
    owner = highwater.python_mark()
    assert owner.close(owner.open()).unsure == UNTRACED


WITHOUT_RIGHTS = """
import os
from paceline.probes.highwater import DENIED, process_mark
os.setuid(65534)
found = []
for size in (60, 40):
    window = process_mark().open()
    held = bytearray(size * 1024**2)
    del held
    found.append(process_mark().close(window).unsure)
assert found == ["", DENIED], found
"""


@pytest.mark.slow
@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give up its rights")
def test_a_process_that_may_not_reset_its_mark_says_so_when_it_matters() -> None:
    assert subprocess.run([sys.executable, "-c", WITHOUT_RIGHTS], check=False).returncode == 0
