"""pytest's own options mean the same on workers."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.plugin.parallel.conftest import Suite

pytestmark = pytest.mark.slow

MANY = "import pytest\n@pytest.mark.parametrize('n', range(10))\ndef test_t(n): print(n)\n"
SUITE = {
    "test_a.py": MANY,
    "test_b.py": "def test_1(): pass\ndef test_fails(): assert 0\n",
}
OPTIONS = [
    *(["-x"], ["--maxfail=2"], ["-v"], ["-q"], ["-vv"], ["--co"], ["-k", "fails"], ["-ra"]),
    *(["--durations=3"], ["--setup-show"], ["--setup-only"], ["--setup-plan"], ["--nf"]),
    *(["-pno:terminal"], ["-pno:cacheprovider"], ["-Werror"], ["--tb=native"], ["-l"]),
    *(["--import-mode=importlib"], ["--deselect", "test_a.py::test_t[1]"], ["-s", "-q"]),
    ["test_b.py::test_fails", "test_a.py::test_t[1]"],
]
BAD = {
    "test_a.py": "raise ValueError\n",
    "test_b.py": "def test_1(): pass\ndef test_2(): pass\n",
}
FEW = """
import pytest
@pytest.mark.parametrize("n", range(8))
def test_it(n): pass
"""
GATHERING = """
import pytest
def pytest_sessionfinish(session):
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["said"] = session.config.workerinput["workerid"]
@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node, error):
    print("gathered", node.workeroutput["said"])
"""
CONFIGURED = """
import pytest
def pytest_configure(config):
    if hasattr(config, "workeroutput"):
        config.workeroutput["mine"] = 1
@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node, error):
    if hasattr(node, "workeroutput"):
        node.workeroutput["mine"]
    else:
        print("no output of", node.gateway.id)
"""
REPORTER = """
import pytest
class Other(pytest.TerminalReporter):
    def pytest_runtest_logstart(self, nodeid, location):
        self.write_line("another reporter")
@pytest.hookimpl(trylast=True)
def pytest_configure(config):
    manager = config.pluginmanager
    manager.unregister(manager.get_plugin("terminalreporter"))
    manager.register(Other(config), "terminalreporter")
"""


@pytest.mark.parametrize("options", OPTIONS, ids=" ".join)
def test_an_option_changes_no_outcome(suite: Suite, options: list[str]) -> None:
    serial, forked = suite.both(SUITE, *options)
    assert forked.sections == serial.sections
    assert forked.status == serial.status


@pytest.mark.parametrize("options", [["--lf"], ["--ff"], ["--sw"], ["--lf", "--sw"]], ids=" ".join)
def test_what_failed_last_is_remembered(suite: Suite, options: list[str]) -> None:
    suite.write(SUITE)
    suite.run(*options)
    serial, forked = suite.run(*options, workers=""), suite.run(*options)
    assert forked.outcomes == serial.outcomes


def test_the_xml_report_is_that_of_one_process(suite: Suite) -> None:
    found = []
    for workers in ("", "2"):
        suite.write(SUITE)
        suite.run("--junitxml=out.xml", workers=workers)
        text = re.sub(
            r' (time|timestamp|hostname)="[^"]*"', "", (suite.path / "out.xml").read_text()
        )
        text = re.sub(r"\[gw\d\][^\n]*\n", "", text)
        found.append(sorted(re.findall(r"<testcase.*?(?:/>|</testcase>)", text, re.DOTALL)))
    assert found[0] == found[1]
    assert len(found[0]) == 12


@pytest.mark.parametrize("options", [[], ["--continue-on-collection-errors"]])
def test_errors_of_collection_end_as_in_one_process(suite: Suite, options: list[str]) -> None:
    serial, forked = suite.both(BAD, *options)
    assert (forked.outcomes, forked.status) == (serial.outcomes, serial.status)


@pytest.mark.parametrize("text", ["x = 1\n", "def test_one(): pass\n"])
def test_next_to_nothing_is_run_as_in_one_process(suite: Suite, text: str) -> None:
    serial, forked = suite.both({"test_a.py": text})
    assert (forked.outcomes, forked.status) == (serial.outcomes, serial.status)


@pytest.mark.parametrize("workers", ["x", "-1", "1.5"])
def test_what_is_no_number_of_workers_is_refused(suite: Suite, workers: str) -> None:
    suite.write(SUITE)
    seen = suite.run(workers=workers)
    assert (seen.status, seen.rows) == (4, ())
    assert seen.said(f"'{workers}' is no number of workers", "give 1, 2, … or auto")


def test_one_worker_is_this_process(suite: Suite) -> None:
    suite.write(SUITE)
    assert suite.run(workers="1").said("one process: 1 asked for")


def test_three_thousand_tests_are_all_reported(suite: Suite) -> None:
    text = "import pytest\n@pytest.mark.parametrize('n', range(1000))\ndef test_it(n): pass\n"
    suite.write({f"test_{name}.py": text for name in "abc"})
    seen = suite.run("-q")
    assert (seen.status, len({row[0] for row in seen.rows}), len(seen.rows)) == (0, 3000, 9000)


def test_a_plugin_gathers_what_its_session_ended_with_in_the_workers(suite: Suite) -> None:
    suite.write({"gathering.py": GATHERING, "configured.py": CONFIGURED, "test_a.py": FEW})
    forked = suite.run("-p", "gathering", "-p", "configured")
    assert forked.status == 0
    assert forked.said("gathered gw0", "gathered gw1", "no output of gw0", "no output of gw1")


def test_a_lost_worker_has_no_output(suite: Suite) -> None:
    text = "import os\ndef test_1(): os._exit(3)\ndef test_2(): pass\n"
    suite.write({"configured.py": CONFIGURED, "test_a.py": text})
    forked = suite.run("-p", "configured")
    assert forked.status == 1
    assert forked.said("no output of gw0", "no output of gw1")


def test_a_reporter_of_a_plugin_takes_the_place_of_pytests(suite: Suite) -> None:
    serial, forked = suite.both({"other.py": REPORTER, "test_a.py": FEW}, "-p", "other")
    assert forked.outcomes == serial.outcomes
    assert forked.said("another reporter")
