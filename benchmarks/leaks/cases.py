"""The cases of a folder, read from the text of its files: no case runs before it is asked to."""

from __future__ import annotations

import ast
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["HERE", "SETS", "Case", "listed", "missing", "sampled"]

HERE = Path(__file__).resolve().parent
SETS = ("building", "unseen")
KINDS = ("leak", "harmless", "filling")
_ASKING = "import importlib.util, shutil, sys; sys.exit(not ({}))"
_PRESENT = {
    "cc": "shutil.which('cc')",
    "numpy": "importlib.util.find_spec('numpy')",
    "interned names that can go": "sys.version_info[:2] != (3, 12)",  # 3.12 keeps them for ever
}


@dataclass(frozen=True, slots=True)
class Case:
    """A case's place, its truth and what it needs."""

    file: Path
    name: str
    kind: str
    says: str
    needs: str
    waits: bool

    @property
    def theme(self) -> str:
        """The file's name, which says what its cases are about."""
        return self.file.stem

    @property
    def identifier(self) -> str:
        """What the command takes, from the folder of all sets."""
        return f"{self.file.parent.name}/{self.file.name}::{self.name}"


def listed(folder: str) -> list[Case]:
    """List the cases of one set in the order of their files."""
    found = []
    for file in sorted((HERE / folder).glob("*.py")):
        for node in ast.parse(file.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                found += [_case(file, node, mark) for mark in _marks(node)]
    return found


def sampled(cases: Sequence[Case]) -> list[Case]:
    """Take the first leak and the first look-alike of each theme, and one filling of each."""
    first: dict[tuple[str, str], Case] = {}
    for case in cases:
        first.setdefault((case.theme, case.kind), case)
    return list(first.values())


def missing(python: Path, needs: set[str]) -> dict[str, str]:
    """Say why an interpreter can not run what needs these, by need."""
    absent = {}
    for need in sorted(needs - {""}):
        asked = [str(python), "-c", _ASKING.format(_PRESENT[need])]
        if subprocess.run(asked, check=False).returncode:
            absent[need] = f"{need} is not there"
    return absent


def _marks(node: ast.FunctionDef | ast.AsyncFunctionDef) -> list[ast.Call]:
    return [
        mark
        for mark in node.decorator_list
        if isinstance(mark, ast.Call) and isinstance(mark.func, ast.Name) and mark.func.id in KINDS
    ]


def _case(file: Path, node: ast.FunctionDef | ast.AsyncFunctionDef, mark: ast.Call) -> Case:
    assert isinstance(mark.func, ast.Name)
    given = {word.arg: word.value for word in mark.keywords}
    needs = ast.literal_eval(given["needs"]) if "needs" in given else ""
    waits = isinstance(node, ast.AsyncFunctionDef)
    return Case(file, node.name, mark.func.id, ast.get_docstring(node) or "", needs, waits)
