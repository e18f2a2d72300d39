from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import pytest

from paceline.errors import MeasureError
from paceline.probes import trampolines as module
from paceline.probes.trampolines import called_functions, has_trampolines, read_names, trampolines
from paceline.stats.profile import Function

if TYPE_CHECKING:
    from pathlib import Path

MAP = """\
7f00a0 b py::Class.method:/folder with space/a.py
7f00b0 b py::<lambda>:<string>
401000 20 somebody_elses
broken
"""


def leaf() -> int:
    return 1


def tree() -> int:
    return leaf()


class Interpreter:
    """What is asked of ``sys`` from Python 3.12 on; writes the map as it does."""

    def __init__(self, folder: Path, *, works: bool = True) -> None:
        self.folder = folder
        self.works = works
        self.active = False

    def is_stack_trampoline_active(self) -> bool:
        return self.active

    def activate_stack_trampoline(self, _name: str) -> None:
        if not self.works:
            raise ValueError("perf trampoline not available")
        self.active = True
        (self.folder / f"perf-{os.getpid()}.map").write_text(MAP, encoding="utf-8")

    def deactivate_stack_trampoline(self) -> None:
        self.active = False


def test_functions_are_read_by_address() -> None:
    assert read_names(MAP) == {
        0x7F00A0: Function("Class.method", "/folder with space/a.py"),
        0x7F00B0: Function("<lambda>", "<string>"),
    }


def test_the_map_is_read_and_removed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    interpreter = Interpreter(tmp_path)
    monkeypatch.setattr(module, "sys", interpreter)
    with trampolines(folder=tmp_path) as names:
        assert interpreter.active
    assert names == read_names(MAP)
    assert not interpreter.active
    assert list(tmp_path.iterdir()) == []


def test_an_interpreter_without_trampolines_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "sys", object())
    assert not has_trampolines()
    with pytest.raises(MeasureError, match=r"older than 3\.12"), trampolines():
        pass


def test_trampolines_that_were_left_out_of_the_build_are_an_error(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(module, "sys", Interpreter(tmp_path, works=False))
    with pytest.raises(MeasureError, match="not available"), trampolines(folder=tmp_path):
        pass


def test_the_functions_of_a_call_are_known_by_their_lines() -> None:
    found = {one.name: one.line for one in called_functions(tree)}
    assert found["leaf"] == leaf.__code__.co_firstlineno
    assert found["tree"] == tree.__code__.co_firstlineno


def test_a_profiler_of_others_stays() -> None:
    def profiler(*_args: object) -> None:
        pass

    before = sys.getprofile()
    sys.setprofile(profiler)
    try:
        assert called_functions(tree) == frozenset()
        assert sys.getprofile() is profiler
    finally:
        sys.setprofile(before)
