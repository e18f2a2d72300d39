import dataclasses
import math
from typing import Any

import pytest

from paceline.guard.machine import Judgement
from paceline.guard.noise import Noise, judge_noise, sight, spread

CALM = Noise(
    seconds=10.0,
    batch=1e-3,
    batches=(0.0, 0.001, -0.001),
    pairs=(0.0, 0.001, -0.001),
    tenths=(0.0, 0.001, -0.001, 0.0),
    disturbed=0.0,
    pinned=True,
    stolen=0.0,
    others=0.01,
    sibling=0.0,
)


def judged(name: str, **facts: Any) -> tuple[str, str]:
    found = {one.name: one for one in judge_noise(dataclasses.replace(CALM, **facts))}
    return found[name].said, found[name].judgement.value


def test_a_calm_machine_is_good_throughout() -> None:
    assert {one.judgement for one in judge_noise(CALM)} == {Judgement.GOOD}


def test_a_spread_is_the_standard_deviation_over_n_minus_1() -> None:
    assert spread((0.0, 0.01, -0.01)) == pytest.approx(0.01)
    assert spread((0.0, 0.01)) == math.inf


def test_a_gate_never_sees_less_than_what_fresh_processes_add() -> None:
    equal = dataclasses.replace(CALM, pairs=(0.0,) * 9)
    noisy = dataclasses.replace(CALM, pairs=(0.05, -0.05) * 9)
    assert 0.02 < sight(equal).paired < 0.04 < sight(noisy).paired


def test_a_stored_comparison_sees_its_own_spread_twice() -> None:
    # (t 0.995 + t 0.95 at 9 degrees) · √2 · 0.01 = (3.2498 + 1.8331) · 0.014142
    tenths = (0.0, *(0.01, -0.01) * 4, 0.0)
    scaled = tuple(log * 0.01 / spread(tenths) for log in tenths)
    seen = sight(dataclasses.replace(CALM, tenths=scaled)).stored
    assert seen == pytest.approx(math.expm1(5.0829 * 0.0141421), rel=1e-4)


def test_what_is_not_known_is_infinite() -> None:
    assert sight(dataclasses.replace(CALM, tenths=(), pairs=())).stored == math.inf
    assert sight(dataclasses.replace(CALM, pairs=())).paired == math.inf


@pytest.mark.parametrize(
    ("name", "facts", "said", "judgement"),
    [
        ("stolen time", {"stolen": None}, "?", "unsure"),
        ("stolen time", {"stolen": 0.02}, "2.0 %", "watch"),
        ("others on this processor", {"others": 0.3}, "30.0 %", "bad"),
        ("busy sibling", {"sibling": 0.05}, "5.0 %", "watch"),
        ("disturbed batches", {"disturbed": 0.5}, "50.0 %", "bad"),
        ("kept on one processor", {"pinned": False}, "no", "watch"),
        ("spread of pairs", {"pairs": (0.0,)}, "?", "unsure"),
        ("spread of tenths", {"tenths": (0.0, 0.03, -0.03)}, "3.0 %", "watch"),
        ("a gate of 12 pairs sees", {"pairs": ()}, "?", "unsure"),
        ("a stored comparison sees", {"tenths": (0.0, 0.004, -0.004, 0.0)}, "at least +3.9 %",
         "good"),
        ("a stored comparison sees", {"tenths": (0.0, 99.0, -99.0)},
         "only what is ten times slower", "bad"),
    ],
)  # fmt: skip
def test_each_disturbance_is_judged(
    name: str, facts: dict[str, Any], said: str, judgement: str
) -> None:
    assert judged(name, **facts) == (said, judgement)
