"""Fetch the test suites of public projects at pinned releases, each with an environment of its own.

    python benchmarks/public_suites.py [--folder .paceline/public] [--suites attrs,flask]
                                       [--source rich=FOLDER]

A suite comes as the project's source distribution from the package index, and its requirements as
exact versions. It is ready when a plain serial run of it is green; what can't be green here is left
out by name, with the reason. ``suites.json`` in the folder then says where all that is. A project
whose source distribution holds no tests is taken from a folder that you fetched yourself:
``--source`` names it. Nothing of theirs is part of this repository.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tarfile
import time
import venv
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from suite_speed.figures import counted

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / ".paceline" / "public"
PINS = Path(__file__).parent / "suite_speed" / "public"
OURS = (
    "PyYAML==6.0.3",
    "shtab==1.13.0",
    "flit_core==4.2.0",
    "execnet==2.1.2",
    "pytest-xdist==3.8.0",
)
PLAIN = ("-p", "no:xdist", "-p", "no:paceline", "-p", "no:cacheprovider")
LIMIT = 300.0  # seconds for a suite


@dataclass(frozen=True, slots=True)
class Public:
    """A project's suite: its release and how its tests are run.

    What it needs stands in ``suite_speed/public``, every version exact. ``left_out`` holds tests
    that can't pass here, each with the reason. ``packed`` is false where no source distribution
    holds the tests.
    """

    name: str
    version: str
    arguments: tuple[str, ...] = ()
    left_out: tuple[tuple[str, str], ...] = ()
    packed: bool = True

    @property
    def requirements(self) -> Path:
        """The file of its requirements."""
        return PINS / f"{self.name}.txt"


STATIC = "tests/test_staticfiles.py::test_staticfiles"

SUITES = (
    Public(
        "attrs",
        "26.1.0",
        left_out=(
            (
                "tests/test_converters.py::TestPipe::test_wrapped_annotation",
                "fails with plain pytest on Python 3.11 as well",
            ),
        ),
    ),
    Public("boltons", "26.2.0"),
    Public("click", "8.5.1"),
    Public("flask", "3.1.3"),
    Public(
        "httpx",
        "0.28.1",
        # Trio complains about generators whenever the collector happens to find them.
        ("-m", "not network", "-W", "default::pytest.PytestUnraisableExceptionWarning"),
        left_out=(("-m network", "three tests that the project marks: they need the network"),),
    ),
    Public("jinja2", "3.1.6"),
    Public("marshmallow", "4.4.0"),
    Public(
        "networkx",
        "3.6.1",
        ("networkx/algorithms/flow", "networkx/algorithms/centrality", "networkx/generators"),
    ),
    Public("rich", "15.0.0", ("tests",), packed=False),
    Public(
        "starlette",
        "1.10.0",
        left_out=(
            (f"{STATIC}_with_invalid_dir_permissions_returns_401", "root may read every folder"),
        ),
    ),
)


class NotReadyError(Exception):
    """A suite can't be had, or isn't green, here."""


def sources(suite: Public, folder: Path, given: dict[str, Path]) -> Path:
    """Fetch and unpack a suite's sources, unless they are there; gives their folder."""
    if suite.name in given:
        return given[suite.name].resolve()
    if not suite.packed:
        raise NotReadyError(f"its source distribution has no tests: --source {suite.name}=FOLDER")
    unpacked = folder / suite.name / "source"
    if unpacked.exists():
        return unpacked
    fetched = folder / suite.name / "fetched"
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
    wanted = f"{suite.name}=={suite.version}"
    run([*pip, "--no-binary", suite.name, "--dest", str(fetched), wanted], ROOT)
    (archive,) = fetched.glob("*.tar.gz")
    with tarfile.open(archive) as packed:
        packed.extractall(fetched, filter="data")
    (inner,) = (one for one in fetched.iterdir() if one.is_dir())
    inner.rename(unpacked)
    return unpacked


def environment(suite: Public, folder: Path, source: Path) -> Path:
    """Make a suite's environment, unless it is there; gives its Python."""
    home = folder / suite.name / "environment"
    python, ready = home / "bin" / "python", home / ".ready"
    wanted = suite.requirements.read_text(encoding="utf-8") + "\n".join(OURS)
    if ready.exists() and ready.read_text(encoding="utf-8") == wanted:
        return python
    venv.create(home, with_pip=True, clear=True)
    pip = [str(python), "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
    release = f"{suite.name}=={suite.version}" if suite.packed else str(source)
    run([*pip, "--no-deps", "--requirement", str(suite.requirements), *OURS, release], ROOT)
    run([*pip, "--no-deps", "--no-build-isolation", "--editable", str(ROOT)], ROOT)
    ready.write_text(wanted, encoding="utf-8")
    return python


def run(command: list[str], folder: Path) -> str:
    """Run a command, which must end well, and give what it said."""
    try:
        done = subprocess.run(
            command, cwd=folder, capture_output=True, text=True, timeout=LIMIT, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise NotReadyError(f"{command[-1]}: no end after {LIMIT:.0f} s") from error
    if done.returncode:
        said = (done.stdout + done.stderr).strip().splitlines()[-12:]
        raise NotReadyError(f"status {done.returncode}\n  " + "\n  ".join(said))
    return done.stdout


def prepare(suite: Public, folder: Path, given: dict[str, Path]) -> dict[str, Any]:
    """Make a suite ready and give its entry: where it is, and what a serial run said."""
    (folder / suite.name).mkdir(parents=True, exist_ok=True)
    source = sources(suite, folder, given)
    python = environment(suite, folder, source)
    named = (test for test, _ in suite.left_out if "::" in test)
    arguments = [*suite.arguments, *(f"--deselect={test}" for test in named)]
    pytest = [str(python), "-m", "pytest", *PLAIN, *arguments]
    start = time.perf_counter()
    run([*pytest, "--collect-only", "-q"], source)
    collected = time.perf_counter()
    said = run(pytest, source)
    ended = time.perf_counter()
    return {
        "name": suite.name,
        "version": suite.version,
        "folder": str(source),
        "python": str(python),
        "arguments": arguments,
        "left_out": dict(suite.left_out),
        "outcomes": counted(said),
        "collection": round(collected - start, 2),
        "serial": round(ended - collected, 2),
    }


def entries(file: Path) -> dict[str, dict[str, Any]]:
    """Read the entries that are there already."""
    if not file.exists():
        return {}
    return {one["name"]: one for one in json.loads(file.read_text(encoding="utf-8"))}


def main() -> int:
    """Make suites ready; exit 1 where one is not."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--folder", type=Path, default=FOLDER, help="where they are kept")
    parser.add_argument("--suites", default=",".join(one.name for one in SUITES), help="which")
    parser.add_argument("--source", action="append", default=[], metavar="NAME=FOLDER")
    parser.add_argument("--anew", action="store_true", help="remove what is there first")
    asked = parser.parse_args()
    given = {name: Path(path) for name, _, path in (one.partition("=") for one in asked.source)}
    file = asked.folder.resolve() / "suites.json"
    failed = 0
    for suite in SUITES:
        if suite.name not in asked.suites.split(","):
            continue
        if asked.anew:
            shutil.rmtree(file.parent / suite.name, ignore_errors=True)
        found = entries(file)
        found.pop(suite.name, None)
        try:
            entry = prepare(suite, file.parent, given)
        except NotReadyError as error:
            failed += 1
            print(f"{suite.name:12} {suite.version:8} NOT READY: {error}", flush=True)
        else:
            found[suite.name] = entry
            said = ", ".join(f"{count} {what}" for what, count in entry["outcomes"].items())
            times = f"{entry['serial']:6.1f} s, collection {entry['collection']:5.1f} s"
            print(f"{suite.name:12} {suite.version:8} {times}: {said}", flush=True)
            for test, why in suite.left_out:
                print(f"{'':21} without {test}: {why}", flush=True)
        file.write_text(json.dumps(list(found.values()), indent=1), encoding="utf-8")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
