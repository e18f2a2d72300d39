"""Session: what one pytest process knows while it runs."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from paceline.engine.dropin_options import DropInOptions
from paceline.engine.options import CLASSES, Mode, RunOptions
from paceline.guard.options import GuardOptions
from paceline.plugin.role import Role, opted_in, role_of
from paceline.plugin.settings import Settings, settings_of
from paceline.probes.clock import find_timer
from paceline.probes.memory_options import MemoryOptions
from paceline.probes.options import BenchmarkOptions
from paceline.probes.resource_options import Record, ResourceOptions
from paceline.report.options import Style, TableOptions
from paceline.suite.options import SuiteOptions

__all__ = ["Session", "keep_session", "measure_alone", "open_session", "session_of"]

if TYPE_CHECKING:
    from collections.abc import Mapping

    from paceline.engine.benchmark import Director

_SESSION = pytest.StashKey["Session"]()
_ALONE = (("alone", "yes"),)
_NO_FILES = DropInOptions()


@dataclass(frozen=True, slots=True)
class Session:
    """The settings of this process and its part in the run.

    ``conditions`` are facts of this process that every measurement carries; ``director`` decides
    about the rounds where this process is one side of a comparison. ``shares`` tells a controller
    that collects, and then forks the workers that run the tests; ``rests`` that benchmarks run
    once because pytest-xdist is there, as pytest-benchmark has it.
    """

    settings: Settings
    role: Role
    opted_in: bool
    run: RunOptions
    conditions: tuple[tuple[str, str], ...]
    shares: bool = False
    director: Director | None = None
    style: Style = Style.PACELINE
    dropin: DropInOptions = _NO_FILES
    rests: bool = False

    @property
    def records(self) -> bool:
        """Whether tests leave records: opted in, or where something that needs them is set."""
        asked = self.settings.get(ResourceOptions)
        if asked.record is Record.OFF:
            return False
        limited = self.settings.get(MemoryOptions) != MemoryOptions()
        return self.opted_in or asked.show or asked.audit or limited

    @property
    def files(self) -> bool:
        """Whether pytest-benchmark's own files, comparison, profiles or table are wanted."""
        return self.style is Style.DROPIN or self.dropin != _NO_FILES

    @property
    def collects(self) -> bool:
        """Whether this process collects what the whole run runs."""
        return self.role is Role.SINGLE or self.shares

    @property
    def timed(self) -> bool:
        """Whether benchmarks are timed rather than run once."""
        return self.run.mode is not Mode.ONCE


def open_session(config: pytest.Config) -> Session:
    """Make what this process knows, and read now what would otherwise fail test by test.

    Raises:
        SettingsError: wrong settings, with their place.
    """
    settings = settings_of(config)
    for options in CLASSES:
        settings.get(options)
    run = settings.get(RunOptions)
    _check_modes(config, settings)
    find_timer(settings.get(BenchmarkOptions).timer)
    for rule in settings.get(GuardOptions).fail_on:
        from paceline.guard.grammar import parse_rule  # noqa: PLC0415  (not without a rule)

        parse_rule(rule)
    role = role_of(config)
    rests = _rests(role, settings)
    run = dataclasses.replace(run, mode=Mode.ONCE) if rests else run
    shares = role is Role.SINGLE and settings.get(SuiteOptions).workers not in {"", "0"}
    session = Session(
        settings=settings,
        role=Role.CONTROLLER if shares else role,
        shares=shares,
        opted_in=opted_in(config),
        run=run,
        conditions=_conditions(getattr(config, "workerinput", {}), run),
        style=settings.get(TableOptions).style,
        dropin=settings.get(DropInOptions),
        rests=rests,
    )
    keep_session(config, session)
    return session


def _rests(role: Role, settings: Settings) -> bool:
    """Tell whether benchmarks run once as others disturb them: so its users know it from xdist.

    Not where timing was asked for, nor on workers of ours.
    """
    return (
        settings.get(TableOptions).style is Style.DROPIN
        and role is not Role.SINGLE
        and settings.get(SuiteOptions).workers in {"", "0"}
        and not any(key == "run.mode" for key, _ in settings.changed())
    )


def _check_modes(config: pytest.Config, settings: Settings) -> None:
    """Refuse benchmarks only, none of them timed, where that is a mistake to its users."""
    seen = getattr(config.option, "paceline_modes", ())
    clash = {"--benchmark-only", "--benchmark-disable"} <= {*seen}
    strict = settings.get(TableOptions).style is Style.DROPIN
    if strict and clash and "--benchmark-enable" not in seen:
        raise pytest.UsageError(
            "Can't have both --benchmark-only and --benchmark-disable options.\n"
            "Leave one out, or add --benchmark-enable: it outweighs a --benchmark-disable"
        )


def keep_session(config: pytest.Config, session: Session) -> None:
    """Let this session be what the process knows."""
    config.stash[_SESSION] = session


def measure_alone(config: pytest.Config) -> None:
    """Let what is measured from now on say that no other test ran meanwhile."""
    session = session_of(config)
    if session is not None and session.conditions != _ALONE:
        keep_session(config, dataclasses.replace(session, conditions=_ALONE))


def session_of(config: pytest.Config) -> Session | None:
    """Give what this process knows, None while it is idle."""
    return config.stash.get(_SESSION, None)


def _conditions(workerinput: Mapping[str, object], run: RunOptions) -> tuple[tuple[str, str], ...]:
    if not workerinput:
        return ()
    if run.serial:
        return _ALONE
    return (("workers", str(workerinput.get("workercount", ""))),)
