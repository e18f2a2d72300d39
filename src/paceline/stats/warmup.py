"""Whether a series of consecutive figures has stopped falling: caches filled, code specialised.

A plateau that one more step follows can't be told from the end while it lasts. So the question is
put to the younger half of all there is, and the proof asked for grows with the time that warming up
has taken (Barrett et al., 2017, doi:10.1145/3133876, show how late steps come).
"""

from __future__ import annotations

import itertools
import math
from typing import TYPE_CHECKING

from paceline.stats import summary

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["falls", "level_start", "levelled"]

_FEWEST = 8
_AGAIN = 2  # figures between the two looks that must agree, so that one lucky look ends nothing
_SLACK = 0.01  # relative fall that does not matter
_FALL = 0.02  # likewise, where a pair of sides cancels what both have in common
_CLEAR = 3.0  # standard errors
_DOUBT = 0.5  # standard errors of a fall that noise may explain
_NORMAL = 1.4826  # standard deviation over median absolute deviation, normal values
_NORMAL_MEDIAN = math.sqrt(math.pi / 2)  # error of a median over that of a mean, normal values


def levelled(medians: Sequence[float], *, fewest: int = _FEWEST) -> bool:
    """Tell whether consecutive figures, one per batch of rounds, have stopped falling.

    May be asked after every figure. The median of the newer half of the last ``fewest`` figures (or
    of the younger half of all, if that is more) must not lie below that of the older half by more
    than 1 % or noise, nor have done so two figures ago. Spikes move no median; a series that rises
    is level, as it does not warm up.
    """
    return _flat(medians, fewest) and _flat(medians[:-_AGAIN], fewest)


def level_start(values: Sequence[float]) -> int | None:
    """Give the index at which a series of figures reaches its last level, None if it still falls.

    It is the first figure that lies, with the median of the next two and itself, within the noise
    of that level.
    """
    if not levelled(values):
        return None
    half = len(values) // 2
    level = _middle(values[half:])
    noise = _NORMAL * _middle([abs(figure - level) for figure in values[half:]])
    ceiling = level + max(_SLACK * abs(level), 2 * noise)
    low = (start for start in range(half) if values[start] <= ceiling)
    return next((start for start in low if _middle(values[start : start + 3]) <= ceiling), half)


def falls(figures: Sequence[float]) -> bool:
    """Tell whether the newer half of a few figures clearly lies below the older half.

    Both medians are compared; three standard errors of their difference, and 2 %, are noise. Fewer
    than eight figures can't tell, and count as level.
    """
    half = len(figures) // 2
    if half * 2 < _FEWEST:
        return False
    older, newer = _middle(figures[:half]), _middle(figures[half:])
    spread = [abs(figure - older) for figure in figures[:half]]
    spread += [abs(figure - newer) for figure in figures[half:]]
    error = _NORMAL * _middle(spread) * _NORMAL_MEDIAN * math.sqrt(2 / half)
    return older - newer > max(_FALL * newer, _CLEAR * error)


def _flat(figures: Sequence[float], fewest: int) -> bool:
    if len(figures) < fewest:
        return False
    window = figures[-max(fewest, len(figures) // 2) :]
    half = len(window) // 2
    older, newer = _middle(window[:half]), _middle(window[half:])
    # steps between neighbours know the noise, but not the fall
    steps = [abs(after - before) for before, after in itertools.pairwise(window)]
    noise = _NORMAL / math.sqrt(2) * _middle(steps)
    error = noise * _NORMAL_MEDIAN * math.sqrt(4 / len(window))
    return older - newer <= max(_SLACK * abs(newer), _DOUBT * error)


def _middle(figures: Sequence[float]) -> float:
    return summary.quantile(sorted(figures), 0.5)
