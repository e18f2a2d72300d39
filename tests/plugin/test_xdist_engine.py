"""The engine in real pytest runs: each starts processes of pytest-xdist."""

from __future__ import annotations

import time

import pytest

from paceline.store.sqlite import Store

pytest.importorskip("xdist")

pytestmark = pytest.mark.slow

SUITE = """
import time
import pytest

@pytest.mark.parametrize("number", range(8))
def test_short(number):
    assert number < 9

def test_long():
    time.sleep(1.5)  # what the plan is to see in the store, also on a busy machine
"""
THREAD = """
import threading
import pytest

HELD = threading.Event()

def pytest_collection_finish(session):
    if not hasattr(session.config, "workerinput"):
        threading.Thread(target=HELD.wait, daemon=True, name="holds").start()

def pytest_unconfigure():
    HELD.set()
"""
LOG = """
import os

def pytest_runtest_logstart(nodeid):
    worker = os.environ.get("PYTEST_XDIST_WORKER")
    if worker:
        with open(f"{worker}.log", "a") as file:
            print(nodeid.rpartition("::")[2], file=file)
"""
ENGINE = ("--paceline-workers=2", "--paceline-engine=xdist")


def run(pytester: pytest.Pytester, *arguments: str) -> pytest.RunResult:
    quiet = ("-p", "no:cacheprovider", "--paceline")
    return pytester.runpytest_subprocess(*quiet, *arguments, timeout=120)


def test_the_longest_of_the_last_run_begins_first(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(test_a=SUITE)
    pytester.makeconftest(LOG)
    run(pytester).assert_outcomes(passed=9)
    result = run(pytester, *ENGINE, "--paceline-order=longest")
    result.assert_outcomes(passed=9)
    said = "paceline: 2 processes of pytest-xdist, because --paceline-engine=xdist; longest order*"
    result.stdout.fnmatch_lines([said, "paceline: wall *, lower bound *"])
    began = [log.read_text("utf-8").split()[0] for log in pytester.path.glob("gw*.log")]
    assert "test_long" in began


def test_without_a_record_of_a_shuffled_run_the_order_stays(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(test_a=SUITE)
    run(pytester).assert_outcomes(passed=9)
    run(pytester, *ENGINE).stdout.fnmatch_lines(["*; serial order: on pytest-xdist no failure*"])
    run(pytester, *ENGINE, "--paceline-order=shuffled").assert_outcomes(passed=9)
    run(pytester, *ENGINE).stdout.fnmatch_lines(["*; longest order: the suite has passed shuffled"])


def test_where_forking_is_unsafe_xdist_takes_over(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        test_a=SUITE, test_b="import pytest\npytest.skip('', allow_module_level=True)"
    )
    pytester.makeconftest(THREAD)
    result = run(pytester, "--paceline-workers=2", "--benchmark-serial")
    result.assert_outcomes(passed=9, skipped=1)
    said = "*2 processes of pytest-xdist, because the thread 'holds' is running*; serial order*"
    result.stdout.fnmatch_lines([said])


def test_without_xdist_one_process_runs_everything(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(test_a=SUITE)
    pytester.makeconftest(THREAD)
    result = run(pytester, "--paceline-workers=2", "-p", "no:xdist")
    result.assert_outcomes(passed=9)
    result.stdout.fnmatch_lines(
        ["*one process: the thread 'holds'*, and pytest-xdist is not there"]
    )


def test_xdist_that_is_asked_for_and_not_there_is_an_error(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(test_a=SUITE)
    result = run(pytester, *ENGINE, "-p", "no:xdist")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*needs pytest-xdist, which is not there*", "remedy: *"])


@pytest.mark.parametrize("thread", ["", THREAD])
def test_a_lost_process_costs_the_test_that_it_ran(pytester: pytest.Pytester, thread: str) -> None:
    pytester.makeconftest(thread)
    pytester.makepyfile(test_a=SUITE, test_z="import os\ndef test_crash(): os._exit(3)")
    asked = ("--paceline-workers=2",) if thread else ENGINE
    result = run(pytester, *asked)
    result.assert_outcomes(passed=9, failed=1)
    result.stdout.fnmatch_lines(["worker 'gw?' crashed while running 'test_z.py::test_crash'"])
    assert result.ret == pytest.ExitCode.TESTS_FAILED


@pytest.mark.parametrize("thread", ["", THREAD])
def test_the_first_failure_stops_everyone(pytester: pytest.Pytester, thread: str) -> None:
    pytester.makeconftest(thread)
    many = "import pytest\n@pytest.mark.parametrize('number', range(900))\ndef test_a(number): pass"
    pytester.makepyfile(test_a="def test_red(): assert False", test_b=many)
    asked = ("--paceline-workers=2",) if thread else ENGINE
    result = run(pytester, *asked, "-x")
    assert result.ret == pytest.ExitCode.INTERRUPTED
    outcomes = result.parseoutcomes()
    assert (outcomes["failed"], outcomes.get("passed", 0) < 900) == (1, True)


def test_users_own_processes_follow_the_plan_too(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(test_a=SUITE)
    result = run(pytester, "-n2", "--paceline-engine=xdist")
    result.assert_outcomes(passed=9)
    result.stdout.fnmatch_lines(
        ["paceline: 2 processes of pytest-xdist, because --paceline-engine*"]
    )


@pytest.mark.parametrize("thread", ["", THREAD])
def test_what_tests_took_reaches_the_store(pytester: pytest.Pytester, thread: str) -> None:
    pytester.makeconftest(thread)
    pytester.makepyfile(test_a=SUITE)
    run(pytester, *(("--paceline-workers=2",) if thread else ENGINE)).assert_outcomes(passed=9)
    known = Store(pytester.path / ".paceline" / "paceline.sqlite", clock=time.time).past().tests
    seconds = {one.node_id.rpartition("::")[2]: one.seconds for one in known}
    assert (len(seconds), max(seconds, key=lambda name: seconds[name])) == (9, "test_long")
