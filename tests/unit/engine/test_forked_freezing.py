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
