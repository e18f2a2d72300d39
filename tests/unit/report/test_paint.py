from __future__ import annotations

from paceline.report.paint import ansi, bare


def test_bare_text_has_no_colour() -> None:
    assert bare("x", "bad") == "x"


def test_ansi_colour_ends_where_it_began() -> None:
    assert ansi("x", "bad") == "\x1b[31mx\x1b[0m"
