"""Limits of a few tenths of a second on tests that would take minutes: how late is not judged."""

from __future__ import annotations

import signal
import sys
import threading
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

from paceline.plugin import timeouts
from paceline.plugin.timeouts import Timeouts, limit_of
from paceline.suite.timeout_options import TimeoutOptions

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="no alarm signal here")
ALARM = getattr(signal, "SIGALRM", 0)
CONFTEST = """
import pytest
from paceline.plugin.timeouts import Timeouts, limit_of
from paceline.suite.timeout_options import TimeoutOptions

def pytest_configure(config):
    if config.pluginmanager.hasplugin("paceline-timeouts"): return
    config.addinivalue_line("markers", "timeout(seconds)")
    part = Timeouts(config, TimeoutOptions(OPTIONS), grace=0.1)
    config.pluginmanager.register(part, "paceline-timeouts")
"""
QUIET = ("-p", "no:cacheprovider", "-p", "no:hypothesispytest")


def given(pytester: pytest.Pytester, text: str, options: str = "test=0.5") -> None:
    pytester.makeconftest(CONFTEST.replace("OPTIONS", options))
    pytester.makepyfile(test_a=text)


@pytest.fixture(autouse=True)
def _as_it_was() -> Iterator[None]:
    """Alarms of these tests leave nothing behind."""
    before = signal.getsignal(ALARM)
    yield
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)
    assert signal.getsignal(ALARM) == before


ASLEEP = "import time\ndef test_a():\n    time.sleep(60)\n"
BUSY = "def test_a():\n    while True: pass\n"
JOIN = (
    "import threading, time\ndef test_a():\n"
    "    one = threading.Thread(target=time.sleep, args=(60,), daemon=True, name='stuck')\n"
    "    one.start()\n    one.join()\n"
)
AWAITING = "import asyncio\ndef test_a():\n    asyncio.run(asyncio.sleep(60))\n"
LOOPING = (
    "import asyncio\nasync def work():\n    while True: pass\n"
    "def test_a():\n    asyncio.run(work())\n"
)

NEXT = "\nimport pytest\n@pytest.mark.timeout(None)\ndef test_b(): pass\n"


@pytest.mark.slow
@pytest.mark.parametrize("text", [ASLEEP, BUSY, JOIN, AWAITING, LOOPING])
def test_a_test_that_takes_too_long_fails_and_the_next_one_runs(
    pytester: pytest.Pytester, text: str
) -> None:
    given(pytester, f"{text}{NEXT}")
    result = pytester.runpytest_subprocess(*QUIET, timeout=50)
    result.assert_outcomes(failed=1, passed=1)
    result.stdout.fnmatch_lines(
        ["test_a.py::test_a: timed out after 0.5 s", "test_a.py:*: *", "* stacks of all threads *"]
    )


STUCK = (
    "import threading, time\ndef wait():\n    time.sleep(60)\n"
    "def test_a():\n    one = threading.Thread(target=wait, daemon=True)\n"
    "    one.start()\n    one.join()\n"
)


@pytest.mark.slow
def test_the_stacks_show_other_threads_and_no_pytest(pytester: pytest.Pytester) -> None:
    given(pytester, STUCK)
    shown = pytester.runpytest_subprocess(*QUIET, timeout=50).stdout
    shown.fnmatch_lines(["Thread 0x*", "*test_a.py* in wait", "Current thread 0x*", "* in test_a"])
    shown.no_fnmatch_line("*/pluggy/*")
    shown.no_fnmatch_line("*timeouts.py*")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("fixture", "outcomes"),
    [
        ("    time.sleep(60)\n    yield", {"errors": 1}),
        ("    yield\n    time.sleep(60)", {"errors": 1, "passed": 1}),
    ],
)
def test_set_up_and_teardown_count_as_the_test_s(
    pytester: pytest.Pytester, fixture: str, outcomes: dict[str, int]
) -> None:
    head = "import pytest, time\n@pytest.fixture\ndef one():\n"
    given(pytester, f"{head}{fixture}\ndef test_a(one): pass\n")
    result = pytester.runpytest_subprocess(*QUIET, timeout=50)
    result.assert_outcomes(**outcomes)
    result.stdout.fnmatch_lines(["test_a.py::test_a: timed out after 0.5 s"])


@pytest.mark.slow
def test_the_teardown_after_a_timeout_has_the_whole_time_again(pytester: pytest.Pytester) -> None:
    text = "import pytest, time\n@pytest.fixture\ndef one():\n    yield\n    print('torn down')\n"
    given(pytester, f"{text}def test_a(one): time.sleep(60)\n")
    result = pytester.runpytest_subprocess(*QUIET, timeout=50)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*torn down*"])


SWALLOWING = "    try: time.sleep(60)\n    except BaseException: pass\n"


@pytest.mark.slow
@pytest.mark.parametrize("rest", ["    pass\n", "    time.sleep(60)\n", SWALLOWING])
def test_a_test_that_swallows_its_timeout_fails_all_the_same(
    pytester: pytest.Pytester, rest: str
) -> None:
    given(pytester, f"import time\ndef test_a():\n{SWALLOWING}{rest}")
    pytester.runpytest_subprocess(*QUIET, timeout=50).assert_outcomes(failed=1)


@pytest.mark.slow
def test_limits_hold_in_xdist_s_workers(pytester: pytest.Pytester) -> None:
    given(pytester, f"{ASLEEP}{NEXT}")
    result = pytester.runpytest_subprocess(*QUIET, "-n2", timeout=50)
    result.assert_outcomes(failed=1, passed=1)
    result.stdout.fnmatch_lines(["*stacks of all threads*", "*in test_a"])


@pytest.mark.slow
def test_a_marker_is_closer_than_the_option(pytester: pytest.Pytester) -> None:
    mark = "import pytest\npytestmark = pytest.mark.timeout('200 ms', method='thread')\n"
    given(pytester, mark + ASLEEP, options="test=50")
    result = pytester.runpytest_subprocess(*QUIET, "--strict-markers", timeout=50)
    result.stdout.fnmatch_lines(["test_a.py::test_a: timed out after 0.2 s"])


@pytest.mark.parametrize("mark", ["'soon'", "-1", "", "1, 2", "True", "1, timelimit=3", "[1]"])
def test_a_marker_without_a_usable_limit_is_said(pytester: pytest.Pytester, mark: str) -> None:
    given(pytester, f"import pytest\n@pytest.mark.timeout({mark})\ndef test_a(): pass\n")
    result = pytester.runpytest_inprocess(*QUIET)
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["test_a.py:2: @pytest.mark.timeout*[[]PAC200[]]", "remedy: *"])


MARKS = (
    "@pytest.mark.timeout(2)\ndef test_a(): pass\n"
    "@pytest.mark.timeout(timeout='3 min')\ndef test_b(): pass\n"
    "@pytest.mark.timeout(None)\ndef test_c(): pass\n"
    "@pytest.mark.timeout('soon')\ndef test_d(): pass\n"
    "def test_e(): pass\n"
)


PEER = """
def pytest_addoption(parser):
    parser.addoption("--timeout", dest="timeout")
    parser.addini("timeout", "")

def pytest_configure(config):
    config.pluginmanager.register(object(), "timeout")
"""


def limits(pytester: pytest.Pytester, options: TimeoutOptions) -> list[float]:
    items = pytester.getitems(f"import pytest\n{MARKS}")
    Timeouts(items[0].config, options)
    return [limit_of(item) for item in items]


def test_each_test_s_limit_is_known_in_seconds(pytester: pytest.Pytester) -> None:
    assert limits(pytester, TimeoutOptions(test=7.0)) == [2.0, 180.0, 0.0, 0.0, 7.0]


def test_the_marker_is_pytest_timeout_s_where_that_is_installed(pytester: pytest.Pytester) -> None:
    pytester.makeconftest(PEER)
    assert limits(pytester, TimeoutOptions(test=7.0)) == [0.0, 0.0, 0.0, 0.0, 7.0]


def test_our_limit_stands_back_where_pytest_timeout_has_one(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytester.makeconftest(PEER)
    monkeypatch.setenv("PYTEST_TIMEOUT", "3")
    assert limits(pytester, TimeoutOptions(test=7.0)) == [0.0] * 5


HOOKS = """
import pytest

@pytest.hookimpl(trylast=True)
def pytest_runtest_setup(item): item.config.hook.pytest_enter_pdb(config=item.config, pdb=None)

@pytest.hookimpl(tryfirst=True)
def pytest_runtest_teardown(item): item.config.hook.pytest_leave_pdb(config=item.config, pdb=None)
"""


@pytest.mark.slow
def test_the_limit_waits_while_a_debugger_is_entered(pytester: pytest.Pytester) -> None:
    given(pytester, "import time\ndef test_a(): time.sleep(1)\n")
    pytester.makepyfile(hooks=HOOKS)
    pytester.runpytest_subprocess(*QUIET, "-p", "hooks").assert_outcomes(passed=1)


def test_a_handler_and_a_timer_that_were_there_are_there_again(pytester: pytest.Pytester) -> None:
    given(pytester, "def test_a(): pass\n", options="test=50")
    before = signal.signal(ALARM, signal.SIG_IGN)
    signal.setitimer(signal.ITIMER_REAL, 100)
    pytester.runpytest_inprocess(*QUIET).assert_outcomes(passed=1)
    left, _ = signal.setitimer(signal.ITIMER_REAL, 0)
    assert signal.signal(ALARM, before) == signal.SIG_IGN
    assert 0 < left <= 100


def test_a_handler_that_a_test_leaves_is_left(pytester: pytest.Pytester) -> None:
    text = "import signal\ndef mine(*_): pass\ndef test_a(): signal.signal(signal.SIGALRM, mine)\n"
    given(pytester, f"{text}def test_b(): pass\n", options="test=50")
    before = signal.getsignal(ALARM)
    pytester.runpytest_inprocess(*QUIET).assert_outcomes(passed=2)
    assert getattr(signal.signal(ALARM, before), "__name__", "") == "mine"
    signal.setitimer(signal.ITIMER_REAL, 0)


def test_without_an_alarm_signal_tests_run_and_it_is_said_once(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timeouts, "signal", SimpleNamespace())
    given(pytester, "def test_a(): pass\ndef test_b(): pass\n")
    result = pytester.runpytest_inprocess(*QUIET)
    result.assert_outcomes(passed=2)
    said = [line for line in result.outlines if "not kept here (unsure)" in line]
    assert said == [
        "time limits of tests are not kept here (unsure): this system has no alarm signal"
    ]


def test_outside_the_main_thread_tests_run_and_it_is_said(pytester: pytest.Pytester) -> None:
    given(pytester, "def test_a(): pass\n")
    results: list[pytest.RunResult] = []
    thread = threading.Thread(target=lambda: results.append(pytester.runpytest_inprocess(*QUIET)))
    thread.start()
    thread.join()
    results[0].assert_outcomes(passed=1)
    results[0].stdout.fnmatch_lines(["*not kept here (unsure): tests don't run in the main thread"])


def test_after_the_run_s_limit_no_test_begins(pytester: pytest.Pytester) -> None:
    given(pytester, "def test_a(): pass\ndef test_b(): pass\ndef test_c(): pass\n", "run=15.0")
    conftest = pytester.path / "conftest.py"
    text = conftest.read_text("utf-8").replace("grace=0.1", "clock=iter(range(0, 99, 10)).__next__")
    conftest.write_text(text, "utf-8")
    result = pytester.runpytest_inprocess(*QUIET)
    result.assert_outcomes(passed=2)
    result.stdout.fnmatch_lines(["*time limit of 15 s is over; 1 of 3 tests were not begun*"])
    assert result.ret == pytest.ExitCode.INTERRUPTED


def test_a_run_that_ends_with_its_last_test_is_not_stopped(pytester: pytest.Pytester) -> None:
    given(pytester, "def test_a(): pass\n", "run=1e-9")
    result = pytester.runpytest_inprocess(*QUIET)
    result.assert_outcomes(passed=1)
    assert result.ret == pytest.ExitCode.OK


def test_a_debugger_that_pytest_does_not_know_is_not_interrupted() -> None:
    class Tracer:
        __module__ = "pydevd.tracing"

        def __call__(self, *_: object) -> None:
            """Trace nothing."""

    before = sys.gettrace()
    sys.settrace(Tracer())
    debugged = timeouts._debugged()
    sys.settrace(before)
    assert debugged
