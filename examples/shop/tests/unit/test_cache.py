"""The cache, with a clock that the test turns."""

from __future__ import annotations

import pytest
from shop.cache import Cache

pytestmark = pytest.mark.unit


class Clock:
    """Shows what the test sets."""

    now = 0.0

    def __call__(self) -> float:
        """Tell the time."""
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_an_answer_is_made_once(clock: Clock) -> None:
    cache = Cache[int](most=3, seconds=10, clock=clock)
    assert [cache.get("a", lambda: 1), cache.get("a", lambda: 2)] == [1, 1]
    assert (cache.hits, cache.misses) == (1, 1)


@pytest.mark.parametrize(("later", "expected"), [(9.9, 1), (10, 2), (100, 2)])
def test_an_answer_grows_old(clock: Clock, later: float, expected: int) -> None:
    cache = Cache[int](most=3, seconds=10, clock=clock)
    cache.get("a", lambda: 1)
    clock.now = later
    assert cache.get("a", lambda: 2) == expected


def test_what_was_used_last_stays(clock: Clock) -> None:
    cache = Cache[int](most=2, seconds=10, clock=clock)
    for key in "abac":
        cache.get(key, lambda: 0)
    hits = cache.hits
    cache.get("a", lambda: 0)
    cache.get("b", lambda: 0)
    assert cache.hits == hits + 1


@pytest.mark.parametrize("most", [1, 10, 100, 1_000])
@pytest.mark.parametrize("stride", [1, 7, 31, 97, 211])
def test_it_never_holds_more_than_it_may(clock: Clock, most: int, stride: int) -> None:
    cache = Cache[int](most=most, seconds=50, clock=clock)
    for turn in range(20_000):
        clock.now = turn / 100
        key = (turn * stride) % 1_500
        assert cache.get(key, lambda key=key: key * 2) == key * 2
    assert len(cache) <= most
    assert cache.hits + cache.misses == 20_000
