"""Explain what `paceline explain` is asked about: exit codes, error codes, verdicts and metrics."""

from __future__ import annotations

from paceline import units
from paceline.errors import UsageError
from paceline.guard.limit import RATIO, nearest
from paceline.model import METRICS, Kind, Metric

__all__ = ["EXPLANATIONS", "explain"]

_EXITS = {
    "0": "Every figure was judged, or was unsure without --paceline-strict, and none was bad.",
    "10": "A budget is broken: a figure is beyond the limit that its author declared. The BUDGET "
    "lines name the figure, the limit and the place of the budget. Or `paceline "
    "leaks` found a leak.",
    "11": "A regression: a figure is worse than the baseline's, beyond noise and beyond the "
    "threshold, or one that had to improve did not. The SLOWER and GOAL lines name the figures.",
    "12": "Too noisy to judge, only with --paceline-strict: a figure was not measured, is not to "
    "be trusted, or was compared across hosts that differ. The UNSURE lines say why. Or a leak "
    "check was unsure, with --strict.",
    "13": "A settings, budget or marker value can't be used. The message names file and line.",
    "14": "The store can't be read or written. The tests' own outcomes are not affected.",
}
_ERRORS = {
    "PAC000": "Something a user can mend; the message says what and how.",
    "PAC100": "A call, flag or argument can't be used as given. Exit code 2.",
    "PAC200": "A settings, budget or marker entry has an unknown key or an unusable value. The "
    "message names file and line, and the nearest known name. Exit code 13.",
    "PAC210": "A quantity has no unit that fits: times take ns, µs, ms, s, min, h; memory B, kB, "
    "KiB, MB, MiB, GB, GiB; rates /s, /min, /h; ratios x or %. Exit code 13.",
    "PAC300": "The store can't be read or written as it stands. Nothing is deleted; a damaged file "
    "is kept aside. Exit code 14.",
    "PAC400": "A measurement was asked for in a way that can't give a figure. Exit code 13.",
}
_KINDS = {
    Kind.OK: "The figure is within its limit, or the change is for certain within the threshold.",
    Kind.NEW: "The baseline does not hold this figure: nothing to compare with. It passes.",
    Kind.IMPROVED: "Better than the baseline, beyond the threshold and what runs of the "
    "same code reach.",
    Kind.REGRESSED: "Worse than the baseline, beyond the threshold and what runs of the "
    "same code reach.",
    Kind.OVER_BUDGET: "Beyond the limit that the author declared.",
    Kind.UNSURE: "Not known: not measured, not to be trusted, or not comparable. It is never "
    "counted as ok nor as regressed; it fails the run only with --paceline-strict.",
}


def _metric(metric: Metric) -> str:
    unit, better = units.NAMES[metric.unit], metric.better.value
    return f"{metric.help} In {unit}; {better} is better.".replace("In per", "Per")


EXPLANATIONS: dict[str, str] = {
    **_EXITS,
    **_ERRORS,
    **{kind.value: text for kind, text in _KINDS.items()},
    **{metric.name: _metric(metric) for metric in (*METRICS.values(), RATIO)},
}


def explain(name: str) -> str:
    """Explain an exit code, an error code, a verdict or a metric; case does not matter.

    Raises:
        UsageError: nothing of this name is known.
    """
    known = {key.lower(): text for key, text in EXPLANATIONS.items()}
    asked = name.strip().lower()
    text = known.get(asked) or known.get(asked.replace("_", " ").replace("-", " "))
    if text is None:
        raise UsageError(
            f"nothing is known about {name!r}", remedy=nearest(name, tuple(EXPLANATIONS))
        )
    return text
