from __future__ import annotations

import os
import sys

import pytest

from paceline.engine.leaks.fresh import Terms, check_fresh
from paceline.errors import MeasureError


def test_an_interpreter_that_cannot_be_started_is_said_and_leaves_no_file_open(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    before = os.listdir("/proc/self/fd") if os.path.isdir("/proc/self/fd") else []  # noqa: PTH112, PTH208  (numbers)
    with pytest.raises(MeasureError, match="/nowhere/python"):
        check_fresh("a.py", "f", Terms())
    after = os.listdir("/proc/self/fd") if before else []  # noqa: PTH208  (as above)
    assert len(after) == len(before)
