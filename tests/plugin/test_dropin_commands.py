"""``pytest-benchmark list`` and ``compare``, answered by compat/."""

from __future__ import annotations

import argparse
import csv
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from paceline.errors import UsageError
from paceline.probes.dropin import machine_id

COMPAT = Path(__file__).parents[2] / "compat" / "src"
Command = Callable[..., tuple[int, str, str]]


def stats(factor: float) -> dict[str, Any]:
    named = ("min", "max", "mean", "stddev", "median", "iqr")
    figures = {name: (place + 1) * 1e-3 * factor for place, name in enumerate(named)}
    return {**figures, "ops": 333.0 / factor, "outliers": "0;1", "rounds": 5, "iterations": 1}


def save(number: str, factor: float) -> None:
    folder = Path(".benchmarks", "Linux-CPython-3.11-64bit")
    folder.mkdir(parents=True, exist_ok=True)
    entries = [
        {"name": name, "fullname": f"t.py::{name}", "group": group, "stats": stats(factor)}
        for name, group in (("test_json", None), ("test_yaml[1]", "text"))
    ]
    (folder / f"{number}_saved.json").write_text(json.dumps({"benchmarks": entries}))


@pytest.fixture
def command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Command]:
    monkeypatch.chdir(tmp_path)
    paths = [path for path in sys.path if not Path(path, "conftest.py").exists()]
    monkeypatch.setattr(sys, "path", [str(COMPAT), *paths])
    monkeypatch.delitem(sys.modules, "conftest", raising=False)
    from pytest_benchmark import cli  # noqa: PLC0415  (only importable from here on)

    monkeypatch.setattr(cli, "refuse_both", lambda: None)
    save("0001", 1.0)
    save("0002", 2.0)

    def run(*words: str) -> tuple[int, str, str]:
        try:
            status = cli.main(words)
        except SystemExit as ended:
            status = int(ended.code or 0)
        return status, *capsys.readouterr()

    yield run
    sys.modules.pop("conftest", None)  # the one of this test; pytest's own comes back
    for name in [name for name in sys.modules if name.partition(".")[0] == "pytest_benchmark"]:
        del sys.modules[name]


def test_list_names_every_saved_run(command: Command) -> None:
    status, out, err = command("list")
    files = [Path(line).name for line in out.splitlines()]
    assert (status, files, err) == (0, ["0001_saved.json", "0002_saved.json"], "")


def test_compare_shows_every_run_in_one_table_a_group(command: Command) -> None:
    status, out, _ = command("compare", "--columns=min,rounds", "--time-unit=us")
    assert status == 0
    assert " benchmark: 2 tests " in out
    assert " benchmark 'text': 2 tests " in out
    assert "Name (time in us)" in out
    assert "test_json (0002_saved)     2,000.0000 (2.0" in out


def test_runs_are_chosen_by_number_file_and_storage(command: Command) -> None:
    assert "0002" not in command("compare", "0001", "--name=trial", "--columns=min")[1]
    file = ".benchmarks/Linux-CPython-3.11-64bit/0002_saved.json"
    assert "benchmark: 1 tests" in command("compare", file)[1]
    assert "benchmark: 2 tests" in command("-s", "file://.benchmarks", "compare", "*/*")[1]


def test_benchmarks_are_chosen_by_an_expression(command: Command) -> None:
    _, out, _ = command("compare", "-k", "json or toml", "--group-by=func", "--sort=max")
    assert " benchmark 'test_json': 2 tests " in out
    assert "yaml" not in out


def test_figures_go_to_a_csv_file_in_folders_made_for_it(command: Command) -> None:
    _, _, err = command("compare", "0001", "--csv", "out/figures", "--columns=mean,ops")
    rows = list(csv.reader(Path("out/figures.csv").read_text().splitlines()))
    assert rows[0] == ["name", "mean", "ops"]
    assert rows[1] == ["t.py::test_json", "0.003", "333.0"]
    assert "Generated csv: out/figures.csv" in err


def test_each_group_gets_a_chart(command: Command) -> None:
    _, _, err = command("compare", "--histogram", "out/chart")
    assert [file.name for file in sorted(Path("out").iterdir())] == ["chart-text.svg", "chart.svg"]
    assert "Generated histogram: out/chart.svg" in err


def test_between_puts_runs_side_by_side(command: Command) -> None:
    status, out, _ = command("compare", "--between=min,ops", "--name=short")
    assert status == 0
    assert "2 sources" in out
    assert "+100.0%" in out
    assert "-50.0%" in out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--between=min", "--columns=max"), "--between is not compatible with --columns"),
        (("--between=min", "--histogram=x"), "--between is not compatible with --histogram"),
        (("--columns=min,x",), "Invalid column name(s): x"),
        (("--sort=bogus",), "Unacceptable value: 'bogus'"),
        (("--name=bogus",), "Could not parse value: 'bogus'"),
        (("--group-by=bogus",), "Unsupported grouping 'bogus'"),
        (("-k", "a b"), "'b' is left over"),
        (("0001", "--between=min"), "at least 2 source files"),
        (("a/b/c",), "neither a file nor a glob"),
    ],
)
def test_a_mistake_is_said_and_ends_with_2(
    command: Command, words: tuple[str, ...], said: str
) -> None:
    status, _, err = command("compare", *words)
    assert (status, said in err) == (2, True), err


def test_nothing_that_fits_is_said_and_is_no_failure(command: Command) -> None:
    status, out, err = command("compare", "-k", "nothing", "--between=min", "--csv=none")
    assert (status, "benchmark" in out) == (0, False)
    assert "WARNING: no saved benchmark below .benchmarks fits" in err
    assert Path("none.csv").read_text().splitlines() == ["name,min"]


def test_a_missing_command_is_said(command: Command) -> None:
    status, _, err = command()
    assert (status, "missing command" in err) == (2, True)


@pytest.mark.parametrize(
    "words", [("--help",), ("-h", "compare"), ("help", "compare"), ("compare", "--help")]
)
def test_help_is_given_in_every_form(command: Command, words: tuple[str, ...]) -> None:
    status, out, _ = command(*words)
    assert (status, out.startswith("usage: py.test-benchmark")) == (0, True)


@pytest.mark.parametrize("mode", ["prepend", "append", "importlib"])
def test_hooks_of_the_conftest_here_are_called(command: Command, mode: str) -> None:
    Path("conftest.py").write_text(
        "def pytest_benchmark_scale_unit(config, unit, benchmarks, best, worst, sort):\n"
        "    assert config.getoption('benchmark_time_unit') == 'ms'\n"
        "    return 'kilo', 0.001\n"
        "def pytest_benchmark_group_stats(config, benchmarks, group_by):\n"
        "    return [(group_by, benchmarks)]\n"
    )
    _, out, _ = command("--import-mode", mode, "compare", "--time-unit=ms", "--group-by=own")
    assert "Name (time in kilos)" in out
    assert " benchmark 'own': 4 tests " in out


def test_a_file_that_cannot_be_read_is_said_and_passed_over(command: Command) -> None:
    Path(".benchmarks", "Linux-CPython-3.11-64bit", "0003_cut.json").write_text("{")
    status, out, err = command("compare")
    assert (status, "benchmark: 2 tests" in out) == (0, True)
    assert "WARNING: Failed to load" in err
    assert "0003_cut.json" in err


def test_both_distributions_together_are_refused(command: Command) -> None:
    assert command("list")[0] == 0
    from pytest_benchmark.presence import refuse_both  # noqa: PLC0415

    refuse_both("no-such-distribution")
    with pytest.raises(UsageError, match=r"pytest \S+ is installed beside paceline-compat"):
        refuse_both("pytest")


def test_names_that_users_import_are_there(command: Command) -> None:
    assert command("list")[0] == 0
    from pytest_benchmark import plugin, utils  # noqa: PLC0415
    from pytest_benchmark.fixture import BenchmarkFixture, FixtureAlreadyUsed  # noqa: PLC0415
    from pytest_benchmark.session import BenchmarkSession, PerformanceRegression  # noqa: PLC0415

    assert plugin.BenchmarkSession is BenchmarkSession
    assert issubclass(plugin.PerformanceRegression, PerformanceRegression)
    assert callable(plugin.pytest_benchmark_group_stats)
    assert (
        BenchmarkFixture.__module__ == FixtureAlreadyUsed.__module__ == "pytest_benchmark.fixture"
    )
    assert set(utils.__all__) <= set(dir(utils))


def test_statistics_follow_the_values_added_so_far(command: Command) -> None:
    assert command("list")[0] == 0
    from pytest_benchmark.stats import Stats, normalize_stats  # noqa: PLC0415

    found = Stats()
    assert not found
    for value in (2.0, 4.0):
        found.update(value)
    assert (found.mean, found.ops, found.sorted_data) == (3.0, 1 / 3, [2.0, 4.0])
    found.update(6.0)
    assert found.as_dict()["total"] == 12.0
    assert normalize_stats({"mean": 0.5})["ops"] == 2.0


def test_small_functions_do_what_their_names_say(command: Command) -> None:
    assert command("list")[0] == 0
    from pytest_benchmark import utils  # noqa: PLC0415

    assert [utils.format_time(value) for value in (1.5e-3, 2.0)] == ["1.50m", "2.00"]
    assert utils.parse_columns("MIN, max") == ["min", "max"]
    assert [utils.parse_warmup(word) for word in ("on", "OFF", "")] == [True, False, True]
    assert str(utils.NameWrapper(json.dumps)) == "json.dumps"
    check = utils.parse_compare_fail("min:5%")
    assert isinstance(check, utils.PercentageRegressionCheck)
    assert check.fails({"min": 1.1}, {"min": 1.0})
    assert check.fails({"min": 1.0}, {"min": 1.0}) is None


def test_names_of_machine_commit_and_files_are_those_of_the_run(command: Command) -> None:
    assert command("list")[0] == 0
    from pytest_benchmark import utils  # noqa: PLC0415

    assert utils.get_machine_id() == machine_id()
    assert utils.get_tag().startswith(f"unversioned_{utils.get_current_time()[:8]}")
    assert utils.get_project_name() == Path.cwd().name
    assert (utils.parse_save("ok"), utils.clonefunc(len)) == ("ok", len)
    assert [utils.funcname(one) for one in (len, partial(len), 5)] == ["len", "len", "5"]
    assert utils.safe_dumps({"a": len}).count("UNSERIALIZABLE") == 1


def test_what_utils_cannot_read_is_refused_as_argparse_expects(command: Command) -> None:
    assert command("list")[0] == 0
    from pytest_benchmark import utils  # noqa: PLC0415

    for name, text in (
        ("parse_columns", "x"),
        ("parse_compare_fail", "mean"),
        ("parse_elasticsearch_storage", "http://host"),
        ("parse_save", "a/b"),
        ("parse_warmup", "maybe"),
    ):
        with pytest.raises(argparse.ArgumentTypeError):
            getattr(utils, name)(text)


def test_files_that_cannot_be_written_are_said(command: Command) -> None:
    Path("taken").touch()
    for words in (("--csv=taken/a",), ("--histogram=taken/a",)):
        status, _, err = command("-v", "compare", *words)
        assert (status, "can't be written" in err) == (2, True)
        assert "Read Linux-CPython-3.11-64bit/0001_saved.json" in err


def run_here(folder: Path, *words: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", *words],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(COMPAT)},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout + done.stderr


@pytest.mark.slow
def test_the_module_runs_and_the_plugin_makes_its_table_the_default(tmp_path: Path) -> None:
    (tmp_path / "test_a.py").write_text("def test_a(benchmark):\n    benchmark(sum, [1])\n")
    words = ["-p", "pytest_benchmark.plugin", "-p", "no:cacheprovider", "--rootdir=."]
    words += ["--benchmark-max-time=0.01", "--benchmark-autosave"]
    said = run_here(tmp_path, "pytest", *words)
    assert "benchmark: 5.3.1 (defaults: timer=" in said
    assert "Name (time in " in said
    assert "test_a" in run_here(tmp_path, "pytest_benchmark", "compare", "0001")
