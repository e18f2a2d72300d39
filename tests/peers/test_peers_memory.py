"""Memory limits, leak checks and records beside other tools: ``make test-peers``."""

from __future__ import annotations

import importlib.util
import json
import sys
from typing import TYPE_CHECKING, NamedTuple

import pytest

if TYPE_CHECKING:
    from collections.abc import Sequence

for name in ("pytest_benchmark", "pytest_codspeed", "pyleak", "anyio", "pytest_cov"):
    if importlib.util.find_spec(name) is None:
        pytest.skip(f"{name} is not installed here: make test-peers", allow_module_level=True)

pytestmark = pytest.mark.slow

QUICK = (
    *("--paceline", "--paceline-write=r.json", "--paceline-leaks-time=3", "-Wignore"),
    *(f"-pno:{name}" for name in ("cacheprovider", "benchmark", "codspeed", "pyleak")),
)
HEAD = """
import pytest
MIB = 1024 ** 2
KEPT = []
limit, no_leaks = pytest.mark.memory_limit, pytest.mark.no_leaks
"""
SUITE = """
@pytest.fixture(scope="session")
def whole(): yield bytearray(MIB)

@pytest.fixture(scope="module")
def shared(whole): yield bytearray(2 * MIB)

@pytest.fixture
def own(): yield bytearray(MIB)

def test_plain(own): assert own

@limit("8 MiB")
def test_holds(shared, own): bytearray(MIB)

@limit("5 MiB")
def test_breaks(shared, own): bytearray(2 * MIB)

@no_leaks
def test_leaks(shared): KEPT.append([])

@no_leaks
def test_clean(own): [1]
"""
NAMES = {"test_plain", "test_holds", "test_breaks", "test_leaks", "test_clean"}


class Found(NamedTuple):
    """What a run said: the kind of each test's verdict on a figure, its peaks in MiB, records."""

    kinds: dict[str, str]
    peaks: dict[str, float]
    recorded: set[str]
    result: pytest.RunResult


def run(
    pytester: pytest.Pytester,
    source: str,
    *arguments: str,
    command: Sequence[str] = (sys.executable, "-m", "pytest"),
    exits: int = 10,
) -> Found:
    pytester.makepyfile(test_it=HEAD + source)
    result = pytester.run(*command, *QUICK, *arguments)
    assert result.ret == exits
    report = json.loads((pytester.path / "r.json").read_text(encoding="utf-8"))
    kinds: dict[str, str] = {}
    for one in report["verdicts"]:  # a leak's two figures count as one: the worse
        test = tail(one["case"])
        kinds[test] = max(kinds.get(test, ""), one["kind"], key=["", "ok", "unsure", OVER].index)
    peaks = {
        tail(one["case"]["node_id"]): one["summary"]["max"] / 1024**2
        for one in report["measurements"]
        if one["metric"]["name"] == "test_peak_memory" and one["summary"]
    }
    recorded = {tail(one["case"]) for one in report["resources"] if "#" not in one["case"]}
    return Found(kinds, peaks, recorded, result)


OVER = "over budget"


def tail(case: str) -> str:
    return case.rpartition("::")[2]


def expect_suite(found: Found) -> None:
    found.result.assert_outcomes(passed=5)
    assert found.recorded == NAMES
    expected = {"test_breaks": OVER, "test_holds": "ok", "test_leaks": OVER, "test_clean": "ok"}
    assert found.kinds == expected
    assert found.peaks["test_breaks"] == pytest.approx(6, abs=0.3)


def test_with_xdist(pytester: pytest.Pytester) -> None:
    expect_suite(run(pytester, SUITE, "-n2"))


@pytest.mark.parametrize("core", ["ctrace", "pytrace", "sysmon"])
def test_under_each_core_of_coverage(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, core: str
) -> None:
    if core == "sysmon" and sys.version_info < (3, 12):
        pytest.skip("sys.monitoring came with Python 3.12")
    monkeypatch.setenv("COVERAGE_CORE", core)
    command = (sys.executable, "-m", "coverage", "run", "--include=test_it.py", "-m", "pytest")
    expect_suite(run(pytester, SUITE, command=command))
    pytester.run(sys.executable, "-m", "coverage", "report").stdout.fnmatch_lines(["*100%"])


@pytest.mark.parametrize("workers", [(), ("-n2",)])
def test_with_pytest_cov(pytester: pytest.Pytester, workers: tuple[str, ...]) -> None:
    found = run(pytester, SUITE, "--cov=test_it", *workers)
    expect_suite(found)
    found.result.stdout.fnmatch_lines(["TOTAL*100%"])


@pytest.mark.parametrize("flag", ["-s", "--capture=sys"])
def test_with_flags_of_pytest(pytester: pytest.Pytester, flag: str) -> None:
    expect_suite(run(pytester, SUITE, flag))


def test_with_tracemalloc_on_from_the_start(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody else's tracing stays; what it hides is unsure, and never wrong."""
    monkeypatch.setenv("PYTHONTRACEMALLOC", "1")
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")  # fewer modules, fewer traces
    found = run(pytester, SUITE, "-ppaceline.plugin", "-k", "breaks or leaks or clean")
    found.result.assert_outcomes(passed=3, deselected=2)
    assert found.recorded == {"test_breaks", "test_leaks", "test_clean"}
    assert found.kinds["test_breaks"] in {OVER, "unsure"}
    assert found.kinds["test_leaks"] == OVER
    assert found.kinds["test_clean"] == "ok"


GIVEN = """
from hypothesis import given, settings, strategies as st
few = settings(max_examples=5, deadline=None)

@limit("8 MiB")
@few
@given(st.integers())
def test_holds(number): bytearray(2 * MIB)

@limit("4 MiB")
@few
@given(st.integers())
def test_breaks(number): bytearray(5 * MIB)

@no_leaks
@few
@given(st.integers())
def test_leaks(number): KEPT.append([number])

@no_leaks
@few
@given(st.integers())
def test_clean(number): [number]
"""


def test_with_hypothesis(pytester: pytest.Pytester) -> None:
    found = run(pytester, GIVEN)
    found.result.assert_outcomes(passed=4)
    assert found.kinds["test_holds"] == "ok"
    assert found.kinds["test_breaks"] == found.kinds["test_leaks"] == OVER
    assert found.kinds["test_clean"] != OVER  # caches of hypothesis may still fill: unsure
    assert found.peaks["test_breaks"] == pytest.approx(5, abs=0.5)


ASYNC = """
import asyncio

@limit("8 MiB")
async def test_holds(): bytearray(2 * MIB)

@limit("4 MiB")
async def test_breaks(): bytearray(5 * MIB)

@no_leaks
async def test_leaks(): KEPT.append([]); await asyncio.sleep(0)

@no_leaks
async def test_tasks(): asyncio.create_task(asyncio.sleep(3600))

@no_leaks
async def test_clean(): await asyncio.sleep(0)

async def test_awaits_a_check(leaks):
    assert (await leaks(keep)).leaking
    assert not (await leaks(asyncio.sleep, 0)).leaking

async def keep(): KEPT.append([])
"""
LOOPS = {
    "asyncio": ("-oasyncio_mode=auto", {"test_breaks", "test_leaks", "test_tasks"}),
    "anyio": ("-oanyio_mode=auto", {"test_breaks", "test_leaks"}),  # it ends each test's tasks
}


@pytest.mark.parametrize("plugin", LOOPS)
def test_with_async_tests(pytester: pytest.Pytester, plugin: str) -> None:
    other = "anyio" if plugin == "asyncio" else "asyncio"
    backend = "\n@pytest.fixture\ndef anyio_backend(): return 'asyncio'\n"
    mode, expected = LOOPS[plugin]
    found = run(pytester, ASYNC + backend, mode, f"-pno:{other}")
    found.result.assert_outcomes(passed=6)
    kinds = {name.partition("[")[0]: kind for name, kind in found.kinds.items()}
    assert {name for name, kind in kinds.items() if kind == OVER} == expected
    assert kinds["test_holds"] == "ok"
    assert kinds["test_clean"] != OVER  # what the loops keep of their own may be unsure


def test_with_reruns_the_last_attempt_counts(pytester: pytest.Pytester) -> None:
    source = """
@limit("4 MiB")
def test_it():
    KEPT.append(1)
    bytearray((7 - 3 * len(KEPT)) * MIB)
    assert len(KEPT) == 2

@no_leaks
def test_leaks():
    KEPT.append([])
    assert len(KEPT) > 3
"""
    found = run(pytester, source, "--reruns=1")
    found.result.stdout.fnmatch_lines(["*2 passed, 2 rerun*"])
    assert found.kinds == {"test_it": "ok", "test_leaks": OVER}
    assert found.peaks["test_it"] == pytest.approx(1, abs=0.3)


def test_with_forked_tests(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(test_one="def test_one(): ...")
    if pytester.run(sys.executable, "-m", "pytest", "--forked", "test_one.py", *QUICK[3:]).ret:
        pytest.skip("pytest-forked can't run even an empty test on this pytest")
    expect_suite(run(pytester, SUITE, "--forked", "test_it.py"))


def test_with_tests_that_trace_or_profile_themselves(pytester: pytest.Pytester) -> None:
    source = """
import cProfile, sys, tracemalloc

@limit("4 MiB")
def test_stops():
    tracemalloc.start()
    bytearray(5 * MIB)
    assert tracemalloc.take_snapshot()
    tracemalloc.stop()

@limit("4 MiB")
def test_profiles():
    profiler = cProfile.Profile()
    assert profiler.runcall(bytearray, 5 * MIB)
    assert profiler.getstats()

@limit("4 MiB")
def test_debugs():
    seen = []
    sys.settrace(lambda frame, event, argument: seen.append(event))
    bytearray(5 * MIB)
    (lambda: None)()
    sys.settrace(None)
    assert seen

@no_leaks
def test_traces():
    tracemalloc.start()
    tracemalloc.stop()

def test_plain(): assert not tracemalloc.is_tracing()
"""
    found = run(pytester, source)
    found.result.assert_outcomes(passed=5)
    assert found.kinds["test_stops"] == "unsure"
    assert found.kinds["test_profiles"] == found.kinds["test_debugs"] == OVER
    assert found.kinds["test_traces"] != OVER


def test_with_cprofile_around_a_limited_test(pytester: pytest.Pytester) -> None:
    """A profile function that is there before a test's call stays, and its limit holds."""
    pytester.makeconftest("""
import cProfile, pytest

@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item):
    profiler = cProfile.Profile()
    profiler.enable()
    result = yield
    profiler.disable()
    assert any("test_" in str(one.code) for one in profiler.getstats())
    return result
""")
    expect_suite(run(pytester, SUITE))


def test_with_doctests_unittest_and_subtests(pytester: pytest.Pytester) -> None:
    source = '''
import unittest

def five():
    """
    >>> len(bytearray(5 * MIB)) // MIB
    5
    """

@no_leaks
class TestUnit(unittest.TestCase):
    @classmethod
    def setUpClass(cls): cls.whole = [1]
    def setUp(self): self.own = list(self.whole)
    def test_leaks(self): KEPT.append([])
    def test_clean(self):
        self.own.append(2)
        for number in self.own:
            with self.subTest(number=number): assert len(self.own) == 2
    def test_fails(self): self.fail("as it should")
    def test_skips(self): self.skipTest("as it should")

@no_leaks
def test_subtests(subtests):
    for number in range(2):
        with subtests.test(number=number): assert number < 2

@pytest.mark.parametrize("size", [2, pytest.param(5, marks=limit("6 MiB")), 5])
@limit("4 MiB")
def test_sizes(size): bytearray(size * MIB)
'''
    pytester.makeconftest("""
import pytest
def pytest_collection_modifyitems(items):
    for one in items:
        if "five" in one.name: one.add_marker(pytest.mark.memory_limit("4 MiB"))
""")
    found = run(pytester, source, "--doctest-modules", exits=1)
    found.result.assert_outcomes(passed=7, failed=1, skipped=1)
    kinds = found.kinds
    assert {one for one, kind in kinds.items() if kind == OVER} == {
        *("test_leaks", "test_it.five", "test_sizes[5_1]"),
    }
    assert kinds["test_clean"] == kinds["test_subtests"] == kinds["test_sizes[5_0]"] == "ok"


PYLEAK = """
import threading

@no_leaks
def test_both(): KEPT.append([])

@no_leaks("threads")
def test_theirs(): KEPT.append([])

@no_leaks(tasks=True)
def test_theirs_too(): KEPT.append([])

@no_leaks(bytes="1 KiB")
def test_ours(): [1]

@no_leaks
def test_thread(): threading.Timer(3, print).start()
"""


def test_beside_pyleak_each_takes_its_own_keywords(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(test_it=HEAD + PYLEAK)
    quick = [one for one in QUICK if one != "-pno:pyleak"]
    result = pytester.run(sys.executable, "-m", "pytest", *quick)
    result.assert_outcomes(passed=4, failed=1)
    result.stdout.fnmatch_lines(["*ThreadLeakError*", "LEAK *test_both*", "BUDGET *test_both*"])
    result.stdout.no_fnmatch_line("*test_theirs*")
