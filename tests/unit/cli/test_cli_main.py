from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

import paceline
from paceline.cli import explain, main
from paceline.cli.arguments import COMMANDS, build, parse

if TYPE_CHECKING:
    from tests.unit.cli.conftest import Place

HEAVY = {"dataclasses", "pytest", "sqlite3", "paceline.engine", "paceline.stats", "paceline.store"}


def test_the_command_is_quick_to_import() -> None:
    code = "import sys, paceline.cli; print(*sys.modules)"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not HEAVY & set(found.stdout.split())


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_with_examples(
    command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([command, "--help"]) == 0
    said = capsys.readouterr().out
    assert f"paceline {command}" in said.partition("examples:")[2]
    if command != "baseline":
        assert "--json" in said
        assert "--project DIR" in said


@pytest.mark.parametrize("action", ["save", "promote", "list", "show", "remove"])
def test_every_baseline_action_takes_json_and_project(
    action: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["baseline", action, "--help"]) == 0
    said = capsys.readouterr().out
    assert "--json" in said
    assert "--project DIR" in said


def test_the_version_is_the_packages(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"paceline {paceline.__version__}\n"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "required: COMMAND"),
        (["comprae"], "'comprae'"),
        (["compare"], "required: BASE"),
        (["compare", "main", "--strct"], "unrecognized arguments: --strct"),
        (["history", "--limit", "0"], "no count above zero"),
        (["history", "--dry-run"], "belongs to --prune"),
        (["history", "case", "--prune"], "whole runs"),
        (["explain"], "one CODE"),
        (["explain", "x"], "nothing is known about 'x'"),
        (["report", "--json", "--format", "md"], "not allowed with"),
        (["run", "--json", "report.xml"], "no JSON file"),
        (["run", "--project", "missing"], "no folder"),
        (["history", "--project", "missing"], "no folder"),
        (["init", "--project", "missing"], "no folder"),
    ],
)
def test_wrong_usage_is_said_as_an_error_with_status_2(
    place: Place, words: list[str], said: str
) -> None:
    ended = place.paceline(*words)
    assert ended.status == 2
    assert ended.out == ""
    assert ended.err.startswith("error[PAC100]: ")
    assert said in ended.err


def test_wrong_settings_are_said_with_their_line_and_status_13(place: Place) -> None:
    place.settings("[tool.paceline]\nguard.tresh = 1\n")
    ended = place.paceline("history")
    assert ended.status == 13
    first, where, remedy = ended.err.splitlines()
    assert first == "error[PAC200]: unknown option 'guard.tresh'"
    assert where == f"  --> {place.root / 'pyproject.toml'}:2"
    assert remedy.startswith("  = remedy: did you mean 'guard.threshold'?")


def test_several_wrong_entries_are_said_below_each_other(place: Place) -> None:
    place.keep("a")
    place.settings('[tool.paceline.budgets.x]\nmax_men = "1 s"\n[tool.paceline.budgets.y]\nz = 1\n')
    lines = place.paceline("report").err.splitlines()
    assert lines[0] == "error[PAC200]: 2 entries can't be used:"
    assert all(line.startswith("  ") for line in lines[1:])


def test_an_environment_variable_sets_an_option(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PACELINE_STORE_PATH", "elsewhere.sqlite")
    place.keep("a")
    assert "no runs yet" in place.paceline("history").out
    monkeypatch.delenv("PACELINE_STORE_PATH")
    assert "aaaaaaaa" in place.paceline("history").out


def test_an_interruption_ends_with_130(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(explain, "run", interrupted)
    ended = place.paceline("explain", "10")
    assert (ended.status, ended.err) == (130, "interrupted\n")


def test_a_command_loads_no_other_command() -> None:
    parser = build(["explain"])
    arguments, unknown = parser.parse_known_args(["compare", "main"])
    assert arguments.command == "compare"
    assert unknown == ["main"]


def test_what_run_does_not_know_is_left_to_pytest_in_its_order() -> None:
    ours = ["--json", "a.json", "--project", "."]
    arguments = parse(["run", "tests", "-k", "one", *ours, "-x", "--js", "--", "--json", "b"])
    assert (arguments.json, arguments.project) == ("a.json", ".")
    assert arguments.others == ["tests", "-k", "one", "-x", "--js", "--json", "b"]
