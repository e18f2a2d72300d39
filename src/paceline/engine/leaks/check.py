"""Check: escalate on suspicion until growth is explained or time is up, then say what it is."""

from __future__ import annotations

import gc
import time
from dataclasses import replace
from typing import TYPE_CHECKING

from paceline.engine.forked.freezing import thaw
from paceline.engine.leaks.calls import CallError, Calls
from paceline.engine.leaks.stages import Limits, Stages
from paceline.probes.leaks.containers import large_immutables
from paceline.probes.leaks.samples import make_readers
from paceline.stats.growth import Trend, judge_growth
from paceline.stats.leak import (
    BYTES,
    COUNTS,
    GARBAGE,
    HANDLES,
    Holder,
    LeakResult,
    LeakVerdict,
    grows_alike,
    grows_in_steps,
    is_drift,
    is_python_leak,
    is_vague,
    native_holds,
    rate_holds,
    resources_of,
    smallest_seen,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from paceline.engine.leaks.naming import Named
    from paceline.engine.leaks.stages import Stage
    from paceline.stats.growth import Growth

__all__ = ["check"]

_WORDS = {"heap": "bytes of the heap", "mapped": "mapped bytes", "buffers": "bytes of buffers"}
_HARD = (*COUNTS, *HANDLES)
_SOON = 0.12  # seconds: a life so short is tested whatever is left
_MUCH = 4 * 2**20  # bytes in a stage: more than libraries keep for themselves
_GROUPED = 3  # rounds of which the lowest counts
_OPEN = (Trend.SLOWING, Trend.SPARSE)
_DEAD = 0.05  # of the highest rate of any stage
_DYING = 0.4  # of the rate of a stage with a fifth of the calls
_WIDER = 5  # calls of a stage over those of the one before
_GONE = "what grew goes away by itself"
_DRIFTED = "bytes of the heap moved, but nothing holds more and more"
_ACCOUNTED = 0.3  # of the heap's growth that large texts, tuples and the like account for
_ODD = 3  # calls more: no whole number of what recurs every so many calls
_WORTH = 1.5  # a wider stage than this, or none
_SLOWER = 0.25  # of the time that is left, for calls that become slower
_AT_ONCE = 0.5  # handles a call that need no further stage
_PILES_UP = 0.1  # garbage objects a call that are no accident
_FOR_HANDLES, _FOR_NAMES, _FOR_BYTES = 4, 40, 250  # calls a round under tracemalloc


def check(
    function: Callable[[], object],
    *,
    name: str = "",
    limits: Limits | None = None,
    now: Callable[[], float] = time.perf_counter,
    pause: Callable[[float], None] = time.sleep,
) -> LeakResult:
    """Call a function without arguments again and again and say what it keeps.

    Coroutine functions share one event loop, generators are exhausted, results are dropped.
    ``now`` and ``pause`` count seconds. Code that raises is *unsure*.
    """
    thaw()  # in a forked worker, what was there at the fork is in no list of the collector's
    calls = Calls(function)
    stages = Stages(calls, make_readers(), limits=limits or Limits(), now=now, pause=pause)
    try:
        stages.warm()
        result = _judged(stages)
    except CallError as error:
        result = LeakResult("", LeakVerdict.UNSURE, "", place=error.place, unsure=error.problem)
    finally:
        calls.close()
    return replace(result, name=name, calls=calls.done, seconds=stages.spent)


def _judged(stages: Stages) -> LeakResult:
    limits = stages.limits
    most = min(limits.first_calls, limits.most_calls)
    return _judged_from(stages, _fitting(limits.round_seconds, stages.per_call, most))


def _judged_from(stages: Stages, each: int) -> LeakResult:
    """Escalate from rounds of so many calls, then say what was seen."""
    limits = stages.limits
    while True:
        stage = stages.run(each)
        each = stage.each
        lent = _lent(stage)
        if lent and stages.remains(lent):
            return _grown(stages, lent)
        if stage.suspects:
            wider = _escalated(stages, stage)
        else:
            wider = _fitting(limits.round_seconds, stages.per_call, limits.most_calls)
        if wider < _WORTH * each:
            break
        each = wider
    grouped = 1
    if _unclear(stage) and stages.left > 0:
        grouped = _GROUPED
        each = _fitting(stages.left / limits.rounds / grouped, stages.per_call, each + each // 7)
        stages.run(each, grouped=grouped)
    if _is_new(stages):
        stages.run(max(1, each * 4 // 5), grouped=grouped)
    return _concluded(stages)


def _is_new(stages: Stages) -> bool:
    """Tell whether something grows steadily that did not, or not so, in the stage before."""
    growths = stages.all[-1].growths
    steady = [name for name in _HARD if name in growths and growths[name].trend is Trend.STEADY]
    return bool(steady) and not any(rate_holds(stages.of(name)) for name in steady)


def _unclear(stage: Stage) -> bool:
    """Tell whether what is counted grows, but not at a steady rate."""
    trends = {stage.growths[name].trend for name in _HARD if name in stage.suspects}
    return bool(trends) and Trend.STEADY not in trends


def _fitting(seconds: float, per_call: float, most: int) -> int:
    """Give how many calls fit into some seconds, at least one."""
    return max(1, min(most, int(seconds / per_call))) if per_call > 0 else most


def _escalated(stages: Stages, stage: Stage) -> int:
    """Give the calls of a suspicious stage's next rounds: as time, memory and handles allow."""
    limits, rounds = stages.limits, stages.limits.rounds
    calls, share = limits.most_calls, 1.0
    size = limits.most_bytes
    if not any(name in _HARD for name in stage.suspects):
        calls, size = limits.longer * calls, _MUCH
    elif _unclear(stage):
        calls, share = limits.longer * calls, 0.5  # something must be left for a last look
    if stage.rounds < rounds:  # the calls become slower and slower: what is planned takes longer
        share = _SLOWER
    seconds = share * stages.left / rounds - stages.per_look
    fits = _fitting(seconds, stages.per_call, calls)
    room = [min(_WIDER * stage.each + _ODD, fits) if stages.left > 0 else 0]
    threads = stage.growths.get("threads")
    sizes = ("heap",) if threads and threads.total > 0 else BYTES  # stacks are mapped, not used
    for names, most in (
        (sizes, size),
        (HANDLES, limits.most_handles),
        (("blocks",), limits.most_blocks),
        (("objects",), limits.most_objects),
    ):
        points = (stage.growths[name].point for name in names if name in stage.growths)
        rate = max(points, default=0.0)
        if rate > 0:
            room.append(int(most / rounds / rate))
    return min(room)


def _lent(stage: Stage) -> tuple[str, ...]:
    """Name the handles that grow so fast that more calls would hurt the machine."""
    return tuple(
        name
        for name in HANDLES
        if name in stage.growths
        and stage.growths[name].trend is Trend.STEADY
        and stage.growths[name].low >= _AT_ONCE
    )


def _concluded(stages: Stages) -> LeakResult:
    """Say what the last stage shows, in the light of those before it."""
    stage = stages.all[-1]
    hard = tuple(name for name in _HARD if name in stage.growths)
    guilty = tuple(name for name in hard if rate_holds(stages.of(name)))
    vague = is_vague(stage.growths, guilty, stage.calls)
    if guilty and not vague and stages.remains(guilty):
        return _grown(stages, guilty)
    if guilty and not vague:
        return _said(stages, LeakVerdict.CLEAN, _GONE)
    grown = guilty or tuple(name for name in hard if stage.growths[name].trend in _OPEN)
    open_ended = tuple(name for name in grown if stages.remains((name,)))
    dying = open_ended and (
        all(_dying(stages.of(name)) for name in open_ended) or is_drift(open_ended, stage.calls)
    )
    if open_ended and not dying:
        return _open_ended(stages, open_ended)
    if any(name in BYTES for name in stage.suspects):
        return _only_bytes(stages)
    full = any(one.trend is Trend.FULL for name in hard for one in stages.of(name))
    because = "what grew at first has stopped growing" if full else "nothing grew"
    if grown and not open_ended:
        because = _GONE
    if dying:
        because = "what grew grows ever more slowly, as a fill does"
    return _said(stages, LeakVerdict.CLEAN, because)


def _open_ended(stages: Stages, names: tuple[str, ...]) -> LeakResult:
    named = _named(stages, names)
    if named.bounded:
        return _filling(stages, names, named)
    because = f"{' and '.join(names)} still grew when time was up, but at no steady rate"
    unsure = "it may be a rare leak or a cache that fills: give it more time"
    result = _said(stages, LeakVerdict.UNSURE, because, names=names, holders=named.holders)
    return replace(result, unsure=unsure)


def _dying(stages: list[Growth]) -> bool:
    """Tell whether the rate falls as the calls rise, so that the sum hardly grows."""
    rates = [one.rate for one in stages]
    return len(rates) > 1 and rates[-1] <= max(_DYING * rates[-2], _DEAD * max(rates))


def _grown(stages: Stages, names: tuple[str, ...]) -> LeakResult:
    """Say a leak, unless what grew has a bound that it has not reached."""
    named = _named(stages, names)
    if named.bounded and named.calls and not stages.past and stages.run_past(named.calls):
        still = tuple(name for name in names if rate_holds(stages.of(name)))
        if not still:
            return _filled(stages, f"{named.holders[0].name} filled to its bound")
        named = _named(stages, names)
    if named.bounded:
        return _filling(stages, names, named)
    if (named.timed or named.lifetime) and stages.expires(_expiry(stages, named)):
        because = f"entries of {named.holders[0].name} expire after a time"
        return _said(stages, LeakVerdict.CLEAN, because, holders=named.holders)
    if named.lifetime > stages.spent:
        because = f"{named.holders[0].name} keeps its entries for {named.lifetime:g} s"
        result = _said(stages, LeakVerdict.UNSURE, because, names=names, holders=named.holders)
        return replace(result, unsure=f"the check took {stages.spent:.1f} s: give it more time")
    traced = _traced(stages, _FOR_HANDLES if {*names} & {*HANDLES} else _FOR_NAMES)
    holders = (*named.holders, *_garbage(stages), *(traced[1] if traced else ()))
    rates = _rates(stages, names)
    because = f"{rates} a call, in every round, at a steady rate"
    return _said(stages, LeakVerdict.LEAK, because, names=names, holders=holders)


def _filled(stages: Stages, because: str) -> LeakResult:
    """Say that what was named keeps its bound, once nothing else still grows beside it."""
    stage = stages.all[-1]
    counted = (one for name, one in stage.growths.items() if name in _HARD)
    if all(one.trend is Trend.FULL or not one.scatter for one in counted):
        return _said(stages, LeakVerdict.CLEAN, because)
    result = _judged_from(stages, max(stage.each, _escalated(stages, stage)))
    return replace(result, because=because) if result.verdict is LeakVerdict.CLEAN else result


def _garbage(stages: Stages) -> tuple[Holder, ...]:
    """Tell how much of what grew is garbage that only a collector which is off would free."""
    if gc.isenabled():
        return ()
    freed = gc.collect() / max(1, stages.calls.done)
    return (Holder(GARBAGE, count=freed),) if freed >= _PILES_UP else ()


def _expiry(stages: Stages, named: Named) -> float:
    """Give the seconds in which entries may expire: as the owner says, within what is left."""
    return max(_SOON, min(1.1 * named.lifetime, stages.left))


def _named(stages: Stages, guilty: tuple[str, ...]) -> Named:
    from paceline.engine.leaks.naming import named_holders  # noqa: PLC0415  (only for what grows)

    tasks = stages.calls.tasks()
    return named_holders(stages.all[-1], guilty, tasks=tasks, files=stages.files)


def _filling(stages: Stages, names: tuple[str, ...], named: Named) -> LeakResult:
    first = next(one for one in named.holders if one.bound)
    because = f"{first.name} holds {first.length} of {first.bound}"
    return _said(stages, LeakVerdict.FILLING, because, names=names, holders=named.holders)


def _rates(stages: Stages, names: tuple[str, ...]) -> str:
    growths = stages.all[-1].growths
    return ", ".join(f"{growths[name].point:.3g} {_WORDS.get(name, name)}" for name in names)


def _only_bytes(stages: Stages) -> LeakResult:
    """Tell bytes that something keeps from a heap that drifts."""
    last = stages.all[-1]
    stepped = tuple(name for name in BYTES if grows_in_steps(stages.of(name)))
    if stepped and stages.remains(stepped):
        because = f"{_rates(stages, stepped)} a call, at one rate over three stages"
        return _said(stages, LeakVerdict.LEAK, because, names=stepped)
    before = large_immutables()
    rounds = stages.limits.rounds
    fits = _fitting(stages.limits.seconds / rounds, stages.per_call, last.each // 3)
    again = stages.run(max(1, fits))
    owned = large_immutables() - before
    if owned < again.calls and not any(name in BYTES for name in again.suspects):
        return _said(stages, LeakVerdict.CLEAN, _DRIFTED)
    traced = _traced(stages, _FOR_BYTES)
    growth = _owned_growth(stages, owned, traced[0] if traced else None)
    if growth is not None:
        stages.all[-1].growths["python"] = growth
        because = f"{growth.point:.3g} bytes a call, in every round, at a steady rate"
        holders = traced[1] if traced else ()
        return _said(stages, LeakVerdict.LEAK, because, names=("python",), holders=holders)
    held = tuple(
        name
        for name in BYTES
        if name in stages.all[-1].growths
        and native_holds(stages.of(name))
        and stages.remains((name,))
    )
    if held:
        because = f"{_rates(stages, held)} a call, outside of Python's own memory, at a steady rate"
        return _said(stages, LeakVerdict.LEAK, because, names=held)
    return _said(stages, LeakVerdict.CLEAN, _DRIFTED)


def _owned_growth(stages: Stages, owned: int, traced: Growth | None) -> Growth | None:
    """Give the growth of Python's own bytes, where the heap or its trace proves one.

    ``owned`` is by how many bytes large texts and the like grew: where the heap grows by as much,
    and by the same in every round, nothing need be traced.
    """
    for heap in (stages.of(name) for name in BYTES if name in stages.all[-1].growths):
        accounted = owned >= _ACCOUNTED * heap[-1].total
        if accounted and grows_alike(heap) and stages.remains(BYTES[:1]):
            return heap[-1]
        if traced is not None and is_python_leak(traced, heap, owned=accounted):
            return traced
    return None


def _traced(stages: Stages, most: int) -> tuple[Growth, tuple[Holder, ...]] | None:
    """Run one more stage, shorter, under tracemalloc."""
    from paceline.probes.leaks.traces import traced_growth  # noqa: PLC0415  (only for what grows)

    stage, rounds = stages.all[-1], stages.limits.rounds
    seconds = stages.limits.round_seconds
    each = min(stage.each, _fitting(seconds, 4 * stages.per_call, most))
    traced = traced_growth(stages.calls.run, each, rounds=rounds)
    if traced is None:
        return None
    values, lines = traced
    return judge_growth(values, each, least=4.0 * rounds, staircase=True), lines


def _said(
    stages: Stages,
    verdict: LeakVerdict,
    because: str,
    *,
    names: tuple[str, ...] = (),
    holders: tuple[Holder, ...] = (),
) -> LeakResult:
    stage = stages.all[-1]
    beside = [
        name
        for name, one in stage.growths.items()
        if names and name != "mapped" and one.trend is Trend.STEADY  # stacks and arenas are mapped
    ]
    return LeakResult(
        "",
        verdict,
        because,
        resources=resources_of(stage.growths, dict.fromkeys((*names, *beside), verdict)),
        holders=holders,
        smallest=smallest_seen(stage.growths, stage.calls),
    )
