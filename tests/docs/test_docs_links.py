"""Links, anchors and the site's menu, without the tools of the site: by GitHub's rules."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path

import pytest
from tools.pages import foreign, marks_as_titles, menu

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
FENCE = re.compile(r"^(`{3,}).*?^\1`*$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\((?!https?:|mailto:)([^)#\s]*)#([^)\s]+)\)")
LIST = re.compile(r"^(?:[-*+] |\d+\. |\|)")


def prose(page: Path) -> str:
    return FENCE.sub("", page.read_text(encoding="utf-8"))


def anchors(page: Path) -> set[str]:
    """Spell a page's headings as GitHub and the site do; a second one alike gets no name here."""
    headings = re.findall(r"^#+ (.+?)\s*$", prose(page), re.MULTILINE)
    shown = [re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading) for heading in headings]
    return {re.sub(r"[^\w\- ]", "", one.lower()).replace(" ", "-") for one in shown}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_anchor_is_a_heading(page: Path) -> None:
    links = [
        (page.parent / file if file else page, name) for file, name in LINK.findall(prose(page))
    ]
    assert [(file.name, name) for file, name in links if name not in anchors(file)] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_list_and_table_begins_after_a_blank_line(page: Path) -> None:
    """GitHub needs none, the site does."""
    lines = ["", *prose(page).splitlines()]
    glued = [
        line
        for before, line in pairwise(lines)
        if LIST.match(line) and before and not LIST.match(before) and before[0] not in " #<"
    ]
    assert glued == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_no_page_loads_anything_from_elsewhere(page: Path) -> None:
    text = prose(page)
    assert foreign(text, ".md") == []
    assert re.findall(r"!\[[^\]]*\]\(\s*(?:https?:)?//[^)]*\)", text) == []


def test_the_menu_is_the_index() -> None:
    pages = "- [a](a.md): [b](b.md#c)\n\n### Deep\n\n- [See `c`](d/c.md)\n"
    index = f"# Site\n\n## Use\n\n{pages}\n## End\n"
    assert menu(index) == [
        {"Home": "index.md"},
        {"Use": [{"A": "a.md"}, {"Deep": [{"See `c`": "d/c.md"}]}]},
        {"End": []},
    ]


def test_the_site_is_built_strictly() -> None:
    """What mkdocs is told not to say, it does not count: never quiet."""
    settings = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    (build,) = re.findall(r"mkdocs build.*", (ROOT / "Makefile").read_text(encoding="utf-8"))
    levels = re.findall(r"\w+: (\w+)", settings.partition("\nvalidation:")[2])
    assert "strict: true" in settings
    assert set(levels) == {"warn"}
    assert "--strict" in build
    assert "-q" not in build


def test_marks_become_titles() -> None:
    page = "```python file=a/b.py\n```\n```console exits=10\n```\n```text\n```\n"
    assert marks_as_titles(page) == (
        '```python title="a/b.py"\n```\n```console\n```\n```text\n```\n'
    )


@pytest.mark.parametrize(
    ("suffix", "text"),
    [
        (".html", '<script src="https://a.example/x.js">'),
        (".html", "<img alt='' src='//a.example/x.png'>"),
        (".html", '<link rel="stylesheet" href="https://a.example/x.css">'),
        (".css", "@import url(https://a.example/x.css)"),
        (".css", "body{background:url('//a.example/x.png')}"),
        (".js", 'fetch("https://a.example/x.json")'),
    ],
)
def test_what_is_loaded_from_elsewhere_is_found(suffix: str, text: str) -> None:
    (address,) = foreign(text, suffix)
    assert "a.example/x." in address


@pytest.mark.parametrize(
    "text",
    [
        '<a href="https://a.example/">there</a>',
        '<link rel="canonical" href="https://a.example/">',
        '<img src="images/x.svg"><script src="../x.js">',
        '<svg xmlns="http://www.w3.org/2000/svg">',
    ],
)
def test_links_and_names_are_no_loads(text: str) -> None:
    assert foreign(text, ".html") == []
