from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from paceline.cli import leaks
from paceline.stats.leak import LeakResult, LeakVerdict

if TYPE_CHECKING:
    from tests.unit.cli.conftest import Place

    from paceline.engine.leaks.fresh import Terms


@pytest.fixture(autouse=True)
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Terms]:
    """Let ``leaky``, ``unsure`` and ``clean`` be what they are called, and note the terms."""
    terms: list[Terms] = []

    def check(file: str, name: str, wanted: Terms) -> LeakResult:
        terms.append(wanted)
        kinds = {"leaky": LeakVerdict.LEAK, "unsure": LeakVerdict.UNSURE}
        return LeakResult(f"{file}::{name}", kinds.get(name, LeakVerdict.CLEAN), "so it is")

    def names(target: str, terms: Terms) -> list[tuple[str, str]]:
        assert terms.folder == "."
        file, _, name = target.partition("::")
        return [(file, name)] if name else [(file, "clean"), (file, "leaky")]

    monkeypatch.setattr(leaks, "check_fresh", check)
    monkeypatch.setattr(leaks, "names_of", names)
    return terms


@pytest.mark.parametrize(
    ("words", "status"),
    [
        (("a.py::clean",), 0),
        (("a.py::leaky",), 10),
        (("a.py::unsure",), 0),
        (("a.py::unsure", "--strict"), 12),
        (("a.py::unsure", "a.py", "--strict"), 10),
    ],
)
def test_the_exit_code_says_the_gravest_verdict(
    place: Place, words: tuple[str, ...], status: int
) -> None:
    assert place.paceline("leaks", *words).status == status


def test_several_targets_are_checked_in_their_order(place: Place) -> None:
    found = json.loads(place.paceline("leaks", "b.py::clean", "a.py", "--json").out)
    assert [one["name"] for one in found["results"]] == [
        "b.py::clean",
        "a.py::clean",
        "a.py::leaky",
    ]
    assert found["schema"] == {"name": "paceline.leaks", "version": 1}


def test_the_text_names_verdict_and_reason(place: Place) -> None:
    out = place.paceline("leaks", "a.py").out
    assert out.splitlines()[:2] == ["CLEAN    a.py::clean", "         so it is"]
    assert out.splitlines()[-1] == "1 LEAK, 1 CLEAN"


def test_time_calls_and_timeout_reach_the_check(place: Place, asked: list[Terms]) -> None:
    place.paceline("leaks", "a.py::clean", "--time", "3", "--calls", "800", "--timeout", "9")
    assert asked[0].timeout == 9
    assert dict(asked[0].limits) == {"most_calls": 100, "longer": 1, "seconds": 3}


def test_a_folder_that_is_none_is_a_usage_error(place: Place) -> None:
    assert "'nowhere' is no folder" in place.paceline("leaks", "a.py", "--project", "nowhere").err


@pytest.mark.parametrize("words", [("--time", "0"), ("--time", "nan"), ("--calls", "1.5")])
def test_figures_that_make_no_sense_are_usage_errors(place: Place, words: tuple[str, ...]) -> None:
    ended = place.paceline("leaks", "a.py", *words)
    assert ended.status == 2
    assert "is no number above 0" in ended.err
