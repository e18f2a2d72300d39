from __future__ import annotations

import ctypes
import json
import platform
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from paceline.errors import MeasureError
from paceline.probes.callgrind import Callgrind, callgrind_counter
from paceline.probes.explanation import Explanation
from paceline.probes.machine_code import address_of_code
from paceline.probes.valgrind import callgrind_command, callgrind_environment, valgrind

TOGGLE, DUMP = 0x43540002, 0x43540003
PROFILE = "\nfn=(1) work\n0 90\ncfn=(2) malloc\ncalls=1 0\n0 10\n\nfn=(2)\n0 10\ntotals: 100\n"
MACHINE_CODE = pytest.mark.skipif(
    platform.machine() != "x86_64" or not sys.platform.startswith("linux"),
    reason="client requests are x86-64 code for Linux",
)
COUNTING = """
import json, sys
from pathlib import Path
from paceline.probes.counter import counted, find_counter
from paceline.probes.explanation import explained

def square(numbers, power=2):
    return [number ** power for number in numbers]

found = find_counter(out=Path(sys.argv[1]))
take = lambda count: counted(square, found.counter, count=count, args=(range(50),))
once, ten, again = take(10), take(100), take(100)
told = explained(square, found.counter, count=10, args=([3],), kwargs={"power": 3})
print(json.dumps([found.missing, once, ten, again, told.text, told.names]))
"""


class Valgrind:
    """Listens to requests as callgrind does and writes a profile where it would."""

    def __init__(self, out: Path, text: str = PROFILE) -> None:
        self.out = out
        self.text = text
        self.requests: list[int] = []

    def __call__(self, address: int, default: int) -> int:
        code = (ctypes.c_uint64 * 6).from_address(address)[0]
        self.requests.append(code)
        dumps = self.requests.count(DUMP)
        if code == DUMP and self.text:
            self.out.with_name(f"{self.out.name}.{dumps}").write_text(self.text, encoding="utf-8")
        return default


@pytest.fixture
def listener(tmp_path: Path) -> Valgrind:
    return Valgrind(tmp_path / "out")


def test_a_count_leaves_out_what_allocators_did(listener: Valgrind) -> None:
    counter = Callgrind(listener, listener.out)
    counter.start()
    assert counter.stop() == 90


def test_nothing_but_the_body_stands_between_the_toggles(listener: Valgrind) -> None:
    counter = Callgrind(listener, listener.out)
    counter.start()
    assert listener.requests[-1] == TOGGLE
    listener.requests.clear()
    counter.stop()
    assert listener.requests == [TOGGLE, DUMP]


def test_only_the_last_profile_is_kept(listener: Valgrind) -> None:
    counter = Callgrind(listener, listener.out)
    for _ in range(3):
        counter.start()
        counter.stop()
    assert [path.name for path in listener.out.parent.iterdir()] == ["out.3"]
    assert counter.profile_text() == PROFILE


def test_a_profile_that_was_not_written_is_an_error(listener: Valgrind) -> None:
    listener.text = ""
    counter = Callgrind(listener, listener.out)
    counter.start()
    with pytest.raises(MeasureError, match="left no profile"):
        counter.stop()


@MACHINE_CODE
def test_outside_valgrind_there_is_no_counter(tmp_path: Path) -> None:
    with pytest.raises(MeasureError, match="does not run under valgrind"):
        callgrind_counter(tmp_path / "out")


def test_another_processor_has_no_machine_code(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platform, "machine", lambda: "riscv64")
    with pytest.raises(MeasureError, match="on riscv64"):
        address_of_code(b"\xc3")


def test_a_system_that_forbids_executable_pages_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_args: Any, **_kwargs: Any) -> Any:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(platform, "machine", lambda: "x86_64")
    monkeypatch.setattr("mmap.mmap", refuse)
    with pytest.raises(MeasureError, match=r"allows no executable page.*Permission denied"):
        address_of_code(b"\xc3")


@MACHINE_CODE
def test_machine_code_runs() -> None:
    seven = ctypes.CFUNCTYPE(ctypes.c_int)(address_of_code(bytes.fromhex("b807000000 c3")))
    assert seven() == 7


@pytest.mark.slow
@MACHINE_CODE
@pytest.mark.skipif(not valgrind(), reason="valgrind counts the instructions")
def test_under_valgrind_calls_are_counted_and_explained(tmp_path: Path) -> None:
    out = tmp_path / "out"
    trampolines = sys.version_info >= (3, 12)
    command = [sys.executable, "-c", COUNTING, str(out)]
    environment = callgrind_environment({"PYTHONPATH": str(Path(__file__).parents[3] / "src")})
    command = callgrind_command(command, out=out, python_functions=trampolines)
    done = subprocess.run(command, env=environment, text=True, capture_output=True, check=True)
    missing, ten, hundred, again, text, names = json.loads(done.stdout)
    profile = Explanation(text, names).profile()
    assert missing == []
    assert hundred / ten == pytest.approx(10, rel=0.01)
    assert again / hundred == pytest.approx(1, rel=0.02 if trampolines else 0.002)
    assert profile.total > 1000
    seen = {one.name for one in profile.functions}
    assert ("square" if trampolines else "_PyEval_EvalFrameDefault") in seen
