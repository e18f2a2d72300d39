from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from paceline.cli.arguments import COMMANDS
from paceline.guard.explain import EXPLANATIONS

if TYPE_CHECKING:
    from tests.unit.cli.conftest import Place


@pytest.mark.parametrize("name", ["10", "pac210", "unsure", "wall_time"])
def test_one_name_is_explained(place: Place, name: str) -> None:
    ended = place.paceline("explain", name)
    assert ended.status == 0
    assert ended.out.strip() in EXPLANATIONS.values()
    assert json.loads(place.paceline("explain", name, "--json").out) == {name: ended.out.strip()}


def test_the_list_explains_everything(place: Place) -> None:
    lines = place.paceline("explain", "--list").out.splitlines()
    assert [line.split("  ")[0] for line in lines] == list(EXPLANATIONS)
    assert json.loads(place.paceline("explain", "--list", "--json").out) == EXPLANATIONS


@pytest.mark.parametrize("shell", ["bash", "zsh", "tcsh"])
def test_a_completion_script_knows_every_command(place: Place, shell: str) -> None:
    script = place.paceline("completion", shell).out
    assert all(command in script for command in COMMANDS)
    assert "--fail-on" in script or shell == "tcsh"
    assert json.loads(place.paceline("completion", shell, "--json").out)["script"] in script
