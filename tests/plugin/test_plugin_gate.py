from __future__ import annotations

import os
import sqlite3
import xml.etree.ElementTree as ET
from typing import TYPE_CHECKING

import pytest

from paceline.plugin.flags import FLAGS

if TYPE_CHECKING:
    from pathlib import Path

QUICK = ("--benchmark-max-time=0.02", "-p", "no:cacheprovider", "-p", "no:hypothesispytest")
ONE = "def test_it(benchmark):\n    benchmark(sum, range(100))\n"
BOTH = pytest.mark.parametrize(
    "workers", [pytest.param((), id="serial"), pytest.param(("-n", "2"), id="parallel")]
)


def run(pytester: pytest.Pytester, *arguments: str) -> pytest.RunResult:
    return pytester.runpytest_inprocess(*QUICK, *arguments)


def table(pytester: pytest.Pytester, text: str) -> None:
    pytester.makepyprojecttoml(text)


def store(pytester: pytest.Pytester) -> Path:
    return pytester.path / ".paceline" / "paceline.sqlite"


@BOTH
@pytest.mark.parametrize(("limit", "status"), [("10 s", 0), ("1 ns", 10)])
def test_a_broken_budget_ends_with_ten_and_names_its_line(
    pytester: pytest.Pytester, workers: tuple[str, ...], limit: str, status: int
) -> None:
    table(pytester, f'[tool.paceline.budgets.fast]\npattern = "test_it"\nmax_mean = "{limit}"\n')
    pytester.makepyfile(ONE)
    result = run(pytester, *workers)
    result.assert_outcomes(passed=1)
    assert result.ret == status
    if status:
        result.stdout.fnmatch_lines(["BUDGET *test_it*of 1 ns*pyproject.toml:3"])


@BOTH
def test_a_budget_on_a_marker_travels_with_the_test(
    pytester: pytest.Pytester, workers: tuple[str, ...]
) -> None:
    pytester.makepyfile(
        test_it="import pytest\n\n@pytest.mark.budget(max_mean='1 ns', description='why')\n" + ONE
    )
    result = run(pytester, *workers)
    assert result.ret == 10
    result.stdout.fnmatch_lines(["BUDGET *test_it.py:3*"])


def test_pytests_own_status_wins(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        "import pytest\n@pytest.mark.budget(max_mean='1 ns')\n" + ONE + "    assert False"
    )
    result = run(pytester)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(["BUDGET *"])


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('pattern = "test_ti"\nmax_mean = "1 s"', "*pyproject.toml:*test_ti*"),
        ('pattern = "test_it"\nmax_men = "1 s"', "*pyproject.toml:3*max_men*"),
        ('pattern = "test_it"\nmax_mean = "1 parsec"', "*pyproject.toml:3*parsec*"),
    ],
)
def test_a_wrong_budget_stops_the_run_with_its_line(
    pytester: pytest.Pytester, text: str, words: str
) -> None:
    table(pytester, f"[tool.paceline.budgets.fast]\n{text}\n")
    pytester.makepyfile(ONE)
    result = run(pytester)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([words])


def test_a_part_of_the_suite_does_not_complain_about_the_rest(pytester: pytest.Pytester) -> None:
    table(pytester, '[tool.paceline.budgets.a]\npattern = "test_other"\nmax_mean = "1 s"\n')
    pytester.makepyfile(test_it=ONE)
    assert run(pytester, "test_it.py").ret == 0


def test_what_met_nothing_is_said(pytester: pytest.Pytester) -> None:
    table(pytester, '[tool.paceline.budgets.a]\ngroup = "misspelt"\nmax_mean = "1 s"\n')
    pytester.makepyfile(ONE)
    result = run(pytester, "--benchmark-compare-fail=peak_memory_max:10%")
    assert result.ret == 0
    result.stdout.fnmatch_lines_random(["*budget 'a'*met no benchmark*", "*rule 'peak_memory*"])


def test_an_unknown_option_names_the_nearest(pytester: pytest.Pytester) -> None:
    table(pytester, "[tool.paceline.benchmark]\nmax_tim = 1\n")
    pytester.makepyfile(ONE)
    result = run(pytester)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*pyproject.toml:2*benchmark.max_tim*", "*benchmark.max_time*"])


def test_a_first_run_without_a_baseline_passes_and_says_so(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(ONE)
    result = run(pytester, "--paceline", "--paceline-baseline=main", "--paceline-strict")
    assert result.ret == 0
    result.stdout.fnmatch_lines(["*main (not saved yet)*", "NEW *"])


def test_a_regression_against_a_recorded_run_ends_with_eleven(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(ONE)
    assert run(pytester, "--paceline").ret == 0
    pytester.makepyfile(ONE.replace("100", "5000"))
    result = run(pytester, "--paceline", "--paceline-baseline=latest")
    assert result.ret == 11
    result.stdout.fnmatch_lines(["SLOWER *test_it*"])


@pytest.mark.parametrize(
    ("policy", "status", "words"),
    [
        ('"monitor"', 0, "*group 'lab' is only monitored (pyproject.toml:2)*1 regression*"),
        ('{ does = "trend" }', 0, "*group 'lab' is judged by its trend*1 regression*"),
        ('{ does = "improve" }', 11, "GOAL *test_it*had to improve:*pyproject.toml:2"),
        ('{ does = "block", threshold = "1e6 %" }', 0, "*0 regressions*"),
    ],
)
def test_a_policy_says_what_a_regression_does(
    pytester: pytest.Pytester, policy: str, status: int, words: str
) -> None:
    table(pytester, f"[tool.paceline.policies]\nlab = {policy}\n")
    grouped = "import pytest\n@pytest.mark.benchmark(group='lab')\n" + ONE
    pytester.makepyfile(grouped)
    run(pytester, "--paceline")
    pytester.makepyfile(grouped.replace("100", "5000"))
    result = run(pytester, "--paceline", "--paceline-baseline=latest")
    assert result.ret == status
    result.stdout.fnmatch_lines([words])


def test_a_wrong_policy_stops_the_run_with_its_line(pytester: pytest.Pytester) -> None:
    table(pytester, '[tool.paceline.policies]\nlab = "monitr"\n')
    pytester.makepyfile(ONE)
    result = run(pytester)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*pyproject.toml:2*monitr*", "*did you mean 'monitor'*"])


@pytest.mark.parametrize(("strict", "status"), [((), 0), (("--paceline-strict",), 12)])
def test_too_noisy_to_judge_fails_only_when_strict(
    pytester: pytest.Pytester, strict: tuple[str, ...], status: int
) -> None:
    pytester.makepyfile(
        "import pytest\n@pytest.mark.budget(min_throughput='1/s')\n" + ONE,
    )
    result = run(pytester, *strict)
    assert result.ret == status
    result.stdout.fnmatch_lines(["UNSURE *"])


def test_the_help_lists_every_flag_with_its_sentence(pytester: pytest.Pytester) -> None:
    result = pytester.runpytest_inprocess("--help")
    assert result.ret == 0
    assert [flag for flag, *_ in FLAGS if flag not in result.stdout.str()] == []
    result.stdout.fnmatch_lines(["*mean:10%*"])


def test_idle_leaves_nothing_behind(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("def test_it(): ...")
    result = run(pytester)
    result.stdout.no_fnmatch_line("*paceline  *")
    assert not store(pytester).exists()


def test_figures_stand_in_junit_properties(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(ONE)
    run(pytester, "--paceline", "--junitxml=j.xml")
    root = ET.parse(pytester.path / "j.xml").getroot()  # noqa: S314  (our own report)
    names = {one.get("name") for one in root.iter("property")}
    assert "paceline.wall_time.mean" in names


def test_a_damaged_store_is_kept_aside_and_costs_a_line(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(ONE)
    assert run(pytester, "--paceline").ret == 0
    data = store(pytester).read_bytes()
    store(pytester).write_bytes(data[:4096] + b"\xff" * (len(data) - 4096))
    result = run(pytester, "--paceline")
    assert result.ret == 0
    result.assert_outcomes(passed=1)
    (kept,) = store(pytester).parent.glob("*corrupt*")
    result.stdout.fnmatch_lines([f"*{kept.name}*"])


def test_a_file_that_is_no_store_is_left_alone(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(ONE)
    store(pytester).parent.mkdir()
    store(pytester).write_text("somebody's notes", encoding="utf-8")
    result = run(pytester, "--paceline")
    assert result.ret == 0
    result.stdout.fnmatch_lines(["*not recorded*paceline.sqlite*"])
    assert store(pytester).read_text(encoding="utf-8") == "somebody's notes"


def test_a_store_of_a_newer_version_is_left_alone(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(ONE)
    assert run(pytester, "--paceline").ret == 0
    with sqlite3.connect(store(pytester)) as connection:
        connection.execute("PRAGMA user_version = 999")
    connection.close()
    before = store(pytester).read_bytes()
    result = run(pytester, "--paceline")
    assert result.ret == 0
    result.stdout.fnmatch_lines(["*not recorded*"])
    assert store(pytester).read_bytes() == before


def test_a_store_in_a_file_instead_of_a_folder_costs_a_line(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(ONE)
    (pytester.path / ".paceline").write_text("in the way", encoding="utf-8")
    result = run(pytester, "--paceline")
    assert result.ret == 0
    result.stdout.fnmatch_lines(["*not recorded*"])


def test_quiet_does_not_hide_what_went_wrong(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(ONE)
    (pytester.path / ".paceline").write_text("in the way", encoding="utf-8")
    result = run(pytester, "--paceline", "--benchmark-quiet")
    result.stdout.fnmatch_lines(["Note: not recorded*"])
    result.stdout.no_fnmatch_line("*OPS*")


def test_a_report_that_can_not_be_written_costs_a_line(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(ONE)
    (pytester.path / "out").write_text("in the way", encoding="utf-8")
    result = run(pytester, "--paceline-write=out/r.md", "--paceline-write=r.docx")
    assert result.ret == 0
    result.stdout.fnmatch_lines_random(["*not written*out*", "*not written*docx*"])


def test_colour_is_never_the_only_sign(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    pytester.makepyfile("import pytest\n@pytest.mark.budget(max_mean='1 ns')\n" + ONE)
    result = run(pytester)
    assert "\x1b[" not in result.stdout.str()
    result.stdout.fnmatch_lines(["BUDGET *"])


def test_settings_come_from_file_ini_environment_and_command_line(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytester.makeini("[pytest]\npaceline_benchmark_min_rounds = 6\npaceline_table_sort = mean\n")
    monkeypatch.setenv("PACELINE_BENCHMARK_MIN_ROUNDS", "7")
    pytester.makepyfile(
        """
        def test_it(benchmark):
            assert benchmark.options.min_rounds == 8
            benchmark(int)
        """
    )
    run(pytester, "--benchmark-min-rounds=8").assert_outcomes(passed=1)


@pytest.mark.skipif(os.name == "nt", reason="signals")
def test_an_interrupted_run_is_kept_as_incomplete(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        ONE + "\ndef test_stop():\n    raise KeyboardInterrupt\n",
    )
    result = pytester.runpytest_subprocess(*QUICK, "--paceline")
    assert result.ret == pytest.ExitCode.INTERRUPTED
    with sqlite3.connect(store(pytester)) as connection:
        assert connection.execute("SELECT complete FROM runs").fetchall() == [(0,)]
    connection.close()
