from __future__ import annotations

import csv
import io
import json
import re
import xml.etree.ElementTree as ET
from typing import TYPE_CHECKING

import pytest
from markdown_it import MarkdownIt

from paceline.report import benchmark, comparison, histogram, junit, markdown, summary
from paceline.report.comparison import Comparison
from paceline.report.csv import to_csv
from paceline.report.grouping import Group
from paceline.report.json import to_json
from paceline.report.options import Detail, TableOptions

if TYPE_CHECKING:
    from collections.abc import Callable

    from paceline.report.document import Document

HOSTILE = {
    "script": "</script><script>alert(1)</script>",
    "image": "![x](https://example.org/x.png)",
    "pipe": "a | b || c",
    "backtick": "`a` ``b`` ```",
    "newline": "first\nsecond\r\nthird",
    "ansi": "\x1b[31mred\x1b[2J\x9b0m",
    "bidi": "test_\u202egnp.exe\u2066\u200f",
    "zero width": "test\u200b_a\ufeff",
    "separators": "a\u2028b\u2029c\x85d",
    "nul": "a\x00b",
    "surrogate": "a\ud800b",
    "formula": "=cmd|' /C calc'!A0",
    "other formula": "\t@SUM(1+1)",
    "wide formula": "\uff1d1\uff0b1",
    "mention": "@everyone and @org/team fixes #1",
    "command": "::error::owned",
    "spaced command": "  ::add-mask::x",
    "old command": "x##[error]owned ##vso[task.setvariable]",
    "percent": "%0A::error::x",
    "entity": "&lt;b&gt; &#64; ]]> <!-- <![CDATA[",
    "quotes": "\"'><img src=x onerror=alert(1)>",
    "link": "[x](javascript:alert(1)) <javascript:alert(1)> https://example.org",
    "emphasis": "__init__ *a* ~~b~~ # c",
    "backslash": "\\|\\`\\",
    "long": "x" * 10_000,
    "long pipes": "|" * 10_000,
    "long tags": "\U000e0001" * 10_000,
    "long wide": "名" * 10_000,
    "empty": "",
}
FORMULA = tuple("=+-@\uff1d\uff0b\uff0d\uff20\t\r")
TERMINAL: dict[str, Callable[[Document], str]] = {
    "table": lambda document: benchmark.render(document, TableOptions(detail=Detail.VERBOSE)),
    "summary": summary.render,
    "comparison": lambda document: comparison.render(_comparison(document)),
}


def _comparison(document: Document) -> Comparison:
    return Comparison(document.run, document.run, document.verdicts, document.gone)


@pytest.fixture(params=list(HOSTILE.values()), ids=list(HOSTILE))
def text(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.mark.parametrize("render", TERMINAL.values(), ids=TERMINAL.keys())
def test_a_terminal_gets_printable_lines_of_bounded_length(
    make_hostile: Callable[[str], Document], text: str, render: Callable[[Document], str]
) -> None:
    shown = render(make_hostile(text))
    assert all(line.isprintable() for line in shown.split("\n"))
    assert max(map(len, shown.split("\n"))) < 700
    assert shown.count("\n") <= render(make_hostile("test_plain")).count("\n")


@pytest.mark.parametrize("render", TERMINAL.values(), ids=TERMINAL.keys())
def test_no_line_is_a_workflow_command(
    make_hostile: Callable[[str], Document], text: str, render: Callable[[Document], str]
) -> None:
    shown = render(make_hostile(text))
    assert not re.search(r"^\s*::", shown, re.MULTILINE)
    assert not re.search(r"##\w*\[", shown)


def test_an_ascii_terminal_gets_ascii(make_hostile: Callable[[str], Document], text: str) -> None:
    document = make_hostile(text)
    assert summary.render(document, pure_ascii=True).isascii()
    assert benchmark.render(document, TableOptions(), pure_ascii=True).isascii()
    assert comparison.render(_comparison(document), pure_ascii=True).isascii()


def test_the_end_block_stays_within_its_lines(
    make_hostile: Callable[[str], Document], text: str
) -> None:
    assert summary.render(make_hostile(text)).count("\n") <= summary.MOST_LINES


def test_markdown_holds_no_markup_of_a_stranger(
    make_hostile: Callable[[str], Document], text: str
) -> None:
    parsed = MarkdownIt("commonmark").enable(["table", "strikethrough"])
    tokens = parsed.parse(markdown.render(make_hostile(text)))
    inline = [child for token in tokens for child in token.children or ()]
    kinds = {token.type for token in (*tokens, *inline)}
    assert not kinds & {"link_open", "image", "em_open", "s_open", "html_block", "fence"}
    html = {child.content for child in inline if child.type == "html_inline"}
    assert html <= {"<code>", "</code>"}


def test_markdown_mentions_no_one(make_hostile: Callable[[str], Document], text: str) -> None:
    parsed = MarkdownIt("commonmark").enable("table")
    shown = re.sub(r"<code>.*?</code>", "", parsed.render(markdown.render(make_hostile(text))))
    assert not re.search(r"@\w|#\d|://", shown)


def test_every_markdown_table_row_has_its_columns(
    make_hostile: Callable[[str], Document], text: str
) -> None:
    shown = markdown.render(make_hostile(text))
    tables = [part.strip().split("\n") for part in shown.split("\n\n") if part.startswith("|")]
    assert tables
    for table in tables:
        assert len({line.count("|") for line in table}) == 1


def test_markdown_keeps_to_its_smallest_limit(
    make_hostile: Callable[[str], Document], text: str
) -> None:
    shown = markdown.render(make_hostile(text), limit=markdown.SMALLEST_LIMIT)
    assert len(shown.encode()) <= markdown.SMALLEST_LIMIT


def test_json_gives_back_the_exact_text(make_hostile: Callable[[str], Document], text: str) -> None:
    written = to_json(make_hostile(text))
    assert not set("<>&") & set(written)
    assert written.isascii()
    assert json.loads(written)["measurements"][0]["case"]["id"] == text


def test_csv_holds_one_row_a_measurement_and_no_formula(
    make_hostile: Callable[[str], Document], text: str
) -> None:
    document = make_hostile(text)
    rows = list(csv.reader(io.StringIO(to_csv(document), newline="")))
    assert [len(row) for row in rows] == [len(rows[0])] * (1 + len(document.rows))
    words = [cell for row in rows for cell in row if not re.fullmatch(r"-?[\d.e-]+", cell)]
    assert not [cell for cell in words if cell.lstrip()[:1] in FORMULA]


def test_junit_is_well_formed_and_holds_only_its_own_elements(
    make_hostile: Callable[[str], Document], text: str
) -> None:
    root = ET.fromstring(junit.to_junit(make_hostile(text)))  # noqa: S314  (our own output)
    known = {"testsuites", "testsuite", "testcase", "properties", "property", "failure"}
    assert {element.tag for element in root.iter()} == known


def test_svg_is_well_formed_and_holds_only_its_own_elements(
    make_hostile: Callable[[str], Document], text: str
) -> None:
    drawn = histogram.to_svg(Group(text, make_hostile(text).timed))
    tags = {element.tag.rpartition("}")[2] for element in ET.fromstring(drawn).iter()}  # noqa: S314  (our own output)
    assert tags == {"svg", "title", "style", "text", "circle", "path", "rect"}
