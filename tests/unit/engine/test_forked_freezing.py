from __future__ import annotations

import gc
from typing import TYPE_CHECKING

import pytest

from paceline.engine.forked.freezing import frozen, thaw

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(autouse=True)
def thawed() -> Iterator[None]:
    yield
    thaw()


def test_what_is_frozen_is_left_to_itself() -> None:
    with frozen():
        assert gc.get_freeze_count() > 0
    assert gc.get_freeze_count() > 0


def test_who_looks_for_objects_finds_frozen_ones() -> None:
    held = [object()]
    holder = {"held": held}
    with frozen():
        assert holder in gc.get_referrers(held)
    assert any(one is holder for one in gc.get_objects())


def test_who_looks_is_told_of_no_holder_of_ours() -> None:
    with frozen():
        assert gc.get_referrers(object()) == []


def test_the_collectors_own_functions_come_back() -> None:
    own = gc.get_objects, gc.get_referrers
    with frozen():
        assert gc.get_objects(generation=2) is not None
        assert (gc.get_objects, gc.get_referrers) == own
    thaw()
    assert (gc.get_objects, gc.get_referrers) == own


def test_a_function_that_somebody_else_put_there_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gc, "get_objects", gc.get_objects)  # what is there at the end
    with frozen():
        monkeypatch.setattr(gc, "get_objects", list)
        thaw()
        assert gc.get_objects is list
