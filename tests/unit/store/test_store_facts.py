from __future__ import annotations

from typing import TYPE_CHECKING

from paceline.store.facts import Fact
from paceline.store.retention import Retention

if TYPE_CHECKING:
    from tests.unit.store.conftest import Shelf

POLLUTED = Fact("order_dependent", "tests/test_a.py::test_one", '"tests/test_b.py::test_two"', "a")
WHOLE = Fact("shuffled", ".", "true", "a", 5.0)


def test_facts_are_read_back_by_kind_and_name_with_the_time_they_were_kept(shelf: Shelf) -> None:
    shelf.store.keep_facts((WHOLE, POLLUTED))
    kept = Fact(POLLUTED.kind, POLLUTED.name, POLLUTED.value, "a", shelf.now)
    assert shelf.reopen().facts() == (kept, WHOLE)


def test_a_store_that_is_not_there_has_no_facts(shelf: Shelf) -> None:
    assert shelf.store.facts() == ()


def test_a_later_fact_stands_instead_of_an_earlier_one(shelf: Shelf) -> None:
    later = Fact("shuffled", ".", "false", "b", 6.0)
    shelf.store.keep_facts((WHOLE,))
    shelf.store.keep_facts((later,))
    assert shelf.store.facts() == (later,)


def test_only_the_named_facts_of_one_kind_are_forgotten(shelf: Shelf) -> None:
    others = (Fact("exclusive", ".", said=1.0), Fact("shuffled", "tests", said=1.0))
    shelf.store.keep_facts((WHOLE, *others))
    shelf.store.forget_facts("shuffled", (".", "never heard of"))
    assert shelf.store.facts() == others


def test_facts_outlive_the_runs_that_taught_them(shelf: Shelf) -> None:
    shelf.keep("a")
    shelf.keep("b")
    shelf.store.keep_facts((WHOLE,))
    assert shelf.store.prune(Retention(keep_runs=1)) == ("a",)
    assert shelf.store.facts() == (WHOLE,)
