from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from tests.unit.engine.revisions.conftest import ENVIRON, Repo

PACELINE = Path(__file__).parents[2] / "src"
NETWORK = ("PIP_", "SSL_", "REQUESTS_", "CURL_", "HTTP", "http", "NO_PROXY", "no_proxy", "UV_")
TOOLS = ("setuptools", "wheel", "meson-python", "meson", "ninja")

# Prepares both sides in an interpreter of its own, and asks each of them what it loads from where.
SCRIPT = """
import json, os, subprocess, sys
from pathlib import Path
from paceline.engine.revisions import prepare, provenance

order = json.loads(sys.argv[1])
sides = prepare(
    order["base"], order["head"], root=Path(order["root"]), environ=os.environ,
    cache=Path(order["cache"]), say=lambda text: None, benchmarks=order["benchmarks"],
    use_base_benchmarks=order["own"],
)
ASK = '''
import importlib, json, sys
names = json.loads(sys.argv[1])
sys.path.insert(0, "")  # as "python -m pytest" has it
said = {}
for name in names:
    said[name] = str(importlib.import_module(name).VALUE)
files = {n: m.__file__ for n, m in list(sys.modules.items()) if getattr(m, "__file__", None)}
import paceline, pytest
print(json.dumps([said, files, paceline.__file__]))
'''
found = []
for side in sides:
    answer = subprocess.run(
        [side.python, "-c", ASK, json.dumps(order["modules"])], cwd=side.root, check=True,
        env={**os.environ, **side.environment}, stdout=subprocess.PIPE,
    )
    said, files, own = json.loads(answer.stdout)
    found.append({
        "said": side.said, "root": str(side.root), "values": said, "paceline": own,
        "files": files, "python": str(side.python), "notes": side.notes,
        "modules": side.project_modules, "commit": side.commit, "dirty": side.dirty,
        "provenance": provenance(side, files),
    })
print(json.dumps(found))
"""


@dataclass(frozen=True)
class Sides:
    """What both sides said of themselves, base first."""

    base: dict[str, Any]
    head: dict[str, Any]

    def values(self, module: str) -> tuple[str, str]:
        return self.base["values"][module], self.head["values"][module]

    @property
    def doubts(self) -> tuple[str, str]:
        return self.base["provenance"], self.head["provenance"]


class User:
    """Someone with a repository, an environment and a cache."""

    def __init__(self, repo: Repo, python: Path, cache: Path, path: str) -> None:
        self.path = path
        self.repo = repo
        self.python = python
        self.cache = cache

    @property
    def environ(self) -> dict[str, str]:
        network = {name: value for name, value in os.environ.items() if name.startswith(NETWORK)}
        return {**network, **ENVIRON, "PATH": self.path, "HOME": str(self.cache.parent)}

    def pip(self, *arguments: str) -> None:
        command = [str(self.python), "-m", "pip", "install", "--quiet", "--no-deps", *arguments]
        done = subprocess.run(
            command, env=self.environ, cwd=self.repo.top, check=False, capture_output=True
        )
        if done.returncode:
            pytest.fail(done.stderr.decode())

    def command(self, base: str | None, head: str | None, *modules: str, **more: Any) -> list[str]:
        order = {
            "base": base,
            "head": head,
            "root": str(self.repo.top),
            "cache": str(self.cache),
            "modules": modules,
            "benchmarks": (),
            "own": False,
            **more,
        }
        return [str(self.python), "-c", SCRIPT, json.dumps(order)]

    def sides(self, base: str | None, head: str | None, *modules: str, **more: Any) -> Sides:
        done = subprocess.run(
            self.command(base, head, *modules, **more),
            env=self.environ,
            cwd=self.repo.top,
            check=False,
            capture_output=True,
        )
        if done.returncode:
            raise RuntimeError(done.stderr.decode())
        return Sides(*json.loads(done.stdout))


@pytest.fixture(scope="session")
def built_environment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment with build tools; what runs these tests is visible in it, as plain folders."""
    folder = tmp_path_factory.mktemp("environments") / "tools"
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    python = folder / "bin" / "python"
    command = [str(python), "-m", "pip", "install", "--quiet", *TOOLS]
    done = subprocess.run(command, check=False, capture_output=True)
    if done.returncode:
        pytest.skip(f"the build tools can't be had: {done.stderr.decode()[-200:]}")
    return folder


@pytest.fixture
def user(repo: Repo, built_environment: Path, tmp_path: Path) -> User:
    folder = tmp_path / "environment"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
    (site,) = (folder / "lib").glob("python*/site-packages")
    (tools,) = (built_environment / "lib").glob("python*/site-packages")
    here = [path for path in sys.path if path.endswith("site-packages")]
    (site / "around.pth").write_text("\n".join([str(PACELINE), str(tools), *here]), "utf-8")
    path = f"{built_environment / 'bin'}:{ENVIRON['PATH']}"
    return User(repo, folder / "bin" / "python", tmp_path / "cache", path)


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    return Repo(tmp_path / "project")


@pytest.fixture
def compiler() -> None:
    if not shutil.which("cc"):
        pytest.skip("there is no C compiler")
