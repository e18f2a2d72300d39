"""Counting: what both sides' cases take in instructions, and which functions account for it.

A count needs no quiet machine: processes of both sides run at once, a few times over, and the
smallest count of each side stands, as nothing makes code execute fewer instructions by chance.
"""

from __future__ import annotations

import dataclasses
import random
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self

from paceline.engine.paired.pair import tally_through
from paceline.engine.paired.worker import Worker
from paceline.guard.outcome import Counted
from paceline.probes.explanation import Explanation
from paceline.probes.trampolines import has_trampolines
from paceline.probes.valgrind import callgrind_command, callgrind_environment, valgrind

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from paceline.engine.paired.channel import Message
    from paceline.engine.paired.pair import Pace
    from paceline.engine.paired.worker import Start
    from paceline.stats.profile import Profile

__all__ = ["Counting", "count_sides", "explain_sides"]

_SEED = 0  # of the hash, the same for all: what is counted must not move with it


@dataclass(frozen=True, slots=True)
class Counting:
    """What is to be counted: items as (base's, head's) node ids, and the cases wanted of them."""

    items: Sequence[tuple[str, str]]
    paces: dict[str, Pace]
    cases: frozenset[str]


@dataclass(slots=True)
class _Taken:
    base: list[float] = field(default_factory=list)
    head: list[float] = field(default_factory=list)


def count_sides(
    starts: tuple[Start, Start], counting: Counting, *, folder: Path, processes: int
) -> tuple[dict[str, Counted], tuple[str, ...]]:
    """Count in so many processes of each side; give counts per call by case, and what to know.

    Raises:
        MeasureError: a worker ended.
    """
    taken: dict[str, _Taken] = {}
    facts: Message = {"name": "", "blind_to": "", "missing": []}
    for number in range(processes):
        with _Pair(starts, folder / f"count-{number}", explains=False) as pair:
            facts = pair.facts
            if not facts["name"]:
                break
            for one in tally_through(
                pair.workers,
                counting.items,
                random=random.Random(number),  # noqa: S311  (an order)
                paces=counting.paces,
                only=counting.cases,
            ):
                if one.base is not None and one.head is not None:
                    found = taken.setdefault(one.case, _Taken())
                    found.base.append(one.base)
                    found.head.append(one.head)
    counts = {
        case: Counted(facts["name"], facts["blind_to"], tuple(found.base), tuple(found.head))
        for case, found in taken.items()
    }
    return counts, tuple(facts["missing"])


def explain_sides(
    starts: tuple[Start, Start], counting: Counting, *, folder: Path
) -> Mapping[str, tuple[Profile, Profile]]:
    """Count once more with functions told apart; give both sides' profiles by case.

    Raises:
        MeasureError: a worker ended, or there is no callgrind.
    """
    with _Pair(starts, folder / "explain", explains=True) as pair:
        tallied = tally_through(
            pair.workers,
            counting.items,
            random=random.Random(_SEED),  # noqa: S311  (an order)
            paces=counting.paces,
            only=counting.cases,
        )
        return {
            one.case: (_profile(one.texts[0]), _profile(one.texts[1]))
            for one in tallied
            if one.texts is not None
        }


class _Pair:
    """One process of each side under callgrind, where there is one; ended on leaving."""

    def __init__(self, starts: tuple[Start, Start], folder: Path, *, explains: bool) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        outs = [folder / f"{start.name}.out" for start in starts]
        self._workers = [
            Worker(
                _counted(start, out, explains=explains),
                seed=_SEED,
                log=folder / f"{start.name}.log",
            )
            for start, out in zip(starts, outs, strict=True)
        ]
        self._outs, self._explains = outs, explains
        self.facts: Message = {}

    @property
    def workers(self) -> tuple[Worker, Worker]:
        base, head = self._workers
        return base, head

    def __enter__(self) -> Self:
        try:
            for worker in self._workers:
                worker.hear()
            for worker, out in zip(self._workers, self._outs, strict=True):
                order = {"do": "counter", "out": str(out), "explains": self._explains}
                self.facts = worker.ask(order)
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._end()

    def _end(self) -> None:
        for worker in self._workers:
            worker.hang_up()
        for worker in self._workers:
            worker.end()


def _counted(start: Start, out: Path, *, explains: bool) -> Start:
    if valgrind() is None:
        return start
    python = str(start.python)
    # Without trampolines all C functions would count as one: the caller of the loop.
    folded = explains and has_trampolines()
    words = callgrind_command([python], out=out, python_functions=folded)
    environment = callgrind_environment(start.environment)
    return dataclasses.replace(start, environment=environment, prefix=tuple(words[:-1]))


def _profile(message: Message) -> Profile:
    names = tuple(
        (int(at), str(name), str(file), int(line)) for at, name, file, line in message["names"]
    )
    return Explanation(message["text"], names).profile()
