"""A lost worker costs the test that it ran; interrupts end a run in order."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.plugin.parallel.conftest import Suite

pytestmark = pytest.mark.slow

HEAD = "import os, signal, subprocess, sys, threading, time, pytest\n"
OTHERS = "def test_8(): pass\ndef test_9(): pass\n"
ENDS = {
    "os.kill(os.getpid(), signal.SIGKILL)": "was ended by SIGKILL",
    "os.kill(os.getpid(), signal.SIGSEGV)": "was ended by SIGSEGV",
    "os._exit(5)": "exited with status 5",
}
HARMLESS = [
    "os.fork()",
    "os.close(1)",
    "os.close(1); os.close(2)",
    "os.chdir('/')",
    "os.environ.clear()",
    "signal.signal(signal.SIGINT, signal.SIG_IGN); signal.signal(signal.SIGTERM, signal.SIG_IGN)",
    "sys.stdout = None",
    "threading.Thread(target=time.sleep, args=(600,)).start()",
]
CRASHING = """
@pytest.fixture(scope="{scope}")
def crash():
    {up}
    yield
    {down}
def test_with(crash): pass
"""
LONG = """
import os, pathlib, time, pytest

@pytest.fixture(scope="session", autouse=True)
def whole():
    yield
    pathlib.Path(f"down-{{os.getpid()}}").touch()
    {down}

def test_long():
    pathlib.Path(f"began-{{os.getpid()}}").touch()
    time.sleep(600)

def test_after(): pass
"""


def lines(body: str) -> dict[str, str]:
    text = f"{HEAD}def test_0(): pass\ndef test_1(): {body}\ndef test_2(): pass\n"
    return {"test_a.py": text, "test_b.py": OTHERS}


def until(true: Callable[[], object]) -> bool:
    for _ in range(6000):
        if true():
            return True
        time.sleep(0.01)
    return False


def runs(process: str) -> bool:
    try:
        with open(f"/proc/{process}/stat") as file:  # noqa: PTH123  (the kernel's own file)
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def end(suite: Suite, *signals: int, down: str = "pass", before: str = "") -> tuple[int, str, Path]:
    """Start a long run, end it by signals, and wait until none of its workers is left."""
    text = f"{before}\n{LONG.format(down=down)}"
    suite.write({"test_a.py": text, "test_b.py": text})
    command = [sys.executable, "-m", "pytest", "-pno:hypothesispytest", "--paceline-workers=2"]
    # Whoever started us may have interrupts ignored, as a shell does in the background.
    heard = ["env", "--default-signal=INT", *command]
    started = subprocess.Popen(heard, cwd=suite.path, stdout=subprocess.PIPE, text=True)
    assert until(lambda: len(list(suite.path.glob("began-*"))) == 2)
    workers = [file.name.partition("-")[2] for file in suite.path.glob("began-*")]
    for number in signals:
        started.send_signal(number)
        until(lambda: "sleep" not in down or list(suite.path.glob("down-*")))
    said = started.communicate(timeout=60)[0]
    assert until(lambda: not any(map(runs, workers)))
    return started.returncode, said, suite.path


@pytest.mark.parametrize("body", ENDS)
def test_a_lost_worker_costs_its_test_only(suite: Suite, body: str) -> None:
    suite.write(lines(body))
    seen = suite.run()
    assert seen.status == 1
    assert seen.said(f"{ENDS[body]} while it ran test_a.py::test_1", "1 failed, 4 passed")
    assert (seen.of("test_1", "???"), seen.of("test_2")) == (["failed"], ["passed"])


def test_a_crash_shows_its_stack_and_last_output(suite: Suite) -> None:
    suite.write(lines("os.write(1, b'last words'); os.kill(os.getpid(), signal.SIGSEGV)"))
    assert suite.run().said("Segmentation fault", "line 3 in test_1", "last words")


def test_a_lost_test_is_run_again_when_asked(suite: Suite) -> None:
    suite.write(lines("os.path.exists('mark') or (open('mark', 'w').close(), os._exit(1))"))
    seen = suite.run("--paceline-retry-crashed=1")
    assert (seen.status, seen.of("test_1")) == (0, ["passed"])
    assert seen.said("test_a.py::test_1: the worker exited with status 1; it is run again")


def test_workers_that_are_always_lost_cost_every_test_once(suite: Suite) -> None:
    suite.write({"conftest.py": f"{HEAD}def pytest_runtest_call(): os._exit(1)\n"} | lines("pass"))
    seen = suite.run()
    assert seen.said("5 failed in")
    assert len({row[0] for row in seen.rows if row[2] == "failed"}) == 5


@pytest.mark.parametrize(("scope", "up"), [("function", True), ("session", True)])
def test_a_crash_in_a_set_up_is_its_tests(suite: Suite, scope: str, up: bool) -> None:
    body = CRASHING.format(scope=scope, up="os._exit(3)" if up else "0", down="0")
    suite.write({"test_a.py": HEAD + body, "test_b.py": OTHERS})
    seen = suite.run()
    assert seen.said("exited with status 3 while it ran test_a.py::test_with", "1 failed, 2 passed")


def test_a_crash_in_the_last_teardown_fails_the_run(suite: Suite) -> None:
    body = CRASHING.format(scope="session", up="0", down="os._exit(3)")
    suite.write({"test_a.py": HEAD + body, "test_b.py": OTHERS})
    seen = suite.run()
    assert seen.status == 1
    assert seen.said("worker gw", "exited with status 3", "1 failed")


@pytest.mark.parametrize("body", HARMLESS)
def test_a_test_that_meddles_with_its_process_stops_nobody(suite: Suite, body: str) -> None:
    suite.write(lines(body))
    seen = suite.run()
    assert (seen.status, len(seen.rows)) == (0, 15), seen.text


def test_an_interrupt_loses_no_failure_that_was_to_be_tried_again(suite: Suite) -> None:
    status, said, _ = end(suite, signal.SIGINT, before="def test_fails(): assert 0")
    assert status == 2
    assert said.count("test_fails - assert 0") == 2


THAWING = "import gc\ndef pytest_unconfigure(): gc.unfreeze()\n"


def test_no_file_of_ours_is_left_open_at_the_end(suite: Suite) -> None:
    passing = "import pytest\n@pytest.mark.parametrize('n', range(9))\ndef test_it(n): pass\n"
    suite.write({"conftest.py": THAWING, "test_a.py": passing})
    seen = suite.run("-Werror")
    assert seen.status == 0
    assert not seen.said("unclosed")


def test_one_interrupt_tears_down_and_leaves_nobody(suite: Suite) -> None:
    status, said, path = end(suite, signal.SIGINT)
    assert (status, len(list(path.glob("down-*")))) == (2, 2)
    assert "KeyboardInterrupt" in said


def test_a_second_interrupt_does_not_wait(suite: Suite) -> None:
    status, said, _ = end(suite, signal.SIGINT, signal.SIGINT, down="time.sleep(600)")
    assert status == 2
    assert "KeyboardInterrupt" in said


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_no_worker_outlives_the_controller(suite: Suite, number: int) -> None:
    assert end(suite, number)[0] == -number


def test_an_exit_in_a_test_ends_the_run_with_its_status(suite: Suite) -> None:
    serial, forked = suite.both(lines("pytest.exit('enough', returncode=7)"))
    assert (serial.status, forked.status) == (7, 7)
    assert forked.said("Exit: enough")
    assert forked.of("test_1", "setup") == ["passed"]
    assert forked.of("test_0", "setup").count("passed") <= 2


def test_an_interrupt_raised_by_a_test_ends_the_run(suite: Suite) -> None:
    serial, forked = suite.both(lines("raise KeyboardInterrupt"))
    assert (serial.status, forked.status) == (2, 2)


def test_a_session_that_should_stop_stops(suite: Suite) -> None:
    body = "@pytest.mark.parametrize('n', range(500))\ndef test_it(n, request):\n"
    stop = "    request.session.shouldstop = 'enough' if n == 9 else False\n    time.sleep(0.01)\n"
    serial, forked = suite.both({"test_a.py": HEAD + body + stop})
    assert (serial.status, forked.status) == (2, 2)
    assert forked.said("Interrupted: enough")
    assert len(forked.of("test_it[499]")) == 0


def test_the_first_failures_stop_tests_that_still_run(suite: Suite) -> None:
    fails = f"{HEAD}def test_fails(): until('long'); assert 0\n"
    fails += "def until(name):\n    while not os.path.exists(name): time.sleep(0.01)\n"
    long = f"{HEAD}def test_long(): open('long', 'w').close(); time.sleep(600)\n"
    suite.write({"test_a.py": fails, "test_b.py": long})
    seen = suite.run("-x")
    assert (seen.status, seen.of("test_fails"), seen.of("test_long")) == (1, ["failed"], [])


@pytest.mark.parametrize("hook", ["pytest_runtest_logstart(nodeid)", "pytest_runtest_call(item)"])
def test_a_hook_that_fails_ends_as_in_one_process(suite: Suite, hook: str) -> None:
    hooks = f"def {hook}:\n    raise ValueError('my hook')\n"
    serial, forked = suite.both({"conftest.py": hooks} | lines("pass"))
    assert forked.status == serial.status
    assert forked.said("my hook")


def test_a_process_whose_forks_die_at_once_runs_its_tests_itself(suite: Suite) -> None:
    dies = "import os\nos.register_at_fork(after_in_child=lambda: os._exit(7))"
    suite.write({"conftest.py": dies, "test_a.py": "def test_it(): pass\ndef test_that(): pass"})
    seen = suite.run()
    assert seen.said("one process: forked workers end before they have run a test")
    assert (seen.status, len(seen.rows)) == (0, 6)
