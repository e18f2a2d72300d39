"""Read the examples that a page marks, and hold what it shows against what commands print.

A block that opens with ``console exits=CODE`` has ``$`` lines, run in order, each ending with
CODE; the lines below one are what it prints, figures aside. ``python exits=CODE`` is run as a
script; ``LANGUAGE file=PATH`` is written into the project.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

__all__ = ["GAP", "Call", "Example", "agrees", "calls", "examples", "figureless"]

GAP = "…"
"""Stands for any lines when alone on one, for any text inside one."""

_BLOCK = re.compile(
    r"^```(?P<language>\w+) (?P<how>exits|file)=(?P<what>\S+)\n(?P<text>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)
_UNIT = r"(?:[nµm]?s|min|B|[kMG]i?B|KiB|%|×)"
_COUNTED = (
    "(?:benchmarks?|budgets?|regressions?|comparisons?|tests?|items?|unsure|ok|equivalent|improved"
    "|regressed|changed|gone|failed|passed|LEAK|FILLING|CLEAN)"
)
"""What is counted rather than measured: these numbers are words."""
_VARYING = (
    (re.compile(r"\x1b\[[\d;]*m"), ""),
    (re.compile(r"\b\d{4}-\d\d-\d\d \d\d:\d\d\b"), "WHEN"),
    (re.compile(r"\b(?=[a-f]*\d)[0-9a-f]{7,12}\b"), "ID"),
    (re.compile(r"[▁▂▃▄▅▆▇█]+"), "BARS"),
    (re.compile(r"(\((?:time|memory) in )\S+\)"), r"\1N)"),
    (re.compile(r"\(([kM]?/s)\)"), "(N)"),
    (re.compile(rf"[+−-]?\b\d[\d,]*+(?:\.\d+)?+(?: ?{_UNIT}(?!\w))?+(?! {_COUNTED}\b)"), "N"),
    (
        re.compile(r"\[N ?… ?N\]|±N"),
        "±N",
    ),  # an interval shows its arm, or both ends where they differ
    (re.compile(r"([-=])\1{2,}"), r"\1"),
    (re.compile(r"[ \t]+"), " "),
)
"""What differs from run to run and from machine to machine, and what stands for it."""


@dataclass(frozen=True, slots=True)
class Example:
    """One marked block: ``how`` is exits or file, ``what`` the code or the path."""

    language: str
    how: str
    what: str
    text: str


@dataclass(frozen=True, slots=True)
class Call:
    """One command of a console block and what the page shows of its output, "" for nothing."""

    command: str
    shown: str


def examples(page: str) -> tuple[Example, ...]:
    """List the marked blocks of a page, in order."""
    return tuple(Example(**found.groupdict()) for found in _BLOCK.finditer(page))


def calls(console: str) -> tuple[Call, ...]:
    """Part a console block into its commands, each with the lines below it."""
    _, *parts = re.split(r"^\$ ", console, flags=re.MULTILINE)
    cut = [part.partition("\n") for part in parts]
    return tuple(Call(command, shown.strip("\n")) for command, _, shown in cut)


def figureless(text: str) -> str:
    """Leave out what varies: figures with their units, ids, times, bars, the widths of columns."""
    for pattern, word in _VARYING:
        text = pattern.sub(word, text)
    return "\n".join(line.strip() for line in text.splitlines() if line.strip())


def agrees(shown: str, said: str) -> bool:
    """Tell whether a page shows what was said, but for figures and gaps."""
    lines = [_line(line) for line in figureless(shown).splitlines()]
    return re.fullmatch("".join(lines), figureless(said) + "\n") is not None


def _line(line: str) -> str:
    if line == GAP:
        return r"(?:.*\n)*?"
    return ".*".join(re.escape(part) for part in line.split(GAP)) + r"\n"
