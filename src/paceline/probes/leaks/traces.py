"""Traces: which lines hold more Python bytes after calls than before, exactly."""

from __future__ import annotations

import gc
import linecache
import tracemalloc
from array import array
from pathlib import Path
from typing import TYPE_CHECKING

from paceline.errors import Place
from paceline.stats.leak import Holder

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Traced", "traced_growth"]

_OWN = str(Path(__file__).parents[2] / "*")
"""The checker's own lines, those of a record that is open meanwhile among them."""
_LINES = 5
_LONGEST = 60  # characters of a line that is shown
_WARM = 8  # calls: what is exchanged for something equal shows once as new

Traced = tuple[tuple[int, ...], tuple[Holder, ...]]
"""Bytes at the end of each round, and the lines that grew, the most first."""


def traced_growth(run: Callable[[int], None], calls: int, *, rounds: int) -> Traced | None:
    """Run ``rounds`` times ``calls`` calls under tracemalloc; None when someone else traces."""
    if tracemalloc.is_tracing():
        return None
    collecting = gc.isenabled()
    values = array("q", bytes(8 * (rounds + 1)))  # numbers in a list would be traced themselves
    tracemalloc.start(1)
    try:
        run(min(_WARM, calls))
        if collecting:
            gc.collect()
        before = tracemalloc.take_snapshot()
        values[0] = tracemalloc.get_traced_memory()[0]
        for at in range(rounds):
            run(calls)
            if collecting:
                gc.collect()
            values[at + 1] = tracemalloc.get_traced_memory()[0]
        after = tracemalloc.take_snapshot()
    finally:
        tracemalloc.stop()
    return tuple(values), _lines(before, after, rounds * calls)


def _lines(
    before: tracemalloc.Snapshot, after: tracemalloc.Snapshot, calls: int
) -> tuple[Holder, ...]:
    """Give the lines that keep something of most calls."""
    ours = tracemalloc.Filter(inclusive=False, filename_pattern=_OWN)
    tools = tracemalloc.Filter(inclusive=False, filename_pattern=tracemalloc.__file__)
    kept = [one.filter_traces((ours, tools)) for one in (after, before)]
    grown = [one for one in kept[0].compare_to(kept[1], "lineno") if one.size_diff > 0]
    found = []
    for one in grown[:_LINES]:
        frame = one.traceback[0]
        place = Place(frame.filename, frame.lineno)
        text = linecache.getline(place.file, place.line).strip()[:_LONGEST] or "a line"
        found.append(Holder(text, place, one.count_diff / calls, one.size_diff / calls))
    return tuple(found)
