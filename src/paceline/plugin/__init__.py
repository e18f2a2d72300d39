"""The pytest plugin's door: flags, and the decision whether anything else is needed.

Idle means idle: without ``--paceline`` or a ``[tool.paceline]`` table no hook that runs per test is
registered. The ``benchmark`` fixture wakes the rest when a test first asks for it.
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

import pytest

from paceline.plugin.flags import FLAGS, INI
from paceline.plugin.peers import standing_peer

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = [
    "pytest_addhooks",
    "pytest_addoption",
    "pytest_collection_finish",
    "pytest_configure",
    "pytest_report_header",
    "pytest_xdist_auto_num_workers",
]

_BENCHMARK_MARKERS = (
    (
        "benchmark(group, max_time, min_rounds, min_time, items, bytes, …): settings of one test's"
        " benchmarks."
    ),
    "budget(max_mean, max_stddev, min_throughput, …): limits that this test's figures must keep.",
)
_MARKERS = (
    (
        'memory_limit(peak, growth, process, process_growth, children): limits such as "24 MiB" on'
        " the memory of the whole test, its fixtures included."
    ),
    "no_leaks(objects, bytes): repeat the test, which may keep nothing more with every call.",
)


def pytest_addoption(parser: pytest.Parser, pluginmanager: pytest.PytestPluginManager) -> None:
    """Register the flags from the generated table, less those that another plugin owns."""
    peer = standing_peer(pluginmanager)
    group = parser.getgroup("paceline", "performance (paceline)")
    group.addoption(
        "--paceline",
        action="store_true",
        help="Opt in for this run: record, judge and report (as a [tool.paceline] table does).",
    )
    for flag, dest, action, const, metavar, help_ in FLAGS:
        if peer and flag.startswith("--benchmark-"):
            continue
        shown = help_.replace("%", "%%")  # argparse formats help texts
        keywords: dict[str, Any] = {"dest": dest, "default": None, "help": shown}
        if flag in _MODES:
            keywords |= {"action": _Mode, "nargs": 0}
        else:
            keywords |= {"action": action} | _taken(flag, action, const, metavar)
        group.addoption(flag, **keywords)
    from paceline.plugin import profile_hooks  # noqa: PLC0415  (its flags stand first)

    pluginmanager.register(profile_hooks, "paceline-profile-hooks")
    group.addoption("--paceline-side", default="", help="==SUPPRESS==")  # paceline ab's own
    for key, help_ in INI:
        parser.addini(key, help_)


def _taken(flag: str, action: str, const: str | None, metavar: str) -> dict[str, Any]:
    """Give what argparse is to know about the values that a flag takes."""
    if action == "store_const":
        return {"const": const}
    found: dict[str, Any] = {"metavar": metavar}
    if flag.startswith("--benchmark-"):
        found["type"] = _checked(flag)
    if const is not None:
        found |= {"nargs": "?", "const": const}
    elif action == "extend":
        found["nargs"] = "+"
    return found


def _checked(flag: str) -> Callable[[str], str]:
    """Let a flag's value be looked at where the flag is parsed."""

    def text(raw: str) -> str:
        from paceline.plugin.dropin.arguments import checked  # noqa: PLC0415  (only when given)

        return checked(flag, raw)

    return text


_MODES = ("--benchmark-only", "--benchmark-skip", "--benchmark-enable", "--benchmark-disable")


class _Mode(argparse.Action):
    """Sets one mode from four flags, in whatever order they stand."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: object,
        option_string: str | None = None,
    ) -> None:
        """Remember a flag and say what all of them together mean."""
        del parser, values  # argparse hands them to every action
        seen = {*getattr(namespace, "paceline_modes", ()), option_string}
        namespace.paceline_modes = tuple(sorted(seen))
        only, skip, enable, _ = (flag in seen for flag in _MODES)
        mode = "only" if only else "skip" if skip else "all" if enable else "once"
        setattr(namespace, self.dest, mode)


def pytest_addhooks(pluginmanager: pytest.PytestPluginManager) -> None:
    """Declare the hooks by which other plugins can tell us something."""
    from paceline.plugin import hooks  # noqa: PLC0415  (as late as it is needed)

    pluginmanager.add_hookspecs(hooks)
    if not standing_peer(pluginmanager):
        from paceline.plugin.dropin import hookspec  # noqa: PLC0415  (not beside a peer's own)

        pluginmanager.add_hookspecs(hookspec)


def pytest_configure(config: pytest.Config) -> None:
    """Offer the fixtures, and start the session's part only where it was asked for."""
    from paceline.plugin import fixtures  # noqa: PLC0415  (not when only flags are wanted)

    config.pluginmanager.register(fixtures, "paceline-fixtures")
    markers: tuple[str, ...] = _MARKERS
    if not standing_peer(config.pluginmanager):
        from paceline.plugin import benchmark_fixture  # noqa: PLC0415  (not beside a peer's)

        config.pluginmanager.register(benchmark_fixture, "paceline-benchmark-fixture")
        markers += _BENCHMARK_MARKERS
    for marker in markers:
        config.addinivalue_line("markers", marker)
    from paceline.plugin.activation import activate_if_asked  # noqa: PLC0415  (after peers)
    from paceline.plugin.category_markers import register_markers  # noqa: PLC0415  (as above)

    register_markers(config)
    activate_if_asked(config)


def pytest_collection_finish(session: pytest.Session) -> None:
    """Start what markers ask for; one look a session, none per test."""
    from paceline.plugin.activation import act_on  # noqa: PLC0415  (not in every process)
    from paceline.plugin.marked import marks_among  # noqa: PLC0415

    act_on(session.config, marks_among(session.items))


@pytest.hookimpl(tryfirst=True, optionalhook=True)
def pytest_xdist_auto_num_workers(config: pytest.Config) -> int | None:
    """Choose as for our own workers what ``-n auto`` means where our plan drives xdist."""
    if config.getoption("paceline_suite_engine") is None:
        return None
    from paceline.plugin.xdist_engine import auto_workers  # noqa: PLC0415  (only when asked)

    return auto_workers(config)


def pytest_report_header(config: pytest.Config) -> str | None:
    """Say in one line when another benchmark plugin is in charge, and how to choose."""
    peer = standing_peer(config.pluginmanager)
    if not peer or config.get_verbosity() < 0:
        return None
    return (
        f"paceline: {peer} is installed and keeps its benchmark fixture; choose ours with "
        f"-p no:{peer.removeprefix('pytest-')}, or theirs for good with -p no:paceline"
    )
