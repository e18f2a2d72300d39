from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import pytest

from paceline.engine.paired.director import RemoteDirector
from paceline.model import CaseId

if TYPE_CHECKING:
    from pathlib import Path

    from paceline.engine.paired.channel import Channel
    from paceline.probes.interleaving import Interleaved
    from paceline.probes.sampling import Sampled

STEP = {"do": "step", "case": 0, "phase": "measurement", "count": 10, "rounds": 2}


class Line:
    """The controller's words, one after the other; then nobody is there."""

    def __init__(self, *orders: dict[str, Any]) -> None:
        self.orders, self.said = list(orders), list[dict[str, Any]]()

    def send(self, message: dict[str, Any]) -> bool:
        self.said.append(message)
        return True

    def receive(self) -> dict[str, Any] | None:
        return self.orders.pop(0) if self.orders else None


def served(line: Line, *cases: str) -> tuple[Sampled, ...]:
    """Take rounds of about a microsecond a call until the procedure has had enough."""
    director = RemoteDirector(cast("Channel", line))
    steps: Interleaved = director.direct([CaseId(case) for case in cases], single=False)
    answer: tuple[float, ...] | None = None
    while True:
        try:
            _, step = steps.send(cast("tuple[float, ...]", answer))
        except StopIteration as stop:
            return cast("tuple[Sampled, ...]", stop.value)
        answer = (step.count * 2**-20,) * step.rounds


def test_it_says_what_is_ready_and_takes_what_is_asked_for() -> None:
    line = Line(STEP, {"do": "leave"})
    (found,) = served(line, "test_a")
    assert (line.said[0]["say"], line.said[0]["cases"]) == ("ready", ["test_a"])
    assert line.said[1]["say"] == "took"
    assert line.said[1]["seconds"] == (10 * 2**-20,) * 2
    assert line.said[1]["preempted"] >= 0
    assert found.values == (2**-20, 2**-20)
    assert found.iterations == 10


def test_the_empty_loop_is_no_value() -> None:
    line = Line({**STEP, "phase": "empty loop"}, STEP)
    (found,) = served(line, "test_a")
    assert len(found.values) == 2


@pytest.mark.parametrize("orders", [[], [{"do": "leave"}]])
def test_a_case_that_nobody_measures_is_called_once(orders: list[dict[str, Any]]) -> None:
    found = served(Line(*orders), "test_a#x", "test_a#y")
    assert [one.values for one in found] == [(2**-20,), (2**-20,)]


def test_rounds_of_the_usual_length_are_the_values() -> None:
    line = Line({**STEP, "count": 1, "rounds": 1}, STEP, STEP)
    (found,) = served(line, "test_a")
    assert (len(found.values), found.warmup) == (4, 1)


def test_a_count_is_passed_on_and_is_no_value() -> None:
    line = Line({**STEP, "phase": "count", "rounds": 1}, STEP)
    (found,) = served(line, "test_a")
    assert line.said[1]["seconds"] == (10 * 2**-20,)
    assert len(found.values) == 2


def test_a_worker_says_what_it_can_count_by(tmp_path: Path) -> None:
    director = RemoteDirector(cast("Channel", Line()))
    said = director.prepare(str(tmp_path / "out"), explains=False)
    assert said["say"] == "counter"
    assert any("callgrind" in one for one in said["missing"])
    assert (director.tally is not None) is bool(said["name"])
