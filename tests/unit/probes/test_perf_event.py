from __future__ import annotations

import ctypes
import os
import platform
import struct
import sys
from typing import Any

import pytest

from paceline.errors import MeasureError
from paceline.probes.perf_event import HardwareCounter, hardware_counter, open_event

SOFTWARE, TASK_CLOCK, CONTEXT_SWITCHES = 1, 1, 3


class _Counted:
    """A file that reads as a counter would, and remembers what it was told."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, reading: tuple[int, int, int]) -> None:
        self.told: list[int] = []
        self.file, other = os.pipe()
        os.write(other, struct.pack("=QQQ", *reading))
        os.close(other)
        fcntl = pytest.importorskip("fcntl")
        monkeypatch.setattr(fcntl, "ioctl", lambda _file, request, _zero: self.told.append(request))


def test_a_count_is_what_the_processor_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    file = _Counted(monkeypatch, (1234, 50, 50))
    counter = HardwareCounter(file.file)
    counter.start()
    assert counter.stop() == 1234
    assert file.told == [0x2403, 0x2400, 0x2401]


def test_a_counter_that_was_lent_to_others_gives_no_count(monkeypatch: pytest.MonkeyPatch) -> None:
    counter = HardwareCounter(_Counted(monkeypatch, (1234, 50, 20)).file)
    counter.start()
    with pytest.raises(MeasureError, match="ran for 20 of 50 ns"):
        counter.stop()


def test_another_system_has_no_hardware_counters(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platform, "machine", lambda: "riscv64")
    with pytest.raises(MeasureError, match="riscv64"):
        hardware_counter()


def test_a_refusal_is_said_in_the_systems_words(monkeypatch: pytest.MonkeyPatch) -> None:
    class Library:
        def __init__(self, *_args: Any, **_kwargs: Any) -> None:
            ctypes.set_errno(13)

        def syscall(self, *_args: Any) -> int:
            return -1

    monkeypatch.setattr(platform, "machine", lambda: "x86_64")
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(ctypes, "CDLL", Library)
    with pytest.raises(MeasureError, match="no hardware counter: Permission denied"):
        hardware_counter()


def test_a_counter_of_the_kernels_own_counts_here() -> None:
    try:
        counter = open_event(SOFTWARE, TASK_CLOCK)
    except MeasureError as error:
        pytest.skip(str(error))
    counter.start()
    few = counter.stop()
    counter.start()
    sum(range(100_000))
    assert counter.stop() > few
