"""What benchmarks/gate.py writes down: a line of JSON for each suite that was run."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

__all__ = [
    "CONDITIONS",
    "FLAGGED",
    "UNITS",
    "Record",
    "append",
    "fixture",
    "load",
    "measured",
    "named",
    "read_ab",
]

SCHEMA, VERSION = "paceline-gate", 1
UNITS = 100
CONDITIONS = {100: "A/A", 103: "+3 %", 105: "+5 %", 110: "+10 %"}
"""Units of work on the head, and what that is beside the base's 100."""
FLAGGED = frozenset({"regressed", "improved"})
FINE = 100_000  # a recording's log ratios are whole numbers of 1/FINE


@dataclass(frozen=True)
class Record:
    """One suite run on both sides by one tool.

    ``tool`` is ab (decided as it goes), pairs (a recording), pytest-benchmark or pyperf; ``units``
    are the head's; ``started`` is in seconds since the epoch, ``seconds`` is what it took;
    ``foreign`` is the share of the processors that others took; ``verdicts`` holds for each rule
    what it said of each case: regressed, improved or anything else; ``pairs`` and ``confirmation``
    hold log ratios for each case.
    """

    tool: str
    units: int
    started: float
    seconds: float
    foreign: float
    discarded: bool
    verdicts: dict[str, dict[str, str]]
    pairs: dict[str, list[float]] = field(default_factory=dict)
    confirmation: dict[str, list[float]] = field(default_factory=dict)
    pair_seconds: dict[str, float] = field(default_factory=dict)


def append(file: Path, record: Record) -> None:
    """Add a record as a line of its own, so that a stop loses at most the line being written."""
    with file.open("a", encoding="utf-8") as stream:
        stream.write(f"{json.dumps(asdict(record), separators=(',', ':'))}\n")


def load(file: Path) -> list[Record]:
    """Read the records; a last line that was torn by a stop is left out."""
    if not file.exists():
        return []
    lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
    if lines and not lines[-1].endswith("\n"):
        print(f"note: the last line of {file.name} was cut off and is left out", file=sys.stderr)
        lines.pop()
        file.write_text("".join(lines), encoding="utf-8")
    return [Record(**json.loads(line)) for line in lines]


def read_ab(text: str) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Read what ``paceline ab --json`` printed: the document and its cases, named for short."""
    document = json.loads(text)
    if (document.get("schema"), document.get("version")) != ("paceline-ab", 1):
        raise ValueError(f"no paceline-ab document: {text[:80]!r}")
    return document, [{**one, "case": named(one["case"])} for one in document["cases"]]


def named(case: str) -> str:
    """Shorten ``benchmarks/test_work.py::test_work[order]`` to ``order``."""
    return case.rpartition("[")[2].removesuffix("]") if "[" in case else case


def measured(cases: list[dict[str, Any]], count: int) -> list[dict[str, Any]]:
    """Give the cases back, all of them measured.

    Raises:
        ValueError: one is missing, or was not measured on both sides.
    """
    broken = [one["case"] for one in cases if one["ratio"] is None or not one["pairs"]]
    if broken or len(cases) != count:
        raise ValueError(f"{len(cases)} of {count} cases; not measured: {broken}")
    return cases


def fixture(records: Iterable[Record]) -> dict[str, Any]:
    """Give the recordings in a form small enough to be kept beside the tests.

    ``foreign`` says how busy others kept the machine meanwhile, as a share of its processors.
    """
    kept = [one for one in records if one.tool == "pairs" and not one.discarded]
    cases = sorted({case for one in kept for case in one.pairs})
    return {
        "schema": SCHEMA,
        "version": VERSION,
        "fine": FINE,
        "cases": cases,
        "suites": [
            {
                "units": one.units,
                "after": round(one.started - kept[0].started),
                "foreign": one.foreign,
                "pairs": [[round(FINE * log) for log in one.pairs[case]] for case in cases],
            }
            for one in kept
        ],
    }
