"""Load budgets from ``[tool.paceline.budgets]`` and from a YAML or TOML file."""

from __future__ import annotations

import re
import tomllib
import typing
from collections.abc import Mapping

from paceline.errors import Place, SettingsError
from paceline.guard.grammar import parse_budgets
from paceline.guard.limit import nearest, together
from paceline.options import Entry
from paceline.settings.toml_lines import key_lines
from paceline.settings.yaml_lines import read_yaml

if typing.TYPE_CHECKING:
    from pathlib import Path

    from paceline.model import Budget
    from paceline.settings import toml_lines

__all__ = ["load_budgets"]

_YAML = frozenset({".yaml", ".yml"})
_LINE = re.compile(r"\(at line (\d+), column \d+\)")


def load_budgets(
    root: Path, *, pyproject: Path | None = None, file: Path | None = None
) -> tuple[Budget, ...]:
    """Load every budget; places name files relative to ``root``, a missing ``pyproject`` is empty.

    Raises:
        SettingsError: everything that is wrong in either file, each with its place.
    """
    tables: dict[str, Entry] = {}
    if pyproject is not None and pyproject.is_file():
        found = _tool_table(_read_toml(pyproject, root=root))
        tables.update(_tables(found))
    if file is not None:
        found = _read_yaml(file, root=root) if file.suffix in _YAML else _read_toml(file, root=root)
        tables = _joined(tables, _tables(_budgets_of(found)))
    return parse_budgets(tables)


def _tool_table(document: Entry) -> Entry:
    """Step into ``tool.paceline.budgets``; a missing table is an empty one."""
    for key in ("tool", "paceline", "budgets"):
        document = _mapping(document).get(key, Entry({}, document.place))
    return document


def _budgets_of(document: Entry) -> Entry:
    """Step into ``budgets``, the one table a budget file has."""
    table = _mapping(document)
    for key, entry in table.items():
        if key != "budgets":
            raise SettingsError(
                f"unknown key {key!r}", place=entry.place, remedy=nearest(key, ("budgets",))
            )
    return table.get("budgets", Entry({}, document.place))


def _tables(entry: Entry) -> Mapping[str, Entry]:
    if not isinstance(entry.value, Mapping):
        raise SettingsError(
            "budgets is no table", place=entry.place, remedy="write one table for each budget"
        )
    return _mapping(entry)


def _mapping(entry: Entry) -> Mapping[str, Entry]:
    return entry.value if isinstance(entry.value, Mapping) else {}


def _joined(first: Mapping[str, Entry], second: Mapping[str, Entry]) -> dict[str, Entry]:
    errors = [
        SettingsError(
            f"budget {name!r} stands already at {first[name].place}",
            place=second[name].place,
            remedy="give one of them another name",
        )
        for name in second
        if name in first
    ]
    if errors:
        raise together(errors)
    return {**first, **second}


def _read_yaml(path: Path, *, root: Path) -> Entry:
    file = _name(path, root=root)
    return read_yaml(_text(path, file), file=file)


def _read_toml(path: Path, *, root: Path) -> Entry:
    file = _name(path, root=root)
    if path.suffix != ".toml":
        raise SettingsError(
            "a budget file ends in .toml, .yaml or .yml", place=Place(file), remedy="rename it"
        )
    text = _text(path, file)
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = _LINE.search(str(error))
        line = int(found[1]) if found else text.count("\n") + 1
        raise SettingsError(
            f"not TOML: {_LINE.sub('', str(error)).strip()}",
            place=Place(file, line),
            remedy="mend the file's syntax",
        ) from None
    return _placed(document, (), file=file, lines=key_lines(text))


def _placed(
    value: object,
    path: toml_lines.Path,
    *,
    file: str,
    lines: Mapping[toml_lines.Path, int],
) -> Entry:
    """Give every key of a table its place."""
    place = Place(file, lines.get(path, 1))
    if isinstance(value, Mapping):
        inner = {
            key: _placed(one, (*path, key), file=file, lines=lines) for key, one in value.items()
        }
        return Entry(inner, place)
    return Entry(value, place)


def _text(path: Path, file: str) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise SettingsError(
            f"can't be read: {error.strerror}", place=Place(file), remedy="check guard.budgets"
        ) from None
    except UnicodeDecodeError:
        raise SettingsError(
            "is not UTF-8 text", place=Place(file), remedy="save it as UTF-8"
        ) from None


def _name(path: Path, *, root: Path) -> str:
    return str(path.relative_to(root)) if path.is_relative_to(root) else str(path)
