from __future__ import annotations

import math
import random
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, cast

import pytest

from paceline.engine.paired.pair import Failure, Pace, Seen, go_through
from paceline.engine.paired.suite import Plan, _Suite
from paceline.engine.paired.worker import WorkerError
from paceline.errors import MeasureError
from paceline.guard.outcome import Outcome, State
from paceline.guard.paired import terms_for
from paceline.model import Kind

if TYPE_CHECKING:
    from paceline.engine.paired.crews import Crew, Crews


@dataclass
class Item:
    """A test: its benchmark calls (cases and seconds a call), and how it ends."""

    name: str
    calls: list[tuple[list[str], float]] = field(default_factory=list)
    outcome: str = "passed"
    cold: int = 0  # calls over which the time falls from three times as much
    single: bool = False
    observers: tuple[str, ...] = ()


class FakeWorker:
    """A worker whose clock moves by what its code costs, and by an overhead for each call."""

    overhead = 1e-8

    def __init__(self, name: str, *items: Item) -> None:
        self.name = name
        self._items = {item.name: item for item in items}
        self._queue: list[dict[str, Any]] = []
        self._current: list[Item] = []
        self._call = self._called = 0
        self.orders: list[dict[str, Any]] = []
        self.pinned = True
        self._dead = False
        self._queue.append(self.collected())

    def tell(self, message: dict[str, Any]) -> None:
        self.orders.append(message)
        if message["do"] == "run":
            self._current = [self._items[name] for name in message["items"]]
            self._next_call(0)
        elif message["do"] == "leave":
            self._next_call(self._call + 1)
        elif message["do"] == "pin":
            self._queue.append({"say": "pinned", "pinned": self.pinned})
        elif message["do"] == "modules":
            self._queue.append({"say": "modules", "files": {}})
        else:
            took = {"say": "took", "seconds": self._take(message), "preempted": 0}
            self._queue.append(self.disturb(took, len(self.orders)))

    def disturb(self, took: dict[str, Any], _: int) -> dict[str, Any]:
        return took

    def hear(self) -> dict[str, Any]:
        if not self._queue and self._dead:
            raise WorkerError("it ended with status -11", side=self.name)
        return self._queue.pop(0)

    def ask(self, message: dict[str, Any]) -> dict[str, Any]:
        self.tell(message)
        return self.hear()

    def collected(self) -> dict[str, Any]:
        items = [
            {"item": name, "parameters": [], "group": "", "markers": []} for name in self._items
        ]
        return {"say": "collected", "items": items, "broken": []}

    def _next_call(self, index: int) -> None:
        item, self._call = self._current[0], index
        if item.outcome == "crashed":
            self._dead = True
            return
        if index < len(item.calls):
            cases = item.calls[index][0]
            ready = {"say": "ready", "cases": cases, "single": item.single}
            self._queue.append({**ready, "observers": list(item.observers)})
            return
        why = "" if item.outcome == "passed" else f"{item.name} went wrong"
        ended = {"say": "ended", "item": item.name, "outcome": item.outcome, "why": why}
        self._queue.append(ended)
        del self._current[0]
        if self._current:
            self._next_call(0)

    def _cold(self, item: Item) -> float:
        return max(1 - self._called / item.cold, 0.0) if item.cold else 0.0

    def _take(self, step: dict[str, Any]) -> list[float]:
        item = self._current[0]
        seconds = item.calls[self._call][1]
        taken = []
        for _ in range(step["rounds"]):
            cost = 0.0
            if step["phase"] != "empty loop":
                cost = seconds * step["count"] * (1 + 2 * self._cold(item))
                self._called += step["count"]
            taken.append(cost + self.overhead * step["count"])
        return taken


def through(
    base: FakeWorker,
    head: FakeWorker,
    *names: str,
    paces: dict[str, Pace] | None = None,
    only: frozenset[str] | None = None,
) -> list[Seen | Failure]:
    return list(
        go_through(
            cast("Crew", (base, head)),
            [(name, name) for name in names],
            random=random.Random(1),  # noqa: S311  (an order)
            processor=0,
            paces={} if paces is None else paces,
            only=only,
        )
    )


def sides(one: Item, other: Item) -> tuple[FakeWorker, FakeWorker]:
    workers = FakeWorker("base", one), FakeWorker("head", other)
    for worker in workers:
        worker.hear()
    return workers


@pytest.mark.parametrize("seconds", [2e-8, 1e-6, 1e-3, 0.3])
def test_the_ratio_is_that_of_the_work_without_the_loop(seconds: float) -> None:
    pair = sides(Item("t", [(["t"], seconds)]), Item("t", [(["t"], 1.05 * seconds)]))
    (seen,) = through(*pair, "t")
    assert isinstance(seen, Seen)
    assert seen.log_ratio == pytest.approx(math.log(1.05), rel=1e-6)
    assert seen.base == pytest.approx(seconds)


def test_calls_of_a_batch_are_learnt_once_and_last_about_a_millisecond() -> None:
    pair = sides(Item("t", [(["t"], 1e-6)]), Item("t", [(["t"], 1e-6)]))
    paces: dict[str, Pace] = {}
    through(*pair, "t", paces=paces)
    assert 500 <= paces["t"].count <= 2000
    again = sides(Item("t", [(["t"], 1e-6)]), Item("t", [(["t"], 1e-6)]))
    through(*again, "t", paces=paces)
    assert not [one for one in again[0].orders if one.get("phase") == "calibration"]


def test_both_sides_take_the_same_steps_in_random_order() -> None:
    pair = sides(Item("t", [(["t"], 1e-6)]), Item("t", [(["t"], 1e-6)]))
    through(*pair, "t")
    assert pair[0].orders == pair[1].orders


def test_setup_and_teardown_keep_one_call_to_a_batch() -> None:
    item = Item("t", [(["t"], 1e-6)], single=True)
    pair = sides(item, Item("t", [(["t"], 1e-6)], single=True))
    through(*pair, "t")
    assert {one["count"] for one in pair[0].orders if one["do"] == "step"} == {1}


def test_code_that_is_still_cold_is_left_out() -> None:
    warm = Item("t", [(["t"], 1e-4)])
    (seen,) = through(*sides(Item("t", [(["t"], 1e-4)], cold=30), warm), "t")
    assert isinstance(seen, Seen)
    assert seen.level
    assert seen.log_ratio == pytest.approx(0, abs=1e-6)


def test_code_that_never_gets_level_is_said() -> None:
    warm = Item("t", [(["t"], 1e-4)])
    (seen,) = through(*sides(Item("t", [(["t"], 1e-4)], cold=800), warm), "t")
    assert isinstance(seen, Seen)
    assert not seen.level


def test_batches_that_lost_the_processor_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    def disturb(_: FakeWorker, took: dict[str, Any], number: int) -> dict[str, Any]:
        if number % 3:
            return took
        return {**took, "seconds": [9 * one for one in took["seconds"]], "preempted": 1}

    monkeypatch.setattr(FakeWorker, "disturb", disturb)
    pair = sides(Item("t", [(["t"], 1e-4)]), Item("t", [(["t"], 1.05e-4)]))
    (seen,) = through(*pair, "t")
    assert isinstance(seen, Seen)
    assert seen.log_ratio == pytest.approx(math.log(1.05), rel=1e-6)


def test_every_benchmark_of_a_test_is_measured() -> None:
    calls = [(["t#x", "t#y"], 1e-5), (["t#z"], 2e-5)]
    found = through(*sides(Item("t", calls), Item("t", calls)), "t")
    assert [one.case for one in found if isinstance(one, Seen)] == ["t#x", "t#y", "t#z"]


def test_what_is_decided_is_let_through() -> None:
    calls = [(["t#x"], 1e-5), (["t#z"], 2e-5)]
    found = through(*sides(Item("t", calls), Item("t", calls)), "t", only=frozenset({"t#z"}))
    assert [one.case for one in found if isinstance(one, Seen)] == ["t#z"]


def test_the_next_test_follows_whatever_became_of_the_one_before() -> None:
    good = Item("u", [(["u"], 1e-5)])
    bad = Item("t", [], outcome="failed")
    base = FakeWorker("base", Item("t", [(["t"], 1e-5)]), good)
    head = FakeWorker("head", bad, good)
    assert [worker.hear()["say"] for worker in (base, head)] == ["collected"] * 2
    found = through(base, head, "t", "u")
    assert Failure("t", "head", "failed", "t went wrong") in found
    assert [one.case for one in found if isinstance(one, Seen)] == ["u"]


def test_a_benchmark_that_one_side_lacks_is_said() -> None:
    calls = [(["t"], 1e-5)]
    found = through(*sides(Item("t", calls), Item("t", [*calls, (["t#2"], 1e-5)])), "t")
    assert Failure("t", "head", "alone", "it measures on the head side only") in found


def test_a_test_that_measures_nothing_is_said() -> None:
    (found,) = through(*sides(Item("t"), Item("t")), "t")
    assert isinstance(found, Failure)
    assert "nothing" in found.why


def test_who_watches_the_code_is_said() -> None:
    calls = [(["t"], 1e-5)]
    (seen,) = through(*sides(Item("t", calls, observers=("coverage",)), Item("t", calls)), "t")
    assert isinstance(seen, Seen)
    assert seen.observers == ("coverage",)


class FakeCrews:
    """Starts pairs of fake workers afresh; the head's code costs ``factor`` times as much."""

    def __init__(self, *items: Item, factor: float = 1.0, gone: Item | None = None) -> None:
        self.items, self.factor, self.gone, self.started = items, factor, gone, 0
        self.broken: list[str] = []

    def take(self) -> tuple[FakeWorker, FakeWorker]:
        self.started += 1
        head = [
            replace(item, calls=[(cases, self.factor * cost) for cases, cost in item.calls])
            for item in self.items
        ]
        base = [*self.items, self.gone] if self.gone else self.items
        workers = FakeWorker("base", *base), FakeWorker("head", *head)
        workers[1]._queue[0]["broken"] = self.broken
        return workers

    def narrow(self, files: list[str]) -> None:
        assert files

    def start_ahead(self, *, beside: int) -> None:
        assert beside >= 0

    def release(self, crew: object) -> None:
        assert crew


def compared(crews: FakeCrews, **settings: Any) -> dict[str, Outcome]:
    plan = Plan(
        terms=lambda _, cases: terms_for(0.03, cases=cases),
        seconds=1,
        exactly=settings.get("exactly", 0),
        seed=1,
    )
    suite = _Suite(plan, {"base": (), "head": ()}, lambda *_: settings.get("doubt", ""))
    suite.run(cast("Crews", crews), lambda *_: None, deadline=settings.get("deadline", math.inf))
    return {one.case.id: one for one in suite.compared(1.0).outcomes}


def test_code_that_costs_the_same_is_equivalent_after_few_pairs() -> None:
    crews = FakeCrews(Item("t", [(["t"], 1e-5)]))
    (found,) = compared(crews).values()
    assert found.state is State.DECIDED
    assert found.decision
    assert found.decision.kind is Kind.OK
    assert crews.started < 12


@pytest.mark.parametrize(("factor", "kind"), [(1.1, Kind.REGRESSED), (0.9, Kind.IMPROVED)])
def test_a_change_is_confirmed_by_fresh_pairs(factor: float, kind: Kind) -> None:
    found = compared(FakeCrews(Item("t", [(["t"], 1e-5)]), factor=factor))["t"]
    assert found.decision
    assert found.decision.kind is kind
    assert found.pairs
    assert found.confirmation


def test_exactly_so_many_pairs_are_taken_when_asked() -> None:
    found = compared(FakeCrews(Item("t", [(["t"], 1e-5)])), exactly=7)["t"]
    assert len(found.pairs) == 7
    assert not found.confirmation


def test_cases_of_one_side_are_new_or_gone() -> None:
    gone = Item("old", [(["old"], 1e-5)])
    found = compared(FakeCrews(Item("t", [(["t"], 1e-5)]), gone=gone))
    assert found["old"].state is State.GONE


def test_time_that_has_run_out_leaves_what_is_known() -> None:
    found = compared(FakeCrews(Item("t", [(["t"], 1e-5)])), deadline=-math.inf)["t"]
    assert found.decision
    assert len(found.pairs) == 1
    assert found.decision.kind is Kind.UNSURE


def test_files_from_the_other_side_make_everything_unsure() -> None:
    found = compared(FakeCrews(Item("t", [(["t"], 1e-5)])), doubt="it came from elsewhere")["t"]
    assert found.decision
    assert (found.decision.kind, found.decision.because) == (Kind.UNSURE, "it came from elsewhere")


def test_nothing_to_compare_names_what_could_not_be_collected() -> None:
    crews = FakeCrews()
    crews.broken = ["test_a.py: ImportError: no pandas"]
    with pytest.raises(MeasureError, match="no pandas"):
        compared(crews)


@pytest.mark.parametrize(("outcome", "state"), [("failed", "failed"), ("skipped", "skipped")])
def test_a_test_that_does_not_pass_is_said(outcome: str, state: str) -> None:
    found = compared(FakeCrews(Item("t", [(["t"], 1e-5)], outcome=outcome)))["t"]
    assert found.state.value == state
    assert "on the base" in found.why


def test_a_worker_that_dies_takes_only_its_own_case_with_it() -> None:
    calls = [(["t"], 1e-5)]
    first, crash, last = Item("t", calls), Item("c", outcome="crashed"), Item("u", [(["u"], 1e-5)])
    found = compared(FakeCrews(first, crash, last))
    assert found["c"].state is State.FAILED
    assert "status -11" in found["c"].why
    kinds = {name: one.decision and one.decision.kind for name, one in found.items()}
    assert kinds == {"t": Kind.OK, "c": None, "u": Kind.OK}
