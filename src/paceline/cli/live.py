"""Live: lines that are written over while work goes on; plain lines where no terminal looks."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Self

    from paceline.cli.console import Console

__all__ = ["Live"]

_EVERY = 10.0  # seconds
_UP_AND_CLEAR = "\x1b[{lines}A\x1b[J"


class Live:
    """Shows the newest state in place; leaving the ``with`` clears it from a terminal.

    Where no terminal looks a line is said now and then; ``now`` gives seconds.
    """

    def __init__(self, console: Console, *, now: Callable[[], float] = time.monotonic) -> None:
        self._console = console
        self._now = now
        self._lines = 0
        self._next = now()

    def __enter__(self) -> Self:
        """Start with nothing shown."""
        return self

    def __exit__(self, *_: object) -> None:
        """Clear what is shown."""
        self._clear()

    def show(self, lines: Sequence[str]) -> None:
        """Show lines in place of the last ones; without a terminal the first, every ten seconds."""
        if self._console.live:
            self._clear()
            shown = lines[: self._console.height]
            for line in shown:
                self._console.note(line)
            self._lines = len(shown)
        elif self._now() >= self._next:
            self._next = self._now() + _EVERY
            self._console.note(lines[0])

    def _clear(self) -> None:
        if self._lines:
            self._console.control(_UP_AND_CLEAR.format(lines=self._lines))
            self._lines = 0
