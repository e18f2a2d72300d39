from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import pytest

import paceline.cli.run
from paceline.cli import main

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[str]:
    """Collect the words that pytest would be started with."""
    words: list[str] = []

    def waited(command: Sequence[str], folder: Path, _out: Any) -> int:
        assert folder == tmp_path
        words.extend(command)
        return 0

    monkeypatch.setattr(paceline.cli.run, "_waited", waited)
    return words


@pytest.mark.parametrize(
    ("asked", "given"),
    [
        (["-n", "auto"], ["--paceline-workers=auto"]),
        (["-n4"], ["--paceline-workers=4"]),
        (["--workers=2", "--engine", "xdist"], ["--paceline-workers=2", "--paceline-engine=xdist"]),
        (["--profile", "ci"], ["--paceline-profile=ci"]),
        (["--profile=ci", "--show-profile"], ["--paceline-profile=ci", "--paceline-show-profile"]),
        (["--explain"], ["--paceline-explain"]),
        (["--dry-run", "--ff"], ["--paceline-dry-run", "--ff"]),
        (["-x", "-k", "one"], ["-x", "-k", "one"]),
        (["--", "-n", "2"], ["-n", "2"]),
        ([], []),
    ],
)
def test_short_flags_stand_for_the_plugins(
    started: list[str], tmp_path: Path, asked: list[str], given: list[str]
) -> None:
    assert main(["run", "--project", str(tmp_path), *asked]) == 0
    assert started == [sys.executable, "-m", "pytest", "--paceline", *given]


def test_help_shows_each_flag_in_an_example(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "--help"]) == 0
    examples = capsys.readouterr().out.partition("examples:")[2]
    for flag in ("-n auto", "--explain", "--profile ci", "--show-profile", "--dry-run"):
        assert flag in examples
