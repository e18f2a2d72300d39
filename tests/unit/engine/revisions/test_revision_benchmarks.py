from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from paceline.engine.revisions.benchmarks import Overlay, overlay_of
from paceline.engine.revisions.layout import layout_of

if TYPE_CHECKING:
    from pathlib import Path


def tree(root: Path, *names: str, **texts: str) -> Path:
    """Make files; keys of ``texts`` stand for names with a dot."""
    for name in (*names, *texts):
        file = root / re.sub("_(toml|ini)$", r".\1", name)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(texts.get(name, ""), encoding="utf-8")
    return root


def overlay(head: Path, *benchmarks: str, base: Path | None = None) -> Overlay:
    return overlay_of(head, base or head.parent / "none", layout_of(head), benchmarks)


HEAD = (
    "pkg/__init__.py", "pkg/core.py", "conftest.py", "bench/conftest.py", "bench/test_a.py",
    "bench/helping.py", "bench/data/x.json", "tests/test_b.py", "pkg/tests/test_c.py",
)  # fmt: skip


def test_a_folder_of_benchmarks_goes_whole_with_the_conftests_above(tmp_path: Path) -> None:
    found = overlay(tree(tmp_path / "head", *HEAD), "bench")
    assert found.present == (
        "bench/conftest.py", "bench/data/x.json", "bench/helping.py", "bench/test_a.py",
        "conftest.py",
    )  # fmt: skip


def test_a_node_id_takes_its_file_and_what_stands_beside_it(tmp_path: Path) -> None:
    head = tree(tmp_path / "head", *HEAD)
    assert overlay(head, "bench/test_a.py::test_x[1]") == overlay(head, "bench")


def test_of_a_folder_with_modules_only_the_benchmark_files_go(tmp_path: Path) -> None:
    found = overlay(tree(tmp_path / "head", *HEAD), "pkg")
    assert found.present == ("conftest.py", "pkg/tests/test_c.py")


def test_a_file_at_the_top_goes_alone(tmp_path: Path) -> None:
    head = tree(tmp_path / "head", "pkg/__init__.py", "bench_it.py", "test_other.py")
    assert overlay(head, "bench_it.py").present == ("bench_it.py",)


def test_without_paths_pytests_own_count(tmp_path: Path) -> None:
    table = '[tool.pytest.ini_options]\ntestpaths = ["tests"]'
    head = tree(tmp_path / "head", *HEAD, pyproject_toml=table)
    assert overlay(head).present == ("conftest.py", "pyproject.toml", "tests/test_b.py")


def test_without_any_paths_all_that_pytest_would_collect_goes(tmp_path: Path) -> None:
    head = tree(tmp_path / "head", *HEAD, pytest_ini="[pytest]\npython_files = *_b.py test_c.py")
    files = ("conftest.py", "pkg/tests/test_c.py", "pytest.ini", "tests/test_b.py")
    assert overlay(head).present == files


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("pytest.ini", "[pytest]\ntestpaths = tests"),
        ("pytest.toml", '[pytest]\ntestpaths = ["tests"]'),
        ("tox.ini", "[pytest]\ntestpaths = tests"),
        ("setup.cfg", "[tool:pytest]\ntestpaths = tests"),
        ("pyproject.toml", '[tool.pytest]\ntestpaths = ["tests"]'),
    ],
)
def test_settings_are_read_where_pytest_reads_them(tmp_path: Path, name: str, text: str) -> None:
    head = tree(tmp_path / "head", "tests/test_b.py", "other/test_a.py")
    (head / name).write_text(text, encoding="utf-8")
    assert overlay(head).present == tuple(sorted((name, "tests/test_b.py")))


def test_a_file_without_pytest_settings_leaves_them_to_the_next(tmp_path: Path) -> None:
    head = tree(tmp_path / "head", "tests/test_b.py", "other/test_a.py", tox_ini="[tox]")
    (head / "pyproject.toml").write_text("[project]", encoding="utf-8")
    (head / "setup.cfg").write_text("[tool:pytest]\ntestpaths = tests", encoding="utf-8")
    assert overlay(head).present == ("setup.cfg", "tests/test_b.py")


def test_old_conftests_and_settings_must_not_stay(tmp_path: Path) -> None:
    base = tree(
        tmp_path / "base", "conftest.py", "bench/conftest.py", "other/conftest.py", "pytest.ini"
    )
    head = tree(tmp_path / "head", "bench/test_a.py", pyproject_toml="[tool.pytest]\nx = 1")
    assert overlay(head, "bench", base=base).absent == (
        "bench/conftest.py", "conftest.py", "pytest.ini"
    )  # fmt: skip


def test_absolute_paths_count_and_those_elsewhere_do_not(tmp_path: Path) -> None:
    head = tree(tmp_path / "head", *HEAD)
    assert overlay(head, str(head / "bench")) == overlay(head, "bench")
    assert overlay(head, "../other", "gone.py", "/etc").present == ()
