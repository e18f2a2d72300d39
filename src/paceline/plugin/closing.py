"""Closing: what a run on forked workers took, what it could have taken, what held it back."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from paceline.report.escape import plain
from paceline.report.live import slowest
from paceline.suite.bound import Bound, Losses, held_back
from paceline.units import format_quantity

if TYPE_CHECKING:
    import pytest

    from paceline.plugin.forked_run import ForkedRun
    from paceline.suite.plan import Plan

__all__ = ["sums"]


def sums(
    session: pytest.Session, plan: Plan, run: ForkedRun, *, began: float, collection: float
) -> list[str]:
    """Sum a run up in a few lines; ``began`` is monotonic, ``collection`` lasted so long, in s."""
    took, workers = run.hearing.took, plan.workers
    if not took:
        return []
    wall = time.monotonic() - began
    named = [(session.items[task].nodeid, seconds) for task, seconds in took.items()]
    longest, most = max(named, key=lambda one: one[1])
    bound = Bound(sum(took.values()), collection, most, workers)
    reporter: Any = session.config.pluginmanager.get_plugin("terminalreporter")
    stats = getattr(reporter, "stats", {})
    bad = {one.nodeid for kind in ("failed", "error") for one in stats.get(kind, ())}
    least = format_quantity(bound.seconds, "s")
    said = f"wall {format_quantity(wall, 's')}, lower bound {least}"
    share = f"efficiency {min(1.0, bound.efficiency(wall)):.0%} on {workers} forked workers"
    losses = _losses(plan, run, wall, longest)
    held = (f"held back by: {one}" for one in held_back(bound, losses))
    slow = slowest(named, frozenset(bad))
    return [f"{said}, {share}", *held, *([slow] if slow else ())]


def _losses(plan: Plan, run: ForkedRun, wall: float, longest: str) -> Losses:
    hearing, progress = run.hearing, run.progress
    late = [task for chunk in plan.chunks if chunk.last for task in chunk.tasks]
    alone = sum(hearing.took.get(task, 0.0) for task in late)
    ended = max(hearing.last.values())
    idle = sum(ended - hearing.last.get(one, progress.began) for one in range(plan.workers))
    return Losses(
        wall,
        longest=plain(longest),
        alone=alone,
        tried=len(progress.tried),
        trials=progress.trials,
        ending=max(0.0, progress.ended - ended),
        idle=max(0.0, idle - alone * (plan.workers - 1)),
    )
