"""What a user may look up is on a page, and what a page names exists."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from tools.command_line import parsers

from paceline import errors
from paceline.engine.options import CLASSES
from paceline.guard.gate import ExitStatus
from paceline.model import METRICS, Kind
from paceline.options import Declaration, declarations
from paceline.plugin.flags import FLAGS
from paceline.store.schema import TABLES, Dialect, Table

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
OPTIONS = [one for options in CLASSES for one in declarations(options)]
ERRORS = [getattr(errors, name) for name in errors.__all__ if name.endswith("Error")]
SOURCES = {
    doi: file.name
    for file in sorted((ROOT / "src").rglob("*.py"))
    for doi in re.findall(r"doi:(10\.\d{4,}/[^\s;,)]+[^\s;,.)])", file.read_text(encoding="utf-8"))
}
"""Identifiers of the papers that docstrings name."""
FOREIGN_FLAGS = {"--benchmark-json", "--benchmark-save"}
"""Flags of other plugins that a page may name."""


def read(page: str) -> str:
    return (ROOT / "docs" / page).read_text(encoding="utf-8")


def name_of(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("one", OPTIONS, ids=lambda one: one.key)
def test_every_option_is_documented(one: Declaration) -> None:
    entry = read("options.md").partition(f"### `{one.key}`\n")[2].partition("\n#")[0]
    for named in (one.help, one.ini, one.environment, one.flag, *one.flags):
        assert named in entry


def test_every_exit_code_is_documented() -> None:
    codes = {int(status) for status in ExitStatus} | {error.exit_code for error in ERRORS}
    rows = re.findall(r"^\| `?(\d+)`? \|", read("exit-codes.md"), re.MULTILINE)
    assert {str(code) for code in codes} <= set(rows)


@pytest.mark.parametrize("code", sorted({error.code for error in ERRORS}))
def test_every_error_code_is_documented(code: str) -> None:
    assert f"| `{code}` |" in read("exit-codes.md")


@pytest.mark.parametrize("word", [*METRICS, *(kind.value for kind in Kind)])
def test_every_metric_and_verdict_is_in_the_glossary(word: str) -> None:
    assert f"| `{word}` |" in read("glossary.md")


@pytest.mark.parametrize("doi", sorted(SOURCES))
def test_every_source_of_an_algorithm_is_on_the_statistics_page(doi: str) -> None:
    assert f"https://doi.org/{doi})" in read("statistics.md"), f"named in {SOURCES[doi]}"


@pytest.mark.parametrize("metric", METRICS)
def test_every_metric_is_on_its_page(metric: str) -> None:
    assert f"| `{metric}` |" in read("metrics.md")


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: error.__name__)
def test_every_error_is_on_its_page_with_what_to_do(error: type[errors.PacelineError]) -> None:
    entry = read("errors.md").partition(f"## {error.code}: {error.__name__}\n")[2]
    entry = entry.partition("\n## ")[0]
    assert f"Exit code: [{error.exit_code}]" in entry
    assert error is errors.PacelineError or "What to do: " in entry


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_every_column_of_the_store_is_on_the_schema_page(table: Table) -> None:
    entry = read("schema.md").partition(f"## {table.name}\n")[2].partition("\n## ")[0]
    for column in table.columns:
        types = " | ".join(column.type.name_in(dialect) for dialect in Dialect)
        assert f"| `{column.name}` | {types} |" in entry


@pytest.mark.parametrize("command", [name for name, _ in parsers()])
def test_every_flag_of_a_command_is_on_the_command_line_page(command: str) -> None:
    entry = read("command-line.md").partition(f"# paceline {command}\n")[2].partition("\n#")[0]
    usage = dict(parsers())[command].format_usage()
    flags = set(re.findall(r"(?<![\w-])--?[a-z][\w-]*", usage)) - {"-h"}
    assert {flag for flag in flags if f"`{flag}" not in entry} == set()


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_link_leads_somewhere(page: Path) -> None:
    links = re.findall(r"\]\((?!https?:|#|mailto:)([^)#\s]+)", page.read_text(encoding="utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_flag_that_a_page_names_exists(page: Path) -> None:
    named = set(re.findall(r"--(?:benchmark|paceline)(?:-[a-z]+)+", page.read_text("utf-8")))
    assert named - {flag for flag, *_ in FLAGS} - FOREIGN_FLAGS == set()


def test_every_page_can_be_reached_from_the_index() -> None:
    linked = {"index.md", *re.findall(r"\]\(([^)#]+\.md)\)", read("index.md"))}
    pages = (ROOT / "docs").rglob("*.md")
    assert {page.relative_to(ROOT / "docs").as_posix() for page in pages} <= linked
