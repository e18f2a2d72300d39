from __future__ import annotations

import dataclasses
import re
from typing import TYPE_CHECKING

import pytest

from paceline.errors import UsageError
from paceline.model import Case, Kind
from paceline.report.markdown import SMALLEST_LIMIT, render

if TYPE_CHECKING:
    from collections.abc import Callable

    from paceline.model import Measurement, Verdict
    from paceline.report.document import Document

    Make = Callable[..., Measurement]
    Judge = Callable[..., Verdict]
    Build = Callable[..., Document]


@pytest.fixture
def large(make_document: Build, make_measurement: Make, make_verdict: Judge) -> Document:
    many = [make_measurement(f"test_{n}") for n in range(200)]
    broken = make_verdict(Kind.OVER_BUDGET, "test_199", spent=2.0)
    gone = tuple(Case(f"a.py::test_old_{n}") for n in range(200))
    slower = tuple(
        make_verdict(Kind.REGRESSED, "test_198", ratio=1.2, subject="baseline m")
        for _ in range(100)
    )
    return make_document(*many, verdicts=(broken, *slower), gone=gone)


@pytest.mark.parametrize("limit", [SMALLEST_LIMIT, 10_000, 20_000, 60 * 1024])
def test_the_report_keeps_to_its_limit(large: Document, limit: int) -> None:
    shown = render(large, limit=limit)
    assert len(shown.encode()) <= limit
    assert "| **over budget** | `tests/test_a.py::test_199`" in shown


def test_what_is_cut_is_counted(large: Document) -> None:
    shown = render(large, limit=20_000)
    cut = re.search(r"(\d+) cases more\.", shown)
    assert cut is not None
    assert shown.count("test_old_") + int(cut[1]) == 200


def test_the_worst_rows_are_kept(large: Document) -> None:
    rows = [line for line in render(large).splitlines() if line.startswith("| `tests")]
    assert len(rows) == 200
    assert "test_199" in rows[0]
    assert "test_198" in rows[1]


def test_a_limit_too_small_for_the_heading_is_refused(large: Document) -> None:
    with pytest.raises(UsageError, match="hold no report"):
        render(large, limit=SMALLEST_LIMIT - 1)


def test_the_report_names_machine_python_date_and_commit(make_document: Build) -> None:
    shown = render(make_document())
    for fact in ("8.000 GiB", "CPython 3.11.7", "2026-01-01T00:00:00+00:00", "| Commit | `main` |"):
        assert fact in shown


def test_a_budget_shows_limit_figure_and_share(make_document: Build, make_verdict: Judge) -> None:
    verdict = make_verdict(Kind.OVER_BUDGET, figure=3e-3, spent=1.5)
    shown = render(make_document(verdicts=(verdict,)))
    assert "mean 3.000 ms ±1.0 % | ≤ 2.000 ms | 150 % |" in shown


def test_what_has_no_figure_says_why(make_document: Build, make_verdict: Judge) -> None:
    unsure = make_verdict(Kind.UNSURE, because="not measured")
    unsure = dataclasses.replace(unsure, figure=None, limit=None)
    new = make_verdict(Kind.NEW, subject="baseline main", because="not in it")
    shown = render(make_document(verdicts=(unsure, new)))
    assert "| mean not measured |  |" in shown
    assert "| new | `tests/test_a.py::test_one` | mean |  |  |  | not in it |" in shown


def test_a_scaling_benchmark_with_few_sizes_is_counted(
    make_document: Build, make_measurement: Make
) -> None:
    rows = [
        make_measurement(label=f"n={n}", extra=(("scaling", n),), unsure="odd") for n in ("1", "2")
    ]
    shown = render(make_document(*rows))
    assert "- `tests/test_a.py::test_one`: 2 sizes" in shown
    assert "- unsure: `test_one#n=1`, `test_one#n=2`: odd" in shown


def test_groups_of_one_are_not_set_side_by_side(
    make_document: Build, make_measurement: Make
) -> None:
    assert "Side by side" not in render(make_document(make_measurement(group="g")))
