"""Policies: what a result does, group by group."""

from __future__ import annotations

import dataclasses
import enum
import fnmatch
import typing
from collections.abc import Mapping
from dataclasses import dataclass

from paceline.errors import Place, SettingsError
from paceline.guard.limit import nearest, read_quantity, together
from paceline.model import Case, Kind, Verdict

if typing.TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from paceline.options import Entry

__all__ = [
    "Does",
    "Policy",
    "Ruled",
    "apply",
    "is_goal",
    "parse_policies",
    "policy_for",
    "threshold_for",
]

_KEYS = ("does", "threshold")
_GOAL = "goal"
_SAID = {
    Kind.OVER_BUDGET: ("broken budget", "broken budgets"),
    Kind.REGRESSED: ("regression", "regressions"),
    Kind.UNSURE: ("unsure", "unsure"),
}


class Does(enum.Enum):
    """What a result does: fail the run, nothing, fail unless it improved, or feed a trend."""

    BLOCK = "block"
    MONITOR = "monitor"
    IMPROVE = "improve"
    TREND = "trend"


_WHY = {
    Does.MONITOR: "only monitored",
    Does.TREND: "judged by its trend (paceline history)",
}


@dataclass(frozen=True, slots=True)
class Policy:
    """What results do in the groups that ``group`` names; ``*`` and ``?`` are special in it.

    ``threshold`` is the relative change that counts there, None for the usual one.
    """

    group: str
    does: Does
    threshold: float | None = None
    place: Place | None = None


@dataclass(frozen=True, slots=True)
class Ruled:
    """Verdicts under their policies; only ``failing`` are for the exit status to weigh."""

    verdicts: tuple[Verdict, ...]
    failing: tuple[Verdict, ...]
    notes: tuple[str, ...] = ()


def parse_policies(tables: Mapping[str, Entry]) -> tuple[Policy, ...]:
    """Read ``group = "monitor"`` and ``group = { does = "block", threshold = "5 %" }``.

    Raises:
        SettingsError: everything that is wrong in any of them, each with its place.
    """
    errors: list[SettingsError] = []
    policies = []
    for group, entry in tables.items():
        try:
            policies.append(_policy(group, entry))
        except SettingsError as error:
            errors.append(error)
    if errors:
        raise together(errors)
    return tuple(policies)


def policy_for(case: Case, policies: Sequence[Policy]) -> Policy | None:
    """Find the policy of a case's group: the one of that very name, else the first that fits."""
    fitting = [one for one in policies if _fits(one.group, case.group)]
    exact = (one for one in fitting if one.group == case.group)
    return next(exact, fitting[0] if fitting else None)


def threshold_for(case: Case, policies: Sequence[Policy], usual: float) -> float:
    """Give the relative change that counts for a case."""
    found = policy_for(case, policies)
    return usual if found is None or found.threshold is None else found.threshold


def apply(verdicts: Iterable[Verdict], policies: Sequence[Policy]) -> Ruled:
    """Let policies rule over verdicts; without any, each verdict counts as it stands.

    What is monitored or followed as a trend is said and never fails. What must improve and was
    judged, but did not, is turned into a regression; unsure and new stay what they are.
    """
    given = tuple(verdicts)
    ruling = {one.case: policy_for(one.case, policies) for one in given}
    improving = {case for case, policy in ruling.items() if _does(policy) is Does.IMPROVE}
    met = {one.case for one in given if one.kind in {Kind.IMPROVED, Kind.UNSURE, Kind.NEW}}
    said, failing = [], []
    for verdict in given:
        policy = ruling[verdict.case]
        why = _WHY.get(_does(policy))
        if why:
            said.append(dataclasses.replace(verdict, because=f"{verdict.because}; {why}"))
            continue
        missed = policy is not None and verdict.case in improving - met
        judged = _missed(verdict, policy) if policy is not None and missed else verdict
        said.append(judged)
        failing.append(judged)
    return Ruled(tuple(said), tuple(failing), tuple(_notes(said, ruling)))


def is_goal(verdict: Verdict) -> bool:
    """Tell the verdict on an improvement that was asked for and missed from a plain regression."""
    return verdict.subject.startswith(_GOAL)


def _missed(verdict: Verdict, policy: Policy) -> Verdict:
    """Turn a judged change that is no improvement into a missed goal; budgets stand apart."""
    if verdict.kind not in {Kind.OK, Kind.REGRESSED} or verdict.subject.startswith("budget"):
        return verdict
    amount = "" if policy.threshold is None else f" by {policy.threshold * 100:g} %"
    return dataclasses.replace(
        verdict,
        kind=Kind.REGRESSED,
        because=f"had to improve{amount}: {verdict.because}",
        subject=f"{_GOAL}, {verdict.subject}",
        place=policy.place,
    )


def _notes(said: Iterable[Verdict], ruling: Mapping[Case, Policy | None]) -> Iterator[str]:
    """Say what would have counted under no policy."""
    spared: dict[Policy, list[Kind]] = {}
    for verdict in said:
        policy = ruling[verdict.case]
        if policy is not None and policy.does in _WHY:
            spared.setdefault(policy, []).append(verdict.kind)
    for policy, kinds in spared.items():
        counts = {kind: kinds.count(kind) for kind in _SAID}
        found = [f"{count} {_SAID[kind][count > 1]}" for kind, count in counts.items() if count]
        if found:
            where = f" ({policy.place})" if policy.place else ""
            why = _WHY[policy.does]
            yield f"group {policy.group!r} is {why}{where}: not counted: {', '.join(found)}"


def _does(policy: Policy | None) -> Does:
    return Does.BLOCK if policy is None else policy.does


def _fits(pattern: str, group: str) -> bool:
    return fnmatch.fnmatchcase(group, pattern.replace("[", "[[]"))


def _policy(group: str, entry: Entry) -> Policy:
    if not isinstance(entry.value, Mapping):
        return Policy(group, _effect(group, entry), place=entry.place)
    does, threshold = None, None
    for key, inner in entry.value.items():
        if key not in _KEYS:
            raise SettingsError(
                f"unknown key {key!r}", place=inner.place, remedy=nearest(key, _KEYS)
            )
        if key == "does":
            does = _effect(group, inner)
        else:
            threshold = read_quantity(key, inner, "1")
    return Policy(group, does or Does.BLOCK, threshold, entry.place)


def _effect(group: str, entry: Entry) -> Does:
    known = tuple(does.value for does in Does)
    if entry.value not in known:
        raise SettingsError(
            f"policy {group!r} does {entry.value!r}",
            place=entry.place,
            remedy=nearest(str(entry.value), known),
        )
    return Does(entry.value)
