from __future__ import annotations

import pytest

from paceline.errors import Place
from paceline.guard.leak_diagnosis import diagnose_leak
from paceline.model.finding import Finding, FindingKind
from paceline.stats.leak import GARBAGE, Holder, LeakResult, LeakVerdict, Resource

LINE = Holder("SEEN.append(x)", Place("app.py", 7), count=1.0, size=64.0)


def leaking(*names: str, holders: tuple[Holder, ...] = (), unit: str = "1") -> LeakResult:
    resources = tuple(
        Resource(name, unit, LeakVerdict.LEAK, 2.0, 1.9, 2.1, 200.0) for name in names
    )
    return LeakResult(
        "f", LeakVerdict.LEAK, "it grew", resources=resources, holders=holders, place=Place("f.py")
    )


def found(result: LeakResult) -> Finding:
    (one,) = diagnose_leak(result)
    return one


@pytest.mark.parametrize("verdict", [LeakVerdict.CLEAN, LeakVerdict.FILLING, LeakVerdict.UNSURE])
def test_without_a_leak_there_is_nothing_to_diagnose(verdict: LeakVerdict) -> None:
    assert diagnose_leak(LeakResult("f", verdict, "")) == ()


@pytest.mark.parametrize(
    ("resource", "recipe"),
    [("threads", "join"), ("tasks", "TaskGroup"), ("processes", "wait"), ("files", "with")],
)
def test_a_handle_is_to_be_given_back(resource: str, recipe: str) -> None:
    assert recipe in found(leaking(resource, "objects")).recipe


@pytest.mark.parametrize(
    ("name", "cause"),
    [
        ("lru_cache of app.rate", "a cache without a bound"),
        ("app.CACHE", "a cache without a bound"),
        ("app.BUS.listeners", "listeners that are registered and never taken away"),
        ("app.Bus.handlers of the cache", "listeners that are registered and never taken away"),
        ("app.ROWS", "a collection that is only ever added to"),
    ],
)
def test_a_container_is_told_by_its_name(name: str, cause: str) -> None:
    holder = Holder(name, count=1.0, length=30)
    assert found(leaking("objects", holders=(holder, LINE))).cause == cause


@pytest.mark.parametrize(
    ("holder", "cause"),
    [
        (Holder("app.cache.LOG", Place("app/cache.py", 3), count=1.0, length=9), "a collection"),
        (
            Holder("lru_cache of app.rates.rate", Place("app/rates.py", 3), count=1.0, length=9),
            "a cache",
        ),
        (
            Holder("app.callbacks.BUS.hooks", Place("callbacks.py", 3), count=1.0, length=9),
            "listeners",
        ),
        (Holder("app.TABLE", count=1.0, length=9, keyed=True), "a cache"),
        (Holder("app.HANDLERS", count=1.0, length=9, keyed=True), "listeners"),
    ],
    ids=lambda one: one.name if isinstance(one, Holder) else "",
)
def test_the_name_of_a_module_tells_no_cause_and_a_dictionary_does(
    holder: Holder, cause: str
) -> None:
    assert found(leaking("objects", holders=(holder, LINE))).cause.startswith(cause)


@pytest.mark.parametrize(
    ("resource", "count", "cause"),
    [
        ("python", 0.0, "a text, tuple or array"),
        ("python", 1.0, "objects stay alive"),
        ("blocks", 0.0, "objects stay alive"),
    ],
)
def test_one_object_that_is_enlarged_is_told_from_many(
    resource: str, count: float, cause: str
) -> None:
    line = Holder('text += "abc"', Place("app.py", 7), count=count, size=8.0)
    assert found(leaking(resource, holders=(line,))).cause.startswith(cause)


def test_the_line_that_allocated_is_the_place_to_look_at() -> None:
    holder = Holder("app.ROWS", count=1.0, length=30)
    one = found(leaking("objects", holders=(holder, LINE)))
    assert (one.kind, one.place, one.saving) == (FindingKind.LEAK, Place("app.py", 7), 64.0)
    assert one.proof == "it grew; app.ROWS grew by 1 a call"


def test_native_memory_alone_is_to_be_freed() -> None:
    one = found(leaking("heap", unit="B"))
    assert "freed" in one.cause
    assert (one.saving, one.place) == (2.0, Place("f.py"))


def test_cycles_that_nobody_collects_are_to_be_broken() -> None:
    holders = (Holder(GARBAGE, count=2.0), LINE)
    assert "weakref" in found(leaking("objects", holders=holders)).recipe


@pytest.mark.parametrize("holders", [(), (LINE,), (Holder("a line", size=3.0),)])
def test_what_no_container_holds_is_looked_for_at_its_lines(holders: tuple[Holder, ...]) -> None:
    assert "allocated" in found(leaking("blocks", holders=holders)).recipe
