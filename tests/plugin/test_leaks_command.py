from __future__ import annotations

import functools
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.slow

CODE = """
import os, signal, sys, time, subprocess, threading

KEPT = []

def leaks():
    print("noise", file=sys.stdout)
    print("noise", file=sys.stderr)
    KEPT.append([1])

def clean():
    return [1]

async def also_clean():
    pass

def raises():
    raise KeyError("gone")

def ends():
    sys.exit(3)

def breaks_off():
    os._exit(7)

def crashes():
    os.kill(os.getpid(), signal.SIGSEGV)

def hangs():
    if "READY" in os.environ:
        with open(os.environ["READY"], "w") as ready:
            ready.write(str(os.getpid()))
    time.sleep(600)

def waits():
    threading.Thread(target=threading.Event().wait).start()
    KEPT.append(subprocess.Popen(["sleep", "601"]))

def needs(argument):
    pass

def _private():
    pass

class Pool:
    def cycle(self):
        KEPT.append(self)

    @staticmethod
    def still():
        pass
"""


@pytest.fixture
def code(tmp_path: Path) -> Path:
    file = tmp_path / "code.py"  # the name of a module of the library
    file.write_text(CODE, encoding="utf-8")
    return file


def leaks(*words: object, **how: Any) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "paceline", "leaks", *map(str, words)]
    return subprocess.run(command, text=True, capture_output=True, check=False, **how)


def result(*words: object) -> dict[str, Any]:
    found: list[dict[str, Any]] = json.loads(leaks(*words, "--json").stdout)["results"]
    assert len(found) == 1
    return found[0]


def test_a_leak_is_found_whatever_the_code_prints(code: Path) -> None:
    done = leaks(f"{code}::leaks", "--json")
    (found,) = json.loads(done.stdout)["results"]
    assert (done.returncode, done.stderr, found["verdict"]) == (10, "", "LEAK")
    assert found["name"] == f"{code}::leaks"
    assert found["place"]["file"] == str(code)
    assert found["holders"][0]["name"].endswith(".KEPT")


@pytest.mark.parametrize(
    ("name", "verdict", "why"),
    [
        ("clean", "CLEAN", ""),
        ("also_clean", "CLEAN", ""),
        ("Pool.still", "CLEAN", ""),
        ("Pool.cycle", "LEAK", ""),
        ("raises", "UNSURE", "call 1 raised KeyError: 'gone'"),
        ("ends", "UNSURE", "call 1 raised SystemExit: 3"),
        ("breaks_off", "UNSURE", "it ended its process with status 7"),
        ("crashes", "UNSURE", "its process was ended by SIGSEGV"),
    ],
)
def test_every_ending_has_its_verdict(code: Path, name: str, verdict: str, why: str) -> None:
    found = result(f"{code}::{name}")
    assert (found["verdict"], found["unsure"]) == (verdict, why)


def test_a_hang_is_ended_and_said(code: Path) -> None:
    found = result(f"{code}::hangs", "--timeout", "1")
    assert (found["verdict"], found["unsure"]) == ("UNSURE", "no answer within 1 s (--timeout)")


def test_what_the_code_leaves_running_ends_with_it(code: Path) -> None:
    assert result(f"{code}::waits")["verdict"] == "LEAK"
    left = [one.read_bytes() for one in Path("/proc").glob("[0-9]*/cmdline") if one.exists()]
    assert b"sleep\x00601\x00" not in left


def test_unsure_fails_only_when_strict(code: Path) -> None:
    assert leaks(f"{code}::raises").returncode == 0
    assert leaks(f"{code}::raises", "--strict").returncode == 12


def test_without_a_name_every_public_function_without_arguments_is_checked(tmp_path: Path) -> None:
    file = tmp_path / "two.py"
    file.write_text("def one(): pass\ndef two(x=1): pass\ndef three(x): pass\ndef _four(): pass\n")
    done = leaks("two.py", "--json", cwd=tmp_path)
    names = [one["name"] for one in json.loads(done.stdout)["results"]]
    assert names == ["two.py::one", "two.py::two"]


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ("nowhere.py", "'nowhere.py' is no file and no module"),
        ("code.py::missing", "has no callable 'missing'"),
        ("code.py::needs", "'needs' needs arguments: (argument)"),
        ("empty.py", "defines no public function that takes no arguments"),
        ("broken.py", "can't be looked through: importing it raised ZeroDivisionError"),
    ],
)
def test_what_cannot_be_checked_is_a_usage_error(code: Path, target: str, said: str) -> None:
    (code.parent / "empty.py").write_text("VALUE = 1\n")
    (code.parent / "broken.py").write_text("1 / 0\n")
    done = leaks(target, cwd=code.parent)
    assert done.returncode == 2
    assert said in done.stderr


def test_a_module_of_a_package_can_be_named_by_file_or_dots(tmp_path: Path) -> None:
    package = tmp_path / "app" / "inner"
    package.mkdir(parents=True)
    for folder in (package, package.parent):
        (folder / "__init__.py").write_text("")
    (package / "work.py").write_text("from . import __name__ as NAME\ndef check(): return NAME\n")
    for target in ("app/inner/work.py::check", "app.inner.work::check"):
        assert leaks(target, cwd=tmp_path).returncode == 0


def test_an_interrupt_ends_the_child_too(code: Path) -> None:
    ready = code.parent / "ready"
    os.mkfifo(ready)
    parent = subprocess.Popen(
        [sys.executable, "-m", "paceline", "leaks", f"{code}::hangs"],
        env={**os.environ, "READY": str(ready)},
        stderr=subprocess.DEVNULL,
        # a shell makes what it starts in the background deaf to SIGINT
        preexec_fn=functools.partial(signal.signal, signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509  (no threads here)
    )
    child = int(ready.read_text())  # waits until the child runs
    parent.send_signal(signal.SIGINT)
    assert parent.wait() == 130
    with pytest.raises(ProcessLookupError):
        os.kill(child, 0)
