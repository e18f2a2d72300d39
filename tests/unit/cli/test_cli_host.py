from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from paceline.cli import host
from paceline.guard.noise import Noise

if TYPE_CHECKING:
    from tests.unit.cli.conftest import Place

NOISE = Noise(
    10.0, 1e-3, (0.0, 0.9, -0.9), (0.0, 0.01, -0.01), (0.0, 0.01, -0.01), 0.3, pinned=True
)


@pytest.fixture(autouse=True)
def asked(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    seconds: list[float] = []

    def observe(wanted: float) -> Noise:
        seconds.append(wanted)
        return NOISE

    monkeypatch.setattr(host, "observe_noise", observe)
    return seconds


def test_a_noisy_machine_is_said_and_is_no_error(place: Place, asked: list[float]) -> None:
    ended = place.paceline("host")
    assert (ended.status, asked) == (0, [10.0])
    assert "bad: disturbed batches 30.0 %: the processor was taken away; stop what" in ended.out
    assert "noise: 3 batches of 1.00 ms in 3 pairs, 10 s" in ended.out


def test_json_holds_facts_noise_and_what_it_leaves_to_see(place: Place) -> None:
    data = json.loads(place.paceline("host", "--json").out)
    assert (data["schema"], data["version"]) == ("paceline-host", 1)
    assert {one["judgement"] for one in data["facts"]} <= {"good", "watch", "bad", "unsure"}
    assert data["noise"]["spread_of_pairs"] == pytest.approx(0.01)
    assert data["noise"]["stolen"] is None
    assert data["sees"]["paired"] < data["sees"]["stored"]


@pytest.mark.parametrize("seconds", ["0", "-1", "soon", "nan", "1e9"])
def test_a_time_that_can_not_be_is_refused(place: Place, seconds: str, asked: list[float]) -> None:
    ended = place.paceline("host", f"--seconds={seconds}")
    assert (ended.status, asked) == (2, [])
    assert "--seconds" in ended.err


def test_the_time_can_be_chosen(place: Place, asked: list[float]) -> None:
    place.paceline("host", "--seconds", "0.5")
    assert asked == [0.5]
