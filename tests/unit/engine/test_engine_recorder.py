from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path  # noqa: TC003  (a field's type)

import pytest

from paceline.engine.recorder import Recorder
from paceline.model import METRICS, RESOURCES, Case, Host, Measurement, Resources, Run, RunId
from paceline.store.retention import Retention
from paceline.store.sqlite import Store

RUN = Run(RunId("a"), 1.0, Host("Example 9000", 2, 2**33, "Linux 6.1", "CPython 3.11.7"))
CASE = Case("tests/test_score.py::test_one")
RECORD = Resources(CASE, (0.5,) * len(RESOURCES))
MEASUREMENT = Measurement(CASE, METRICS["wall_time"], (0.25,))


@dataclass(slots=True)
class Desk:
    """A recorder whose clock stands where the test puts it."""

    path: Path
    now: float = 0.0
    store: Store = field(init=False)
    recorder: Recorder = field(init=False)

    def __post_init__(self) -> None:
        self.store = Store(self.path, clock=lambda: 1.0)
        self.recorder = Recorder(self.store, RUN, now=lambda: self.now)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path / "kept.sqlite")


def test_records_wait_for_a_second_to_pass(desk: Desk) -> None:
    desk.recorder.add_resources((RECORD,))
    assert desk.store.runs() == ()
    desk.now = 1.0
    desk.recorder.add_resources((replace(RECORD, case=Case("tests/test_score.py::test_two")),))
    assert len(desk.store.resources(RUN.id)) == 2


def test_what_was_written_is_not_written_again(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    written = []
    monkeypatch.setattr(Store, "append", lambda *given: written.append(len(given[-1])))
    monkeypatch.setattr(Store, "keep_resources", lambda *given: written.append(len(given[-1])))
    for _ in range(2):
        desk.now += 1.0
        desk.recorder.add((MEASUREMENT,))
        desk.recorder.add_resources((RECORD,))
    desk.recorder.finish(RUN, Retention())
    assert written == [1, 1, 1, 1]


def test_measurements_and_records_are_written_together(desk: Desk) -> None:
    desk.recorder.add_resources((RECORD,))
    desk.now = 1.0
    desk.recorder.add((MEASUREMENT,))
    assert desk.store.resources(RUN.id) == (RECORD,)
    assert desk.store.measurements(RUN.id) == (MEASUREMENT,)


def test_what_waits_at_the_end_is_written_then(desk: Desk) -> None:
    desk.recorder.add_resources((RECORD,))
    desk.recorder.finish(replace(RUN, complete=True), Retention())
    assert desk.store.resources(RUN.id) == (RECORD,)
    assert desk.store.runs() == (replace(RUN, complete=True),)


def test_an_interrupted_run_keeps_its_records_and_stays_torn(desk: Desk) -> None:
    desk.recorder.add_resources((RECORD,))
    desk.recorder.finish(RUN, Retention())
    assert desk.store.resources(RUN.id) == (RECORD,)
    assert desk.store.runs() == (RUN,)


def test_a_store_that_fails_costs_one_line(desk: Desk) -> None:
    desk.path.mkdir()
    for _ in range(2):
        desk.now += 1.0
        desk.recorder.add_resources((RECORD,))
    desk.recorder.finish(replace(RUN, complete=True), Retention())
    (line,) = desk.recorder.notes
    assert line.startswith("not recorded: ")
    assert "a directory stands where the store's file should be" in line
    assert "\n" not in line
