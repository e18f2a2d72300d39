"""Whatever a profile is turned into, its instructions add up to what they were."""

from __future__ import annotations

from collections import defaultdict

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from paceline.stats.frames import Frame, frames
from paceline.stats.profile import Cost, Function, Profile, named

SIX = [Function(f"0x{number}" if number % 2 else f"f{number}", "a") for number in range(6)]
EDGES = st.tuples(st.sampled_from(SIX), st.sampled_from(SIX), st.integers(1, 9))
TREES = st.recursive(
    st.builds(Frame, st.sampled_from(SIX), st.integers(1, 99), st.just(())),
    lambda below: st.builds(
        Frame, st.sampled_from(SIX), st.integers(1, 99), st.lists(below, max_size=3).map(tuple)
    ),
    max_leaves=12,
)


def whole(frame: Frame) -> float:
    return frame.own + sum(map(whole, frame.children))


def profile_of(root: Frame) -> Profile:
    """Count a tree as callgrind would; functions are told apart by their depth: none recurs."""
    own: dict[Function, float] = defaultdict(float)
    inclusive: dict[Function, float] = defaultdict(float)
    calls: dict[tuple[Function, Function], float] = defaultdict(float)

    def visit(frame: Frame, depth: int) -> Function:
        one = Function(frame.function.name, str(depth))
        own[one] += frame.own
        inclusive[one] += whole(frame)
        for child in frame.children:
            calls[one, visit(child, depth + 1)] += whole(child)
        return one

    visit(root, 0)
    functions = {one: Cost(cost, inclusive[one]) for one, cost in own.items()}
    return Profile(whole(root), functions, calls)


@pytest.mark.slow
@settings(deadline=None)
@given(st.lists(st.integers(0, 100), min_size=6, max_size=6), st.lists(EDGES, max_size=20))
def test_naming_functions_loses_no_instruction(
    own: list[int], edges: list[tuple[Function, Function, int]]
) -> None:
    functions = {one: Cost(cost, cost) for one, cost in zip(SIX, own, strict=True)}
    calls = {(caller, callee): float(cost) for caller, callee, cost in edges}
    joined = named(Profile(float(sum(own)), functions, calls), {3: Function("g", "b")})
    assert sum(cost.own for cost in joined.functions.values()) == pytest.approx(sum(own))


@pytest.mark.slow
@settings(deadline=None)
@given(TREES)
def test_the_tree_of_frames_holds_the_whole_profile(root: Frame) -> None:
    profile = profile_of(root)
    assert sum(map(whole, frames(profile))) == pytest.approx(profile.total, rel=0.01)
