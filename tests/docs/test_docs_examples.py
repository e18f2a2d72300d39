"""Examples that a page marks are run as the page says, in a project made for that page.

How a page marks them is said in ``tools/examples.py``.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from tools.examples import Example, agrees, calls, examples, figureless

ROOT = Path(__file__).parents[2]
PAGES = [
    page
    for page in sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
    if examples(page.read_text(encoding="utf-8"))
]
WHO = {"NAME": "You", "EMAIL": "you@example.org"}
GIT = {f"GIT_{role}_{key}": WHO[key] for role in ("AUTHOR", "COMMITTER") for key in WHO}


def run(command: list[str], project: Path) -> tuple[int, str]:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    more = {"PATH": path, "NO_COLOR": "1", "PYTHONDONTWRITEBYTECODE": "1", "COLUMNS": "80"}
    done = subprocess.run(
        command,
        cwd=project,
        env={**os.environ, **GIT, **more, "PYTHONUNBUFFERED": "1"},
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    return done.returncode, done.stdout


def commands(block: Example) -> list[tuple[list[str], str]]:
    if block.language == "console":
        return [(["bash", "-c", call.command], call.shown) for call in calls(block.text)]
    return [([sys.executable, "-c", block.text], "")]


def write(block: Example, project: Path) -> None:
    (project / block.what).parent.mkdir(parents=True, exist_ok=True)
    (project / block.what).write_text(block.text, encoding="utf-8")


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_marked_examples_run(page: Path, tmp_path: Path) -> None:
    for block in examples(page.read_text(encoding="utf-8")):
        if block.how == "file":
            write(block, tmp_path)
            continue
        for command, shown in commands(block):
            status, said = run(command, tmp_path)
            assert status == int(block.what), f"{command}\n{said}"
            assert not shown or agrees(shown, said), f"{command}\n{figureless(said)}"


def test_the_first_steps_are_among_the_examples() -> None:
    assert {"README.md", "getting-started.md", "tutorial.md"} <= {page.name for page in PAGES}


@pytest.mark.parametrize(
    ("shown", "said"),
    [
        ("mean 1.2 µs of 10 ms", "mean  900 ns of 10 ms"),
        ("Name (time in µs)  OPS (k/s)", "Name (time in ms)      OPS (M/s)"),
        ("-----------\na  −3.1 % [-4.0 … -2.0]", "----\na  12 % [-1,000.5 … +2]"),
        ("2.1 µs ±3 %  [1.2…1.4]", "2.1 µs [1 … 3]  ±0.1 %"),
        ("run f7fe6853 of 2026-11-21 21:57", "run 0a1b2c3d of 2027-01-01 00:00"),
        ("first\n…\nlast", "first\na\nb\n\nlast\n"),
        ("…\nlast", "last"),
        ("in … s", "in 3 wide s"),
    ],
)
def test_figures_may_differ_from_what_a_page_shows(shown: str, said: str) -> None:
    assert agrees(shown, said)


@pytest.mark.parametrize(
    ("shown", "said"),
    [
        ("1 regression", "1 improvement"),
        ("2 benchmarks  0 unsure", "2 benchmarks  1 unsure"),
        ("11 passed in 1 s", "21 passed in 1 s"),
        ("mean 1.2 µs", "median 1.2 µs"),
        ("first\nlast", "first\na\nlast"),
        ("first\n…\nlast", "first\na"),
        ("mean 1.2 µs", "mean"),
    ],
)
def test_words_and_lines_may_not_differ(shown: str, said: str) -> None:
    assert not agrees(shown, said)
