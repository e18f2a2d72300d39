"""Cut a suite into chunks: what one worker is handed at a time."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from paceline.suite.task import ORDINARY, lives_on

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from paceline.suite.expectation import Expectation
    from paceline.suite.task import Needs, Task

__all__ = ["Chunk", "Priced", "blocks", "neighbours", "price"]

_SHORTEST = 1e-4  # seconds: running a test at all takes that
_EARLY = 4  # a block holds at most this part of a worker's share of what is left
_LATE = 16  # and at least this part of a worker's share of everything


@dataclass(frozen=True, slots=True)
class Chunk:
    """Tests that one worker is handed together, in the order in which it runs them.

    ``seconds`` is what they should take, ``each`` the same test by test, ``needs`` what each of
    them holds. ``shared`` names the instances of shared fixtures worth caring for; ``number`` is
    the chunk's place in its plan.
    """

    tasks: tuple[int, ...]
    seconds: float
    needs: Needs
    group: str = ""
    last: bool = False
    number: int = 0
    each: tuple[float, ...] = ()
    shared: tuple[str, ...] = ()

    def part(self, tasks: Sequence[int], *, group: str | None = None) -> Chunk:
        """Keep some of the tests, as they stand in this chunk, perhaps for another group."""
        seconds = dict(zip(self.tasks, self.each, strict=True))
        each = tuple(seconds[task] for task in tasks)
        named = self.group if group is None else group
        return replace(self, tasks=tuple(tasks), seconds=math.fsum(each), each=each, group=named)


@dataclass(frozen=True, slots=True)
class Priced:
    """A test, what it should take in seconds, and its shared fixtures worth caring for."""

    task: Task
    seconds: float
    known: bool
    shared: tuple[str, ...]

    @property
    def divisible(self) -> bool:
        """Whether it may stand in one chunk with others."""
        return self.task.needs == ORDINARY and not self.task.last


def price(
    tasks: Sequence[Task], expectations: Sequence[Expectation], dear: Mapping[str, float]
) -> list[Priced]:
    """Put each test beside its expectation; ``dear`` maps shared fixtures to their seconds."""
    return [
        Priced(
            task,
            max(given.seconds, _SHORTEST),
            given.known,
            tuple(key for key in task.shared if key in dear),
        )
        for task, given in zip(tasks, expectations, strict=True)
    ]


def blocks(priced: Sequence[Priced], workers: int) -> list[Chunk]:
    """Cut tests into contiguous blocks, large ones first, at the ends of modules where possible.

    Sizes shrink with what is left, as in factoring (Hummel, Schonberg, Flynn, 1992,
    doi:10.1145/135226.135232), so that workers end together though nothing is taken back.
    """
    total = left = math.fsum(one.seconds for one in priced)
    found: list[Chunk] = []
    start, seconds = 0, 0.0
    for at, one in enumerate(priced, 1):
        seconds += one.seconds
        size = max(left / (_EARLY * workers), total / (_LATE * workers))
        after = priced[at] if at < len(priced) else None
        here = after is not None and after.task.module == one.task.module
        if seconds >= size * (1.5 if here else 0.5) or not _together(one, after):
            found.append(_chunk(priced[start:at]))
            left, start, seconds = left - seconds, at, 0.0
    return found


def _together(before: Priced, after: Priced | None) -> bool:
    if after is None:
        return False
    return before.divisible and after.divisible and before.task.group == after.task.group


def neighbours(priced: Iterable[Priced], cap: float, dear: Mapping[str, float]) -> Iterator[Chunk]:
    """Cut a module's tests that may stand together into chunks of at most ``cap`` seconds.

    Where they share a fixture that dies with the module, a chunk is at least as long as its set-up.
    """
    held: list[Priced] = []
    seconds = 0.0
    for one in priced:
        setups = sum(dear[key] for key in one.shared if not lives_on(key))
        if held and seconds + one.seconds > max(cap, setups):
            yield _chunk(held)
            held, seconds = [], 0.0
        held.append(one)
        seconds += one.seconds
    yield _chunk(held)


def _chunk(held: Sequence[Priced]) -> Chunk:
    first = held[0].task
    each = tuple(one.seconds for one in held)
    keys = dict.fromkeys(key for one in held for key in one.shared)
    tasks = tuple(one.task.index for one in held)
    return Chunk(
        tasks,
        math.fsum(each),
        first.needs,
        first.group,
        last=first.last,
        each=each,
        shared=tuple(keys),
    )
