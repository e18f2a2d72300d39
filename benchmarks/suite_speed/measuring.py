"""Measure a suite in interleaved rounds."""

from __future__ import annotations

import math
import random
import shutil
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from rounds import FOREIGN, Watch
from suite_speed.figures import Ran, Round, best_mode, same
from suite_speed.running import ran
from suite_speed.suites import MODES

if TYPE_CHECKING:
    from suite_speed.suites import Suite

__all__ = ["Asked", "Measured", "UnusableError", "measure", "run"]

FIRST_LIMIT = 600.0
TIMES, MORE = 4, 30.0  # a command that takes so many times the serial run, and more, hangs
MOST_ROUNDS = 2  # times the rounds that are wanted


class UnusableError(Exception):
    """A suite that can't be measured here: it isn't green, or a command doesn't work."""


@dataclass(frozen=True, slots=True)
class Asked:
    """How to measure: our flags, rounds to be kept, runs of ours before the first round.

    ``cold`` takes our records away before each run; no round begins after ``until``, in seconds
    of the monotonic clock, but the first one.
    """

    ours: tuple[str, ...]
    rounds: int
    warm: int = 2
    modes: tuple[str, ...] = MODES
    cold: bool = False
    until: float = math.inf


@dataclass(frozen=True, slots=True)
class Measured:
    """A suite's rounds, xdist's best mode, and what is wrong with its others.

    ``discarded`` counts the rounds that others disturbed; where ``calm`` is false they were taken
    in, for lack of better ones. ``unlike`` counts our runs that did not end as the serial one did.
    """

    suite: str
    rounds: tuple[Round, ...]
    mode: str | None
    broken: dict[str, str]
    discarded: int
    calm: bool
    unlike: int


def run(command: list[str], suite: Suite, limit: float) -> Ran:
    """Run a command in the suite's folder; an error in its use is an error of ours."""
    took, said = ran(command, suite.folder, limit=limit)
    if took.status in {3, 4}:
        raise UnusableError(f"{' '.join(command[1:])}\n{said[-1500:]}")
    return took


def measure(suite: Suite, asked: Asked) -> Measured:
    """Scout xdist's modes, then run rounds until enough are calm."""
    plain = run(suite.timed(), suite, FIRST_LIMIT)
    plain = run(suite.timed(), suite, FIRST_LIMIT)  # the first one compiled
    if plain.status != 0:
        raise UnusableError(f"plain pytest is not green: {plain.outcomes}, {plain.status}")
    limit = TIMES * plain.wall + MORE
    tried = {mode: run(suite.xdist(mode), suite, limit) for mode in asked.modes}
    mode, broken = best_mode(plain, tried)
    for _ in range(0 if asked.cold else asked.warm):
        run(suite.ours(asked.ours), suite, limit)
    calm: list[Round] = []
    disturbed: list[Round] = []
    while len(calm) < asked.rounds and len(calm) + len(disturbed) < MOST_ROUNDS * asked.rounds:
        if (calm or disturbed) and time.monotonic() > asked.until:
            break
        one = _round(suite, asked, mode, limit)
        (calm if one.foreign <= FOREIGN else disturbed).append(one)
    enough = len(calm) >= asked.rounds
    used = calm if enough else [*calm, *disturbed]
    unlike = sum(not same(one.plain, replace(one.ours, longest=0.0)) for one in used)
    return Measured(suite.name, tuple(used), mode, broken, len(disturbed), enough, unlike)


def _round(suite: Suite, asked: Asked, mode: str | None, limit: float) -> Round:
    """Run every command once, in random order."""
    commands = {
        "plain": suite.timed(),
        "collection": suite.collection(),
        "ours": suite.ours(asked.ours),
        **({"xdist": suite.xdist(mode)} if mode else {}),
    }
    order = list(commands)
    random.shuffle(order)
    watch, took = Watch(), {}
    for name in order:
        if name == "ours" and asked.cold:
            shutil.rmtree(suite.folder / ".paceline", ignore_errors=True)
        took[name] = run(commands[name], suite, limit)
    return Round(
        took["plain"], took["collection"], took["ours"], took.get("xdist"), watch.foreign()
    )
