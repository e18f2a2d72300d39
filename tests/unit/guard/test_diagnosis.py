from __future__ import annotations

import itertools

import pytest

from paceline.errors import Place
from paceline.guard.diagnosis import Population, Seen, diagnose
from paceline.model import Site
from paceline.model.finding import FindingKind

MIB = float(1 << 20)
HERE = Place("app/load.py", 12)
THERE = Place("app/turn.py", 7)


def test_a_small_block_is_not_worth_a_word() -> None:
    assert diagnose(Seen(peak=0.5 * MIB, growth=0.0)) == ()


def test_memory_that_is_kept_is_neither_spike_nor_waste() -> None:
    assert diagnose(Seen(peak=50 * MIB, growth=50 * MIB)) == ()


def test_one_buffer_that_was_soon_dropped_is_a_spike_to_be_streamed() -> None:
    site = Site(place=HERE, size=60 * MIB, count=3)
    large = Site(place=HERE, size=59 * MIB, count=1)
    (found,) = diagnose(Seen(64 * MIB, MIB, at_peak=(site,), buffers=(large,)))
    assert (found.kind, found.place, found.saving) == (FindingKind.SPIKE, HERE, 63 * MIB)
    assert "stream" in found.recipe
    assert found.proof == "peak 64 MiB, of which 1 MiB were kept; 60 MiB of it at this line"


def test_many_items_of_one_line_are_to_be_generated() -> None:
    site = Site(place=HERE, size=60 * MIB, count=500_000)
    (found,) = diagnose(Seen(peak=64 * MIB, growth=0.0, at_peak=(site,)))
    assert str(found).startswith(
        "spike: 500,000 items are built before the first is used (app/load.py:12)\n  remedy: hand"
    )
    assert "generator" in found.recipe


def test_a_spike_of_many_lines_names_none() -> None:
    (found,) = diagnose(Seen(peak=64 * MIB, growth=0.0, at_peak=(Site(place=HERE, size=MIB),)))
    assert (found.kind, found.place) == (FindingKind.SPIKE, None)


def buffers(*sizes: float) -> tuple[Site, ...]:
    places = itertools.cycle((HERE, THERE))
    return tuple(
        Site(place=place, size=size, count=1) for place, size in zip(places, sizes, strict=False)
    )


def test_blocks_of_one_size_at_the_same_time_are_copies() -> None:
    large = buffers(3 * MIB, 30 * MIB, 30 * MIB)
    (found, *_) = diagnose(Seen(peak=64 * MIB, growth=60 * MIB, buffers=large))
    assert (found.kind, found.saving) == (FindingKind.WASTE, 30 * MIB)
    assert found.cause == "2 blocks of one size live at the same time: copies of each other"
    assert found.proof == "30 MiB each, made at app/turn.py:7, app/load.py:12"


def test_copies_that_explain_the_spike_are_the_only_finding() -> None:
    seen = Seen(peak=60 * MIB, growth=0.0, buffers=buffers(30 * MIB, 30 * MIB))
    assert [one.kind for one in diagnose(seen)] == [FindingKind.WASTE]


def test_copies_that_are_a_small_part_of_the_peak_are_left_alone() -> None:
    seen = Seen(peak=60 * MIB, growth=59 * MIB, buffers=buffers(2 * MIB, 2 * MIB))
    assert diagnose(seen) == ()


def test_many_objects_with_a_dictionary_each_would_be_smaller_with_slots() -> None:
    rows = Population("app.Row", count=100_000, attributes=3, saving=50.0)
    (found,) = diagnose(Seen(peak=20 * MIB, growth=20 * MIB, populations=(rows,)))
    assert (found.kind, found.saving) == (FindingKind.WASTE, 5_000_000.0)
    assert "slots" in found.recipe


@pytest.mark.parametrize(("count", "saving"), [(999, 5_000.0), (100_000, 0.0)])
def test_few_objects_and_slotted_ones_stay_as_they_are(count: int, saving: float) -> None:
    rows = Population("app.Row", count, attributes=3, saving=saving)
    assert diagnose(Seen(peak=20 * MIB, growth=20 * MIB, populations=(rows,))) == ()


def test_the_largest_saving_is_said_first() -> None:
    rows = Population("app.Row", count=100_000, attributes=3, saving=50.0)
    found = diagnose(Seen(64 * MIB, 6 * MIB, populations=(rows,)))
    assert [one.kind for one in found] == [FindingKind.SPIKE, FindingKind.WASTE]
