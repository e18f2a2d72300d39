from __future__ import annotations

import pytest

from paceline.suite.workers import Capacity, Choice, choose_workers

GB = 10**9
LARGE = Capacity(16.0, 64 * GB, 64 * GB)


@pytest.mark.parametrize(
    ("capacity", "count"),
    [
        (LARGE, 16),
        (Capacity(1.5), 1),
        (Capacity(0.2), 1),
        (Capacity(16.0, total=4 * GB - 1), 2),
        (Capacity(16.0, total=4 * GB), 4),
        (Capacity(16.0, total=8 * GB), 16),
        (Capacity(1.0, total=4 * GB - 1), 1),
    ],
)
def test_cores_and_memory_decide(capacity: Capacity, count: int) -> None:
    assert choose_workers(capacity, tests=999, seconds=60).count == count


def test_a_worker_s_peak_limits_what_memory_at_hand_holds() -> None:
    choice = choose_workers(Capacity(16.0, 7 * GB, 64 * GB), tests=999, seconds=60, peak=2 * GB)
    assert choice == Choice(3, "memory at hand holds 3 of 2000 MB each")
    assert choose_workers(Capacity(16.0, 1, 64 * GB), tests=99, seconds=60, peak=2).count == 1


@pytest.mark.parametrize(("tests", "because"), [(3, "3 tests"), (1, "1 test")])
def test_there_are_no_more_workers_than_tests(tests: int, because: str) -> None:
    assert choose_workers(LARGE, tests=tests, seconds=60) == Choice(tests, because)


def test_a_short_suite_gets_one_worker() -> None:
    choice = choose_workers(LARGE, tests=99, seconds=0.25)
    assert choice == Choice(1, "tests take 0.25 s in all, more would not pay")


def test_a_cap_limits_the_automatic_choice_only() -> None:
    assert choose_workers(LARGE, tests=99, seconds=60, cap=3) == Choice(3, "at most 3 by setting")
    assert choose_workers(LARGE, tests=99, seconds=60, cap=3, asked=5).count == 5


@pytest.mark.parametrize(("asked", "tests", "count"), [(5, 99, 5), (5, 2, 2), (5, 0, 1), (0, 9, 1)])
def test_a_number_is_obeyed_up_to_the_tests(asked: int, tests: int, count: int) -> None:
    choice = choose_workers(Capacity(1.0), tests=tests, seconds=0.0, asked=asked)
    assert choice.count == count
    assert "asked for" in choice.because
