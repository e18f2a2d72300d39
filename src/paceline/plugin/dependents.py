"""Dependents: tests that depend on others run after them, and can be skipped when these fail."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

import pytest

from paceline.errors import PacelineError, SettingsError
from paceline.plugin.markers import place_of
from paceline.plugin.pytest_internals import runs_everything

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Mapping, Sequence

__all__ = ["Dependents", "groups_of"]

_MARK = "depends_on"
_GROUP = "xdist_group"
_SKIPPING = "paceline-skipping-dependents"


class Dependents:
    """Order dependents once a session; hooks per test only where they are to be skipped."""

    def __init__(self, *, skips: bool) -> None:
        self._skips = skips

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_collection_modifyitems(
        self, config: pytest.Config, items: list[pytest.Item]
    ) -> Generator[None, object, object]:
        """Put each test behind what it depends on, whatever else ordered them."""
        outcome = yield
        self._order(config, items)
        return outcome

    def _order(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        try:
            wanted = _dependencies(items, whole=runs_everything(config))
            if wanted:
                items[:] = _ordered(items, wanted)
        except PacelineError as error:
            raise pytest.UsageError(str(error)) from error
        if wanted and self._skips:
            config.pluginmanager.register(_Skipping(wanted), _SKIPPING)


class _Skipping:
    """Skip a test when one it depends on has not passed in this process."""

    def __init__(self, wanted: Mapping[str, tuple[str, ...]]) -> None:
        self._wanted = wanted
        self._watched = {name for names in wanted.values() for name in names}
        self._outcomes: dict[str, str] = {}

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        """Skip before any fixture is set up."""
        for name in self._wanted.get(item.nodeid, ()):
            outcome = self._outcomes.get(name)
            if outcome:
                pytest.skip(f"depends on {name}, which {outcome}")

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Note how a watched test ends; a new attempt begins anew."""
        report = yield
        if item.nodeid in self._watched:
            if call.when == "setup":
                self._outcomes.pop(item.nodeid, None)
            if report.failed:
                self._outcomes[item.nodeid] = "failed"
            elif report.skipped:
                expected = hasattr(report, "wasxfail")
                words = "failed as expected" if expected else "was skipped"
                self._outcomes.setdefault(item.nodeid, words)
        return report


def groups_of(items: Iterable[pytest.Item]) -> dict[str, str]:
    """Name the group of each test that must share a worker with others, by node id.

    Tests belong together by an ``xdist_group`` marker, or because one depends on the other. A
    group is named like the first marker in it, else like its first test.

    Raises:
        SettingsError: a wrong marker, with the test's place.
    """
    found = list(items)
    roots: dict[str, str] = {}
    marked = {item.nodeid: name for item in found if (name := _group_of(item))}
    for node_id, name in marked.items():
        _join(roots, f"@{name}", node_id)
    for node_id, names in _dependencies(found, whole=False).items():
        for name in names:
            _join(roots, name, node_id)
    names_of: dict[str, str] = {}
    for item in found:
        if item.nodeid in marked:
            names_of.setdefault(_root(roots, item.nodeid), marked[item.nodeid])
    for item in found:
        if item.nodeid in roots:
            names_of.setdefault(_root(roots, item.nodeid), item.nodeid)
    return {
        item.nodeid: names_of[_root(roots, item.nodeid)] for item in found if item.nodeid in roots
    }


def _group_of(item: pytest.Item) -> str:
    mark = item.get_closest_marker(_GROUP)
    if mark is None:
        return ""
    return str(mark.args[0] if mark.args else mark.kwargs.get("name", "default"))


def _join(roots: dict[str, str], one: str, other: str) -> None:
    for name in (one, other):
        roots.setdefault(name, name)
    roots[_root(roots, other)] = _root(roots, one)


def _root(roots: Mapping[str, str], name: str) -> str:
    while roots[name] != name:
        name = roots[name]
    return name


def _dependencies(items: Sequence[pytest.Item], *, whole: bool) -> dict[str, tuple[str, ...]]:
    """Map node ids to those they depend on; only a whole suite tells that a name is wrong."""
    asking = [(item, mark) for item in items for mark in item.iter_markers(_MARK)]
    if not asking:
        return {}
    index = _index(items)
    wanted: dict[str, tuple[str, ...]] = {}
    for item, mark in asking:
        if mark.kwargs or not mark.args or not all(isinstance(name, str) for name in mark.args):
            shown = mark.kwargs or mark.args
            raise SettingsError(
                f"@pytest.mark.depends_on takes names of tests, not {shown!r}",
                place=place_of(item),
                remedy='name tests, as in @pytest.mark.depends_on("test_login")',
            )
        for name in mark.args:
            found = _named(name, item, index)
            if not found and whole:
                raise _unknown(name, item, index)
            wanted[item.nodeid] = (*wanted.get(item.nodeid, ()), *found)
    return {node_id: tuple(dict.fromkeys(names)) for node_id, names in wanted.items() if names}


def _index(items: Sequence[pytest.Item]) -> dict[str, list[str]]:
    """Find node ids by themselves, and all cases of a test by its name without parameters."""
    index: dict[str, list[str]] = {}
    for item in items:
        index.setdefault(item.nodeid, []).append(item.nodeid)
        bare = _bare(item.nodeid)
        if bare != item.nodeid:
            index.setdefault(bare, []).append(item.nodeid)
    return index


def _bare(node_id: str) -> str:
    file, mark, name = node_id.partition("::")
    return f"{file}{mark}{name.partition('[')[0]}"


def _named(name: str, item: pytest.Item, index: Mapping[str, list[str]]) -> list[str]:
    """Look in the test's own class, then outwards to its module, then for a whole node id."""
    scope = _bare(item.nodeid).rpartition("::")[0]
    while scope:
        found = index.get(f"{scope}::{name}")
        if found:
            return found
        scope = scope.rpartition("::")[0]
    return index.get(name, [])


def _unknown(name: str, item: pytest.Item, index: Mapping[str, list[str]]) -> SettingsError:
    module = item.nodeid.partition("::")[0]
    known = [key.removeprefix(f"{module}::") for key in index]
    near = difflib.get_close_matches(name, known, n=1)
    hint = f"did you mean {near[0]!r}? " if near else ""
    return SettingsError(
        f"@pytest.mark.depends_on({name!r}): there is no such test",
        place=place_of(item),
        remedy=f"{hint}name a test of this module, Class::name, or a whole node id",
    )


def _ordered(
    items: Sequence[pytest.Item], wanted: Mapping[str, tuple[str, ...]]
) -> list[pytest.Item]:
    """Hold each dependent back until the last test that it depends on stands before it."""
    missing = {node_id: set(names) for node_id, names in wanted.items()}
    held: dict[str, pytest.Item] = {}
    waiting: dict[str, list[str]] = {}
    for node_id, names in wanted.items():
        for name in names:
            waiting.setdefault(name, []).append(node_id)
    done: list[pytest.Item] = []
    for item in items:
        if missing.get(item.nodeid):
            held[item.nodeid] = item
            continue
        ready = [item]
        while ready:
            one = ready.pop(0)
            done.append(one)
            for dependent in waiting.pop(one.nodeid, ()):
                missing[dependent].discard(one.nodeid)
                if not missing[dependent] and dependent in held:
                    ready.append(held.pop(dependent))
    if held:
        raise _circle(held, missing)
    return done


def _circle(held: Mapping[str, pytest.Item], missing: Mapping[str, set[str]]) -> SettingsError:
    """Follow what is missing until a test comes up again."""
    path = [next(iter(held))]
    while path[-1] not in path[:-1]:
        path.append(min(missing[path[-1]]))
    circle = path[path.index(path[-1]) :]
    return SettingsError(
        f"tests depend on each other in a circle: {' → '.join(circle)}",
        place=place_of(held[circle[0]]),
        remedy="take depends_on away from one of them",
    )
