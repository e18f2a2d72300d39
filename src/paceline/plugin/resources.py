"""Resources: the hooks that give every test and every fixture's set-up a record."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any, TypeAlias

import pytest

from paceline.engine.resources import RunWatch, audited, lost_run
from paceline.model import RESOURCES, Case, Resources
from paceline.model.codec import (
    decode_measurement,
    decode_resources,
    encode_measurement,
    encode_resources,
)
from paceline.plugin.texts import text_of
from paceline.probes.audit import audit
from paceline.probes.clock import Real
from paceline.probes.resources import Gauge

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Sequence

    from paceline.model import Measurement
    from paceline.probes.audit import Audit
    from paceline.probes.resource_options import ResourceOptions
    from paceline.probes.resources import Reading, Stretch, Times

__all__ = [
    "RECORDS",
    "ResourceRecording",
    "measurements_of",
    "records_of",
    "run_of",
    "run_of_worker",
]

RECORDS = "paceline_resources"
"""The attribute of a teardown's report that carries records, as flat lists."""

COUNTS = "paceline_audit"
"""The attribute of a teardown's report that carries the counts of audit events."""

_OUTPUT = "paceline_run"
_RECORDING = pytest.StashKey["ResourceRecording"]()
_TOP = "."
_LONGEST = 80
_MANY = 100
_PATIENCE = 0.5  # seconds after which records are handed over, and with the next test's
_Waiting: TypeAlias = tuple[Case, "Stretch", "Times", float, bool]
"""A record's case, raw readings and the time set aside; whether it ended before its teardown."""

_LEFT_BEHIND = ("test_threads", "test_open_files")
_EARLY = "the record ended before the teardown: the test was repeated"


class ResourceRecording:
    """Opens a record with an attempt's set-up and closes it with its teardown.

    ``keep`` takes the records where the run is judged in this very process; else they ride on
    the teardown's report.
    """

    def __init__(
        self,
        config: pytest.Config,
        options: ResourceOptions,
        *,
        keep: Callable[[Sequence[Resources]], object] | None = None,
    ) -> None:
        self._gauge = Gauge()
        self._audit: Audit | None = audit() if options.audit else None
        self._keep = keep
        self._reading: Reading | None = None  # the test's; from test to test it is the same one
        self._inner: Reading | None = None  # that of fixtures whose set-ups follow one another
        self._calm: Reading | None = None  # one since whose start only pytest has worked
        self._open = False
        self._concluded: Stretch | None = None
        self._setup: float | None = None
        self._call: float | None = None
        self._aside = 0.0
        self._began = 0.0
        self._waiting: list[_Waiting] = []
        self._first = 0  # where in that the open record begins
        self._handed = Real.perf_counter()
        self._counts: list[int] = []
        self._markers: dict[int, tuple[object, tuple[str, ...]]] = {}
        self._gauge.open()
        self.run = RunWatch(self._gauge, getattr(config, "workerinput", {}).get("workerid", ""))
        config.stash[_RECORDING] = self
        if config.pluginmanager.hasplugin("pytest_forked"):
            self._keep = None  # what a child keeps is lost with it
        if self._keep is None or self._audit is not None:
            config.pluginmanager.register(_Riding(self), "paceline-resources-riding")

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self) -> None:
        """Take down where the process stands before its first test."""
        self.run.collected()

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self) -> None:
        """Open a record: each attempt of a test has its own."""
        self._setup = self._call = self._concluded = None
        self._aside = 0.0
        del self._waiting[self._first :]
        if self._reading is None:
            self._reading = self._gauge.start()
        else:
            self._gauge.again(self._reading)
        self._calm = self._reading
        self._open = True
        if self._audit is not None:
            self._audit.start()

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo[None]) -> None:
        """Take a phase's time; with the teardown's, before its report is made, close the record."""
        when = call.when
        self._began = 0.0 if call.excinfo is None else Real.process_time()
        if when == "setup":
            self._setup = call.duration
            self._end_fixtures()
        elif when != "teardown":
            self._call = call.duration
        elif self._open:
            self._close(item, call.duration)

    def pytest_exception_interact(self) -> None:
        """Set aside what it took to make and to log the report of a failure."""
        if self._began:
            self._aside += Real.process_time() - self._began

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(
        self, fixturedef: pytest.FixtureDef[Any], request: pytest.FixtureRequest
    ) -> Generator[None, Any, Any]:
        """Give a fixture's set-up a record of its own, whether it succeeds or not."""
        if _is_argument(fixturedef, request):
            return (yield)
        calm, reading = self._calm, self._begin_fixture()
        began = Real.perf_counter()
        try:
            return (yield)
        finally:
            seconds = Real.perf_counter() - began
            stretch = self._gauge.turn(reading)
            if calm is None:  # set up by other code than pytest's, which goes on now
                self._gauge.abandon(reading)
            else:
                self._calm = self._inner = reading
            case = Case(_scope_of(request), _label(fixturedef, request))
            self._waiting.append((case, stretch, (seconds, None, None), 0.0, False))

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Hand over what waits; in a worker, send what the process took as a whole."""
        if self._keep is not None:
            self._hand_over(self._keep)
        self._drop()
        output = getattr(session.config, "workeroutput", None)
        if output is not None:
            output[_OUTPUT] = [encode_measurement(one) for one in self.run.finish()]

    def pytest_unconfigure(self) -> None:
        """Stop listening and close the files."""
        self._drop()
        self.run.finish()
        self._gauge.close()

    def ride(self, report: pytest.TestReport) -> None:
        """Put what waits on a report, as builtins."""
        if self._keep is None and self._first:
            setattr(report, RECORDS, list(map(encode_resources, self._made())))
        if self._counts:
            setattr(report, COUNTS, self._counts)
            self._counts = []

    def conclude(self) -> None:
        """End the record before its teardown: what follows is no work of the test."""
        if self._open and self._reading is not None:
            self._concluded = self._gauge.turn(self._reading)
            if self._audit is not None:
                self._counts = list(self._audit.finish())

    def _begin_fixture(self) -> Reading:
        """Begin a set-up; the first one and those that follow it begin where another one ended."""
        calm, self._calm = self._calm, None
        if calm is None:
            return self._gauge.start()
        if calm is not self._inner:
            return self._gauge.beside(calm)
        self._gauge.again(calm)
        return calm

    def _end_fixtures(self) -> None:
        """Let go of what set-ups were read with: from now on the test's own code works."""
        self._calm = None
        if self._inner is not None:
            self._gauge.abandon(self._inner)
            self._inner = None

    def _close(self, item: pytest.Item, teardown: float) -> None:
        assert self._reading is not None  # noqa: S101  (a record is open)
        if self._audit is not None and self._concluded is None:
            self._counts = list(self._audit.finish())
        stretch = self._gauge.turn(self._reading)
        early, self._concluded = self._concluded, None
        self._open = False
        case = Case(item.nodeid, "", (), "", self._marked(item))
        times = (self._setup, self._call, teardown)
        entry = (case, early or stretch, times, self._aside, early is not None)
        self._waiting.insert(self._first, entry)
        self._first = len(self._waiting)
        if self._keep is not None and (
            self._first >= _MANY or Real.perf_counter() - self._handed > _PATIENCE
        ):
            self._hand_over(self._keep)

    def _hand_over(self, keep: Callable[[Sequence[Resources]], object]) -> None:
        """Give what waits to who keeps it: made in one go, records cost half."""
        keep(self._made())
        self._handed = Real.perf_counter()

    def _made(self) -> list[Resources]:
        """Make records of the stretches that wait; those of a record that is open are forgotten."""
        waiting, self._waiting = self._waiting[: self._first], []
        self._first = 0
        made = []
        for case, stretch, times, aside, early in waiting:
            figures, unsure = self._gauge.taken(stretch, times, aside=aside)
            record = Resources(case, figures, unsure)
            made.append(_before_teardown(record) if early else record)
        return made

    def _marked(self, item: pytest.Item) -> tuple[str, ...]:
        """Name an item's markers as its benchmarks do; those of its class and file are kept."""
        parent = item.parent
        known = self._markers.get(id(parent))  # to hash a node is slow
        if known is None:
            known = self._markers[id(parent)] = parent, _marks(parent)
        above = known[1]
        if not item.own_markers:
            return above
        return tuple(dict.fromkeys((*(one.name for one in item.own_markers), *above)))

    def _drop(self) -> None:
        """Forget a record that nothing closed, as when a test ends pytest."""
        self._end_fixtures()
        if self._reading is not None:
            self._gauge.abandon(self._reading)
            self._reading = None


class _Riding:
    """Puts records on the reports of teardowns where these are made, not where they are logged.

    The reports of a forked child are logged by its parent.
    """

    def __init__(self, recording: ResourceRecording) -> None:
        self._recording = recording

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Let what waits ride on the report."""
        report = yield
        self._recording.ride(report)
        return report


def records_of(report: pytest.TestReport) -> tuple[Resources, ...]:
    """Take the records off a report: the test's own first, then its fixtures' set-ups."""
    return tuple(map(decode_resources, getattr(report, RECORDS, ())))


def measurements_of(report: pytest.TestReport) -> tuple[Measurement, ...]:
    """Take the counts of audit events off a report, as measurements of the test."""
    counts = getattr(report, COUNTS, ())
    return audited(Case(report.nodeid), counts) if counts else ()


def run_of(config: pytest.Config) -> tuple[Measurement, ...]:
    """Give what this process took over the run, () where nothing is recorded."""
    recording = config.stash.get(_RECORDING, None)
    return recording.run.finish() if recording is not None else ()


def run_of_worker(node: Any) -> tuple[Measurement, ...]:
    """Give what a worker told when it ended; of one that crashed, that it told nothing."""
    output = getattr(node, "workeroutput", None)
    if output is None:
        return lost_run(str(node.gateway.id))
    return tuple(map(decode_measurement, output.get(_OUTPUT, ())))


def _marks(node: pytest.Item | pytest.Collector | None) -> tuple[str, ...]:
    """Name a node's markers and those above it, the closest first."""
    return tuple(dict.fromkeys(one.name for one in node.iter_markers())) if node else ()


def _before_teardown(record: Resources) -> Resources:
    """Leave out threads and files that were open: the teardown may have ended them."""
    open_ones = [name for name in _LEFT_BEHIND if (record.figure(name) or 0) > 0]
    figures = tuple(
        None if name in open_ones else figure
        for name, figure in zip(RESOURCES, record.figures, strict=True)
    )
    unsure = (*record.unsure, *((name, _EARLY) for name in open_ones))
    return dataclasses.replace(record, figures=figures, unsure=unsure)


def _is_argument(fixturedef: pytest.FixtureDef[Any], request: pytest.FixtureRequest) -> bool:
    """Tell a plain parameter of a test from a fixture: pytest makes a fixture of each."""
    module = getattr(fixturedef.func, "__module__", None) or ""
    return module.startswith("_pytest.") and hasattr(request, "param")


def _scope_of(request: pytest.FixtureRequest) -> str:
    """Name what a fixture is set up for: the test, or its class, file or folder; "." for all."""
    node = request.node
    return getattr(node, "nodeid", "") or _TOP


def _label(fixturedef: pytest.FixtureDef[Any], request: pytest.FixtureRequest) -> str:
    if not hasattr(request, "param"):
        return text_of(f"fixture {fixturedef.argname}")
    value = request.param
    if not isinstance(value, str | int | float | None):
        value = f"{fixturedef.argname}{_place_of(request)}"  # as pytest names it
    return text_of(f"fixture {fixturedef.argname}[{value}]")[:_LONGEST]


def _place_of(request: pytest.FixtureRequest) -> int:
    place: int = getattr(request, "param_index", 0)
    return place
