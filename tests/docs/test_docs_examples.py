"""Examples that a page marks are run as the page says, in a project made for that page.

The ``$`` lines of a block that opens with ``console exits=CODE`` are run in order, each ending with
CODE; ``python exits=CODE`` is run as a script; ``LANGUAGE file=PATH`` is written into the project.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
BLOCK = re.compile(
    r"^```(?P<language>\w+) (?P<how>exits|file)=(?P<what>\S+)\n(?P<text>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)
PAGES = [
    page
    for page in sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
    if BLOCK.search(page.read_text(encoding="utf-8"))
]


def run(command: list[str], project: Path) -> tuple[int, str]:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path, "NO_COLOR": "1", "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        command, cwd=project, env=environment, text=True, capture_output=True, check=False
    )
    return done.returncode, f"{command}\n{done.stdout}\n{done.stderr}"


def commands(language: str, text: str) -> list[list[str]]:
    if language == "console":
        return [["bash", "-c", line[2:]] for line in text.splitlines() if line.startswith("$ ")]
    return [[sys.executable, "-c", text]]


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_marked_examples_run(page: Path, tmp_path: Path) -> None:
    for block in BLOCK.finditer(page.read_text(encoding="utf-8")):
        if block["how"] == "file":
            (tmp_path / block["what"]).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / block["what"]).write_text(block["text"], encoding="utf-8")
            continue
        for command in commands(block["language"], block["text"]):
            status, said = run(command, tmp_path)
            assert status == int(block["what"]), said


def test_the_first_steps_are_among_the_examples() -> None:
    assert {"README.md", "getting-started.md"} <= {page.name for page in PAGES}
