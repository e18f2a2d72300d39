"""Log: what pytest prints, as the records of one run.

Read are the section that ``pytest --durations=0 -vv`` prints (seconds, phase and node id a line),
the outcomes of ``-v``, with pytest-xdist's worker in front, and the last line's whole time. Colour
and the times that CI puts before each line are passed over.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from paceline.errors import Place, StoreError
from paceline.model import Turn
from paceline.store.exchange.document import RunDocument
from paceline.store.exchange.imported import foreign_run, record, run_time

if TYPE_CHECKING:
    from paceline.model import Resources

__all__ = ["KIND", "is_log", "read_log"]

KIND = "durations"

_COLOUR = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
_STAMP = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z? ")
_HEADING = re.compile(r"^=+ slowest (?:\d+ )?(?:test )?durations =+$", re.MULTILINE)
_LINE = re.compile(r"(\d+\.\d+)s (setup|call|teardown) +(\S.*)")
_SERIAL = re.compile(
    r"(\S.*?::.*?) (PASSED|FAILED|ERROR|SKIPPED|XFAIL|XPASS)(?: \(.*\))?(?: +\[ *\d+%\])?"
)
_PARALLEL = re.compile(
    r"\[(gw\d+)\] (?:\[ *\d+%\] )?(PASSED|FAILED|ERROR|SKIPPED|XFAIL|XPASS) (\S.*)"
)
_HIDDEN = re.compile(r"\(\d+ durations < (\S+)s hidden\.")
_END = re.compile(r"(?:=.*|\d+ \w+.*) in (\d+\.\d+)s(?: \([\d:]+\))?(?: =+)?")
_LONGEST = 1000  # characters of a line that says an outcome
_OUTCOMES = {
    "PASSED": "passed",
    "FAILED": "failed",
    "ERROR": "error",
    "SKIPPED": "skipped",
    "XFAIL": "xfailed",
    "XPASS": "xpassed",
}
_REMEDY = "print every duration: pytest --durations=0 -vv"


@dataclass(slots=True)
class _Heard:
    """What the lines said so far, by node id."""

    phases: dict[str, dict[str, float]] = field(default_factory=dict)
    turns: dict[str, tuple[str, str]] = field(default_factory=dict)
    hidden: str = ""
    whole: float | None = None


def is_log(text: str) -> bool:
    """Tell whether a text holds the section of durations."""
    return any(_HEADING.fullmatch(_bare(line)) for line in text.splitlines() if "slowest" in line)


def read_log(text: str, place: Place) -> RunDocument:
    """Read a log's durations.

    Raises:
        StoreError: there is no section of durations, or a line of it is cut short.
    """
    heard, inside = _Heard(), False
    for number, raw in enumerate(text.splitlines(), 1):
        line = _bare(raw)
        end = _END.fullmatch(line) if len(line) <= _LONGEST else None
        if end:
            heard.whole, inside = float(end[1]), False
        elif line.startswith("="):
            inside = bool(_HEADING.fullmatch(line))
        elif inside and line:
            _hear_duration(line, heard, Place(place.file, number))
        elif len(line) <= _LONGEST:
            _hear_outcome(line, heard)
    if inside:
        raise StoreError("ends within its section of durations", place=place, remedy=_REMEDY)
    if not heard.phases:
        raise StoreError("has no section of durations", place=place, remedy=_REMEDY)
    measured = () if heard.whole is None else (run_time(heard.whole),)
    found = tuple(_record(name, heard) for name in heard.phases)
    return RunDocument(foreign_run(KIND), measured, found)


def _bare(line: str) -> str:
    return _STAMP.sub("", _COLOUR.sub("", line)).rstrip()


def _hear_duration(line: str, heard: _Heard, place: Place) -> None:
    hidden, found = _HIDDEN.match(line), _LINE.fullmatch(line)
    if hidden:
        heard.hidden = hidden[1]
    elif found:
        phase = f"test_{found[2]}_time"
        # of a test that ran again the longest stands, as the section is sorted
        heard.phases.setdefault(found[3], {}).setdefault(phase, float(found[1]))
    elif not line.startswith("("):  # pytest's other remarks stand in brackets
        raise StoreError(f"{line!r} says no duration", place=place, remedy=_REMEDY)


def _hear_outcome(line: str, heard: _Heard) -> None:
    serial, parallel = _SERIAL.fullmatch(line), _PARALLEL.fullmatch(line)
    if parallel:
        heard.turns[parallel[3]] = (parallel[1], _OUTCOMES[parallel[2]])
    elif serial:
        heard.turns[serial[1]] = ("", _OUTCOMES[serial[2]])


def _record(name: str, heard: _Heard) -> Resources:
    phases = heard.phases[name]
    worker, outcome = heard.turns.get(name, ("", ""))
    reason = f"phases under {heard.hidden} s are not in the log"
    return record(
        name,
        {**phases, "test_time": sum(phases.values())},
        unsure={"test_time": reason} if heard.hidden and len(phases) < 3 else None,  # noqa: PLR2004  (phases)
        turn=Turn(worker=worker, outcome=outcome),
    )
