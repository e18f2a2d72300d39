"""Other plugins and tools on forked workers as in one process: ``make test-peers``."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Mapping

for name in ("pytest_cov", "pytest_asyncio", "anyio", "hypothesis", "pytest_rerunfailures"):
    if importlib.util.find_spec(name) is None:
        pytest.skip(f"{name} is not installed here: make test-peers", allow_module_level=True)

pytestmark = pytest.mark.slow

RECORDER = """
import json, pytest
ROWS = []
def pytest_runtest_logreport(report): ROWS.append([report.nodeid, report.when, report.outcome])
@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session):
    if not hasattr(session.config, "workerinput"):
        with open("rows.json", "w") as file: json.dump(sorted(ROWS), file)
"""
ASYNC = """
import asyncio, pytest
@pytest.fixture
async def value():
    await asyncio.sleep(0)
    yield 1
@pytest.mark.parametrize("n", range(6))
async def test_it(value, n):
    await asyncio.sleep(0)
    assert value == 1 and n != 4
"""
ANYIO = """
import anyio, pytest
pytestmark = pytest.mark.anyio
@pytest.fixture(scope="module")
def anyio_backend(): return "asyncio"
@pytest.mark.parametrize("n", range(6))
async def test_it(n):
    await anyio.sleep(0)
    assert n != 4
"""
HYPOTHESIS = """
import pytest
from hypothesis import given, strategies
@pytest.mark.parametrize("m", range(6))
@given(n=strategies.integers())
def test_it(n, m): assert isinstance(n, int)
@given(n=strategies.integers())
def test_fails(n): assert n < 1000
"""
FLAKY = """
import pytest
SEEN = []
@pytest.mark.flaky(reruns=2)
@pytest.mark.parametrize("n", range(6))
def test_it(n):
    SEEN.append(n)
    assert SEEN.count(n) > 1
@pytest.mark.flaky(reruns=1)
def test_never(): assert 0
def test_other(): pass
"""
CODE = """
def used(n):
    if n % 2:
        return "odd"
    return "even"

def unused():
    return 1
"""
COVERED = """
import pytest, code_under_test
@pytest.mark.parametrize("n", range(8))
def test_it(n): assert code_under_test.used(n)
"""


def run(
    pytester: pytest.Pytester, files: Mapping[str, str], *arguments: str, workers: str = "2"
) -> tuple[int, list[list[str]], str]:
    for name, text in ({"recorder.py": RECORDER, "pytest.ini": "[pytest]\n"} | dict(files)).items():
        (pytester.path / name).write_text(text)
    asked = (f"--paceline-workers={workers}",) if workers else ()
    quiet = [f"-pno:{name}" for name in ("xdist", "benchmark", "codspeed", "pyleak", "memray")]
    given = ("-p", "recorder", *quiet, *asked, *arguments)
    done = pytester.runpytest_subprocess(*given, timeout=120)
    return int(done.ret), json.loads((pytester.path / "rows.json").read_text()), str(done.stdout)


@pytest.mark.parametrize(
    ("text", "options"),
    [
        (ASYNC, ("--asyncio-mode=auto",)),
        (ANYIO, ("-pno:asyncio",)),
        (HYPOTHESIS, ("--hypothesis-seed=1",)),
        (FLAKY, ()),
    ],
    ids=["asyncio", "anyio", "hypothesis", "rerunfailures"],
)
def test_a_plugins_tests_end_as_in_one_process(
    pytester: pytest.Pytester, text: str, options: tuple[str, ...]
) -> None:
    files = {"test_a.py": text, "test_b.py": text}
    serial = run(pytester, files, *options, workers="")
    forked = run(pytester, files, *options)
    assert forked[:2] == serial[:2]
    assert "2 workers forked" in forked[2]


@pytest.mark.parametrize("branch", [(), ("--cov-branch",)], ids=["lines", "branches"])
def test_coverage_is_that_of_one_process(
    pytester: pytest.Pytester, branch: tuple[str, ...]
) -> None:
    files = {"code_under_test.py": CODE, "test_a.py": COVERED, "test_b.py": COVERED}
    options = ("--cov=code_under_test", "--cov-report=json", *branch)
    found = []
    for workers in ("", "2"):
        assert run(pytester, files, *options, workers=workers)[0] == 0
        found.append(json.loads((pytester.path / "coverage.json").read_text())["files"])
    assert found[0] == found[1]
    assert found[1]["code_under_test.py"]["missing_lines"] == [8]
    assert len(list(pytester.path.glob(".coverage*"))) == 1


def test_coverage_run_sees_what_workers_run(pytester: pytest.Pytester) -> None:
    for name, text in {"code_under_test.py": CODE, "test_a.py": COVERED}.items():
        (pytester.path / name).write_text(text)
    command = [sys.executable, "-m", "coverage", "run", "--include=code_under_test.py", "-m"]
    command += ["pytest", "-q", "-pno:cov", "-pno:xdist", "--paceline-workers=2"]
    subprocess.run(command, cwd=pytester.path, check=True, capture_output=True, timeout=120)
    said = [sys.executable, "-m", "coverage", "json", "-q"]
    subprocess.run(said, cwd=pytester.path, check=True, timeout=120)
    found = json.loads((pytester.path / "coverage.json").read_text())["files"]
    assert found["code_under_test.py"]["missing_lines"] == [8]


TRIO = ANYIO.replace("return 'asyncio'", "return 'trio'").replace(
    'return "asyncio"', 'return "trio"'
)
TIMED = """
import time, pytest
@pytest.mark.timeout(0.3)
@pytest.mark.parametrize("n", range(4))
def test_it(n):
    if n == 2: time.sleep(20)
def test_other(): pass
"""
DRAWN = """
import random, pytest
@pytest.mark.parametrize("n", range(6))
def test_it(n):
    with open("drawn", "a") as file: file.write(f"{__name__} {n} {random.random()}\\n")
"""
SETTINGS = """
SECRET_KEY = "x"
INSTALLED_APPS = ["django.contrib.contenttypes", "django.contrib.auth"]
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "db.sqlite3",
             "TEST": {"NAME": "test.sqlite3"}}}
"""
MODELS = """
import time, pytest
@pytest.mark.django_db
@pytest.mark.parametrize("n", range(6))
def test_it(n):
    from django.contrib.auth.models import User
    from django.db import connection
    User.objects.create_user(f"user{n}")
    time.sleep(0.05)
    assert User.objects.count() == 1
    with open("names", "a") as file: file.write(str(connection.settings_dict["NAME"]) + "\\n")
"""


@pytest.mark.parametrize(
    ("plugin", "text", "options"),
    [
        ("trio", TRIO, ("-pno:asyncio",)),
        ("pytest_timeout", TIMED, ()),
        ("pytest_timeout", TIMED, ("--timeout-method=signal",)),
    ],
)
def test_a_further_plugins_tests_end_as_in_one_process(
    pytester: pytest.Pytester, plugin: str, text: str, options: tuple[str, ...]
) -> None:
    pytest.importorskip(plugin)
    files = {"test_a.py": text, "test_b.py": text}
    assert run(pytester, files, *options)[:2] == run(pytester, files, *options, workers="")[:2]


def test_what_randomly_seeds_is_drawn_on_every_worker(pytester: pytest.Pytester) -> None:
    pytest.importorskip("pytest_randomly")
    drawn = []
    for workers in ("", "2"):
        files = {"test_a.py": DRAWN, "test_b.py": DRAWN}
        assert run(pytester, files, "-prandomly", "--randomly-seed=3", workers=workers)[0] == 0
        drawn.append(sorted((pytester.path / "drawn").read_text().splitlines()))
        (pytester.path / "drawn").unlink()
    assert drawn[0] == drawn[1]


def test_each_worker_has_a_database_of_djangos_own(pytester: pytest.Pytester) -> None:
    pytest.importorskip("pytest_django")
    files = {"project_settings.py": SETTINGS, "test_a.py": MODELS, "test_b.py": MODELS}
    status, rows, said = run(pytester, files, "--ds=project_settings", "--paceline-order=longest")
    assert status == 0, said
    assert len(rows) == 36
    names = set((pytester.path / "names").read_text().split())
    assert len(names) == 2
    assert all(any(worker in name for name in names) for worker in ("gw0", "gw1"))
