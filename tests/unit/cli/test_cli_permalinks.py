from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from paceline.engine.permalinks import split

if TYPE_CHECKING:
    from tests.unit.cli.conftest import Place


def links(place: Place) -> list[str]:
    found = json.loads(place.paceline("history", "--json").out)
    return [run["permalink"] for run in found["runs"]]


def test_history_names_runs_by_what_they_hold(place: Place) -> None:
    place.keep("a")
    place.keep("b", complete=False)
    torn, whole = links(place)
    assert (torn, len(whole), whole[:4]) == ("", 20, "run:")
    out = place.paceline("history", "--permalinks").out
    assert [line.split()[-1] for line in out.splitlines()] == ["Permalink", "incomplete", whole]
    assert "run:" not in place.paceline("history").out


def test_a_comparison_has_a_name_that_brings_it_back(place: Place) -> None:
    place.keep("a")
    place.keep("b", 3)
    newest, oldest = links(place)
    said = place.paceline("compare", "latest~1").out
    name = said.splitlines()[-1].removeprefix("permalink ")
    assert name == f"{oldest}..{newest}"
    assert place.paceline("compare", name).out == said
    assert json.loads(place.paceline("compare", name, "--json").out)["permalink"] == name


def test_an_exported_run_has_the_name_of_the_stored_one(place: Place) -> None:
    place.keep("a")
    ended = place.paceline("export", "a", "--output", "a.json")
    (link,) = links(place)
    assert f"note: {link}\n" in ended.err
    assert f"permalink {link}..{link}" in place.paceline("compare", "a.json").out


def test_an_imported_run_keeps_its_name_and_is_found_by_it(
    place: Place, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.keep("a")
    place.paceline("export", "a", "--output", "a.json")
    (link,) = links(place)
    other = tmp_path_factory.mktemp("other")
    (other / "pyproject.toml").write_text("[tool.paceline]\n", encoding="utf-8")
    monkeypatch.chdir(other)
    assert place.paceline("import", str(place.root / "a.json")).status == 0
    assert links(place) == [link]
    assert place.paceline("compare", link, link[:9]).status == 0


def test_an_incomplete_side_gives_no_name(place: Place) -> None:
    place.keep("a")
    place.keep("b", complete=False)
    assert "permalink" not in place.paceline("compare", "aaaa", "bbbb").out


@pytest.mark.parametrize(
    ("word", "sides"),
    [
        ("a..b", ("a", "b")),
        ("run:1f..run:2e", ("run:1f", "run:2e")),
        ("latest~1", ("latest~1", "")),
        ("../a.json", ("../a.json", "")),
        ("a..", ("a..", "")),
        ("a...b", ("a...b", "")),
        ("", ("", "")),
    ],
)
def test_two_dots_part_base_and_head(word: str, sides: tuple[str, str]) -> None:
    assert split(word) == sides


def test_permalinks_are_about_runs_not_about_a_case(place: Place) -> None:
    place.keep("a")
    assert place.paceline("history", "test_one", "--permalinks").status == 2


def test_a_word_with_both_sides_takes_no_second_head(place: Place) -> None:
    place.keep("a")
    ended = place.paceline("compare", "latest..latest", "latest")
    assert (ended.status, "names a head already" in ended.err) == (2, True)


def test_a_file_is_looked_for_here_and_then_in_the_project(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.keep("a")
    place.keep("b")
    place.paceline("export", "a", "--output", "base.json")
    (place.root / "sub").mkdir()
    monkeypatch.chdir(place.root / "sub")
    assert "base main@aaaa" in place.paceline("compare", "base.json").out
    place.paceline("export", "b", "--output", "base.json")
    assert "base main@bbbb" in place.paceline("compare", "base.json").out
    assert "error[PAC300]" in place.paceline("compare", "nowhere.json").err
