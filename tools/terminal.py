"""Draw what a command printed as a picture (SVG) of a terminal.

It needs no font of its own: every run of characters has its place and its length by column. Colours
are those of the reader's scheme, light or dark; the roles are those that reports paint.
"""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple
from xml.sax.saxutils import escape, quoteattr

__all__ = ["DARK", "LIGHT", "Span", "contrast", "draw", "spans"]

_COLUMN, _LINE, _MARGIN = 8.0, 19.0, 16.0  # pixels
_SIZE = 13.0
_NAMESPACE = "http://www.w3.org/2000/svg"
LIGHT = {
    "back": "#ffffff",
    "edge": "#8c959f",
    "text": "#1f2328",
    "strong": "#000000",
    "dim": "#59636e",
    "good": "#116329",
    "bad": "#b32430",
    "warn": "#7d4e00",
}
"""What each role looks like on paper."""

DARK = {
    "back": "#161b22",
    "edge": "#656c76",
    "text": "#d1d7e0",
    "strong": "#ffffff",
    "dim": "#9198a1",
    "good": "#5fc879",
    "bad": "#ff8c85",
    "warn": "#e3b341",
}
"""What it looks like in the dark."""

_DARK = 0.04045  # the share of light below which sRGB is linear
_ROLES = {"0": "text", "1": "strong", "2": "dim", "31": "bad", "32": "good", "33": "warn"}
_SEQUENCE = re.compile(r"\x1b\[(\d*)m")
_WORDS = re.compile(r"\S+(?: \S+)*")
_STYLE = (
    "text{{font:{size}px ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace;"
    "white-space:pre}}.strong{{font-weight:bold}}{light}"
    "@media (prefers-color-scheme:dark){{{dark}}}"
)


class Span(NamedTuple):
    """Text of one role; it begins at a column and is so many columns wide."""

    column: int
    width: int
    role: str
    text: str


def spans(line: str) -> tuple[Span, ...]:
    """Cut a line at changes of role and at gaps of two blanks and more."""
    found: list[Span] = []
    role, column = "text", 0
    for place, part in enumerate(_SEQUENCE.split(line)):
        if place % 2:
            role = _ROLES[part or "0"]
            continue
        for words in _WORDS.finditer(part):
            at = column + _wide(part[: words.start()])
            found.append(Span(at, _wide(words[0]), role, words[0]))
        column += _wide(part)
    return tuple(found)


def draw(title: str, text: str) -> str:
    """Draw lines with ANSI sequences; ``title`` says what they are to who can't see them."""
    lines = [spans(line) for line in text.rstrip("\n").splitlines()]
    columns = max((one.column + one.width for line in lines for one in line), default=0)
    width = 2 * _MARGIN + columns * _COLUMN
    height = 2 * _MARGIN + len(lines) * _LINE
    plain = _SEQUENCE.sub("", text).rstrip("\n")
    rows = [_row(line, _MARGIN + (at + 0.75) * _LINE) for at, line in enumerate(lines) if line]
    size = f'width="{width:g}" height="{height:g}" viewBox="0 0 {width:g} {height:g}"'
    inner = f'width="{width - 1:g}" height="{height - 1:g}"'
    return "\n".join(
        (
            f'<svg xmlns="{_NAMESPACE}" {size} role="img" aria-labelledby="title">',
            f'<title id="title">{escape(title)}</title>',
            f"<desc>{escape(plain)}</desc>",
            f"<style>{_style()}</style>",
            f'<rect class="back" x=".5" y=".5" {inner} rx="6"/>',
            *rows,
            "</svg>\n",
        )
    )


def contrast(one: str, other: str) -> float:
    """Compute the contrast of two colours, 1 to 21 (WCAG 2.1, 2018, https://www.w3.org/TR/WCAG21/)."""
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def _wide(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(one) in "WF" else 1 for one in text)


def _row(line: tuple[Span, ...], y: float) -> str:
    parts = "".join(
        f'<tspan class={quoteattr(one.role)} x="{_MARGIN + one.column * _COLUMN:g}" '
        f'textLength="{one.width * _COLUMN:g}" lengthAdjust="spacingAndGlyphs">'
        f"{escape(one.text)}</tspan>"
        for one in line
    )
    return f'<text y="{y:g}">{parts}</text>'


def _style() -> str:
    return _STYLE.format(size=f"{_SIZE:g}", light=_rules(LIGHT), dark=_rules(DARK))


def _rules(colours: dict[str, str]) -> str:
    roles = (name for name in colours if name not in {"back", "edge"})
    return f".back{{fill:{colours['back']};stroke:{colours['edge']}}}" + "".join(
        f".{name}{{fill:{colours[name]}}}" for name in roles
    )


def _luminance(colour: str) -> float:
    shares = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [one / 12.92 if one <= _DARK else ((one + 0.055) / 1.055) ** 2.4 for one in shares]
    return sum(weight * one for weight, one in zip((0.2126, 0.7152, 0.0722), linear, strict=True))
