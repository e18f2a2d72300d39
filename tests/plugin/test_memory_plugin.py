"""Limits of whole tests, as a user's suite meets them."""

from __future__ import annotations

import gc
import importlib.util
import json
from typing import TYPE_CHECKING, Any

import pytest

import paceline.plugin.memory
import paceline.plugin.memory_limit
import paceline.report.memory

if TYPE_CHECKING:
    from collections.abc import Iterator

LOADED = (paceline.plugin.memory, paceline.plugin.memory_limit, paceline.report.memory)
"""Pytester forgets modules that its inner runs import first, and these own the process's marks."""
QUICK = (
    "--paceline",
    "--paceline-write=r.json",
    *(f"-pno:{name}" for name in ("cacheprovider", "hypothesispytest", "benchmark", "codspeed")),
)
HEAD = "import pytest\nMIB = 1024 ** 2\nlimit = pytest.mark.memory_limit\n"
FIXTURE = "@pytest.fixture\ndef big(): return bytearray(5 * MIB)\n"
SHARED = """
@pytest.fixture(scope="module")
def shared():
    scratch = bytearray(6 * MIB)
    yield bytearray(4 * MIB)

@limit("100 MiB", growth="1 MiB")
def test_one(shared): bytearray(2 * MIB)

@limit("100 MiB", growth="1 MiB")
def test_two(shared): bytearray(3 * MIB)
"""


@pytest.fixture(autouse=True)
def few_objects() -> Iterator[None]:
    """Keep the session's many objects out of the collections that windows make."""
    gc.freeze()
    yield
    gc.unfreeze()


def peaks(
    pytester: pytest.Pytester, source: str, *arguments: str, passed: int = 1
) -> dict[str, Any]:
    """Run a suite; give its tests' figures in MiB, by name and metric."""
    pytester.makepyfile(HEAD + source)
    pytester.runpytest_inprocess(*QUICK, *arguments).assert_outcomes(passed=passed)
    return figures(pytester)


def figures(pytester: pytest.Pytester) -> dict[str, Any]:
    report = json.loads((pytester.path / "r.json").read_text(encoding="utf-8"))
    found: dict[str, Any] = {}
    for row in report["measurements"]:
        name = row["case"]["node_id"].rpartition("::")[2]
        found.setdefault(name, {})[row["metric"]["name"]] = row["summary"]["max"] / 1024**2
    return found


def peak(mib: float) -> Any:
    return pytest.approx(mib, abs=0.3)


@pytest.mark.slow
@pytest.mark.parametrize("workers", [(), ("-n", "2")])
@pytest.mark.parametrize("order", [("test_one", "test_two"), ("test_two", "test_one")])
def test_figures_do_not_tell_which_test_set_a_shared_fixture_up(
    pytester: pytest.Pytester, order: tuple[str, str], workers: tuple[str, ...]
) -> None:
    file = pytester.makepyfile(HEAD + SHARED).name
    named = [f"{file}::{one}" for one in order]
    pytester.runpytest_inprocess(*QUICK, *workers, *named).assert_outcomes(passed=2)
    found = figures(pytester)
    assert found["test_one"]["test_peak_memory"] == peak(12)
    assert found["test_two"]["test_peak_memory"] == peak(13)
    assert max(abs(one["test_memory_growth"]) for one in found.values()) < 0.2


def test_a_test_alone_has_the_same_figures(pytester: pytest.Pytester) -> None:
    found = peaks(pytester, SHARED, "-k", "two")
    assert found["test_two"]["test_peak_memory"] == peak(13)


@pytest.mark.slow
@pytest.mark.parametrize(
    "order", [("test_first", "test_it"), ("test_it", "test_first"), ("test_it",)]
)
def test_arenas_that_another_test_left_make_no_difference(
    pytester: pytest.Pytester, order: tuple[str, ...]
) -> None:
    source = """
kept = []
def test_first(): kept.extend([{"a": number} for number in range(100_000)][::97])
@limit("1 MiB")
def test_it(): [{"a": number} for number in range(50_000)]
"""
    file = pytester.makepyfile(HEAD + source).name
    result = pytester.runpytest_inprocess(*QUICK, *(f"{file}::{one}" for one in order))
    assert figures(pytester)["test_it"]["test_peak_memory"] == pytest.approx(10.9, rel=0.05)
    result.stdout.fnmatch_lines(["BUDGET *test_it*test_peak_memory max 1* of 1 MiB*"])


@pytest.mark.parametrize(
    "source",
    [
        FIXTURE + "@limit('1 MiB')\ndef test_it(big): ...",
        """
import unittest
class TestIt(unittest.TestCase):
    def setUp(self): self.big = bytearray(5 * MIB)
    @limit("1 MiB")
    def test_it(self): ...
""",
        """
import unittest
@limit("1 MiB")
class TestIt(unittest.TestCase):
    @classmethod
    def setUpClass(cls): cls.big = bytearray(5 * MIB)
    def test_it(self): ...
""",
        "pytestmark = limit('1 MiB')\ndef test_it():\n    big = bytes(5 * MIB)",
        """
@pytest.fixture
def big():
    yield
    bytearray(5 * MIB)

@limit("1 MiB")
def test_it(big): ...
""",
        "@pytest.mark.usefixtures('tmp_path')\n@limit('1 MiB')\ndef test_it(): bytearray(5 * MIB)",
    ],
    ids=["fixture", "setUp", "setUpClass", "module", "teardown", "body"],
)
def test_a_limit_holds_for_the_whole_test(pytester: pytest.Pytester, source: str) -> None:
    assert peaks(pytester, source)["test_it"]["test_peak_memory"] == peak(5)


def test_a_broken_limit_is_a_verdict_and_not_the_tests_outcome(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(HEAD + "@limit('1 MiB')\ndef test_it(): bytearray(5 * MIB)\n")
    result = pytester.runpytest_inprocess(*QUICK)
    result.assert_outcomes(passed=1)
    assert result.ret == 10
    result.stdout.fnmatch_lines(["BUDGET *test_peak_memory max 5* of 1 MiB*.py:4"])


def test_several_limits_each_have_a_verdict(pytester: pytest.Pytester) -> None:
    source = """
kept = []
@limit("1 MiB", process="2 MiB")
@limit(growth="1 MiB", process_growth="2 MiB", children="1 MiB")
def test_it(): kept.append(bytearray(b"x") * (16 * MIB))
"""
    pytester.makepyfile(HEAD + source)
    result = pytester.runpytest_inprocess(*QUICK)
    result.stdout.fnmatch_lines(["paceline *4 budgets broken*"])
    assert figures(pytester)["test_it"].keys() == {
        "test_peak_memory",
        "test_memory_growth",
        "test_process_rise",
        "test_process_growth",
        "test_children_peak",
    }


def test_the_closest_limit_holds(pytester: pytest.Pytester) -> None:
    source = """
pytestmark = limit("1 MiB")
@limit("9 MiB")
@pytest.mark.parametrize("size", [4, pytest.param(5, marks=limit("2 MiB"))])
def test_it(size): bytearray(size * MIB)
"""
    pytester.makepyfile(HEAD + source)
    result = pytester.runpytest_inprocess(*QUICK)
    result.stdout.fnmatch_lines(["paceline *1 budget broken*", "BUDGET *test_it[[]5[]]* of 2 MiB*"])


@pytest.mark.parametrize(
    ("marker", "words"),
    [
        ("peek='1 MiB'", "*.py:4: *no keyword 'peek'*"),
        ("'1'", "*.py:4: *'1' has no unit*"),
        ("'1 parsec'", "*.py:4: *unknown unit 'parsec'*"),
        ("", "*.py:4: *sets no limit*"),
        ("'1 MiB', peak='2 MiB'", "*.py:4: *takes one limit*"),
        ("growth=None", "*.py:4: *growth = None is no quantity*"),
        ("-1", "*.py:4: *-1 is no limit*"),
    ],
)
def test_a_wrong_limit_fails_its_test_alone(
    pytester: pytest.Pytester, marker: str, words: str
) -> None:
    pytester.makepyfile(HEAD + f"@limit({marker})\ndef test_it(): ...\ndef test_other(): ...\n")
    result = pytester.runpytest_inprocess(*QUICK)
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines([words])


def test_a_test_that_stops_tracing_is_unsure_and_passes(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        HEAD + "import tracemalloc\n@limit('1 MiB')\ndef test_it(): tracemalloc.stop()\n"
    )
    result = pytester.runpytest_inprocess(*QUICK)
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(["UNSURE *test_peak_memory max*"])


def test_a_skipped_test_breaks_no_limit(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(HEAD + "@limit('1 B')\n@pytest.mark.skip\ndef test_it(): ...\n")
    result = pytester.runpytest_inprocess(*QUICK)
    result.assert_outcomes(skipped=1)
    result.stdout.no_fnmatch_line("BUDGET*")


@pytest.mark.slow
def test_growth_of_a_failed_test_is_unsure(pytester: pytest.Pytester) -> None:
    source = (
        "@limit(growth='1 MiB')\ndef test_it():\n    big = bytearray(5 * MIB)\n    assert not big\n"
    )
    pytester.makepyfile(HEAD + source)
    result = pytester.runpytest_inprocess(*QUICK)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["UNSURE *test_memory_growth*holds its variables*"])


def test_values_of_fixtures_are_no_growth(pytester: pytest.Pytester) -> None:
    source = FIXTURE + "@limit(growth='1 MiB')\ndef test_it(big): ..."
    assert peaks(pytester, source)["test_it"]["test_memory_growth"] < 0.2


@pytest.mark.slow
def test_a_limit_on_children_sees_another_program(pytester: pytest.Pytester) -> None:
    source = """
import subprocess, sys
@limit(children="500 MiB")
def test_it(): subprocess.run([sys.executable, "-c", "bytearray(b'x') * (64 << 20)"])
"""
    assert 64 < peaks(pytester, source)["test_it"]["test_children_peak"] < 64 * 1.3


def test_a_benchmark_and_a_limit_share_a_report(pytester: pytest.Pytester) -> None:
    source = "@limit('9 MiB')\ndef test_it(benchmark): benchmark(int)\n"
    found = peaks(pytester, source, "--benchmark-max-time=0.01")["test_it"]
    assert {"wall_time", "test_peak_memory"} <= found.keys()


@pytest.mark.slow
@pytest.mark.skipif(
    importlib.util.find_spec("pytest_forked") is None, reason="pytest-forked is not installed"
)
def test_figures_arrive_from_a_forked_worker(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(plain="def test_plain(): ...")
    alone = pytester.runpytest_subprocess("--forked", "plain.py")
    if alone.ret:
        pytest.skip("this pytest-forked can't run even an empty test")
    found = peaks(pytester, SHARED, "--forked", passed=2)
    assert found["test_one"]["test_peak_memory"] == peak(12)
    assert found["test_two"]["test_peak_memory"] == peak(13)


@pytest.mark.skipif(
    importlib.util.find_spec("pytest_asyncio") is None, reason="pytest-asyncio is not installed"
)
def test_a_coroutine_is_measured(pytester: pytest.Pytester) -> None:
    source = "@limit('9 MiB')\n@pytest.mark.asyncio\nasync def test_it(): bytearray(5 * MIB)\n"
    assert peaks(pytester, source)["test_it"]["test_peak_memory"] == peak(5)


def test_a_block_is_measured_and_its_message_names_the_places(pytester: pytest.Pytester) -> None:
    source = """
def test_it(memory):
    with memory("load") as block:
        big = bytearray(5 * MIB)
    assert 5 <= block.peak_mb < 5.1
    block.assert_below(peak="1 MiB")
"""
    pytester.makepyfile(HEAD + source)
    result = pytester.runpytest_inprocess(*QUICK)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        ["*memory of load: peak 5*of 1.000 MiB, 50?*", "*.py:* *5.000 MiB*"]
    )


def test_blocks_of_the_same_label_are_told_apart(pytester: pytest.Pytester) -> None:
    source = """
def test_it(memory):
    labels = [memory.measure(bytes, 10).case.label, memory.measure(bytes, 10).case.label]
    assert labels == ["", "2"]
    assert len(memory.take(last=True)) == 10
    assert memory.take(last=True) == ()
"""
    pytester.makepyfile(HEAD + source)
    pytester.runpytest_inprocess(*QUICK).assert_outcomes(passed=1)


def test_the_tracker_prints_use_and_places_at_the_end(pytester: pytest.Pytester) -> None:
    source = """
def test_it(memory_tracker):
    big = bytes(5 * MIB)
    assert memory_tracker.current > 5 * MIB
"""
    pytester.makepyfile(HEAD + source)
    result = pytester.runpytest_inprocess(*QUICK, "-rP")
    result.stdout.fnmatch_lines(["memory of test_it: used *peak 5.*", "*.py:* *5.000 MiB*"])


def test_the_profiler_tells_what_is_held_in_mb(pytester: pytest.Pytester) -> None:
    source = """
def test_it(memory_profiler):
    memory_profiler.start()
    big = bytearray(5 * MIB)
    assert 5 <= memory_profiler.get_memory_delta() < 5.1
    assert memory_profiler.get_process_delta() < 9
"""
    pytester.makepyfile(HEAD + source)
    pytester.runpytest_inprocess(*QUICK).assert_outcomes(passed=1)
