"""What a user may look up is on a page, and what a page names exists."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from paceline import errors
from paceline.engine.options import CLASSES
from paceline.guard.gate import ExitStatus
from paceline.model import METRICS, Kind
from paceline.options import Declaration, declarations
from paceline.plugin.flags import FLAGS

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
OPTIONS = [one for options in CLASSES for one in declarations(options)]
ERRORS = [getattr(errors, name) for name in errors.__all__ if name.endswith("Error")]
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
