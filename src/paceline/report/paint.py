"""Colour as a parameter: renderers name a role, the caller decides what a role looks like."""

from __future__ import annotations

from collections.abc import Callable

__all__ = ["Paint", "ansi", "bare"]

Paint = Callable[[str, str], str]
"""Give ``text`` the look of a ``role``: good, bad, warn, dim or strong."""

_CODES = {"good": "32", "bad": "31", "warn": "33", "dim": "2", "strong": "1"}


def bare(text: str, _role: str) -> str:
    """Leave the text as it is: for files, pipes, CI and NO_COLOR."""
    return text


def ansi(text: str, role: str) -> str:
    """Wrap the text in the ANSI sequence of its role."""
    return f"\x1b[{_CODES[role]}m{text}\x1b[0m"
