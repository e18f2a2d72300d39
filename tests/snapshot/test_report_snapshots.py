from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from paceline.report import benchmark, comparison, csv, histogram, json, junit, markdown, summary
from paceline.report.comparison import Comparison
from paceline.report.grouping import Group
from paceline.report.options import Column, Detail, NameFormat, Sort, TableOptions, TimeUnit
from paceline.report.paint import ansi

if TYPE_CHECKING:
    from collections.abc import Callable

    from paceline.model import Run
    from paceline.report.document import Document

    Check = Callable[[str, str], None]

TABLES = {
    "table.txt": TableOptions(),
    "table-verbose.txt": TableOptions(detail=Detail.VERBOSE),
    "table-by-func-in-ms.txt": TableOptions(
        columns=(Column.MEDIAN, Column.P95, Column.THROUGHPUT),
        group_by=("group", "func"),
        name=NameFormat.LONG,
        sort=Sort.NAME,
        time_unit=TimeUnit.MS,
    ),
}


@pytest.mark.parametrize(("name", "options"), TABLES.items(), ids=TABLES.keys())
def test_the_benchmark_table(
    document: Document, matches_golden: Check, name: str, options: TableOptions
) -> None:
    matches_golden(name, benchmark.render(document, options))


def test_the_end_block(document: Document, matches_golden: Check) -> None:
    matches_golden("summary.txt", summary.render(document))


def test_the_end_block_in_colour(document: Document, matches_golden: Check) -> None:
    matches_golden("summary-colour.txt", summary.render(document, paint=ansi))


def test_the_end_block_in_ascii(document: Document, matches_golden: Check) -> None:
    matches_golden("summary-ascii.txt", summary.render(document, pure_ascii=True))


def test_the_markdown_report(document: Document, matches_golden: Check) -> None:
    matches_golden("report.md", markdown.render(document))


def test_the_json_report(document: Document, matches_golden: Check) -> None:
    matches_golden("report.json", json.to_json(document))


def test_the_json_report_with_raw_values(document: Document, matches_golden: Check) -> None:
    matches_golden("report-raw.json", json.to_json(document, raw=True))


def test_the_csv_report(document: Document, matches_golden: Check) -> None:
    matches_golden("report.csv", csv.to_csv(document))


def test_the_junit_report(document: Document, matches_golden: Check) -> None:
    matches_golden("report.xml", junit.to_junit(document))


def test_the_comparison(document: Document, run: Run, base: Run, matches_golden: Check) -> None:
    compared = Comparison(base, run, document.verdicts[2:], document.gone)
    matches_golden("comparison.txt", comparison.render(compared))
    matches_golden("comparison.json", comparison.to_json(compared))


def test_the_histogram(document: Document, matches_golden: Check) -> None:
    matches_golden("histogram.svg", histogram.to_svg(Group("cache", document.timed[:2])))
