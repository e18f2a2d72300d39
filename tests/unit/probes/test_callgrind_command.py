from __future__ import annotations

import os
import platform
import sys
from pathlib import Path

import pytest

from paceline.probes.valgrind import (
    LENGTH,
    callgrind_command,
    callgrind_environment,
    real_interpreter,
)


def size(environment: dict[str, str]) -> int:
    return sum(len(os.fsencode(f"{name}={value}")) + 9 for name, value in environment.items())


def test_what_runs_under_callgrind_stands_last_with_its_arguments(tmp_path: Path) -> None:
    command = callgrind_command([sys.executable, "-m", "pytest"], out=tmp_path / "out")
    assert command[-4:] == ["--", sys.executable, "-m", "pytest"]
    assert f"--callgrind-out-file={tmp_path / 'out'}" in command
    assert "--collect-atstart=no" in command


def test_settings_of_the_project_change_nothing(tmp_path: Path) -> None:
    command = callgrind_command([sys.executable], out=tmp_path / "out")
    assert "--command-line-only=yes" in command
    assert "VALGRIND_OPTS" not in callgrind_environment({"VALGRIND_OPTS": "--cache-sim=yes"})


def test_only_an_explanation_by_python_function_skips_functions_of_c(tmp_path: Path) -> None:
    plain = callgrind_command([sys.executable], out=tmp_path / "out")
    python = callgrind_command([sys.executable], out=tmp_path / "out", python_functions=True)
    assert not [part for part in plain if part.startswith("--fn-skip")]
    assert {"--fn-skip=_*", "--fn-skip=P*", "--fn-skip=m*"} <= set(python)


@pytest.mark.parametrize("length", [0, 1, 57, 4000, 5000])
def test_every_environment_takes_a_multiple_of_one_size(length: int) -> None:
    assert size(callgrind_environment({"HOME": "x" * length, "ü": "ü"})) % LENGTH == 0


def test_a_longer_path_alone_does_not_change_the_size() -> None:
    short, long = ({"PATH": "/bin", "HOME": home} for home in ("/a", "/a/much/longer/home"))
    assert size(callgrind_environment(short)) == size(callgrind_environment(long))


def test_hash_seed_and_lookups_are_fixed_and_the_users_own_variables_stay() -> None:
    environment = callgrind_environment({"PYTHONHASHSEED": "7", "MINE": "1", "COLUMNS": "80"})
    assert environment["PYTHONHASHSEED"] == "0"
    assert environment["LD_BIND_NOW"] == "1"
    assert environment["MINE"] == "1"
    assert "COLUMNS" not in environment


@pytest.mark.parametrize(("machine", "pinned"), [("x86_64", True), ("aarch64", False)])
def test_the_c_librarys_choice_by_processor_is_pinned_where_it_has_names(
    monkeypatch: pytest.MonkeyPatch, machine: str, *, pinned: bool
) -> None:
    monkeypatch.setattr(platform, "machine", lambda: machine)
    assert ("-AVX2" in callgrind_environment({}).get("GLIBC_TUNABLES", "")) is pinned


@pytest.mark.skipif(sys.platform == "win32", reason="version managers there use no scripts")
def test_a_version_managers_script_gives_way_to_the_interpreter(tmp_path: Path) -> None:
    shim = tmp_path / "python"
    shim.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n', encoding="utf-8")
    shim.chmod(0o755)
    assert Path(real_interpreter(str(shim))).samefile(sys.executable)


def test_a_virtual_environments_link_stays() -> None:
    assert real_interpreter(sys.executable) == sys.executable
