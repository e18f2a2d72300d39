"""Whether our runs say what a serial run says, and how soon a worker starts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from suite_speed.figures import differences
from suite_speed.measuring import FIRST_LIMIT, MORE, TIMES, UnusableError
from suite_speed.running import ran

if TYPE_CHECKING:
    from suite_speed.suites import Suite

__all__ = ["identical", "starts"]

_HERE = Path(__file__).parent


def reported(
    command: list[str], suite: Suite, above: Path, limit: float
) -> tuple[float, list[tuple[str, str, str]]]:
    """Run a command and give its seconds and every report of its controller."""
    file = above / f"{suite.name}.jsonl"
    file.unlink(missing_ok=True)
    environment = {"PYTHONPATH": str(_HERE), "SUITE_REPORTS": str(file)}
    [*start, pytest] = command[:3]
    took, said = ran(
        [*start, pytest, "-p", "suite_reports", *command[3:]],
        suite.folder,
        limit=limit,
        environment=environment,
    )
    if not file.exists():
        raise UnusableError(f"{' '.join(command[1:])}\n{said[-1500:]}")
    lines = file.read_text(encoding="utf-8").splitlines()
    if took.status is None:
        lines = [*lines, json.dumps(("", "run", "hangs"))]
    found = [(node, phase, outcome) for node, phase, outcome in map(json.loads, lines)]
    return took.wall, found


def identical(suite: Suite, ours: tuple[str, ...], repeats: int, above: Path) -> list[list[str]]:
    """Give for each repeat what differs from a serial run: node id, phase, outcome."""
    seconds, serial = reported(suite.plain(), suite, above, FIRST_LIMIT)
    limit = TIMES * seconds + MORE
    return [
        differences(serial, reported(suite.ours(ours), suite, above, limit)[1])
        for _ in range(repeats)
    ]


def starts(suite: Suite, command: list[str], above: Path) -> list[float]:
    """Give for each worker the seconds from the beginning of the run loop to its first test.

    The controller's own planning is in it, and what it does before it makes its workers.
    """
    file = above / "times"
    file.unlink(missing_ok=True)
    ran(command, suite.folder, limit=MORE, environment={"STARTUP_TIMES": str(file)})
    begun, first = None, {}
    noted = [line.split() for line in file.read_text(encoding="ascii").splitlines()]
    for what, process, shown in sorted(noted, key=lambda row: float(row[2])):
        if what == "loop":
            begun = float(shown) if begun is None else begun
        else:
            first.setdefault(process, float(shown))
    if begun is None:
        raise UnusableError(f"no run loop was seen: {' '.join(command[1:])}")
    return [seconds - begun for seconds in first.values()]
