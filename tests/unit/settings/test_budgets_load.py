from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from paceline.errors import Place, SettingsError
from paceline.settings.budgets import load_budgets

if TYPE_CHECKING:
    from pathlib import Path

PYPROJECT = """\
[project]
name = "shop"

[tool.paceline.budgets.api]
pattern = "test_list*"
max_mean = { target = "80 ms", threshold = "100 ms" }

[tool.paceline.budgets.memory]
max_kb = 5120
"""
TOML = """\
[budgets.batch]
min_throughput = "10/s"
"""
YAML = """\
budgets:
  batch:
    description: a batch of 100
    max_mean:
      target: 8 s
      threshold: 10 s
    min_throughput: 10/s
"""


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def refusal(folder: Path, name: str, text: str) -> str:
    with pytest.raises(SettingsError) as caught:
        load_budgets(folder, file=write(folder, name, text))
    return str(caught.value)


def test_without_files_there_are_no_budgets(tmp_path: Path) -> None:
    assert load_budgets(tmp_path) == ()
    assert load_budgets(tmp_path, pyproject=tmp_path / "pyproject.toml") == ()


def test_pyproject_and_file_add_up_each_at_its_line(tmp_path: Path) -> None:
    budgets = load_budgets(
        tmp_path,
        pyproject=write(tmp_path, "pyproject.toml", PYPROJECT),
        file=write(tmp_path, "budgets.toml", TOML),
    )
    assert [(budget.name, budget.limit, budget.place) for budget in budgets] == [
        ("api", pytest.approx(0.1), Place("pyproject.toml", 6)),
        ("memory", 5120 * 1024, Place("pyproject.toml", 9)),
        ("batch", 10, Place("budgets.toml", 2)),
    ]


def test_yaml_has_the_same_shape(tmp_path: Path) -> None:
    mean, rate = load_budgets(tmp_path, file=write(tmp_path, "budgets.yml", YAML))
    assert (mean.target, mean.limit, mean.place) == (8, 10, Place("budgets.yml", 4))
    assert (rate.limit, rate.description) == (10, "a batch of 100")


@pytest.mark.parametrize("text", ["", "[tool.other]\nx = 1\n", "[tool]\npaceline = 1\n"])
def test_a_pyproject_without_budgets_is_fine(tmp_path: Path, text: str) -> None:
    assert load_budgets(tmp_path, pyproject=write(tmp_path, "pyproject.toml", text)) == ()


@pytest.mark.parametrize(("name", "text"), [("b.yml", ""), ("b.yaml", "# none\n"), ("b.toml", "")])
def test_an_empty_file_is_fine(tmp_path: Path, name: str, text: str) -> None:
    assert load_budgets(tmp_path, file=write(tmp_path, name, text)) == ()


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("b.toml", "budget = 1\n", "b.toml:1: unknown key 'budget'"),
        ("b.toml", "\nbudgets = 1\n", "b.toml:2: budgets is no table"),
        ("b.toml", "[budgets]\n\napi = [1]\n", "b.toml:3: budget 'api' is [1]"),
        ("b.toml", "[budgets.a]\nmax_mean = 1\nmax_mean = 2\n", "b.toml:3: not TOML: Cannot"),
        ("b.toml", "[budgets.a]\nmax_mean = \n", "b.toml:2: not TOML: Invalid value"),
        ("b.toml", "[budgets.a]\nx = '''a\n", "b.toml:3: not TOML: Expected"),
        ("b.toml", "[budgets.a]\nmax_mean = '1 sek'\n", "b.toml:2: max_mean"),
        ("b.toml", "[budgets.a]\nmax_mean = {thresh=1}\n", "b.toml:2: unknown key 'thresh'"),
        ("b.ini", "", "ends in .toml, .yaml or .yml"),
        ("b.yml", "budgets: 5\n", "b.yml:1: budgets is no table"),
        ("b.yml", "budgets:\n", "b.yml:1: budgets is no table"),
        ("b.yml", "budgets:\n  a:\n    max_men: 5\n", "b.yml:3: unknown key 'max_men'"),
        ("b.yml", "- a\n", "b.yml:1: a list has no use here"),
    ],
)
def test_a_file_that_makes_no_sense_is_refused_at_its_line(
    tmp_path: Path, name: str, text: str, message: str
) -> None:
    assert message in refusal(tmp_path, name, text)


def test_a_name_may_stand_in_one_place_only(tmp_path: Path) -> None:
    pyproject = write(tmp_path, "pyproject.toml", PYPROJECT)
    file = write(tmp_path, "b.toml", "[budgets.api]\nmax_mean = 1\n")
    with pytest.raises(SettingsError, match=r"b.toml:1: .* already at pyproject.toml:4"):
        load_budgets(tmp_path, pyproject=pyproject, file=file)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"no\.yml: can't be read: No such file"):
        load_budgets(tmp_path, file=tmp_path / "no.yml")


def test_a_file_that_is_no_text_is_named(tmp_path: Path) -> None:
    path = tmp_path / "b.toml"
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(SettingsError, match=r"b\.toml: is not UTF-8"):
        load_budgets(tmp_path, file=path)


def test_a_file_outside_the_root_is_named_in_full(tmp_path: Path) -> None:
    file = write(tmp_path, "b.toml", TOML)
    (budget,) = load_budgets(tmp_path / "inner", file=file)
    assert budget.place == Place(str(file), 2)
