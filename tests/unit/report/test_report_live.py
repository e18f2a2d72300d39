from __future__ import annotations

import pytest

from paceline.report.live import Running, Scene, columns, failure, fitted, frame, rest, slowest
from paceline.report.paint import ansi

BUSY = tuple(Running(f"gw{number}", "a.py::test_x", 7.9) for number in range(4))


def scene(*running: Running, done: int = 17, failed: int = 0, trying: str = "") -> Scene:
    return Scene(done, 40, failed, 0.424, 67.0, 3605.0, running, trying)


def test_a_run_shows_its_share_of_time_its_tests_and_its_times() -> None:
    (line,) = frame(scene(), 80, height=9)
    assert line == "████████░░░░░░░░░░░░   42 %  17/40 tests  1:07, about 1:00:05 left"


def test_each_worker_shows_its_test_since_when_and_whether_it_is_slow() -> None:
    slow = Running("gw10", "b.py::test_y", 61.0, slow=True)
    _, *lines = frame(scene(BUSY[0], slow, Running("gw2")), 80, height=9)
    assert lines == [
        "gw0    0:07  a.py::test_x",
        "gw10   1:01  slow  b.py::test_y",
        "gw2   waits",
    ]


def test_failures_are_counted_and_turn_the_bar() -> None:
    (line,) = frame(scene(failed=2), 90, height=9, paint=ansi)
    assert "17/40 tests, 2 failed  1:07" in line
    assert line.startswith("\x1b[31m█")
    assert frame(scene(), 90, height=9, paint=ansi)[0].startswith("\x1b[32m█")


def test_a_slow_row_is_painted() -> None:
    slow = Running("gw0", "t", 61.0, slow=True)
    assert frame(scene(slow), 80, height=9, paint=ansi)[1] == "\x1b[33mgw0   1:01  slow  t\x1b[0m"


@pytest.mark.parametrize("width", [1, 2, 5, 12, 20, 40, 59, 60, 61, 80, 200])
@pytest.mark.parametrize("pure_ascii", [True, False])
def test_no_line_reaches_the_last_column(width: int, pure_ascii: bool) -> None:
    long = Running("gw0", f"tests/{'宽' * 70}.py::test_é[ü]", 7.0, slow=True)
    for shown in (scene(long, Running("gw1"), *BUSY, failed=3), scene(trying="宽" * 90)):
        for line in frame(shown, width, height=5, pure_ascii=pure_ascii):
            assert columns(line) < width or not line
            assert line.isascii() or not pure_ascii


def test_workers_that_find_no_room_are_counted() -> None:
    assert frame(scene(*BUSY), 80, height=4)[-1] == "and 2 more workers"
    assert len(frame(scene(*BUSY), 80, height=4)) == 4
    assert len(frame(scene(*BUSY), 80, height=5)) == 5
    assert frame(scene(*BUSY), 80, height=0) == ()
    assert len(frame(scene(*BUSY), 80, height=1)) == 1


def test_a_failure_that_is_tried_again_is_named_instead_of_workers() -> None:
    assert frame(scene(*BUSY, trying="a.py::t"), 80, height=9)[1:] == ("trying again: a.py::t",)


def test_a_run_is_done_when_its_last_test_is_and_no_rest_is_said_then() -> None:
    assert "100 %  40/40 tests  0:09" in frame(Scene(40, 40, 0, 1.2, 9.0, 0.4), 80, height=1)[0]
    assert " 99 %  39/40 tests  0:09" in frame(Scene(39, 40, 0, 1.2, 9.0, 0.4), 80, height=1)[0]
    assert "left" not in frame(Scene(40, 40, 0, 1.2, 9.0, 0.4), 80, height=1)[0]


def test_names_cannot_move_the_cursor() -> None:
    hostile = Running("gw0", "a.py::t[\x1b[2J\r\n]", 1.0)
    assert frame(scene(hostile), 80, height=9)[1] == "gw0   0:01  a.py::t[\\x1b[2J\\r\\n]"
    assert failure("FAILED", "a::t[\x1b]", "\n E\x1b[A \nmore") == "FAILED a::t[\\x1b] - E\\x1b[A"


def test_a_failure_without_a_reason_is_its_name() -> None:
    assert failure("ERROR", "a::é", " \n", pure_ascii=True) == "ERROR a::\\xe9"


@pytest.mark.parametrize(
    ("text", "width", "shown"),
    [
        ("abcdef", 6, "abcdef"),
        ("abcdef", 5, "ab…ef"),
        ("abcdef", 4, "a…ef"),
        ("abcdef", 1, "a"),
        ("abcdef", 0, ""),
        ("宽宽宽宽", 5, "宽…宽"),
        ("宽宽宽", 1, ""),
        ("e\u0301e\u0301", 2, "e\u0301e\u0301"),
    ],
)
def test_a_text_loses_its_middle_by_columns(text: str, width: int, shown: str) -> None:
    assert fitted(text, width) == shown


def test_the_rest_is_shared_by_workers_and_no_less_than_what_a_test_needs() -> None:
    assert rest([], past=0.0, total=40.0, elapsed=0.0, workers=4) == 10.0
    assert rest([25.0], past=0.0, total=40.0, elapsed=0.0, workers=4) == 25.0
    assert rest([-3.0], past=40.0, total=40.0, elapsed=50.0, workers=4) == 0.0


def test_a_run_that_goes_slower_than_expected_corrects_its_rest() -> None:
    assert rest([], past=10.0, total=40.0, elapsed=5.0, workers=4) == 15.0
    assert rest([], past=1.0, total=40.0, elapsed=5.0, workers=4) == 9.75


def test_the_slowest_tests_are_named_with_failed_ones_first() -> None:
    took = [("a", 1.0), ("b", 0.04), ("c", 0.06), ("d", 3.0), ("e\x1b", 2.0)]
    assert (
        slowest(took, frozenset("bc")) == "slowest: c 60.00 ms (failed), d 3.000 s, e\\x1b 2.000 s"
    )
    assert slowest([("a", 0.04)], frozenset("a")) == ""
