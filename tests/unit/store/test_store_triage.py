from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from paceline.model import RunId
from paceline.store.retention import Retention
from paceline.store.triage import SeriesKey, State, Triage, TriageBook

if TYPE_CHECKING:
    from tests.unit.store.conftest import Shelf

SERIES = SeriesKey("tests/test_score.py::test_one", "wall_time", "a kind")
SAID = Triage(RunId("run"), 5.0, 0.25, State.EXPECTED, "a new parser")


@pytest.fixture
def book(shelf: Shelf) -> TriageBook:
    return TriageBook(shelf.where, clock=lambda: 9.0)


def test_nothing_is_said_before_there_is_a_store(book: TriageBook, shelf: Shelf) -> None:
    assert book.about(SERIES) == ()
    assert not shelf.path.exists()


def test_what_is_said_belongs_to_one_series(book: TriageBook) -> None:
    book.say(SERIES, SAID)
    assert book.about(SERIES) == (SAID,)
    assert book.about(SERIES._replace(metric="peak_memory")) == ()
    assert book.about(SERIES._replace(host_kind="another kind")) == ()


def test_the_last_word_stands_and_new_takes_it_back(book: TriageBook) -> None:
    book.say(SERIES, SAID)
    ignored = Triage(SAID.run, 5.0, 0.25, State.IGNORED)
    book.say(SERIES, ignored)
    assert book.about(SERIES) == (ignored,)
    book.say(SERIES, Triage(SAID.run, 5.0, 0.25, State.NEW))
    assert book.about(SERIES) == ()


def test_what_is_said_of_a_point_that_moved_replaces_the_older_word(book: TriageBook) -> None:
    book.say(SERIES, SAID)
    moved = Triage(RunId("next"), 6.0, 0.25, State.CONFIRMED)
    book.say(SERIES, moved, instead_of=SAID)
    assert book.about(SERIES) == (moved,)


def test_what_was_said_outlives_the_run(book: TriageBook, shelf: Shelf) -> None:
    shelf.keep("run")
    shelf.keep("next")
    book.say(SERIES, SAID)
    assert shelf.store.prune(Retention(keep_runs=1)) == (RunId("run"),)
    assert book.about(SERIES) == (SAID,)
