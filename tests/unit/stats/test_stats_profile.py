from __future__ import annotations

import pytest

from paceline.errors import MeasureError
from paceline.stats.profile import Cost, Function, Profile, below, beneath, named, read_profile

TEXT = """\
# callgrind format
version: 1
positions: line
events: Ir
summary: 100

ob=(1) /lib/libone.so
fl=(1) /src/one.c
fn=(1) main
0 5
fi=(2) /src/inlined.h
0 5
fe=(1)
cfn=(2) work
calls=2 0
0 60
cob=(2) /lib/libtwo.so
cfi=(3) ???
cfn=(3) 0x0000000000001000
calls=1 +3
* 30

fn=(2)
0 20
cfn=(4) work'2
calls=1 0
0 40

fn=(4)
0 40

ob=(2)
fl=(3)
fn=(3)
+2 10
cob=(1)
cfi=(1)
cfn=(5) deep
calls=1 0
-1 20

ob=(1)
fl=(1)
fn=(5)
0 20

totals: 100
"""
MAIN, WORK, DEEP = (Function(name, "/src/one.c") for name in ("main", "work", "deep"))
NAMELESS = Function("0x0000000000001000", "/lib/libtwo.so")


def test_own_cost_inlined_code_and_calls_are_told_apart() -> None:
    profile = read_profile(TEXT)
    assert profile.total == 100
    assert profile.functions[MAIN] == Cost(10, 100)
    assert profile.functions[DEEP] == Cost(20, 20)
    assert profile.calls[MAIN, WORK] == 60


def test_levels_of_recursion_are_one_function_and_cost_what_the_outermost_call_cost() -> None:
    profile = read_profile(TEXT)
    assert profile.functions[WORK] == Cost(60, 60)
    assert (WORK, WORK) not in profile.calls


def test_a_function_without_a_source_file_stands_in_its_library() -> None:
    assert read_profile(TEXT).functions[NAMELESS] == Cost(10, 30)


def test_own_costs_add_up_to_the_total() -> None:
    profile = read_profile(TEXT)
    assert sum(cost.own for cost in profile.functions.values()) == profile.total


@pytest.mark.parametrize("text", ["", TEXT.partition("summary")[0]])
def test_a_profile_that_was_broken_off_is_an_error(text: str) -> None:
    with pytest.raises(MeasureError, match="holds no total"):
        read_profile(text)


def test_a_cost_before_any_name_is_nobodys() -> None:
    assert read_profile("0 7\ntotals: 7\n").functions == {Function("???", "???"): Cost(7, 7)}


def test_an_address_that_is_known_gets_its_name() -> None:
    name = Function("parse", "/project/a.py", 12)
    profile = named(read_profile(TEXT), {0x1000: name})
    assert profile.functions[name] == Cost(10, 30)
    assert profile.calls[MAIN, name] == 30
    assert next(one.line for one in profile.functions if one == name) == 12


def test_two_addresses_of_one_name_are_one_function_within_the_total() -> None:
    one, two, name = (
        Function("0x1", "lib"),
        Function("0x2", "lib"),
        Function("<lambda>", "a.py"),
    )
    profile = Profile(10.0, {one: Cost(4, 10), two: Cost(6, 6)}, {(one, two): 6.0})
    assert named(profile, {1: name, 2: name}).functions == {name: Cost(10, 10)}


def test_nameless_code_joins_its_callers() -> None:
    profile = named(read_profile(TEXT), {})
    assert NAMELESS not in profile.functions
    assert profile.functions[MAIN].own == 20
    assert profile.calls == {(MAIN, WORK): 60, (MAIN, DEEP): 20}


def test_nameless_code_shares_its_cost_among_its_callers() -> None:
    one, two = Function("one", "a"), Function("two", "a")
    functions = {one: Cost(0, 30), two: Cost(0, 10), NAMELESS: Cost(40, 40)}
    calls = {(one, NAMELESS): 30.0, (two, NAMELESS): 10.0, (NAMELESS, NAMELESS): 5.0}
    shared = named(Profile(40.0, functions, calls), {})
    assert shared.functions == {one: Cost(30, 30), two: Cost(10, 10)}
    assert shared.calls == {}


def test_nameless_code_that_nobody_called_stays() -> None:
    functions = {NAMELESS: Cost(40, 40)}
    assert named(Profile(40.0, functions, {}), {}).functions == functions


def test_two_checkouts_name_their_files_alike() -> None:
    base = below(read_profile(TEXT), "/src")
    head = below(read_profile(TEXT.replace("/src/", "/other/")), "/other/")
    assert base == head
    assert Function("main", "one.c") in base.functions


def test_the_part_below_a_function_leaves_out_what_it_did_not_call() -> None:
    part = beneath(read_profile(TEXT), NAMELESS)
    assert part.total == 30
    assert set(part.functions) == {NAMELESS, DEEP}
    assert part.calls == {(NAMELESS, DEEP): 20}


def test_the_part_below_an_unknown_function_is_the_whole() -> None:
    profile = read_profile(TEXT)
    assert beneath(profile, Function("other", "a")) is profile
