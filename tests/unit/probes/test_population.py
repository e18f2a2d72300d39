from __future__ import annotations

import tracemalloc

import pytest

from paceline.probes.population import Census


class Plain:
    def __init__(self) -> None:
        self.name, self.size = "a", 1


class Slotted:
    __slots__ = ("name",)


def found(kind: type, count: int) -> dict[str, tuple[int, int, float]]:
    census = Census()
    kept = [kind() for _ in range(count)]
    seen = {
        one.type.rpartition(".")[2]: (one.count, one.attributes, one.saving)
        for one in census.populations()
    }
    assert len(kept) == count
    return seen


@pytest.mark.parametrize("traced", [False, True])
def test_objects_with_a_dictionary_are_counted_and_their_saving_measured(*, traced: bool) -> None:
    if traced:
        tracemalloc.start()
    try:
        count, attributes, saving = found(Plain, 2_000)["Plain"]
    finally:
        tracemalloc.stop()
    assert (count, attributes) == (2_000, 2)
    assert 16 <= saving <= 400


def test_slotted_objects_are_no_finding() -> None:
    assert "Slotted" not in found(Slotted, 2_000)


def test_exceptions_and_classes_cannot_be_given_slots() -> None:
    assert "ValueError" not in found(ValueError, 2_000)
