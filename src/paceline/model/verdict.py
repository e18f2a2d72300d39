"""Verdict: what was found about one figure, against which limit, and why."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from paceline.errors import Place  # noqa: TC001  (codecs read the annotations)
from paceline.model.budget import Direction  # noqa: TC001
from paceline.model.case import Case  # noqa: TC001
from paceline.model.estimate import Change, Estimate  # noqa: TC001
from paceline.model.metric import Metric  # noqa: TC001

__all__ = ["Kind", "Verdict"]


class Kind(enum.Enum):
    """The six verdicts; "don't know" is never "ok" and never "regressed"."""

    OK = "ok"
    NEW = "new"
    IMPROVED = "improved"
    REGRESSED = "regressed"
    OVER_BUDGET = "over budget"
    UNSURE = "unsure"


@dataclass(frozen=True, slots=True)
class Verdict:
    """One judgement; ``figure`` and ``limit`` are in the metric's base unit (or a ratio).

    ``subject`` says what was judged ("budget api", "baseline main"); ``spent`` is the share of the
    budget used (1.0 is all of it; infinite for a broken limit of zero, or a floor under a figure of
    zero; 0 where no share makes sense); ``warning`` marks a missed target; ``direction`` says on
    which side of the figure the limit stands.
    """

    case: Case
    metric: Metric
    statistic: str
    kind: Kind
    figure: Estimate | None
    limit: float | None
    because: str
    subject: str
    spent: float = 0.0
    warning: bool = False
    change: Change | None = None
    place: Place | None = None
    direction: Direction | None = None
