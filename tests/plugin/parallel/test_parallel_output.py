"""What tests print, log and warn about is found under the test that did, as in a serial run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.plugin.parallel.conftest import Suite

pytestmark = pytest.mark.slow

LINES = """
import logging, os, subprocess, sys, pytest

@pytest.fixture
def own():
    print("own up")
    yield
    print("own down", file=sys.stderr)

@pytest.mark.parametrize("n", range(25))
def test_it(n, own):
    for line in range(200):
        os.write(1, f"{__name__} {n} line {line}\\n".encode())
    os.write(2, f"{__name__} {n} error\\n".encode())
    if n % 5 == 0:
        subprocess.run(["echo", f"{__name__} {n} from a child"])
    print(__name__, n)
    logging.getLogger().warning("%s logs %s", __name__, n)
    assert n != 3
"""
FOUR = {f"test_{name}.py": LINES for name in "abcd"}
SCOPES = """
import pytest

@pytest.fixture(scope="session")
def whole():
    print("whole up")
    yield
    print("whole down")

@pytest.fixture(scope="module")
def shared(whole):
    print("shared up", __name__)
    yield
    print("shared down", __name__)

@pytest.mark.parametrize("n", range(6))
def test_it(n, shared): print(n)
"""
LOGS = """
import logging, os, sys, pytest
log = logging.getLogger("app")
def test_caplog(caplog):
    caplog.set_level(10)
    log.info("hello")
    assert "hello" in caplog.text
def test_capsys(capsys):
    print("x")
    assert capsys.readouterr().out == "x\\n"
def test_capfd(capfd):
    os.write(1, b"x")
    assert capfd.readouterr().out == "x"
def test_capsysbinary(capsysbinary):
    sys.stdout.buffer.write(b"x")
    assert capsysbinary.readouterr().out == b"x"
@pytest.mark.parametrize("n", range(10))
def test_log(n): log.error("live %d", n)
def test_disabled(capsys):
    with capsys.disabled(): print("seen by all")
"""
WARNS = """
import warnings, pytest
warnings.warn("at import")
class Local(UserWarning):
    def __init__(self, one, two):
        super().__init__(one)
        self.kept = lambda: two
class Two(UserWarning):
    def __init__(self, one, two):
        super().__init__(one)
@pytest.fixture(scope="module")
def shared():
    warnings.warn("on the way up")
    yield
def test_1(shared): warnings.warn("plain")
def test_2(shared): warnings.warn(Local("own class", 2))
def test_3(): warnings.warn("old", DeprecationWarning)
def test_4(): warnings.warn(Two("of two", 2))
def test_5(tmp_path, monkeypatch):
    (tmp_path / "passing.py").write_text("class Passing(UserWarning): pass")
    monkeypatch.syspath_prepend(tmp_path)
    from passing import Passing
    warnings.warn(Passing("of a module that is gone"))
"""
IMPORTED = """
import logging, sys, pytest
from sys import stderr, stdout
logging.getLogger("own").addHandler(logging.StreamHandler())
print("collected")

@pytest.mark.parametrize("n", range(4))
def test_it(n):
    print("held", n, file=stdout)
    print("held", n, file=stderr)
    logging.getLogger("own").error("handled %d", n)
    assert n != 2
"""


@pytest.mark.parametrize("capture", ["fd", "sys", "tee-sys", "no"])
def test_each_of_200_lines_of_100_tests_is_under_its_own_test(suite: Suite, capture: str) -> None:
    serial, forked = suite.both(FOUR, f"--capture={capture}")
    assert forked.sections == serial.sections
    assert (len(forked.rows), forked.status) == (300, 1)


def test_fixtures_of_every_scope_print_under_the_tests_that_they_surround(suite: Suite) -> None:
    suite.write({"test_a.py": SCOPES, "test_b.py": SCOPES})
    forked = suite.run()
    printed = [text for *_, sections, _ in forked.rows for name, text in sections if "up" in text]
    assert {"shared up test_a", "shared up test_b", "whole up"} <= set("".join(printed).split("\n"))
    calls = {
        row[0]: dict(row[3])["Captured stdout call"] for row in forked.rows if row[1] == "call"
    }
    assert all(f"[{text.strip()}]" in name for name, text in calls.items())


def test_logs_and_capturing_fixtures_work_as_in_one_process(suite: Suite) -> None:
    serial, forked = suite.both({"test_a.py": LOGS}, "--log-file=l.txt", "--log-file-level=INFO")
    assert forked.sections == serial.sections
    assert len((suite.path / "l.txt").read_text().splitlines()) == 11
    assert "] seen by all" in forked.text


def test_live_logs_are_shown_with_their_workers(suite: Suite) -> None:
    suite.write({"test_a.py": LOGS})
    forked = suite.run("--log-cli-level=ERROR")
    lines = [line for line in forked.text.splitlines() if "live" in line and line[:3] == "[gw"]
    assert len([line for line in lines if "ERROR" in line]) == 10


def test_without_capture_each_line_carries_its_worker(suite: Suite) -> None:
    suite.write({"test_a.py": "def test_1(): print('end', end='')\ndef test_2(): print('l')\n"})
    forked = suite.run("-s")
    labelled = sorted(line[4:] for line in forked.text.splitlines() if line[:3] == "[gw")
    assert labelled == ["] end", "] l"]


def test_five_megabytes_of_one_test_arrive_whole(suite: Suite) -> None:
    text = "def test_1():\n    print('x' * 5_000_000)\n    assert 0\ndef test_2(): pass\n"
    serial, forked = suite.both({"test_a.py": text}, "--show-capture=no")
    assert forked.sections == serial.sections


@pytest.mark.parametrize("capture", ["fd", "sys", "tee-sys", "no"])
def test_streams_that_were_taken_at_import_still_work(suite: Suite, capture: str) -> None:
    serial, forked = suite.both({"test_a.py": IMPORTED}, f"--capture={capture}")
    assert forked.outcomes == serial.outcomes
    assert forked.sections == serial.sections
    assert "fails when forked" not in forked.text


def test_warnings_are_listed_once_with_their_places(suite: Suite) -> None:
    serial, forked = suite.both({"test_a.py": WARNS})
    found, listed = (
        [line for line in seen.text.splitlines() if "test_a.py:" in line and ": " in line]
        for seen in (forked, serial)
    )
    assert sorted(found) == sorted(listed)
    assert len(found) == 7
