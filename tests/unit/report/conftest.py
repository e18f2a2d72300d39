"""Small documents with the texts and figures that a test cares about."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from paceline.errors import Place
from paceline.model import (
    METRICS,
    Case,
    Change,
    Estimate,
    Host,
    Kind,
    Measurement,
    Run,
    RunId,
    Verdict,
)
from paceline.report.document import Document, build

if TYPE_CHECKING:
    from collections.abc import Callable

VALUES = (1.0e-3, 1.1e-3, 0.9e-3, 1.05e-3, 0.95e-3, 1.02e-3, 0.98e-3, 1.0e-3, 1.01e-3, 0.99e-3)


@pytest.fixture
def make_measurement() -> Callable[..., Measurement]:
    """Build a measurement of ``name``, by default around a millisecond."""

    def make(
        name: str = "test_one", values: tuple[float, ...] = VALUES, **more: Any
    ) -> Measurement:
        metric = METRICS[more.pop("metric", "wall_time")]
        case = Case(
            f"tests/test_a.py::{name}",
            more.pop("label", ""),
            more.pop("parameters", ()),
            more.pop("group", ""),
        )
        return Measurement(case, metric, values, **more)

    return make


@pytest.fixture
def make_verdict() -> Callable[..., Verdict]:
    """Build a verdict of a kind on ``name``; a change comes with a ratio."""

    def make(kind: Kind, name: str = "test_one", **more: Any) -> Verdict:
        case = Case(f"tests/test_a.py::{name}")
        point = more.pop("figure", 1e-3)
        figure = Estimate(point, point * 0.99, point * 1.01, 0.95, "batch means")
        if "ratio" in more:
            by = more.pop("ratio")
            ratio = Estimate(by, by * 0.99, by * 1.01, 0.95, "log delta")
            more["change"] = Change(figure, figure, ratio, significant=True, relevant=True)
        more = {"because": "1 ms of 2 ms, 50 %", "subject": "budget api", **more}
        metric, limit = METRICS[more.pop("metric", "wall_time")], more.pop("limit", 2e-3)
        return Verdict(case, metric, more.pop("statistic", "mean"), kind, figure, limit, **more)

    return make


@pytest.fixture
def make_run() -> Callable[..., Run]:
    """Build a complete run on a fixed host."""

    def make(text: str = "main", *, complete: bool = True) -> Run:
        host = Host(text, 2, 8 * 1024**3, "Linux", "CPython 3.11.7", text)
        return Run(RunId("r1"), 1_767_225_600.0, host, text, text, complete=complete)

    return make


@pytest.fixture
def make_document(make_run: Callable[..., Run]) -> Callable[..., Document]:
    """Build a document of measurements and verdicts."""

    def make(
        *measurements: Measurement, verdicts: tuple[Verdict, ...] = (), **more: Any
    ) -> Document:
        return build(make_run(complete=more.pop("complete", True)), measurements, verdicts, **more)

    return make


@pytest.fixture
def make_hostile(make_run: Callable[..., Run]) -> Callable[[str], Document]:
    """Put one foreign text into every place of a document that can hold one."""

    def make(text: str) -> Document:
        case, time = Case(text, "", (("x", text),), text), METRICS["wall_time"]
        other = Case(f"tests/a.py::test_x[{text}]", "", (), text)
        conditions, extra = (("workers", text), (text, text)), (("note", text),)
        scale = Case(f"a.py::{text}", "n=10")
        measurements = (
            Measurement(case, time, VALUES, conditions=conditions, unsure=text, extra=extra),
            Measurement(other, time, VALUES),
            Measurement(other, METRICS["peak_memory"], VALUES),
            Measurement(scale, time, VALUES, extra=(("scaling", "10"),)),
        )
        estimate = Estimate(1.2, 1.1, 1.3, 0.95, text)
        change, place = Change(estimate, estimate, estimate, True, True), Place(text, 3)
        verdicts = tuple(
            Verdict(
                case,
                time,
                text,
                kind,
                estimate,
                1.0,
                text,
                f"{part} {text}",
                1.2,
                change=change if part == "baseline" else None,
                place=place,
            )
            for kind in Kind
            for part in ("budget", "baseline")
        )
        return build(
            make_run(text), measurements, verdicts, baseline=text, gone=(case,), notes=(text,)
        )

    return make
