import math
from typing import Any

import pytest

from paceline.guard.machine import Fact, Judgement, Machine, judge_machine

CALM: dict[str, Any] = {
    "governors": ("performance",),
    "turbo": False,
    "virtual": False,
    "online": (0, 1, 2, 3),
    "isolated": (),
    "allowed": (0, 1, 2, 3),
    "siblings": (),
    "quota": math.inf,
    "load": 0.1,
    "clock": "tsc",
    "resolution": 1e-9,
    "randomised": 2,
}


def fact(name: str, **facts: Any) -> Fact:
    found = {one.name: one for one in judge_machine(Machine(**{**CALM, **facts}))}
    return found[name]


def test_a_calm_machine_is_good_throughout() -> None:
    facts = judge_machine(Machine(**CALM))
    assert {one.judgement for one in facts} == {Judgement.GOOD}
    assert not any(one.why or one.remedy for one in facts)


def test_a_machine_that_tells_nothing_is_unsure_and_not_bad() -> None:
    facts = {one.name: one.judgement for one in judge_machine(Machine())}
    told = {"clock resolution", "hash seed", "interpreter build", "watched by"}
    assert {name for name, one in facts.items() if one is Judgement.UNSURE} == set(facts) - told
    assert {facts[name] for name in told} == {Judgement.GOOD}


@pytest.mark.parametrize(
    ("name", "facts", "said", "judgement"),
    [
        ("frequency governor", {"governors": ("ondemand", "powersave")}, "ondemand, powersave",
         "watch"),
        ("turbo", {"turbo": True}, "on", "watch"),
        ("virtual machine", {"virtual": True}, "yes", "watch"),
        ("isolated processors", {"isolated": (2, 3)}, "2-3", "good"),
        ("isolated processors", {"isolated": (5, 6, 9)}, "5-6, 9", "watch"),
        ("processors allowed", {"allowed": (1,)}, "1 of 4 online", "watch"),
        ("processors allowed", {"online": ()}, "0-3", "good"),
        ("container limit", {"quota": 8.0}, "8 processors", "good"),
        ("container limit", {"quota": 1.5}, "1.5 processors", "watch"),
        ("container limit", {"quota": 0.5}, "0.5 processors", "bad"),
        ("siblings on a core", {"siblings": (4, 5)}, "4-5", "watch"),
        ("load before", {"load": 1.0}, "1.00 processes at once", "watch"),
        ("load before", {"load": 2.1}, "2.10 processes at once", "bad"),
        ("load before", {"load": 0.4, "online": ()}, "0.40 processes at once", "watch"),
        ("clock source", {"clock": "hpet"}, "hpet", "watch"),
        ("clock resolution", {"resolution": 1e-5}, "10,000 ns", "watch"),
        ("clock resolution", {"resolution": 0.015}, "15,000,000 ns", "bad"),
        ("address randomisation", {"randomised": 0}, "off", "watch"),
        ("address randomisation", {"randomised": 1}, "in part", "watch"),
        ("hash seed", {"hash_seed": "0"}, "0", "watch"),
        ("hash seed", {"hash_seed": "random"}, "random", "good"),
        ("interpreter build", {"debug": True}, "debug", "bad"),
        ("watched by", {"watchers": ("tracemalloc", "pdb")}, "tracemalloc, pdb", "bad"),
    ],
)  # fmt: skip
def test_each_fact_is_judged_by_what_it_does_to_figures(
    name: str, facts: dict[str, Any], said: str, judgement: str
) -> None:
    found = fact(name, **facts)
    assert (found.said, found.judgement.value) == (said, judgement)
    assert bool(found.why) is bool(found.remedy) is (judgement != "good")
