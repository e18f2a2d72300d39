from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import pytest

from paceline.probes.interleaving import interleaved
from paceline.probes.options import BenchmarkOptions, Warmup
from paceline.probes.sampling import Fixed, Phase, Procedure, Sampled, Step, automatic, fixed

if TYPE_CHECKING:
    from collections.abc import Callable

OPTIONS = BenchmarkOptions(min_time=1e-4, max_time=1.0, precision=0.01)
LOOP = 1e-8  # seconds of an empty turn


class Machine:
    """A clock and code whose cost depends on how often it was called."""

    def __init__(self, cost: Callable[[int], float]) -> None:
        self.cost = cost
        self.calls = 0
        self.time = 0.0
        self.steps: list[Step] = []

    def now(self) -> float:
        return self.time

    def take(self, step: Step) -> tuple[float, ...]:
        self.steps.append(step)
        rounds = []
        for _ in range(step.rounds):
            seconds = step.count * LOOP
            if step.phase is not Phase.EMPTY:
                for _ in range(min(step.count, 50)):
                    seconds += self.cost(self.calls) * step.count / min(step.count, 50)
                    self.calls += 1
            self.time += seconds
            rounds.append(seconds)
        return tuple(rounds)

    def drive(self, procedure: Procedure) -> Sampled:
        step = next(procedure)
        while True:
            try:
                step = procedure.send(self.take(step))
            except StopIteration as stop:
                sampled: Sampled = stop.value
                return sampled


def run(machine: Machine, options: BenchmarkOptions = OPTIONS, *, single: bool = False) -> Sampled:
    return machine.drive(automatic(options, resolution=1e-9, now=machine.now, single=single))


@pytest.mark.parametrize("cost", [5e-8, 1e-6, 1e-4, 3e-2])
def test_the_figure_is_the_cost_of_a_call_without_the_loop(cost: float) -> None:
    sampled = run(Machine(lambda _: cost))
    assert max(sampled.values) == pytest.approx(cost, rel=1e-6)
    assert min(sampled.values) == pytest.approx(cost, rel=1e-6)


@pytest.mark.parametrize("cost", [5e-8, 1e-6, 1e-5])
def test_a_round_lasts_as_long_as_asked(cost: float) -> None:
    sampled = run(Machine(lambda _: cost))
    assert sampled.iterations * (cost + LOOP) >= 0.98 * OPTIONS.min_time


def test_steady_code_stops_at_the_pilot() -> None:
    machine = Machine(lambda _: 1e-5)
    sampled = run(machine)
    assert sampled.stopped == "the precision asked for"
    assert machine.time < 0.25


def test_unsteady_code_runs_to_the_cap_and_not_far_beyond() -> None:
    machine = Machine(lambda call: 1e-3 * (1 + call % 7))
    sampled = run(machine, dataclasses.replace(OPTIONS, precision=0.0001))
    assert sampled.stopped == "the cap"
    assert 1.0 <= machine.time < 1.1


def test_slow_code_gets_the_fewest_rounds() -> None:
    sampled = run(Machine(lambda _: 0.7))
    assert len(sampled.values) == OPTIONS.min_rounds
    assert sampled.warm.startswith("the first call only")


def test_the_first_call_is_told_apart_from_the_rest() -> None:
    sampled = run(Machine(lambda call: 0.05 if call == 0 else 1e-5))
    assert sampled.first_call == pytest.approx(0.05, rel=1e-3)
    assert sampled.warming == pytest.approx(0.05, rel=0.05)
    assert max(sampled.values) < 2e-5


def test_warm_up_runs_until_the_series_is_level() -> None:
    sampled = run(Machine(lambda call: 1e-4 if call > 60 else 1e-3))
    assert sampled.warm == "level"
    assert sum(value > 2e-4 for value in sampled.values) <= 1


def test_code_that_becomes_faster_under_watch_is_calibrated_again() -> None:
    sampled = run(
        Machine(lambda call: 1e-6 if call > 900 else 1e-4),
        dataclasses.replace(OPTIONS, warmup=Warmup.OFF),
    )
    assert max(sampled.values) == pytest.approx(1e-6, rel=0.05)


def test_with_a_setup_a_round_is_one_call() -> None:
    assert run(Machine(lambda _: 1e-6), single=True).iterations == 1


def test_a_figure_is_never_below_the_clocks_resolution() -> None:
    sampled = run(Machine(lambda _: 0.0))
    assert min(sampled.values) * sampled.iterations >= 1e-9 * (1 - 1e-9)


@pytest.mark.parametrize("plan", [Fixed(1), Fixed(100, 10, 10), Fixed(3, 1, 0)])
def test_rounds_by_hand_are_taken_to_the_letter(plan: Fixed) -> None:
    machine = Machine(lambda _: 1e-3)
    sampled = machine.drive(fixed(plan, resolution=1e-9))
    calls = sum(step.count * step.rounds for step in machine.steps if step.phase is not Phase.EMPTY)
    assert (len(sampled.values), sampled.iterations) == (plan.rounds, plan.iterations)
    assert calls == plan.iterations * (plan.rounds + plan.warmup_rounds)


def test_interleaved_rounds_pair_up_and_meet_every_block() -> None:
    machine = Machine(lambda _: 1e-4)
    orders: list[list[int]] = []

    def shuffle(order: list[int]) -> None:
        order.reverse()
        orders.append(list(order))

    procedure = interleaved(3, OPTIONS, resolution=1e-9, now=machine.now, shuffle=shuffle)
    index, step = next(procedure)
    while True:
        try:
            index, step = procedure.send(machine.take(step))
        except StopIteration as stop:
            lengths = {len(sampled.values) for sampled in stop.value}
            break
    assert index in {0, 1, 2}
    assert lengths == {len(orders) * 4}
    assert orders[:2] == [[2, 1, 0], [0, 1, 2]]


@pytest.mark.parametrize("first", [0.25, 0.6, 1.5])
def test_a_slow_first_call_does_not_make_the_code_slow(first: float) -> None:
    sampled = run(Machine(lambda call: first if call == 0 else 1e-6))
    assert sampled.iterations > 50
    assert max(sampled.values) == pytest.approx(1e-6, rel=1e-3)
    assert sampled.first_call == pytest.approx(first, rel=1e-3)
