from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.slow

SUITE = """
import asyncio, os, pytest
from work import UNITS

def burn(units=UNITS):
    return sum(i * i for i in range(10 * units))

def test_work(benchmark):
    benchmark(burn)

@pytest.mark.memory_limit("50 MB")  # times are taken here: nothing is traced or repeated
@pytest.mark.no_leaks
def test_same(benchmark):
    benchmark(sum, range(1000))

class TestClass:
    @pytest.mark.parametrize("text", ["a#b", "é"])
    def test_method(self, benchmark, text):
        assert benchmark(text.upper)

def test_setup(benchmark):
    benchmark.with_setup(lambda: (([3, 1, 2] * 300,), {}), sorted)

def test_async(benchmark):
    async def main():
        async def code():
            await asyncio.sleep(0)
        await benchmark(code)
    asyncio.run(main())

def test_several(benchmark):
    both = benchmark.compare({"one": lambda: sum(range(50)), "ten": lambda: sum(range(500))})
    assert both.ratio("ten", over="one").point > 1

def test_fails(benchmark):
    benchmark(sum, range(10))
    assert UNITS == 20, "the head is wrong"

def test_skipped(benchmark):
    pytest.skip("not here")

@pytest.mark.parametrize("units", [20, 40])
def test_variant(benchmark, units):
    benchmark(burn, units)
"""
NEW = "\ndef test_new(benchmark):\n    benchmark(int)\n"


@pytest.fixture
def folders(tmp_path: Path) -> Path:
    for name, units in (("old", 20), ("new", 40)):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "work.py").write_text(f"UNITS = {units}\n")
        (folder / "pyproject.toml").write_text('[tool.pytest.ini_options]\npythonpath = ["."]\n')
        text = SUITE + (NEW if name == "new" else "")
        (folder / "test_suite.py").write_text(text, encoding="utf-8")
    return tmp_path


def command(folder: Path, *arguments: str) -> list[str]:
    return [sys.executable, "-m", "paceline", "ab", "--project", str(folder), *arguments]


def environment(tmp_path: Path) -> dict[str, str]:
    return {**os.environ, "XDG_CACHE_HOME": str(tmp_path / "cache"), "TMPDIR": str(tmp_path)}


def judged(folder: Path, *arguments: str) -> tuple[int, dict[str, dict[str, Any]]]:
    done = subprocess.run(
        command(folder / "new", "--json", *arguments),
        capture_output=True,
        text=True,
        env=environment(folder),
        cwd=folder,
        check=False,
    )
    assert done.stdout, done.stderr
    cases = json.loads(done.stdout)["cases"]
    return done.returncode, {one["case"].partition("::")[2]: one for one in cases}


def test_every_kind_of_benchmark_is_judged_or_said(folders: Path) -> None:
    status, cases = judged(folders, f"{folders}/old", f"{folders}/new", "--pairs", "2")
    kinds = {name: one["kind"] for name, one in cases.items()}
    assert kinds["test_fails"] == "failed"
    assert kinds["test_skipped"] == "skipped"
    measured = {name for name, one in cases.items() if len(one["pairs"]) == 2}
    assert measured >= {
        "test_work", "test_same", "test_setup", "test_async", "test_several#one",
        "test_several#ten", "TestClass::test_method[a#b]", "test_variant[20]",
    }  # fmt: skip
    assert status == 1


def test_twice_the_work_is_regressed_and_confirmed(folders: Path) -> None:
    status, cases = judged(folders, f"{folders}/old", f"{folders}/new", "--", "-k", "test_work")
    (found,) = cases.values()
    assert (status, found["kind"]) == (11, "regressed")
    assert found["confirmation"]
    assert 1.6 < found["ratio"]["point"] < 2.4


def test_two_values_of_a_parameter_are_compared_within_one_tree(folders: Path) -> None:
    status, cases = judged(folders, "--base", "units=40", "--head", "units=20")
    (found,) = cases.values()
    assert (status, found["kind"]) == (0, "improved")


def started(words: list[str], folder: Path) -> subprocess.Popen[str]:
    # a runner in the background ignores SIGINT, and what it starts would inherit that
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        return subprocess.Popen(
            words,
            env=environment(folder),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
    finally:
        signal.signal(signal.SIGINT, before)


def workers(folder: Path) -> list[int]:
    """Find the processes that were started with their cache or output below a folder."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            known = (entry / "environ").read_bytes() if entry.name.isdigit() else b""
        except OSError:
            continue
        if f"TMPDIR={folder}\0".encode() in known and int(entry.name) != os.getpid():
            found.append(int(entry.name))
    return found


@pytest.mark.skipif(not Path("/proc").exists(), reason="processes are found through /proc")
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_however_it_is_stopped_no_worker_stays(folders: Path, how: signal.Signals) -> None:
    words = command(folders / "new", f"{folders}/old", f"{folders}/new", "--pairs", "500")
    with started([*words, "--", "-k", "test_work"], folders) as process:
        assert process.stderr
        for line in process.stderr:
            if line.startswith("pair "):
                break
        process.send_signal(how)
        process.stderr.read()
    assert process.returncode == (130 if how is signal.SIGINT else -signal.SIGKILL)
    until = time.monotonic() + 60
    while workers(folders) and time.monotonic() < until:
        os.sched_yield()
    assert not workers(folders)
