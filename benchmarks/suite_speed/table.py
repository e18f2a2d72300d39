"""Say what was measured: tables for people, a document for programs."""

from __future__ import annotations

from dataclasses import asdict
from statistics import median
from typing import TYPE_CHECKING, Any

from suite_speed.figures import CLAIMS, over

if TYPE_CHECKING:
    from collections.abc import Sequence

    from paceline.model import Estimate
    from suite_speed.measuring import Measured

__all__ = ["SAVINGS", "document", "saved", "show", "verdicts"]

_WIDE = 10
SAVINGS = {"shop": "50–70 %", "unit": "75 %", "integration": "65 %", "performance": "35 %"}
"""What row G12 hopes for; selection of tests and the doctor are to add to what is shown here."""


def verdicts(one: Measured) -> dict[str, str]:
    """Judge each claim that this suite can judge."""
    found = over(one.rounds)
    waits = sum(each.waits for each in one.rounds) * 2 > len(one.rounds)
    judged = {"bound": found["waiting bound" if waits else "bound"], "cpu": found["cpu"]}
    if "xdist" in found and one.mode not in one.broken:
        judged["xdist"] = found["xdist"]
        if one.suite == "trivial":
            judged["trivial"] = found["xdist"]
    said = {name: CLAIMS[name].verdict(value) for name, value in judged.items()}
    if not one.calm:
        said = dict.fromkeys(said, "unsure")
    return said


def show(one: Measured) -> None:
    """Print a suite's figures and verdicts."""
    found, rounds = over(one.rounds), one.rounds
    noted = f"{len(rounds)} rounds, {one.discarded} disturbed"
    noted += "" if one.calm else " (too busy here: those were taken in, so nothing is claimed)"
    print(f"\n{one.suite}: {_outcomes(one)}; {noted}")
    theirs = [each.xdist.wall for each in rounds if each.xdist]
    seconds = {
        "plain": median(each.plain.wall for each in rounds),
        "collection": median(each.collection.wall for each in rounds),
        "longest test": max(each.plain.longest for each in rounds),
        "bound": median(each.bound for each in rounds),
        "bound if it waits": median(each.waiting_bound for each in rounds),
        f"xdist {one.mode}": median(theirs) if theirs else None,
        "ours": median(each.ours.wall for each in rounds),
    }
    print("  " + "  ".join(f"{name} {value:.2f} s" for name, value in seconds.items() if value))
    for mode, how in one.broken.items():
        print(f"  xdist {mode} breaks it: {how}")
    if one.unlike:
        print(f"  OURS ENDED UNLIKE the serial run in {one.unlike} of {len(rounds)} rounds")
    said = verdicts(one)
    for name, value in found.items():
        over_what = {"cpu": "processor time over plain"}.get(name, f"wall over {name}")
        claimed = [each for each in said if _judges(each, name, found, one)]
        shown = "; ".join(f"at most {CLAIMS[each].limit:.2f}: {said[each]}" for each in claimed)
        print(f"  {over_what:26} {_interval(value):24} {shown}")


def saved(rows: Sequence[Measured]) -> None:
    """Print what each category saves against plain pytest."""
    print("\nsaved against plain pytest, per cent of its wall time")
    print(f"  {'':14}{'plain':>9}{'ours':>9}   {'saved':22}hoped for")
    for one in rows:
        found = over(one.rounds)["plain"]
        plain = median(each.plain.wall for each in one.rounds)
        ours = median(each.ours.wall for each in one.rounds)
        share = f"{1 - found.point:.0%} [{1 - found.high:.0%}, {1 - found.low:.0%}]"
        name = "whole suite" if one.suite == "shop" else one.suite
        note = "" if one.calm else "  (disturbed)"
        print(f"  {name:14}{plain:7.2f} s{ours:7.2f} s   {share:22}{SAVINGS[one.suite]}{note}")


def document(suites: Sequence[Measured], more: dict[str, Any]) -> dict[str, Any]:
    """Give everything that was measured as builtins."""
    return {
        "schema": "paceline-suite-speed",
        "version": 1,
        "suites": [
            {
                **asdict(one),
                "ratios": {name: asdict(value) for name, value in over(one.rounds).items()},
                "bounds": [(each.bound, each.waiting_bound) for each in one.rounds],
                "verdicts": verdicts(one),
            }
            for one in suites
        ],
        **more,
    }


def _judges(claim: str, ratio: str, found: dict[str, Estimate], one: Measured) -> bool:
    """Tell whether a claim is judged by this ratio: the bound by the one that fits the suite."""
    if claim == "bound":
        waits = sum(each.waits for each in one.rounds) * 2 > len(one.rounds)
        return ratio == ("waiting bound" if waits else "bound")
    return ratio == {"trivial": "xdist"}.get(claim, claim) and ratio in found


def _interval(value: Estimate) -> str:
    if value.high > _WIDE * value.point:
        return f"{value.point:.3f} (too few rounds for an interval)"
    level = "" if value.level >= 0.95 else f" at {value.level:.0%}"
    return f"{value.point:.3f} [{value.low:.3f}, {value.high:.3f}]{level}"


def _outcomes(one: Measured) -> str:
    outcomes = one.rounds[0].plain.outcomes
    return ", ".join(f"{count} {what}" for what, count in outcomes.items())
