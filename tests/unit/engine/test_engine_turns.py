from __future__ import annotations

import pytest

from paceline.engine.turns import Turns
from paceline.model import RESOURCES, Case, Resources, Turn

ONE, TWO = "test_a.py::test_one", "test_a.py::test_two"
PHASES = ("setup", "call", "teardown")


def record(node_id: str, label: str = "", time: float = 4.0, **more: float) -> Resources:
    figures = {"test_time": time, **more}
    return Resources(Case(node_id, label), tuple(figures.get(name) for name in RESOURCES))


def hear(turns: Turns, node_id: str, *outcomes: str, expected: bool = False) -> None:
    """Hear the phases of a test; "" leaves one out."""
    for when, outcome in zip(PHASES, outcomes, strict=False):
        if outcome:
            turns.hear(
                node_id,
                when,
                outcome=outcome,
                started=100.0,
                worker="gw1",
                expected=expected and when != "teardown",
            )


def heard(*outcomes: str, expected: bool = False) -> str:
    turns = Turns()
    hear(turns, ONE, *outcomes, expected=expected)
    (found,) = turns.give([record(ONE)])
    return found.turn.outcome


@pytest.mark.parametrize(
    ("outcomes", "expected", "word"),
    [
        (("passed", "passed", "passed"), False, "passed"),
        (("passed", "failed", "passed"), False, "failed"),
        (("passed", "rerun", "passed"), False, "failed"),
        (("passed", "failed", "failed"), False, "failed"),
        (("passed", "passed", "failed"), False, "error"),
        (("failed", "", "passed"), False, "error"),
        (("skipped", "", "passed"), False, "skipped"),
        (("passed", "skipped", "passed"), False, "skipped"),
        (("passed", "skipped", "passed"), True, "xfailed"),
        (("skipped", "", "passed"), True, "xfailed"),
        (("passed", "passed", "passed"), True, "xpassed"),
        (("passed", "failed", "passed"), True, "failed"),
    ],
)
def test_an_outcome_is_put_together_from_the_phases(
    outcomes: tuple[str, ...], expected: bool, word: str
) -> None:
    if expected and outcomes[0] == "passed":
        turns = Turns()
        hear(turns, ONE, "passed")
        hear(turns, ONE, "", *outcomes[1:], expected=True)
        (found,) = turns.give([record(ONE)])
        assert found.turn.outcome == word
    else:
        assert heard(*outcomes, expected=expected) == word


def test_a_turn_says_where_and_when_and_in_which_order() -> None:
    turns = Turns()
    for node_id in (TWO, ONE):
        hear(turns, node_id, "passed", "passed", "passed")
    one, two = turns.give([record(ONE), record(TWO)])
    assert one.turn == Turn("gw1", 1, 100.0, "passed", 1)
    assert two.turn == Turn("gw1", 0, 100.0, "passed", 1)


def test_a_test_run_again_counts_its_attempts() -> None:
    turns = Turns()
    hear(turns, ONE, "passed", "rerun")
    hear(turns, ONE, "passed", "passed", "passed")
    (found,) = turns.give([record(ONE)])
    assert (found.turn.attempt, found.turn.outcome) == (2, "passed")


def test_a_test_that_goes_on_is_held_back_until_it_is_done() -> None:
    turns = Turns()
    hear(turns, ONE, "passed", "passed", "passed")
    hear(turns, TWO, "passed", "passed")
    assert [one.case.node_id for one in turns.give([record(ONE), record(TWO)])] == [ONE]
    assert turns.give([]) == ()
    hear(turns, TWO, "", "", "failed")
    (two,) = turns.give([])
    assert two.turn.outcome == "error"


def test_what_is_held_back_is_given_at_the_end() -> None:
    turns = Turns()
    hear(turns, ONE, "passed", "passed")
    assert turns.give([record(ONE), record(ONE, "fixture tmp")]) == ()
    assert [one.case.label for one in turns.finish()] == ["", "fixture tmp"]
    assert turns.finish() == ()


def test_a_record_without_a_report_has_no_turn() -> None:
    turns = Turns()
    turns.give([record(ONE), record("test_a.py", "fixture app")])
    assert {one.turn for one in turns.finish()} == {Turn()}


def crash(turns: Turns, outcome: str = "failed") -> tuple[Resources, ...]:
    return turns.hear(ONE, "???", outcome=outcome, started=0.0, worker="gw2", expected=False)


def test_a_test_that_crashed_has_a_record_without_figures() -> None:
    turns = Turns()
    hear(turns, ONE, "passed")
    (found,) = crash(turns)
    assert found.figures == (None,) * len(RESOURCES)
    assert found.turn == Turn("gw1", 0, 100.0, "crashed", 1)
    assert found.measurements() == ()


def test_a_crash_is_the_first_that_may_be_heard_of_a_test() -> None:
    (found,) = crash(Turns())
    assert found.turn == Turn("gw2", 0, 0.0, "crashed", 1)


def test_a_phase_of_another_name_that_did_not_fail_says_nothing() -> None:
    assert crash(Turns(), "passed") == ()


def test_set_ups_of_shared_fixtures_are_told_with_the_test_they_happened_in() -> None:
    turns = Turns()
    for node_id in (ONE, TWO):
        hear(turns, node_id, "passed", "passed", "passed")
    stream = [
        record(ONE, time=9.0),
        record("test_a.py", "fixture app", 1.0),
        record(ONE, "fixture tmp", 2.0),
        record(".", "fixture db", 4.0),
        record(TWO, time=3.0),
    ]
    one, app, own, db, two = turns.give(stream)
    assert (one.turn.shared, two.turn.shared, own.turn.shared) == (5.0, 0.0, 0.0)
    assert {place.turn.position for place in (one, app, own, db)} == {0}
    assert (app.turn.outcome, app.turn.attempt, app.turn.shared) == ("", 1, 1.0)


def test_set_ups_take_no_longer_than_what_came_before_the_teardown() -> None:
    turns = Turns()
    hear(turns, ONE, "passed", "passed", "passed")
    inner, outer = record(".", "fixture inner", 2.0), record(".", "fixture outer", 2.5)
    found, *_ = turns.give([record(ONE, time=4.0, test_teardown_time=1.0), inner, outer])
    assert found.turn.shared == 3.0


def test_a_fixture_set_up_again_tells_how_often_and_how_long_in_all() -> None:
    turns = Turns()
    app = "test_a.py", "fixture app"
    for node_id, time in ((ONE, 3.0), (TWO, 1.0), ("test_a.py::test_three", 2.0)):
        hear(turns, node_id, "passed", "passed", "passed")
        turns.give([record(node_id), record(*app, time)])
    (found,) = turns.finish()
    assert (found.figure("test_time"), found.turn.position) == (3.0, 0)
    assert (found.turn.attempt, found.turn.shared) == (3, 6.0)


def test_a_longer_set_up_of_a_fixture_stands_at_once() -> None:
    turns = Turns()
    for node_id, time in ((ONE, 1.0), (TWO, 3.0)):
        hear(turns, node_id, "passed", "passed", "passed")
        given = turns.give([record(node_id), record("test_a.py", "fixture app", time)])
    assert given[1].figure("test_time") == 3.0
    assert (given[1].turn.position, given[1].turn.shared) == (1, 4.0)
    assert turns.finish() == ()


def test_set_ups_whose_time_is_unknown_share_nothing() -> None:
    turns = Turns()
    hear(turns, ONE, "passed", "passed", "passed")
    unknown = Resources(Case(".", "fixture db"), (None,) * len(RESOURCES))
    test = Resources(Case(ONE), (None,) * len(RESOURCES))
    found, _ = turns.give([test, unknown])
    assert found.turn.shared == 0.0
    timed, _ = turns.give([test, record(".", "fixture other", 2.0)])
    assert timed.turn.shared == 2.0
