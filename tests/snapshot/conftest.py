"""Documents built by hand, so that a golden changes only when a renderer does."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from paceline.errors import Place
from paceline.model import (
    METRICS,
    Better,
    Case,
    Change,
    Direction,
    Estimate,
    Host,
    Kind,
    Measurement,
    Metric,
    Run,
    RunId,
    Verdict,
)
from paceline.report import grouping, scaling
from paceline.report.document import Document, Row, severity
from paceline.stats.complexity import Complexity
from paceline.stats.summary import summarise

if TYPE_CHECKING:
    from collections.abc import Callable

GOLDEN = Path(__file__).parent / "golden"
FILE = "tests/test_scoring.py"
RATIO = Metric("ratio", "1", Better.HIGHER)


@pytest.fixture
def matches_golden() -> Callable[[str, str], None]:
    """Compare exact text with a golden; PACELINE_UPDATE_SNAPSHOTS=1 writes it instead."""

    def check(name: str, text: str) -> None:
        golden = GOLDEN / name
        if os.environ.get("PACELINE_UPDATE_SNAPSHOTS") == "1":
            golden.write_bytes(text.encode())
        assert text == golden.read_bytes().decode()

    return check


@pytest.fixture(autouse=True)
def _settled_statistics(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ratios and fits are computed while rendering: give them figures that stay."""
    fitted = Complexity("O(n)", 2e-6, 1e-6, 0.998, estimate(1.01, 0.03), 0.96, (), ())
    monkeypatch.setattr(grouping, "ratio", lambda *_values, **_more: estimate(10.9, 0.03))
    monkeypatch.setattr(scaling, "fit", lambda *_points: fitted)


@pytest.fixture
def run() -> Run:
    host = Host("Example CPU 3000", 8, 16 * 1024**3, "Linux 6.1 x86_64", "CPython 3.11.7", "")
    commit = "1a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d"
    return Run(RunId("r0001"), 1_767_225_600.0, host, commit, "speed-up", complete=True)


@pytest.fixture
def base() -> Run:
    host = Host("Example CPU 3000", 8, 16 * 1024**3, "Linux 6.1 x86_64", "CPython 3.11.7", "")
    return Run(RunId("r0000"), 1_767_139_200.0, host, "9f8e7d6c5b4a", "main", complete=True)


@pytest.fixture
def document(run: Run) -> Document:
    """A run with every verdict, a group, a scaling benchmark and figures besides time."""
    verdicts = _verdicts()
    rows = tuple(_row(one, verdicts) for one in _measurements())
    gone = (Case(f"{FILE}::test_legacy"),)
    return Document(run, rows, verdicts, gone, "main@9f8e7d6", ("coverage is on",), 12.5)


def values_around(centre: float, rounds: int = 20) -> tuple[float, ...]:
    """Spread rounds within 5 % of a centre, in a fixed order, with one outlier at the end."""
    spread = tuple(centre * (1 + 0.05 * ((place * 7) % 11 - 5) / 5) for place in range(rounds - 1))
    return (*spread, centre * 1.5)


def estimate(
    point: float, share: float = 0.01, method: str = "batch means, 10 batches"
) -> Estimate:
    """An estimate with equal arms."""
    return Estimate(point, point * (1 - share), point * (1 + share), 0.95, method)


def _case(name: str, label: str = "", group: str = "") -> Case:
    return Case(f"{FILE}::{name}", label, (), group)


def _measurements() -> tuple[Measurement, ...]:
    time = METRICS["wall_time"]
    gc = (("collector", "off"), ("warm-up", "level"), ("stopped by", "precision"))
    cached, plain = _case("test_cached", group="cache"), _case("test_plain", group="cache")
    batch, odd = _case("test_batch[100]"), _case("test_名前")
    sizes = tuple(
        Measurement(
            _case("test_scaling", f"n={size}"),
            time,
            values_around(2e-6 * size + 1e-6),
            4,
            conditions=gc,
            extra=(("scaling", str(size)),),
        )
        for size in (10, 100, 1000)
    )
    return (
        Measurement(plain, time, values_around(1.2e-4), 50, warmup=12, conditions=gc),
        Measurement(cached, time, values_around(1.1e-5), 500, warmup=8, conditions=gc),
        Measurement(batch, time, values_around(0.148), 1, items=100, conditions=gc),
        Measurement(odd, time, values_around(3e-3, 5), 2, conditions=gc, unsure="the clock jumped"),
        Measurement(cached, METRICS["first_call"], (9e-4,)),
        Measurement(batch, METRICS["cpu_share"], (0.98,)),
        Measurement(batch, METRICS["peak_memory"], (1_258_291.0, 1_258_300.0)),
        *sizes,
    )


def _verdicts() -> tuple[Verdict, ...]:
    return (*_on_budgets(), *_on_baseline())


def _on_budgets() -> tuple[Verdict, ...]:
    over = Verdict(
        _case("test_batch[100]"),
        METRICS["wall_time"],
        "mean",
        Kind.OVER_BUDGET,
        estimate(0.148),
        0.12,
        "148 ms of 120 ms, 123 %",
        "budget batch",
        1.2333,
        place=Place("budgets.toml", 14),
        direction=Direction.MAX,
    )
    missed = Verdict(
        _case("test_cached", group="cache"),
        RATIO,
        "median",
        Kind.OK,
        estimate(10.9),
        10.0,
        "10.9× of at least 10×, 92 %; misses its target of 12×",
        "budget cache",
        0.917,
        warning=True,
        place=Place("budgets.toml", 20),
        direction=Direction.MIN,
    )
    return over, missed


def _on_baseline() -> tuple[Verdict, ...]:
    slower = Change(
        estimate(1e-4), estimate(1.2e-4), estimate(1.2, 0.02), significant=True, relevant=True
    )
    faster = Change(
        estimate(2.2e-5), estimate(1.1e-5), estimate(0.5, 0.02), significant=True, relevant=True
    )
    plain, cached = (_case(name, group="cache") for name in ("test_plain", "test_cached"))
    said = "1.20× slower [1.18 … 1.22]; threshold 10 %; this process only"
    won = "2.00× faster [1.96 … 2.04]; threshold 10 %; this process only"
    return (
        _compared(plain, Kind.REGRESSED, said, slower),
        _compared(cached, Kind.IMPROVED, won, faster),
        _compared(_case("test_名前"), Kind.UNSURE, "not judged: the clock jumped"),
        _compared(_case("test_batch[100]"), Kind.NEW, "not in the baseline"),
    )


def _compared(case: Case, kind: Kind, because: str, change: Change | None = None) -> Verdict:
    figure, time = change.head if change else None, METRICS["wall_time"]
    return Verdict(
        case, time, "median", kind, figure, None, because, "baseline main", change=change
    )


def _row(measurement: Measurement, verdicts: tuple[Verdict, ...]) -> Row:
    summary = summarise(measurement.values)
    own = tuple(one for one in verdicts if one.case == measurement.case)
    own = own if measurement.metric.name == "wall_time" else ()
    status = min((one.kind for one in own), key=severity, default=Kind.OK)
    mean = estimate(summary.mean)
    work = measurement.items / summary.mean
    return Row(
        measurement,
        summary,
        mean,
        estimate(summary.median, 0.004, "sectioning, 10 batches"),
        estimate(work) if measurement.items else None,
        status,
        own,
    )
