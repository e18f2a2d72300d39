from __future__ import annotations

import dataclasses

import pytest

from paceline.errors import Place
from paceline.model import METRICS, Budget, Case, Estimate, Host, Measurement
from paceline.model.budget import Direction, Selector
from paceline.model.budget_codec import decode_budget, encode_budget

HOST = Host("EPYC", 2, 8 << 30, "Linux x86_64", "CPython 3.11.7", "github")


@pytest.mark.parametrize(
    ("label", "id_", "name"),
    [
        ("", "t.py::A::test_a[1]", "test_a[1]"),
        ("fast", "t.py::A::test_a[1]#fast", "test_a[1]#fast"),
    ],
)
def test_a_case_is_named_by_its_item_and_label(label: str, id_: str, name: str) -> None:
    case = Case("t.py::A::test_a[1]", label)
    assert (case.id, case.name) == (id_, name)


def test_hosts_are_alike_but_for_memory_and_patch_release() -> None:
    other = dataclasses.replace(HOST, memory=1, python="CPython 3.11.9")
    assert other.kind == HOST.kind
    assert HOST.differences(other) == ()


def test_hosts_that_differ_say_in_what() -> None:
    other = dataclasses.replace(HOST, cores=4, python="CPython 3.13.0")
    assert other.kind != HOST.kind
    assert HOST.differences(other) == ("cores: 2 → 4", "python: CPython 3.11 → CPython 3.13")


def test_a_measurement_counts_its_rounds_and_looks_conditions_up() -> None:
    one = Measurement(Case("a"), METRICS["wall_time"], (1.0, 2.0), conditions=(("gc", "off"),))
    assert (one.rounds, one.condition("gc"), one.condition("tracer")) == (2, "off", "")


@pytest.mark.parametrize(("point", "half"), [(2.0, 0.25), (-2.0, 0.25), (0.0, float("inf"))])
def test_a_half_width_is_relative_to_the_point(point: float, half: float) -> None:
    assert Estimate(point, point - 0.5, point + 0.5, 0.95, "").half_width == half


@pytest.mark.parametrize("place", [None, Place("a.toml", 3)])
def test_a_budget_comes_back_as_it_went(place: Place | None) -> None:
    budget = Budget(
        "api", Selector(pattern="test_*"), "wall_time", "mean", Direction.MAX, 0.1, place=place
    )
    assert decode_budget(encode_budget(budget)) == budget
