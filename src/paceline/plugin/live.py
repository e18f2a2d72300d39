"""Live: a block at the bottom of a terminal that somebody watches; all else is written above."""

from __future__ import annotations

import io
import os
import shutil
import signal
import sys
from typing import TYPE_CHECKING, Any

import pytest

from paceline.report.live import failure, frame
from paceline.report.paint import Paint, bare

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Sequence
    from typing import TextIO

    from paceline.report.live import Scene

__all__ = ["Block", "Live", "is_watched"]

_UP = "\r\x1b[{lines}A\x1b[J"  # to the start of the line, up, and clear to the end of the screen
_MARKUP = {"good": {"green": True}, "bad": {"red": True}, "warn": {"yellow": True}}


class Block:
    """Lines that are written over, on the terminal behind a stream.

    While it is open, what anyone writes to ``streams`` clears it first, so that it stands above;
    in a process forked meanwhile it is not there.
    """

    def __init__(self, *streams: TextIO) -> None:
        self._streams = streams
        self._process = os.getpid()
        self._writes = [stream.write for stream in streams]
        self._shown: tuple[str, ...] = ()
        self._mid_line = False
        for stream, write in zip(streams, self._writes, strict=True):
            stream.write = self._above(write)  # type: ignore[method-assign]

    def draw(self, lines: Sequence[str]) -> None:
        """Show lines in place of the last ones, in one write."""
        if tuple(lines) == self._shown:
            return
        text = "".join(f"{line}\n" for line in lines)
        if self._shown:
            text = _UP.format(lines=len(self._shown)) + text
        elif self._mid_line:
            text = f"\n{text}"
        self._mid_line = False
        self._write(text, tuple(lines))

    def erase(self) -> None:
        """Take the lines away; the cursor stands where the first began."""
        if self._shown and os.getpid() == self._process:
            self._write(_UP.format(lines=len(self._shown)), ())

    def close(self) -> None:
        """Take the lines away and let the streams be as they were."""
        self.erase()
        for stream, write in zip(self._streams, self._writes, strict=True):
            stream.write = write  # type: ignore[method-assign]

    def _write(self, text: str, shown: tuple[str, ...]) -> None:
        """Write and remember what is shown; Ctrl-C comes before or after both."""
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            self._writes[0](text)
            self._streams[0].flush()
            self._shown = shown
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)

    def _above(self, write: Callable[[str], int]) -> Callable[[str], int]:
        def write_above(text: str, /) -> int:
            if text:
                self.erase()
                self._mid_line = not text.endswith("\n")
            return write(text)

        return write_above


class Live:
    """The block with its manners: it quiets ordinary outcomes and says failures at once."""

    def __init__(self, config: pytest.Config, reporter: Any) -> None:
        self._config = config
        self._reporter = reporter
        self._failed: set[str] = set()
        self._pure_ascii = not _can_draw(sys.stdout)
        streams = [one for one in (sys.stdout, sys.stderr) if _is_terminal(one)]
        self._block = Block(*streams)
        config.pluginmanager.register(self, "paceline-live")

    @property
    def failed(self) -> int:
        """How many tests have failed."""
        return len(self._failed)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_report_teststatus(self) -> Generator[None, Any, Any]:
        """Keep what an outcome counts as, and write neither its letter nor its word."""
        said = yield
        return (said[0], "", "") if said else said

    @pytest.hookimpl(trylast=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Say a failure as soon as it is known."""
        if not report.failed:
            return
        self._failed.add(report.nodeid)
        word = "FAILED" if report.when == "call" else "ERROR"
        crash = getattr(report.longrepr, "reprcrash", None)
        reason = getattr(crash, "message", "") or report.longreprtext
        line = failure(word, report.nodeid, reason, pure_ascii=self._pure_ascii)
        self._reporter.write_line(line, red=True)

    def draw(self, scene: Scene) -> None:
        """Show how far the run is."""
        size = shutil.get_terminal_size()
        lines = frame(
            scene,
            size.columns,
            height=size.lines - 1,
            paint=self._paint(),
            pure_ascii=self._pure_ascii,
        )
        self._block.draw(lines)

    def erase(self) -> None:
        """Leave the terminal to someone else until the next drawing."""
        self._block.erase()

    def close(self) -> None:
        """Leave nothing behind."""
        self._block.close()
        self._config.pluginmanager.unregister(self)

    def _paint(self) -> Paint:
        writer = self._config.get_terminal_writer()
        if not writer.hasmarkup or os.environ.get("NO_COLOR"):
            return bare
        return lambda text, role: writer.markup(text, **_MARKUP[role])


def is_watched(config: pytest.Config, reporter: Any) -> bool:
    """Tell whether a person watches a terminal on which lines may be written over.

    Not in CI, on a dumb terminal, where output is not captured, where pytest's own look was asked
    for (-v, -q, the classic style), or where another reporter has taken its place.
    """
    dumb = os.environ.get("TERM") == "dumb"
    if dumb or any(os.environ.get(name) for name in ("CI", "BUILD_NUMBER")):
        return False
    usual = (
        type(reporter).__module__.startswith("_pytest.")
        and config.get_verbosity() == 0
        and config.get_verbosity(pytest.Config.VERBOSITY_TEST_CASES) == 0
        and config.getoption("capture") != "no"
        and config.getini("console_output_style") != "classic"
    )
    return usual and _is_terminal(sys.stdout)


def _can_draw(stream: TextIO) -> bool:
    """Tell whether a stream's encoding has the characters of the bar."""
    try:
        "█░…".encode(stream.encoding or "utf-8")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def _is_terminal(stream: object) -> bool:
    """Tell whether a stream is a terminal's, and one whose writing can be watched."""
    return isinstance(stream, io.TextIOWrapper) and stream.isatty()
