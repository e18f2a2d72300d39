"""Generate the plugin's flag table and the options page from the option classes (run by cog)."""

from __future__ import annotations

import enum
import inspect
from typing import TYPE_CHECKING

from paceline.engine.options import CLASSES
from paceline.options import Declaration, declarations
from paceline.units import NAMES

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["flag_table", "options_page"]

_WIDTH = 100
"""The formatter's line length."""


def flag_table() -> str:
    """Give the text of FLAGS and INI."""
    rows: list[tuple[str | None, ...]] = []
    keys: list[tuple[str | None, ...]] = []
    for one in _all():
        if one.flag:
            many = "extend" if one.several else "append"
            action = many if one.repeated else "store"
            rows.append((one.flag, one.ini, action, one.alone, one.metavar, one.help))
        for flag, value in one.flags.items():
            raw = value.value if isinstance(value, enum.Enum) else str(value).lower()
            rows.append((flag, one.ini, "store_const", raw, "", f"{one.help} (here: {raw})"))
        keys.append((one.ini, one.help))
    head = "FLAGS: tuple[tuple[str, str, str, str | None, str, str], ...] = (\n"
    ini = "INI: tuple[tuple[str, str], ...] = (\n"
    return f"{head}{_formatted(rows)})\n{ini}{_formatted(keys)})"


def options_page() -> str:
    """Give the Markdown tables of the options page."""
    lines = []
    for options in CLASSES:
        section: str = options.section  # type: ignore[attr-defined]  # as options.declarations
        lines += [f"## {section}", "", inspect.getdoc(options) or "", ""]
        for one in declarations(options):
            lines += _entry(one)
    return "\n".join(lines)


def _formatted(rows: Sequence[tuple[str | None, ...]]) -> str:
    """Write the rows as the formatter would, so that both agree on the file."""
    text = ""
    for row in rows:
        fields = [_literal(field) for field in row]
        line = f"    ({', '.join(fields)}),\n"
        if len(line) > _WIDTH + 1:
            line = "    (\n" + "".join(f"        {field},\n" for field in fields) + "    ),\n"
        text += line
    return text


def _literal(field: str | None) -> str:
    return repr(field) if field is None or '"' in field else f'"{field}"'


def _all() -> tuple[Declaration, ...]:
    return tuple(one for options in CLASSES for one in declarations(options))


def _entry(one: Declaration) -> list[str]:
    metavar = one.metavar if one.alone is None else f"[{one.metavar}]"
    flags = [f"`{one.flag} {metavar}{' …' if one.several else ''}`"] if one.flag else []
    flags += [f"`{flag}`" for flag in one.flags]
    choices = ""
    if issubclass(one.type, enum.Enum):
        choices = " One of " + ", ".join(f"`{member.value}`" for member in one.type) + "."
    unit = f" In {NAMES[one.unit]}." if one.unit else ""
    return [
        f"### `{one.key}`",
        "",
        f"{one.help}{choices}{unit}",
        "",
        f"- default: `{_shown(one.default)}`",
        f"- flag: {', '.join(flags) or 'none'}",
        f"- pytest ini: `{one.ini}`",
        f"- environment: `{one.environment}`",
        "",
    ]


def _shown(value: object) -> str:
    if isinstance(value, enum.Enum):
        return str(value.value)
    if isinstance(value, tuple):
        return ", ".join(map(str, value)) or "none"
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if value != "" else "none"
