"""Say what the records show: false alarms, power, spread of pairs and cost, peers beside us."""

from __future__ import annotations

import random
from dataclasses import dataclass
from statistics import fmean, median
from typing import TYPE_CHECKING

from gate_records import CONDITIONS, FLAGGED, UNITS, fixture
from gate_replay import recording_of, replayed
from paceline.guard.paired import terms_for
from paceline.stats.distribution import clopper_pearson_upper
from paceline.stats.summary import deviation

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from gate_records import Record
    from gate_replay import Recording

__all__ = ["report"]

LEVEL = 0.95
REPLAYS = 1000
RESOLUTION = 0.03
MOST_ALARMS, MOST_SECONDS = 0.01, 1.5
LEAST_FOUND = {103: 0.75, 105: 0.95, 110: 0.999}
OURS, REPLAYED = "paceline ab", "paceline, replayed"


@dataclass(frozen=True)
class Count:
    """How often something happened, with one-sided 95 % bounds (Clopper and Pearson, 1934)."""

    hits: int
    trials: int

    @property
    def most(self) -> float:
        """The most that it can be in the long run."""
        return clopper_pearson_upper(self.hits, self.trials, LEVEL)

    @property
    def least(self) -> float:
        """The least that it can be in the long run."""
        return 1 - clopper_pearson_upper(self.trials - self.hits, self.trials, LEVEL)

    def __str__(self) -> str:
        share = f"{100 * self.hits / self.trials:5.1f} %" if self.trials else "    ?"
        return f"{self.hits}/{self.trials} {share}"


def report(records: Sequence[Record]) -> int:
    """Print the tables; 1 when the live decisions refute a claim."""
    kept = [one for one in records if not one.discarded]
    thrown = [one for one in records if one.discarded]
    print(f"{len(kept)} suites, and {len(thrown)} discarded (others above 5 % of the processors)")
    _alarms(kept, thrown)
    found = _power(kept)
    _spread(kept)
    missed = [claim for claim, holds in _claims(found, kept) if not holds]
    return 1 if missed else 0


def _alarms(kept: Sequence[Record], thrown: Sequence[Record]) -> None:
    """Tabulate suites of equal code in which a rule called something slower (ours: or faster)."""
    print(
        "\nfalse alarms on equal code        benchmarks            suites         at most   seconds"
    )
    counts = {}
    for rule, own in _by_rule(one for one in kept if one.units == UNITS).items():
        counts[rule] = _count(own, rule)
        each = Count(
            sum(_wrong(kind, rule) for one in own for kind in one.verdicts[rule].values()),
            sum(len(one.verdicts[rule]) for one in own),
        )
        cost = fmean(one.seconds / len(one.verdicts[rule]) for one in own)
        print(f"  {rule:30} {each!s:20} {counts[rule]!s:16} {counts[rule].most:7.1%}  {cost:6.2f}")
    recording = recording_of(fixture(kept))
    if UNITS in recording.suites:
        found = _replays(recording, UNITS)
        hits = sum(any(kind in FLAGGED for kind, _ in suite) for suite in found)
        each = Count(
            sum(kind in FLAGGED for suite in found for kind, _ in suite), sum(map(len, found))
        )
        suites = Count(hits, len(found))
        pairs = fmean(pairs for suite in found for _, pairs in suite)
        base = len(recording.suites[UNITS])
        print(
            f"  {REPLAYED:30} {each!s:20} {suites!s:16}         {pairs:6.1f} pairs, {base} recorded"
        )
    busy = [
        one for one in thrown if one.units == UNITS and OURS in one.verdicts and one.tool == "ab"
    ]
    if busy:
        print(f"  {OURS + ', discarded':30} {'':20} {_count(busy, OURS)!s}")


def _power(kept: Sequence[Record]) -> dict[int, Count]:
    """Tabulate how often each rule found what was slowed; the second figure is the least it is."""
    slowed = [units for units in CONDITIONS if units != UNITS]
    print("\nfound among what was slowed   " + "".join(f"{CONDITIONS[one]:>26}" for one in slowed))
    for rule, own in _by_rule(one for one in kept if one.units != UNITS).items():
        cells = [_found(own, rule, units) for units in slowed]
        print(f"  {rule:28}" + "".join(f"{_cell(one):>26}" for one in cells))
    recording = recording_of(fixture(kept))
    for units in slowed:
        if units in recording.suites:
            found = [kind for suite in _replays(recording, units) for kind, _ in suite]
            share = Count(found.count("regressed"), len(found))
            print(
                f"  {REPLAYED}, {CONDITIONS[units]}: {share}, "
                f"{len(recording.suites[units])} recorded"
            )
    live = [one for one in kept if one.tool == "ab"]
    _by_case(live, slowed)
    return {units: _found(live, OURS, units) for units in slowed}


def _by_case(live: Sequence[Record], slowed: Sequence[int]) -> None:
    for case in sorted({case for one in live for case in one.pairs}):
        cells = []
        for units in slowed:
            kinds = [one.verdicts[OURS][case] for one in live if one.units == units]
            cells.append(_cell(Count(kinds.count("regressed"), len(kinds))))
        print(f"    {case:26}" + "".join(f"{one:>26}" for one in cells))


def _spread(kept: Sequence[Record]) -> None:
    """Tabulate how pairs of equal code scatter, and where their mean lies."""
    equal = [one for one in kept if one.units == UNITS and one.pairs]
    print("\npairs of equal code      pairs   spread   mean")
    spreads = []
    for case in sorted({case for one in equal for case in one.pairs}):
        logs = [log for one in equal for log in (*one.pairs[case], *one.confirmation[case])]
        spreads.append(deviation(logs))
        print(f"  {case:20} {len(logs):8} {100 * spreads[-1]:6.2f} % {100 * fmean(logs):+6.2f} %")
    if spreads:
        print(f"  spread: median {100 * median(spreads):.2f} %, worst {100 * max(spreads):.2f} %")


def _claims(found: dict[int, Count], kept: Sequence[Record]) -> Iterable[tuple[str, bool]]:
    """Say each claim with what the live decisions show; one that is open refutes nothing."""
    print("\nclaims, by live decisions")
    live = [one for one in kept if one.tool == "ab" and one.units == UNITS]
    if live:
        count = _count(live, OURS)
        yield _said(
            f"suite false alarms ≤ {MOST_ALARMS:.0%}",
            count,
            count.most <= MOST_ALARMS,
            1 - clopper_pearson_upper(count.trials - count.hits, count.trials, LEVEL) > MOST_ALARMS,
        )
    for units, least in LEAST_FOUND.items():
        if found[units].trials:
            count = found[units]
            yield _said(
                f"{CONDITIONS[units]} found ≥ {least:.1%}",
                count,
                count.least >= least,
                count.most < least,
            )
    if live:
        cost = fmean(one.seconds / len(one.verdicts[OURS]) for one in live)
        print(f"  mean seconds a benchmark ≤ {MOST_SECONDS}: {cost:.2f}")
        yield "seconds", cost <= MOST_SECONDS


def _said(claim: str, count: Count, shown: bool, refuted: bool) -> tuple[str, bool]:  # noqa: FBT001
    word = "shown" if shown else "REFUTED" if refuted else "open: more suites are needed"
    print(f"  {claim}: {count}, between {count.least:.1%} and {count.most:.1%}: {word}")
    return claim, not refuted


def _by_rule(records: Iterable[Record]) -> dict[str, list[Record]]:
    """Group by rule; a recording decides nothing as it goes and is no decision."""
    found: dict[str, list[Record]] = {}
    for one in records:
        for rule in one.verdicts if one.tool != "pairs" else ():
            found.setdefault(rule, []).append(one)
    return dict(sorted(found.items(), key=lambda row: (row[0] != OURS, row[0])))


def _count(records: Sequence[Record], rule: str) -> Count:
    wrong = sum(any(_wrong(k, rule) for k in one.verdicts[rule].values()) for one in records)
    return Count(wrong, len(records))


def _wrong(kind: str, rule: str) -> bool:
    """Tell a false alarm: for ours in either direction, for a peer only what would fail a build."""
    return kind in FLAGGED if rule == OURS else kind == "regressed"


def _found(records: Sequence[Record], rule: str, units: int) -> Count:
    kinds = [
        kind
        for one in records
        if one.units == units and rule in one.verdicts
        for kind in one.verdicts[rule].values()
    ]
    return Count(kinds.count("regressed"), len(kinds))


def _cell(count: Count) -> str:
    return f"{count} ≥ {count.least:5.1%}" if count.trials else "not run"


def _replays(recording: Recording, units: int) -> list[list[tuple[str, int]]]:
    terms = terms_for(RESOLUTION, cases=len(recording.cases))
    found = replayed(recording, units, terms, suites=REPLAYS, source=random.Random(units))
    return [[(one.kind.value, one.pairs) for one in suite.values() if one.kind] for suite in found]
