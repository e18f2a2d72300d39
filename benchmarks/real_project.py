"""A real project: sqlparse between two of its releases, and with nothing changed but comments.

    python benchmarks/real_project.py [--resolution 3%] [--instructions]

The first comparison says what a release changed, with instruction counts beside the times: no truth
is known. In the second the head differs by comment lines alone, so any alarm is a false one. Needs
a package index for the two releases.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

BENCHMARKS = Path(__file__).parent / "real_project"
RELEASES = ("sqlparse==0.4.4", "sqlparse==0.5.3")
COMMENT = "# Nothing but a comment.\n" * 20


def ab(folder: Path, *arguments: str) -> dict[str, Any]:
    """Run paceline ab in a folder and give its document; progress goes to the terminal."""
    command = [sys.executable, "-m", "paceline", "ab", "--json", "--project", str(folder)]
    done = subprocess.run(
        [*command, *arguments], cwd=folder, stdout=subprocess.PIPE, text=True, check=False
    )
    if not done.stdout:
        sys.exit(f"paceline ab ended with status {done.returncode}")
    document: dict[str, Any] = json.loads(done.stdout)
    return document


def shown(document: dict[str, Any]) -> None:
    """Print a line for each benchmark."""
    for case in document["cases"]:
        change, counted = case["shown"], case["counted"]
        said = (
            ""
            if not change
            else f"{change['point']:.3f} [{change['low']:.3f}, {change['high']:.3f}]"
        )
        counts = f"instructions {counted['ratio']:.4f}" if counted else ""
        name = case["case"].rpartition("::")[2]
        print(f"  {name:22} {said:24} {case['kind']:11} {counts}")
    print(f"  {document['seconds'] / max(len(document['cases']), 1):.1f} s a benchmark\n")


def project(above: Path, name: str) -> Path:
    """Make a folder with the benchmarks."""
    folder = above / name
    shutil.copytree(BENCHMARKS, folder, ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "pytest.ini").write_text("[pytest]\npythonpath = .\n", encoding="utf-8")
    return folder


def with_comments(above: Path, release: Path) -> tuple[Path, Path]:
    """Make two projects that hold the same code; the head's files begin and end with comments."""
    base, head = project(above, "base"), project(above, "head")
    for folder in (base, head):
        shutil.copytree(release, folder / "sqlparse", ignore=shutil.ignore_patterns("__pycache__"))
    for file in (head / "sqlparse").rglob("*.py"):
        file.write_text(COMMENT + file.read_text("utf-8") + COMMENT, encoding="utf-8")
    return base, head


def fetched(above: Path) -> Path:
    """Install the newer release into a folder of its own and give its package."""
    target = above / "release"
    words = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target"]
    subprocess.run([*words, str(target), RELEASES[1]], check=True, env=os.environ)
    return target / "sqlparse"


def main() -> int:
    """Compare releases, then comments; a false alarm is status 1."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--resolution", default="3%", help="the smallest change to find")
    parser.add_argument("--instructions", action="store_true", help="count them as well")
    arguments = parser.parse_args()
    options = ["--resolution", arguments.resolution]
    options += ["--instructions"] if arguments.instructions else []
    assert importlib.util.find_spec("paceline"), "Paceline is not installed here"
    with tempfile.TemporaryDirectory(prefix="real-project-") as name:
        above = Path(name)
        print(f"{RELEASES[0]} to {RELEASES[1]}")
        shown(ab(project(above, "suite"), "--base", RELEASES[0], "--head", RELEASES[1], *options))
        base, head = with_comments(above, fetched(above))
        print(f"{RELEASES[1]}, comments alone")
        document = ab(head, str(base), str(head), *options)
        shown(document)
    alarms = [one for one in document["cases"] if one["kind"] in {"regressed", "improved"}]
    print(f"false alarms: {len(alarms)} of {len(document['cases'])} benchmarks")
    return int(bool(alarms))


if __name__ == "__main__":
    sys.exit(main())
