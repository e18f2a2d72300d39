from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from paceline.errors import StoreError

if TYPE_CHECKING:
    from tests.unit.store.conftest import Shelf


@pytest.fixture
def filled(shelf: Shelf) -> Shelf:
    shelf.keep("2024-01-a", commit="c0ffee11")
    shelf.keep("2024-02-b", commit="c0ffee11")
    shelf.keep("2024-03-c", commit="decade22")
    shelf.store.begin(shelf.run("2024-04-d", commit="c0ffee11"))
    shelf.store.save_baseline("release 1.0", shelf.store.find("2024-01-a").id)
    shelf.store.save_baseline("decade22", shelf.store.find("2024-02-b").id)
    return shelf


@pytest.mark.parametrize(
    ("reference", "found"),
    [
        ("release 1.0", "2024-01-a"),
        ("decade22", "2024-02-b"),  # a baseline's name comes before a commit
        ("latest", "2024-03-c"),  # the torn run is none to compare with
        ("latest~2", "2024-01-a"),
        ("2024-04-d", "2024-04-d"),
        ("2024-04", "2024-04-d"),
        ("c0ffee11", "2024-02-b"),  # of a commit's runs the newest complete one
        ("c0ff", "2024-02-b"),
        ("deca", "2024-03-c"),
    ],
)
def test_a_reference_finds_the_run_it_means(filled: Shelf, reference: str, found: str) -> None:
    assert filled.store.find(reference).id == found


@pytest.mark.parametrize(
    ("reference", "problem", "remedy"),
    [
        ("releese 1.0", "no run fits 'releese 1.0'", "did you mean 'release 1.0'?"),
        ("c0f", "no run fits 'c0f'", "name a baseline"),
        ("", "no run fits ''", "name a baseline"),
        ("2024-0", "'2024-0' is the start of several", "write more of one: 2024-01-a, 2024-02-b"),
        ("latest~3", "no run 3 before the latest", "paceline history"),
        ("100%_", "no run fits", "name a baseline"),
    ],
)
def test_what_fits_nothing_or_several_is_named(
    filled: Shelf, reference: str, problem: str, remedy: str
) -> None:
    with pytest.raises(StoreError, match=problem) as caught:
        filled.store.find(reference)
    assert remedy in caught.value.remedy


def test_an_empty_store_has_no_latest_run(shelf: Shelf) -> None:
    with pytest.raises(StoreError, match="the store holds 0 complete runs"):
        shelf.store.find("latest")


@pytest.mark.parametrize("name", ["", " x", "x ", "a\nb", "a~1", "latest", "latest~1", "x" * 201])
def test_a_name_that_can_not_be_found_again_is_refused(filled: Shelf, name: str) -> None:
    with pytest.raises(StoreError, match="can't name a baseline"):
        filled.store.save_baseline(name, filled.store.find("latest").id, replace=True)


@pytest.mark.parametrize("name", ["x", "feature/x", "v1.0 final", "ä", "x" * 200])
def test_a_plain_name_is_accepted_and_found(filled: Shelf, name: str) -> None:
    filled.store.save_baseline(name, filled.store.find("2024-01").id, replace=True)
    assert filled.store.find(name).id == "2024-01-a"
