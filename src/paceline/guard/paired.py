"""Decide from process pairs whether a case moved, stayed, or whether that can't be told yet.

Two stages, so that few pairs are enough for most. Screening looks again and again and may flag one
case in a hundred by mistake, however large the suite. What it flags is measured again in fresh
pairs, at a level that the whole suite's error sets. Only what shows twice is called a change.
"""

from __future__ import annotations

import dataclasses
import math
from bisect import bisect_left
from dataclasses import dataclass
from typing import TYPE_CHECKING

from paceline.model import Estimate, Kind
from paceline.stats.distribution import t_quantile
from paceline.stats.paired import lend, pairs_estimate, trimmed
from paceline.stats.sequential import design

if TYPE_CHECKING:
    from collections.abc import Sequence

    from paceline.stats.paired import Spread, Trimmed
    from paceline.stats.sequential import Design

__all__ = [
    "LOOKS",
    "Decision",
    "Terms",
    "confirm",
    "confirming_pairs",
    "decide",
    "patient",
    "terms_for",
]

LOOKS = (*range(4, 17), 18, 20, 22, 24)
"""The pairs after which a case may be settled, at a resolution of 3 %."""
_SCREENING = 0.01  # error of all looks together at one case, before confirmation
_CONFIRMING = 0.02  # error of the confirmation at most, however few the cases
_USED = 0.25  # of the suite's error: pairs may resemble their neighbours more than reckoned
_WITHIN = 0.90  # two one-sided tests at 5 %: Schuirmann (1987, doi:10.1007/BF01068419)
_SHOWN = 0.95
_CLEAR = 4.0  # thresholds: a change this large needs few fresh pairs
_FEWEST = 20  # fresh pairs: fewer say too much when each pair resembles the last
_SHARE = 2 / 3  # of the most pairs, fresh ones for a change that is not clear
_MARGIN = 2.5  # standard errors to spare, so that a true change is confirmed
_WORTH = 2.0  # thresholds: the size of change that the fresh pairs must be able to show
_HOPELESS = 1000  # pairs that nobody would wait for
_MOST = 120  # pairs before a case is given up, at the finest resolution
_STRIDE = 4  # pairs between the looks that patience adds
_USUAL = 0.03  # the resolution that `LOOKS` are for


@dataclass(frozen=True, slots=True)
class Terms:
    """What counts and how sure to be.

    ``threshold`` is the relative change that counts (0.015 for 1.5 %), ``error`` how often a suite
    of so many ``cases`` may raise a false alarm; ``looks`` are pairs after which one may settle.
    """

    threshold: float
    error: float = 0.01
    looks: tuple[int, ...] = LOOKS
    cases: int = 1


@dataclass(frozen=True, slots=True)
class Decision:
    """What the pairs of one case came to; `Kind.OK` says that both sides are equivalent.

    ``ratio`` is head over base with the interval that decides, ``shown`` the same at a plain 95 %.
    ``significant``: the former leaves out 1; ``relevant``: the point lies beyond the threshold.
    ``settled``: no more pairs are wanted. ``needs`` is about how many more pairs it would take when
    unsure, 0 if none can help.
    """

    kind: Kind
    ratio: Estimate
    shown: Estimate
    significant: bool
    relevant: bool
    settled: bool
    needs: int
    because: str


def terms_for(resolution: float, *, cases: int, error: float = 0.01) -> Terms:
    """Choose terms that find a relative change of ``resolution`` (0.03 for 3 %): half of it counts.

    Pairs grow with the square of 3 % over the resolution, from 24 to 120.
    """
    wanted = round(LOOKS[-1] * (_USUAL / resolution) ** 2)
    most = min(max(wanted, LOOKS[-1]), _MOST)
    later = (*range(26, 49, 2), *range(52, _MOST, 4))
    looks = (*LOOKS, *(look for look in later if look < most), most)
    return Terms(resolution / 2, error, tuple(sorted(set(looks))), cases)


def patient(terms: Terms) -> Terms:
    """Allow twice the pairs: where workers can't be kept on one processor they are noisier."""
    most = terms.looks[-1]
    later = range(most + _STRIDE, 2 * most + 1, _STRIDE)
    return dataclasses.replace(terms, looks=(*terms.looks, *later))


def decide(
    logs: Sequence[float], terms: Terms, *, last: bool = False, spread: Spread | None = None
) -> Decision:
    """Decide after any number of pairs; only at a look may a case be settled.

    ``logs`` are natural logs of head over base. What is flagged at a look is to be confirmed.
    ``last`` says that neither more pairs nor a confirmation will come: a change must then stand at
    the suite's own level, on its own spread. ``spread`` is what the suite knows, see
    `paceline.stats.paired_spread.suite_spread`.
    """
    if not logs:
        return _unknown(terms, last=last)
    error = terms.error / 2 / terms.cases if last else _design(terms).level(len(logs))
    ratio = pairs_estimate(logs, level=1 - error, spread=None if last else spread)
    inner = pairs_estimate(logs, level=_WITHIN, spread=spread)
    final = last or len(logs) >= terms.looks[-1]
    kind = Kind.UNSURE
    if final or len(logs) in terms.looks:
        kind = _kind(ratio, inner, terms)
    settled = final or kind is not Kind.UNSURE
    return _decision(logs, ratio, terms, kind=kind, settled=settled, spread=spread)


def confirming_pairs(
    terms: Terms, decision: Decision, logs: Sequence[float], *, spread: Spread | None = None
) -> int:
    """Say how many fresh pairs the confirmation of a flagged case takes.

    So many that a change as large as the one seen, one standard error less, or twice the threshold,
    is confirmed with little doubt.
    """
    found = lend(trimmed(logs), spread)
    size, threshold = abs(math.log(decision.ratio.point)), math.log1p(terms.threshold)
    most = max(terms.looks[-1], _FEWEST)
    clear = size > _CLEAR * threshold
    least = _FEWEST if clear else max(_FEWEST, math.ceil(_SHARE * most))
    level = _confirming(terms)
    sought = max(size - found.error, _WORTH * threshold)
    for count in range(least, most):
        error = math.sqrt(found.variance / count)
        needed = t_quantile(1 - level / 2, _freedom(count)) + _MARGIN
        if sought >= max(needed * error, threshold + _MARGIN * error):
            return count
    return most


def confirm(first: Decision, fresh: Sequence[float], terms: Terms) -> Decision:
    """Judge a flagged case by fresh pairs only: what does not show twice is not said.

    The interval of a confirmed change spans both stages' intervals. It misses the truth on one side
    only if both do, so its error is the product of theirs, halved.

    Raises:
        ValueError: ``first`` is neither regressed nor improved.
    """
    if first.kind not in {Kind.REGRESSED, Kind.IMPROVED}:
        raise ValueError(f"only a change can be confirmed, not {first.kind.value!r}")
    if len(fresh) < 2:  # noqa: PLR2004  (one pair has no spread)
        said = f"{_word(first.ratio)}, but too few fresh pairs to see it again"
        return dataclasses.replace(
            first, kind=Kind.UNSURE, significant=False, needs=_FEWEST, because=said
        )
    error, count = _confirming(terms), len(fresh)
    again = pairs_estimate(fresh, level=1 - error)
    kind = _kind(again, pairs_estimate(fresh, level=_WITHIN), terms)
    if kind is first.kind:
        said = f"{_word(again)} twice: when flagged, and in {count} fresh pairs"
    elif kind is Kind.OK:
        said = f"{_because(kind, again, terms)} in {count} fresh pairs"
    else:
        kind = Kind.UNSURE
        said = f"{_word(first.ratio)} when flagged, but not surely in {count} fresh pairs"
    ratio = _span(first.ratio, again, level=1 - _SCREENING * error / 2)
    return _decision(fresh, ratio, terms, kind=kind, settled=True, said=said)


def _decision(  # noqa: PLR0913  (keyword-only, each is one part of a decision)
    logs: Sequence[float],
    ratio: Estimate,
    terms: Terms,
    *,
    kind: Kind,
    settled: bool,
    said: str = "",
    spread: Spread | None = None,
) -> Decision:
    needs = 0
    if kind is Kind.UNSURE:
        needs = _needs(lend(trimmed(logs), spread), terms, level=ratio.level)
    return Decision(
        kind=kind,
        ratio=ratio,
        shown=pairs_estimate(logs, level=_SHOWN, spread=spread),
        significant=_significant(ratio),
        relevant=_relevant(ratio, terms),
        settled=settled,
        needs=needs,
        because=said or _because(kind, ratio, terms, needs),
    )


def _unknown(terms: Terms, *, last: bool) -> Decision:
    """Decide without a single pair: every one was disturbed, say."""
    nothing = Estimate(1.0, 1.0, 1.0, 0.0, "no pairs")
    return Decision(
        kind=Kind.UNSURE,
        ratio=nothing,
        shown=nothing,
        significant=False,
        relevant=False,
        settled=last,
        needs=terms.looks[0],
        because="not one pair was measured",
    )


def _design(terms: Terms) -> Design:
    return design(error=_SCREENING, looks=terms.looks)


def _confirming(terms: Terms) -> float:
    """Give the confirmation's error, which with the screening's uses but a part of the suite's."""
    return min(_CONFIRMING, _USED * terms.error / terms.cases / _SCREENING)


def _kind(ratio: Estimate, inner: Estimate, terms: Terms) -> Kind:
    """Judge by the interval that decides, then by the one that must lie within the threshold."""
    if _significant(ratio) and _relevant(ratio, terms):
        return Kind.REGRESSED if ratio.point > 1 else Kind.IMPROVED
    most = 1 + terms.threshold
    if inner.level and 1 / most < inner.low and inner.high < most:
        return Kind.OK
    return Kind.UNSURE


def _significant(ratio: Estimate) -> bool:
    return ratio.level > 0 and not ratio.low <= 1 <= ratio.high


def _relevant(ratio: Estimate, terms: Terms) -> bool:
    return max(ratio.point, 1 / ratio.point) > 1 + terms.threshold


def _span(first: Estimate, second: Estimate, *, level: float) -> Estimate:
    low, high = min(first.low, second.low), max(first.high, second.high)
    return Estimate(second.point, low, high, level, f"both stages, {second.method}")


def _needs(own: Trimmed, terms: Terms, *, level: float) -> int:
    """Reckon how many more pairs would settle this, if point and spread stay as they are."""
    if not own.freedom:
        return max(terms.looks[0] - own.count, 1)
    change, threshold = abs(own.centre), math.log1p(terms.threshold)
    beyond = change > threshold
    decisive, room = (level, change) if beyond else (_WITHIN, threshold - change)

    def enough(count: int) -> bool:
        reach = t_quantile((1 + decisive) / 2, _freedom(count)) * math.sqrt(own.variance / count)
        return reach < room

    wanted = bisect_left(range(_HOPELESS), x=True, lo=1, key=enough)
    return 0 if wanted >= _HOPELESS else max(wanted - own.count, 1)


def _freedom(count: int) -> float:
    """Give the degrees of freedom that so many pairs have when the extreme ones are trimmed."""
    return max(2 * count // 3 - 1, 1)


def _because(kind: Kind, ratio: Estimate, terms: Terms, needs: int = 0) -> str:
    threshold = f"{100 * terms.threshold:g} %"
    if kind is Kind.OK:
        return f"within {threshold}"
    if kind is not Kind.UNSURE:
        return f"{_word(ratio)} by more than noise and {threshold}"
    if not ratio.level:
        return "a single pair has no spread"
    pairs = "pair" if needs == 1 else "pairs"
    more = f"about {needs} more {pairs} would tell" if needs else "more pairs won't tell"
    if _relevant(ratio, terms):
        return f"may be noise; {more}"
    return f"can't rule out {threshold}; {more}"


def _word(ratio: Estimate) -> str:
    return "slower" if ratio.point > 1 else "faster"
