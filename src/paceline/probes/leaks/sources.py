"""Sources: what the text of a module says about a name: where it is made, what bounds it."""

from __future__ import annotations

import ast
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["compared", "line_of"]


def compared(file: str, name: str) -> list[ast.expr]:
    """Find what the code of a file compares the length of ``name`` or ``….name`` with."""
    found = []
    for node in _nodes(file):
        if isinstance(node, ast.Compare):
            sides = [node.left, *node.comparators]
            if any(_is_length(side, name) for side in sides):
                found += [side for side in sides if not _is_length(side, name)]
    return found


def line_of(file: str, name: str) -> int:
    """Find the line in which ``name`` or ``….name`` is given a value first; 0 for none."""
    lines = (
        node.lineno
        for node in _nodes(file)
        if isinstance(node, ast.Assign | ast.AnnAssign)
        and any(_called(target) == name for target in _targets(node))
    )
    return min(lines, default=0)


def _targets(node: ast.Assign | ast.AnnAssign) -> Iterator[ast.expr]:
    yield from node.targets if isinstance(node, ast.Assign) else [node.target]


def _called(node: ast.expr) -> str:
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case _:
            return ""


def _is_length(node: ast.expr, name: str) -> bool:
    match node:
        case ast.Call(func=ast.Name(id="len"), args=[one]):
            return _called(one) == name
        case _:
            return False


@lru_cache(maxsize=8)
def _nodes(file: str) -> tuple[ast.AST, ...]:
    try:
        tree = ast.parse(Path(file).read_bytes())
    except (OSError, SyntaxError, ValueError):  # no source to be had
        return ()
    wanted = (ast.Compare, ast.Assign, ast.AnnAssign)
    return tuple(node for node in ast.walk(tree) if isinstance(node, wanted))
