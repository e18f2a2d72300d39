"""The public names keep their types: mypy, strict, on a file of promises."""

from __future__ import annotations

import importlib.resources
import subprocess
import sys
from pathlib import Path

import pytest

import paceline

HERE = Path(__file__).parent
ROOT = HERE.parents[1]


@pytest.mark.parametrize("name", paceline.__all__)
def test_every_public_name_is_there(name: str) -> None:
    assert getattr(paceline, name) is not None


def test_the_package_says_that_it_is_typed() -> None:
    assert importlib.resources.files("paceline").joinpath("py.typed").is_file()


@pytest.mark.slow
def test_a_type_checker_sees_what_is_promised() -> None:
    command = [sys.executable, "-m", "mypy", "--no-incremental", str(HERE / "public_names.py")]
    done = subprocess.run(command, cwd=ROOT, text=True, capture_output=True, check=False)
    assert done.returncode == 0, done.stdout
