"""Live: what a terminal shows while workers run, and the lines that say how a run went."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING

from paceline.report.escape import ascii_only, plain
from paceline.report.paint import Paint, bare
from paceline.units import format_quantity

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["Running", "Scene", "columns", "failure", "fitted", "frame", "rest", "slowest"]

_BAR = 20  # columns
_NEARLY = 0.99  # as much as is shown done while something runs
_NARROW = 60  # columns below which the bar gives way to what it stands for
_BOXES = ("█", "░")
_ASCII_BOXES = ("#", ".")
_MINUTE, _HOUR = 60, 3600  # seconds
_SURE = 0.1  # of the expected time: before that, how fast a run is says little
_NOTABLE = 0.05  # seconds: a quicker test is no slow one
_NAMED = 3


@dataclass(frozen=True, slots=True)
class Running:
    """What one worker does: a test and for how many seconds; "" while it has none."""

    worker: str
    test: str = ""
    seconds: float = 0.0
    slow: bool = False


@dataclass(frozen=True, slots=True)
class Scene:
    """How far a run is: tests by number, ``share`` by expected time, times in seconds."""

    done: int
    tests: int
    failed: int
    share: float
    elapsed: float
    rest: float
    running: tuple[Running, ...] = ()
    trying: str = ""


def frame(
    scene: Scene, width: int, *, height: int, paint: Paint = bare, pure_ascii: bool = False
) -> tuple[str, ...]:
    """Write a scene as lines, each narrower than ``width`` columns, ``height`` of them at most."""
    lines = [_progress(scene, width - 1, paint, pure_ascii=pure_ascii)]
    if scene.trying:
        text = _safe(f"trying again: {scene.trying}", pure_ascii=pure_ascii)
        return (*lines, fitted(text, width - 1, pure_ascii=pure_ascii))[:height]
    hidden = max(0, len(scene.running) + 1 - height)
    shown = scene.running[: len(scene.running) - hidden - bool(hidden)]
    named = max((len(one.worker) for one in scene.running), default=0)
    for one in shown:
        text = _row(one, named, width - 1, pure_ascii=pure_ascii)
        lines.append(paint(text, "warn") if one.slow else text)
    if hidden:
        lines.append(fitted(f"and {hidden + 1} more workers", width - 1, pure_ascii=pure_ascii))
    return tuple(lines[:height])


def rest(
    expected: Sequence[float], *, past: float, total: float, elapsed: float, workers: int
) -> float:
    """Give the seconds that a run still takes, as fast as it went so far.

    ``expected`` is what the running tests still need, ``past`` what is done of ``total`` seconds of
    expected work; once a tenth is done, what it took corrects what was expected.
    """
    pace = elapsed * workers / past if past > _SURE * total else 1.0
    return max((total - past) / workers * pace, *expected, 0.0)


def failure(word: str, node_id: str, reason: str, *, pure_ascii: bool = False) -> str:
    """Write a failure as one line: what it is, the test, the first line of why."""
    first = next((line for line in reason.splitlines() if line.strip()), "").strip()
    said = f"{word} {node_id} - {first}" if first else f"{word} {node_id}"
    return _safe(said, pure_ascii=pure_ascii)


def slowest(
    seconds: Iterable[tuple[str, float]], failed: frozenset[str], *, pure_ascii: bool = False
) -> str:
    """Name the slowest tests with their times, failed ones first; "" where none is slow."""
    slow = [one for one in seconds if one[1] >= _NOTABLE]
    slow.sort(key=lambda one: (one[0] not in failed, -one[1]))
    told = [
        f"{_safe(name, pure_ascii=pure_ascii)} {format_quantity(took, 's')}"
        + (" (failed)" if name in failed else "")
        for name, took in slow[:_NAMED]
    ]
    return f"slowest: {', '.join(told)}" if told else ""


def columns(text: str) -> int:
    """Count the columns that a text takes: two for a wide character, none for a mark on one."""
    return sum(map(_columns_of, text)) if not text.isascii() else len(text)


def fitted(text: str, width: int, *, pure_ascii: bool = False) -> str:
    """Leave out the middle of a text that takes more than ``width`` columns."""
    if columns(text) <= width:
        return text
    mark = ".." if pure_ascii else "…"
    room = width - columns(mark)
    if room <= 0:
        return _start(text, width)
    head = _start(text, room // 2)
    tail = _start(text[::-1], room - columns(head))[::-1]
    return f"{head}{mark}{tail}"


def _progress(scene: Scene, width: int, paint: Paint, *, pure_ascii: bool) -> str:
    share = min(max(scene.share, 0.0), 1.0 if scene.done >= scene.tests else _NEARLY)
    full, empty = _ASCII_BOXES if pure_ascii else _BOXES
    filled = int(_BAR * share)
    bar = f"{full * filled}{empty * (_BAR - filled)}" if width >= _NARROW else ""
    failed = f", {scene.failed} failed" if scene.failed else ""
    left = f", about {_clock(scene.rest)} left" if scene.rest >= 1 else ""
    times = f"{_clock(scene.elapsed)}{left}"
    said = f"{int(100 * share):3d} %  {scene.done}/{scene.tests} tests{failed}  {times}"
    text = fitted(said, width - len(bar) - (2 if bar else 0), pure_ascii=pure_ascii)
    role = "bad" if scene.failed else "good"
    return f"{paint(bar, role)}  {text}" if bar else text


def _row(one: Running, named: int, width: int, *, pure_ascii: bool) -> str:
    start = f"{one.worker:<{named}}"
    if not one.test:
        return fitted(f"{start}  waits", width, pure_ascii=pure_ascii)
    start = f"{start}  {_clock(one.seconds):>5}  {'slow  ' if one.slow else ''}"
    if len(start) >= width:
        return fitted(start, width, pure_ascii=pure_ascii)
    test = _safe(one.test, pure_ascii=pure_ascii)
    return start + fitted(test, width - len(start), pure_ascii=pure_ascii)


def _clock(seconds: float) -> str:
    """Write whole seconds as ``0:07``, ``12:34`` or ``1:02:03``."""
    whole = max(0, int(seconds))
    tail = f"{whole % _MINUTE:02d}"
    if whole < _HOUR:
        return f"{whole // _MINUTE}:{tail}"
    return f"{whole // _HOUR}:{whole % _HOUR // _MINUTE:02d}:{tail}"


def _safe(text: str, *, pure_ascii: bool) -> str:
    shown = plain(text)
    return ascii_only(shown) if pure_ascii else shown


def _start(text: str, width: int) -> str:
    """Give as much of a text's start as fits into so many columns."""
    fitting = sum(taken <= width for taken in accumulate(map(_columns_of, text)))
    return text[:fitting]


def _columns_of(char: str) -> int:
    """Count a character's columns (Unicode Standard Annex 11, East Asian Width)."""
    if unicodedata.category(char) in {"Mn", "Me"}:
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1
