"""Suites made for the measurement, each of a kind that is hard for a scheduler or for an engine."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

__all__ = ["BREAK_EVEN", "MADE", "STARTUP", "make"]

BREAK_EVEN = (0.2, 0.5, 1, 2)
"""Seconds that suites take which hardly pay the start of a second worker."""

_WORK = '''
def work(units):
    """Compute: a unit is about a millisecond on the machine that this was written on."""
    total = 0
    for number in range(units * 23_000):
        total ^= number
    return total
'''
STARTUP = {
    "conftest.py": """
import os, time
import pytest

def note(what):
    with open(os.environ["STARTUP_TIMES"], "a") as stream:
        stream.write(f"{what} {os.getpid()} {time.monotonic()}\\n")

@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtestloop():
    note("loop")
    return (yield)
""",
    **dict.fromkeys(
        ("test_one.py", "test_two.py"),
        """
import time
from conftest import note

def test_nothing():
    note("test")
    time.sleep(0.4)
""",
    ),
}
"""Two tests that say when their process began with them; both workers get one, for each waits."""


def _trivial() -> dict[str, str]:
    tests = "".join(f"def test_{number}():\n    pass\n\n" for number in range(100))
    return {f"test_trivial_{place:02}.py": tests for place in range(50)}


def _sleeps() -> dict[str, str]:
    """Sleep as real suites do: most tests for a few milliseconds, a few for a second."""
    source = random.Random(20_261_121)
    seconds = [min(1.2, 0.004 * source.paretovariate(0.75)) for _ in range(400)]
    found = {}
    for place in range(20):
        own = seconds[place::20]
        tests = (f"def test_{n}():\n    time.sleep({one:.4f})\n" for n, one in enumerate(own))
        found[f"test_sleeps_{place:02}.py"] = "import time\n\n" + "\n".join(tests)
    return found


def _long() -> dict[str, str]:
    """Put one long test behind many short ones, where serial order finds it last."""
    many = (
        "import pytest\nfrom conftest import work\n\n"
        '@pytest.mark.parametrize("number", range(40))\ndef test_short(number):\n    work(8)\n'
    )
    last = "from conftest import work\n\ndef test_long():\n    work(3_000)\n"
    found = {f"test_short_{place:02}.py": many for place in range(10)}
    return {"conftest.py": _WORK, **found, "test_the_long_one.py": last}


def _fixtures() -> dict[str, str]:
    tests = """import pytest
from conftest import work

@pytest.fixture(scope="module")
def expensive():
    return work(150)

@pytest.mark.parametrize("number", range(25))
def test_cheap(expensive, number):
    work(4)
"""
    return {"conftest.py": _WORK, **{f"test_module_{place:02}.py": tests for place in range(16)}}


def _lasting(seconds: float) -> dict[str, str]:
    tests = (
        "import pytest\nfrom conftest import work\n\n"
        f'@pytest.mark.parametrize("number", range({round(seconds * 50)}))\n'
        "def test_some(number):\n    work(4)\n"
    )
    return {"conftest.py": _WORK, **{f"test_part_{place}.py": tests for place in range(5)}}


MADE: dict[str, Callable[[], dict[str, str]]] = {
    "trivial": _trivial,
    "sleeps": _sleeps,
    "long": _long,
    "fixtures": _fixtures,
    **{f"{seconds}s": lambda seconds=seconds: _lasting(seconds) for seconds in BREAK_EVEN},
}
"""The files of each suite, by its name."""


def make(files: dict[str, str], folder: Path) -> Path:
    """Write a suite into a new folder."""
    folder.mkdir(parents=True)
    for name, text in {"pytest.ini": "[pytest]\n", **files}.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder
