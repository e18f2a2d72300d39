"""Files: what a word on the command line means: a file, a pattern or a folder."""

from __future__ import annotations

import glob
from pathlib import Path

from paceline.errors import UsageError

__all__ = ["expand"]

_ENDINGS = (".json", ".xml", ".json.gz", ".xml.gz", ".test_durations")
_BESIDE = frozenset({"benchmarks.json", "machine.json"})


def expand(word: str, *, beside: bool = True) -> tuple[tuple[Path, bool], ...]:
    """Give files, each with whether it was found in a folder rather than named.

    Without ``beside`` what asv keeps beside its results is left out of folders.

    Raises:
        UsageError: a pattern or a folder without a file.
    """
    path = Path(word)
    if path.is_dir():
        found = _in_folder(path, beside=beside)
        if not found:
            remedy = f"files whose names end so are looked for: {', '.join(_ENDINGS)}"
            raise UsageError(f"the folder {word!r} holds no file to import", remedy=remedy)
        return tuple((one, True) for one in found)
    if path.exists() or not glob.has_magic(word):
        return ((path, False),)
    matches = sorted(glob.glob(word, recursive=True, include_hidden=True))  # noqa: PTH207  (hidden ones too)
    files = tuple((Path(one), False) for one in matches if Path(one).is_file())
    if not files:
        raise UsageError(f"no file fits {word!r}", remedy="name files, patterns or folders")
    return files


def _in_folder(folder: Path, *, beside: bool) -> tuple[Path, ...]:
    """List the files of a folder that may hold runs, by their names' ends, in order."""
    names = frozenset() if beside else _BESIDE
    found = (one for one in folder.rglob("*") if one.name.endswith(_ENDINGS))
    return tuple(sorted(one for one in found if one.name not in names and one.is_file()))
