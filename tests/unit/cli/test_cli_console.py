from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pytest

from paceline.cli.console import Console
from paceline.errors import StoreError, UsageError

if TYPE_CHECKING:
    from pathlib import Path


class Terminal(io.TextIOWrapper):
    def __init__(self, encoding: str = "utf-8", *, tty: bool = True) -> None:
        super().__init__(io.BytesIO(), encoding=encoding, newline="")
        self._tty = tty

    def isatty(self) -> bool:
        return self._tty

    def said(self) -> str:
        self.flush()
        return self.buffer.getvalue().decode(self.encoding)  # type: ignore[attr-defined,no-any-return]


@pytest.mark.parametrize(
    ("tty", "environment", "coloured"),
    [
        (True, {}, True),
        (False, {}, False),
        (True, {"NO_COLOR": "1"}, False),
        (True, {"NO_COLOR": ""}, True),
        (True, {"CI": "true"}, False),
        (True, {"TERM": "dumb"}, False),
    ],
)
def test_colour_is_for_terminals_that_want_it(
    tty: bool, environment: dict[str, str], coloured: bool
) -> None:
    console = Console(Terminal(tty=tty), Terminal(), environment)
    assert (console.paint("x", "bad") != "x") is coloured


@pytest.mark.parametrize(
    ("encoding", "said"),
    [("utf-8", "1 µs × 2\n"), ("ascii", "1 us x 2\n"), ("latin-1", "1 us x 2\n")],
)
def test_output_falls_back_to_ascii_where_the_encoding_is_poor(encoding: str, said: str) -> None:
    out, err = Terminal(encoding), Terminal(encoding)
    console = Console(out, err, {})
    console.say("1 µs × 2")
    console.note("1 µs × 2")
    assert (out.said(), err.said()) == (said, said)


def test_an_error_names_code_place_and_remedy_and_no_escape_sequence() -> None:
    err = Terminal()
    Console(Terminal(), err, {}).complain(StoreError("bad \x1b[31m name", remedy="mend it"))
    assert err.said() == "error[PAC300]: bad \\x1b[31m name\n  = remedy: mend it\n"


def test_a_file_is_written_as_it_is_and_named(tmp_path: Path) -> None:
    out, err = Terminal(), Terminal()
    file = tmp_path / "new" / "a.csv"
    Console(out, err, {}).put("µ\r\n", str(file))
    assert file.read_bytes() == "µ\r\n".encode()
    assert (out.said(), err.said()) == ("", f"written {file}\n")


def test_a_file_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="can't be written: Is a directory"):
        Console(Terminal(), Terminal(), {}).put("x", str(tmp_path))


@pytest.mark.parametrize("output", ["", "-"])
def test_no_file_means_standard_output_and_no_text_no_line(output: str) -> None:
    out = Terminal()
    console = Console(out, Terminal(), {})
    console.put("", output)
    console.put("text", output)
    assert out.said() == "text\n"
