"""One process pair: both sides go through the same items, and take their rounds in turns.

A batch is about a millisecond of calls. Batches come in twos, one of each side, in random order, so
that what slows the machine for longer than that slows both alike.
"""

from __future__ import annotations

import dataclasses
import statistics
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from paceline.engine.paired.worker import WorkerError
from paceline.probes.processor import usage
from paceline.probes.sampling import Phase
from paceline.stats.paired import pair_log_ratio
from paceline.stats.warmup import falls

if TYPE_CHECKING:
    import random
    from collections.abc import Iterator, Sequence

    from paceline.engine.paired.channel import Message
    from paceline.engine.paired.worker import Worker

__all__ = ["CRASHED", "Failure", "Pace", "Seen", "Tallied", "go_through", "tally_through"]

CRASHED = "crashed"
"""The outcome of an item during which a worker ended."""
_BATCH = 1e-3  # seconds
_SHARE = 0.02  # seconds of batches of one side of one case in a pair
_BATCHES = (3, 20)  # at least, at most
_CALLS = 200  # of each side before rounds count: the interpreter has specialised by then
_SHORT_WARMUP = 0.004  # seconds of them at most
_GROWTH = 8
_EMPTY_ROUNDS = 3
_COUNTED = 5e-4  # seconds of calls that are counted, as they take uncounted
_MOST_COUNTED = 5000  # calls
_FLOOR = 1000  # what is left of a batch is no less than this part of it
_STOLEN = 0.05  # share of the processor's time


@dataclass(slots=True)
class Pace:
    """How one case is taken, learnt in the first pair and kept: the same calls on both sides."""

    count: int = 0
    seconds: float = 0.0  # of one call


@dataclass(frozen=True, slots=True)
class Seen:
    """What one pair saw of one case of an item, as the head names them.

    ``log_ratio`` is the natural log of head over base; ``base`` and ``head`` are seconds per call;
    ``level`` says that both sides had warmed up; ``stolen`` is the stolen share of the processor's
    time; ``observers`` name what watched the code and bent its times.
    """

    case: str
    log_ratio: float
    base: float
    head: float
    seconds: float
    level: bool
    stolen: float
    item: str = ""
    observers: tuple[str, ...] = ()

    @property
    def disturbed(self) -> bool:
        """Whether too much of the processor was stolen for the figure to count."""
        return self.stolen > _STOLEN


@dataclass(frozen=True, slots=True)
class Failure:
    """A test that failed, was skipped, or measured on one side only; ``side`` says where."""

    item: str
    side: str
    outcome: str
    why: str


@dataclass(frozen=True, slots=True)
class Tallied:
    """What one pair counted of one case: per call, None where a side can't be counted.

    ``texts`` are the profiles of both sides with the names of their addresses, where asked for.
    """

    case: str
    base: float | None
    head: float | None
    texts: tuple[Message, Message] | None = None


@dataclass(slots=True)
class _Turns:
    """The two workers, base first, and what decides about their order."""

    workers: tuple[Worker, Worker]
    random: random.Random
    processor: int
    paces: dict[str, Pace]
    only: frozenset[str] | None = None
    counts: bool = False
    order: list[int] = field(default_factory=lambda: [0, 1])

    def both(self, message: Message) -> tuple[Any, Any]:
        """Ask both sides in random order; give the answers, the base's first."""
        self.random.shuffle(self.order)
        answers: list[Any] = [None, None]
        for index in self.order:
            answers[index] = self.workers[index].ask(message)
        return answers[0], answers[1]

    def rounds(self, case: int, phase: Phase, count: int, rounds: int = 1) -> tuple[Any, Any]:
        """Take rounds on both sides; seconds each."""
        base, head = self._take(case, phase, count, rounds)
        return base["seconds"], head["seconds"]

    def batch(self, case: int, count: int) -> _Batch:
        """Take the two batches of one turn."""
        base, head = self._take(case, Phase.MEASURE, count, 1)
        preempted = bool(base["preempted"] or head["preempted"])
        return _Batch(base["seconds"][0], head["seconds"][0], preempted)

    def _take(self, case: int, phase: Phase, count: int, rounds: int) -> tuple[Message, Message]:
        order = {"do": "step", "case": case, "phase": phase.value, "count": count, "rounds": rounds}
        return self.both(order)


@dataclass(frozen=True, slots=True)
class _Batch:
    """Seconds of a batch on either side, and whether another process cut into one of them."""

    base: float
    head: float
    preempted: bool


def go_through(  # noqa: PLR0913  (keyword-only, each is one part of the pair)
    workers: tuple[Worker, Worker],
    items: Sequence[tuple[str, str]],
    *,
    random: random.Random,
    processor: int,
    paces: dict[str, Pace],
    only: frozenset[str] | None = None,
) -> Iterator[Seen | Failure]:
    """Run items on both sides, (base's, head's) node ids, and measure what they measure.

    ``paces`` is filled for cases that are new to it; ``only`` names the cases that are still
    wanted, None for all: others of the same test are let through unmeasured.

    A worker that ends takes the rest of this pair with it: the failure names the item.
    """
    turns = _Turns(workers, random, processor, paces, only)
    for one in _follow(turns, items):
        if not isinstance(one, Tallied):
            yield one


def tally_through(
    workers: tuple[Worker, Worker],
    items: Sequence[tuple[str, str]],
    *,
    random: random.Random,
    paces: dict[str, Pace],
    only: frozenset[str],
) -> Iterator[Tallied]:
    """Run items on both sides and count what their cases take, in place of timing them.

    A worker that ends takes the rest of this pair with it: the failure names the item.
    """
    turns = _Turns(workers, random, 0, paces, only, counts=True)
    return (one for one in _follow(turns, items) if isinstance(one, Tallied))


def _follow(turns: _Turns, items: Sequence[tuple[str, str]]) -> Iterator[Seen | Failure | Tallied]:
    workers = turns.workers
    for worker, names in zip(workers, zip(*items, strict=True), strict=True):
        worker.tell({"do": "run", "items": list(names)})
    for _, item in items:
        try:
            yield from _item(turns, item)
        except WorkerError as error:  # its own fault; the items after it wait for the next pair
            yield Failure(item, error.side, CRASHED, error.problem.replace("\n", "; "))
            return


def _item(turns: _Turns, item: str) -> Iterator[Seen | Failure | Tallied]:
    """Follow one test on both sides from one benchmark call to the next, to its end."""
    measured = 0
    messages = [worker.hear() for worker in turns.workers]
    while all(message["say"] == "ready" for message in messages):
        base, head = messages
        if base["single"] == head["single"] and len(base["cases"]) == len(head["cases"]):
            yield from _ready(turns, item, base, head)
        measured += 1
        for worker in turns.workers:
            worker.tell({"do": "leave"})
        messages = [worker.hear() for worker in turns.workers]
    failures = [
        failure
        for worker, message in zip(turns.workers, messages, strict=True)
        if (failure := _ended(worker, message, item))
    ]
    told = [one for one in failures if one.outcome != "alone"]
    yield from told or failures
    if not measured and not failures:
        yield Failure(item, "head", "idle", "the test measured nothing")


def _ready(turns: _Turns, item: str, base: Message, head: Message) -> Iterator[Seen | Tallied]:
    """Measure the cases of one call; those that it compares among themselves go together."""
    cases = head["cases"]
    if turns.only is not None and not turns.only.intersection(cases):
        return
    watching = tuple(dict.fromkeys((*base["observers"], *head["observers"])))
    for index, case in enumerate(cases):
        if turns.counts:
            yield _tally(turns, index, case, single=head["single"])
            continue
        seen = _case(turns, index, case, single=head["single"])
        yield dataclasses.replace(seen, item=item, observers=watching)


def _ended(worker: Worker, message: Message, item: str) -> Failure | None:
    """Let one side's test come to its end and say what went wrong with it."""
    alone = message["say"] == "ready"
    while message["say"] == "ready":
        message = worker.ask({"do": "leave"})
    if message["outcome"] != "passed":
        return Failure(item, worker.name, message["outcome"], message["why"])
    if alone:
        return Failure(item, worker.name, "alone", f"it measures on the {worker.name} side only")
    return None


def _case(turns: _Turns, index: int, case: str, *, single: bool) -> Seen:
    start = time.perf_counter()
    before = usage(turns.processor)
    pace = turns.paces.setdefault(case, Pace())
    turns.rounds(index, Phase.FIRST, 1)
    if not pace.count:
        _calibrate(turns, index, pace, single=single)
    _warm_up(turns, index, pace)
    base, head, level = _batches(turns, index, pace)
    empty = _empty(turns, index, pace.count)
    after = usage(turns.processor)
    stolen = after.since(before).stolen_share if before and after else 0.0
    net = [[max(value - empty, value / _FLOOR) for value in values] for values in (base, head)]
    return Seen(
        case=case,
        log_ratio=pair_log_ratio(*net),
        base=statistics.median(net[0]) / pace.count,
        head=statistics.median(net[1]) / pace.count,
        seconds=time.perf_counter() - start,
        level=level,
        stolen=stolen,
    )


def _tally(turns: _Turns, index: int, case: str, *, single: bool) -> Tallied:
    """Count some calls on both sides at once: no clock can be disturbed."""
    turns.rounds(index, Phase.FIRST, 1)
    seconds = turns.paces[case].seconds
    count = 1 if single else max(1, int(_COUNTED / max(seconds, _COUNTED / _MOST_COUNTED)))
    order = {"do": "step", "case": index, "phase": Phase.COUNT.value, "count": count, "rounds": 1}
    for worker in turns.workers:
        worker.tell(order)
    base, head = (worker.hear() for worker in turns.workers)
    found = [one["seconds"][0] / count if one["seconds"] else None for one in (base, head)]
    texts = (base, head) if "text" in base and "text" in head else None
    return Tallied(case, found[0], found[1], texts)


def _calibrate(turns: _Turns, index: int, pace: Pace, *, single: bool) -> None:
    """Find how many calls of the slower side make a batch."""
    count = 1
    while True:
        (base,), (head,) = turns.rounds(index, Phase.CALIBRATE, count)
        slower = max(base, head)
        if single or slower >= _BATCH or count * _GROWTH * slower == 0:
            break
        wanted = int(count * _BATCH / slower) + 1
        count = min(max(wanted, count + 1), count * _GROWTH)
    pace.count, pace.seconds = count, slower / count


def _warm_up(turns: _Turns, index: int, pace: Pace) -> None:
    """Call the code until the interpreter has specialised, within a few milliseconds."""
    if pace.seconds >= _SHORT_WARMUP:
        return
    calls = max(min(_CALLS, int(_SHORT_WARMUP / pace.seconds)), 1)
    turns.rounds(index, Phase.WARMUP, min(calls, pace.count), -(-calls // pace.count))


def _batches(turns: _Turns, index: int, pace: Pace) -> tuple[list[float], list[float], bool]:
    """Take batches in turns; while a side still gets faster, its older half is left out."""
    fewest, most = _BATCHES
    wanted = min(max(int(_SHARE / (pace.seconds * pace.count)), fewest), most)
    taken: list[_Batch] = []
    for _ in range(2):
        taken += [turns.batch(index, pace.count) for _ in range(wanted)]
        base, head = _undisturbed(taken)
        if not (falls(base) or falls(head)):
            return base, head, True
        del taken[: len(taken) // 2]
    base, head = _undisturbed(taken)
    return base, head, not (falls(base) or falls(head))


def _undisturbed(taken: Sequence[_Batch]) -> tuple[list[float], list[float]]:
    """Leave out the batches that lost the processor on either side, if enough are left."""
    kept = [one for one in taken if not one.preempted]
    used = kept if len(kept) >= _BATCHES[0] else taken
    return [one.base for one in used], [one.head for one in used]


def _empty(turns: _Turns, index: int, count: int) -> float:
    """Time the loop without the call; it is the same on both sides, and the quickest counts."""
    base, head = turns.rounds(index, Phase.EMPTY, count, _EMPTY_ROUNDS)
    return float(min(*base, *head))
