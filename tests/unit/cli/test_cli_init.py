from __future__ import annotations

import json
import tomllib
from typing import TYPE_CHECKING

import pytest

from paceline.cli.init import settings_table
from paceline.engine.options import CLASSES
from paceline.errors import Place as Where
from paceline.options import declarations, read

if TYPE_CHECKING:
    from tests.unit.cli.conftest import Place


@pytest.mark.parametrize(
    "before",
    [
        b"",
        b'[project]\nname = "x"\n',
        b"# no line end",
        b"[tool.other]\r\nkey = 1\r\n",
        "[tool.'ä']\nkey = 'ö'  # kept\n\n\n".encode(),
    ],
)
def test_the_table_is_added_and_the_rest_kept_byte_for_byte(place: Place, before: bytes) -> None:
    file = place.root / "pyproject.toml"
    file.write_bytes(before)
    assert place.paceline("init").status == 0
    after = file.read_bytes()
    assert after.startswith(before)
    budget = tomllib.loads(after.decode())["tool"]["paceline"]["budgets"]["example"]
    assert budget["max_mean"] == "10 ms"
    assert b"\r\n" not in before or after.count(b"\n") == after.count(b"\r\n")


def test_a_missing_pyproject_is_made(place: Place) -> None:
    (place.root / "pyproject.toml").unlink()
    ended = place.paceline("init")
    assert ended.out.splitlines() == [
        "added    pyproject.toml: settings and a budget",
        "added    performance/test_performance.py: a first benchmark",
        "next     paceline run performance",
    ]


def test_a_second_init_changes_nothing(place: Place) -> None:
    place.paceline("init")
    files = [place.root / "pyproject.toml", place.root / "performance" / "test_performance.py"]
    before = [file.read_bytes() for file in files]
    assert place.paceline("init").out.startswith("kept     pyproject.toml")
    assert [file.read_bytes() for file in files] == before


def test_a_dry_run_says_what_it_would_write_and_writes_nothing(place: Place) -> None:
    place.settings("[project]\n")
    ended = place.paceline("init", "--dry-run")
    assert "    [tool.paceline]" in ended.out.splitlines()
    assert (place.root / "pyproject.toml").read_text() == "[project]\n"
    assert not (place.root / "performance").exists()


def test_json_lists_what_was_added(place: Place) -> None:
    found = json.loads(place.paceline("init", "--json").out)
    assert [file["added"] != "" for file in found["files"]] == [False, True]
    assert found["next"] == "paceline run performance"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[tool.paceline\n", ":1"),
        ("tool = {x = 1}\n", "no [tool.paceline] table can be added"),
        ("tool = 1\n", "no [tool.paceline] table can be added"),
    ],
)
def test_a_file_that_takes_no_table_is_an_error_and_stays(
    place: Place, text: str, said: str
) -> None:
    place.settings(text)
    ended = place.paceline("init")
    assert ended.status == 13
    assert said in ended.err
    assert (place.root / "pyproject.toml").read_text() == text


def test_every_line_shown_is_the_options_default_once_uncommented() -> None:
    lines = settings_table().splitlines()
    shown = [line.removeprefix("# ") for line in lines if line.startswith("# ") and " = " in line]
    table = tomllib.loads("\n".join(shown))
    known = {one.key: one for kind in CLASSES for one in declarations(kind)}
    for section, values in table.items():
        for name, value in values.items():
            one = known[f"{section}.{name}"]
            assert read(one, value, Where("x")) == one.default
