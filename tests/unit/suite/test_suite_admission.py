from __future__ import annotations

import pytest

from paceline.suite.admission import ALONE, Ledger, claims
from paceline.suite.plan import Room
from paceline.suite.task import ORDINARY, Needs

ROOM = Room(4.0, memory=100, places=(("db", 2),))


@pytest.mark.parametrize(
    ("held", "asked", "lacking"),
    [
        (Needs(), Needs(), set()),
        (Needs(3.0), Needs(2.0), {"cores"}),
        (Needs(4.0), Needs(0.0), set()),
        (Needs(4.0), Needs(), {"cores"}),
        (Needs(memory=60), Needs(memory=50), {"memory"}),
        (Needs(memory=60), Needs(memory=40), set()),
        (Needs(uses=(("db", 1),)), Needs(uses=(("db", 1),)), set()),
        (Needs(uses=(("db", 2),)), Needs(uses=(("db", 1),)), {"place db"}),
        (Needs(uses=(("port", 1),)), Needs(uses=(("port", 1),)), {"place port"}),
        (Needs(alone=True), Needs(0.0), {ALONE}),
        (Needs(0.0), Needs(alone=True), {ALONE}),
    ],
)
def test_what_another_worker_holds_is_lacking(held: Needs, asked: Needs, lacking: set[str]) -> None:
    ledger = Ledger(ROOM, 4)
    ledger.hold(0, ledger.clamp(held))
    assert ledger.lacking(ledger.clamp(asked), 1) == lacking


def test_of_a_worker_s_own_chunks_only_the_greatest_counts() -> None:
    ledger = Ledger(ROOM, 4)
    ledger.hold(0, Needs(memory=80))
    assert not ledger.lacking(Needs(memory=70), 0)


def test_everything_fits_an_empty_room_once_it_is_cut_down() -> None:
    ledger = Ledger(ROOM, 4)
    needs = ledger.clamp(Needs(99.0, 10**12, (("db", 7), ("port", 7)), alone=True))
    assert needs == Needs(4.0, 100, (("db", 2), ("port", 1)), alone=True)
    assert not ledger.lacking(needs, 0)


def test_memory_that_is_not_known_limits_nothing() -> None:
    assert Ledger(Room(4.0), 4).clamp(Needs(memory=9)) == ORDINARY


def test_more_workers_than_cores_may_run_ordinary_tests() -> None:
    ledger = Ledger(Room(1.0), 3)
    ledger.hold(0, ORDINARY)
    ledger.hold(1, ORDINARY)
    assert not ledger.lacking(ORDINARY, 2)


def test_what_is_given_back_is_free_again() -> None:
    ledger = Ledger(ROOM, 4)
    for needs in (ORDINARY, Needs(alone=True)):
        ledger.hold(0, needs)
    ledger.free(0, Needs(alone=True))
    assert not ledger.lacking(ORDINARY, 1)
    ledger.free(0, ORDINARY)
    assert ledger.empty


def test_needs_claim_what_they_take_room_of() -> None:
    assert claims(Needs(memory=1, uses=(("db", 1),))) == {"cores", "memory", "place db"}
    assert claims(Needs(0.0)) == frozenset()
