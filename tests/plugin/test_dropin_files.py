"""What a run leaves and compares with, as pytest-benchmark's users have it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from paceline.errors import StoreError

if TYPE_CHECKING:
    from pathlib import Path

QUICK = ("--benchmark-max-time=0.005", "-p", "no:cacheprovider", "-p", "no:hypothesispytest")
FORKED = pytest.param("--paceline-workers=2", marks=pytest.mark.slow)
XDIST = pytest.param("-n2", marks=pytest.mark.slow)
WAYS = pytest.mark.parametrize("way", ["--benchmark-enable", FORKED, XDIST])

SUITE = """
    import pytest

    def test_plain(benchmark):
        benchmark.extra_info["size"] = {"n": 3}
        benchmark(int, "7")

    @pytest.mark.benchmark(group="A")
    @pytest.mark.parametrize("n", [1])
    def test_parameters(benchmark, n):
        benchmark(range, n)
"""
HOOKS = """
    def pytest_benchmark_generate_commit_info(config):
        return {"id": "abc"}

    def pytest_benchmark_update_commit_info(config, commit_info):
        commit_info["message"] = "hello"

    def pytest_benchmark_generate_machine_info(config):
        return {"node": "here"}

    def pytest_benchmark_update_machine_info(config, machine_info):
        machine_info["user"] = "me"

    def pytest_benchmark_update_json(config, benchmarks, output_json):
        output_json["names"] = [one.name for one in benchmarks]
        assert config._benchmarksession.benchmarks is benchmarks

    def pytest_benchmark_group_stats(config, benchmarks, group_by):
        return [("all of them", benchmarks)]

    def pytest_benchmark_scale_unit(config, unit, benchmarks, best, worst, sort):
        return ("hm", 1 / 3600) if unit == "seconds" else ("", 1.0)
"""


def run(pytester: pytest.Pytester, *arguments: str) -> pytest.RunResult:
    return pytester.runpytest_inprocess(*QUICK, *arguments)


def written(pytester: pytest.Pytester, name: str = "out.json") -> dict[str, Any]:
    found: dict[str, Any] = json.loads((pytester.path / name).read_text(encoding="utf-8"))
    return found


def saved(pytester: pytest.Pytester) -> list[Path]:
    return sorted((pytester.path / ".benchmarks").rglob("*.json"))


@WAYS
def test_the_json_holds_every_benchmark_however_tests_are_run(
    pytester: pytest.Pytester, way: str
) -> None:
    pytester.makepyfile(SUITE)
    run(pytester, "--benchmark-json=out.json", way)
    entries = {one["name"]: one for one in written(pytester)["benchmarks"]}
    assert entries.keys() == {"test_plain", "test_parameters[1]"}
    plain, given = entries["test_plain"], entries["test_parameters[1]"]
    assert plain["extra_info"] == {"size": {"n": 3}}
    assert (plain["group"], plain["param"], plain["params"]) == (None, None, None)
    assert (given["group"], given["param"], given["params"]) == ("A", "1", {"n": 1})
    assert len(plain["stats"]["data"]) == plain["stats"]["rounds"]


def test_a_benchmark_whose_test_fails_later_is_written(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("def test_it(benchmark):\n    benchmark(int)\n    assert False")
    run(pytester, "--benchmark-json=out.json").assert_outcomes(failed=1)
    assert [one["name"] for one in written(pytester)["benchmarks"]] == ["test_it"]


def test_hooks_of_a_conftest_are_called(pytester: pytest.Pytester) -> None:
    pytester.makeconftest(HOOKS)
    pytester.makepyfile("def test_it(benchmark):\n    benchmark(int)")
    result = run(pytester, "--benchmark-json=out.json", "--paceline-style=dropin")
    document = written(pytester)
    assert document["names"] == ["test_it"]
    assert document["commit_info"] == {"id": "abc", "message": "hello"}
    assert document["machine_info"] == {"node": "here", "user": "me"}
    result.stdout.fnmatch_lines(["*benchmark 'all of them': 1 tests*", "Name (time in hms)*"])


@pytest.mark.slow
def test_runs_are_saved_by_number_and_compared(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("def test_it(benchmark):\n    benchmark(int)")
    run(pytester, "--benchmark-save=first")
    run(pytester, "--benchmark-autosave", "--benchmark-save-data")
    result = run(pytester, "--benchmark-compare", "--benchmark-compare-fail=min:9.5")
    assert [file.name[:5] for file in saved(pytester)] == ["0001_", "0002_"]
    assert [
        "data" in json.loads(file.read_text())["benchmarks"][0]["stats"] for file in saved(pytester)
    ] == [False, True]
    assert result.ret == 0
    result.stdout.fnmatch_lines_random(["test_it (NOW)*", "test_it (0002_*"])


@pytest.mark.slow
@pytest.mark.parametrize("style", ["paceline", "dropin"])
def test_a_rise_beyond_the_rule_fails_the_run(pytester: pytest.Pytester, style: str) -> None:
    pytester.makepyfile("def test_it(benchmark):\n    benchmark(sorted, range(10))")
    run(pytester, "--benchmark-save=first")
    pytester.makepyfile("def test_it(benchmark):\n    benchmark(sorted, range(9999))")
    result = run(
        pytester,
        f"--paceline-style={style}",
        "--benchmark-compare=0001",
        "--benchmark-compare-fail=min:50%",
    )
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stderr.fnmatch_lines(["Performance has regressed:", "*Field 'min' has failed*> 50.*"])


def test_a_rule_without_a_saved_run_is_a_usage_error(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("def test_it(benchmark):\n    benchmark(int)")
    with pytest.warns(pytest.PytestWarning, match="No benchmark files"):
        result = run(pytester, "--benchmark-compare=0007", "--benchmark-compare-fail", "mean:10%")
    assert result.ret == 2
    result.stderr.fnmatch_lines(["ERROR: --benchmark-compare-fail requires*"])


@pytest.mark.slow
def test_a_document_that_cannot_be_written_is_named_by_its_flag(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("def test_it(benchmark):\n    benchmark(int)")
    (pytester.path / "file").touch()
    result = run(pytester, "--benchmark-json=file/out.json")
    assert result.ret == StoreError.exit_code
    result.stderr.fnmatch_lines("ERROR: --benchmark-json=file/out.json can't be written: *")


def test_histograms_are_drawn_by_group(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(SUITE)
    run(pytester, "--benchmark-histogram=plots/now")
    drawn = sorted(file.name for file in (pytester.path / "plots").iterdir())
    assert drawn == ["now-A.svg", "now.svg"]


def test_profiles_are_shown_written_and_dumped(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("def inner():\n    pass\n\ndef test_it(benchmark):\n    benchmark(inner)")
    dump = ("--benchmark-cprofile-dump=prof/x", "--benchmark-cprofile-loops=3")
    result = run(pytester, "--benchmark-cprofile=ncalls", "--benchmark-json=out.json", *dump)
    rows = written(pytester)["benchmarks"][0]["cprofile"]
    assert [row["ncalls"] for row in rows if "(inner)" in row["function_name"]] == [3]
    assert (pytester.path / "prof" / "x-test_it.prof").exists()
    result.stdout.fnmatch_lines(["*cProfile (time in s)*", "ncalls\ttottime*", "3\t*(inner)"])


def test_the_last_attempt_of_a_test_is_the_one_that_is_saved(pytester: pytest.Pytester) -> None:
    pytester.makeconftest("""
        from _pytest.runner import runtestprotocol

        def pytest_runtest_protocol(item, nextitem):
            for _ in range(2):
                for report in runtestprotocol(item, nextitem=nextitem, log=False):
                    item.ihook.pytest_runtest_logreport(report=report)
            return True
    """)
    pytester.makepyfile("def test_it(benchmark):\n    benchmark(int)")
    run(pytester, "--benchmark-json=out.json")
    assert len(written(pytester)["benchmarks"]) == 1


@pytest.mark.parametrize(
    ("flag", "words"),
    [
        ("--benchmark-save=a:b", "*argument --benchmark-save: Must not contain*(it has ':')"),
        ("--benchmark-sort=bogus", "*argument --benchmark-sort: Unacceptable value: 'bogus'*"),
        ("--benchmark-max-time=x", "*argument --benchmark-max-time: Invalid decimal value 'x'*"),
        ("--benchmark-min-rounds=0", "*--benchmark-min-rounds: Value for*must be at least 1."),
        ("--benchmark-timer=bogus", "*--benchmark-timer:*in dotted form*"),
        ("--benchmark-compare-fail=?", "*--benchmark-compare-fail: Could not parse value: '?'."),
        ("--benchmark-cprofile-loops=0", "*--benchmark-cprofile-loops: Invalid value: '0'.*"),
        ("--benchmark-storage=elasticsearch+http://a", "*'elasticsearch' is not offered*"),
    ],
)
def test_a_wrong_value_ends_the_run_with_the_flags_name(
    pytester: pytest.Pytester, flag: str, words: str
) -> None:
    result = run(pytester, flag)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([words])


@pytest.mark.slow
def test_a_run_of_another_machine_is_warned_of(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("def test_it(benchmark):\n    benchmark(int)")
    run(pytester, "--benchmark-save=first")
    pytester.makeconftest("""
        def pytest_benchmark_update_machine_info(config, machine_info):
            machine_info["user"] = "another"

        def pytest_benchmark_compare_machine_info(
            config, benchmarksession, machine_info, compared_benchmark
        ):
            assert machine_info["user"] == "another"
            assert "user" not in compared_benchmark["machine_info"]
    """)
    with pytest.warns(pytest.PytestWarning, match="machine_info is different"):
        run(pytester, "--benchmark-compare")
