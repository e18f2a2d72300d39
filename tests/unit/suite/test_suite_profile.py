from __future__ import annotations

from typing import Any

import pytest

from paceline.errors import Place, SettingsError
from paceline.options import Entry
from paceline.suite.profile import BUILT_IN, find_profile

PLACE = Place("pyproject.toml", 7)


def entry(value: Any) -> Entry:
    """Give every key of a table a place, as the file's reader does."""
    if isinstance(value, dict):
        return Entry({key: entry(one) for key, one in value.items()}, PLACE)
    return Entry(value, PLACE)


def tables(**found: Any) -> dict[str, Entry]:
    return {name: entry(table) for name, table in found.items()}


def words(name: str, **found: Any) -> list[str]:
    return [word for one in find_profile(name, tables(**found)).arguments for word in one.words]


@pytest.mark.parametrize("profile", BUILT_IN, ids=lambda one: one.name)
def test_what_comes_along_needs_no_settings(profile: Any) -> None:
    assert find_profile(profile.name, {}) == profile


def test_what_other_plugins_own_is_optional() -> None:
    for profile in BUILT_IN:
        always = [word for one in profile.arguments if not one.optional for word in one.words]
        assert not [word for word in always if word.startswith(("--paceline", "--bench", "--cov"))]


def test_an_own_profile_has_arguments_and_settings_with_their_places() -> None:
    own = {"addopts": ["-x", "--tb=short"], "run": {"serial": True}, "odd": 3}
    profile = find_profile("nightly", tables(nightly=own))
    assert profile.arguments[0].words == ("-x", "--tb=short")
    assert profile.arguments[0].place == PLACE
    assert dict(profile.settings) == {"run.serial": Entry(True, PLACE), "odd": Entry(3, PLACE)}


def test_a_profile_stands_behind_what_it_extends() -> None:
    below = {"addopts": ["-x"], "run": {"serial": True, "mode": "skip"}}
    above = {"extends": "below", "addopts": ["-q"], "run": {"mode": "only"}}
    assert words("above", above=above, below=below) == ["-x", "-q"]
    settings = dict(find_profile("above", tables(above=above, below=below)).settings)
    assert [one.value for one in settings.values()] == [True, "only"]


def test_a_table_named_like_a_built_in_profile_extends_that() -> None:
    built_in = words("ci")
    assert words("ci", ci={"addopts": ["--tb=no"]}) == [*built_in, "--tb=no"]
    assert words("ci", ci={"extends": "night"}, night={"extends": "ci"}) == built_in


@pytest.mark.parametrize(
    ("found", "problem"),
    [
        ({"a": 1}, "'a' is no table but 1"),
        ({"a": {"extends": 1}}, "extends = 1 of profile 'a' is no name"),
        ({"a": {"extends": "b"}, "b": {"extends": "a"}}, "a → b → a is a circle"),
        ({"a": {"extends": "none"}}, "there is no profile 'none'"),
        ({"a": {"addopts": "-x"}}, "addopts = '-x' of profile 'a' is no list"),
        ({"a": {"addopts": [1]}}, "addopts = [1] of profile 'a' is no list"),
        ({"a": {"addopts": ["-pno:cov"]}}, "'-pno:cov' in addopts of profile 'a' comes too late"),
        ({"a": {"addopts": ["--rootdir=x"]}}, "comes too late"),
        ({"b": {"addopts": 3}}, "addopts = 3"),
    ],
)
def test_a_wrong_table_is_named_with_its_place(found: dict[str, Any], problem: str) -> None:
    with pytest.raises(SettingsError) as raised:
        find_profile("a", tables(**found))
    assert problem in raised.value.problem
    assert raised.value.place == PLACE
    assert raised.value.remedy


def test_long_flags_are_not_taken_for_the_short_ones_they_begin_like() -> None:
    assert words("a", a={"addopts": ["--color=no", "-rA"]}) == ["--color=no", "-rA"]


def test_an_unknown_profile_is_answered_with_the_nearest_one() -> None:
    with pytest.raises(SettingsError) as raised:
        find_profile("perfomance", tables(nightly={}))
    assert "did you mean 'performance'? known profiles: ci, local, nightly" in raised.value.remedy
