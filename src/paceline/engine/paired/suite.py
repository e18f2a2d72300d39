"""The whole comparison: process pairs until every case is decided or the time is spent."""

from __future__ import annotations

import random
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from paceline.engine.paired.counting import Counting, count_sides, explain_sides
from paceline.engine.paired.course import Course
from paceline.engine.paired.crews import Crews
from paceline.engine.paired.pair import CRASHED, Failure, Pace, Seen, go_through
from paceline.engine.paired.variants import Variants, matching
from paceline.errors import MeasureError
from paceline.guard.outcome import Compared, Outcome, State
from paceline.guard.paired import patient
from paceline.model import Case
from paceline.probes.processor import allowed
from paceline.stats.paired_spread import suite_spread

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path

    from paceline.engine.paired.channel import Message
    from paceline.engine.paired.crews import Crew
    from paceline.engine.paired.worker import Start
    from paceline.guard.paired import Terms
    from paceline.stats.profile import Profile

__all__ = ["Plan", "compare_sides"]


@dataclass(frozen=True, slots=True)
class Plan:
    """How to compare: ``terms(case, cases)`` decides about one of so many, within ``seconds``.

    ``variants`` names the parameter's value that each side runs, where two are compared;
    ``exactly`` takes that many pairs of every case and decides at the end, 0 decides as it goes;
    ``reference`` is the log ratio that is judged against. In so many ``processes`` of each side
    instructions are counted afterwards; ``explains`` tells functions apart for what changed.
    """

    terms: Callable[[Case, int], Terms]
    seconds: float
    variants: Variants = field(default_factory=dict)
    exactly: int = 0
    reference: float = 0.0
    seed: int | None = None
    processes: int = 0
    explains: bool = False


def compare_sides(  # noqa: PLR0913  (keyword-only, each is one part of the comparison)
    starts: tuple[Start, Start],
    plan: Plan,
    *,
    folder: Path,
    watch: Callable[[int, Sequence[Outcome]], None],
    names: Mapping[str, Sequence[str]],
    doubts: Callable[[str, Mapping[str, str]], str],
) -> Compared:
    """Run process pairs of base and head until all is decided.

    ``folder`` takes the workers' output; ``watch`` hears how things stand after every pair;
    ``names`` holds each side's top-level modules, and ``doubts`` says what is wrong with the files
    that they came from, "" when nothing is.

    Raises:
        MeasureError: there is nothing to compare, or a worker ended.
    """
    start = time.perf_counter()
    suite = _Suite(plan, names, doubts)
    with Crews(starts, random=suite.random, folder=folder) as crews:
        suite.run(crews, watch, deadline=start + plan.seconds)
    if plan.processes:
        suite.count(starts, folder)
    return suite.compared(time.perf_counter() - start)


class _Suite:
    def __init__(
        self,
        plan: Plan,
        names: Mapping[str, Sequence[str]],
        doubts: Callable[[str, Mapping[str, str]], str],
    ) -> None:
        self.random = random.Random(plan.seed)  # noqa: S311  (an order, no secret)
        self._plan, self._names, self._doubts = plan, names, doubts
        self._paces: dict[str, Pace] = {}
        self._courses: dict[str, Course] = {}
        self._items: dict[str, tuple[str, str]] = {}  # head's node id to (base's, head's)
        self._described: dict[str, Message] = {}
        self._apart: list[Outcome] = []
        self._notes: dict[str, None] = {}
        self._doubt = ""
        self._profiles: dict[str, tuple[Profile, Profile]] = {}
        self._pinned = True
        self._surveyed = False  # whether a pair went through all items
        self._pairs = 0

    def run(
        self,
        crews: Crews,
        watch: Callable[[int, Sequence[Outcome]], None],
        *,
        deadline: float,
    ) -> None:
        longest = 0.0
        while not self._surveyed or self._undecided():
            began = time.perf_counter()
            if self._pairs and began + longest > deadline:
                self._notes["the time ran out before all was decided"] = None
                break
            self._pair(crews)
            longest = max(longest / 2, time.perf_counter() - began)
            self._judge()
            watch(self._pairs, self._outcomes())
        self._judge(last=True)

    def count(self, starts: tuple[Start, Start], folder: Path) -> None:
        """Count what was compared; why that can't be had is a note, and never ends anything."""
        cases = frozenset(name for name, one in self._courses.items() if one.state is State.DECIDED)
        if not cases:
            return
        counting = Counting(self._items_of(cases), self._paces, cases)
        try:
            counts, missing = count_sides(
                starts, counting, folder=folder, processes=self._plan.processes
            )
            for case, found in counts.items():
                self._courses[case].counted = found
            for said in () if counts else missing:
                self._notes[f"not counted: {said}"] = None
            moved = frozenset(case for case in counts if self._courses[case].moved)
            if self._plan.explains and moved:
                counting = Counting(self._items_of(moved), self._paces, moved)
                self._profiles = dict(explain_sides(starts, counting, folder=folder))
        except MeasureError as error:
            self._notes[f"not counted: {error.problem}".replace("\n", "; ")] = None

    def _items_of(self, cases: frozenset[str]) -> list[tuple[str, str]]:
        wanted = {self._courses[case].case.node_id for case in cases}
        return [pair for item, pair in self._items.items() if item in wanted]

    def compared(self, seconds: float) -> Compared:
        return Compared(
            tuple(self._outcomes()),
            self._pairs,
            seconds,
            self._pinned,
            tuple(self._notes),
            self._profiles,
        )

    def _undecided(self) -> list[Course]:
        return [course for course in self._courses.values() if course.undecided]

    def _outcomes(self) -> list[Outcome]:
        return [*(course.outcome() for course in self._courses.values()), *self._apart]

    def _judge(self, *, last: bool = False) -> None:
        cases = len(self._courses)
        spread = suite_spread([course.pairs for course in self._courses.values()])
        for course in self._undecided():
            terms = self._plan.terms(course.case, cases)
            course.judge(
                terms if self._pinned else patient(terms),
                spread=spread,
                exactly=self._plan.exactly,
                last=last,
                doubt=self._doubt,
            )

    def _pair(self, crews: Crews) -> None:
        """Take two fresh processes through what is undecided, and let them go."""
        crew = crews.take()
        collected = [worker.hear() for worker in crew]
        only = frozenset(one.case.id for one in self._undecided()) if self._surveyed else None
        if not self._pairs:
            self._match(*collected)
        processor = self._pin(crew)
        if not self._pairs and self._items:
            pairs = self._items.values()
            crews.narrow(list(dict.fromkeys(head.partition("::")[0] for _, head in pairs)))
        crews.start_ahead(beside=processor)
        items = self._wanted(only)
        if items:
            seen = go_through(
                crew,
                items,
                random=self.random,
                processor=processor,
                paces=self._paces,
                only=only,
            )
            crashes = [self._take(one) for one in seen]
            if not any(crashes):  # else one worker is gone and the other waits
                self._check(crew)
                self._surveyed = True
        else:
            self._surveyed = True
        crews.release(crew)
        self._pairs += 1

    def _wanted(self, only: frozenset[str] | None) -> list[tuple[str, str]]:
        """Give the items that hold an undecided case, as they were collected."""
        if only is None:
            ended = {course.case.node_id for course in self._courses.values() if course.failing}
            return [pair for item, pair in self._items.items() if item not in ended]
        return self._items_of(only)

    def _pin(self, crew: Crew) -> int:
        processors = allowed()
        processor = self.random.choice(processors) if processors else 0
        order = {"do": "pin", "processor": processor}
        pinned = [worker.ask(order)["pinned"] for worker in crew]
        self._pinned = self._pinned and all(pinned)
        return processor

    def _check(self, crew: Crew) -> None:
        """Ask where the project's modules came from; one from elsewhere spoils everything."""
        for worker in crew:
            names = list(self._names[worker.name])
            files = worker.ask({"do": "modules", "names": names})["files"]
            self._doubt = self._doubt or self._doubts(worker.name, files)

    def _match(self, base: Message, head: Message) -> None:
        """Pair the two sides' items up; what only one side has is new or gone."""
        sides = {"base": base, "head": head}
        for side, message in sides.items():
            for broken in message["broken"]:
                self._notes[f"not collected on the {side}: {broken}"] = None
        key_of = matching(self._plan.variants)
        before, now = (
            {key: item for item in message["items"] if (key := key_of(side, item)) is not None}
            for side, message in sides.items()
        )
        if not before and not now:
            said = "; ".join(self._notes) or "no test asks for the benchmark fixture"
            raise MeasureError(
                f"there is nothing to compare: {said}",
                remedy="name the folder of the benchmarks, as in: paceline ab -- performance",
            )
        self._described = {item["item"]: item for item in now.values()}
        self._items = {
            item["item"]: (before[key]["item"], item["item"])
            for key, item in now.items()
            if key in before
        }
        new = (item for key, item in now.items() if key not in before)
        gone = (item for key, item in before.items() if key not in now)
        self._apart += [Outcome(_case_of(item), State.NEW) for item in new]
        self._apart += [Outcome(_case_of(item), State.GONE) for item in gone]

    def _take(self, one: Seen | Failure) -> bool:
        """Add what was seen; True when a worker ended, so that the items after it are to come."""
        if isinstance(one, Seen):
            self._course(one.item, one.case).take(one)
            return False
        courses = [course for course in self._courses.values() if course.case.node_id == one.item]
        for course in courses or [self._course(one.item, one.item)]:
            course.fail(one)
        return one.outcome == CRASHED

    def _course(self, item: str, case: str) -> Course:
        if case not in self._courses:
            label = case.removeprefix(item).removeprefix("#")
            self._courses[case] = Course(
                _case_of(self._described[item], label), self._plan.reference
            )
        return self._courses[case]


def _case_of(item: Message, label: str = "") -> Case:
    parameters: Iterable[Sequence[str]] = item["parameters"]
    return Case(
        node_id=item["item"],
        label=label,
        parameters=tuple((name, value) for name, value in parameters),
        group=item["group"],
        markers=tuple(item["markers"]),
    )
