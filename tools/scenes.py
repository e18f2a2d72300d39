"""Scenes: real commands on a store with fixed figures, as a terminal would show them."""

from __future__ import annotations

import io
import math
from dataclasses import dataclass
from functools import partial
from itertools import starmap
from types import SimpleNamespace
from typing import TYPE_CHECKING
from unittest.mock import patch

from paceline.cli import ab, leaks
from paceline.cli.arguments import command_of, parse
from paceline.cli.console import Console
from paceline.engine.resources import run_time
from paceline.errors import PacelineError, Place
from paceline.guard.outcome import Compared, Outcome, State
from paceline.guard.paired import Terms, decide
from paceline.model import METRICS, RESOURCES, Case, Host, Measurement, Resources, Run, RunId, Turn
from paceline.stats.leak import Holder, LeakResult, LeakVerdict, Smallest
from paceline.store.sqlite import Store

if TYPE_CHECKING:
    import argparse
    from pathlib import Path

__all__ = ["SCENES", "Scene", "keep_runs", "played"]

_START = 1_767_225_600.0  # 2026-01-01 00:00 UTC
_DAY = 86_400.0
_HOST = Host("Example 9000", 2, 8 * 1024**3, "Linux 6.1 x86_64", "CPython 3.11.7")
_SETTINGS = """\
[tool.paceline.budgets.import]
pattern = "test_import"
max_mean = "10 ms"

[tool.paceline.table]
columns = ["min", "median", "mean", "stddev", "rounds"]
"""
_MILLISECONDS = {"test_import": 8.0, "test_export": 3.2, "test_totals": 1.5, "test_parse": 5.1}
_RUNS = 24
_SHIFTS = (
    ("test_import", 812.0, 9.6, 24),
    ("test_export", 320.0, -11.0, 24),
    ("test_totals", 151.0, 0.1, 8),
    ("test_parse", 513.0, -0.2, 8),
)
"""Of each benchmark its microseconds, the change in per cent, and how many pairs it took."""
_STEPS = {"test_import": (23, 1.31), "test_export": (23, 0.72), "test_parse": (14, 1.2)}
"""The run at which a benchmark became slower or faster, and how much."""
_FILE = "app/cache.py"
_LEAKS = (
    LeakResult(
        f"{_FILE}::refresh",
        LeakVerdict.LEAK,
        "1 blocks, 1 entries a call, in every round, at a steady rate",
        25_000,
        0.31,
        holders=(Holder("app.cache.SEEN", Place(_FILE, 7), 1.0, 0.0, 25_000),),
        smallest=Smallest(2500.0, 2500.0, 0.19),
    ),
    LeakResult(
        f"{_FILE}::lookup",
        LeakVerdict.FILLING,
        "a container grows towards its bound",
        24_000,
        0.42,
        holders=(Holder("app.cache.price", Place(_FILE, 12), 1.0, 0.0, 8_000, 100_000),),
        smallest=Smallest(2400.0, 2400.0, 0.21),
    ),
    LeakResult(
        f"{_FILE}::encode",
        LeakVerdict.CLEAN,
        "nothing grew",
        20_000,
        0.12,
        smallest=Smallest(20_000.0, 20_000.0, 0.08),
    ),
)


@dataclass(frozen=True, slots=True)
class Scene:
    """A command as it is typed, its exit status, and what the picture shows in a sentence."""

    command: str
    status: int
    title: str


SCENES = {
    "report": Scene(
        "paceline report --baseline v1.2",
        10,
        "The table of a run, a broken budget, a regression and an improvement",
    ),
    "compare": Scene(
        "paceline compare v1.2",
        11,
        "Four benchmarks compared with the baseline v1.2: one regressed, one improved",
    ),
    "ab": Scene(
        "paceline ab",
        11,
        "Two trees side by side: one benchmark regressed, one improved, two equivalent",
    ),
    "history": Scene(
        "paceline history test_parse --limit 14",
        0,
        "The figures of one benchmark over its runs, and the change point among them",
    ),
    "suite": Scene(
        "paceline suite",
        0,
        "Where a run's time went: slowest tests, categories, phases, files and workers",
    ),
    "leaks": Scene(
        "paceline leaks app/cache.py",
        10,
        "A leak with its holder and its remedy, a cache that fills, a clean function",
    ),
    "error": Scene(
        "paceline compare v12",
        14,
        "An error with its code and its remedy",
    ),
}
"""By the name of the picture."""


def played(scene: Scene, project: Path) -> str:
    """Run a scene's command in a project and give what a terminal shows, the prompt first.

    Raises:
        AssertionError: the command ended with another status.
    """
    out = _Terminal()
    words = [*scene.command.split()[1:], "--project", str(project)]
    arguments = parse(words)
    console = Console(out, _Beside(out), {})
    with (
        patch.multiple(ab, sides_of=_sides, compared=_paired, _changed=lambda *_: ()),
        patch.multiple(leaks, names_of=_names, check_fresh=_checked),
    ):
        status = _status(arguments, console)
    if status != scene.status:
        raise AssertionError(f"{scene.command} ended with {status}:\n{out.getvalue()}")
    return f"\x1b[2m$\x1b[0m \x1b[1m{scene.command}\x1b[0m\n{out.getvalue()}"


def keep_runs(project: Path) -> None:
    """Make a project whose store holds two dozen runs, the last but one kept as "v1.2"."""
    (project / "pyproject.toml").write_text(_SETTINGS, encoding="utf-8")
    place = project / ".paceline" / "paceline.sqlite"
    for number in range(_RUNS):
        now = _START + number * _DAY
        store = Store(place, clock=partial(float, now))
        run = _run(number)
        store.begin(run)
        store.append(run.id, (*_measurements(number), run_time(6.4 + number % 5 / 10)))
        store.keep_resources(run.id, _records(now, 1 + number % 7 / 20))
        store.finish(run)
        if number == _RUNS - 2:
            store.save_baseline("v1.2", run.id)


def _status(arguments: argparse.Namespace, console: Console) -> int:
    try:
        return command_of(arguments.command).run(arguments, console)
    except PacelineError as error:
        console.complain(error)
        return error.exit_code


def _names(target: str, _terms: object) -> list[tuple[str, str]]:
    return [(target, one.name.partition("::")[2]) for one in _LEAKS]


def _checked(file: str, name: str, _terms: object) -> LeakResult:
    """Give what a check in a fresh process said once: a machine's speed is no part of a picture."""
    return next(one for one in _LEAKS if one.name == f"{file}::{name}")


def _sides(*_facts: object, **_more: object) -> tuple[SimpleNamespace, ...]:
    said = ("merge base with main (5d6e7f80)", "working tree (5d6e7f80 + 2 changed files)")
    return tuple(SimpleNamespace(said=one) for one in said)


def _paired(*_facts: object, **_more: object) -> Compared:
    """Give what pairs of processes came to once, as for leaks."""
    return Compared(tuple(starmap(_outcome, _SHIFTS)), pairs=24, seconds=9.0, pinned=True)


def _outcome(name: str, microseconds: float, percent: float, pairs: int) -> Outcome:
    shift = math.log1p(percent / 100)
    logs = [shift + ((at * 7) % 13 - 6) / 1000 for at in range(pairs)]
    return Outcome(
        Case(f"tests/test_orders.py::{name}"),
        State.DECIDED,
        decide(logs, Terms(0.015, cases=len(_SHIFTS)), last=True),
        pairs=tuple(logs),
        base=microseconds * 1e-6,
        head=microseconds * 1e-6 * math.exp(shift),
        seconds=2.0,
    )


class _Terminal(io.StringIO):
    """A stream that shows colours."""

    encoding = "utf-8"

    def isatty(self) -> bool:
        """Say that colours can be shown."""
        return True


class _Beside(io.StringIO):
    """What is said to standard error, on the same screen; nothing is written over."""

    encoding = "utf-8"

    def __init__(self, screen: io.StringIO) -> None:
        super().__init__()
        self._screen = screen

    def write(self, text: str, /) -> int:
        """Write to the screen."""
        return self._screen.write(text)


def _run(number: int) -> Run:
    commit = f"{0x5D6E7F80A1B2 * (number + 7):040x}"[-40:]
    return Run(
        RunId(f"{0x9E3779B1 * (number + 1) % 2**32:08x}"),
        _START + number * _DAY,
        _HOST,
        commit=commit[::-1],
        branch="main",
    )


def _measurements(number: int) -> tuple[Measurement, ...]:
    return tuple(
        Measurement(
            Case(f"tests/test_orders.py::{name}"),
            METRICS["wall_time"],
            _values(number, milliseconds * _factor(name, number)),
            iterations=1,
        )
        for name, milliseconds in _MILLISECONDS.items()
    )


def _factor(name: str, number: int) -> float:
    """What happened to a benchmark until a run, and how runs of the same code differ."""
    wobble = 1 + ((number * 5) % 7 - 3) / 700
    since, times = _STEPS.get(name, (_RUNS, 1.0))
    return wobble * times if number >= since else wobble


def _values(number: int, milliseconds: float) -> tuple[float, ...]:
    """Make 40 rounds in no order that repeats, within 2 %."""
    return tuple(
        1e-3 * milliseconds * (1 + ((at * 29 + number * 11) % 41 - 20) / 1000) for at in range(40)
    )


def _records(now: float, factor: float) -> tuple[Resources, ...]:
    rows = (
        ("tests/integration/test_api.py::test_checkout", 2.61, "gw0"),
        ("tests/integration/test_api.py::test_refund", 1.42, "gw1"),
        ("tests/integration/test_api.py::test_login", 0.86, "gw1"),
        ("tests/unit/test_prices.py::test_rounding", 0.31, "gw0"),
        ("tests/unit/test_prices.py::test_discount", 0.12, "gw1"),
    )
    ends: dict[str, float] = {}
    found = []
    for position, (node, usual, worker) in enumerate(rows):
        seconds = usual * factor
        at = ends.get(worker, 0.2)
        ends[worker] = at + seconds + 0.05
        phases = (seconds, 0.2 * seconds, 0.7 * seconds, 0.1 * seconds)
        figures = (*phases, *(None,) * (len(RESOURCES) - len(phases)))
        found.append(
            Resources(Case(node), figures, turn=Turn(worker, position, now + at, "passed"))
        )
    return tuple(found)
