"""Suite: a recorded run of tests from all sides, as a noun that text and JSON are made from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from paceline.report.json import run_as_builtins, verdict_as_builtins
from paceline.report.timeline import Lane, lanes, span

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from paceline.model import Case, Measurement, Resources, Run, Verdict

__all__ = ["FORMAT", "VERSION", "FixtureCost", "Part", "Slow", "Suite", "survey", "to_data"]

FORMAT = "paceline-suite"
VERSION = 1

_PHASES = {
    "set-up": "test_setup_time",
    "call": "test_call_time",
    "teardown": "test_teardown_time",
}
_FIXTURE = "fixture "


@dataclass(frozen=True, slots=True)
class Part:
    """Some of the tests together: their number, seconds in all, and the longest of them."""

    name: str
    tests: int
    seconds: float
    longest: float
    where: str


@dataclass(frozen=True, slots=True)
class FixtureCost:
    """What a shared fixture costs: seconds of its longest set-up, how often, and in all.

    ``users`` is the number of tests that use it, None where that was not recorded.
    """

    key: str
    seconds: float
    times: int
    total: float
    users: int | None


@dataclass(frozen=True, slots=True)
class Slow:
    """One of the slowest tests; ``times`` are its seconds in recorded runs, oldest first."""

    record: Resources
    times: tuple[float | None, ...] = ()

    @property
    def seconds(self) -> float:
        """What it took in this run."""
        return self.record.figure("test_time") or 0.0


@dataclass(frozen=True, slots=True)
class Suite:
    """A run from all sides; times in seconds, parts and tests the costliest first.

    ``wall`` is the run's elapsed time and ``collection`` the part of it before the first test,
    None where not recorded; ``work`` adds up the tests; ``walls`` are of recorded runs, oldest
    first, this one's last.
    """

    run: Run
    tests: tuple[Resources, ...]
    slowest: tuple[Slow, ...]
    wall: float | None
    collection: float | None
    work: float
    phases: tuple[Part, ...]
    fixtures: tuple[FixtureCost, ...]
    files: tuple[Part, ...]
    collected: tuple[tuple[str, float], ...]
    categories: tuple[Part, ...]
    workers: tuple[Lane, ...]
    verdicts: tuple[Verdict, ...] = ()
    walls: tuple[float | None, ...] = ()

    @property
    def efficiency(self) -> float | None:
        """Work over elapsed time on all workers; 1 where none ever waits, None when unknown."""
        if not self.wall or not self.workers:
            return None
        return self.work / (self.wall * len(self.workers))


def survey(  # noqa: PLR0913  (keyword-only, each is one thing that is shown)
    run: Run,
    records: Sequence[Resources],
    measurements: Iterable[Measurement],
    *,
    category: Callable[[Case], str],
    verdicts: Sequence[Verdict] = (),
    walls: Sequence[float | None] = (),
    times: Callable[[str], tuple[float | None, ...]] = lambda _case: (),
    top: int = 20,
    least: float = 0.0,
) -> Suite:
    """Look at a run's records from all sides.

    ``top`` and ``least`` (seconds) bound the slowest tests, for which ``times`` looks up what they
    took before.
    """
    tests = sorted((one for one in records if not one.case.label), key=_seconds, reverse=True)
    slowest = [one for one in tests if _seconds(one) >= least][:top]
    found = {
        (one.metric.name, str(one.case.id)): one.values[0] for one in measurements if one.values
    }
    work, workers = sum(map(_seconds, tests)), lanes(tests)
    return Suite(
        run=run,
        tests=tuple(tests),
        slowest=tuple(Slow(one, times(str(one.case.id))) for one in slowest),
        wall=_wall(found, workers),
        collection=_collection(found),
        work=work,
        phases=_phases(tests),
        fixtures=_fixtures(records, found),
        files=_parts(tests, _file),
        collected=_collected(found),
        categories=_parts(tests, category),
        workers=workers,
        verdicts=tuple(verdicts),
        walls=tuple(walls),
    )


def to_data(suite: Suite) -> dict[str, Any]:
    """Give the whole of it as builtins, in seconds, null for what is not known."""
    return {
        "format": FORMAT,
        "version": VERSION,
        "run": run_as_builtins(suite.run),
        "wall": suite.wall,
        "work": suite.work,
        "collection": suite.collection,
        "efficiency": suite.efficiency,
        "tests": len(suite.tests),
        "slowest": [_slow_data(one) for one in suite.slowest],
        "phases": list(map(_part_data, suite.phases)),
        "fixtures": [
            {
                "fixture": one.key,
                "seconds": one.seconds,
                "times": one.times,
                "total": one.total,
                "users": one.users,
            }
            for one in suite.fixtures
        ],
        "files": list(map(_part_data, suite.files)),
        "collected": [{"file": file, "seconds": seconds} for file, seconds in suite.collected],
        "categories": list(map(_part_data, suite.categories)),
        "workers": [
            {"worker": one.worker, "tests": len(one.tests), "busy": one.busy}
            for one in suite.workers
        ],
        "walls": list(suite.walls),
        "verdicts": list(map(verdict_as_builtins, suite.verdicts)),
    }


def _slow_data(slow: Slow) -> dict[str, Any]:
    record, turn = slow.record, slow.record.turn
    return {
        "case": str(record.case.id),
        "seconds": slow.seconds,
        **{name.replace("-", ""): record.figure(metric) for name, metric in _PHASES.items()},
        "shared": turn.shared,
        "outcome": turn.outcome,
        "worker": turn.worker,
        "started": turn.started,
        "attempt": turn.attempt,
        "times": list(slow.times),
    }


def _part_data(part: Part) -> dict[str, Any]:
    return {
        "name": part.name,
        "tests": part.tests,
        "seconds": part.seconds,
        "longest": part.longest,
        "where": part.where,
    }


def _parts(tests: Iterable[Resources], name_of: Callable[[Case], str]) -> tuple[Part, ...]:
    """Put tests together by name; they come slowest first, so a part's first is its longest."""
    found: dict[str, list[Resources]] = {}
    for one in tests:
        found.setdefault(name_of(one.case), []).append(one)
    parts = (
        Part(name, len(ones), sum(map(_seconds, ones)), _seconds(ones[0]), str(ones[0].case.id))
        for name, ones in found.items()
    )
    return tuple(sorted(parts, key=_part_seconds, reverse=True))


def _phases(tests: Sequence[Resources]) -> tuple[Part, ...]:
    """Part what tests took into their phases; set-ups of shared fixtures stand by themselves."""
    columns = {
        "shared fixtures": [one.turn.shared for one in tests],
        **{name: [one.figure(metric) or 0.0 for one in tests] for name, metric in _PHASES.items()},
    }
    shared = columns["shared fixtures"]
    columns["set-up"] = [
        max(whole - part, 0.0) for whole, part in zip(columns["set-up"], shared, strict=True)
    ]
    return tuple(
        Part(name, sum(one > 0 for one in seconds), sum(seconds), *_longest(seconds, tests))
        for name, seconds in columns.items()
        if tests
    )


def _longest(seconds: Sequence[float], tests: Sequence[Resources]) -> tuple[float, str]:
    most = max(seconds)
    return most, str(tests[seconds.index(most)].case.id) if most else ""


def _fixtures(
    records: Iterable[Resources], found: Mapping[tuple[str, str], float]
) -> tuple[FixtureCost, ...]:
    """Give every fixture that lives longer than one test; older records don't tell how often."""
    tests = {one.case.node_id for one in records if not one.case.label}
    costs = []
    for one in records:
        case, turn = one.case, one.turn
        if not case.label.startswith(_FIXTURE) or case.node_id in tests:
            continue
        seconds = _seconds(one)
        users = found.get(("fixture_users", str(case.id)))
        costs.append(
            FixtureCost(
                f"{case.node_id} {case.label}",
                seconds,
                turn.attempt,
                turn.shared or seconds,
                None if users is None else int(users),
            )
        )
    return tuple(sorted(costs, key=_total, reverse=True))


def _collected(found: Mapping[tuple[str, str], float]) -> tuple[tuple[str, float], ...]:
    files = [(case, seconds) for (metric, case), seconds in found.items() if metric == _COLLECTED]
    return tuple(sorted(files, key=lambda one: one[1], reverse=True))


def _collection(found: Mapping[tuple[str, str], float]) -> float | None:
    """Give the longest collection of any process: workers collect beside each other."""
    return max(
        (seconds for (metric, _), seconds in found.items() if metric == "run_collection_time"),
        default=None,
    )


def _wall(found: Mapping[tuple[str, str], float], workers: Sequence[Lane]) -> float | None:
    """Give the run's elapsed time, else how long its tests were going on."""
    recorded = found.get(("run_time", "run"))
    if recorded is not None or not workers:
        return recorded
    first, last = span(workers)
    return last - first


_COLLECTED = "collection_time"


def _seconds(record: Resources) -> float:
    return record.figure("test_time") or 0.0


def _part_seconds(part: Part) -> float:
    return part.seconds


def _total(cost: FixtureCost) -> float:
    return cost.total


def _file(case: Case) -> str:
    return case.node_id.partition("::")[0]
