"""What the site needs beyond its Markdown (hooks of mkdocs; docs/design/site.md says why).

The menu is read from the index, so that no page is listed twice; marks that make examples run
become titles; and nothing that the built pages load may come from elsewhere.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["foreign", "marks_as_titles", "menu", "on_config", "on_page_markdown", "on_post_build"]

Menu = list[Any]
"""What mkdocs takes: pages as {title: path}, sections as {title: menu}."""

_HEADING = re.compile(r"^(##+) (.+)$")
_PAGE = re.compile(r"\[([^\]]+)\]\(([^)#:]+\.md)\)")
_MARK = re.compile(r"^(`{3,}\w+) (?:exits=\S+|file=(\S+))$", re.MULTILINE)
_LOADED = re.compile(
    r"""(?:\b(?:src|srcset|poster|data)\s*=|<link\b(?![^>]*\brel=["']?canonical)[^>]*\bhref=|url\(|"""
    r"""@import\s)\s*["']?((?:https?:)?//[^"'\s)>]+)""",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"https?://[^\s\"'`)]*")
_NOT_LOADED = (
    "http://www.w3.org/",  # a name of a namespace
    "https://api.github.com/",  # asked only where the site names a repository
    "https://${e}/api/v4/",  # likewise
    "https://clipboardjs.com/",  # these stand in comments
    "http://lunrjs.com",
    "http://tartarus.org/",
    "https://bit.ly/",
)
_FALLBACK = re.compile(r'"https://unpkg\.com/[^"]*"')
"""Scripts that the theme would fetch for browsers without observers, and for diagrams."""


def menu(index: str) -> Menu:
    """Read the menu from the index: its headings are sections, its links pages."""
    top: Menu = [{"Home": "index.md"}]
    levels: dict[int, Menu] = {1: top}
    for line in index.splitlines():
        heading = _HEADING.match(line)
        if heading:
            depth = len(heading[1])
            section: Menu = []
            levels[depth - 1].append({heading[2]: section})
            levels = {level: found for level, found in levels.items() if level < depth}
            levels[depth] = section
        for title, page in _PAGE.findall(line):
            levels[max(levels)].append({title[:1].upper() + title[1:]: page})
    return top


def marks_as_titles(text: str) -> str:
    """Turn ``python file=PATH`` into a title and leave out the exit code of a block."""
    return _MARK.sub(lambda mark: mark[1] + (f' title="{mark[2]}"' if mark[2] else ""), text)


def foreign(text: str, suffix: str) -> list[str]:
    """List the addresses elsewhere from which a built file loads something."""
    if suffix == ".js":
        return [one for one in _ADDRESS.findall(text) if not one.startswith(_NOT_LOADED)]
    return _LOADED.findall(text)


def on_config(config: Any) -> Any:
    """Give the site its menu."""
    index = Path(config["docs_dir"]) / "index.md"
    config["nav"] = menu(index.read_text(encoding="utf-8"))
    return config


def on_page_markdown(markdown: str, **_more: object) -> str:
    """Prepare a page."""
    return marks_as_titles(markdown)


def on_post_build(config: Any, **_more: object) -> None:
    """Take out what the theme would fetch, then look whether anything is left.

    Raises:
        SystemExit: a built file loads something from elsewhere.
    """
    site = Path(config["site_dir"])
    shutil.rmtree(site / "assets" / "javascripts" / "lunr")  # stemmers of other languages
    found = [
        f"{file.relative_to(site)}: {address}"
        for file in _built(site)
        for address in foreign(file.read_text(encoding="utf-8"), file.suffix)
    ]
    if found:
        raise SystemExit("loaded from elsewhere:\n" + "\n".join(found))
    pages = len(list(site.rglob("*.html")))
    print(f"docs: {pages} pages, nothing loaded from elsewhere: {site}/index.html")


def _built(site: Path) -> Iterator[Path]:
    for file in sorted(site.rglob("*")):
        if file.suffix == ".js" and file.parent.name == "javascripts":
            text = file.read_text(encoding="utf-8")
            file.write_text(_FALLBACK.sub('"about:blank"', text), encoding="utf-8")
        if file.suffix in {".html", ".css", ".js", ".svg"}:
            yield file
