"""Generate the page of every command's arguments from the parsers that read them (run by cog).

``--help`` itself is laid out differently by each Python; here the parser's own facts are shown.
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from paceline.cli.arguments import COMMANDS, build, command_of

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["command_sections", "parsers"]


def command_sections() -> str:
    """Give one section for each command, its actions below it."""
    text = ""
    for name, parser in parsers():
        level = "###" if " " in name else "##"
        text += f"\n{level} paceline {name}\n\n{parser.description or ''}\n{_arguments(parser)}"
        if name in COMMANDS:
            text += _examples(command_of(name).EXAMPLES)
    return text


def parsers() -> Iterator[tuple[str, argparse.ArgumentParser]]:
    """Walk every command and every action of one, with the words that call it."""
    for name, parser in _below(build(COMMANDS)).items():
        yield name, parser
        for action, one in _below(parser).items():
            yield f"{name} {action}", one


def _actions(parser: argparse.ArgumentParser) -> list[argparse.Action]:
    return list(parser._actions)  # noqa: SLF001  (argparse offers no public way)


def _below(parser: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    for action in _actions(parser):
        if isinstance(action.choices, dict):
            return dict(action.choices)
    return {}


def _arguments(parser: argparse.ArgumentParser) -> str:
    rows = "".join(_row(one) for one in _actions(parser) if _told(one))
    return f"\n| argument | meaning |\n|---|---|\n{rows}" if rows else ""


def _told(action: argparse.Action) -> bool:
    unwanted = isinstance(action.choices, dict) or "-h" in action.option_strings
    return not unwanted and action.help is not argparse.SUPPRESS


def _row(action: argparse.Action) -> str:
    value = _value(action)
    names = [f"`{name}{' ' + value if value else ''}`" for name in action.option_strings]
    default = "" if action.default is None else str(action.default)
    meaning = (action.help or "").replace("%(default)s", default).replace("%%", "%")
    return f"| {', '.join(names) or f'`{value}`'} | {_escaped(meaning)} |\n"


def _value(action: argparse.Action) -> str:
    """Spell the value that an argument takes, "" for a mere flag."""
    if action.option_strings and action.nargs == 0:
        return ""
    word = action.metavar or action.dest.upper()
    if action.metavar is None and action.choices:
        word = "{" + ",".join(str(one) for one in action.choices) + "}"
    one = word if isinstance(word, str) else " ".join(word)
    shapes = {"?": f"[{one}]", "*": f"[{one} …]", "+": f"{one} …", "...": f"[{one} …]"}
    return shapes.get(str(action.nargs), one)


def _escaped(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;").replace("*", "\\*")


def _examples(text: str) -> str:
    """Show the indented lines as commands, what is said after them as paragraphs."""
    lines = text.strip("\n").splitlines()
    calls = "".join(f"$ {line.strip()}\n" for line in lines if line.startswith("  "))
    rest = "\n".join(line for line in lines if not line.startswith("  ")).strip("\n")
    return f"\n```console\n{calls}```\n" + (f"\n{_escaped(rest)}\n" if rest else "")
