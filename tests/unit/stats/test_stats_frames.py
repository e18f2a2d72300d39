from __future__ import annotations

from paceline.stats.frames import Frame, frames
from paceline.stats.profile import Cost, Function, Profile

A, B, C, D = (Function(name, "a.py") for name in "abcd")


def whole(frame: Frame) -> float:
    return frame.own + sum(map(whole, frame.children))


def test_a_function_below_two_callers_is_shared_as_their_calls_cost() -> None:
    functions = {A: Cost(10, 100), B: Cost(20, 50), C: Cost(70, 70)}
    calls = {(A, B): 50.0, (A, C): 40.0, (B, C): 30.0}
    (root,) = frames(Profile(100.0, functions, calls))
    below_b, c_of_a = root.children
    assert (root.function, root.own) == (A, 10)
    assert (below_b.own, below_b.children[0].own, c_of_a.own) == (20, 30, 40)


def test_a_call_back_to_a_function_further_up_is_work_of_the_caller() -> None:
    functions = {A: Cost(20, 40), B: Cost(40, 50)}
    roots = frames(Profile(60.0, functions, {(A, B): 20.0, (B, A): 10.0, (A, A): 5.0}))
    assert [whole(root) for root in roots] == [30, 30]
    assert roots[0].children == (Frame(B, 15, ()),)


def test_calls_too_small_to_see_are_work_of_the_caller() -> None:
    functions = {A: Cost(99_990, 100_000), B: Cost(10, 10)}
    assert frames(Profile(1e5, functions, {(A, B): 10.0})) == (Frame(A, 100_000, ()),)


def test_a_callee_that_the_profile_does_not_know_works_itself() -> None:
    (root,) = frames(Profile(10.0, {A: Cost(4, 10)}, {(A, D): 6.0}))
    assert root.children == (Frame(D, 6, ()),)


def test_nothing_counted_has_no_frames() -> None:
    assert frames(Profile(0.0, {}, {})) == ()
