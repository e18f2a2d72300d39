"""Console: write to the terminal, a pipe or a file, with what each of them can show."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from paceline.errors import UsageError
from paceline.report.escape import ascii_only, plain
from paceline.report.paint import Paint, ansi, bare

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import TextIO

    from paceline.errors import PacelineError

__all__ = ["Console"]

_SHOWN = "×µ±…→▁█"


class Console:
    """Standard output for what was asked for, standard error for everything else.

    Colour is for terminals: never under ``NO_COLOR``, ``CI`` or ``TERM=dumb``.
    """

    def __init__(self, out: TextIO, err: TextIO, environment: Mapping[str, str]) -> None:
        self._out = out
        self._err = err
        self.environment = environment

    @property
    def pure_ascii(self) -> bool:
        """Whether the output's encoding lacks the characters that reports use."""
        return not _can_show(self._out)

    @property
    def paint(self) -> Paint:
        """How roles look here."""
        unwanted = any(self.environment.get(name) for name in ("NO_COLOR", "CI"))
        if unwanted or self.environment.get("TERM") == "dumb" or not self._out.isatty():
            return bare
        return ansi

    def say(self, text: str) -> None:
        """Write lines to standard output."""
        ended = text if text.endswith("\n") else f"{text}\n"
        self._out.write(ascii_only(ended) if self.pure_ascii else ended)

    def put(self, text: str, output: str) -> None:
        """Write to the file ``output``, or to standard output when it is "" or "-".

        Raises:
            UsageError: the file can't be written.
        """
        if output in {"", "-"}:
            if text:
                self.say(text)
            return
        file = Path(output)
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8", newline="")
        except OSError as error:
            raise UsageError(
                f"{output!r} can't be written: {error.strerror}", remedy="name another --output"
            ) from None
        self.note(f"written {file}")

    def note(self, text: str) -> None:
        """Write a line to standard error."""
        shown = plain(text)
        self._err.write(f"{shown if _can_show(self._err) else ascii_only(shown)}\n")

    @property
    def live(self) -> bool:
        """Whether standard error is a terminal on which lines may be written over."""
        unwanted = self.environment.get("CI") or self.environment.get("TERM") == "dumb"
        return not unwanted and self._err.isatty()

    @property
    def height(self) -> int:
        """The lines that may be shown at once."""
        return max(shutil.get_terminal_size().lines - 1, 1)

    def control(self, sequence: str) -> None:
        """Send a control sequence to the terminal behind standard error."""
        self._err.write(sequence)
        self._err.flush()

    def notes(self, texts: Iterable[str]) -> None:
        """Write several lines to standard error."""
        for text in texts:
            self.note(f"note: {text}")

    def complain(self, error: PacelineError) -> None:
        """Write an error: what is wrong, where it stands and the remedy."""
        first, *more = error.problem.splitlines() or [""]
        self.note(f"error[{error.code}]: {first}")
        for line in more:
            self.note(f"  {line}")
        if error.place:
            self.note(f"  --> {error.place}")
        if error.remedy:
            self.note(f"  = remedy: {error.remedy}")

    def flush(self) -> None:
        """Hand over what is buffered, so that a pipe that broke is noticed now."""
        self._out.flush()

    def hang_up(self) -> None:
        """Send what is still buffered nowhere: the interpreter flushes once more at its end."""
        with Path(os.devnull).open("w", encoding="utf-8") as nowhere:
            os.dup2(nowhere.fileno(), self._out.fileno())


def _can_show(stream: TextIO) -> bool:
    try:
        _SHOWN.encode(stream.encoding or "utf-8")
    except (UnicodeEncodeError, LookupError):
        return False
    return True
