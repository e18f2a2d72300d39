"""Collection: which folders are searched, and what would run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pytest

from paceline.errors import UsageError
from paceline.plugin.role import Role
from paceline.suite.category import category_of, speed_class

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from paceline.suite.collection_options import CollectionOptions
    from paceline.suite.past import Past

__all__ = ["start_collection"]

_NEVER: Final = frozenset(
    {"site-packages", "__pypackages__", "node_modules", "htmlcov", ".git", ".hg", ".svn", ".tox"}
    | {".nox", ".eggs", ".mypy_cache", ".pytest_cache", ".ruff_cache", ".hypothesis", ".paceline"}
)
_ENDINGS: Final = (".egg-info", ".dist-info")
_TAG: Final = "CACHEDIR.TAG"


def start_collection(
    config: pytest.Config, options: CollectionOptions, *, role: Role, past: Past | None = None
) -> None:
    """Register what prunes the search for tests, and what only shows them.

    Raises:
        UsageError: tests can't be shown by a process that doesn't collect them.
    """
    if options.dry_run and role is not Role.SINGLE:
        raise UsageError(
            "--paceline-dry-run lists the tests of one process, not of several",
            remedy="leave out -n, or add -n 0",
        )
    if options.prune:
        config.pluginmanager.register(Pruning(), "paceline-pruning")
    if options.clear or options.cache:
        _start_cache(config, options, keeps=role is not Role.WORKER)
    if options.dry_run:
        config.pluginmanager.register(Preview(past), "paceline-preview")


def _start_cache(config: pytest.Config, options: CollectionOptions, *, keeps: bool) -> None:
    from paceline.plugin.collection_cache import (  # noqa: PLC0415  (only when asked)
        CollectionCache,
        forget,
    )

    if options.clear and keeps:
        forget(config)
    if options.cache:
        cache = CollectionCache(config, keeps=keeps)
        config.pluginmanager.register(cache, "paceline-collection-cache")


class Pruning:
    """Keep out of folders that hold no tests of the project; what the user names is searched."""

    def pytest_ignore_collect(self, collection_path: Path) -> bool | None:
        """Leave out installed packages, caches and what says itself that it is one.

        A folder with a ``CACHEDIR.TAG`` is a cache (https://bford.info/cachedir/).
        """
        name = collection_path.name
        if name.endswith(".py"):
            return None
        if name in _NEVER or name.endswith(_ENDINGS) or (collection_path / _TAG).is_file():
            return True
        return None


class Preview:
    """Say what would run, in order, instead of running it."""

    def __init__(self, past: Past | None = None) -> None:
        self._seconds = {one.node_id: one.seconds for one in past.tests} if past else {}

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool | None:
        """List the tests and run none; collection errors stay pytest's to report."""
        if session.testsfailed:
            return None
        reporter: Any = session.config.pluginmanager.get_plugin("terminalreporter")
        if reporter is not None:
            reporter.ensure_newline()
            for line in self.lines(session.items):
                reporter.write_line(line)
        return True

    def lines(self, items: Sequence[pytest.Item]) -> Iterator[str]:
        """Give a line a test, with its category and seconds where they are known, and a sum."""
        known = [self._seconds[item.nodeid] for item in items if item.nodeid in self._seconds]
        for number, item in enumerate(items, start=1):
            yield f"{number:>{len(str(len(items)))}}  {self._about(item)}  {item.nodeid}"
        new = len(items) - len(known)
        words = f"{len(items)} would run"
        if known:
            words += f"; recorded ones take {sum(known):.3g} s one after the other"
            words += f"; {new} not recorded yet" if new else ""
        yield words

    def _about(self, item: pytest.Item) -> str:
        names = tuple(mark.name for mark in item.iter_markers())
        category = f"{category_of(names, item.nodeid) or '-':<11}"
        seconds = self._seconds.get(item.nodeid)
        if seconds is not None:
            return f"{seconds:>8.3f} s  {speed_class(seconds):<6}  {category}"
        return f"{'-':>8}    {'-':<6}  {category}" if self._seconds else category
