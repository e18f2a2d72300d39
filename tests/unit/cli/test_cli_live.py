from __future__ import annotations

import io

from paceline.cli.console import Console
from paceline.cli.live import Live


class Terminal(io.StringIO):
    """A standard error that is a terminal."""

    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


def shown(err: io.StringIO, **environment: str) -> str:
    clock = iter([0.0, 0.0, 0.0, 9.0, 11.0, 11.0])
    with Live(Console(io.StringIO(), err, environment), now=lambda: next(clock)) as live:
        live.show(["pair 1", "  a"])
        live.show(["pair 1", "  b"])
        live.show(["pair 2", "  b"])
    return err.getvalue()


def test_a_terminal_is_written_over_and_left_clear() -> None:
    text = shown(Terminal())
    assert text.count("\x1b[2A\x1b[J") == 3
    assert text.endswith("\x1b[2A\x1b[J")


def test_elsewhere_a_line_is_said_every_ten_seconds() -> None:
    assert shown(io.StringIO()) == "pair 1\npair 2\n"


def test_ci_counts_as_elsewhere() -> None:
    assert "\x1b" not in shown(Terminal(), CI="1")
