"""Activation: start the parts of the plugin that this process needs, when it needs them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from paceline.plugin.flags import FLAGS, INI
from paceline.plugin.role import Role, opted_in, role_of

if TYPE_CHECKING:
    from paceline.model import Budget
    from paceline.plugin.session import Session

__all__ = ["activate_if_asked", "wake"]

_GATHERING = "paceline-gathering"


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
    if session.role is not Role.CONTROLLER:
        from paceline.plugin.recording import Recording  # noqa: PLC0415  (not on a controller)

        manager.register(Recording(with_properties=session.opted_in), "paceline-recording")
    if session.role is not Role.WORKER:
        from paceline.plugin.gathering import Gathering  # noqa: PLC0415  (not on a worker)

        gathering = Gathering(config, session)
        budgets = gathering.budgets if session.role is Role.SINGLE else ()
        manager.register(gathering, _GATHERING)
    if session.opted_in or session.run.mode is not Mode.ALL or session.run.serial:
        from paceline.plugin.selecting import Selecting  # noqa: PLC0415  (only when asked)

        manager.register(Selecting(session.run, budgets), "paceline-selecting")
    if session.run.serial and session.role is not Role.SINGLE:
        from paceline.plugin.serial import Lock, Serial  # noqa: PLC0415  (only when asked)

        part = Serial(config) if session.role is Role.WORKER else Lock()
        manager.register(part, "paceline-serial")


def _given(config: pytest.Config, dest: str) -> bool:
    return getattr(config.option, dest, None) is not None
