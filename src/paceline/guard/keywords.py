"""Choose names by words with ``and``, ``or``, ``not`` and brackets, as ``-k`` takes them.

A word holds where the name contains it. ``not`` binds closest, then ``and``, then ``or``.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from paceline.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    Matches = Callable[[str], bool]

__all__ = ["parse_keywords"]

_TOKENS = re.compile(r"\s*(\(|\)|[^\s()]+)")
_DEEPEST = 50


def parse_keywords(text: str) -> Matches:
    """Give a function that says whether a name fits the expression.

    Raises:
        UsageError: a word or bracket is missing or left over, or brackets lie too deep.
    """
    reader = _Reader(text)
    matches = reader.either(0)
    if reader.ahead:
        raise reader.misfit(f"{reader.ahead!r} is left over")
    return matches


class _Reader:
    """Reads an expression from left to right; ``ahead`` is the next token, "" at the end."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._rest = _TOKENS.findall(text)[::-1]

    @property
    def ahead(self) -> str:
        return self._rest[-1] if self._rest else ""

    def misfit(self, problem: str) -> UsageError:
        return UsageError(
            f"-k {self.text!r}: {problem}",
            remedy="write words with and, or, not and brackets, as in 'json and not slow'",
        )

    def either(self, depth: int) -> Matches:
        sides = [self._all(depth)]
        while self._take("or"):
            sides.append(self._all(depth))
        return lambda name: any(side(name) for side in sides)

    def _all(self, depth: int) -> Matches:
        sides = [self._one(depth)]
        while self._take("and"):
            sides.append(self._one(depth))
        return lambda name: all(side(name) for side in sides)

    def _one(self, depth: int) -> Matches:
        if depth > _DEEPEST:
            raise self.misfit("it lies too deep")
        if self._take("not"):
            inner = self._one(depth + 1)
            return lambda name: not inner(name)
        if self._take("("):
            inner = self.either(depth + 1)
            if not self._take(")"):
                raise self.misfit("a bracket is not closed")
            return inner
        word = self.ahead
        if word in {"", ")", "and", "or"}:
            raise self.misfit("a word is missing" + (f" before {word!r}" if word else ""))
        self._rest.pop()
        return lambda name: word in name

    def _take(self, token: str) -> bool:
        if self.ahead != token:
            return False
        self._rest.pop()
        return True
