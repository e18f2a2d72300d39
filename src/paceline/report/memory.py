"""Broken memory limits: each with its figure, its limit and the places that held most.

However many limits are broken, what is written fits a screen.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from paceline import units
from paceline.guard.memory import broken_limits, place_lines
from paceline.report.paint import Paint, bare
from paceline.report.table import safe
from paceline.report.words import spent_words

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from paceline.guard.memory import Broken
    from paceline.model import Measurement, Verdict

__all__ = ["MOST_LINES", "MOST_TESTS", "render"]

MOST_TESTS = 5
MOST_LINES = 12
"""Lines of one limit; of many limits together at most a screen."""
_SCREEN = 40
_FRAME = 3  # the test, its figure, the share that is explained
_LONGEST = 110


def render(
    verdicts: Iterable[Verdict],
    measurements: Iterable[Measurement],
    *,
    paint: Paint = bare,
    pure_ascii: bool = False,
) -> str:
    """Write the broken memory limits, the worst first; "" where all were kept."""
    broken = broken_limits(verdicts, measurements)
    shown = broken[:MOST_TESTS]
    if not shown:
        return ""
    each = min(MOST_LINES, (_SCREEN - 1) // len(shown))
    lines = [
        paint("MEMORY  ", "bad") + text if head else text
        for one in shown
        for head, text in _written(one, each, pure_ascii=pure_ascii)
    ]
    if len(broken) > len(shown):
        lines.append(f"and {len(broken) - len(shown):,} more broken memory limits")
    return "\n".join(lines) + "\n"


def _written(one: Broken, most: int, *, pure_ascii: bool) -> Iterator[tuple[bool, str]]:
    """Give the lines of one limit, each with whether it is the first."""
    verdict = one.verdict
    hint = _hint(one)
    said = [spent_words(verdict).partition(";")[0]]  # what follows speaks of intervals
    if one.sites:
        room = most - _FRAME - len(hint)
        at = "end" if "growth" in verdict.metric.name else "peak"
        said += [line.strip() for line in place_lines(one.sites[:room], one.figure, word=at)]
    yield True, safe(str(verdict.case.id), pure_ascii=pure_ascii, longest=_LONGEST)
    for line in (*said, *hint):
        yield False, f"  {safe(line, pure_ascii=pure_ascii, longest=_LONGEST)}"


def _hint(one: Broken) -> tuple[str, ...]:
    """Say what shows more: native memory has no line of Python to be named by."""
    how = "memory.native() captures it, with memray"
    if one.native:
        rise = units.format_quantity(one.native, "B")
        return (f"the process rose by {rise}, most of it native memory: {how}",)
    name = one.verdict.metric.name
    if "children" in name:
        return ("children's memory has no places here: measure inside the child",)
    if "process" in name:
        return (f"process memory has no lines: {how}",)
    return ()
