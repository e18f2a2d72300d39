"""Set-ups, teardowns and identities in forked workers, against a serial run or pytest-xdist."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.plugin.parallel.conftest import Suite

pytestmark = pytest.mark.slow

OUTCOMES = '''
import unittest, pytest

@pytest.fixture
def bad_up(): raise ValueError("up")

@pytest.fixture
def bad_down():
    yield
    raise ValueError("down")

def test_up(bad_up): pass
def test_down(bad_down): pass
@pytest.mark.skip(reason="r")
def test_skip(): pass
@pytest.mark.xfail(reason="k")
def test_xfail(): assert 0
@pytest.mark.xfail(reason="k")
def test_xpass(): pass
@pytest.mark.xfail(strict=True, reason="k")
def test_strict(): pass
def test_skips(): pytest.skip("now")
def test_system_exit(): raise SystemExit(3)

class TestUnit(unittest.TestCase):
    @classmethod
    def setUpClass(cls): cls.value = 1
    def test_1(self): assert self.value
    def test_2(self):
        with self.subTest("one", i=1): assert 0
        with self.subTest("two", i=2): pass

class TestPlain:
    def test_1(self): pass
    def test_2(self): assert 0

def documented():
    """
    >>> 1 + 1
    3
    """

def test_parts(subtests):
    for i in range(3):
        with subtests.test(i=i): assert i != 1

def test_properties(record_property):
    record_property("set", {1})
    record_property("type", object)

@pytest.mark.parametrize("i", ["a b", "ü", "x::y", "n\\nl", "[", "", None, 1.5, b"\\xff", "a/b"])
def test_names(i): pass

@pytest.mark.parametrize("i", [1, 2], ids=["same", "same"])
def test_same(i): pass
'''
PARAMETERS = """
import pytest

@pytest.fixture(scope="module", params=[1, 2, 3])
def one(request): return request.param

@pytest.fixture(scope="session", params=["x", "y"])
def two(request): return request.param

def test_1(one): pass
def test_2(one, two): pass
def test_3(two): pass
"""
STEPS = """
import os, pytest

def step(text):
    with open(f"steps-{os.environ.get('PYTEST_XDIST_WORKER')}-{__name__}", "a") as file:
        file.write(text + "\\n")

@pytest.fixture(scope="module", autouse=True)
def module():
    step("module up")
    yield
    step("module down")

class TestOne:
    @pytest.fixture(scope="class", autouse=True)
    @classmethod
    def of_class(cls):
        step("class up")
        yield
        step("class down")

    @pytest.mark.parametrize("n", range(9))
    def test_it(self, n): step(str(n))
"""
IDENTITY = """
import os, pytest

@pytest.mark.parametrize("n", range(8))
def test_it(n, request, tmp_path, tmp_path_factory):
    given = request.config.workerinput
    worker = os.environ["PYTEST_XDIST_WORKER"]
    assert given["workerid"] == worker
    assert given["workercount"] == 2 == int(os.environ["PYTEST_XDIST_WORKER_COUNT"])
    assert given["testrunuid"] == os.environ["PYTEST_XDIST_TESTRUNUID"]
    assert tmp_path_factory.getbasetemp().name == f"popen-{worker}"
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "file").touch()
"""
ASKED = """
def test_it(worker_id, testrun_uid, request):
    assert (worker_id, testrun_uid) == tuple(
        request.config.workerinput[name] for name in ("workerid", "testrunuid")
    )
def test_same(worker_id): assert worker_id.startswith("gw")
"""
FAILING_DOWN = """
import pytest
@pytest.fixture(scope="{scope}")
def fails():
    yield
    raise ValueError("no way down")
def test_1(fails): pass
"""
HOOKS = """
def pytest_runtest_logreport(report):
    if report.when == "call": print("SEEN", report.nodeid)
def pytest_sessionfinish(session):
    if not hasattr(session.config, "workerinput"): print("FINISHED")
"""
NEXT = """
import pytest
@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item, nextitem):
    assert nextitem is None or nextitem.nodeid != item.nodeid
    return (yield)
def pytest_runtest_teardown(item, nextitem):
    if nextitem is not None: nextitem.name, nextitem.listchain(), nextitem.getparent
"""
MANY = "import pytest\n@pytest.mark.parametrize('n', range(9))\ndef test_it(n): pass\n"


def test_every_kind_of_outcome_is_reported_as_in_one_process(suite: Suite) -> None:
    files = {"test_a.py": OUTCOMES, "test_b.py": PARAMETERS, "test_c.py": MANY}
    serial, forked = suite.both(files, "--doctest-modules")
    assert forked.outcomes == serial.outcomes
    assert forked.status == serial.status == 1


@pytest.mark.skipif(not hasattr(pytest, "Subtests"), reason="subtests came with pytest 9")
def test_a_test_fails_by_its_failed_subtests(suite: Suite) -> None:
    serial, forked = suite.both({"test_a.py": OUTCOMES}, "-k", "parts or TestUnit or names")
    told, expected = (
        [
            row[4].split("\n")[-1]
            for row in seen.rows
            if row[0].endswith("parts") and row[2] == "failed"
        ]
        for seen in (forked, serial)
    )
    assert told == expected
    assert "contains 1 failed subtest" in told


def test_fixtures_of_each_worker_come_and_go_in_serial_order(suite: Suite) -> None:
    suite.write({f"test_{name}.py": STEPS for name in "abcd"})
    assert suite.run().status == 0
    for file in suite.path.glob("steps-*"):
        *up, last, end = file.read_text().splitlines()
        assert (up[:2], last, end) == (["module up", "class up"], "class down", "module down")
        assert up[2:] == sorted(up[2:])


def test_workers_are_known_as_those_of_xdist(suite: Suite) -> None:
    suite.write({"test_a.py": IDENTITY, "test_b.py": IDENTITY})
    assert suite.run("--basetemp=temporary").status == 0
    assert {one.name for one in (suite.path / "temporary").iterdir()} >= {"popen-gw0", "popen-gw1"}


def test_workers_and_runs_can_be_asked_for_by_xdists_fixtures(suite: Suite) -> None:
    suite.write({"test_a.py": ASKED})
    seen = suite.run()
    assert seen.status == 0, seen.text


@pytest.mark.parametrize("scope", ["module", "session"])
def test_a_failing_shared_teardown_fails_the_run(suite: Suite, scope: str) -> None:
    failing = FAILING_DOWN.format(scope=scope)
    serial, forked = suite.both({"test_a.py": failing, "test_b.py": MANY})
    assert forked.status == serial.status == 1
    failed = [row for row in forked.rows if row[2] == "failed"]
    assert [(row[1], row[4].splitlines()[-1]) for row in failed] == [
        ("teardown", "test_a.py:6: ValueError")
    ]


def test_a_failing_shared_teardown_is_told_without_our_own_code(suite: Suite) -> None:
    suite.write({"test_a.py": FAILING_DOWN.format(scope="session"), "test_b.py": MANY})
    assert not suite.run().said("teardown_exact")


def test_hooks_of_a_conftest_see_each_report_once(suite: Suite) -> None:
    suite.write({"conftest.py": HOOKS, "test_a.py": MANY, "test_b.py": MANY})
    seen = suite.run("-s", "-q")
    told = [line.partition("SEEN ")[2] for line in seen.text.splitlines() if line[:3] != "[gw"]
    assert len([one for one in told if one]) == 18
    assert seen.text.count("FINISHED") == 1


def test_hooks_of_a_conftest_get_the_next_item_or_none(suite: Suite) -> None:
    serial, forked = suite.both({"conftest.py": NEXT, "test_a.py": MANY, "test_b.py": MANY})
    assert forked.outcomes == serial.outcomes


LEAKING = """
import pytest
KEPT = []
def grow(): KEPT.append([])
def test_leaks_by_a_call():
    from paceline.engine.leaks.check import check
    assert "test_a.KEPT" in [one.name for one in check(grow).holders]
def test_leaks(leaks):
    assert "test_a.KEPT: +1" in repr(leaks(grow))
@pytest.mark.parametrize("n", range(4))
def test_other(n): pass
"""


def test_a_leak_check_in_a_worker_names_what_grew(suite: Suite) -> None:
    suite.write({"test_a.py": LEAKING, "test_b.py": MANY})
    assert suite.run().status == 0
