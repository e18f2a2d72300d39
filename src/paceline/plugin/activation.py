"""Activation: start the parts of the plugin that this process needs, when it needs them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from paceline.plugin.flags import FLAGS, INI
from paceline.plugin.marked import LIMITED, REPEATED
from paceline.plugin.role import Role, opted_in, role_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from paceline.model import Budget, Resources
    from paceline.plugin.session import Session

    Keep = Callable[[Sequence[Resources]], object]

__all__ = ["act_on", "activate_if_asked", "wake"]

_GATHERING = "paceline-gathering"
_RECORDING = "paceline-recording"


def activate_if_asked(config: pytest.Config) -> None:
    """Wake where flags, ini keys or the table ask for it, or where workers may report."""
    side = config.getoption("paceline_side")
    if side:
        _join(config, side)
        return
    asked = opted_in(config) or any(_given(config, dest) for _, dest, *_ in FLAGS)
    asked = asked or any(config.getini(key) for key, _ in INI)
    if asked:
        wake(config)
    elif role_of(config) is Role.CONTROLLER:
        _listen(config)


def _join(config: pytest.Config, side: str) -> None:
    from paceline.errors import PacelineError  # noqa: PLC0415  (only where it is used)
    from paceline.plugin.paired import join  # noqa: PLC0415

    try:
        join(config, side)
    except PacelineError as error:
        raise pytest.UsageError(str(error)) from error


def _listen(config: pytest.Config) -> None:
    from paceline.plugin.listener import Listener  # noqa: PLC0415  (not without workers)

    def awaken(report: pytest.TestReport) -> None:
        config.pluginmanager.unregister(listener)
        wake(config)
        gathering: Any = config.pluginmanager.get_plugin(_GATHERING)
        gathering.pytest_runtest_logreport(report)

    listener = Listener(awaken)
    config.pluginmanager.register(listener, "paceline-listener")


def wake(config: pytest.Config) -> Session:
    """Register the hooks that this process needs, once; wrong settings end pytest."""
    from paceline.errors import PacelineError  # noqa: PLC0415  (only where it is used)
    from paceline.plugin.session import open_session, session_of  # noqa: PLC0415

    session = session_of(config)
    if session is not None:
        return session
    try:
        session = open_session(config)
        _register(config, session)
    except PacelineError as error:
        raise pytest.UsageError(str(error)) from error
    return session


def _register(config: pytest.Config, session: Session) -> None:
    from paceline.engine.options import Mode  # noqa: PLC0415  (only where it is used)

    manager = config.pluginmanager
    budgets: tuple[Budget, ...] = ()
    keep: Keep | None = None
    if session.role is not Role.CONTROLLER:
        from paceline.plugin.recording import Recording  # noqa: PLC0415  (not on a controller)

        manager.register(Recording(with_properties=session.opted_in), _RECORDING)
    if session.role is not Role.WORKER:
        from paceline.plugin.gathering import Gathering  # noqa: PLC0415  (not on a worker)

        gathering = Gathering(config, session)
        keep = gathering.keep if session.role is Role.SINGLE else None
        budgets = gathering.budgets if session.role is Role.SINGLE else ()
        manager.register(gathering, _GATHERING)
    if session.records and session.role is not Role.CONTROLLER:
        from paceline.plugin.resources import ResourceRecording  # noqa: PLC0415  (as above)
        from paceline.probes.resource_options import ResourceOptions  # noqa: PLC0415

        part = ResourceRecording(config, session.settings.get(ResourceOptions), keep=keep)
        manager.register(part, "paceline-resources")
    if session.opted_in or session.run.mode is not Mode.ALL or session.run.serial:
        from paceline.plugin.selecting import Selecting  # noqa: PLC0415  (only when asked)

        manager.register(Selecting(session.run, budgets), "paceline-selecting")
    if session.run.serial and session.role is not Role.SINGLE:
        from paceline.plugin.serial import Lock, Serial  # noqa: PLC0415  (only when asked)

        lock = Serial(config) if session.role is Role.WORKER else Lock()
        manager.register(lock, "paceline-serial")


def act_on(config: pytest.Config, marks: frozenset[str]) -> None:
    """Start what markers on collected tests ask for, before the first of them is set up.

    Not in a side of a comparison: there times are taken, and tracing would bend them.
    """
    idle = not marks and not config.pluginmanager.has_plugin(_RECORDING)
    if idle or config.getoption("paceline_side"):
        return
    from paceline.probes.memory_options import MemoryOptions  # noqa: PLC0415  (only when awake)

    session = wake(config)
    options = session.settings.get(MemoryOptions)
    if LIMITED in marks or options.traces_all:
        from paceline.plugin.memory_limit import MemoryLimits  # noqa: PLC0415

        config.pluginmanager.register(MemoryLimits(config, options), "paceline-memory-limits")
    if REPEATED in marks:
        from paceline.plugin.leaks import NoLeaks  # noqa: PLC0415

        config.pluginmanager.register(NoLeaks(session), "paceline-no-leaks")


def _given(config: pytest.Config, dest: str) -> bool:
    return getattr(config.option, dest, None) is not None
