from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from pathlib import Path

QUICK = ("--benchmark-max-time=0.02", "-p", "no:cacheprovider", "-p", "no:hypothesispytest")
PARALLEL = pytest.param(("-n", "2"), id="parallel")
BOTH = pytest.mark.parametrize("workers", [pytest.param((), id="serial"), PARALLEL])

SUITE = """
    import pytest

    def test_value(benchmark):
        assert benchmark(sorted, [3, 1, 2], reverse=True) == [3, 2, 1]
        assert benchmark.stats["mean"] == benchmark.stats.mean == benchmark.stats.stats.mean
        assert benchmark.stats.p95 == benchmark.stats["q_95"] > 0

    @pytest.mark.parametrize("n", [1, 2])
    def test_parameters(benchmark, n):
        benchmark(range, n)

    class TestClass:
        def test_method(self, benchmark):
            benchmark.pedantic(int, args=("7",), rounds=3, iterations=2, warmup_rounds=1)
            assert (benchmark.stats.rounds, benchmark.stats.iterations) == (3, 2)
"""


def run(pytester: pytest.Pytester, *arguments: str) -> pytest.RunResult:
    return pytester.runpytest_inprocess(*QUICK, *arguments)


def timed_rows(file: Path) -> list[dict[str, Any]]:
    report = json.loads(file.read_text(encoding="utf-8"))
    return [row for row in report["measurements"] if row["metric"]["name"] == "wall_time"]


@BOTH
def test_a_suite_of_benchmarks_passes_and_is_tabled(
    pytester: pytest.Pytester, workers: tuple[str, ...]
) -> None:
    pytester.makepyfile(SUITE)
    result = run(pytester, *workers)
    result.assert_outcomes(passed=4)
    result.stdout.fnmatch_lines_random(
        ["*benchmarks*", "*test_value*", "*test_parameters*1*", "*test_method*"]
    )
    assert not (pytester.path / ".paceline").exists()


@BOTH
def test_a_recorded_run_is_kept_and_written(
    pytester: pytest.Pytester, workers: tuple[str, ...]
) -> None:
    pytester.makepyfile(SUITE)
    result = run(pytester, "--paceline", "--paceline-write=out/r.json", *workers)
    result.assert_outcomes(passed=4)
    assert len(timed_rows(pytester.path / "out" / "r.json")) == 4
    assert (pytester.path / ".paceline" / "paceline.sqlite").is_file()


def test_parallel_timing_is_said_to_be_noisy(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(SUITE)
    run(pytester, "-n", "2").stdout.fnmatch_lines(["*2 workers ran in parallel*"])


def test_serial_benchmarks_run_last_and_alone(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import time, pathlib, pytest
        LOG = pathlib.Path(__file__).with_name("log")

        def note(word):
            with LOG.open("a") as file:
                file.write(f"{word}\\n")

        @pytest.mark.parametrize("n", range(3))
        def test_benchmark(benchmark, n):
            note("in")
            benchmark(sum, range(10))
            note("out")

        @pytest.mark.parametrize("n", range(6))
        def test_plain(n):
            note("plain")
        """
    )
    run(pytester, "-n", "2", "--benchmark-serial").assert_outcomes(passed=9)
    words = (pytester.path / "log").read_text(encoding="utf-8").split()
    assert words[words.index("in") :] == ["in", "out"] * 3 or "plain" not in _between(words)


def _between(words: list[str]) -> list[str]:
    inside, found = False, []
    for word in words:
        if word == "plain" and inside:
            found.append(word)
        inside = word == "in" if word in {"in", "out"} else inside
    return found


@pytest.mark.parametrize(
    "read",
    [
        "value.mean",
        "value['mean']",
        "value.stats",
        "[value][0]['mean']",
    ],
)
def test_statistics_read_off_the_value_fail_with_a_hint(
    pytester: pytest.Pytester, read: str
) -> None:
    pytester.makepyfile(f"def test_it(benchmark):\n    value = benchmark(int, '1')\n    {read}")
    result = run(pytester)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*benchmark.stats.mean*benchmark.measure*"])


def test_a_result_object_has_value_statistics_and_processor_share(
    pytester: pytest.Pytester,
) -> None:
    pytester.makepyfile(
        """
        def test_it(benchmark):
            result = benchmark.measure(sorted, [2, 1])
            assert result.value == [1, 2]
            assert result.mean.low <= result.mean.point <= result.mean.high
            assert 0 < result.cpu_share < 2
            result.check(max_mean="1 s")
        """
    )
    run(pytester).assert_outcomes(passed=1)


def test_several_benchmarks_blocks_and_setups_in_one_test(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        def test_it(benchmark):
            benchmark.labelled("pack")(str, 7)
            benchmark(int, "7")
            benchmark(int, "8")
            benchmark.with_setup(lambda: (([3, 1],), {}), sorted)
            with benchmark.timed("load"):
                sum(range(100))
        """
    )
    result = run(pytester, "--paceline-write=r.json")
    result.assert_outcomes(passed=1)
    labels = {row["case"]["label"] for row in timed_rows(pytester.path / "r.json")}
    assert labels == {"pack", "", "2", "3", "load"}


def test_a_test_that_fails_after_measuring_keeps_its_figures(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("def test_it(benchmark):\n    benchmark(int)\n    assert False")
    result = run(pytester)
    result.assert_outcomes(failed=1)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(["*test_it*"])


def test_test_cases_of_unittest_can_measure(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import unittest, pytest

        class TestIt(unittest.TestCase):
            @pytest.fixture(autouse=True)
            def _benchmark(self, benchmark):
                self.benchmark = benchmark

            def test_it(self):
                self.assertEqual(self.benchmark(int, "3"), 3)
        """
    )
    result = run(pytester)
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(["*test_it*"])


@pytest.mark.parametrize(
    ("flag", "outcomes"),
    [
        ("--benchmark-only", {"passed": 1, "deselected": 1}),
        ("--benchmark-skip", {"passed": 1, "deselected": 1}),
        ("--benchmark-disable", {"passed": 2}),
        ("--collect-only", {}),
        ("--setup-only", {}),
        ("-x", {"passed": 2}),
    ],
)
def test_the_modes_of_a_run(pytester: pytest.Pytester, flag: str, outcomes: dict[str, int]) -> None:
    pytester.makepyfile("def test_a(benchmark):\n    benchmark(int)\ndef test_b(): ...")
    result = run(pytester, flag, "-W", "error")
    assert result.ret == 0
    result.assert_outcomes(**outcomes)


def test_disabled_benchmarks_run_once(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        calls = []

        def test_once(benchmark):
            assert benchmark(lambda: calls.append(1) or "value") == "value"
            assert calls == [1]
            assert benchmark.stats is None and benchmark.disabled

        def test_figures(benchmark):
            assert benchmark.measure(int).mean.point < 0
        """
    )
    run(pytester, "--benchmark-disable").assert_outcomes(passed=1, skipped=1)


def test_without_a_terminal_reports_are_still_written(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("def test_a(benchmark):\n    benchmark(int)")
    result = run(pytester, "-p", "no:terminal", "--paceline-write=r.md")
    assert result.ret == 0
    assert "test_a" in (pytester.path / "r.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("marker", "words"),
    [
        ("max_tme=1", ["*test_it.py:3*max_tme*", "*max_time*"]),
        ("max_time='1 parsec'", ["*test_it.py:3*parsec*"]),
        ("'group'", ["*keywords only*"]),
    ],
)
def test_a_wrong_marker_names_its_place_and_the_remedy(
    pytester: pytest.Pytester, marker: str, words: list[str]
) -> None:
    pytester.makepyfile(
        test_it=f"import pytest\n\n@pytest.mark.benchmark({marker})\n"
        "def test_it(benchmark):\n    benchmark(int)"
    )
    result = run(pytester)
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(words)


def test_extra_information_and_group_travel(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        def test_it(benchmark):
            benchmark.extra_info["rows"] = 3
            benchmark(int)
            benchmark.group = "numbers"
        """
    )
    run(pytester, "--paceline-write=r.json", "-n", "1")
    (row,) = timed_rows(pytester.path / "r.json")
    assert row["case"]["group"] == "numbers"
    assert "rows" in json.dumps(row["extra"])


def test_async_code_is_measured_in_the_running_loop(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import asyncio

        async def fetch():
            await asyncio.sleep(0)
            return asyncio.get_running_loop()

        def test_inside(benchmark):
            async def main():
                assert await benchmark(fetch) is asyncio.get_running_loop()
            asyncio.run(main())
            assert benchmark.stats.rounds > 1

        def test_outside(benchmark):
            assert benchmark(fetch) is not None
        """
    )
    run(pytester).assert_outcomes(passed=2)


def test_an_unused_fixture_is_warned_of(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("def test_it(benchmark): ...")
    run(pytester).stdout.fnmatch_lines(["*PacelineWarning*not used*"])


def test_coverage_makes_figures_unsure(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import sys

        def test_it(benchmark):
            sys.settrace(lambda *_: None)
            benchmark(int)
            sys.settrace(None)
        """
    )
    result = run(pytester, "--paceline")
    result.stdout.fnmatch_lines(["*unsure*trace function*"])
    assert result.ret == 0
