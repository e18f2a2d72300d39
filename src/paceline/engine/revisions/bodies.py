"""Bodies: whether a benchmark's own function is the same in both trees."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from paceline.engine.revisions.dressing import original_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

__all__ = ["changed_bodies"]

_Function = ast.FunctionDef | ast.AsyncFunctionDef


def changed_bodies(base_root: Path, head_root: Path, node_ids: Sequence[str]) -> dict[str, str]:
    """Say what changed in the functions of benchmarks: node id → what; equal ones are left out.

    Where the head's files were laid over the base, the base's own ones are compared.
    """
    changed = {}
    for node_id in node_ids:
        file, *names = node_id.partition("[")[0].split("::")
        original = original_of(base_root, file)
        if original is None or not (head_root / file).is_file():
            said = "new file"
        else:
            said = _difference(original, head_root / file, names)
        if said:
            changed[node_id] = said
    return changed


def _difference(base: Path, head: Path, names: Sequence[str]) -> str:
    """Compare one function of two files; "" when its text is the same."""
    before, now = _read(base), _read(head)
    if before == now:
        return ""
    one, other = _find(before, names), _find(now, names)
    if other is None:
        return ""  # made by other code, which is not its own body
    if one is None:
        return "new in its file"
    if ast.get_source_segment(before, one) == ast.get_source_segment(now, other):
        same_decorators = _dumped(one) == _dumped(other)
        return "" if same_decorators else "its decorators changed"
    return "only comments or layout changed" if _dumped(one) == _dumped(other) else "body changed"


def _read(file: Path) -> str:
    return file.read_text(encoding="utf-8", errors="replace")


def _find(text: str, names: Sequence[str]) -> _Function | None:
    """Find a function by the names of its classes and its own."""
    try:
        body: Sequence[ast.AST] = ast.parse(text).body
    except (SyntaxError, ValueError):
        return None
    found: ast.AST | None = None
    for name in names:
        found = next((node for node in body if getattr(node, "name", None) == name), None)
        body = getattr(found, "body", ())
    return found if isinstance(found, _Function) else None


def _dumped(function: _Function) -> str:
    """Give what a function does, without where it stands and without its docstring."""
    if ast.get_docstring(function, clean=False) is not None:
        function.body = function.body[1:] or [ast.Pass()]
    return ast.dump(function)
