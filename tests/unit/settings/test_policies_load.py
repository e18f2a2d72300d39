from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from paceline.errors import Place, SettingsError
from paceline.guard.policy import Does, Policy
from paceline.settings.policies import load_policies

if TYPE_CHECKING:
    from pathlib import Path

TEXT = """\
[tool.paceline.policies]
nightly = "monitor"

[tool.paceline.policies.critical]
does = "block"
threshold = "5 %"
"""


def project(folder: Path, text: str | bytes) -> Path:
    data = text.encode() if isinstance(text, str) else text
    (folder / "pyproject.toml").write_bytes(data)
    return folder


def test_policies_are_read_with_their_lines(tmp_path: Path) -> None:
    assert load_policies(project(tmp_path, TEXT)) == (
        Policy("nightly", Does.MONITOR, None, Place("pyproject.toml", 2)),
        Policy("critical", Does.BLOCK, 0.05, Place("pyproject.toml", 4)),
    )


@pytest.mark.parametrize(
    "text", ["", "[tool.other]\nx = 1\n", "[tool.paceline]\n", "[tool.paceline.budgets]\n"]
)
def test_a_project_without_policies_has_none(tmp_path: Path, text: str) -> None:
    assert load_policies(project(tmp_path, text)) == ()


def test_without_a_file_there_are_none(tmp_path: Path) -> None:
    assert load_policies(tmp_path) == ()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[tool.paceline]\npolicies = 5\n", "pyproject.toml:2: policies is no table"),
        (TEXT.replace("monitor", "watch"), "pyproject.toml:2: policy 'nightly' does 'watch'"),
        (TEXT.replace("does", "dose"), "pyproject.toml:5: unknown key 'dose'"),
        (TEXT.replace("5 %", "5 ms"), "pyproject.toml:6: threshold"),
        (b"[tool.paceline]\nx = \xff\n", "pyproject.toml: not a TOML file"),
        ("[tool.paceline\n", "pyproject.toml: not a TOML file"),
    ],
)
def test_a_wrong_table_is_refused_at_its_line(
    tmp_path: Path, text: str | bytes, message: str
) -> None:
    with pytest.raises(SettingsError) as caught:
        load_policies(project(tmp_path, text))
    assert str(caught.value).startswith(message)
