from __future__ import annotations

import json
from typing import Any

import pytest

QUICK = ("--benchmark-max-time=0.02", "-p", "no:cacheprovider", "-p", "no:hypothesispytest")
ONE = "def test_it(benchmark):\n    benchmark(sum, range(100))\n"


def run(pytester: pytest.Pytester, *arguments: str) -> pytest.RunResult:
    return pytester.runpytest_inprocess(*QUICK, *arguments)


def rows(pytester: pytest.Pytester, *arguments: str) -> list[dict[str, Any]]:
    run(pytester, "--paceline-write=r.json", *arguments)
    report = json.loads((pytester.path / "r.json").read_text(encoding="utf-8"))
    return [row for row in report["measurements"] if row["metric"]["name"] == "wall_time"]


@pytest.mark.parametrize(
    "line",
    [
        "benchmark.extra_info['x'] = {1: 2, 'a': 3}",
        "benchmark.extra_info = None",
        "benchmark.extra_info['\\ud800'] = 1",
        "benchmark.group = 3",
        "benchmark.group = ('a', 1)",
        "benchmark.labelled(7)(int)",
        "benchmark.labelled('\\ud800')(int)",
    ],
)
@pytest.mark.parametrize("workers", [(), ("-n", "1")])
def test_whatever_a_test_hands_over_its_figures_arrive(
    pytester: pytest.Pytester, line: str, workers: tuple[str, ...]
) -> None:
    pytester.makepyfile(f"def test_it(benchmark):\n    benchmark(int)\n    {line}\n")
    result = run(pytester, "--paceline", *workers)
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(["paceline  *benchmark*"])


@pytest.mark.parametrize(
    "error", ["KeyError([1])", "type('E', (TypeError,), {'__str__': lambda s: 1 / 0})()"]
)
def test_an_odd_error_after_measuring_fails_that_test_alone(
    pytester: pytest.Pytester, error: str
) -> None:
    pytester.makepyfile(
        f"def test_it(benchmark):\n    benchmark(int)\n    raise {error}\ndef test_b(): ..."
    )
    run(pytester).assert_outcomes(passed=1, failed=1)


def test_an_unused_fixture_with_warnings_as_errors_stops_no_other_test(
    pytester: pytest.Pytester,
) -> None:
    pytester.makepyfile("def test_it(benchmark): ...\ndef test_b(): ...")
    run(pytester, "-W", "error").assert_outcomes(passed=2, errors=1)


@pytest.mark.parametrize(
    "body",
    [
        "benchmark(int)",
        "benchmark.measure(int)",
        "benchmark.pedantic(int)",
        "benchmark.with_setup(lambda: None, int)",
        "benchmark.compare({'a': int, 'b': float})",
        "benchmark.scaling([1, 20, 400], range, sum)",
        "benchmark.timed('block').__enter__()",
    ],
)
def test_every_way_of_measuring_counts_as_use(pytester: pytest.Pytester, body: str) -> None:
    pytester.makepyfile(f"def test_it(benchmark):\n    {body}\n")
    run(pytester, "-W", "error").assert_outcomes(passed=1)


def test_groups_and_notes_stay_with_their_measurements(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        def test_it(benchmark):
            for name in "ab":
                benchmark.group = name
                benchmark.extra_info["n"] = name
                benchmark.labelled(name)(len, "x")
        """
    )
    found = {row["case"]["label"]: row for row in rows(pytester)}
    assert {label: row["case"]["group"] for label, row in found.items()} == {"a": "a", "b": "b"}
    assert '"a"' in json.dumps(found["a"]["extra"]).replace("\\", "")


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("benchmark.labelled('a')(int); benchmark.labelled('a')(int)", "*labelled 'a' already*"),
        ("benchmark(lambda: benchmark(int))", "*inside the code*"),
        ("benchmark.items = 'many'; benchmark(int)", "*'many' is no number*"),
    ],
)
def test_what_can_not_be_measured_is_said(pytester: pytest.Pytester, body: str, words: str) -> None:
    pytester.makepyfile(f"def test_it(benchmark):\n    {body}\n")
    result = run(pytester)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines([words])


def test_a_block_opened_in_a_fixture_is_recorded(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import pytest

        @pytest.fixture
        def whole(benchmark):
            with benchmark.timed("whole"):
                yield

        def test_it(whole): ...
        """
    )
    assert [row["case"]["label"] for row in rows(pytester)] == ["whole"]


@pytest.mark.parametrize(
    "setting",
    [
        "[tool.paceline.guard]\nlevel = 95",
        "[tool.paceline.guard]\nthreshold = 10",
        "[tool.paceline.guard]\nfail_on = ['foo:1%']",
        "[tool.paceline.store]\nkeep_runs = -3",
        "[tool.paceline.benchmark]\nmin_rounds = 0",
        "[tool.paceline.benchmark]\nmax_time = nan",
        "[tool.paceline.benchmark]\ntimer = 'time.perf_counter_ns'",
    ],
)
def test_a_setting_out_of_range_ends_the_run_at_its_start(
    pytester: pytest.Pytester, setting: str
) -> None:
    pytester.makepyprojecttoml(setting)
    pytester.makepyfile(ONE)
    result = run(pytester)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*PAC200*"])


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ('[ tool.paceline.budgets.x ]\nmax_mean = "1 ns"', 10),
        ('[tool]\npaceline = {budgets = {x = {max_mean = "1 ns"}}}', 10),
        ('[tool."paceline".budgets.x]\nmax_mean = "1 ns"', 10),
        ("# see [tool.paceline] in the docs", 0),
        ("[tool.paceline-extra]\nx = 1", 0),
    ],
)
def test_opting_in_reads_toml_as_toml(pytester: pytest.Pytester, text: str, status: int) -> None:
    pytester.makepyprojecttoml(text)
    pytester.makepyfile(ONE)
    result = run(pytester)
    assert result.ret == status
    assert (pytester.path / ".paceline").exists() is bool(status)


def test_a_baseline_that_can_not_be_read_is_unsure(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(ONE)
    (pytester.path / "main.json").write_text("{}", encoding="utf-8")
    for name in ("main.json", "missing.json"):
        result = run(pytester, f"--paceline-baseline={name}", "--paceline-strict")
        assert result.ret == 12
        result.stdout.fnmatch_lines(["UNSURE *"])


def test_a_part_of_a_suite_misses_nothing_of_its_baseline(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(ONE + ONE.replace("test_it", "test_two"))
    run(pytester, "--paceline")
    result = run(pytester, "--paceline", "--paceline-baseline=latest", "-k", "two")
    result.stdout.no_fnmatch_line("*GONE*")


@pytest.mark.parametrize("marker", ["'1 ns'", "max_men='1 ns'"])
def test_a_budget_marker_that_can_not_be_read_fails_its_test(
    pytester: pytest.Pytester, marker: str
) -> None:
    pytester.makepyfile(f"import pytest\n@pytest.mark.budget({marker})\n{ONE}")
    run(pytester).assert_outcomes(errors=1)
