"""The nouns: plain frozen values that every rung above shares."""

from __future__ import annotations

from paceline.model.budget import Budget, Direction, Selector
from paceline.model.case import Case, CaseId
from paceline.model.estimate import Change, Estimate
from paceline.model.host import Host
from paceline.model.measurement import Measurement, StoredSummary
from paceline.model.metric import METRICS, SINGLE, Better, Metric
from paceline.model.resources import RESOURCES, Resources
from paceline.model.run import Baseline, Run, RunId
from paceline.model.site import Site
from paceline.model.turn import OUTCOMES, Turn
from paceline.model.verdict import Kind, Verdict

__all__ = [
    "METRICS",
    "OUTCOMES",
    "RESOURCES",
    "SINGLE",
    "Baseline",
    "Better",
    "Budget",
    "Case",
    "CaseId",
    "Change",
    "Direction",
    "Estimate",
    "Host",
    "Kind",
    "Measurement",
    "Metric",
    "Resources",
    "Run",
    "RunId",
    "Selector",
    "Site",
    "StoredSummary",
    "Turn",
    "Verdict",
]
