from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from paceline.errors import Place, SettingsError
from paceline.settings.profiles import load_profile, profile_layer
from paceline.suite.category_options import CategoryOptions

if TYPE_CHECKING:
    from pathlib import Path

    from paceline.suite.profile import Profile

TEXT = """\
[tool.paceline.profiles.nightly]
extends = "ci"
addopts = ["--tb=short"]

[tool.paceline.profiles.nightly.categories]
order_by = "category"
"""


def load(folder: Path, text: str | bytes, name: str = "nightly") -> Profile:
    data = text.encode() if isinstance(text, str) else text
    (folder / "pyproject.toml").write_bytes(data)
    return load_profile(folder, name, classes=(CategoryOptions,))


def test_a_profile_is_read_with_the_lines_of_its_keys(tmp_path: Path) -> None:
    profile = load(tmp_path, TEXT)
    assert profile.arguments[-1].words == ("--tb=short",)
    assert profile.arguments[-1].place == Place("pyproject.toml", 3)
    layer = profile_layer(profile)
    assert layer.name == "profile nightly"
    assert layer.entries["categories.order_by"].place == Place("pyproject.toml", 6)


@pytest.mark.parametrize("text", ["", "[tool.other]\nx = 1\n", "[tool.paceline]\n"])
def test_a_project_without_profiles_has_those_that_come_along(tmp_path: Path, text: str) -> None:
    assert load(tmp_path, text, "local").name == "local"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[tool.paceline]\nprofiles = 3\n", "profiles is no table but 3"),
        ("[tool.paceline]\nprofiles.nightly.odd = 1\n", "unknown option 'odd'"),
        ("[tool.paceline]\nprofiles.nightly.categories.orderby = 1\n", "'categories.orderby'"),
        ("[tool.paceline]\nprofiles = [\n", "not a TOML file"),
        (b"# paceline \xff", "not a TOML file"),
    ],
)
def test_a_wrong_table_is_named_with_its_file(
    tmp_path: Path, text: str | bytes, problem: str
) -> None:
    with pytest.raises(SettingsError, match=problem.replace("[", r"\[")) as raised:
        load(tmp_path, text)
    assert raised.value.place
    assert raised.value.place.file == "pyproject.toml"
