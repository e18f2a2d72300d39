from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from paceline.store.references import NoSingleRunError, UnknownRunError

if TYPE_CHECKING:
    from tests.unit.store.conftest import Shelf


@pytest.fixture
def filled(shelf: Shelf) -> Shelf:
    """Runs 1 and 3 on main, 2 and 4 on fix; an incomplete one and one without figures on main."""
    for name, branch in (("r1", "main"), ("r2", "fix/a"), ("r3", "main"), ("r4", "fix/a")):
        shelf.keep(name, branch=branch, commit=f"c0ffee{name}")
    shelf.store.begin(shelf.run("r5", branch="main"))
    plain = shelf.run("r6", branch="main")
    shelf.store.begin(plain)
    shelf.store.finish(plain)
    return shelf


@pytest.mark.parametrize(
    ("reference", "besides", "found"),
    [
        ("main", "", "r3"),
        ("main~0", "", "r3"),
        ("main~1", "", "r1"),
        ("main", "r3", "r1"),
        ("fix/a", "", "r4"),
        ("fix/a~1", "", "r2"),
    ],
)
def test_a_branch_means_its_newest_complete_run_that_measured(
    filled: Shelf, reference: str, besides: str, found: str
) -> None:
    assert filled.store.find(reference, besides=besides).id == found


def test_baselines_and_whole_ids_go_before_branches_and_starts_after_them(filled: Shelf) -> None:
    filled.keep("main2", branch="r1")
    filled.keep("x", branch="main")
    assert filled.store.find("r1").id == "r1"
    assert filled.store.find("main").id == "x"
    filled.store.save_baseline("main", filled.store.find("r2").id)
    assert filled.store.find("main").id == "r2"
    assert filled.store.find("main~0").id == "x"


@pytest.mark.parametrize("reference", ["main~2", "fix/a~9"])
def test_counting_too_far_back_says_how_many_there_are(filled: Shelf, reference: str) -> None:
    with pytest.raises(NoSingleRunError, match="it has 2 complete runs") as caught:
        filled.store.find(reference)
    assert "paceline history --branch" in caught.value.remedy


@pytest.mark.parametrize("reference", ["mai", "~1", "main~", "main~-1", "fix", "run:", "run:00"])
def test_what_is_no_branch_is_unknown(filled: Shelf, reference: str) -> None:
    with pytest.raises(UnknownRunError, match="no run fits"):
        filled.store.find(reference)


def test_of_a_commits_runs_one_without_local_changes_goes_first(shelf: Shelf) -> None:
    shelf.keep("clean", commit="c0ffee")
    shelf.keep("dirty", commit="c0ffee", dirty=True)
    assert shelf.store.find("c0ffee").id == "clean"


@pytest.mark.parametrize("name", ["nearest", "nearest:main", "run:3f2a"])
def test_a_name_that_means_something_names_no_baseline(filled: Shelf, name: str) -> None:
    with pytest.raises(Exception, match="can't name a baseline"):
        filled.store.save_baseline(name, filled.store.find("r1").id)
