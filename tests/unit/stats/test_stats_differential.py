from __future__ import annotations

import pytest

from paceline.stats.differential import differences
from paceline.stats.profile import Cost, Function, Profile


def profile(**own: float) -> Profile:
    functions = {Function(name, "a.py", 1): Cost(cost, cost) for name, cost in own.items()}
    return Profile(float(sum(own.values())), functions, {})


BASE = profile(one=100.0, two=50.0, gone=10.0, same=40.0)
HEAD = profile(one=130.0, two=49.0, fresh=5.0, same=40.0)


def test_the_largest_difference_comes_first_whatever_its_sign() -> None:
    found = differences(BASE, HEAD)
    assert [(one.function.name, one.difference) for one in found] == [
        ("one", 30), ("gone", -10), ("fresh", 5), ("two", -1),
    ]  # fmt: skip


def test_shares_add_up_to_the_change_of_the_whole() -> None:
    whole = HEAD.total / BASE.total - 1
    assert sum(one.share for one in differences(BASE, HEAD)) == pytest.approx(whole)


def test_only_the_top_and_what_matters_is_given() -> None:
    assert len(differences(BASE, HEAD, top=2)) == 2
    assert [one.function.name for one in differences(BASE, HEAD, least=0.05)] == ["one", "gone"]


def test_a_function_that_moved_in_its_file_is_the_same_at_its_new_line() -> None:
    moved = Profile(60.0, {Function("two", "a.py", 9): Cost(60.0, 60.0)}, {})
    (found,) = differences(profile(two=50.0), moved)
    assert (found.base, found.head, found.function.line) == (50, 60, 9)


def test_from_an_empty_profile_nothing_has_a_share() -> None:
    assert differences(profile(), HEAD) == ()
