"""Find the line of every key in a TOML text.

``tomllib`` gives values without their places. This scanner walks a text that ``tomllib`` has
already accepted (TOML 1.0, https://toml.io/en/v1.0.0), so it only has to find keys and step over
values; it judges nothing.
"""

from __future__ import annotations

import re
import typing

if typing.TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["Path", "key_lines"]

Path: typing.TypeAlias = "tuple[str | int, ...]"

_BLANK = re.compile(r"[ \t]*")
_SPACE = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_STRING = re.compile(
    r'"""(?:[^\\]|\\.)*?"{3,5}(?!")'
    r"|'''.*?'{3,5}(?!')"
    r'|"(?:[^"\\]|\\.)*"'
    r"|'[^']*'",
    re.DOTALL,
)
_SCALAR = re.compile(r"[^,\]}#\r\n]+")
_ESCAPE = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|(.))")
_ESCAPES = {"b": "\b", "t": "\t", "n": "\n", "f": "\f", "r": "\r", '"': '"', "\\": "\\"}


def key_lines(text: str) -> Mapping[Path, int]:
    """Map every key path to the line, counted from 1, on which it is first named.

    Items of an array of tables, and tables inside an array, are numbered from 0 in their path.
    """
    lines: dict[Path, int] = {}
    for path, position in _Scanner(text).document():
        for depth in range(1, len(path) + 1):
            lines.setdefault(path[:depth], position)
    return _counted(text, lines)


def _counted(text: str, positions: Mapping[Path, int]) -> Mapping[Path, int]:
    """Turn positions into lines in one pass over the text."""
    starts = [match.end() for match in re.finditer("\n", text)]
    line, counted = 0, {}
    for path, position in sorted(positions.items(), key=lambda pair: pair[1]):
        while line < len(starts) and starts[line] <= position:
            line += 1
        counted[path] = line + 1
    return counted


class _Scanner:
    """A position in a text that is valid TOML."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._tables: dict[Path, int] = {}

    def document(self) -> Iterator[tuple[Path, int]]:
        """Give every key path and its position."""
        table: Path = ()
        self._skip(_SPACE)
        while self._at < len(self._text):
            start = self._at
            if self._text[start] == "[":
                table = self._header()
                yield table, start
            else:
                yield from self._pair(table)
            self._skip(_SPACE)

    def _header(self) -> Path:
        """Read ``[a.b]`` or ``[[a.b]]``; arrays of tables met before are entered at their last."""
        many = self._text.startswith("[[", self._at)
        self._at += 2 if many else 1
        keys = self._keys()
        self._at += 2 if many else 1
        path: Path = ()
        for key in keys[:-1]:
            path = self._entered((*path, key))
        path = (*path, keys[-1])
        if many:
            self._tables[path] = self._tables.get(path, -1) + 1
        return self._entered(path)

    def _entered(self, path: Path) -> Path:
        return (*path, self._tables[path]) if path in self._tables else path

    def _pair(self, table: Path) -> Iterator[tuple[Path, int]]:
        start = self._at
        path = (*table, *self._keys())
        yield path, start
        self._at += 1  # the equals sign
        self._skip(_BLANK)
        yield from self._value(path)

    def _value(self, path: Path) -> Iterator[tuple[Path, int]]:
        first = self._text[self._at]
        if first == "{":
            yield from self._inline(path)
        elif first == "[":
            yield from self._array(path)
        else:
            self._skip(_STRING if first in "\"'" else _SCALAR)

    def _inline(self, path: Path) -> Iterator[tuple[Path, int]]:
        self._step()
        while self._text[self._at] != "}":
            yield from self._pair(path)
            self._comma()
        self._at += 1

    def _array(self, path: Path) -> Iterator[tuple[Path, int]]:
        self._step()
        number = 0
        while self._text[self._at] != "]":
            yield from self._value((*path, number))
            self._comma()
            number += 1
        self._at += 1

    def _comma(self) -> None:
        self._skip(_SPACE)
        if self._text[self._at] == ",":
            self._step()

    def _step(self) -> None:
        self._at += 1
        self._skip(_SPACE)

    def _keys(self) -> tuple[str, ...]:
        """Read ``a."b c".d``."""
        keys = []
        while True:
            self._skip(_BLANK)
            keys.append(self._key())
            self._skip(_BLANK)
            if self._text[self._at] != ".":
                return tuple(keys)
            self._at += 1

    def _key(self) -> str:
        quoted = _STRING.match(self._text, self._at)
        if quoted is None:
            return self._skip(_BARE_KEY)
        text = self._skip(_STRING)
        return text[1:-1] if text[0] == "'" else _ESCAPE.sub(_unescaped, text[1:-1])

    def _skip(self, pattern: re.Pattern[str]) -> str:
        match = pattern.match(self._text, self._at)
        found = match[0] if match else ""
        self._at += len(found)
        return found


def _unescaped(match: re.Match[str]) -> str:
    code = match[1] or match[2]
    return chr(int(code, 16)) if code else _ESCAPES.get(match[3], match[3])
