"""Noise: judge what a calibrated loop saw, and say the smallest change that can be found there."""

from __future__ import annotations

import math
from dataclasses import dataclass

from paceline.guard.machine import Fact, Judgement, graded, unsure
from paceline.stats.distribution import t_quantile
from paceline.stats.summary import deviation

__all__ = ["GATE_PAIRS", "Noise", "Sight", "judge_noise", "sight", "spread"]

GATE_PAIRS = 12
_GATE_ERROR = 0.01 / 12  # a suite's false alarms, shared by twelve benchmarks
_STORED_ERROR = 0.01
_POWER = 0.95
_PROCESSES = 0.016
"""Spread that fresh processes add to a pair (hash seed, layout), which one process can't show:
1.8 % over pairs of processes beside 0.8 % within one, twelve benchmarks (docs/design/host.md)."""
_FEWEST = 3  # figures that a spread needs
_TENFOLD = 9.0  # the share by which ten times is more: digits beyond it say nothing

_STOLEN = (0.005, 0.05)  # shares: good up to the first, bad beyond the second
_OTHERS = (0.02, 0.10)
_DISTURBED = (0.02, 0.20)
_BATCHES = (0.05, 0.50)  # spikes make this one large, and medians leave them out
_SPREAD = (0.02, 0.10)
_SEEN = (0.05, 0.10)

_CALM = "stop what else runs, or measure when it is calm"
_SMT = "leave the sibling idle, or write off to /sys/devices/system/cpu/smt/control"


@dataclass(frozen=True, slots=True)
class Noise:
    """What a calibrated loop saw in ``seconds``; ``batch`` is what one batch of it takes.

    ``batches``, ``pairs`` and ``tenths`` are natural logs: of single batches, of the ratio of a
    pair's two sides, of the median of each tenth of the time, in base seconds where they are times.
    Shares: ``disturbed`` of the batches; ``stolen`` by the machine's host, ``others`` on this
    processor and ``sibling`` (on its core) of the time, None where nothing tells.
    """

    seconds: float
    batch: float
    batches: tuple[float, ...]
    pairs: tuple[float, ...]
    tenths: tuple[float, ...]
    disturbed: float
    pinned: bool
    stolen: float | None = None
    others: float | None = None
    sibling: float | None = None


@dataclass(frozen=True, slots=True)
class Sight:
    """The smallest slow-down that is found 95 times in 100, as a share; infinite if unknown.

    ``stored`` is the least it can be: seconds don't show the hours between two stored runs.
    """

    paired: float
    stored: float


def judge_noise(noise: Noise) -> tuple[Fact, ...]:
    """Judge what the loop saw: each kind of disturbance, the spreads and what they leave to see."""
    seen = sight(noise)
    return (
        _share("stolen time", noise.stolen, _STOLEN, "the machine's host ran others"),
        _share("others on this processor", noise.others, _OTHERS, "they push the code aside"),
        _share("busy sibling", noise.sibling, _OTHERS, "it takes the core's units", remedy=_SMT),
        _share("disturbed batches", noise.disturbed, _DISTURBED, "the processor was taken away"),
        _pinned(noise),
        _spread("spread of batches", noise.batches, _BATCHES),
        _spread("spread of tenths", noise.tenths, _SPREAD),
        _spread("spread of pairs", noise.pairs, _SPREAD),
        _sees(f"a gate of {GATE_PAIRS} pairs sees", seen.paired),
        _sees("a stored comparison sees", seen.stored, at_least="at least "),
    )


def sight(noise: Noise) -> Sight:
    """Find the smallest change that shows, from the spreads and the power of a t test.

    The change at which a two-sided t test over n figures has its power is about the sum of both
    t quantiles times the standard error (Jennison and Turnbull, 2000, chapter 3). Two stored runs
    are one figure each, whose spread the tenths tell.
    """
    paired = math.hypot(spread(noise.pairs), _PROCESSES) / math.sqrt(GATE_PAIRS)
    stored = spread(noise.tenths) * math.sqrt(2)
    return Sight(
        paired=_change(paired * _quantiles(_GATE_ERROR, GATE_PAIRS - 1)),
        stored=_change(stored * _quantiles(_STORED_ERROR, max(len(noise.tenths) - 1, 1))),
    )


def spread(logs: tuple[float, ...]) -> float:
    """Give the standard deviation of logs, infinite for fewer than three."""
    return deviation(logs) if len(logs) >= _FEWEST else math.inf


def _change(log: float) -> float:
    return math.expm1(min(log, 700.0)) if math.isfinite(log) else math.inf


def _quantiles(error: float, freedom: int) -> float:
    return t_quantile(1 - error / 2, freedom) + t_quantile(_POWER, freedom)


def _share(
    name: str, share: float | None, bounds: tuple[float, float], why: str, *, remedy: str = _CALM
) -> Fact:
    if share is None:
        return unsure(name)
    judgement = graded(share, bounds)
    if judgement is Judgement.GOOD:
        return Fact(name, _percent(share))
    return Fact(name, _percent(share), judgement, why, remedy)


def _pinned(noise: Noise) -> Fact:
    if noise.pinned:
        return Fact("kept on one processor", "yes")
    why, remedy = "processes wander, and processors differ", "paceline ab takes more pairs here"
    return Fact("kept on one processor", "no", Judgement.WATCH, why, remedy)


def _spread(name: str, logs: tuple[float, ...], bounds: tuple[float, float]) -> Fact:
    found = spread(logs)
    if math.isinf(found):
        return Fact(name, "?", Judgement.UNSURE, "too few figures", "allow more --seconds")
    judgement = graded(found, bounds)
    why = "" if judgement is Judgement.GOOD else "the machine's pace changes"
    return Fact(name, _percent(found), judgement, why, _CALM if why else "")


def _sees(name: str, seen: float, *, at_least: str = "") -> Fact:
    if math.isinf(seen):
        return Fact(name, "?", Judgement.UNSURE, "too few figures", "allow more --seconds")
    said = f"{at_least}+{_percent(seen)}" if seen < _TENFOLD else "only what is ten times slower"
    judgement = graded(seen, _SEEN)
    why = "" if judgement is Judgement.GOOD else "smaller changes hide in the noise"
    return Fact(name, said, judgement, why, "judge changes by paceline ab" if why else "")


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"
