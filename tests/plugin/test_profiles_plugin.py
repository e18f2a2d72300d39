"""Profiles, as a user's run meets them."""

from __future__ import annotations

import pytest

import paceline.plugin.profile_hooks
import paceline.plugin.profiles

__all__ = ["paceline"]

QUIET = ("-pno:cacheprovider", "-pno:hypothesispytest", "-pno:asyncio")
TABLE = """
[tool.paceline.profiles.nightly]
addopts = ["-k", "one", "--maxfail=3"]
[tool.paceline.profiles.nightly.categories]
order_by = "category"
"""
SUITE = """
def test_two(): print("heard")
def test_one(pytestconfig): print(f"maxfail {pytestconfig.option.maxfail}", end="")
"""


@pytest.fixture
def suite(pytester: pytest.Pytester) -> pytest.Pytester:
    pytester.makepyprojecttoml(TABLE)
    pytester.makepyfile(test_all=SUITE)
    return pytester


def run(pytester: pytest.Pytester, *args: str) -> pytest.RunResult:
    return pytester.runpytest_inprocess(*QUIET, *args)


def test_a_profiles_arguments_act_like_those_of_the_command_line(suite: pytest.Pytester) -> None:
    result = run(suite, "--paceline-profile=nightly", "-rP")
    result.assert_outcomes(passed=1, deselected=1)
    result.stdout.fnmatch_lines(["maxfail 3"])


def test_the_command_line_wins_over_a_profile(suite: pytest.Pytester) -> None:
    result = run(suite, "--maxfail=1", "--paceline-profile", "nightly", "-k", "test", "-rP")
    result.assert_outcomes(passed=2)
    result.stdout.fnmatch_lines(["maxfail 1"])


def test_a_profile_wins_over_addopts(suite: pytest.Pytester) -> None:
    suite.makeini("[pytest]\naddopts = --maxfail=5 -rP\n")
    run(suite, "--paceline-profile=nightly").stdout.fnmatch_lines(["maxfail 3"])


def test_a_profile_is_named_by_the_environment_or_a_file(
    suite: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    suite.makepyprojecttoml(f'{TABLE}[tool.paceline.profile]\nname = "nightly"\n')
    run(suite).assert_outcomes(passed=1, deselected=1)
    suite.makepyprojecttoml(TABLE)
    run(suite).assert_outcomes(passed=2)
    monkeypatch.setenv("PACELINE_PROFILE_NAME", "nightly")
    run(suite).assert_outcomes(passed=1, deselected=1)
    monkeypatch.delenv("PACELINE_PROFILE_NAME")
    suite.makeini("[pytest]\npaceline_profile_name = nightly\n")
    run(suite).assert_outcomes(passed=1, deselected=1)


def test_what_is_read_early_is_heard_as_well(suite: pytest.Pytester) -> None:
    suite.makepyprojecttoml('[tool.paceline.profiles.loud]\naddopts = ["-s"]\n')
    loud = run(suite, "--paceline-profile=loud")
    loud.stdout.fnmatch_lines(["test_all.py heard"])
    run(suite).stdout.no_fnmatch_line("test_all.py heard")


def test_a_profiles_settings_are_settings_of_the_run(
    suite: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    suite.makepyfile(
        test_all="import pytest\n@pytest.mark.slow\ndef test_one(): pass\ndef test_one_more(): pass"
    )
    asked = ("-v", "--paceline-profile=nightly")
    fast_first = ["*test_one_more PASSED*", "*test_one PASSED*"]
    run(suite, *asked).stdout.fnmatch_lines(fast_first)
    monkeypatch.setenv("PACELINE_CATEGORIES_ORDER_BY", "none")
    run(suite, *asked).stdout.fnmatch_lines(fast_first[::-1])
    run(suite, *asked, "--paceline-order-by=category").stdout.fnmatch_lines(fast_first)


@pytest.mark.parametrize("name", ["local", "ci", "performance"])
def test_each_profile_that_comes_along_runs_here(suite: pytest.Pytester, name: str) -> None:
    result = run(suite, f"--paceline-profile={name}")
    assert result.ret in {pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED}
    assert (suite.path / "report" / "junit.xml").is_file() is (name == "ci")


@pytest.mark.slow
def test_performance_runs_benchmarks_only(suite: pytest.Pytester) -> None:
    suite.makepyfile(
        test_bench="def test_speed(benchmark): benchmark.pedantic(int, rounds=1, iterations=1)"
    )
    run(suite, "--paceline-profile=performance").assert_outcomes(passed=1, deselected=2)


def test_a_profile_says_what_it_sets_and_from_where(suite: pytest.Pytester) -> None:
    result = run(suite, "--paceline-profile=nightly", "--paceline-show-profile")
    assert result.ret == pytest.ExitCode.OK
    assert result.outlines == [
        "profile nightly",
        "  -k one --maxfail=3  (pyproject.toml:2)",
        "  categories.order_by = 'category'  (pyproject.toml:4)",
        "  what stands on the command line wins over all of it",
    ]


def test_what_nobody_knows_here_is_left_out_and_said(suite: pytest.Pytester) -> None:
    result = run(suite, "-pno:pytest_cov", "--paceline-profile=local", "--paceline-show-profile")
    result.stdout.fnmatch_lines(["  --cov *; left out: nothing installed here knows it)"])


def test_without_a_name_there_is_nothing_to_show(suite: pytest.Pytester) -> None:
    result = run(suite, "--paceline-show-profile")
    assert result.outlines == ["no profile is chosen: name one by --paceline-profile=NAME"]


def test_an_unknown_profile_ends_the_run_before_it_begins(suite: pytest.Pytester) -> None:
    result = run(suite, "--paceline-profile=nihgtly")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*there is no profile 'nihgtly'*", "*did you mean 'nightly'?*"])


def test_a_configuration_file_carries_the_same_keys(suite: pytest.Pytester) -> None:
    suite.path.joinpath("night.ini").write_text(
        "[pytest]\naddopts = -k one\npaceline_categories_order_by = category\n"
    )
    run(suite, "-c", "night.ini").assert_outcomes(passed=1, deselected=1)


@pytest.mark.slow
def test_workers_of_xdist_run_what_the_profile_selects(suite: pytest.Pytester) -> None:
    result = run(suite, "-n1", "--paceline-profile=nightly")
    result.assert_outcomes(passed=1)
