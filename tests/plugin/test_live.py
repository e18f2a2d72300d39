"""What a person sees on a terminal while workers run, and what is left when they have ended."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import sys
import termios
import time
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from paceline.plugin.closing import sums
from paceline.plugin.progress import Progress

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.slow

PATIENCE = 60.0  # seconds until a run counts as hanging
BLOCK = re.compile(r"█|░|\x1b\[J|\x1b\[\d*A")
SEQUENCE = re.compile(r"\x1b\[([\d;]*)([AJm])|([\r\n])|([^\x1b\r\n]+)")
STOPS = """
from test_gate import wait_for
def test_stops():
    wait_for("begin")
    breakpoint()
def test_after(): wait_for("end")
"""
CRASHES = """
import os
from test_gate import wait_for
def test_crashes(): os._exit(3)
def test_after(): wait_for("end")
"""
AGAIN = """
from test_gate import wait_for
import os
def test_again():
    if os.path.exists("open"): wait_for("end")
    open("open", "w").close()
    assert 0, "the first time"
"""
# The process in front of the terminal, as a shell makes one: Ctrl-C and debuggers need it.
LEAD = """
import fcntl, os, sys, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
os.execv(sys.argv[1], sys.argv[1:])
"""
GATE = """
import os, time
def wait_for(name):
    while not os.path.exists(name): time.sleep(0.01)
def test_gate(): wait_for("open")
"""
MIXED = """
import os, warnings, pytest
@pytest.mark.parametrize("n", range(20))
def test_many(n): warnings.warn("here")
def test_fails(): assert 1 == 2, "not alike"
def test_skips(): pytest.skip("later")
@pytest.mark.xfail
def test_xfails(): assert 0
@pytest.fixture
def broken(): raise ValueError("no set-up")
def test_errs(broken): pass
def test_speaks(capfd):
    with capfd.disabled(): os.write(1, b"spoken aloud\\n")
"""


class Screen:
    """A terminal that knows a line's start, the way up, and clearing to its end."""

    def __init__(self) -> None:
        self.lines = [""]
        self.row = self.column = 0

    def feed(self, text: str) -> Screen:
        for number, letter, control, plain in SEQUENCE.findall(text):
            if letter == "A":
                self.row -= int(number or 1)
                assert self.row >= 0, "above the first line"
            elif letter == "J":
                del self.lines[self.row + 1 :]
                self.lines[self.row] = self.lines[self.row][: self.column]
            elif control == "\r":
                self.column = 0
            elif control == "\n":
                self.row += 1
                self.lines += [""] * (self.row + 1 - len(self.lines))
            else:
                line = self.lines[self.row]
                self.lines[self.row] = line[: self.column].ljust(self.column) + plain
                self.lines[self.row] += line[self.column + len(plain) :]
                self.column += len(plain)
        return self

    @property
    def text(self) -> str:
        return "\n".join(self.lines)


class Terminal:
    """A run of pytest on two workers behind a pseudo-terminal."""

    def __init__(self, pytester: pytest.Pytester, *arguments: str, **environment: str) -> None:
        self.ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        kept = {name: text for name, text in os.environ.items() if name not in {"COLUMNS", "LINES"}}
        plain = [f"-pno:{name}" for name in ("xdist", "hypothesispytest")]
        command = [sys.executable, "-m", "pytest", "--paceline-workers=2", *plain, *arguments]
        self.process = subprocess.Popen(
            [sys.executable, "-c", LEAD, *command],
            cwd=pytester.path,
            env={**kept, "TERM": "xterm", **environment},
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
        )
        os.close(theirs)
        self.text = ""

    def until(self, seen: Callable[[Screen], bool]) -> Screen:
        """Read until the screen shows something, or the run ends."""
        limit = time.monotonic() + PATIENCE
        while not seen(self.screen):
            ready, _, _ = select.select([self.ours], [], [], 0.1)
            assert time.monotonic() < limit, self.screen.text
            try:
                data = os.read(self.ours, 65536) if ready else b""
            except OSError:  # the other side is closed
                break
            self.text += data.decode("utf-8", "replace")
        return self.screen

    def end(self) -> Screen:
        """Read to the end of the run."""
        try:
            return self.until(lambda _: False)
        finally:
            self.process.wait(PATIENCE)
            os.close(self.ours)

    def say(self, text: str) -> None:
        os.write(self.ours, text.encode())

    @property
    def screen(self) -> Screen:
        return Screen().feed(self.text)


@pytest.fixture
def suite(pytester: pytest.Pytester) -> pytest.Pytester:
    pytester.makeini("[pytest]")
    pytester.makepyfile(test_gate=GATE, test_mixed=MIXED)
    return pytester


def opened(pytester: pytest.Pytester, *names: str) -> None:
    for name in names:
        (pytester.path / name).touch()


def live(screen: Screen) -> bool:
    """Tell whether the block shows the test that waits, under all that is said above it."""
    above, _, below = screen.text.partition("█")
    return "test_errs" in above and "test_gate.py::test_gate" in below


def whole(screen: Screen) -> bool:
    """Tell whether the last thing that is said stands there and the block is drawn to its end."""
    above = screen.text.partition("█")[0]
    return "spoken" in above and [line[:3] for line in screen.lines[-2:]] == ["gw1", ""]


def test_failures_and_output_stand_above_the_tests_that_run(suite: pytest.Pytester) -> None:
    terminal = Terminal(suite, "--paceline-no-replay")
    lines = terminal.until(lambda screen: live(screen) and whole(screen)).lines
    opened(suite, "open")
    terminal.end()
    said = ("FAILED ", "ERROR ", "[gw")
    above = [line.split(" - ")[0] for line in lines if line.startswith(said)]
    (waits,) = (line[:3] for line in lines[-3:] if "test_gate.py::test_gate" in line)
    assert above == [
        "FAILED test_mixed.py::test_fails",
        "ERROR test_mixed.py::test_errs",
        f"[{'gw1' if waits == 'gw0' else 'gw0'}] spoken aloud",
    ]
    assert "tests, 2 failed" in lines[-4]
    assert [line[:3] for line in lines[-3:]] == ["gw0", "gw1", ""]


def test_nothing_of_the_block_is_left_and_counts_are_right(suite: pytest.Pytester) -> None:
    opened(suite, "open")
    terminal = Terminal(suite, "--paceline-no-replay")
    text = terminal.end().text
    assert "1 failed, 22 passed, 1 skipped, 1 xfailed, 20 warnings, 1 error in" in text
    assert text.count("FAILED test_mixed.py::test_fails") == 2  # at once, and in the summary
    assert not re.search(r"[█░]|^gw\d|%\]", text, re.MULTILINE)
    assert "\n\n\n" not in text
    assert terminal.process.returncode == 1


@pytest.mark.parametrize("said", [{"CI": "1"}, {"TERM": "dumb"}], ids=["CI", "dumb"])
def test_where_nobody_looks_there_are_plain_letters(
    suite: pytest.Pytester, said: dict[str, str]
) -> None:
    opened(suite, "open")
    terminal = Terminal(suite, "-k", "gate or many", **said)
    assert re.search(r"^\.{21} *\[100%\]$", terminal.end().text, re.MULTILINE)
    assert not BLOCK.search(terminal.text)


@pytest.mark.parametrize(
    ("option", "shown"),
    [
        ("-v", r"PASSED test_gate"),
        ("-q", r"^\.{21} *\[100%\]$"),
        ("-s", r"^\.{21}$"),
        ("-oconsole_output_style=classic", r"^\.{21}"),
    ],
)
def test_who_asks_for_another_look_gets_it(suite: pytest.Pytester, option: str, shown: str) -> None:
    opened(suite, "open")
    terminal = Terminal(suite, "-k", "gate or many", option)
    assert re.search(shown, terminal.end().text, re.MULTILINE)
    assert not BLOCK.search(terminal.text)


def test_without_colour_and_without_its_letters_there_is_a_block(suite: pytest.Pytester) -> None:
    opened(suite, "open")
    terminal = Terminal(suite, "--color=no", "-k", "gate or many", PYTHONIOENCODING="ascii")
    terminal.end()
    assert re.search(r"[#.]{20} +\d+ %  \d+/21 tests", terminal.text)
    assert not re.search(r"\x1b\[[\d;]*m", terminal.text)
    assert terminal.text.isascii()


def test_a_slow_test_is_marked_while_it_runs(suite: pytest.Pytester) -> None:
    terminal = Terminal(suite, "--paceline-slow-after=0.01")
    screen = terminal.until(lambda screen: "slow  test_gate.py::test_gate" in screen.text)
    opened(suite, "open")
    assert "slow: " not in screen.text
    assert "slow  test_gate" not in terminal.end().text


def test_an_interrupt_leaves_a_clean_screen(suite: pytest.Pytester) -> None:
    terminal = Terminal(suite, "--paceline-no-replay")
    terminal.until(live)
    terminal.say("\x03")
    text = terminal.end().text
    assert "KeyboardInterrupt" in text
    assert not re.search(r"[█░]|^gw\d", text, re.MULTILINE)
    assert terminal.process.returncode == 2


def test_what_a_hook_prints_stands_above_the_block(suite: pytest.Pytester) -> None:
    hook = "def pytest_runtest_logfinish(nodeid):\n    print('heard', nodeid)"
    suite.makeconftest(hook)
    terminal = Terminal(suite, "--paceline-no-replay")
    screen = terminal.until(lambda screen: live(screen) and "test_speaks" in screen.text)
    opened(suite, "open")
    text = terminal.end().text
    assert "heard" not in screen.text.partition("█")[2]
    assert len(re.findall(r"^heard test_", text, re.MULTILINE)) == 26
    assert not re.search(r"[█░]|^gw\d", text, re.MULTILINE)


def test_the_time_of_trials_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter([0.0, 10.0, 13.0, 20.0, 24.0])
    monkeypatch.setattr("paceline.plugin.progress.time.monotonic", lambda: next(clock))
    manager = SimpleNamespace(get_plugin=lambda _: None)
    items = [SimpleNamespace(nodeid="a"), SimpleNamespace(nodeid="b")]
    session: Any = SimpleNamespace(config=SimpleNamespace(pluginmanager=manager), items=items)
    progress = Progress(session, [1.0, 1.0], slow_after=1.0)
    for _ in range(2):
        with progress.trying(1):
            pass
    assert (progress.tried, progress.trials) == ({"b"}, 7.0)


def test_the_end_names_what_was_slow_and_failed_first(suite: pytest.Pytester) -> None:
    suite.makepyfile(test_mixed="import time\ndef test_bad():\n    time.sleep(0.06)\n    assert 0")
    opened(suite, "open")
    text = Terminal(suite, "--paceline-no-replay").end().text
    assert re.search(r"slowest: test_mixed.py::test_bad [\d.]+ m?s \(failed\)", text)


def test_the_end_parts_what_idled_from_benchmarks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("paceline.plugin.closing.time.monotonic", lambda: 100.0)
    config = SimpleNamespace(pluginmanager=SimpleNamespace(get_plugin=lambda _: None))
    items = [SimpleNamespace(nodeid=name) for name in "abc"]
    session: Any = SimpleNamespace(items=items, config=config)
    chunks = [SimpleNamespace(last=False, tasks=(0, 1)), SimpleNamespace(last=True, tasks=(2,))]
    plan: Any = SimpleNamespace(workers=2, chunks=chunks)
    hearing: Any = SimpleNamespace(took={0: 9.0, 1: 12.0, 2: 20.0}, last={0: 90.0, 1: 50.0})
    progress: Any = SimpleNamespace(began=1.0, ended=98.0, tried={"a"}, trials=0.1)
    run: Any = SimpleNamespace(hearing=hearing, progress=progress)
    assert sums(session, plan, run, began=0.0, collection=1.0)[1:] == [
        "held back by: benchmarks alone 20% of wall",
        "held back by: idle at the end 10% of the workers' time",
        "held back by: teardowns and records after the last test 8% of wall",
        "slowest: c 20.00 s, b 12.00 s, a 9.000 s",
    ]


def test_a_debugger_has_the_terminal_without_the_block(suite: pytest.Pytester) -> None:
    suite.makepyfile(test_mixed=STOPS)
    terminal = Terminal(suite)
    terminal.until(lambda screen: "test_stops" in screen.text)
    opened(suite, "begin")
    asked = terminal.until(lambda screen: "(Pdb)" in screen.text).text
    terminal.say("p 6 * 7\nc\n")
    after = terminal.until(lambda screen: "test_after" in screen.text).text
    opened(suite, "open", "end")
    assert not re.search(r"[█░]|^gw\d", asked + terminal.end().text, re.MULTILINE)
    assert re.search(r"\(Pdb\) p 6 \* 7\n42\n(.*\n)+.*█.*\ngw0 ", after)


def test_a_lost_worker_is_told_above_the_block_and_counted(suite: pytest.Pytester) -> None:
    suite.makepyfile(test_mixed=CRASHES)
    terminal = Terminal(suite)
    screen = terminal.until(lambda screen: "test_after" in screen.text)
    opened(suite, "open", "end")
    text = terminal.end().text
    assert re.search(r"test_crashes - .*\n(.*\n)*.* 1/3 tests, 1 failed", screen.text)
    assert not re.search(r"[█░]|^gw\d", text, re.MULTILINE)


def test_a_failure_that_is_tried_again_is_shown(suite: pytest.Pytester) -> None:
    suite.makepyfile(test_mixed=AGAIN)
    terminal = Terminal(suite)
    terminal.until(lambda screen: "trying again: test_mixed.py::test_again" in screen.text)
    opened(suite, "end")
    text = terminal.end().text
    assert "1 failed, 1 passed" in text or "2 passed" in text
    assert not re.search(r"[█░]|^gw\d", text, re.MULTILINE)
