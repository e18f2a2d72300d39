"""Timeline: which worker ran what and when, as lines of blocks and as a self-contained SVG."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from paceline.model import METRICS
from paceline.report.escape import elide, xml
from paceline.report.table import Align, Heading, lay_out, safe
from paceline.report.words import count, quantity

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from paceline.model import Resources

__all__ = ["Lane", "lanes", "render", "to_svg"]

_BLOCKS = " ▁▂▃▄▅▆▇█"
_ASCII = " .:-=+*#@"
_COLUMNS = 60
_WIDTH, _LEFT, _TOP, _LANE, _GAP = 1000.0, 90.0, 44.0, 26.0, 6.0
_LETTER = 6.6  # of a 11 px monospaced font, in px
_NARROWEST = 0.2  # px: narrower tests would not be seen
_COLOURS = {
    "passed": "#6aa84f",
    "xfailed": "#93c47d",
    "skipped": "#cccccc",
    "failed": "#cc4125",
    "error": "#a64d79",
    "xpassed": "#e69138",
    "crashed": "#000000",
}
_OTHER = "#6fa8dc"
_STYLE = "text{font:11px monospace;fill:CanvasText}.h{font:13px sans-serif}"


@dataclass(frozen=True, slots=True)
class Lane:
    """One worker's tests by their start; ``busy`` in seconds of tests."""

    worker: str
    tests: tuple[Resources, ...]
    busy: float

    @property
    def name(self) -> str:
        """The worker's name; one process has none of its own."""
        return self.worker or "main"


def lanes(records: Iterable[Resources]) -> tuple[Lane, ...]:
    """Put tests whose start is known on the lanes of their workers."""
    found: dict[str, list[Resources]] = {}
    for record in records:
        if record.turn.started > 0 and not record.case.label:
            found.setdefault(record.turn.worker, []).append(record)
    return tuple(
        Lane(worker, tuple(sorted(tests, key=_began)), sum(map(_seconds, tests)))
        for worker, tests in sorted(found.items(), key=_by_number)
    )


def span(found: Iterable[Lane]) -> tuple[float, float]:
    """Give when the first test began and the last one ended, in seconds since the epoch."""
    times = [(_began(one), _began(one) + _seconds(one)) for lane in found for one in lane.tests]
    return min(began for began, _ in times), max(ended for _, ended in times)


def render(found: Sequence[Lane], *, pure_ascii: bool = False) -> str:
    """Draw a line for each worker: the fuller a block, the busier it was; "" without any."""
    if not found:
        return ""
    first, last = span(found)
    whole = last - first
    marks = _ASCII if pure_ascii else _BLOCKS
    headings = [Heading(title, Align.LEFT) for title in ("Worker", "Busy", "Tests", "Timeline")]
    cells = []
    for lane in found:
        share = f"{100 * lane.busy / whole:.0f} %" if whole else ""
        line = "".join(_mark(part, marks) for part in _shares(lane, first, whole))
        name = safe(lane.name, pure_ascii=pure_ascii, longest=20)
        cells.append([name, share, str(len(lane.tests)), f"|{line}|"])
    lines = lay_out(headings, cells, pure_ascii=pure_ascii)
    return "\n".join(lines) + "\n"


def to_svg(found: Sequence[Lane]) -> str:
    """Draw every test as a box on its worker's lane, coloured by how it ended; "" without any."""
    if not found:
        return ""
    first, last = span(found)
    whole = last - first
    height = _TOP + len(found) * (_LANE + _GAP) + 4
    tests = sum(len(lane.tests) for lane in found)
    workers = count(len(found), "worker")
    said = f"{count(tests, 'test')} on {workers} in {quantity(whole, METRICS['run_time'])}"
    box = f"0 0 {_WIDTH:.0f} {height:.0f}"
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{box}" role="img">',
        f"<title>{xml(said)}</title>",
        f"<style>{_STYLE}</style>",
        f'<text class="h" x="4" y="20">{xml(said)}</text>',
    ]
    scale = (_WIDTH - _LEFT) / whole if whole else 0.0
    for place, lane in enumerate(found):
        top = _TOP + place * (_LANE + _GAP)
        name = xml(elide(lane.name, 12))
        parts.append(f'<text x="4" y="{top + _LANE / 2 + 4:.0f}">{name}</text>')
        for one in lane.tests:
            parts += _box(one, _LEFT + (_began(one) - first) * scale, top, _seconds(one) * scale)
    return "\n".join([*parts, "</svg>", ""])


def _box(one: Resources, left: float, top: float, wide: float) -> Iterator[str]:
    name, outcome = xml(elide(str(one.case.id))), one.turn.outcome
    told = f"{name}: {quantity(_seconds(one), METRICS['test_time'])} {outcome}".strip()
    yield (
        f'<g><title>{told}</title><rect x="{left:.2f}" y="{top:.0f}"'
        f' width="{max(wide, _NARROWEST):.2f}" height="{_LANE:.0f}"'
        f' fill="{_COLOURS.get(outcome, _OTHER)}"/>'
    )
    letters = int((wide - 4) / _LETTER)
    if letters > 2:  # noqa: PLR2004  (one letter and a mark of omission say nothing)
        short = xml(elide(one.case.name, letters))
        yield f'<text x="{left + 2:.2f}" y="{top + _LANE / 2 + 4:.0f}">{short}</text>'
    yield "</g>"


def _shares(lane: Lane, first: float, whole: float) -> Iterator[float]:
    """Give the share of each column's time that a worker was busy."""
    busy = [0.0] * _COLUMNS
    wide = whole / _COLUMNS
    for one in lane.tests if wide else ():
        began, ended = _began(one) - first, _began(one) - first + _seconds(one)
        place = min(int(began / wide), _COLUMNS - 1)
        while place < _COLUMNS and place * wide < ended:
            inside = min(ended, (place + 1) * wide) - max(began, place * wide)
            busy[place] += max(inside, 0.0) / wide
            place += 1
    return iter(busy)


def _mark(share: float, marks: str) -> str:
    """Choose the block of a share; whatever ran leaves a mark."""
    if share <= 0:
        return marks[0]
    return marks[max(1, min(round(share * (len(marks) - 1)), len(marks) - 1))]


def _began(record: Resources) -> float:
    return record.turn.started


def _seconds(record: Resources) -> float:
    return record.figure("test_time") or 0.0


def _by_number(item: tuple[str, list[Resources]]) -> tuple[str, int, str]:
    """Sort gw10 behind gw9."""
    worker = item[0]
    letters = worker.rstrip("0123456789")
    number = worker[len(letters) :]
    return letters, int(number or 0), worker
