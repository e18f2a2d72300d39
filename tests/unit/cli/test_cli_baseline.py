from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.unit.cli.conftest import Place


def names(place: Place) -> dict[str, str]:
    return {one.name: one.run[:1] for one in place.store.baselines()}


def test_a_name_is_saved_once_and_replaced_only_when_asked(place: Place) -> None:
    place.keep("a")
    assert place.paceline("baseline", "save", "main").status == 0
    place.keep("b")
    refused = place.paceline("baseline", "save", "main")
    assert (refused.status, "--replace" in refused.err) == (14, True)
    replaced = place.paceline("baseline", "save", "main", "--replace")
    assert "instead of run aaaaaaaa" in replaced.out
    assert names(place) == {"main": "b"}


def test_promote_replaces_main(place: Place) -> None:
    place.keep("a")
    place.keep("b")
    place.paceline("baseline", "promote", "--run", "latest~1")
    assert names(place) == {"main": "a"}
    place.paceline("baseline", "promote")
    assert names(place) == {"main": "b"}


@pytest.mark.parametrize(
    ("words", "status"),
    [
        (("save", "v2"), 0),
        (("save", "main"), 14),
        (("save", "main", "--replace"), 0),
        (("promote",), 0),
        (("remove", "main"), 0),
        (("remove", "mainn"), 14),
    ],
)
def test_a_dry_run_changes_nothing(place: Place, words: tuple[str, ...], status: int) -> None:
    place.keep("a")
    place.store.save_baseline("main", place.store.find("a").id)
    place.keep("b")
    ended = place.paceline("baseline", *words, "--dry-run")
    assert ended.status == status
    assert ("would be" in ended.out) is (status == 0)
    assert names(place) == {"main": "a"}


def test_an_incomplete_run_is_no_baseline(place: Place) -> None:
    place.keep("a", complete=False)
    ended = place.paceline("baseline", "save", "main", "--run", "a")
    assert (ended.status, "incomplete" in ended.err) == (2, True)


def test_the_list_names_each_run_once_with_its_names_and_age(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("time.time", lambda: 1_767_225_600.0 + 12.9 * 86_400)
    assert "no baselines yet" in place.paceline("baseline", "list").out
    place.keep("a")
    for name in ("main", "v1"):
        place.paceline("baseline", "save", name)
    _heading, line = place.paceline("baseline", "list").out.splitlines()
    assert line.split() == [
        "aaaaaaaa",
        "2026-01-01",
        "00:00",
        "aaaa",
        "main",
        "main,",
        "v1",
        "complete",
        "12",
        "d",
    ]


def test_show_says_host_and_figures(place: Place) -> None:
    place.keep("a")
    place.paceline("baseline", "save", "main")
    out = place.paceline("baseline", "show", "main").out
    assert "baseline main is run aaaaaaaa of 2026-01-01 00:00, commit aaaa" in out
    assert "Example 9000, 2 cores" in out
    assert "test_two" in out


def test_remove_leaves_the_run(place: Place) -> None:
    place.keep("a")
    place.paceline("baseline", "save", "main")
    assert place.paceline("baseline", "remove", "main").status == 0
    assert names(place) == {}
    assert place.store.find("a").complete


@pytest.mark.parametrize("action", ["show", "remove"])
def test_an_unknown_name_is_met_with_the_nearest_or_the_first_step(
    place: Place, action: str
) -> None:
    assert "paceline baseline save main" in place.paceline("baseline", action, "mainn").err
    place.keep("a")
    place.paceline("baseline", "save", "main")
    assert "did you mean 'main'?" in place.paceline("baseline", action, "mainn").err


@pytest.mark.parametrize(
    ("words", "key", "value"),
    [
        (("save", "v2"), "name", "v2"),
        (("promote",), "before", "a" * 8),
        (("list",), "baselines", {"main": {"run": "a" * 8, "saved": 1_767_312_000.0}}),
        (("show", "main"), "baseline", ""),
        (("remove", "main"), "run", "a" * 8),
    ],
)
def test_every_action_speaks_json(
    place: Place, words: tuple[str, ...], key: str, value: object
) -> None:
    place.store.save_baseline("main", place.keep("a").id)
    assert json.loads(place.paceline("baseline", *words, "--json").out)[key] == value


def test_a_young_run_is_as_old_as_its_hours(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    place.store.save_baseline("main", place.keep("a").id)
    monkeypatch.setattr("time.time", lambda: 1_767_225_600.0 + 7300)
    assert place.paceline("baseline", "list").out.splitlines()[1].endswith("complete  2 h")


def test_the_newest_run_of_a_branch_can_be_saved(place: Place) -> None:
    place.keep("a", branch="release")
    place.keep("b")
    place.paceline("baseline", "save", "v1", "--run", "release")
    assert names(place) == {"v1": "a"}
