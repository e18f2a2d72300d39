"""Stages: rounds of calls with everything sampled between them, and each series judged."""

from __future__ import annotations

import itertools
import threading
from array import array
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from paceline.probes.leaks.handles import open_numbers
from paceline.probes.leaks.samples import Samples, readings, settle
from paceline.stats.growth import judge_growth, lower_envelope
from paceline.stats.leak import ROUNDS

if TYPE_CHECKING:
    from collections.abc import Callable

    from paceline.engine.leaks.calls import Calls
    from paceline.probes.leaks.containers import Grown
    from paceline.stats.growth import Growth

__all__ = ["Limits", "Stage", "Stages", "uneven"]

_LEAST = {"heap": 256.0, "mapped": 65536.0, "buffers": 64.0}
"""Growth in a whole stage that starts a suspicion; 2 of anything that is counted."""
_COUNTED = 2.0
_PAST = 3.0  # times the blocks of another stage, to test a bound
_PATIENCE = 2.0  # times what a stage should take: the calls become slower and slower
_ENOUGH = 5  # rounds that can be judged
_GROWN = 8  # containers that are kept for the names
_UNEVEN = (0, 31, -17, 43, -38, -30, 29, -18)
_WIDEST = 43
_LINGER = (0.01, 0.03, 0.06, 0.1)  # seconds
_OURS = ("blocks", "objects")  # what a stage's own record is made of
_REMAINS = 0.5  # of the growth that must be there when all has settled


def uneven(each: int, place: int) -> int:
    """Give how many calls more or fewer a round has than ``each``, up to a twentieth.

    What recurs every so many calls, such as a cache that is emptied when full, falls into step with
    rounds of one length and then looks like slow growth. The rounds of a stage add up to 0.
    """
    return int(min(1.0, each / (20 * _WIDEST)) * _UNEVEN[place % len(_UNEVEN)])


def _places(each: int, rounds: int) -> tuple[float, ...]:
    """Give where a stage's values stand, in rounds of ``each`` calls."""
    lengths = (each + uneven(each, place) for place in range(1, rounds + 1))
    return tuple(calls / each for calls in itertools.accumulate(lengths, initial=0))


def _usual(seconds: array[float]) -> float:
    """Give the median, of two in the middle the lower."""
    return sorted(seconds)[(len(seconds) - 1) // 2]


@dataclass(frozen=True, slots=True)
class Limits:
    """How much a check may do; ``seconds`` for all stages, ``round_seconds`` for a quick round.

    Calls are a round's, the others a stage's; ``longer`` is how many times the most calls may be
    made where growth is neither steady nor over.
    """

    warm_calls: int = 20
    first_calls: int = 20
    most_calls: int = 2503
    longer: int = 20
    rounds: int = ROUNDS
    seconds: float = 1.0
    round_seconds: float = 0.012
    most_bytes: float = 64 * 2**20
    most_blocks: float = 120_000.0
    most_objects: float = 30_000.0
    most_handles: float = 320.0


@dataclass(frozen=True, slots=True)
class Stage:
    """Rounds of ``each`` calls; ``start`` are the settled readings before it.

    ``grown`` holds the containers that grew the most.
    """

    each: int
    rounds: int
    seconds: float
    start: dict[str, int]
    growths: dict[str, Growth]
    grown: list[Grown] = field(default_factory=list)

    @property
    def calls(self) -> int:
        """All calls of the stage."""
        shifts = (uneven(self.each, place) for place in range(1, self.rounds + 1))
        return self.each * self.rounds + sum(shifts)

    @property
    def suspects(self) -> tuple[str, ...]:
        """The resources that need more calls to be told."""
        return tuple(name for name, one in self.growths.items() if one.suspicious)


class Stages:
    """Runs stages of one callable; ``readers`` read the process, ``now`` gives seconds.

    ``per_call`` and ``per_look`` are the seconds of a call and of a look between rounds, ``past``
    tells whether a bound was put to the test, ``files`` which numbers were open before.
    """

    def __init__(
        self,
        calls: Calls,
        readers: dict[str, Callable[[], int]],
        *,
        limits: Limits,
        now: Callable[[], float],
        pause: Callable[[float], None],
    ) -> None:
        self.calls = calls
        self.limits = limits
        self.all: list[Stage] = []
        self.per_call = self.per_look = 0.0
        self.past = False
        self.files = open_numbers()
        self._readers = {**readers, "tasks": calls.pending}
        self._now, self._pause = now, pause
        self._began = now()
        self._held_up = 0.0

    @property
    def spent(self) -> float:
        """Seconds since the beginning."""
        return self._now() - self._began

    @property
    def left(self) -> float:
        """Seconds that stages may still take; those that a busy machine took are not ours."""
        return self.limits.seconds - self.spent + min(self._held_up, self.limits.seconds)

    def warm(self) -> None:
        """Call until imports are done and first fills are over; leaves the seconds of a call."""
        self.calls.run(1)
        took, done = 0.0, 0
        while done < self.limits.warm_calls - 1 and took < 2 * self.limits.round_seconds:
            began = self._now()
            self.calls.run(1 + done)
            took += self._now() - began
            done += 1 + done
        self.per_call = took / done if done else 0.0

    def run(self, each: int, *, grouped: int = 1) -> Stage:
        """Run one stage and judge it; of ``grouped`` rounds the lowest value stands for all.

        Where the calls have become so slow that it would take far too long, it has fewer of them.
        """
        while (stage := self._stage(each, grouped)) is None:
            fits = self.limits.seconds / self.limits.rounds / grouped / self.per_call
            each = max(1, min(each - 1, int(fits)))
        for earlier in self.all:
            earlier.grown.clear()  # it would be found when the containers' holders are looked for
        self.all.append(stage)
        return stage

    def _stage(self, each: int, grouped: int) -> Stage | None:
        settle()
        start = readings(self._readers)
        began = self._now()
        rounds = self.limits.rounds * grouped
        samples = Samples(self._readers, grouped + rounds)
        try:
            least = _ENOUGH * grouped
            done, worked = self._rounds(samples, each, rounds + grouped - 1, least=least)
            self.per_call = worked / (each * done)
            if done < least:
                return None
            settle()
            before = readings(self._readers)
            growths = self._growths(samples, each, done, grouped=grouped)
            suspicious = any(one.suspicious for one in growths.values())
            grown = samples.watch.grown()[:_GROWN] if suspicious else []
            settle()
            after = readings(self._readers)
        finally:
            samples.close()
        for name in _OURS:  # what the stage keeps for itself is none of the code's
            start[name] += after[name] - before[name]
        return Stage(each, done, self._now() - began, start, growths, grown)

    def _growths(
        self, samples: Samples, each: int, rounds: int, *, grouped: int
    ) -> dict[str, Growth]:
        places = _places(each, rounds) if grouped == 1 else ()
        return {
            name: judge_growth(
                lower_envelope(values, grouped),
                each * grouped,
                at=places,
                least=_LEAST.get(name, _COUNTED),
            )
            for name, values in samples.series().items()
        }

    def run_past(self, calls: float) -> bool:
        """Run a stage of twice so many calls at least, where time and memory allow."""
        each = max(self.all[-1].each // 2, int(2 * calls / self.limits.rounds), 1)
        blocks = self.all[-1].growths["blocks"].point * each * self.limits.rounds
        seconds = each * self.limits.rounds * self.per_call
        if each > self.limits.longer * self.limits.most_calls or seconds > self.left:
            return False
        if blocks > _PAST * self.limits.most_blocks:
            return False
        self.run(each)
        self.past = True
        return True

    def _rounds(self, samples: Samples, each: int, rounds: int, *, least: int) -> tuple[int, float]:
        """Run rounds, fewer when the calls become much slower; gives their number and seconds.

        What a round takes is the median of all: a busy machine holds us up in some of them. Fewer
        than ``least`` are run when even the quickest says that there is no time for so many.
        """
        patience = _PATIENCE * each * rounds * self.per_call + self.limits.round_seconds
        took = array("d", bytes(8 * rounds))  # made now: nothing of ours may grow with the rounds
        looked = took[:]
        began, called, done = self._now(), self._now(), 0
        samples.take()
        while done < rounds:
            began = self._now()
            self.calls.run(each + uneven(each, done + 1))
            called = self._now()
            samples.take()
            took[done] = called - began
            looked[done] = self._now() - called
            done += 1
            if done >= least and done * _usual(took[:done]) > patience:
                break
            hopeless = least * min(took[:done]) > 2 * patience + self.limits.seconds
            if hopeless and done < least and each > 1:
                break
        worked = done * _usual(took[:done])
        self.per_look = _usual(looked[:done])
        self._held_up += max(0.0, sum(took) + sum(looked) - worked - done * self.per_look)
        return done, worked

    def of(self, name: str) -> list[Growth]:
        """Give one resource's growth in all stages."""
        return [stage.growths[name] for stage in self.all if name in stage.growths]

    def remains(self, names: tuple[str, ...]) -> bool:
        """Tell whether the last stage's growth is still there when all has settled."""
        settle()
        running = {*names} & {"threads", "tasks", "processes"} or threading.active_count() > 1
        waits = _LINGER if running or self.calls.loop is not None else ()
        for seconds in waits:
            if not self._is_kept(names):
                return False
            self.calls.linger(seconds, self._pause)
            settle()
        return self._is_kept(names)

    def expires(self, seconds: float) -> bool:
        """Tell whether the last stage's growth is over after some seconds and a few calls."""
        self.calls.linger(seconds, self._pause)
        self.calls.run(self.limits.first_calls)
        settle()
        grown = self.all[-1].grown
        return sum(one.kept for one in grown) < _REMAINS * sum(one.by for one in grown)

    def _is_kept(self, names: tuple[str, ...]) -> bool:
        stage, now = self.all[-1], readings(self._readers)
        shares = [
            (now[name] - stage.start[name]) / stage.growths[name].total
            for name in names
            if name in now
        ]
        if {"entries", "buffers"}.intersection(names) and stage.grown:
            by = sum(one.by for one in stage.grown)
            shares.append(sum(one.kept for one in stage.grown) / by)
        return not shares or max(shares) >= _REMAINS
