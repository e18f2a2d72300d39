from __future__ import annotations

from typing import TYPE_CHECKING

from paceline.engine.paired.worker import Start

if TYPE_CHECKING:
    from pathlib import Path


def start(root: Path, *arguments: str) -> Start:
    return Start("base", root, root / "python", {}, arguments)


def test_a_worker_joins_by_its_pipes_and_leaves_the_fixture_to_us(tmp_path: Path) -> None:
    command = start(tmp_path, "-k", "parse").command((3, 4))
    assert command[:3] == [str(tmp_path / "python"), "-m", "pytest"]
    assert "--paceline-side=3,4" in command
    assert command[command.index("no:benchmark") - 1] == "-p"
    assert command[-2:] == ["-k", "parse"]


def test_a_prefix_runs_the_interpreter(tmp_path: Path) -> None:
    one = Start("base", tmp_path, tmp_path / "python", {}, (), prefix=("valgrind", "--quiet"))
    assert one.command((3, 4))[:2] == ["valgrind", "--quiet"]


def test_files_take_the_place_of_paths_and_options_stay(tmp_path: Path) -> None:
    (tmp_path / "bench").mkdir()
    (tmp_path / "bench" / "test_a.py").touch()
    given = start(tmp_path, "bench/test_a.py::test_x", "-k", "parse", "bench", "-n0")
    narrowed = given.narrowed(["bench/test_a.py"])
    assert narrowed.arguments == ("-k", "parse", "-n0", "bench/test_a.py")
