r"""Make foreign text harmless: names, branches and reasons come from whoever wrote the tests.

Every renderer passes every text it did not write itself through one of these. ``plain`` comes
first everywhere: it spells out what could move a cursor, reorder a line or start a workflow
command (``\x1b``, ``\u202e``, ``\n``), so what a reader sees is what the name holds.
"""

from __future__ import annotations

import re
import unicodedata

__all__ = [
    "LONGEST",
    "ascii_only",
    "csv_cell",
    "elide",
    "markdown",
    "markdown_code",
    "plain",
    "xml",
]

LONGEST = 120
"""Columns that a name may take in a text report; its middle goes first."""

_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_SHORT = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}
# GitHub's runner takes "::name::" at the start of a line and "##[name]" anywhere in it; Azure and
# TeamCity take "##vso[" and "##teamcity[".
_COMMAND_START = re.compile(r"^(\s*)(?=::)")
_COMMAND_INSIDE = re.compile(r"##(?=\w*\[)")
_ASCII = str.maketrans(
    {
        "∞": "inf",
        "≤": "<=",
        "×": "x",
        "…": "..",
        "±": "+/-",
        "µ": "u",
        "μ": "u",
        "≥": ">=",
        "→": "->",
        "·": "|",
        "−": "-",
    }
)
# Underscores inside a word and colons that begin no address are no markup.
_MARKDOWN = re.compile(
    r"""[^\w .,;:=+/%()'"?\u0080-\U0010ffff-]|(?<![^\W_])_|_(?![^\W_])|:(?=//)"""
)
_MENTION = re.compile(r"&#(64|35|58);")
_FORMULA = frozenset("=+-@")
_XML = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;"})


def plain(text: str) -> str:
    """Spell out control, format and unassigned characters and break workflow commands."""
    if not text.isascii() or not text.isprintable():
        text = "".join(_spelled(char) for char in text)
    return _COMMAND_INSIDE.sub(r"#\\#", _COMMAND_START.sub(r"\1\\", text))


def ascii_only(text: str) -> str:
    """Write a text for an encoding that knows ASCII alone (``×`` becomes ``x``)."""
    if text.isascii():
        return text
    return text.translate(_ASCII).encode("ascii", "backslashreplace").decode("ascii")


def elide(text: str, longest: int = LONGEST) -> str:
    """Leave out the middle of a long text: its start and its parameters tell cases apart."""
    if len(text) <= longest:
        return text
    head = (longest - 1) // 2
    return f"{text[:head]}…{text[head - longest + 1 :]}"


def markdown(text: str) -> str:
    """Write foreign text into Markdown prose: no markup, no table cell, no mention, no link.

    Sites look for mentions and references after they rendered the Markdown, so an entity alone
    does not hide them: a zero-width space follows it.
    """
    return _MENTION.sub(r"&#\1;&#8203;", _entities(plain(text)))


def markdown_code(text: str) -> str:
    """Write foreign text as inline code, in the element where backticks would not hold."""
    shown = plain(text)
    if "`" in shown or "|" in shown or shown != shown.strip():
        return f"<code>{_entities(shown)}</code>"
    return f"`{shown}`" if shown else ""


def csv_cell(text: str) -> str:
    """Quote foreign text as a CSV cell that no spreadsheet takes for a formula."""
    shown = plain(text)
    first = unicodedata.normalize("NFKC", shown.lstrip()[:1])
    # A tab or return at the start hides what follows; plain() has spelled it out as a backslash.
    guard = "'" if first in _FORMULA or shown.startswith(("\\t", "\\r", "\\n")) else ""
    return f'"{guard}{shown.replace(chr(34), chr(34) * 2)}"'


def xml(text: str) -> str:
    """Write foreign text into XML or SVG, between tags or within a quoted attribute."""
    return plain(text).translate(_XML)


def _spelled(char: str) -> str:
    if unicodedata.category(char) not in _HIDDEN:
        return char
    if char.isascii():
        return _SHORT.get(char, f"\\x{ord(char):02x}")
    return char.encode("ascii", "backslashreplace").decode("ascii")


def _entities(text: str) -> str:
    return _MARKDOWN.sub(lambda found: f"&#{ord(found[0])};", text)
