"""Session: what one pytest process knows while it runs, and the hooks that need it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from paceline.engine.options import Mode, RunOptions
from paceline.errors import PacelineError
from paceline.plugin.activation import Role
from paceline.plugin.settings import Settings, settings_of

if TYPE_CHECKING:
    from paceline.plugin.gathering import Gathering

__all__ = ["Session", "start"]


@dataclass(slots=True)
class Session:
    """The settings of this process, its part in the run, and what gathers measurements here."""

    settings: Settings
    role: Role
    opted_in: bool
    run: RunOptions
    conditions: tuple[tuple[str, str], ...]
    gathering: Gathering | None = None

    @property
    def timed(self) -> bool:
        """Whether benchmarks are timed rather than run once."""
        return self.run.mode is not Mode.ONCE


def start(config: pytest.Config, *, role: Role, opted_in: bool) -> Session:
    """Register the hooks that this process needs; wrong settings end pytest with their place."""
    try:
        settings = settings_of(config)
        session = Session(
            settings=settings,
            role=role,
            opted_in=opted_in,
            run=settings.get(RunOptions),
            conditions=(),
        )
        session.conditions = _conditions(config, session)
        _register(config, session)
    except PacelineError as error:
        raise pytest.UsageError(str(error)) from error
    return session


def _register(config: pytest.Config, session: Session) -> None:
    manager = config.pluginmanager
    if session.role is not Role.CONTROLLER:
        from paceline.plugin.recording import Recording  # noqa: PLC0415  (not on a controller)

        manager.register(Recording(with_properties=session.opted_in), "paceline-recording")
    if session.role is not Role.WORKER:
        from paceline.plugin.gathering import Gathering  # noqa: PLC0415  (not on a worker)

        session.gathering = Gathering(config, session)
        manager.register(session.gathering, "paceline-gathering")
    if session.opted_in or session.run.mode is not Mode.ALL or session.run.serial:
        from paceline.plugin.selecting import Selecting  # noqa: PLC0415  (only when asked)

        manager.register(Selecting(session), "paceline-selecting")
    if session.run.serial and session.role is not Role.SINGLE:
        from paceline.plugin.serial import Lock, Serial  # noqa: PLC0415  (only when asked)

        part = Serial(config) if session.role is Role.WORKER else Lock()
        manager.register(part, "paceline-serial")


def _conditions(config: pytest.Config, session: Session) -> tuple[tuple[str, str], ...]:
    if session.role is not Role.WORKER:
        return ()
    if session.run.serial:
        return (("alone", "yes"),)
    return (("workers", str(getattr(config, "workerinput", {}).get("workercount", ""))),)
