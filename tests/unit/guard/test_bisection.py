from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from paceline.guard.bisection import Position, Span, bisection, position_of, steps_left
from paceline.guard.paired import Terms, decide

if TYPE_CHECKING:
    from collections.abc import Collection


def found(count: int, first_bad: int, *, silent: Collection[int] = ()) -> tuple[Span, list[int]]:
    """Search revisions of which those from ``first_bad`` on are bad and some can't say."""
    search, asked = bisection(count), list[int]()
    try:
        index = next(search)
        while True:
            asked.append(index)
            position = Position.BAD if index >= first_bad else Position.GOOD
            index = search.send(Position.UNSURE if index in silent else position)
    except StopIteration as stop:
        return stop.value, asked


@pytest.mark.parametrize("count", [1, 2, 3, 10, 64])
def test_the_first_bad_revision_is_found_wherever_it_is(count: int) -> None:
    for first_bad in range(count):
        span, asked = found(count, first_bad)
        assert span == Span(first_bad - 1, first_bad)
        assert span.exact
        assert len(asked) <= steps_left(count)


def test_revisions_that_cannot_say_stay_in_the_span() -> None:
    span, asked = found(8, 4, silent={3, 4})
    assert span == Span(2, 5)
    assert not span.exact
    assert len(asked) == len(set(asked))


def test_all_but_the_ends_silent_leaves_all() -> None:
    assert found(5, 2, silent=range(5))[0] == Span(-1, 4)


@pytest.mark.parametrize(
    ("logs", "position"),
    [((0.03, 0.031), Position.BAD), ((-0.03, -0.031), Position.GOOD), ((0, 0), Position.UNSURE)],
)
def test_the_level_shows_in_a_decision(logs: tuple[float, float], position: Position) -> None:
    terms = Terms(0.001, looks=(24,))
    assert position_of(decide(logs * 12, terms)) is position


def test_what_failed_has_no_level() -> None:
    assert position_of(None) is Position.FAILED
