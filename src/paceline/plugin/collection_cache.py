"""Collection cache: test files that hold none of the tests asked for need not be imported.

What a file held is remembered as pytest really collected it, with the names, attributes and
markers that ``-k`` and ``-m`` look at. It counts as long as nothing that decided it has changed:
the file, its conftest and package files, every module of the project that was loaded, data files
that were read meanwhile, interpreter, plugins, settings and options. pytest's own code decides what
matches; a file of which one test matches, or of which nothing is known, is imported as ever.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Final

import pytest

from paceline.plugin.collection_sources import (
    digest_of,
    environment_digest,
    imported_names,
    project_files,
    surroundings,
    witness,
)

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator
    from pathlib import Path

__all__ = ["CollectionCache", "forget"]

_KEY: Final = "paceline/collection"
_VERSION: Final = 1
_SIMPLE: Final = (str, int, float, bool, type(None))


def forget(config: pytest.Config) -> None:
    """Drop what is remembered."""
    cache = _cache_of(config)
    if cache is not None:
        cache.set(_KEY, None)


def _cache_of(config: pytest.Config) -> pytest.Cache | None:
    """Give pytest's cache, None where its plugin is turned off."""
    return getattr(config, "cache", None)


class CollectionCache:
    """Skip files before they are imported, and remember what those held that were."""

    def __init__(self, config: pytest.Config, *, keeps: bool) -> None:
        self._config = config
        self._keeps = keeps
        self._root = config.rootpath
        self._environment = environment_digest(config)
        self._files: dict[str, str] = {}
        self._cache = _cache_of(config)
        self._known = self._valid(self._cache.get(_KEY, None) if self._cache else None)
        self._unwanted: frozenset[str] = frozenset()
        self._skipped = 0
        self._collected: set[Path] = set()
        self._doubtful: set[Path] = set()
        self._items: list[pytest.Item] = []

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_collection(self) -> Generator[None, object, object]:
        """Decide first, then watch what the imports read."""
        self._unwanted = frozenset(self._without_matches())
        witness().start(self._root)
        try:
            return (yield)
        finally:
            witness().finish()

    def pytest_ignore_collect(self, collection_path: Path) -> bool | None:
        """Leave out a file that holds nothing that was asked for."""
        if str(collection_path) not in self._unwanted:
            return None
        self._skipped += 1
        return True

    @pytest.hookimpl(wrapper=True)
    def pytest_make_collect_report(
        self, collector: pytest.Collector
    ) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
        """Note which files were collected, and which of them can't be known by their sources."""
        before = witness().unseen
        report = yield
        if isinstance(collector, pytest.File) and collector.path.suffix == ".py":
            self._collected.add(collector.path)
        if not report.passed or witness().unseen > before:
            self._doubtful.add(collector.path)
        return report

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_collection_modifyitems(
        self, items: list[pytest.Item]
    ) -> Generator[None, object, object]:
        """Keep all items, those that are about to be deselected too."""
        self._items = list(items)
        return (yield)

    def pytest_report_collectionfinish(self) -> list[str]:
        """Say how many files were not imported."""
        if not self._skipped:
            return []
        return [f"paceline: {self._skipped} test files not imported: nothing in them matches"]

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Remember, after a collection without errors; forget after one with errors."""
        if not self._keeps or self._cache is None or self._saw_parts():
            return
        if session.testsfailed:
            forget(self._config)
        else:
            self._cache.set(_KEY, self._merged())

    def pytest_internalerror(self) -> None:
        """Forget everything: it might be the cause."""
        forget(self._config)

    def _saw_parts(self) -> bool:
        """Tell whether a file's items may be fewer than it holds: by node ids, or by --lf."""
        return bool(self._config.getoption("lf", False)) or any(
            "::" in word for word in self._config.args
        )

    def _valid(self, found: Any) -> dict[str, Any]:
        """Give what is remembered of files as far as nothing that decided it has changed."""
        if not isinstance(found, dict) or found.get("version") != _VERSION:
            return {}
        if found["environment"] != self._environment:
            return {}
        if any(digest_of(self._root / name) != digest for name, digest in found["files"].items()):
            return {}
        self._files = found["files"]
        modules: dict[str, Any] = found["modules"]
        same = {name for name, one in modules.items() if self._unchanged(name, one)}
        while lost := {name for name in same if not same.issuperset(modules[name]["imports"])}:
            same -= lost
        return {name: modules[name] for name in same}

    def _unchanged(self, name: str, module: dict[str, Any]) -> bool:
        return bool(module["digests"] == self._digests(self._root / name))

    def _digests(self, file: Path) -> list[str]:
        around = surroundings(file, self._root)
        return [digest_of(file), *(f"{path} {digest_of(path)}" for path in around)]

    def _without_matches(self) -> Iterator[str]:
        option = self._config.option
        if not (option.keyword or option.markexpr) or not self._known:
            return
        select = getattr(self._config.pluginmanager.get_plugin("mark"), _DESELECT, None)
        if select is None:
            return
        config = _Unheard(self._config)
        for name, module in self._known.items():
            items = [_stand_in(*one) for one in module["items"]]
            try:
                select(items=items, config=config)
            except (AttributeError, TypeError):  # a later pytest that looks at more
                return
            if not items:
                yield str(self._root / name)

    def _merged(self) -> dict[str, Any]:
        """Join what this run collected with what is still known of the files it left out."""
        held: dict[Path, list[list[Any]]] = {path: [] for path in self._collected - self._doubtful}
        for item in self._items:
            if item.path in held:
                held[item.path].append(_remembered(item))
        inside = {path: items for path, items in held.items() if path.is_relative_to(self._root)}
        fresh = {self._name(path): items for path, items in inside.items()}
        doubtful = {self._name(path) for path in self._doubtful if path.is_relative_to(self._root)}
        kept = {name: one for name, one in self._known.items() if name not in doubtful}
        names = {*fresh, *kept}
        modules = kept | {
            name: {
                "digests": self._digests(self._root / name),
                "imports": _imports(self._root / name, names),
                "items": items,
            }
            for name, items in fresh.items()
        }
        files = dict(self._files)
        tests = {self._root / name for name in names}
        sources = {*project_files(), *(type(self._root)(one) for one in witness().read)}
        for path in sources - tests:
            if "__pycache__" not in path.parts and path.suffix != ".pyc":
                files[self._name(path)] = digest_of(path)
        return {
            "version": _VERSION,
            "environment": self._environment,
            "files": files,
            "modules": modules,
        }

    def _name(self, path: Path) -> str:
        inside = path.is_relative_to(self._root)
        return path.relative_to(self._root).as_posix() if inside else str(path)


# The hook implementation through which pytest's own plugin leaves out what -k and -m don't match.
# It is called by its name, with what it reads (since pytest 6); without it all files are imported.
_DESELECT: Final = "pytest_collection_modifyitems"


class _Unheard:
    """The configuration, but that nobody hears and counts what is left out among stand-ins."""

    hook = SimpleNamespace(pytest_deselected=lambda items: None)  # noqa: ARG005  (its name)

    def __init__(self, config: pytest.Config) -> None:
        self._config = config

    def __getattr__(self, name: str) -> Any:
        return getattr(self._config, name)


def _imports(file: Path, names: Iterable[str]) -> list[str]:
    """Name the test files that a test file imports from."""
    mentioned = imported_names(file)
    return sorted(
        name for name in names if name.rpartition("/")[2].removesuffix(".py") in mentioned
    )


def _remembered(item: pytest.Item) -> list[Any]:
    """Keep what ``-k`` and ``-m`` look at; the topmost folder's name is not part of it."""
    names = [
        node.name
        for node in item.listchain()
        if not isinstance(node, pytest.Session)
        and not (isinstance(node, pytest.Directory) and isinstance(node.parent, pytest.Session))
    ]
    function = getattr(item, "function", None)
    marks = [
        [mark.name, {key: one for key, one in mark.kwargs.items() if isinstance(one, _SIMPLE)}]
        for mark in item.iter_markers()
    ]
    attributes = [name for name in vars(function) if name.isidentifier()] if function else []
    return [names, sorted(item.listextrakeywords()), attributes, marks]


def _stand_in(names: list[str], extra: list[str], attributes: list[str], marks: list[Any]) -> Any:
    """Make what looks like the remembered item to the code that deselects."""
    chain = [SimpleNamespace(name=name, parent=None) for name in names]
    made = [SimpleNamespace(name=name, kwargs=kwargs) for name, kwargs in marks]
    return SimpleNamespace(
        function=SimpleNamespace(**dict.fromkeys(attributes)) if attributes else None,
        iter_markers=lambda: iter(made),
        listchain=lambda: chain,
        listextrakeywords=lambda: set(extra),
    )
