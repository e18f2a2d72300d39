"""Read a YAML text of tables and scalars, with the line of every key.

Plain scalars are read by the core schema of YAML 1.2 (https://yaml.org/spec/1.2.2/#103-core-schema),
so ``no`` and ``1:30`` are texts. Anchors, aliases and tags have no use in a budget file and are
refused; so are duplicate keys, which most YAML readers let the last one win.
"""

from __future__ import annotations

import re
import typing

from paceline.errors import Place, SettingsError
from paceline.options import Entry

if typing.TYPE_CHECKING:
    from collections.abc import Iterator

    from yaml.events import Event, MappingStartEvent, ScalarEvent

__all__ = ["read_yaml"]

_DEEPEST = 8
_NUMBER = re.compile(r"[-+]?(?:\d+|\d*\.\d+|\d+\.)(?:[eE][-+]?\d+)?")
_WORDS = {"true": True, "false": False}
_EMPTY = frozenset({"", "~", "null"})


def read_yaml(text: str, *, file: str) -> Entry:
    """Read a document into nested entries; an empty one is an empty table.

    Raises:
        SettingsError: not YAML, or YAML that uses more than tables and scalars.
    """
    import yaml  # noqa: PLC0415  (loads only where a YAML file is read)

    try:
        events = yaml.parse(text, Loader=yaml.SafeLoader)
        return _Reader(events, file).document()
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or str(error).partition("\n")[0]
        place = Place(file, mark.line + 1 if mark else 0)
        raise SettingsError(
            f"not YAML: {problem}", place=place, remedy="mend the file's syntax"
        ) from None


class _Reader:
    """A walk over parse events, which still tell anchors, tags and duplicates apart."""

    def __init__(self, events: Iterator[Event], file: str) -> None:
        self._events = events
        self._file = file

    def document(self) -> Entry:
        import yaml  # noqa: PLC0415  (as above)

        next(self._events)  # the stream starts
        first = next(self._events)
        if isinstance(first, yaml.StreamEndEvent):
            return Entry({}, Place(self._file, 1))
        entry = self._value(next(self._events), depth=0)
        next(self._events)  # the document ends
        after = next(self._events)
        if not isinstance(after, yaml.StreamEndEvent):
            raise self._refused("a second document", after)
        return entry

    def _value(self, event: Event, *, depth: int) -> Entry:
        import yaml  # noqa: PLC0415  (as above)

        if isinstance(event, yaml.AliasEvent):
            raise self._refused("an alias", event)
        node = typing.cast("ScalarEvent", event)
        if node.anchor is not None:
            raise self._refused("an anchor", event)
        if node.tag is not None:
            raise self._refused("a tag", event)
        if isinstance(event, yaml.ScalarEvent):
            return Entry(_scalar(event), self._place(event))
        if isinstance(event, yaml.MappingStartEvent) and depth < _DEEPEST:
            return self._table(event, depth=depth)
        raise self._refused("a list" if depth < _DEEPEST else "such deep nesting", event)

    def _table(self, start: MappingStartEvent, *, depth: int) -> Entry:
        import yaml  # noqa: PLC0415  (as above)

        table: dict[str, Entry] = {}
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            if not isinstance(event, yaml.ScalarEvent):
                raise self._refused("a key that is no text", event)
            key = str(event.value)
            if key in table:
                raise SettingsError(
                    f"the key {key!r} stands here for the second time",
                    place=self._place(event),
                    remedy=f"it stands already at {table[key].place}",
                )
            value = self._value(next(self._events), depth=depth + 1)
            table[key] = Entry(value.value, self._place(event))
        return Entry(table, self._place(start))

    def _place(self, event: Event) -> Place:
        mark = event.start_mark
        return Place(self._file, mark.line + 1 if mark else 0)

    def _refused(self, what: str, event: Event) -> SettingsError:
        return SettingsError(
            f"{what} has no use here",
            place=self._place(event),
            remedy="write plain tables of texts and numbers",
        )


def _scalar(event: ScalarEvent) -> object:
    """Read a plain scalar as number, truth value or nothing; a quoted one is text."""
    text = str(event.value)
    if event.style is not None:
        return text
    if text in _EMPTY:
        return None
    if _NUMBER.fullmatch(text):
        return int(text) if text.lstrip("+-").isdecimal() else float(text)
    return _WORDS.get(text, text)
