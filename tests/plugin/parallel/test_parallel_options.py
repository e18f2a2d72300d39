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
