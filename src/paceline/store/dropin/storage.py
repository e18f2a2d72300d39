"""The folder of saved runs: ``<machine id>/NNNN_<name>.json``, shared with pytest-benchmark."""

from __future__ import annotations

import os
import re
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any, NamedTuple

from paceline.errors import Place, StoreError, UsageError
from paceline.store.dropin.reading import read
from paceline.store.dropin.writing import dumps, flat

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Mapping, Sequence

__all__ = ["Saved", "Storage", "autosave_name", "safe_name", "source_of"]

_NUMBERED = re.compile(r"(\d{4,})_.*\.json")
_ILLEGAL = r"\/:*?<>|"
_SAVED = "[0-9][0-9][0-9][0-9]*_"


class Saved(NamedTuple):
    """One saved run: its file, relative to the folder where it lies below it, and its document."""

    path: Path
    document: dict[str, Any]


class Storage:
    """Saved runs below the folder that ``uri`` names: ``file://PATH``, or a bare path.

    Runs are saved for, and looked up first under, ``machine_id``; "" means every machine. Nothing
    is written before the first `save`.
    """

    def __init__(self, uri: str, machine_id: str = "") -> None:
        self.path = _folder(uri).resolve()
        self.machine_id = machine_id
        self._notes: list[str] = []

    def __str__(self) -> str:
        return str(self.path)

    @property
    def location(self) -> str:
        """The folder, relative to the current one where it lies below it."""
        here = Path.cwd()
        return str(self.path.relative_to(here) if self.path.is_relative_to(here) else self.path)

    @property
    def notes(self) -> tuple[str, ...]:
        """What was passed over so far, each with its reason."""
        return tuple(self._notes)

    def save(self, document: Mapping[str, Any], name: str) -> Path:
        """Write a document under the next free number and give its file.

        The number is claimed by a hidden file that turns into the document once it is whole, so
        two savers never share a number and a reader never sees half a file.

        Raises:
            UsageError: a name that can't be part of a file's name.
            StoreError: the folder can't be written.
        """
        named = safe_name(name)
        folder = self.path / self.machine_id
        try:
            folder.mkdir(parents=True, exist_ok=True)
            number, claim = self._claim(folder)
            claim.write_text(dumps(document), encoding="ascii")
            return claim.rename(folder / f"{number:04}_{named}.json")
        except OSError as error:
            raise StoreError(
                f"can't save {name!r}: {error.strerror}",
                place=Place(str(folder)),
                remedy="name a folder that can be written, as in --benchmark-storage=file://DIR",
            ) from error

    def query(self, *patterns: str | os.PathLike[str]) -> list[Path]:
        """List files by ``platform-glob/filename-glob``, ``filename-glob``, number or path.

        A glob on a file's name need not be written to its end. The order is that of the names.

        Raises:
            UsageError: a pattern with more than two parts that is no file.
        """
        found: dict[Path, None] = {}
        for pattern in patterns or ("*",):
            found.update(dict.fromkeys(self._matching(Path(pattern))))
        return sorted(found, key=lambda file: (file.name, file.parent))

    def load(self, *patterns: str | os.PathLike[str]) -> list[Saved]:
        """Read what `query` finds, every numbered run without patterns.

        A file that can't be read is passed over and noted.
        """
        loaded = []
        for file in self.query(*(patterns or (_SAVED,))):
            try:
                document = read(file.read_text(encoding="utf-8"), Place(str(file)))
            except (OSError, UnicodeDecodeError, StoreError) as error:
                self._notes.append(f"Failed to load {file}: {error}")
                continue
            near = file.relative_to(self.path) if file.is_relative_to(self.path) else file
            loaded.append(Saved(near, document))
        return loaded

    def entries(self, *patterns: str | os.PathLike[str]) -> list[dict[str, Any]]:
        """Give the entries of every run that `load` finds, flat, each with its path and source.

        A source leaves out the folders that all of them share.
        """
        runs = self.load(*patterns)
        sources = _apart([source_of(run.path) for run in runs])
        return [
            flat(one, path=str(run.path), source=source)
            for run, source in zip(runs, sources, strict=True)
            for one in run.document["benchmarks"]
        ]

    def _claim(self, folder: Path) -> tuple[int, Path]:
        """Take a number that no file and no other saver has."""
        number = self._last(folder) + 1
        while True:
            claim = folder / f".{number:04}.part"
            try:
                claim.touch(exist_ok=False)
            except FileExistsError:  # another saver's, or left by one that was killed
                number += 1
                continue
            last = self._last(folder)
            if last < number:
                return number, claim
            claim.unlink()
            number = last + 1

    def _last(self, folder: Path) -> int:
        found = [*folder.glob("*.json"), *self.path.glob("*.json")]
        numbers = (match[1] for file in found if (match := _NUMBERED.fullmatch(file.name)))
        return max(map(int, numbers), default=0)

    def _matching(self, pattern: Path) -> Iterable[Path]:
        try:
            if pattern.is_file():
                return [pattern]
            platform, name = self._globs(pattern)
            return [
                *(file for folder in self.path.glob(platform) for file in folder.glob(name)),
                *self.path.glob(name),
            ]
        except (NotImplementedError, ValueError, OSError) as error:
            raise UsageError(
                f"{str(pattern)!r} is neither a file nor a glob for saved runs",
                remedy="write PLATFORM-GLOB/FILENAME-GLOB, FILENAME-GLOB, a number or a file",
            ) from error

    def _globs(self, pattern: Path) -> tuple[str, str]:
        *folders, name = pattern.parts or ("",)
        if len(folders) > 1 or pattern.is_absolute() or "**" in name:
            raise ValueError(str(pattern))
        platform = folders[0] if folders else self.machine_id or "*"
        return platform, name.rstrip("*") + "*.json"


def safe_name(name: str) -> str:
    """Check that a run's name can be part of a file's name.

    Raises:
        UsageError: it is empty, too long, or has a character that some file system refuses.
    """
    if not name:
        raise UsageError("Can't be empty.", remedy="give the saved run a name")
    illegal = "".join(sign for sign in _ILLEGAL if sign in name)
    if illegal:
        raise UsageError(
            f"Must not contain any of these characters: /:*?<>|\\ (it has {illegal!r})",
            remedy="name the saved run with letters, digits, '-', '_' and '.'",
        )
    if not name.isprintable() or len(name.encode()) > 200:  # noqa: PLR2004  (255 less the rest)
        raise UsageError(
            "the name has control characters or more than 200 bytes", remedy="choose a plain name"
        )
    return name


def autosave_name(commit_info: Mapping[str, Any], moment: dt.datetime) -> str:
    """Name a run by its commit and moment (UTC), as in ``1a2b3c_20261121_221500``."""
    parts = [str(commit_info.get("id", "unknown")), f"{moment:%Y%m%d_%H%M%S}"]
    if commit_info.get("dirty"):
        parts.append("uncommitted-changes")
    return "_".join(parts)


def source_of(path: PurePath, machine_id: str = "") -> str:
    """Shorten a saved file's path for a name: no ending, no leading folder of this machine."""
    parts = list(path.with_suffix("").parts if path.suffix else path.parts)
    if len(parts) > 1 and machine_id and parts[0] == machine_id:
        del parts[0]
    return "/".join(parts)


def _apart(sources: Sequence[str]) -> list[str]:
    """Leave out what all sources share, up to a separator."""
    try:
        shared = len(os.path.commonpath(sources)) if sources else 0
    except ValueError:  # absolute and relative ones
        shared = 0
    return [source[shared:].lstrip("\\/") for source in sources]


def _folder(uri: str) -> Path:
    scheme, separator, rest = uri.partition("://")
    if not separator:
        return Path(uri)
    if scheme == "file":
        return Path(rest)
    raise UsageError(
        f"storage {uri!r}: {scheme.partition('+')[0]!r} is not offered",
        remedy="write file://PATH; for a store that a team shares see the store's own options",
    )
