"""Compare with a saved run as pytest-benchmark does: ``mean:10%``, ``min:0.001``.

The rule takes point figures alone and fails on anything above it. It is kept for suites that come
with it; `paceline.guard.baseline` judges with intervals.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass

from paceline.errors import UsageError

__all__ = [
    "Check",
    "machine_differences",
    "parse_expression",
    "regressions",
    "require_comparison",
]

_EXPRESSION = re.compile(
    r"(?P<field>min|max|mean|median|stddev|iqr):"
    r"(?:(?P<percent>[0-9]+)%|(?P<seconds>[0-9]*\.?[0-9]+(?:[eE][-+]?[0-9]+)?))"
)
_PROCESSOR = ("arch", "bits", "brand_raw", "count")


@dataclass(frozen=True, slots=True)
class Check:
    """How far a statistic may lie above the saved one: in per cent, or in seconds."""

    field: str
    threshold: float
    relative: bool

    @property
    def kind(self) -> str:
        """The check's name in messages, which scripts look for."""
        return "PercentageRegressionCheck" if self.relative else "DifferenceRegressionCheck"

    def excess(self, current: Mapping[str, float], compared: Mapping[str, float]) -> float:
        """Give how much higher the current statistic is, in per cent or in seconds.

        A saved 0 is exceeded infinitely, in per cent.
        """
        now, then = current[self.field], compared[self.field]
        if not self.relative:
            return now - then
        return now / then * 100 - 100 if then else math.inf

    def failure(self, current: Mapping[str, float], compared: Mapping[str, float]) -> str:
        """Say how the current statistics break the rule, "" when they keep it."""
        excess = self.excess(current, compared)
        if excess <= self.threshold:
            return ""
        broken = f"{excess:.9f} > {self.threshold:.9f}"
        return f"Field {self.field!r} has failed {self.kind}: {broken}"


def parse_expression(text: str) -> Check:
    """Read ``FIELD:N%`` (whole per cent) or ``FIELD:SECONDS``.

    Raises:
        UsageError: another field, sign or unit.
    """
    match = _EXPRESSION.fullmatch(text)
    if match is None:
        raise UsageError(
            f"Could not parse value: {text!r}.",
            remedy="write min, max, mean, median, stddev or iqr, then whole per cent or seconds,"
            " as in 'mean:10%' or 'min:0.001'",
        )
    if match["percent"]:
        return Check(match["field"], float(match["percent"]), relative=True)
    return Check(match["field"], float(match["seconds"]), relative=False)


def regressions(
    checks: tuple[Check, ...], current: Mapping[str, float], compared: Mapping[str, float]
) -> tuple[str, ...]:
    """List what each check has against the current statistics; a field not saved is passed over."""
    known = (check for check in checks if check.field in current and check.field in compared)
    return tuple(said for check in known if (said := check.failure(current, compared)))


def require_comparison(checks: tuple[Check, ...], *, compared: bool) -> None:
    """Refuse checks that have no saved run to compare with.

    Raises:
        UsageError: there are checks and nothing to compare with.
    """
    if checks and not compared:
        raise UsageError(
            "--benchmark-compare-fail requires valid --benchmark-compare.",
            remedy="save a run first (--benchmark-autosave) and add --benchmark-compare",
        )


def machine_differences(
    current: Mapping[str, object], saved: Mapping[str, object]
) -> tuple[str, ...]:
    """List what two descriptions of machines say differently, as ``key: A → B``.

    Of the processor, only what both know counts, and not what other tools spell in their own way:
    flags, cache, clock rate.
    """
    here, there = _facts(current), _facts(saved)
    return tuple(
        f"{key}: {here.get(key, 'not known')} → {there.get(key, 'not known')}"
        for key in {**here, **there}
        if here.get(key) != there.get(key)
        and (not key.startswith("cpu.") or (key in here and key in there))
    )


def _facts(machine: Mapping[str, object]) -> dict[str, str]:
    facts = {key: _said(value) for key, value in machine.items() if key != "cpu"}
    cpu = machine.get("cpu")
    known = cpu if isinstance(cpu, Mapping) else {}
    return facts | {f"cpu.{key}": _said(known[key]) for key in _PROCESSOR if key in known}


def _said(value: object) -> str:
    """Write a list and a tuple alike: JSON knows lists alone."""
    return str(list(value) if isinstance(value, tuple) else value)
