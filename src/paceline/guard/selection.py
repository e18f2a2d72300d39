"""Decide which cases a budget is for."""

from __future__ import annotations

import difflib
import fnmatch
import functools
import re
import typing
from dataclasses import dataclass

from paceline.errors import SettingsError
from paceline.guard.limit import together

if typing.TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from paceline.model import Budget, Case, Selector

__all__ = ["check_matched", "matches", "named", "unmatched"]


def matches(selector: Selector, case: Case) -> bool:
    """Tell whether a case fulfils every field that the selector sets."""
    return (
        (not selector.node_id or selector.node_id == case.node_id)
        and (not selector.marker or selector.marker in case.markers)
        and (not selector.group or selector.group == case.group)
        and (not selector.pattern or named(selector.pattern, case))
    )


def named(pattern: str, case: Case) -> bool:
    """Tell whether a pattern names a case: its id, a tail of it, its function or its file.

    Only ``*`` and ``?`` are special: brackets belong to pytest's parameters.
    """
    return _any(pattern, _names(case, case.label))


def unmatched(
    budgets: Iterable[Budget], collected: Iterable[Case], *, whole: bool = True
) -> tuple[Budget, ...]:
    """List the budgets that select, or refer to, none of the collected cases.

    ``collected`` holds deselected cases too. ``whole`` is False when pytest was told to collect
    only a part of the suite: nothing can then be said, and nothing is listed. Groups and labels
    are known only when a benchmark runs and are left out.
    """
    if not whole:
        return ()
    known = _Known.of(collected)
    return tuple(budget for budget in budgets if known.missing(budget))


def check_matched(
    budgets: Iterable[Budget], collected: Iterable[Case], *, whole: bool = True
) -> None:
    """Refuse budgets that select, or refer to, no collected case.

    Raises:
        SettingsError: every such budget with its place and the nearest collected name.
    """
    cases = tuple(collected)
    found = unmatched(budgets, cases, whole=whole)
    if found:
        known = _Known.of(cases)
        raise together([_unmatched_error(budget, known) for budget in found])


@dataclass(frozen=True, slots=True)
class _Known:
    """Every name and marker in a collection; a set, for many cases share their names."""

    names: frozenset[str]
    markers: frozenset[str]

    @classmethod
    def of(cls, collected: Iterable[Case]) -> _Known:
        cases = tuple(collected)
        return cls(
            frozenset(name for case in cases for name in _names(case, "")),
            frozenset(marker for case in cases for marker in case.markers),
        )

    def missing(self, budget: Budget) -> str:
        """Say which name of a budget matches nothing, "" when all match."""
        selector = budget.selector
        if selector.pattern and not self._has(selector.pattern):
            return selector.pattern
        if selector.marker and selector.marker not in self.markers:
            return selector.marker
        if budget.reference and not self._has(budget.reference):
            return budget.reference
        return ""

    def _has(self, pattern: str) -> bool:
        """Tell whether a pattern names an item, whatever label of it is meant."""
        item, marked, _label = pattern.rpartition("#")
        return (bool(marked) and not item) or any(
            one in self.names or _any(one, self.names) for one in (pattern, item) if one
        )


def _any(pattern: str, names: Iterable[str]) -> bool:
    fits = _glob(pattern)
    return any(fits(name) for name in names)


@functools.lru_cache(maxsize=256)
def _glob(pattern: str) -> Callable[[str], object]:
    return re.compile(fnmatch.translate(pattern.replace("[", "[[]"))).match


def _unmatched_error(budget: Budget, known: _Known) -> SettingsError:
    missing = known.missing(budget)
    near = difflib.get_close_matches(missing, sorted(known.names | known.markers), n=1, cutoff=0.5)
    hint = f"did you mean {near[0]!r}?" if near else "see pytest --collect-only for the names"
    return SettingsError(
        f"budget {budget.name!r}: {missing!r} matches no collected test",
        place=budget.place,
        remedy=hint,
    )


def _names(case: Case, label: str) -> Iterator[str]:
    """Give every name of a case, with and without its parameters and label."""
    file, _, inner = case.node_id.partition("::")
    yield file
    if label:
        yield f"#{label}"
    path, bracket, parameters = inner.partition("[")
    parts = path.split("::")
    tails = [f"{file}::{path}"]
    tails += ["::".join(parts[start:]) for start in range(len(parts))]
    for tail in tails:
        full = f"{tail}{bracket}{parameters}"
        yield tail
        yield full
        if label:
            yield f"{full}#{label}"
            yield f"{tail}#{label}"
