"""How far runs of the same code lie apart, learnt from the runs that are kept.

Rounds of one process say nothing about the next process, the next hour or the next machine of the
same kind. Runs do. Figures are logarithms here, so that spreads are relative ones.
"""

from __future__ import annotations

import dataclasses
import itertools
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from paceline.stats.batches import likeness
from paceline.stats.distribution import t_quantile
from paceline.stats.summary import quantile

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["RunSpread", "levels", "pooled", "run_spread", "slow_stretch"]

_WINDOW = 7  # runs around a run whose median is its level
_OWN = 0.92  # share of the variance that is left when each run helps to make its level
_DOUBT = 0.8  # likeness of neighbours, times the root of the runs, that may be chance
_CALM = 0.75  # share of the runs, the nearest to their levels, that the first guess rests on
_CALM_OWN = 0.5  # what their root mean square is of the spread, for normal noise
_CLIPPED = 3.5  # spreads at which a run stops adding to the usual spread
_FAR = 4.0  # spreads from which a run counts as a jump
_FREEDOM = 0.7  # degrees of freedom that a run brings
_KNOWN = 1000.0  # degrees of freedom of what is assumed
_BORROWED = 4.0  # degrees of freedom that the other benchmarks lend
_ROOM = 0.5  # how much further than the furthest jump the next may go, as a share
_EARLY = 10  # runs from which on that share shrinks, as more and more would have shown it
_POWER = 0.842  # standard normal quantile of 0.8
_STRETCHES = 8  # parts of a run that are looked at for slow ones
_COMMON = 0.95  # quantile of the slow stretches that counts: the rest are accidents
_FEWEST = 16  # rounds that make stretches


@dataclass(frozen=True, slots=True)
class RunSpread:
    """Spread of one figure over ``runs``, as standard deviations of its logarithm.

    ``usual`` leaves jumps out, ``whole`` counts them; ``freedom`` are its degrees; ``jump`` is the
    furthest that a run lay off its level where that was far beyond usual, else 0; ``stretch`` is
    how much slower, as a logarithm, a part of a run was than another.
    """

    usual: float
    whole: float
    freedom: float
    runs: int
    jump: float = 0.0
    stretch: float = 0.0

    def half_width(self, *, level: float, figures: int) -> float:
        """Give half an interval of the sum or difference of so many figures, as a logarithm."""
        spread = math.sqrt(figures) * max(self.usual, self.whole)
        return t_quantile((1 + level) / 2, self.freedom) * spread

    def reach(self, *, error: float) -> float:
        """Give the largest difference between two runs of the same code, as a logarithm.

        It is passed with probability ``error`` at most, both directions together, while noise is
        what it was. It covers the furthest jump, with the more room the fewer runs were seen, and
        the slow part of a run: a whole run can be caught by either.
        """
        noise = t_quantile(1 - error / 2, self.freedom) * math.sqrt(2) * self.usual
        room = 1 + _ROOM * _EARLY / max(_EARLY, self.runs)
        return max(noise, room * self.jump, self.stretch)

    def visible(self, *, error: float, threshold: float = 0.0) -> float:
        """Give the smallest true difference that is called four times in five, as a logarithm.

        It has to show beyond `reach` and beyond a ``threshold``.
        """
        return max(self.reach(error=error), threshold) + _POWER * math.sqrt(2) * self.usual


def levels(logs: Sequence[float]) -> list[float]:
    """Give each run's level: the median of the seven runs around it (Tukey, 1977).

    A step of the code is in the level and not in the distances to it; a jump of one to three runs
    is in the distances.
    """
    window = min(_WINDOW, len(logs))
    last = len(logs) - window
    starts = (min(max(0, place - window // 2), last) for place in range(len(logs)))
    return [quantile(sorted(logs[start : start + window]), 0.5) for start in starts]


def run_spread(logs: Sequence[float], *, least: float = 0.0) -> RunSpread:
    """Learn the spread of a figure from its runs, one at least, in their order.

    ``least`` is a standard deviation that is assumed, not learnt: where runs show less, it stands
    as if known. Distances beyond 3.5 spreads are clipped in the usual spread (Huber, 1981,
    doi:10.1002/0471725250). Where runs next to each other lie alike, those further apart differ
    by more than distances to a local level show, as in a first-order autoregression.
    """
    off = [figure - level for figure, level in zip(logs, levels(logs), strict=True)]
    distances = sorted(map(abs, off))
    calm = distances[: math.ceil(_CALM * len(logs))]
    limit = _CLIPPED * _root_mean_square(calm) / _CALM_OWN
    widening = _widening(off)
    usual = widening * _root_mean_square([min(distance, limit) for distance in distances])
    far = [distance for distance in distances if distance > _FAR * max(usual, least)]
    return RunSpread(
        usual=max(usual, least),
        whole=max(widening * _root_mean_square(distances), least),
        freedom=_KNOWN if usual < least else max(1.0, _FREEDOM * len(logs)),
        runs=len(logs),
        jump=max(far, default=0.0),
    )


def pooled(spreads: Sequence[RunSpread], stretches: Iterable[float] = ()) -> tuple[RunSpread, ...]:
    """Let benchmarks learn from each other what a few runs of one can't show.

    A usual spread below that of the others is raised towards their median, a whole one towards
    what all have together, and degrees of freedom are added (after Smyth, 2004,
    doi:10.2202/1544-6115.1027; never lowered here). A jump that two benchmarks met is the
    machine's and can meet any; one that a single benchmark met can meet another as far in spreads.
    ``stretches`` are the slow parts of all their runs. From what is assumed nothing is learnt.
    """
    learnt = [one for one in spreads if one.freedom < _KNOWN] or spreads
    typical = quantile(sorted(one.usual for one in learnt), 0.5)
    furthest = max(one.jump for one in spreads)
    in_spreads = max((one.jump / one.usual for one in spreads if one.usual), default=0.0)
    slow = sorted(stretches)
    others = RunSpread(
        usual=typical,
        whole=_root_mean_square([one.whole for one in learnt]),
        freedom=_BORROWED,
        runs=0,
        jump=sorted([0.0, *(one.jump for one in spreads)])[-2],
        stretch=quantile(slow, _COMMON) if slow else 0.0,
    )
    return tuple(_taught(one, others, furthest=furthest, in_spreads=in_spreads) for one in spreads)


def slow_stretch(values: Sequence[float]) -> float:
    """Give the logarithm of the slowest over the fastest eighth of a run's consecutive rounds.

    0 for too few rounds to tell, or where a median is not positive.
    """
    if len(values) < _FEWEST:
        return 0.0
    count = len(values)
    ends = [place * count // _STRETCHES for place in range(_STRETCHES + 1)]
    medians = [quantile(sorted(values[start:end]), 0.5) for start, end in itertools.pairwise(ends)]
    return math.log(max(medians) / min(medians)) if min(medians) > 0 else 0.0


def _taught(own: RunSpread, others: RunSpread, *, furthest: float, in_spreads: float) -> RunSpread:
    def raised(mine: float, theirs: float) -> float:
        both = own.freedom * mine**2 + others.freedom * theirs**2
        return max(mine, math.sqrt(both / (own.freedom + others.freedom)))

    usual = raised(own.usual, others.usual)
    return dataclasses.replace(
        own,
        usual=usual,
        whole=raised(own.whole, others.whole),
        freedom=own.freedom + others.freedom,
        jump=max(own.jump, others.jump, min(furthest, in_spreads * usual)),
        stretch=others.stretch,
    )


def _widening(off: Sequence[float]) -> float:
    """Give what makes the spread of runs far apart from distances to their levels."""
    alike = likeness(off) if len(off) > _WINDOW else 0.0
    if alike < _DOUBT / math.sqrt(len(off)):
        alike = 0.0
    return math.sqrt((1 + alike) / (1 - alike) / _OWN)


def _root_mean_square(figures: Sequence[float]) -> float:
    return math.sqrt(math.fsum(figure**2 for figure in figures) / len(figures))
